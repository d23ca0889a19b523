/** What a mouse does: reports read, places found, and each pane of each screen. */
import { describe, expect, test } from 'vitest'
import { columns, pane, paneAt, rows } from '../../../src/tui/block.ts'
import { gathered, type Key } from '../../../src/tui/terminal/input.ts'
import { Clicks, type Mouse, mouseOf } from '../../../src/tui/terminal/mouse.ts'
import { Screens } from '../../support/screens.ts'

describe('reports', () => {
  test.each<readonly [string, Mouse | undefined]>([
    ['<0;1;1M', { kind: 'click', x: 0, y: 0, lines: 0 }],
    ['<0;300;100M', { kind: 'click', x: 299, y: 99, lines: 0 }],
    // With Ctrl.
    ['<16;5;6M', { kind: 'click', x: 4, y: 5, lines: 0 }],
    ['<64;5;6M', { kind: 'wheel', x: 4, y: 5, lines: -3 }],
    ['<65;5;6M', { kind: 'wheel', x: 4, y: 5, lines: 3 }],
    // Released, the middle button, moved, a wheel to the side.
    ['<0;1;1m', undefined],
    ['<1;1;1M', undefined],
    ['<32;1;1M', undefined],
    ['<66;1;1M', undefined],
    ['<0;1M', undefined],
    ['1;5A', undefined],
  ])('%s', (body, wanted) => {
    expect(mouseOf(body)).toEqual(wanted)
  })

  test('two clicks on one cell within a moment are a double one, the third begins anew', () => {
    let now = 1000
    const clicks = new Clicks(() => now)
    const at = (x: number, after: number): string => {
      now += after
      return clicks.count({ kind: 'click', x, y: 0, lines: 0 }).kind
    }
    expect([at(1, 0), at(1, 200), at(1, 200), at(1, 200)]).toEqual(['click', 'double', 'click', 'double'])
    expect([at(2, 1000), at(3, 100), at(3, 500), at(3, 399)]).toEqual(['click', 'click', 'click', 'double'])
  })
})

test('notches of a wheel that come together are one', () => {
  const wheel = (lines: number, x = 1): Key => ({ name: 'mouse', mouse: { kind: 'wheel', x, y: 1, lines } })
  const click: Key = { name: 'mouse', mouse: { kind: 'click', x: 1, y: 1, lines: 0 } }
  const j: Key = { name: 'j', text: 'j' }
  expect(gathered([wheel(3), wheel(3), wheel(-3), wheel(3)])).toEqual([wheel(6)])
  const apart = [j, wheel(3), j, wheel(3), wheel(3, 2), click, click]
  expect(gathered(apart)).toEqual(apart)
})

test('the pane at a place', () => {
  const [a, b, c] = [pane([], 10, 2), pane([], 4, 3), pane([], 6, 3)]
  const block = rows(a, columns(b, c))
  const at = (x: number, y: number) => {
    const hit = paneAt(block, x, y)
    return hit === undefined ? undefined : [[a, b, c].indexOf(hit.pane), hit.column, hit.row]
  }
  expect([at(0, 0), at(9, 1), at(3, 2), at(4, 2), at(9, 4)]).toEqual([
    [0, 0, 0],
    [0, 9, 1],
    [1, 3, 0],
    [2, 0, 0],
    [2, 5, 2],
  ])
  expect([at(10, 0), at(0, 5), at(-1, 0)]).toEqual([undefined, undefined, undefined])
})

/** The line that holds a text, and the column where it begins. */
function find(screens: Screens, text: string, width = 80, height = 24): readonly [number, number] {
  const lines = screens.lines(width, height)
  const y = lines.findIndex(line => line.includes(text))
  expect(y, text).toBeGreaterThanOrEqual(0)
  return [(lines[y] ?? '').indexOf(text), y]
}
const click = (screens: Screens, text: string, width = 80, height = 24): Screens =>
  screens.mouse('click', ...find(screens, text, width, height))
const double = (screens: Screens, text: string): Screens => {
  const [x, y] = find(screens, text)
  return screens.mouse('click', x, y).mouse('double', x, y)
}
const wheel = (screens: Screens, text: string, lines: number): Screens =>
  screens.mouse('wheel', ...find(screens, text), lines)
const cursor = (screens: Screens): number => screens.app.model.cursor

