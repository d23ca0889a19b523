/** `-T fields`: the chosen columns, one row a control packet, in the formats and with the options of tshark 4.0. */
import type { Frame } from '../base/line.ts'
import type { Exporter, PacketRecord, Side, Stream, Write } from '../store/record.ts'
import { type RowOptions, Rows } from './rows.ts'

export interface FieldsOptions extends RowOptions {
  /** A first row with the names. */
  readonly header?: boolean
  readonly separator?: string
  /** Around each value; '' for none. Quotes within a value are left as they are, as in tshark: `csv` is the format that has rules for them. */
  readonly quote?: string
  /** A byte order mark before everything. */
  readonly bom?: boolean
}

export class FieldsExporter implements Exporter {
  private readonly rows: Rows
  private readonly separator: string
  private readonly quote: string
  private readonly write: Write

  constructor(options: FieldsOptions, write: Write) {
    this.rows = new Rows(options)
    this.separator = options.separator ?? '\t'
    this.quote = options.quote ?? ''
    this.write = write
    if (options.bom === true) write('\ufeff')
    if (options.header === true) write(`${options.columns.map(({ name }) => name).join(this.separator)}\n`)
  }

  /** What the stream ended in the middle of is no row, as in tshark; `-T ndjson` has it. */
  packet(record: PacketRecord): void {
    if (record.raw.incomplete) return
    this.rows.gather(record)
    let row = ''
    let isFirst = true
    for (const { text } of this.rows.cells) {
      if (isFirst) isFirst = false
      else row += this.separator
      row += this.quote === '' || text === '' ? text : this.quote + text + this.quote
    }
    this.write(`${row}\n`)
  }

  /** Relative times count from this frame. */
  begin(first: Frame): void {
    this.rows.begin(first)
  }

  gap(stream: Stream, side: Side, size: number): void {
    this.rows.gap(stream, side, size)
  }

  skipped(): void {}
  damage(): void {}
  finish(): void {}
}
