/** What is wrong with an expression, and where: shown with a caret under the place. */

/** A stretch of the expression's text. */
export interface Place {
  readonly start: number
  readonly end: number
}

/** The expression cannot be read, or asks what cannot be. */
export class FilterError extends Error {
  override readonly name = 'FilterError'
  /** The expression that `start` and `end` count in. */
  text = ''
  readonly start: number
  readonly end: number

  constructor(message: string, { start, end }: Place) {
    super(message)
    this.start = start
    this.end = end
  }
}

/** What the writer of an expression may not have meant; no error. */
export interface Hint extends Place {
  readonly message: string
}

/** Columns of the expression that are shown around a place. */
const SHOWN = 100
const BEFORE = 60

/** The expression, indented, with `^~~~` under the place in the line below. */
export function caret(text: string, { start, end }: Place): string {
  const from = start > SHOWN - BEFORE / 2 ? start - BEFORE : 0
  const shown = visible(text.slice(from, from + SHOWN))
  const at = Math.min(start - from, shown.length)
  const size = Math.max(1, Math.min(end - start, shown.length - at))
  return `    ${shown}\n    ${' '.repeat(at)}^${'~'.repeat(size - 1)}`
}

/** Nothing in the text of an expression may move a cursor or turn the direction of writing. */
const visible = (text: string): string =>
  text.replace(/[\p{Cc}\p{Cf}\p{Co}\p{Zl}\p{Zp}\p{Cs}]/gu, char => '?'.repeat(char.length))
