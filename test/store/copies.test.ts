/** What rows say of a message and its copies must be what was said as they went by, and in the end how many there were. */

import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { Analysis } from '../../src/analysis/analysis.ts'
import { Copies } from '../../src/store/copies.ts'
import type { FanOutFact, PacketRecord, RecordSink } from '../../src/store/record.ts'
import { Store } from '../../src/store/store.ts'
import { publish, Story } from '../support/story.ts'

const SAMPLES = new URL('../../samples/', import.meta.url)
const names = readdirSync(SAMPLES).filter(name => name.endsWith('.pcapng'))

class Both implements RecordSink {
  readonly store = new Store()
  readonly copies = new Copies(this.store)
  readonly facts: (FanOutFact | undefined)[] = []

  packet(record: PacketRecord): void {
    const { fanOut } = record
    this.copies.append(record, this.store.append(record))
    if (fanOut === undefined) this.facts.push(undefined)
    else {
      const { role, opener, latency, copies, expected } = fanOut
      this.facts.push({ role, opener, latency, copies, expected })
    }
  }

  gap(): void {}
  skipped(): void {}
  damage(): void {}

  forget(count: number): void {
    this.copies.forget(count)
    this.store.forget(count)
  }
}

function both(bytes: Uint8Array): Both {
  const sink = new Both()
  const analysis = new Analysis(sink, { depth: 'fanout' })
  analysis.push(bytes)
  analysis.end()
  return sink
}

test.each(names)('%s: rows say what was said', name => {
  const { store, copies, facts } = both(new Uint8Array(readFileSync(new URL(name, SAMPLES))))
  const most = new Map<number, number>()
  for (const fact of facts)
    if (fact !== undefined) most.set(fact.opener, Math.max(most.get(fact.opener) ?? 0, fact.copies))
  for (let row = 0; row < store.rows; row++) {
    const said = facts[row]
    const kept = copies.fact(row)
    expect(kept === undefined).toBe(said === undefined)
    if (kept === undefined || said === undefined) continue
    expect([kept.role, kept.opener, kept.expected]).toEqual([said.role, said.opener, said.expected])
    expect(kept.copies).toBe(most.get(said.opener))
    if (Number.isNaN(said.latency)) expect(kept.latency).toBeNaN()
    else expect(kept.latency).toBeCloseTo(said.latency, 6)
  }
})

/** A subscriber, a message, its copy; then so many messages, each with its copy. */
function story(messages: number): Uint8Array {
  const told = new Story()
  const s = told.join().enter('s').want(1, 't')
  const p = told.join().enter('p')
  for (let at = 0; at < messages; at++) {
    p.say(publish('t', `${at}`))
    s.hear(publish('t', `${at}`))
  }
  return told.capture
}

test('the packets of a message are a chain', () => {
  const { copies } = both(story(3))
  expect(copies.rows(6)).toEqual([6, 7])
  expect(copies.rows(7)).toEqual([6, 7])
  expect(copies.rows(0)).toEqual([])
})

test('the oldest rows go, the others stay what they were', () => {
  const sink = both(story(5))
  const numbers = (): unknown[] =>
    Array.from({ length: sink.store.rows }, (_, row) => {
      const { role, opener, copies } = sink.copies.fact(row) ?? {}
      return [sink.store.number(row), role, opener, copies]
    })
  const before = numbers()
  sink.forget(9)
  expect(numbers()).toEqual(before.slice(9))
  // The first one of the message of row 0 is gone.
  expect(sink.copies.rows(0)).toEqual([0])
  expect(sink.copies.rows(1)).toEqual([1, 2])
})
