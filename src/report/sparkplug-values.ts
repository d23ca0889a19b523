/** The values of the metrics of a Sparkplug B payload as JSON, one by one. */
import { harmless } from '../export/json-text.ts'
import type { GroupKind, MarkName, ValueSink } from '../payload/decoder.ts'
import { JsonWriter } from '../payload/write.ts'

/** Characters of a value that are kept; a longer one is not shown. */
const MOST_CHARACTERS = 2000
/** Level of the members of a metric: the payload, its list of metrics, the metric. */
const METRIC = 3

/** Receives a metric: its name, undefined where no birth told it, and its value as JSON; undefined where it was too long. */
export type OnMetric = (name: string | undefined, value: string | undefined) => void

export class MetricValues implements ValueSink {
  private readonly raw: Uint8Array
  private readonly onMetric: OnMetric
  private level = 0
  /** The last key of the payload, and that of the metric. */
  private key1 = ''
  private key3 = ''
  private name: string | undefined = undefined
  /** Writes the value of the metric; undefined before it comes. */
  private value: JsonWriter | undefined = undefined

  constructor(raw: Uint8Array, onMetric: OnMetric) {
    this.raw = raw
    this.onMetric = onMetric
  }

  open(kind: GroupKind): void {
    this.level++
    if (this.level === METRIC) this.name = this.value = undefined
    else this.writer?.open(kind)
  }

  close(): void {
    if (this.level === METRIC) this.metric()
    else this.writer?.close()
    this.level--
  }

  key(start: number, end: number, text: string | undefined): void {
    if (this.level === 1) this.key1 = text ?? ''
    else if (this.level === METRIC) this.key3 = text ?? ''
    else this.writer?.key(start, end, text)
    if (this.level === METRIC && text === 'value') this.value = new JsonWriter(this.raw)
  }

  number(text: string): void {
    this.writer?.number(text)
  }

  literal(text: 'true' | 'false' | 'null'): void {
    this.writer?.literal(text)
  }

  text(start: number, end: number, value: string): void {
    if (this.level === METRIC && this.key3 === 'name') this.name = value
    else this.writer?.text(start, end, value)
  }

  bytes(start: number, end: number): void {
    this.writer?.bytes(start, end)
  }

  mark(name: MarkName, value: string, start: number, end: number): void {
    this.writer?.mark(name, value, start, end)
  }

  tag(number: string): void {
    this.writer?.tag(number)
  }

  fault(): void {}

  /** Writes what is announced now; undefined outside of the value of a metric. */
  private get writer(): JsonWriter | undefined {
    return this.level >= METRIC && this.key1 === 'metrics' && this.key3 === 'value' ? this.value : undefined
  }

  private metric(): void {
    if (this.key1 !== 'metrics' || this.value === undefined) return
    const json = harmless(this.value.json())
    this.onMetric(this.name, json.length > MOST_CHARACTERS ? undefined : json)
  }
}
