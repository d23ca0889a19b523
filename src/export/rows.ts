/** Gathers the values of a packet's columns: one listener on the walk, which writes each wanted value as it is announced. */
import { type Field, type FieldSink, fieldCount } from '../base/field.ts'
import { MSG } from '../mqtt/fields.ts'
import { walkFrame } from '../net/walk.ts'
import { PacketRecord, type Side, type Stream } from '../store/record.ts'
import type { FormatOptions } from '../text/row-values.ts'
import { walkHeaders } from '../transport/walk.ts'
import type { Column, Instant, Source } from './column.ts'

/** Which values of a field that stands several times in a packet: the first, the last, all. */
export type Occurrence = 'f' | 'l' | 'a'

export interface RowOptions {
  readonly columns: readonly Column[]
  /** User names, passwords and payloads are shown by their length alone. */
  readonly redact?: boolean
  readonly occurrence?: Occurrence
  /** Stands between the values of one column. */
  readonly aggregator?: string
  /** What stands for an empty payload: tshark's word for a value that is there and has nothing to print. */
  readonly noBytes?: string
  readonly payloads?: FormatOptions['payloads']
}

const NOT_KNOWN: Instant = { seconds: Number.NaN, nanos: 0 }

/** Values of one column written of one packet: a packet of 16 MiB can hold millions. Later ones are left out. */
const MOST_VALUES = 100_000

class Cell {
  text = ''
  count = 0
  readonly column: Column

  constructor(column: Column) {
    this.column = column
  }
}

interface Listener {
  readonly cell: Cell
  readonly format: Source['format']
}

export class Rows implements FieldSink {
  readonly cells: readonly { readonly text: string }[]
  private readonly all: readonly Cell[]
  private readonly walksPacket: boolean
  private readonly walksFrame: boolean
  private readonly walksUnits: boolean
  private readonly recorded: readonly Cell[]
  /** By field id. */
  private readonly listeners: (Listener[] | undefined)[] = new Array(fieldCount()).fill(undefined)
  private readonly occurrence: Occurrence
  private readonly aggregator: string
  private readonly format: FormatOptions
  private bytes: Uint8Array = new Uint8Array(0)
  /** Bytes missing from a side of a connection since its last packet. */
  private readonly gaps = new WeakMap<Stream, [number[], number[]]>()
  private readonly wantsGaps: boolean
  private record = new PacketRecord()
  private first: Instant | undefined

  constructor(options: RowOptions) {
    this.format = {
      redact: options.redact ?? false,
      noBytes: options.noBytes ?? '<MISSING>',
      payloads: options.payloads ?? 'both',
    }
    this.occurrence = options.occurrence ?? 'a'
    this.aggregator = options.aggregator ?? ','
    this.all = options.columns.map(column => new Cell(column))
    this.cells = this.all
    this.recorded = this.all.filter(({ column }) => column.value !== undefined || column.values !== undefined)
    this.walksPacket = options.columns.some(({ sources }) => sources !== undefined)
    this.walksUnits = options.columns.some(({ unitSources }) => unitSources !== undefined)
    this.walksFrame = options.columns.some(({ frameSources }) => frameSources !== undefined)
    this.wantsGaps = options.columns.some(({ gaps }) => gaps === true)
    for (const cell of this.all) this.listen(cell)
  }

  /** Relative times count from this frame; the first call holds. */
  begin(first: Instant): void {
    if (!Number.isNaN(first.seconds)) this.first ??= { seconds: first.seconds, nanos: first.nanos }
  }

  /** `size` bytes (0: nobody knows how many) are missing before the next packet of the side. */
  gap(stream: Stream, side: Side, size: number): void {
    if (!this.wantsGaps) return
    const sizes = this.gaps.get(stream) ?? [[], []]
    sizes[side].push(size)
    this.gaps.set(stream, sizes)
  }

  /** Fills the cells with the values of the packet. */
  gather(record: PacketRecord): void {
    for (const cell of this.all) {
      cell.text = ''
      cell.count = 0
    }
    this.record = record
    this.begin(record.stream.flow)
    if (this.walksPacket) {
      this.bytes = record.raw.bytes
      record.walk(this)
    }
    if (this.walksFrame) {
      this.bytes = record.raw.frame.bytes
      walkFrame(record.raw.frame, this)
    }
    if (this.walksUnits && record.units !== undefined) walkHeaders(record.units, this.turnTo, this)
    for (const cell of this.recorded) if (cell.count === 0) this.read(cell, record)
    if (this.wantsGaps) this.reportGaps(record)
  }

  field(field: Field, start: number, end: number, value: number): void {
    const listeners = this.listeners[field.id]
    if (listeners === undefined) return
    // A payload that is not in the capture as a whole has no value in a column, as in tshark; NDJSON has what there is.
    if (field === MSG && this.record.raw.readable < this.record.raw.end && !this.format.redact) return
    // What is told of a secret is its length on the wire, not how much of it was captured.
    const stop = this.format.redact && field === MSG ? this.record.raw.end : end
    for (const { cell, format } of listeners) {
      const text = format(this.bytes, start, stop, value, this.record)
      if (text !== undefined) this.add(cell, text)
    }
  }

  /** Groups have no value; tshark prints 1 for each. A byte of flags announces its value as well, and counts once. */
  open(field: Field, start: number): void {
    if (field.kind === 'group') this.field(field, start, start, 0)
  }

  close(): void {}

  fault(): void {}

  private readonly turnTo = (bytes: Uint8Array): void => {
    this.bytes = bytes
  }

  private listen(cell: Cell): void {
    const { sources, frameSources, unitSources } = cell.column
    const all = [sources, frameSources, unitSources].flatMap(make => make?.(this.format) ?? [])
    for (const { field, format } of all) {
      const listeners = this.listeners[field.id] ?? []
      listeners.push({ cell, format })
      this.listeners[field.id] = listeners
    }
  }

  /** Those before the packet, then those in it. */
  private reportGaps({ stream, side, raw }: PacketRecord): void {
    const before = this.gaps.get(stream)?.[side] ?? []
    const within = raw.holes.filter((_, at) => at % 2 === 1)
    for (const cell of this.all.filter(({ column }) => column.gaps === true)) {
      for (const size of [...before, ...within]) this.add(cell, `${size}`)
    }
    before.length = 0
  }

  private read(cell: Cell, record: PacketRecord): void {
    const { value, values, isSecret = false } = cell.column
    if (value !== undefined) {
      const text = value(record, this.first ?? NOT_KNOWN)
      cell.text = isSecret && this.format.redact && text !== '' ? `<${text.length} bytes>` : text
    }
    for (const text of values?.(record) ?? [])
      this.add(cell, isSecret && this.format.redact ? `<${text.length} bytes>` : text)
  }

  private add(cell: Cell, text: string): void {
    if (cell.count++ === 0 || this.occurrence === 'l') cell.text = text
    else if (this.occurrence === 'a' && cell.count <= MOST_VALUES) cell.text += this.aggregator + text
  }
}
