/** Listens to a decoder for the values at one path: `payload.pos.lat`, `payload.list.0`, `payload("/odd key/0")`. */
import { utf8 } from '../base/strings.ts'
import type { GroupKind, MarkName, ValueSink } from './decoder.ts'

/** A number; a text or bytes; the number of a literal, or of a group that the path ends at. */
export type PathValue = number | bigint | Uint8Array

/** Values that are no numbers and no text, as filters compare them. */
export const PATH_LITERALS = { false: 0n, true: 1n, null: 2n, group: 3n } as const

/** Most values kept of one payload. */
const MOST_KEPT = 1000

export interface Path {
  readonly steps: readonly string[]
  /** True if a step goes through a list: `readings.temp` is the temp of each reading. A JSON pointer does not. */
  readonly crossesLists: boolean
}

/** Reads `pos.lat`; no step at all is the whole value. */
export const dottedPath = (text: string): Path => ({ steps: text === '' ? [] : text.split('.'), crossesLists: true })

/** Reads a JSON pointer (RFC 6901); undefined if it is none. */
export function pointerPath(text: string): Path | undefined {
  if (text !== '' && !text.startsWith('/')) return undefined
  const steps = text
    .split('/')
    .slice(1)
    .map(step => step.replaceAll('~1', '/').replaceAll('~0', '~'))
  return { steps, crossesLists: false }
}

/** An open group: which steps of the path lead into it, and which member comes next. */
interface Level {
  readonly kind: GroupKind
  readonly reached: readonly number[]
  index: number
  key: string | undefined
  /** True if the next value is the key of a map. */
  awaitsKey: boolean
}

const ROOT: readonly number[] = [0]
const NOWHERE: readonly number[] = []

export class PathReader implements ValueSink {
  readonly values: PathValue[] = []
  /** The same values as text, numbers with the digits that were sent; groups have none. */
  readonly texts: string[] = []
  private readonly path: Path
  private readonly levels: Level[] = []

  constructor(path: Path) {
    this.path = path
  }

  open(kind: GroupKind): void {
    const reached = this.reachedBy(undefined)
    if (reached.includes(this.path.steps.length)) this.keep(PATH_LITERALS.group, undefined)
    this.levels.push({ kind, reached, index: 0, key: undefined, awaitsKey: false })
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
    if (this.isMeant(text)) this.keep(Number(text), text)
  }

  literal(text: 'true' | 'false' | 'null'): void {
    if (this.isMeant(text)) this.keep(PATH_LITERALS[text], text)
  }

  text(_start: number, _end: number, value: string): void {
    if (this.isMeant(value)) this.keep(utf8(value), value)
  }

  bytes(): void {
    if (this.isMeant(undefined)) this.keep(PATH_LITERALS.group, undefined)
  }

  mark(_name: MarkName, value: string): void {
    if (this.isMeant(undefined)) this.keep(utf8(value), value)
  }

  tag(): void {}

  fault(): void {}

  /** True if the path ends at the value that is announced; `text` is what a key of another kind would be called by. */
  private isMeant(text: string | undefined): boolean {
    return this.reachedBy(text).includes(this.path.steps.length)
  }

  private keep(value: PathValue, text: string | undefined): void {
    if (this.values.length >= MOST_KEPT) return
    this.values.push(value)
    if (text !== undefined) this.texts.push(text)
  }

  /** The numbers of steps that lead to the next value; moves on to the member behind it. */
  private reachedBy(text: string | undefined): readonly number[] {
    const level = this.levels[this.levels.length - 1]
    if (level === undefined) return ROOT
    if (level.awaitsKey) {
      level.awaitsKey = false
      level.key = text
      return NOWHERE
    }
    return level.kind === 'map' ? this.stepsBy(level, level.key) : this.element(level)
  }

  private element(level: Level): readonly number[] {
    const next = this.stepsBy(level, String(level.index++))
    return this.path.crossesLists ? [...level.reached, ...next] : next
  }

  private stepsBy({ reached }: Level, name: string | undefined): readonly number[] {
    const { steps } = this.path
    // Most values are not on the path: nothing is made for them.
    if (!reached.some(at => steps[at] === name)) return NOWHERE
    return reached.filter(at => at < steps.length && steps[at] === name).map(at => at + 1)
  }
}
