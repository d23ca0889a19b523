/** Derived facts: a row of the store and the record of the same packet tell the same. */
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { Document } from '../../src/analysis/document.ts'
import { MemoryLog } from '../../src/capture/log.ts'
import { FACTS, type Fact, factNamed, isOfFanOut, isOfSessions, RECORD_FIELDS, UNSURE } from '../../src/store/facts.ts'
import { sample } from '../support/screens.ts'

function open(name: string): Document {
  const bytes = readFileSync(sample(name))
  const document = new Document({ ports: new Set([1883]) })
  const log = new MemoryLog()
  log.append(bytes)
  document.log = log
  document.push(bytes)
  document.end()
  return document
}

const read = (name: string): Fact => {
  const fact = factNamed(name)
  if (fact === undefined) throw new Error(`no fact ${name}`)
  return fact
}

/** What a fact says of the packet with the number. */
function said(document: Document, number: number, name: string): unknown {
  const record = document.record(document.store.rowOf(number))
  const { number: value, text, all, words } = read(name)
  if (all !== undefined) return all(record)
  const found = value?.(record) ?? text?.(record)
  if (found instanceof Uint8Array) return Buffer.from(found).toString()
  return typeof found === 'number' ? (words?.[found] ?? found) : found
}

const SAMPLES = ['tour', 'again', 'lost', 'malformed', 'midstream', 'qos2', 'refused', 'retained', 'mqtt5']
const NUMBERS = FACTS.filter(({ number, row }) => number !== undefined && row !== undefined)

describe('facts', () => {
  test.each(SAMPLES)('%s: each row says what its record says', name => {
    const document = open(name)
    const known = (row: number) => document.facts(row)
    expect(document.store.rows).toBeGreaterThan(0)
    for (let row = 0; row < document.store.rows; row++) {
      const record = document.record(row)
      for (const { field, number, row: ofRow } of NUMBERS) {
        expect([field.name, ofRow?.(document.store, row, known)]).toEqual([field.name, number?.(record)])
      }
    }
  })

  test.each(SAMPLES)('%s: a row without findings is none, any other one is unsure', name => {
    const document = open(name)
    const { row: ofRow, all } = read('mqtt.finding.id')
    for (let row = 0; row < document.store.rows; row++) {
      const found = all?.(document.record(row)).length ?? 0
      const value = ofRow?.(document.store, row, at => document.facts(at))
      if (value !== UNSURE) expect([row, value, found]).toEqual([row, Number.NaN, 0])
    }
  })

  test('of a QoS 2 message: opener, state, latency, total', () => {
    const document = open('qos2')
    const packets = Array.from({ length: document.store.rows }, (_, row) => document.store.number(row))
    const state = packets.map(number => said(document, number, 'mqtt.exchange.state'))
    expect(state).toContain('complete')
    const complete = packets[state.indexOf('complete')] ?? 0
    expect(said(document, complete, 'mqtt.exchange.opener')).toBeGreaterThan(0)
    expect(said(document, complete, 'mqtt.from')).toBe('client')
    expect(said(document, complete, 'mqtt.version')).toBe('3.1.1')
  })

  test('without a tracker its facts have no value', () => {
    const document = open('qos2')
    for (const { field, row } of NUMBERS.filter(({ needs }) => needs !== undefined)) {
      expect([field.name, row?.(document.store, 0, () => undefined)]).toEqual([field.name, Number.NaN])
    }
  })

  test('who needs sessions, and who needs copies', () => {
    const needing = FACTS.map(({ field }) => field.name).filter(isOfSessions)
    expect(needing.map(name => name.split('.')[1])).toEqual([
      ...new Array(4).fill('exchange'),
      ...new Array(5).fill('fanout'),
      ...new Array(2).fill('finding'),
    ])
    expect(needing.filter(name => !isOfFanOut(name)).every(name => name.startsWith('mqtt.exchange.'))).toBe(true)
    expect([isOfSessions('mqtt.topic'), isOfFanOut('mqtt.client')]).toEqual([false, false])
  })

  test('a field stands once among all of a packet', () => {
    const names = RECORD_FIELDS.map(({ name }) => name)
    expect(new Set(names).size).toBe(names.length)
    expect(names).toEqual(expect.arrayContaining(['mqtt.topic', 'mqtt.topic_resolved', 'mqtt.fanout.role']))
  })
})
