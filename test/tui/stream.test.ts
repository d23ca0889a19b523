/** Following a connection: what stands in the list, where holes stand, what is on the screen of a long one, what is saved. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { Document } from '../../src/analysis/document.ts'
import { type Direction, StreamList } from '../../src/analysis/stream-list.ts'
import { MemoryLog } from '../../src/capture/log.ts'
import { hexLines, textLines } from '../../src/tui/panes/unfolded.ts'
import { Roll } from '../../src/tui/roll.ts'
import { saveBytes } from '../../src/tui/run/saving.ts'
import { textOf } from '../../src/tui/spans.ts'
import { concat } from '../support/capture.ts'
import { Screens, sample } from '../support/screens.ts'
import { connect, packet, pingreq, pingresp, publish, Story } from '../support/story.ts'

const folder = mkdtempSync(join(tmpdir(), 'mqtt-sniff-test-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

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

describe('a roll', () => {
  const SIZES = [1, 3, 1, 5, 2]
  const shown = (roll: Roll): readonly string[] => roll.window.map(({ item, part }) => `${item}.${part}`)

  test('goes line by line through items of several lines', () => {
    const roll = new Roll()
    const seen: string[] = []
    for (let at = 0; at < 12; at++) {
      roll.shows(SIZES.length, 4, item => SIZES[item] ?? 1)
      const { item, part } = roll.selected
      seen.push(`${item}.${part}`)
      expect(shown(roll)).toContain(`${item}.${part}`)
      expect(shown(roll).length).toBe(4)
      roll.run('down')
    }
    expect(seen).toEqual(['0.0', '1.0', '1.1', '1.2', '2.0', '3.0', '3.1', '3.2', '3.3', '3.4', '4.0', '4.1'])
    for (let at = 0; at < 11; at++) roll.run('up')
    expect(roll.selected).toEqual({ item: 0, part: 0 })
  })

  test('asks of a million items only for those around the screen', () => {
    const roll = new Roll()
    const asked = new Set<number>()
    const sizeOf = (item: number): number => {
      asked.add(item)
      return 2
    }
    roll.shows(1_000_000, 20, sizeOf)
    roll.run('last')
    roll.shows(1_000_000, 20, sizeOf)
    expect(shown(roll).at(-1)).toBe('999999.1')
    roll.select(500_000)
    roll.shows(1_000_000, 20, sizeOf)
    expect(asked.size).toBeLessThan(100)
  })

  test('is of one line where there is nothing', () => {
    const roll = new Roll()
    roll.shows(0, 10, () => 1)
    roll.run('down')
    roll.run('last')
    expect(roll.window).toEqual([])
  })
})

describe('bytes of a packet', () => {
  const raw = (bytes: Uint8Array): { bytes: Uint8Array; start: number; kept: number } => ({
    bytes,
    start: 0,
    kept: bytes.length,
  })
  const asText = (text: string, width = 40): readonly string[] =>
    textLines(raw(new TextEncoder().encode(text)), width, 'plain').map(spans => textOf(spans).trimStart())

  test('as text: lines as they are, dots for what cannot be seen', () => {
    expect(asText('{\n  "v": 1\r\n}')).toEqual(['{', '"v": 1', '}'])
    expect(asText('a\x1b[2J\u202eb\u{e0041}\\')).toEqual(['a·[2J·b·\\'])
    expect(textOf(textLines(raw(Uint8Array.of(0x30, 0xff, 0x41)), 40, 'plain')[0] ?? [])).toBe('      0·A')
  })

  test('as text: long lines go on below, by cells', () => {
    expect(asText('abcdefghij', 10)).toEqual(['abcd', 'efgh', 'ij'])
    expect(asText('日本語', 10)).toEqual(['日本', '語'])
  })

  test('of a large one the rest is counted', () => {
    const large = raw(new Uint8Array(10_000))
    expect(textOf(hexLines(large).at(-1) ?? [])).toContain('5,904 bytes more')
    expect(textOf(textLines(large, 80, 'plain').at(-1) ?? [])).toContain('5,904 bytes more')
    expect(hexLines(large).length).toBe(257)
  })
})

describe('saved', () => {
  const story = new Story()
  const sent = [connect('a'), publish('a/b', 'x'.repeat(300), { qos: 1, id: 7 }), pingreq()]
  const got = [packet(0x20, [0, 0]), packet(0x40, [0, 7]), pingresp()]
  const talk = story.join()
  for (const [nth, one] of sent.entries()) talk.say(one).hear(got[nth] ?? new Uint8Array(0))
  story.join().enter('other')
  const screens = new Screens(story.capture, 'a.pcap').press('7')
  const pause = (): Promise<void> => Promise.resolve()

  test.each([
    ['client client.bin', concat(...sent)],
    ['broker broker.bin', concat(...got)],
    ['both both.bin', concat(...sent.flatMap((one, nth) => [one, got[nth] ?? []]))],
    ['plain.bin', concat(...sent.flatMap((one, nth) => [one, got[nth] ?? []]))],
  ])('%s', async (request, wanted) => {
    const [name = '', scope] = request.split(' ').reverse()
    const path = join(folder, name)
    const words = await saveBytes(screens.app.stream, `${scope === undefined ? '' : `${scope} `}${path}`, pause)
    expect(words).toMatch(new RegExp(`^${wanted.length} bytes of \\d packets saved`))
    expect(Uint8Array.from(readFileSync(path))).toEqual(Uint8Array.from(wanted))
    await expect(saveBytes(screens.app.stream, path, pause)).rejects.toThrow('EEXIST')
  })

  test('what is missing is said', async () => {
    const path = join(folder, 'lost.bin')
    const lost = Screens.of('lost').press('7')
    expect(await saveBytes(lost.app.stream, `client ${path}`, pause)).toContain('; 1472 B that the stream lacks')
    expect(existsSync(path)).toBe(true)
  })

  test('without a name nothing is', async () => {
    await expect(saveBytes(screens.app.stream, 'client', pause)).resolves.toMatch(/saved to client$/)
    rmSync('client')
    await expect(saveBytes(screens.app.stream, ' ', pause)).rejects.toThrow('Write it so')
  })
})

describe('the screen', () => {
  test('finds within the connection, and Enter leads to the packet', () => {
    const screens = Screens.of('tour').press(':', 'text:38', 'enter', '7', 'f', 'text:mqtt.msgtype == PUBCOMP', 'enter')
    expect(screens.text()).toMatch(/▌← +50 .*PUBCOMP/)
    screens.press('n')
    expect(screens.text()).toMatch(/▌← +65 .*PUBCOMP/)
    screens.press('n')
    expect(screens.text()).toContain('Not found further on')
    screens.press('N', 'enter')
    expect(screens.app.screen.name).toBe('packets')
    expect(screens.app.model.cursor).toBe(50)
  })

  test('shows the connection whole, whatever the filter', () => {
    const screens = Screens.of('tour').press(':', 'text:38', 'enter', '/', 'text:mqtt.qos == 2', 'enter', '7')
    expect(screens.text()).toContain('PUBLISH -0-')
  })

  test('a line of a packet with hostile text is one harmless line', () => {
    const story = new Story()
    story.join().enter('evil\x1b[2J').say(publish('a\x1b]0;x\x07', '\u202e\x9b31m\n'))
    const screens = new Screens(story.capture, 'a.pcap').press('7')
    for (const keys of [[], ['x'], ['x']]) {
      const text = screens.press(...keys).text(140, 40)
      expect(text).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]/)
      expect(text).toContain('PUBLISH')
    }
  })

  test('every size has as many lines as rows, in every form', () => {
    const screens = Screens.of('lost').press('7')
    for (const key of ['x', 'x', 'x', 'd', 'd', 'd']) {
      for (const [width, height] of [
        [60, 15],
        [80, 24],
        [300, 100],
      ] as const)
        expect(screens.press(key, 'G', 'g').lines(width, height).length).toBe(height)
    }
  })

  test('an empty capture has no stream', () => {
    const screens = new Screens(new Story().capture, 'a.pcap')
    expect(screens.press('7', 'j', 'x', 'x', 'd', ']', 'enter', 'y').text()).toContain('mqtt-sniff')
  })
})
