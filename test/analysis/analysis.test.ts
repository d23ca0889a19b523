/** The line plugged together: how much is made out at each depth. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { Analysis, type AnalysisOptions } from '../../src/analysis/analysis.ts'
import type { TrackerSink } from '../../src/session/tracker.ts'
import type { PacketRecord, Summary } from '../../src/store/record.ts'
import { sample } from '../support/screens.ts'

class Counts implements TrackerSink {
  packets = 0
  exchanges = 0
  connections = 0
  findings = 0
  /** Packets whose copies are tied to a message. */
  tied = 0
  /** Copies that messages had kept. */
  copies = 0

  packet({ fanOut }: PacketRecord): void {
    this.packets++
    if (fanOut !== undefined) this.tied++
  }

  exchange(): void {
    this.exchanges++
  }

  connection(): void {
    this.connections++
  }

  ruleFinding(): void {
    this.findings++
  }

  message({ copies }: { readonly copies: readonly unknown[] }): void {
    this.copies += copies.length
  }

  gap(): void {}
  skipped(): void {}
  damage(): void {}
}

function counts(options?: AnalysisOptions, piece = Number.POSITIVE_INFINITY): readonly [Counts, Summary] {
  const bytes = readFileSync(sample('tour'))
  const sink = new Counts()
  const analysis = new Analysis(sink, options)
  for (let at = 0; at < bytes.length; at += piece) analysis.push(bytes.subarray(at, at + piece))
  return [sink, analysis.end()]
}

test('sessions, if nothing else is asked for: no copy is tied', () => {
  const [{ packets, exchanges, connections, tied, copies }, summary] = counts()
  expect(packets).toBe(summary.packets)
  expect(packets).toBe(88)
  expect(exchanges).toBeGreaterThan(10)
  expect(connections).toBe(summary.connections)
  expect([tied, copies]).toEqual([0, 0])
})

test('fanout: copies are tied, and not kept', () => {
  const [{ tied, copies }] = counts({ depth: 'fanout' })
  expect(tied).toBeGreaterThan(10)
  expect(copies).toBe(0)
})

test('copies: they are kept with their messages', () => {
  expect(counts({ depth: 'copies' })[0].copies).toBeGreaterThan(10)
})

test('byte by byte it is the same', () => {
  expect(counts({ depth: 'copies' }, 1)).toEqual(counts({ depth: 'copies' }))
})

test('ports: nothing is MQTT where nobody says so', () => {
  expect(counts({ ports: new Set([1]) })[0]).toEqual(new Counts())
})
