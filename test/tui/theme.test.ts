/** Which theme it is. */
import { expect, test } from 'vitest'
import { asksTerminal, resolveTheme, themeFor } from '../../src/tui/theme.ts'

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

test('the terminal is asked for only by who chose no theme', () => {
  expect(asksTerminal('auto', {})).toBe(true)
  expect(asksTerminal('auto', { NO_COLOR: '1' })).toBe(false)
  expect(asksTerminal('dark', {})).toBe(false)
})

test('NO_COLOR is obeyed, a light background recognised', () => {
  expect(resolveTheme('dark', { NO_COLOR: '1' })).toBe('mono')
  expect(resolveTheme('auto', { COLORFGBG: '0;15' })).toBe('light')
  expect(resolveTheme('auto', { COLORFGBG: '15;0' })).toBe('dark')
  expect(resolveTheme('auto', {})).toBe('dark')
})
