/** The units that the packets of a store came out of, in columns that grow only where packets are wrapped. */
import { bytesColumn, type Column, countsColumn, doublesColumn } from '../base/column.ts'
import { LAYERS, LastUnits, type LayerName, Unit } from '../transport/unit.ts'

/** Bytes of a header, rounded up to whole numbers of 32 bits. */
const HEADER_WORDS = 4

/** One unit a row. About 50 bytes, also for rows without one that come before a row with one. */
class UnitColumns {
  private readonly kind: LayerName
  private readonly positions = doublesColumn()
  private readonly sizes = doublesColumn()
  private readonly there = doublesColumn()
  private readonly frames = countsColumn()
  /** 0: the row has no unit. */
  private readonly headerSizes = bytesColumn()
  private readonly headers: readonly Column[] = Array.from({ length: HEADER_WORDS }, countsColumn)

  constructor(kind: LayerName) {
    this.kind = kind
  }

  set(row: number, unit: Unit): void {
    this.positions.set(row, unit.position)
    this.sizes.set(row, unit.size)
    this.there.set(row, unit.there)
    this.frames.set(row, unit.frame)
    this.headerSizes.set(row, unit.headerSize)
    for (const [at, column] of this.headers.entries()) column.set(row, word(unit.header, at * 4))
  }

  get(row: number): Unit | undefined {
    const headerSize = this.headerSizes.get(row) || 0
    if (headerSize === 0) return undefined
    const header = Uint8Array.from({ length: headerSize }, (_, at) =>
      byte(this.headers[at >> 2]?.get(row) ?? 0, at & 3),
    )
    const unit = new Unit(this.kind).take(header, headerSize, this.sizes.get(row), this.frames.get(row))
    return unit.place(this.positions.get(row), this.there.get(row))
  }

  shift(count: number): void {
    for (const column of [this.positions, this.sizes, this.there, this.frames, this.headerSizes, ...this.headers])
      column.shift(count)
  }
}

/** Four bytes as a number; those behind the end count as 0. */
const word = (bytes: Uint8Array, at: number): number =>
  (((bytes[at] ?? 0) << 24) | ((bytes[at + 1] ?? 0) << 16) | ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0)) >>> 0
const byte = (word: number, at: number): number => (word >>> (24 - 8 * at)) & 255

export class RowUnits {
  private readonly columns: Readonly<Record<LayerName, UnitColumns>> = {
    tls: new UnitColumns('tls'),
    websocket: new UnitColumns('websocket'),
  }
  /** True once a row has a unit. */
  private isUsed = false

  append(row: number, units: LastUnits): void {
    this.isUsed = true
    for (const layer of LAYERS) {
      const unit = units[layer]
      if (unit !== undefined) this.columns[layer].set(row, unit)
    }
  }

  get(row: number): LastUnits | undefined {
    if (!this.isUsed) return undefined
    const units = new LastUnits()
    for (const layer of LAYERS) units[layer] = this.columns[layer].get(row)
    return units
  }

  /** The first `count` rows go, the others move up. */
  forget(count: number): void {
    for (const layer of LAYERS) this.columns[layer].shift(count)
  }
}
