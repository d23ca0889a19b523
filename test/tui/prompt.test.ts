/** The line that is written on: what is shown of it, where the caret is, and what a person takes for one character. */
import { describe, expect, test } from 'vitest'
import { Prompt } from '../../src/tui/prompt.ts'
import { textOf } from '../../src/tui/spans.ts'
import { Screens } from '../support/screens.ts'

function prompt(text: string, ...keys: readonly string[]): Prompt {
  const made = new Prompt('filter', text, [])
  for (const name of keys) made.key({ name })
  return made
}
const shown = (made: Prompt, width: number): readonly [string, number] => [textOf(made.line(width)), made.caret]

describe('the line', () => {
  test.each<readonly [string, readonly string[], number, string, number]>([
    ['mqtt', [], 10, 'mqtt', 4],
    ['mqtt', ['left'], 10, 'mqtt', 3],
    ['', [], 10, '', 0],
    // A long one: its end, with a cell for the caret; its beginning; its middle.
    ['0123456789', [], 5, '6789', 4],
    ['0123456789', ['home'], 5, '0123…', 0],
    ['0123456789', ['left', 'left'], 5, '4567…', 4],
    // Two cells each.
    ['日本語', [], 20, '日本語', 6],
    ['日本語', [], 6, '本語', 4],
    ['日本語', ['left'], 20, '日本語', 4],
    // Made printable, it is longer than what was written.
    ['a\u202eb', ['left'], 20, 'a⟨U+202E⟩b', 9],
  ])('%j, keys %j, in %i cells', (text, keys, width, wanted, caret) => {
    expect(shown(prompt(text, ...keys), width)).toEqual([wanted, caret])
  })
})

describe('one character', () => {
  test.each([
    ['a🙂', 'a'],
    ['e\u0301x\u0301', 'e\u0301'],
    ['👨‍👩‍👧', ''],
    ['', ''],
  ])('%j without its last is %j', (text, wanted) => {
    expect(prompt(text, 'backspace').text).toBe(wanted)
    expect(prompt(text, 'left', 'delete').text).toBe(wanted)
    expect(prompt(text, 'left', 'right', 'backspace').text).toBe(wanted)
  })
})

describe('a mouse puts the caret', () => {
  test.each([
    ['mqtt', 20, 2, 2],
    ['mqtt', 20, 15, 4],
    ['日本語', 20, 2, 1],
    ['日本語', 20, 3, 1],
    ['0123456789', 5, 1, 7],
  ])('%j in %i cells, cell %i', (text, width, cell, wanted) => {
    const made = prompt(text)
    made.line(width)
    made.point(cell)
    expect(made.at).toBe(wanted)
  })

  test('on the screen', () => {
    const screens = Screens.of('tour').press('/', 'text:mqtt')
    screens.lines()
    expect(screens.app.caret).toEqual({ x: 7, y: 1 })
    screens.mouse('click', 4, 1).press('text:X').lines()
    expect(screens.app.dialog.prompt?.text).toBe('mXqtt')
    expect(screens.app.caret).toEqual({ x: 5, y: 1 })
    expect(screens.press('escape').app.caret).toBeUndefined()
  })
})
