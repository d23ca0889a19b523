/** Spans as a terminal takes them. */
import { expect, test } from 'vitest'
import { line } from '../../../src/tui/spans.ts'
import { painted } from '../../../src/tui/terminal/paint.ts'
import { THEMES } from '../../../src/tui/theme.ts'

test('mono has no colour, ASCII no other signs', () => {
  expect(painted([{ text: '┌ ✗ µ 日', token: 'bad' }], 'mono', true)).toBe('\x1b[1m/ x u ??\x1b[0m')
  for (const theme of THEMES) {
    if (theme === 'auto') continue
    expect(painted(line('x'), theme, false)).toBe('x')
  }
})