describe('packets', () => {
  test('a click selects the row, a double one goes into its details', () => {
    const screens = click(Screens.of('tour'), 'SUBACK')
    expect(cursor(screens)).toBe(4)
    expect(double(screens, 'SUBSCRIBE').app.packets.pane).toBe('tree')
    expect(cursor(screens)).toBe(3)
  })

  test('the head of the list and the room below its end are no rows', () => {
    const screens = Screens.of('qos0').press('/', 'text:mqtt.msgtype == CONNECT', 'enter')
    const before = cursor(screens)
    expect(cursor(click(screens, 'No.'))).toBe(before)
    expect(cursor(screens.mouse('click', 20, 10))).toBe(before)
  })

  test('a click into a live list stops following', () => {
    const screens = Screens.of('tour')
    screens.app.model.follows = true
    click(screens, 'SUBACK')
    expect(screens.app.model.follows).toBe(false)
  })

  test('the wheel scrolls the pane below it, whichever is active', () => {
    const screens = Screens.of('tour').press('tab')
    expect(cursor(wheel(screens, 'SUBACK', 3))).toBe(4)
    expect(cursor(wheel(screens, 'SUBACK', -3))).toBe(1)
    expect(wheel(screens, 'Fixed header', 3).app.packets.tree.item?.key).toBe('mqtt/mqtt.fixed_header/mqtt.msgtype')
    expect(cursor(screens)).toBe(1)
  })

  test('a click selects a field, a double one folds it', () => {
    const screens = click(Screens.of('tour'), 'Remaining length')
    expect([screens.app.packets.pane, screens.app.packets.tree.item?.text]).toEqual(['tree', 'Remaining length: 27 B'])
    const open = screens.lines().join('\n')
    expect(open).toContain('▾ Fixed header')
    expect(double(screens, 'Fixed header').text()).toContain('▸ Fixed header')
  })

  test('a click on a byte selects the field it belongs to, in hex and in text', () => {
    const screens = Screens.of('tour')
    const [x, y] = find(screens, ' 0000  10 1b')
    // The second byte, in hex: the remaining length.
    screens.mouse('click', x + 10, y)
    expect(screens.app.packets.pane).toBe('bytes')
    expect(screens.app.packets.tree.item?.text).toBe('Remaining length: 27 B')
    // The eighth and the ninth, on both sides of the gap.
    screens.mouse('click', x + 7 + 7 * 3, y)
    expect(screens.text()).toContain('byte 7,')
    screens.mouse('click', x + 8 + 8 * 3, y)
    expect(screens.text()).toContain('byte 8,')
    const [column] = find(screens, '....MQTT')
    screens.mouse('click', column + 4, y)
    expect(screens.text()).toContain('byte 4,')
    expect(screens.app.packets.tree.item?.text).toContain('MQTT')
  })

  test('the wheel over bytes moves them, and what is selected stays', () => {
    const screens = Screens.of('large').press('/', 'text:mqtt.len > 400', 'enter')
    const item = screens.app.packets.tree.item?.key
    expect(wheel(screens, ' 0000 ', 3).text()).toContain(' 0030 ')
    expect(screens.text()).not.toContain(' 0000 ')
    expect(screens.app.packets.tree.item?.key).toBe(item)
    expect(wheel(screens, ' 0030 ', -300).text()).toContain(' 0000 ')
  })
})

describe('other screens', () => {
  test.each([
    ['2', 'Flow', 'CONNACK'],
    ['3', 'Topics', 'house'],
    ['4', 'Sessions', 'old-thermostat'],
    ['6', 'Findings', 'plaintext.password'],
    ['7', 'Stream', 'SUBACK'],
  ])('%s: a double click leads to the packet', (key, title, text) => {
    const screens = Screens.of('tour').press(key)
    expect(screens.text()).toContain(`${title} ? help`)
    expect(double(screens, text).text()).toContain('Packets ? help')
  })

  test.each(['2', '3', '4', '5', '6', '7', '8', '?'])('%s: the wheel is as the keys', key => {
    const keys = Screens.of('tour').press(key, 'down', 'down', 'down')
    const turned = Screens.of('tour').press(key)
    turned.text()
    expect(turned.mouse('wheel', 20, 8, 3).text()).toBe(keys.text())
  })
})

test('beside the ladder: the wheel scrolls the details, a click selects a field', () => {
  const screens = Screens.of('tour').press('2')
  const [x, y] = find(screens, 'Remaining length', 140, 40)
  screens.mouse('click', x, y)
  expect(screens.app.packets.tree.item?.text).toBe('Remaining length: 27 B')
  screens.lines(140, 40)
  screens.mouse('wheel', x, y, -3)
  expect(screens.app.packets.tree.item?.text).toContain('Type and flags')
  expect(cursor(screens)).toBe(1)
})

describe('the lines around', () => {
  test('a click on a screen’s name opens it, on a hint runs it', () => {
    const screens = Screens.of('tour')
    expect(click(screens, ' Topics │', 140, 40).text()).toContain('Topics ? help')
    expect(click(screens, ' 6 Findings', 140, 40).text()).toContain('Findings ? help')
    expect(click(screens, 'back').text()).toContain('Topics ? help')
    expect(click(screens, '? help').text()).toContain('Help ? help')
  })

  test('a click on the filter opens its line, and what is written there is not left by a click', () => {
    const screens = click(Screens.of('tour'), 'all packets').press('text:mqtt.q')
    expect(click(screens, 'SUBACK').lines()[1]).toContain('mqtt.q')
    expect(cursor(screens)).toBe(1)
  })

  test('between two keys that belong together it takes the first back', () => {
    const screens = Screens.of('tour')
    screens.host.status = { ...screens.host.status, isUnsaved: true }
    screens.press('q').mouse('wheel', 20, 5, 3).press('q')
    expect(screens.host.asked).toEqual([])
    expect(screens.press('q').host.asked).toEqual(['quit'])
    screens.press('4', '2').mouse('wheel', 20, 5, -3).press('G')
    expect(cursor(screens)).toBe(88)
  })

  test('beyond the screen is nothing', () => {
    const screens = Screens.of('tour')
    const before = screens.text()
    expect(screens.mouse('click', 500, 500).mouse('wheel', 500, 0, 3).text()).toBe(before)
  })
})
