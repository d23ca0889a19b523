/** The options of every command that may open the screens, and whether there is a terminal for them. */
import { isatty } from 'node:tty'
import { Option } from 'commander'
import { THEMES, type ThemeName } from '../theme.ts'

export interface ScreenFlags {
  theme: ThemeName
  ascii: boolean
  mouse: boolean
}

export const screenOptions = (): readonly Option[] => [
  new Option('--theme <name>', 'colours; auto asks the terminal').choices(THEMES).default('auto'),
  new Option('--ascii', 'use ASCII characters only').default(false, 'if the locale is not UTF-8'),
  new Option('--no-mouse', 'leave the mouse to the terminal (else hold Shift to select text)'),
]

const STDOUT = 1

/** Screens need a terminal that can do more than print, and somebody who sees it. */
export function hasScreen(): boolean {
  const { TERM, INK_SCREEN_READER } = process.env
  return isatty(STDOUT) && TERM !== 'dumb' && (INK_SCREEN_READER ?? '') === ''
}
