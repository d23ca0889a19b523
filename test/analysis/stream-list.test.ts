/** Following a connection: what stands in its list, and where holes stand. */
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { Document } from '../../src/analysis/document.ts'
import { type Direction, StreamList } from '../../src/analysis/stream-list.ts'
import { MemoryLog } from '../../src/capture/log.ts'
import { sample } from '../support/screens.ts'
import { pingreq, pingresp, Story } from '../support/story.ts'

function open(bytes: Uint8Array, mostRows = Number.POSITIVE_INFINITY): Document {
  const made = new Document({ ports: new Set([1883]), mostRows })
  const log = new MemoryLog()
  log.append(bytes)
  made.log = log
  made.push(bytes)
  made.end()
  return made
}

/** Packet numbers, and `gap` or `skipped`. */
function list(made: Document, id: number, direction: Direction = 'both'): readonly (number | string)[] {
  const conversation = new StreamList(made, id, direction)
  conversation.catchUp(made.store.rows)
  return Array.from(
    { length: conversation.length },
    (_, place) => conversation.hole(place)?.kind ?? conversation.number(place),
  )
}

describe('a conversation', () => {
  test('has the packets of its connection and its direction', () => {
    const story = new Story()
    const [a, b] = [story.join(), story.join()]
    a.enter('a')
    b.enter('b')
    a.say(pingreq()).hear(pingresp())
    const made = open(story.capture)
    expect(list(made, 0)).toEqual([1, 2, 5, 6])
    expect(list(made, 0, 'client')).toEqual([1, 5])
    expect(list(made, 0, 'broker')).toEqual([2, 6])
    expect(list(made, 1)).toEqual([3, 4])
    expect(list(made, 2)).toEqual([])
  })

  test('has its holes before the packets that came next', () => {
    const made = open(readFileSync(sample('lost')))
    expect(list(made, 0)).toEqual([1, 2, 3, 4, 5, 'gap', 6, 7, 8, 9, 10, 11, 12, 13])
    expect(list(made, 0, 'broker')).toEqual([2])
    expect(list(open(readFileSync(sample('midstream'))), 0)).toEqual([1, 'skipped', 2, 3, 4, 5, 6])
  })

  test('places and numbers fit each other', () => {
    const made = open(readFileSync(sample('lost')))
    const conversation = new StreamList(made, 0, 'both')
    conversation.catchUp(made.store.rows)
    for (let number = 1; number <= 13; number++) {
      expect(conversation.number(conversation.placeOf(number))).toBe(number)
      expect(conversation.row(conversation.placeOf(number))).toBe(number - 1)
    }
    expect([conversation.row(5), conversation.number(5), conversation.row(99)]).toEqual([-1, 6, -1])
    expect([conversation.rowBefore(0), conversation.rowBefore(6)]).toEqual([-1, 4])
  })

  test('goes on with what comes, and lets go of what went', () => {
    const story = new Story()
    const talk = story.join().enter('a')
    for (let count = 0; count < 200; count++) talk.say(pingreq())
    const bytes = story.capture
    const made = new Document({ ports: new Set([1883]), mostRows: 80 })
    const conversation = new StreamList(made, 0, 'both')
    for (let at = 0; at < bytes.length; at += 500) {
      made.push(bytes.subarray(at, at + 500))
      conversation.catchUp(made.store.rows)
      expect(conversation.length).toBe(made.store.rows)
      expect(conversation.sent + conversation.got).toBe(made.store.rows)
    }
    expect(made.store.base).toBeGreaterThan(0)
    expect(conversation.number(0)).toBe(made.store.base + 1)
  })

  test('stands still while the list does', () => {
    const made = open(readFileSync(sample('tour')))
    const conversation = new StreamList(made, 1, 'both')
    conversation.catchUp(40)
    const held = conversation.length
    conversation.catchUp(40)
    expect(conversation.length).toBe(held)
    conversation.catchUp(made.store.rows)
    expect(conversation.length).toBeGreaterThan(held)
  })
})
