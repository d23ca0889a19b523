/** Gathers the values of a packet's columns: one listener on the walk, which writes each wanted value as it is announced. */
import { type Field, type FieldSink, fieldCount } from '../field.ts'
import { MSG } from '../mqtt/fields.ts'
import { walk } from '../mqtt/walk.ts'
import type { PacketRecord } from '../store/record.ts'
import type { Column, Source } from './columns.ts'
import type { FormatOptions } from './values.ts'

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
}

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
  private readonly walked: readonly Cell[]
  private readonly recorded: readonly Cell[]
  /** By field id. */
  private readonly listeners: (Listener[] | undefined)[] = new Array(fieldCount()).fill(undefined)
  private readonly occurrence: Occurrence
  private readonly aggregator: string
  private readonly format: FormatOptions
  private bytes: Uint8Array = new Uint8Array(0)
  /** Where the packet ends on the wire. */
  private wireEnd = 0

  constructor(options: RowOptions) {
    this.format = { redact: options.redact ?? false, noBytes: options.noBytes ?? '<MISSING>' }
    this.occurrence = options.occurrence ?? 'a'
    this.aggregator = options.aggregator ?? ','
    this.all = options.columns.map(column => new Cell(column))
    this.cells = this.all
    this.walked = this.all.filter(({ column }) => column.sources !== undefined)
    this.recorded = this.all.filter(({ column }) => column.value !== undefined || column.values !== undefined)
    for (const cell of this.walked) this.listen(cell)
  }

  /** Fills the cells with the values of the packet. */
  gather(record: PacketRecord): void {
    for (const cell of this.all) {
      cell.text = ''
      cell.count = 0
    }
    if (this.walked.length > 0) {
      const { raw } = record
      this.bytes = raw.bytes
      this.wireEnd = raw.end
      walk(raw.bytes, raw.start, raw.readable, record.version, this)
    }
    for (const cell of this.recorded) if (cell.count === 0) this.read(cell, record)
  }

  field(field: Field, start: number, end: number, value: number): void {
    const listeners = this.listeners[field.id]
    if (listeners === undefined) return
    // What is told of a secret is its length on the wire, not how much of it was captured.
    const stop = this.format.redact && field === MSG ? this.wireEnd : end
    for (const { cell, format } of listeners) {
      const text = format(this.bytes, start, stop, value)
      if (text !== undefined) this.add(cell, text)
    }
  }

  /** Groups have no value; tshark prints 1 for each. A byte of flags announces its value as well, and counts once. */
  open(field: Field, start: number): void {
    if (field.kind === 'group') this.field(field, start, start, 0)
  }

  close(): void {}

  fault(): void {}

  private listen(cell: Cell): void {
    for (const { field, format } of cell.column.sources?.(this.format) ?? []) {
      const listeners = this.listeners[field.id] ?? []
      listeners.push({ cell, format })
      this.listeners[field.id] = listeners
    }
  }

  private read(cell: Cell, record: PacketRecord): void {
    const { value, values } = cell.column
    if (value !== undefined) cell.text = value(record)
    else for (const text of values?.(record) ?? []) this.add(cell, text)
  }

  private add(cell: Cell, text: string): void {
    if (cell.count++ === 0 || this.occurrence === 'l') cell.text = text
    else if (this.occurrence === 'a') cell.text += this.aggregator + text
  }
}
