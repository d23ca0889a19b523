/** One line of text being written, with what was written before. */
import { cells, cut } from '../text/cells.ts'
import { sanitize } from '../text/sanitize.ts'
import { type Line, span } from './spans.ts'
import type { Key } from './terminal/input.ts'

const LONGEST = 4096
const MOST_REMEMBERED = 100

export type PromptKind = 'filter' | 'find' | 'palette' | 'save' | 'bytes' | 'decode'

export class Prompt {
  readonly kind: PromptKind
  text: string
  /** Place of the caret, in characters. */
  at: number
  /** Cells in front of the caret, as the line was shown last. */
  caret = 0
  /** The first character shown. */
  private first = 0
  private readonly history: readonly string[]
  private place: number
  private draft = ''

  constructor(kind: PromptKind, text: string, history: readonly string[]) {
    this.kind = kind
    this.text = text
    this.at = text.length
    this.history = history
    this.place = history.length
  }

  /** Takes the key if it is one for a line of text. */
  key({ name, text }: Key): boolean {
    if (name === 'paste') this.insert((text ?? '').split(/[\r\n]/)[0] ?? '')
    else if (text !== undefined) this.insert(text)
    else return this.edit(name)
    return true
  }

  replace(text: string): void {
    this.text = text
    this.at = text.length
  }

  /** As much as fits: a long line shows its end, or where the caret is. */
  line(width: number): Line {
    const parts = graphemes(this.text.slice(0, this.at))
    let front = widthOf(parts)
    let from = 0
    // The caret needs a cell too.
    for (; front >= width && from < parts.length; from++) front -= widthOf([parts[from] ?? ''])
    this.first = parts.slice(0, from).join('').length
    this.caret = front
    const shown = sanitize(this.text.slice(this.first, this.at))
    return [span(shown), span(cut(sanitize(this.text.slice(this.at)), Math.max(1, width - front)))]
  }

  /** Puts the caret to a cell of the line as it was shown last. */
  point(cell: number): void {
    this.at = this.first
    let used = 0
    for (const part of graphemes(this.text.slice(this.first))) {
      used += widthOf([part])
      if (used > cell) return
      this.at += part.length
    }
  }

  private insert(text: string): void {
    const clean = text.replace(/\p{Cc}/gu, '')
    if (this.text.length + clean.length > LONGEST) return
    this.text = this.text.slice(0, this.at) + clean + this.text.slice(this.at)
    this.at += clean.length
  }

  private edit(name: string): boolean {
    switch (name) {
      case 'backspace':
        this.remove(this.at - this.sizeBefore, this.at)
        return true
      case 'delete':
        this.remove(this.at, this.at + this.sizeBehind)
        return true
      case '^w':
        this.remove(this.text.slice(0, this.at).search(/\S*\s*$/), this.at)
        return true
      case '^u':
        this.remove(0, this.at)
        return true
      case '^k':
        this.remove(this.at, this.text.length)
        return true
      case 'up':
      case 'down':
        this.recall(name === 'up' ? -1 : 1)
        return true
      default:
        return this.move(name)
    }
  }

  private move(name: string): boolean {
    if (name === 'left' || name === '^b') this.at -= this.sizeBefore
    else if (name === 'right' || name === '^f') this.at += this.sizeBehind
    else if (name === 'home' || name === '^a') this.at = 0
    else if (name === 'end' || name === '^e') this.at = this.text.length
    else return false
    return true
  }

  /** Of what a person takes for one character. */
  private get sizeBefore(): number {
    return graphemes(this.text.slice(0, this.at)).at(-1)?.length ?? 0
  }

  private get sizeBehind(): number {
    return graphemes(this.text.slice(this.at))[0]?.length ?? 0
  }

  private remove(from: number, to: number): void {
    this.text = this.text.slice(0, from) + this.text.slice(to)
    this.at = from
  }

  private recall(step: number): void {
    if (this.place === this.history.length) this.draft = this.text
    this.place = Math.max(0, Math.min(this.place + step, this.history.length))
    this.replace(this.history[this.place] ?? this.draft)
  }
}

const ASCII = /^[ -~]*$/
let segmenter: Intl.Segmenter | undefined

/** What a person takes for one character each. */
function graphemes(text: string): readonly string[] {
  if (ASCII.test(text)) return [...text]
  // Made when it is needed: it takes longer than a frame.
  segmenter ??= new Intl.Segmenter(undefined, { granularity: 'grapheme' })
  return [...segmenter.segment(text)].map(({ segment }) => segment)
}

const widthOf = (parts: readonly string[]): number => parts.reduce((sum, part) => sum + cells(sanitize(part)), 0)

/** What was written, by kind; the last at the end, each once. */
export class History {
  private readonly lines = new Map<PromptKind, string[]>()

  of(kind: PromptKind): readonly string[] {
    return this.lines.get(kind) ?? []
  }

  add(kind: PromptKind, text: string): void {
    if (text === '') return
    const kept = this.of(kind).filter(one => one !== text)
    this.lines.set(kind, [...kept, text].slice(-MOST_REMEMBERED))
  }
}
