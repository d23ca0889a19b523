/** The packets of one stream and the holes between them, as one list. It reads no bytes. */

import type { Side, Stream } from '../store/record.ts'
import type { Row } from '../store/store.ts'
import type { Document } from './document.ts'
import type { Hole } from './holes.ts'

export const DIRECTIONS = ['both', 'client', 'broker'] as const
export type Direction = (typeof DIRECTIONS)[number]

export class StreamList {
  /** Index in the store's connections. */
  readonly id: number
  readonly direction: Direction
  /** Of the whole connection, whatever the direction: packets of the client and of the broker, as far as they are kept. */
  sent = 0
  got = 0
  private readonly document: Document
  /** Of the packets. */
  private numbers: number[] = []
  private holes: readonly Hole[] = []
  /** Where in the list each hole stands. */
  private places: readonly number[] = []
  /** Number of the last packet looked at. */
  private seen = 0
  private base = 0
  private heard = -1

  constructor(document: Document, id: number, direction: Direction) {
    this.document = document
    this.id = id
    this.direction = direction
  }

  get stream(): Stream | undefined {
    return this.document.store.streams[this.id]
  }

  /** Where nothing tells who is the client, it is the one who spoke first. */
  get clientSide(): Side {
    return this.stream?.client === 1 ? 1 : 0
  }

  /** Packets and holes. */
  get length(): number {
    return this.numbers.length + this.holes.length
  }

  /** Of the direction. */
  get packets(): readonly number[] {
    return this.numbers
  }

  /** Bytes of the direction that the capture does not have, as far as it is known how many. */
  get missing(): number {
    return this.holes.reduce((sum, { size }) => sum + size, 0)
  }

  /** Looks at the rows that have come since, up to `until`. */
  catchUp(until: Row): void {
    const { store, holes } = this.document
    if (store.base > this.base) this.restart(store.base)
    const end = Math.min(store.rows, until)
    for (let row = Math.max(0, this.seen - store.base); row < end; row++) {
      if (store.streamId(row) === this.id) this.add(row)
    }
    this.seen = Math.max(this.seen, store.base + end)
    if (this.heard !== holes.count) this.place()
  }

  /** Row of the packet at a place of the list; -1 for a hole, and beyond its ends. */
  row(place: number): Row {
    if (place >= this.length || this.hole(place) !== undefined) return -1
    return this.document.store.rowOf(this.number(place))
  }

  hole(place: number): Hole | undefined {
    const nth = lowerBound(this.places, place)
    return this.places[nth] === place ? this.holes[nth] : undefined
  }

  /** Number of the packet at a place, or of the next one behind a hole; the last one where there is none. */
  number(place: number): number {
    return this.numbers[place - lowerBound(this.places, place)] ?? this.numbers.at(-1) ?? 0
  }

  /** The row of the packet before that at a place; -1 for none. */
  rowBefore(place: number): Row {
    return this.document.store.rowOf(this.numbers[place - lowerBound(this.places, place) - 1] ?? 0)
  }

  /** Where a packet stands, or the first one behind it. */
  placeOf(number: number): number {
    const nth = lowerBound(this.numbers, number)
    return nth + this.holes.filter((_, at) => (this.places[at] ?? 0) - at <= nth).length
  }

  private add(row: Row): void {
    const { store } = this.document
    const isClient = store.side(row) === this.clientSide
    if (isClient) this.sent++
    else this.got++
    if (this.fits(isClient)) this.numbers.push(store.number(row))
  }

  private fits(isClient: boolean): boolean {
    return this.direction === 'both' || (this.direction === 'client') === isClient
  }

  /** The oldest packets went: all that are left are counted anew. */
  private restart(base: number): void {
    this.base = base
    this.seen = base
    this.numbers = []
    this.sent = 0
    this.got = 0
    this.heard = -1
  }

  /** A hole stays where it is: packets that come later stand behind it. */
  private place(): void {
    const { stream, document } = this
    this.heard = document.holes.count
    if (stream === undefined) return
    this.holes = document.holes.of(stream).filter(({ side }) => this.fits(side === this.clientSide))
    this.places = this.holes.map(({ before }, at) => lowerBound(this.numbers, before) + at)
  }
}

/** Index of the first number that is not less; the length where there is none. */
function lowerBound(numbers: readonly number[], least: number): number {
  let low = 0
  let high = numbers.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((numbers[middle] ?? 0) < least) low = middle + 1
    else high = middle
  }
  return low
}
