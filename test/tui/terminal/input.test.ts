/** Keys, pastes, the mouse and answers of the terminal, from the bytes they come as. */
import { describe, expect, test } from 'vitest'
import { Keyboard } from '../../../src/tui/terminal/input.ts'

describe('keys', () => {
  const names = (...texts: readonly string[]): string[] => {
    const keyboard = new Keyboard()
    return [...texts.flatMap(text => keyboard.push(text)), ...keyboard.flush()].map(({ name }) => name)
  }

  test.each<readonly [string, readonly string[]]>([
    ['jjj', ['j', 'j', 'j']],
    ['j\x1b[Bk', ['j', 'down', 'k']],
    ['\x1bOA\x1b[1;5C\x1b[5~\x1b[6;2~', ['up', 'right', 'pageup', 'pagedown']],
    ['\x1b[Z\t\r\x7f\x08', ['shift-tab', 'tab', 'enter', 'backspace', 'backspace']],
    ['\x03\x1a\x0c', ['^c', '^z', '^l']],
    ['\x1b', ['escape']],
    ['\x1bj', ['escape', 'j']],
    ['é日🙂', ['é', '日', '🙂']],
    ['a\x1b[<0;10;5Mb', ['a', 'mouse', 'b']],
    ['a\x1b[<0;10;5mb', ['a', 'b']],
    ['\x1b[<64;1;1M\x1b[<65;1;1M', ['mouse', 'mouse']],
    ['a\x1b[M !!b', ['a', 'b']],
    ['\x1b]11;rgb:0000/0000/0000\x07q', ['background', 'q']],
    ['\x1b]11;rgb:ffff/ffff/ffff\x1b\\\x1b[?62;4cq', ['background', 'q']],
    ['\x1b]4;1;rgb:ffff/0000/0000\x1b\\q', ['q']],
    ['\x1b]j', []],
    ['\x1b]11;rgb:ffff/ff', []],
    ['\x1b[?62;4cq', ['q']],
    ['\x1b[200~rm -rf\x1b[201~j', ['paste', 'j']],
    ['\x1b[15~\x1b[2~x', ['x']],
  ])('%j', (text, wanted) => {
    expect(names(text)).toEqual(wanted)
    // However they are cut, unless an escape of its own is waited for.
    if (text !== '\x1b') expect(names(...text)).toEqual(wanted)
  })

  test('a paste carries its text and no more than a line needs', () => {
    const keyboard = new Keyboard()
    expect(keyboard.push('\x1b[200~mqtt.qos == 2\x1b[201~')).toEqual([{ name: 'paste', text: 'mqtt.qos == 2' }])
    const [paste] = keyboard.push(`\x1b[200~${'x'.repeat(100_000)}\x1b[201~`)
    expect(paste?.text?.length ?? 0).toBeLessThanOrEqual(4096)
  })
})

describe('an answer of the terminal', () => {
  const LIGHT = '\x1b]11;rgb:ffff/ffff/ffff\x1b\\\x1b[?62;4c'

  test('makes an escape wait longer for what belongs to it, until it has come', () => {
    const keyboard = new Keyboard()
    keyboard.push('\x1b')
    const ofKey = keyboard.patience
    keyboard.flush()
    keyboard.isAsked = true
    keyboard.push('\x1b')
    expect(keyboard.patience).toBeGreaterThan(ofKey)
    expect(keyboard.push(`${LIGHT.slice(1)}\x1b`)).toEqual([{ name: 'background', text: 'rgb:ffff/ffff/ffff' }])
    expect(keyboard.patience).toBe(ofKey)
  })

  test('that comes in parts is waited for, and one that breaks off is dropped', () => {
    const keyboard = new Keyboard()
    keyboard.push('\x1b]11;rg')
    expect(keyboard.patience).toBeGreaterThan(500)
    expect(keyboard.flush()).toEqual([])
    expect(keyboard.patience).toBe(0)
    expect(keyboard.push('j')).toEqual([{ name: 'j', text: 'j' }])
  })

  test('Alt with a bracket is two keys', () => {
    const keyboard = new Keyboard()
    expect(keyboard.push('\x1b]')).toEqual([])
    expect(keyboard.flush().map(({ name }) => name)).toEqual(['escape', ']'])
  })
})
