/**
 * What a piece of a screen means, and which colours that has. The sixteen colours of every terminal by their names, so
 * that a theme of the terminal itself stays in force; no page is painted. Nothing is told by colour alone.
 */
import { paint as sgr } from '../export/paint.ts'
import { asciiOnly } from './ascii.ts'
import type { Line } from './spans.ts'

export const THEMES = ['auto', 'dark', 'light', 'projector', 'mono', 'deutan'] as const
export type ThemeName = (typeof THEMES)[number]

const DARK = {
  plain: '',
  dim: '90',
  bold: '1',
  title: '1',
  head: '1;36',
  rule: '90',
  active: '1;36',
  selected: '7',
  selectedDim: '4',
  related: '1;33',
  byte: '7',
  key: '1;36',
  good: '32',
  caution: '33',
  bad: '1;31',
  alarm: '7;31',
  note: '36',
  connect: '32',
  publish0: '',
  publish1: '36',
  publish2: '1;35',
  ack1: '36',
  ack2: '35',
  subscribe: '33',
  ping: '90',
  disconnect: '94',
  dup: '35',
  text: '32',
  number: '36',
} as const

export type Token = keyof typeof DARK
type Styles = Readonly<Record<Token, string>>

/** On white: no yellow, no pale cyan, grey instead of dim. */
const LIGHT: Styles = {
  ...DARK,
  head: '1;34',
  active: '1;34',
  key: '1;34',
  related: '1;35',
  caution: '1;31',
  note: '34',
  publish1: '34',
  ack1: '34',
  subscribe: '1',
  disconnect: '34',
  number: '34',
  text: '32',
}

/** From the last row of a lecture hall: nothing dim, nothing that lies near the background. */
const PROJECTOR: Styles = {
  ...DARK,
  dim: '',
  rule: '',
  head: '1;4',
  active: '1;7',
  key: '1',
  related: '1;4',
  caution: '1;4',
  note: '1',
  publish1: '1',
  ack1: '',
  ack2: '1',
  subscribe: '1',
  ping: '',
  disconnect: '1',
  number: '',
  text: '',
}

/** Bold, underlined and inverse stay. */
const MONO: Styles = {
  ...(Object.fromEntries(Object.keys(DARK).map(token => [token, ''])) as Record<Token, string>),
  bold: '1',
  title: '1',
  head: '1;4',
  active: '1',
  selected: '7',
  selectedDim: '4',
  related: '1',
  byte: '7',
  key: '1',
  bad: '1',
  alarm: '7',
}

/** Red and green look alike to one man in twelve: blue and yellow do not. */
const DEUTAN: Styles = {
  ...DARK,
  good: '94',
  caution: '33',
  bad: '1;33',
  alarm: '7;33',
  connect: '94',
  publish1: '36',
  publish2: '1;33',
  ack2: '33',
  dup: '33',
  text: '94',
  subscribe: '37',
}

const STYLES: Readonly<Record<Exclude<ThemeName, 'auto'>, Styles>> = {
  dark: DARK,
  light: LIGHT,
  projector: PROJECTOR,
  mono: MONO,
  deutan: DEUTAN,
}

export interface Look {
  readonly theme: ThemeName
  /** Letters and signs of ASCII alone. */
  readonly ascii: boolean
}

/** What the terminal says of itself: `COLORFGBG` ends with the number of its background. */
export function resolveTheme(theme: ThemeName, env: NodeJS.ProcessEnv): Exclude<ThemeName, 'auto'> {
  if ((env.NO_COLOR ?? '') !== '') return 'mono'
  if (theme !== 'auto') return theme
  const background = /;(\d+)$/.exec(env.COLORFGBG ?? '')?.[1]
  return background === '7' || background === '15' ? 'light' : 'dark'
}

/** A line for the terminal. */
export function painted(spans: Line, theme: Exclude<ThemeName, 'auto'>, ascii: boolean): string {
  const styles = STYLES[theme]
  let text = ''
  let pending = ''
  let style = ''
  for (const part of spans) {
    const own = styles[part.token]
    if (own !== style) {
      text += sgr(pending, style)
      pending = ''
      style = own
    }
    pending += ascii ? asciiOnly(part.text) : part.text
  }
  return text + (pending === '' ? '' : sgr(pending, style))
}
