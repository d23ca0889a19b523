/** What stands between Ink and the terminal, on a terminal that is none. */
import { describe, expect, test } from 'vitest'
import { columns, flatten, pane, rows } from '../../src/tui/block.ts'
import { fitted, line, textOf } from '../../src/tui/spans.ts'
import { type Drawing, prepare } from '../../src/tui/terminal/draw.ts'
import { Keyboard } from '../../src/tui/terminal/input.ts'
import { painted } from '../../src/tui/terminal/paint.ts'
import { FrameScreen } from '../../src/tui/terminal/screen.ts'
import { asksTerminal, resolveTheme, THEMES, themeFor } from '../../src/tui/theme.ts'

class FakeTerminal {
  columns = 20
  rows = 4
  readonly written: string[] = []
  /** It takes nothing until it is told. */
  isStalled = false
  private taken: () => void = () => {}
  write(text: string, taken: () => void): void {
    this.written.push(text)
    if (this.isStalled) this.taken = taken
    else taken()
  }
  read(): void {
    this.isStalled = false
    this.taken()
  }
}

const next = (): Promise<void> => new Promise(resolve => setImmediate(resolve))

describe('a frame', () => {
  test('is one write, and only of the rows that changed', async () => {
    const terminal = new FakeTerminal()
    const screen = new FrameScreen(terminal)
    let count = 0
    const drawing: Drawing = {
      block: (width, height) =>
        rows(
          pane([line('above', 'bold')], width, 1),
          columns(pane([line(`n ${count}`)], 8, height - 1), pane([line('right')], width - 8, height - 1)),
        ),
      paint: spans => painted(spans, 'dark', false),
    }
    const drawn = (await prepare(screen, drawing))()
    await next()
    expect(terminal.written.length).toBe(1)
    expect(screen.shown.map(row => row.trimEnd())).toEqual(
      ['\x1b[1mabove\x1b[0m               ', 'n 0     right       ', '', ''].map(row => row.trimEnd()),
    )
    for (count = 1; count <= 20; count++) {
      drawn.update()
      await next()
      expect(terminal.written.length).toBe(1 + count)
      expect(terminal.written.at(-1)).toContain(`n ${count}`)
      expect(terminal.written.at(-1)).not.toContain('above')
    }
    drawn.update()
    await next()
    expect(terminal.written.length).toBe(22)
    drawn.close()
  })

  test('is written whole after another size', () => {
    const terminal = new FakeTerminal()
    const screen = new FrameScreen(terminal)
    screen.write('a\nb')
    screen.write('a\nb')
    expect(terminal.written.length).toBe(1)
    screen.resized()
    screen.write('a\nb')
    expect(terminal.written[1]).toBe(terminal.written[0])
  })

  test('stays here while the terminal is given back', () => {
    const terminal = new FakeTerminal()
    const screen = new FrameScreen(terminal)
    screen.isAway = true
    screen.write('a')
    expect(terminal.written).toEqual([])
    screen.isAway = false
    screen.write('a')
    expect(terminal.written.length).toBe(1)
  })

  test('never has more rows than the terminal, and nothing of the layout goes out', () => {
    const terminal = new FakeTerminal()
    const screen = new FrameScreen(terminal)
    screen.write(['a', 'b', 'c', 'd', 'e', 'f'].join('\n'))
    expect(screen.shown).toEqual(['a', 'b', 'c', 'd'])
    screen.write('\x1b[?25l')
    expect(terminal.written.length).toBe(1)
  })

  test('has the cursor where something is written, behind all rows; elsewhere it is hidden', () => {
    const terminal = new FakeTerminal()
    const screen = new FrameScreen(terminal)
    screen.write('a\nb')
    expect(terminal.written.at(-1)).toMatch(/b\x1b\[\?25l\x1b\[\?2026l$/)
    screen.caret = { x: 4, y: 1 }
    screen.write('a\nbc')
    expect(terminal.written.at(-1)).toMatch(/bc\x1b\[2;5H\x1b\[\?25h\x1b\[\?2026l$/)
    // It alone has moved; then nothing has.
    screen.caret = { x: 3, y: 1 }
    screen.write('a\nbc')
    expect(terminal.written.at(-1)).toBe('\x1b[?2026h\x1b[2;4H\x1b[?25h\x1b[?2026l')
    screen.write('a\nbc')
    expect(terminal.written.length).toBe(3)
    screen.write('x\nbc')
    expect(terminal.written.at(-1)).toMatch(/x\x1b\[2;4H\x1b\[\?25h\x1b\[\?2026l$/)
    screen.caret = undefined
    screen.write('x\nbc')
    expect(terminal.written.at(-1)).toBe('\x1b[?2026h\x1b[?25l\x1b[?2026l')
    screen.write('y\nbc')
    expect(terminal.written.at(-1)).not.toContain('?25')
  })

  test('is not written before the last one is taken; then it is time for one', () => {
    let now = 0
    const terminal = new FakeTerminal()
    const screen = new FrameScreen(terminal, () => now)
    let times = 0
    screen.on('taken', () => {
      times++
    })
    terminal.isStalled = true
    screen.write('a\nb')
    expect(screen.isWaiting).toBe(true)
    for (let count = 0; count < 100; count++) screen.write(`a\n${count}`)
    expect(terminal.written.length).toBe(1)
    now = 1400
    terminal.read()
    expect([times, screen.isWaiting, screen.lastWriteMs]).toEqual([1, false, 1400])
    screen.write('a\n99')
    expect(terminal.written.at(-1)).toMatch(/^\x1b\[\?2026h\x1b\[2;1H\x1b\[0m\x1b\[K99/)
    // Nothing was held back from it.
    screen.write('a\n100')
    expect([times, terminal.written.length]).toEqual([1, 3])
  })

  test('a pane never exceeds its place', () => {
    const wide = pane([line('日本語日本語'), line('x'.repeat(50)), line('y')], 5, 2)
    expect(flatten(wide).map(textOf)).toEqual(['日本…', 'xxxx…'])
  })

  test('cut lines keep their width', () => {
    expect(
      textOf(
        fitted(
          [
            { text: 'ab', token: 'plain' },
            { text: 'cdef', token: 'bold' },
          ],
          4,
        ),
      ),
    ).toBe('abc…')
    expect(textOf(fitted(line('a'), 3))).toBe('a  ')
  })
})

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

  test.each([
    ['rgb:ffff/ffff/ffff', 'light'],
    ['rgb:fdfd/f6f6/e3e3', 'light'],
    ['rgb:ff/ff/d7', 'light'],
    ['rgba:ffff/ffff/ffff/ffff', 'light'],
    ['rgb:0000/0000/0000', 'dark'],
    ['rgb:1e/1e/2e', 'dark'],
    // As bright as can be, and dark to the eye.
    ['rgb:0000/0000/ffff', 'dark'],
    ['rgb:f/f/f', 'light'],
    ['#ffffff', undefined],
    ['', undefined],
  ] as const)('%s is %s', (text, wanted) => {
    expect(themeFor(text)).toBe(wanted)
  })

  test('is asked for only by who chose no theme', () => {
    expect(asksTerminal('auto', {})).toBe(true)
    expect(asksTerminal('auto', { NO_COLOR: '1' })).toBe(false)
    expect(asksTerminal('dark', {})).toBe(false)
  })
})

describe('themes', () => {
  test('NO_COLOR is obeyed, a light background recognised', () => {
    expect(resolveTheme('dark', { NO_COLOR: '1' })).toBe('mono')
    expect(resolveTheme('auto', { COLORFGBG: '0;15' })).toBe('light')
    expect(resolveTheme('auto', { COLORFGBG: '15;0' })).toBe('dark')
    expect(resolveTheme('auto', {})).toBe('dark')
  })

  test('mono has no colour, ASCII no other signs', () => {
    expect(painted([{ text: '┌ ✗ µ 日', token: 'bad' }], 'mono', true)).toBe('\x1b[1m/ x u ??\x1b[0m')
    for (const theme of THEMES) {
      if (theme === 'auto') continue
      expect(painted(line('x'), theme, false)).toBe('x')
    }
  })
})
