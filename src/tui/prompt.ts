/** One line of text being written, with what was written before. */
import { cells, sanitize } from '../export/sanitize.ts'
import type { Key } from './input.ts'
import { type Line, span } from './spans.ts'

const LONGEST = 4096
const MOST_REMEMBERED = 100

export type PromptKind = 'filter' | 'find' | 'palette' | 'save' | 'bytes'

export class Prompt {
  readonly kind: PromptKind
  text: string
  /** Place of the cursor, in characters. */
  at: number
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

  /** A long line shows its end, or where the cursor is. */
  line(width: number): Line {
    const shown = sanitize(this.text.slice(0, this.at))
    const rest = sanitize(this.text.slice(this.at))
    const from = Math.max(0, cells(shown) - width + 2)
    return [span(shown.slice(from)), span(rest.slice(0, 1) || ' ', 'byte'), span(rest.slice(1))]
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
        this.remove(Math.max(0, this.at - 1), this.at)
        return true
      case 'delete':
        this.remove(this.at, this.at + 1)
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
    if (name === 'left' || name === '^b') this.at = Math.max(0, this.at - 1)
    else if (name === 'right' || name === '^f') this.at = Math.min(this.text.length, this.at + 1)
    else if (name === 'home' || name === '^a') this.at = 0
    else if (name === 'end' || name === '^e') this.at = this.text.length
    else return false
    return true
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
