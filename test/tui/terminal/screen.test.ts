/** Frames between the screens and the terminal, on a terminal that is none. */
import { describe, expect, test } from 'vitest'
import { columns, pane, rows } from '../../../src/tui/block.ts'
import { line } from '../../../src/tui/spans.ts'
import { type Drawing, prepare } from '../../../src/tui/terminal/draw.ts'
import { painted } from '../../../src/tui/terminal/paint.ts'
import { FrameScreen } from '../../../src/tui/terminal/screen.ts'

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
})
