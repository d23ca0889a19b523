/** `-T csv`: the columns of `-T fields` for spreadsheets, quoted as RFC 4180 §2 says. */
import type { Frame } from '../base/line.ts'
import type { Exporter, PacketRecord, Side, Stream, Write } from '../store/record.ts'
import { type RowOptions, Rows } from './rows.ts'

export interface CsvOptions extends RowOptions {
  /** A first row with the names; on unless said otherwise. */
  readonly header?: boolean
  readonly separator?: string
  readonly bom?: boolean
}

/** A spreadsheet takes a cell that begins with one of these for a formula and runs it. */
const FORMULA = /^[=+\-@\t\r]/

export class CsvExporter implements Exporter {
  private readonly rows: Rows
  private readonly separator: string
  private readonly write: Write
  private readonly needsQuotes: RegExp

  constructor(options: CsvOptions, write: Write) {
    this.rows = new Rows({ noBytes: '', ...options })
    this.separator = options.separator ?? ','
    this.write = write
    this.needsQuotes = new RegExp(`["\\r\\n${this.separator.replace(/[\\\]^-]/g, '\\$&')}]`)
    if (options.bom === true) write('\ufeff')
    if (options.header !== false) write(`${options.columns.map(({ name }) => this.cell(name)).join(this.separator)}\n`)
  }

  /** As with `-T fields`, a packet that never became whole is no row. */
  packet(record: PacketRecord): void {
    if (record.raw.incomplete) return
    this.rows.gather(record)
    let row = ''
    let isFirst = true
    for (const { text } of this.rows.cells) {
      if (isFirst) isFirst = false
      else row += this.separator
      row += text === '' ? text : this.cell(text)
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

  private cell(text: string): string {
    const safe = FORMULA.test(text) ? `'${text}` : text
    return this.needsQuotes.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
  }
}
