/** Listens to a decoder for the values that are no groups, each with its path: for a chart of one of them, for keys to offer. */
import type { GroupKind, MarkName, ValueSink } from './decoder.ts'

/** Most values kept of one payload. */
const MOST_LEAVES = 200

export interface Leaf {
  /** Keys and numbers of list members, joined with dots; empty for a payload that is one value. */
  readonly path: string
  readonly text: string
  /** NaN for a value that is no number. */
  readonly number: number
}

interface Level {
  readonly path: string
  readonly isList: boolean
  index: number
  key: string | undefined
  awaitsKey: boolean
}

export class Leaves implements ValueSink {
  readonly list: Leaf[] = []
  private readonly levels: Level[] = []

  open(kind: GroupKind): void {
    this.levels.push({ path: this.next(''), isList: kind === 'array', index: 0, key: undefined, awaitsKey: false })
  }

  close(): void {
    this.levels.pop()
  }

  key(_start: number, _end: number, text: string | undefined): void {
    const level = this.levels.at(-1)
    if (level === undefined) return
    level.key = text
    level.awaitsKey = text === undefined
  }

  number(text: string): void {
    this.keep(text, Number(text))
  }

  literal(text: string): void {
    this.keep(text, Number.NaN)
  }

  text(_start: number, _end: number, value: string): void {
    this.keep(value, Number.NaN)
  }

  bytes(start: number, end: number, value?: Uint8Array): void {
    this.keep(`${value?.length ?? end - start} bytes`, Number.NaN)
  }

  mark(_name: MarkName, value: string): void {
    this.keep(value, Number.NaN)
  }

  tag(): void {}
  fault(): void {}

  private keep(text: string, number: number): void {
    const isKey = this.levels.at(-1)?.awaitsKey === true
    const path = this.next(text)
    if (!isKey && this.list.length < MOST_LEAVES) this.list.push({ path, text, number })
  }

  /** Returns the path of the value that comes next; `text` is what a key of another kind is called by. */
  private next(text: string): string {
    const level = this.levels.at(-1)
    if (level === undefined) return ''
    if (level.awaitsKey) {
      level.awaitsKey = false
      level.key = text
      return ''
    }
    const name = level.isList ? `${level.index++}` : (level.key ?? '')
    return level.path === '' ? name : `${level.path}.${name}`
  }
}
