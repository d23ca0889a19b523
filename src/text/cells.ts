/**
 * Cells of a terminal that text takes, character by character: how wide it is, and how it is cut or filled up. The text is
 * sanitised before, so it holds no joiners and no controls. An emoji with a skin tone therefore counts as two.
 */

/** Combining marks kept on one cell: Vietnamese and Hebrew need three. More of them paint over the lines around. */
export const MOST_MARKS = 4
export const ELLIPSIS = '…'
/** Carries a mark that has no character before it. */
const DOTTED_CIRCLE = '◌'

const ASCII = /^[ -~]*$/
/** Takes no cell of its own; the second half of a Hangul syllable is drawn into the first. */
const MARK = /^[\p{Mn}\p{Me}\u1160-\u11ff\ud7b0-\ud7ff]/u
/** Takes two cells: East Asian Wide and Fullwidth (UAX #11) in coarse ranges, and what is drawn as an emoji. */
const WIDE =
  /^(?![\u{1f1e6}-\u{1f1ff}])[\p{Emoji_Presentation}\u1100-\u115f\u2329\u232a\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe10-\ufe19\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{16fe0}-\u{1b2ff}\u{1d300}-\u{1d376}\u{1f200}-\u{1f2ff}\u{20000}-\u{3fffd}]/u
/** Asks for the emoji form of the character before it, which is then drawn two cells wide. */
const EMOJI_FORM = '\ufe0f'

function cellsOf(character: string): number {
  if (character < '\u0300') return 1
  if (character === EMOJI_FORM) return 1
  return MARK.test(character) ? 0 : WIDE.test(character) ? 2 : 1
}

/** Terminal cells of sanitised text. */
export function cells(text: string): number {
  if (ASCII.test(text)) return text.length
  let sum = 0
  for (const character of text) sum += cellsOf(character)
  return sum
}

/** Sanitised text in at most so many cells; where something is left out, the last of them is `…`. */
export function cut(text: string, most: number): string {
  if (ASCII.test(text)) return text.length <= most ? text : text.slice(0, most - 1) + ELLIPSIS
  let kept = MARK.test(text) ? DOTTED_CIRCLE : ''
  let used = kept.length
  // Where to go back to if the rest does not fit: behind what leaves a cell for the ellipsis.
  let safe = 0
  let marks = 0
  for (const character of text) {
    const width = cellsOf(character)
    marks = width === 0 ? marks + 1 : 0
    if (marks > MOST_MARKS + 1) continue
    const isSurplus = marks > MOST_MARKS
    used += isSurplus ? 1 : width
    if (used > most) return kept.slice(0, safe) + ELLIPSIS
    kept += isSurplus ? ELLIPSIS : character
    if (used < most) safe = kept.length
  }
  return kept
}

const filled = (text: string, width: number): string => ' '.repeat(Math.max(0, width - cells(text)))
const fitting = (text: string, width: number): string => (cells(text) > width ? cut(text, width) : text)

/** The text at the left end of exactly so many cells. */
export function padEnd(text: string, width: number): string {
  const shown = fitting(text, width)
  return shown + filled(shown, width)
}

/** The text at the right end of exactly so many cells. */
export function padStart(text: string, width: number): string {
  const shown = fitting(text, width)
  return filled(shown, width) + shown
}
