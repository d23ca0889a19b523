/** The values of the metrics of a Sparkplug B payload as JSON, one by one. */
import { base64 } from '../base/strings.ts'
import { json } from '../export/json-text.ts'
import type { GroupKind, ValueSink } from '../payload/decoder.ts'

/** Characters of a value that are kept; a longer one is not shown. */
const MOST_CHARACTERS = 2000
/** Levels of a metric in a payload: the payload, its list of metrics, the metric. */
const METRIC_LEVEL = 3

/** Receives a metric: its name, undefined where no birth told it, and its value as JSON; undefined where it was too long. */
export type OnMetric = (name: string | undefined, value: string | undefined) => void

export class MetricValues implements ValueSink {
  private readonly raw: Uint8Array
  private readonly onMetric: OnMetric
  private readonly kinds: GroupKind[] = []
  /** The key of the payload, and that of the metric, that the next value has. */
  private readonly keys: string[] = []
  private name: string | undefined = undefined
  private value: string | undefined = undefined
  private isFirst = true

  constructor(raw: Uint8Array, onMetric: OnMetric) {
    this.raw = raw
    this.onMetric = onMetric
  }

  open(kind: GroupKind): void {
    this.kinds.push(kind)
    if (this.isMetric && this.kinds.length === METRIC_LEVEL) this.name = this.value = undefined
    else if (this.isInValue) {
      this.separate()
      this.add(kind === 'map' ? '{' : '[')
    }
    this.isFirst = true
  }

  close(): void {
    if (this.isMetric && this.kinds.length === METRIC_LEVEL && this.value !== undefined) {
      this.onMetric(this.name, this.value.length > MOST_CHARACTERS ? undefined : this.value)
    } else if (this.isInValue) this.add(this.kinds.at(-1) === 'map' ? '}' : ']')
    this.kinds.pop()
    this.isFirst = false
  }

  key(start: number, end: number, text: string | undefined): void {
    const level = this.kinds.length
    if (level === 1 || level === METRIC_LEVEL) this.keys[level] = text ?? ''
    if (level === METRIC_LEVEL) this.isFirst = true
    if (level <= METRIC_LEVEL || !this.isInValue) return
    this.separate()
    this.add(`${json(text ?? base64(this.raw, start, end))}:`)
    this.isFirst = true
  }

  number(text: string): void {
    this.put(/^-?\d/.test(text) ? text : `{"$number":"${text}"}`)
  }

  literal(text: string): void {
    this.put(text)
  }

  text(_start: number, _end: number, value: string): void {
    if (this.isMetric && this.kinds.length === METRIC_LEVEL && this.keys[METRIC_LEVEL] === 'name') this.name = value
    else this.put(json(value))
  }

  bytes(start: number, end: number): void {
    this.put(`{"$base64":"${base64(this.raw, start, end)}"}`)
  }

  mark(name: string, value: string): void {
    this.put(json({ [`$${name}`]: value }))
  }

  fault(): void {}

  private get isMetric(): boolean {
    return this.kinds.length >= METRIC_LEVEL && this.keys[1] === 'metrics'
  }

  private get isInValue(): boolean {
    return this.isMetric && this.keys[METRIC_LEVEL] === 'value'
  }

  private put(text: string): void {
    if (!this.isInValue) return
    this.separate()
    this.add(text)
  }

  private separate(): void {
    if (this.kinds.length > METRIC_LEVEL && !this.isFirst) this.add(',')
    this.isFirst = false
  }

  private add(text: string): void {
    const before = this.value ?? ''
    if (before.length <= MOST_CHARACTERS) this.value = before + text
  }
}
