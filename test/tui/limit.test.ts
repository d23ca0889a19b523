/** A live capture at the limit of its rows: the oldest go, are counted, and every screen stays right. */
import { describe, expect, test } from 'vitest'
import { PUBACK, PUBLISH } from '../../src/mqtt/spec.ts'
import { Keys } from '../../src/tui/keys.ts'
import { Screens } from '../support/screens.ts'
import { packet, publish, Story } from '../support/story.ts'
import { u16 } from '../support/wire.ts'

const MOST = 100
const MESSAGES = 200
/** CONNECT and CONNACK, then a message and its acknowledgement in turn. */
const PACKETS = 2 + 2 * MESSAGES
/** A few packets. */
const CHUNK = 700

const story = new Story()
const talk = story.join().enter('sensor')
for (let id = 1; id <= MESSAGES; id++) {
  story.at(id)
  talk.say(publish(`site/${id % 7}`, `${id}`, { qos: 1, id })).hear(packet(0x40, u16(id)))
}
const BYTES = story.capture

/** The capture from its beginning; `next` gives it more and says whether there was any, `rest` hands it out. */
function begin() {
  const screens = new Screens(new Uint8Array(0), 'lo', new Keys(), { mostRows: MOST })
  screens.host.status = { ...screens.host.status, isLive: true, state: 'reading' }
  let at = 0
  const rest = (): Uint8Array => {
    at += CHUNK
    return BYTES.subarray(at - CHUNK, at)
  }
  const next = (): boolean => {
    if (at >= BYTES.length) return false
    screens.push(rest())
    return true
  }
  const until = (packets: number): void => {
    while (screens.document.summary.packets < packets && next());
  }
  return { screens, next, until, rest }
}

describe('rows', () => {
  test('are never more than the limit; the oldest go first, and are counted', () => {
    const { screens, next } = begin()
    const { document } = screens
    while (next()) {
      const { store } = document
      expect(store.rows).toBeLessThanOrEqual(MOST)
      expect(store.base + store.rows).toBe(document.summary.packets)
      for (let row = 0; row < store.rows; row++) {
        const number = store.number(row)
        expect(store.type(row)).toBe(number < 3 ? number : number % 2 === 1 ? PUBLISH : PUBACK)
        if (number >= 3) expect(store.packetId(row)).toBe((number - 1) >> 1)
        expect(document.record(row).number).toBe(number)
      }
    }
    expect(document.summary.packets).toBe(PACKETS)
    expect(screens.text(140, 40)).toContain(`oldest ${document.store.base} gone`)
  })

  test('are as few where more than a quarter comes at once', () => {
    const { document } = new Screens(BYTES, 'lo', new Keys(), { mostRows: MOST })
    expect(document.store.rows).toBe((MOST * 3) / 4)
    expect(document.store.base + document.store.rows).toBe(PACKETS)
  })
})

describe('what is selected', () => {
  test('stays while it is there, then it is the oldest', () => {
    const { screens, next, until } = begin()
    const { model } = screens.app
    until(80)
    screens.press(':', 'text:60', 'enter')
    while (next()) {
      const { store } = model.document
      expect(model.cursor).toBe(Math.max(60, store.base + 1))
      expect(store.number(model.row)).toBe(model.cursor)
      expect(screens.lines().find(line => line.startsWith('▌'))).toMatch(new RegExp(`^▌\\s+${model.cursor} `))
    }
  })

  test('is the newest while the screen follows', () => {
    const { screens, next } = begin()
    screens.press('F')
    while (next()) {
      const { packets } = screens.document.summary
      expect(screens.app.model.cursor).toBe(packets)
    }
  })

  test('does not move while the list stands still', () => {
    const { screens, until } = begin()
    until(90)
    screens.press('G', 'p')
    const { cursor } = screens.app.model
    const before = screens.app.model.view.length
    until(130)
    const gone = screens.document.store.base
    expect(gone).toBeGreaterThan(0)
    expect(screens.app.model.cursor).toBe(cursor)
    expect(screens.app.model.view.length).toBe(before - gone)
  })
})

describe('what points to packets that went', () => {
  test('says so: numbers and marks', () => {
    const { screens, until } = begin()
    until(80)
    screens.press(':', 'text:10', 'enter', 'm', 'a', ' ')
    screens.press(':', 'text:79', 'enter', 'm', 'b', ' ')
    until(120)
    expect(screens.document.store.base).toBeGreaterThan(10)
    const { cursor } = screens.app.model
    for (const keys of [
      [':', 'text:10', 'enter'],
      ["'", 'a'],
    ]) {
      expect(screens.press(...keys).text()).toContain('Packet 10 is not there')
      expect(screens.app.model.cursor).toBe(cursor)
    }
    screens.press("'", 'b')
    expect(screens.app.model.cursor).toBe(79)
    screens.press('M')
    expect(screens.app.model.view.length).toBe(1)
    expect(screens.app.model.cursor).toBe(79)
  })

  test('a jump back', () => {
    const { screens, until } = begin()
    until(80)
    screens.press(':', 'text:5', 'enter', ':', 'text:70', 'enter', '^o')
    expect(screens.app.model.cursor).toBe(5)
    screens.press(':', 'text:70', 'enter')
    until(120)
    screens.press('^o')
    expect(screens.app.model.cursor).toBe(70)
  })

  test('an acknowledgement whose message went', () => {
    const { screens, until } = begin()
    until(101)
    const { store } = screens.document
    const first = store.number(0)
    screens.press('g', ...(first % 2 === 0 ? [] : ['j']))
    expect(store.type(screens.app.model.row)).toBe(PUBACK)
    const { cursor } = screens.app.model
    screens.press('{')
    expect(store.number(screens.app.model.row)).toBe(first % 2 === 0 ? cursor : cursor - 1)
  })
})

describe('what goes through the rows', () => {
  test('a filter shows the same as one that begins now', () => {
    const { screens, next } = begin()
    const { model } = screens.app
    screens.press('/', 'text:publish', 'enter')
    while (next()) {
      const shown = model.view.window(0, MOST).map(row => model.document.store.number(row))
      const { base, rows } = model.document.store
      const wanted = Array.from({ length: rows }, (_, row) => base + row + 1).filter(number => number > 2 && number % 2)
      expect(shown).toEqual(wanted)
    }
  })

  test.each([true, false])('a search finds the next one all the same (forward: %s)', forward => {
    const { screens, until, rest } = begin()
    const { document } = screens
    const { model } = screens.app
    until(85)
    screens.press(':', 'text:60', 'enter')
    const before = document.store.base
    model.find(row => document.store.type(row) === PUBLISH, forward)
    // Rows go before the search has begun to look.
    while (document.store.base === before) document.push(rest())
    model.advance(() => true)
    expect(model.cursor).toBe(forward ? 61 : 59)
  })
})

test.each(['1', '2', '3', '4', '5', '6', '7', '8'])('screen %s is drawn at every step', key => {
  const { screens, next, until } = begin()
  until(60)
  screens.press(':', 'text:50', 'enter', key)
  while (next()) {
    for (const size of [80, 140]) expect(screens.lines(size, 24).length).toBe(24)
    screens.press('j', 'j', 'k')
  }
  expect(screens.text(140, 40)).toContain(`oldest ${screens.document.store.base} gone`)
})
