/** Lines of a screen as pieces of text with a meaning each; which colours a meaning has is the theme's affair. */
import { cells, cut } from '../text/cells.ts'
import type { CommandId } from './keys.ts'
import type { Token } from './theme.ts'

export interface Span {
  readonly text: string
  readonly token: Token
  /** Run where a mouse clicks on it. */
  readonly command?: CommandId
}

export type Line = readonly Span[]

/** `text` is harmless: our own, or captured and sanitised. */
export const span = (text: string, token: Token = 'plain'): Span => ({ text, token })

export const line = (text: string, token: Token = 'plain'): Line => [span(text, token)]

/** Pieces of a line that are a button together. */
export const button = (command: CommandId, ...spans: readonly Span[]): Line => spans.map(part => ({ ...part, command }))

/** The piece at a column. */
export function spanAt(spans: Line, column: number): Span | undefined {
  let end = 0
  return spans.find(({ text }) => {
    end += cells(text)
    return column < end
  })
}

export const widthOf = (spans: Line): number => spans.reduce((sum, { text }) => sum + cells(text), 0)

export const blank = (width: number): Span => span(' '.repeat(Math.max(0, width)))

/** Exactly so many cells: cut, or filled up with blanks. */
export function fitted(spans: Line, width: number): Line {
  const kept: Span[] = []
  let left = width
  for (const part of spans) {
    const { text } = part
    if (left <= 0) break
    const size = cells(text)
    const shown = size <= left ? text : cut(text, left)
    kept.push({ ...part, text: shown })
    left -= size <= left ? size : cells(shown)
    if (size > left && shown !== text) break
  }
  return left > 0 ? [...kept, blank(left)] : kept
}

/** `left` at the left end, `right` at the right one; the right one gives way. */
export function between(left: Line, right: Line, width: number): Line {
  const room = width - widthOf(left)
  const size = widthOf(right)
  return size + 1 > room ? fitted(left, width) : [...left, blank(room - size), ...right]
}

/** The whole line with another meaning: a selected row. */
export const retoken = (spans: Line, token: Token): Line => spans.map(({ text }) => ({ text, token }))

/** `── Title ─────── right ──` */
export function rule(title: string, right: string, width: number, isActive = false): Line {
  const head = title === '' ? '' : `── ${title} `
  const tail = right === '' || cells(head) + cells(right) + 4 > width ? '' : ` ${right} ──`
  const shown = cut(head, width)
  const middle = '─'.repeat(Math.max(0, width - cells(shown) - cells(tail)))
  return [span(shown, isActive ? 'active' : 'rule'), span(middle + tail, 'rule')]
}

export const textOf = (spans: Line): string => spans.map(({ text }) => text).join('')
