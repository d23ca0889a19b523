/**
 * What a piece of a screen means, and which colours that has. The sixteen colours of every terminal by their names, so
 * that a theme of the terminal itself stays in force; no page is painted. Nothing is told by colour alone.
 */
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
  fromClient: '36',
  fromBroker: '35',
} as const

type Meaning = keyof typeof DARK
/** Words of a colour rule: `own red bold`. */
type OwnStyle = `own ${string}`
export type Token = Meaning | OwnStyle
type Styles = Readonly<Record<Meaning, string>>

/** What a style of the user's own is made of. */
export const HUES = ['red', 'green', 'yellow', 'blue', 'magenta', 'cyan', 'grey'] as const
export const EFFECTS = ['bold', 'underline', 'inverse'] as const
type Word = (typeof HUES)[number] | (typeof EFFECTS)[number]
type Words = Readonly<Record<Word, string>>
const WORDS: readonly string[] = [...HUES, ...EFFECTS]

export const isStyleWord = (word: string): boolean => WORDS.includes(word)
export const ownStyle = (words: readonly string[]): Token => `own ${words.join(' ')}`

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
  fromClient: '34',
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
  fromClient: '1',
  fromBroker: '',
}

/** Bold, underlined and inverse stay. */
const MONO: Styles = {
  ...(Object.fromEntries(Object.keys(DARK).map(token => [token, ''])) as Record<Meaning, string>),
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
  fromBroker: '33',
}

/** The same words in every theme; each is to be read on its background. */
const DARK_WORDS: Words = {
  red: '1;31',
  green: '32',
  yellow: '33',
  blue: '94',
  magenta: '35',
  cyan: '36',
  grey: '90',
  bold: '1',
  underline: '4',
  inverse: '7',
}

const OWN: Readonly<Record<Exclude<ThemeName, 'auto'>, Words>> = {
  dark: DARK_WORDS,
  light: { ...DARK_WORDS, yellow: '1;4', blue: '34', cyan: '4;34' },
  projector: { ...DARK_WORDS, green: '1;32', yellow: '1;4', blue: '4', magenta: '1;35', cyan: '1', grey: '' },
  // Inverse is what is selected.
  mono: {
    ...DARK_WORDS,
    red: '1',
    green: '',
    yellow: '4',
    blue: '',
    magenta: '1;4',
    cyan: '4',
    grey: '',
    inverse: '1;4',
  },
  deutan: { ...DARK_WORDS, red: '1;33', green: '96', magenta: '1;97' },
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

/** `COLORFGBG` ends with the number of the background, where a terminal sets it. */
export function resolveTheme(theme: ThemeName, env: NodeJS.ProcessEnv): Exclude<ThemeName, 'auto'> {
  if ((env.NO_COLOR ?? '') !== '') return 'mono'
  if (theme !== 'auto') return theme
  const background = /;(\d+)$/.exec(env.COLORFGBG ?? '')?.[1]
  return background === '7' || background === '15' ? 'light' : 'dark'
}

/** Only who chose nothing is asked for. */
export const asksTerminal = (theme: ThemeName, env: NodeJS.ProcessEnv): boolean =>
  theme === 'auto' && (env.NO_COLOR ?? '') === ''

/** Red, green and blue of one to four hexadecimal digits each, as X11 writes them. */
const COLOUR = /^rgba?:([0-9a-f]{1,4})\/([0-9a-f]{1,4})\/([0-9a-f]{1,4})/i
/** How bright the eye sees each of them: ITU-R BT.709. */
const BRIGHTNESS = [0.2126, 0.7152, 0.0722] as const
const HALF = 0.5

/** The theme for a background as the terminal tells it; undefined where it cannot be understood. */
export function themeFor(background: string): 'light' | 'dark' | undefined {
  const parts = COLOUR.exec(background)?.slice(1)
  if (parts === undefined) return undefined
  const brightness = parts.reduce(
    (sum, part, at) => sum + ((BRIGHTNESS[at] ?? 0) * Number.parseInt(part, 16)) / (16 ** part.length - 1),
    0,
  )
  return brightness > HALF ? 'light' : 'dark'
}

/** How a terminal is told; each attribute once. */
export function styleOf(token: Token, theme: Exclude<ThemeName, 'auto'>): string {
  if (!isOwn(token)) return STYLES[theme][token]
  const words: Readonly<Record<string, string>> = OWN[theme]
  const parts = token
    .split(' ')
    .slice(1)
    .map(word => words[word] ?? '')
  return [...new Set(parts.flatMap(part => part.split(';')))].filter(part => part !== '').join(';')
}

const isOwn = (token: Token): token is OwnStyle => token.startsWith('own ')
