/**
 * The packets of a capture as rows: a row is a number, a column a typed array. About 60 bytes a packet, no object;
 * everything else is read again from the capture's bytes when a row is looked at.
 */

import { bytesColumn, countsColumn, doublesColumn, PAGE_ROWS, wordsColumn } from '../base/column.ts'
import { Frame, NOWHERE } from '../base/line.ts'
import { Steps } from '../base/steps.ts'
import { OVERFLOW, Strings } from '../base/strings.ts'
import { DerivedLog, withDerived } from '../capture/derived.ts'
import { Slot } from '../mqtt/fields.ts'
import type { RawPacket } from '../mqtt/raw.ts'
import { qosOf, type Version } from '../mqtt/spec.ts'
import { PacketRecord, type Side } from './record.ts'
import type { Stream } from './stream.ts'
import { RowUnits } from './units.ts'

/** A packet's index in the store, from 0. */
export type Row = number

/** 16 million packets are a gigabyte of columns; rows beyond it are counted and not kept. */
export const MOST_ROWS = 16_000_000

/** Bytes of a capture by position, as `capture/log.ts` gives them. */
export interface Bytes {
  read(position: number, length: number): Uint8Array
}

/** A moment of the capture's clock: Unix seconds and nanoseconds. */
export interface Moment {
  readonly seconds: number
  readonly nanos: number
}

const NO_TOPIC = OVERFLOW - 1

/** How 16 bits hold a link type of -1. */
const UNKNOWN_LINK = 0xffff

const Flag = { side: 1, incomplete: 2, badLength: 4, malformed: 8, aliased: 16, aliasUnknown: 32, empty: 64 } as const

/** What few packets have: pieces in several frames, holes, an end that is missing. The offsets count from the packet's start. */
interface Extra {
  readonly pieces: readonly number[]
  readonly holes: readonly number[]
  readonly readable: number
  readonly kept: number
}

export class Store {
  rows: Row = 0
  /** Packets forgotten: their numbers come before that of row 0. */
  base = 0
  /** Packets that found no row. */
  refused = 0
  readonly topics = new Strings()
  /** By id. Those whose packets are all forgotten are undefined; what comes of one after all has a new id. */
  readonly streams: (Stream | undefined)[] = []
  /** Where the bytes of packets are kept that no capture holds. */
  readonly derived: DerivedLog
  private readonly most: number
  private first: Moment | undefined = undefined
  private steps = new Steps()
  private readonly streamIds = new Map<Stream, number>()
  private readonly extras = new Map<Row, Extra>()
  /** Where the next row stands in the last page of every column. */
  private end = PAGE_ROWS

  private readonly units = new RowUnits()

  private readonly seconds = doublesColumn()
  private readonly nanos = countsColumn()
  private readonly frames = countsColumn()
  private readonly framePositions = doublesColumn()
  private readonly frameSizes = countsColumn()
  private readonly wireSizes = countsColumn()
  private readonly links = wordsColumn()
  private readonly digits = bytesColumn()
  /** Of the bytes that were kept of the packet; NOWHERE where they are in several pieces, which `extras` has. */
  private readonly positions = doublesColumn()
  private readonly sizes = countsColumn()
  private readonly streamOf = countsColumn()
  private readonly firstBytes = bytesColumn()
  private readonly versions = bytesColumn()
  private readonly flags = bytesColumn()
  private readonly packetIds = wordsColumn()
  private readonly topicIds = countsColumn()
  private readonly reasons = bytesColumn()
  private readonly faults = bytesColumn()
  private readonly columns = [
    ...[this.seconds, this.nanos, this.frames, this.framePositions, this.frameSizes, this.wireSizes, this.links],
    ...[this.digits, this.positions, this.sizes, this.streamOf, this.firstBytes, this.versions, this.flags],
    ...[this.packetIds, this.topicIds, this.reasons, this.faults],
  ]

  constructor(most = MOST_ROWS, derived = new DerivedLog()) {
    this.most = most
    this.derived = derived
  }

  /** Keeps the packet; the row, or -1 where there is no room. */
  append(record: PacketRecord): Row {
    if (this.rows >= this.most) {
      this.refused++
      return -1
    }
    const row = this.rows++
    if (this.end === PAGE_ROWS) this.extend()
    const at = this.end++
    this.keepFrame(at, record.raw.frame)
    this.keepPacket(at, record)
    this.keepBytes(at, row, record.raw)
    if (record.units !== undefined) this.units.append(row, record.units)
    return row
  }

  frame(row: Row): number {
    return this.frames.get(row)
  }

  time(row: Row): number {
    return this.seconds.get(row) + this.nanos.get(row) / 1e9
  }

  /** Number of its packet. */
  number(row: Row): number {
    return this.base + row + 1
  }

  /** The row of a packet's number; -1 where it is not kept any more, or not yet. */
  rowOf(number: number): Row {
    const row = number - this.base - 1
    return row >= 0 && row < this.rows ? row : -1
  }

  /** Time of its frame, with the digits that the capture has. */
  stamp(row: Row): Frame {
    const frame = new Frame()
    frame.seconds = this.seconds.get(row)
    frame.nanos = this.nanos.get(row)
    frame.timeDigits = this.digits.get(row)
    return frame
  }

  /** Makes room: the oldest rows go, and all others move up by as many. */
  forget(count: number): void {
    const gone = Math.min(count, this.rows)
    for (const column of this.columns) column.shift(gone)
    this.units.forget(gone)
    for (const [row, extra] of [...this.extras]) {
      this.extras.delete(row)
      if (row >= gone) this.extras.set(row - gone, extra)
    }
    this.rows -= gone
    this.base += gone
    this.forgetConnections()
  }

  private forgetConnections(): void {
    const isThere = new Uint8Array(this.streams.length)
    for (let row = 0; row < this.rows; row++) isThere[this.streamOf.get(row)] = 1
    for (const [stream, id] of this.streamIds) {
      if (isThere[id] === 1) continue
      this.streamIds.delete(stream)
      this.streams[id] = undefined
    }
  }

  type(row: Row): number {
    return this.firstBytes.get(row) >> 4
  }

  qos(row: Row): number {
    return qosOf(this.firstBytes.get(row))
  }

  /** The first byte of the fixed header; 0 also where it was not captured. */
  firstByte(row: Row): number {
    return this.firstBytes.get(row)
  }

  /** The version it was read by. */
  version(row: Row): Version {
    return this.versions.get(row) as Version
  }

  /** Size of the whole packet on the wire. */
  size(row: Row): number {
    return this.sizes.get(row)
  }

  packetId(row: Row): number {
    return this.packetIds.get(row)
  }

  /** Id in `topics` of the topic (an alias resolved) or the first filter; OVERFLOW where it found no room, -1 for none. */
  topicId(row: Row): number {
    const id = this.topicIds.get(row)
    return id === NO_TOPIC ? -1 : id
  }

  reason(row: Row): number {
    return this.reasons.get(row)
  }

  /** Code of the first fault; 0 for none. */
  fault(row: Row): number {
    return this.faults.get(row)
  }

  /** Its payload has no bytes. */
  isEmpty(row: Row): boolean {
    return (this.flags.get(row) & Flag.empty) !== 0
  }

  /** True if the capture does not hold all bytes of the packet: some are missing inside it, behind its beginning, or were cut off. */
  isCut(row: Row): boolean {
    if ((this.flags.get(row) & Flag.incomplete) !== 0) return true
    return (this.extras.get(row)?.readable ?? Number.POSITIVE_INFINITY) < this.sizes.get(row)
  }

  /** No finding is made on its bytes. */
  isPlain(row: Row): boolean {
    return this.faults.get(row) === 0 && (this.flags.get(row) & (Flag.incomplete | Flag.aliasUnknown)) === 0
  }

  /** Nanoseconds from a moment to its frame; NaN where one of them has no time. Exact up to 104 days. */
  nanosSince(row: Row, from: Moment): number {
    return (this.seconds.get(row) - from.seconds) * 1e9 + (this.nanos.get(row) - from.nanos)
  }

  /** Seconds from one row to another; NaN where one of them has no time, or is -1. */
  secondsBetween(from: Row, to: Row): number {
    return from < 0 || to < 0 ? Number.NaN : this.nanosSince(to, this.stamp(from)) / 1e9
  }

  /** The clock of the capture, for `passedBetween`: its first frame, and its steps. */
  clock(first: Moment, steps: Steps): void {
    this.first = first
    this.steps = steps
  }

  /** Seconds that passed from one row to another: as `secondsBetween`, without the steps of the clock, and not below 0. */
  passedBetween(from: Row, to: Row): number {
    const { first, steps } = this
    if (from < 0 || to < 0 || first === undefined || steps.isEmpty) return Math.max(0, this.secondsBetween(from, to))
    const [start, end] = [this.nanosSince(from, first) / 1e9, this.nanosSince(to, first) / 1e9]
    return Math.max(0, steps.passed(end) - steps.passed(start))
  }

  /** Size of its frame on the wire. */
  wireSize(row: Row): number {
    return this.wireSizes.get(row)
  }

  /** Captured bytes of its frame. */
  frameSize(row: Row): number {
    return this.frameSizes.get(row)
  }

  side(row: Row): Side {
    return (this.flags.get(row) & Flag.side) === 0 ? 0 : 1
  }

  /** Index in `connections`. */
  streamId(row: Row): number {
    return this.streamOf.get(row)
  }

  /** Id of a stream that has rows; -1 for others. */
  idOfStream(stream: Stream): number {
    return this.streamIds.get(stream) ?? -1
  }

  stream(row: Row): Stream {
    const stream = this.streams[this.streamOf.get(row)]
    if (stream === undefined) throw new RangeError(`no row ${row}`)
    return stream
  }

  /** The whole record of a row, read again from the capture: for exports and details. Bytes are its own. */
  load(row: Row, log: Bytes): PacketRecord {
    const flags = this.flags.get(row)
    const record = new PacketRecord()
    record.fill(this.stream(row), this.side(row), this.loadRaw(row, flags, log), this.version(row))
    record.number = this.number(row)
    record.units = this.units.get(row)
    // Bytes that cannot be read again are of the type that they were.
    record.type = this.type(row)
    if ((flags & Flag.aliased) !== 0) record.aliasTopic = this.topics.text(this.topicIds.get(row))
    record.aliasUnknown = (flags & Flag.aliasUnknown) !== 0
    return record
  }

  private extend(): void {
    for (const column of this.columns) column.extend()
    this.end = 0
  }

  private keepFrame(at: number, frame: Frame): void {
    this.seconds.tail[at] = frame.seconds
    this.nanos.tail[at] = frame.nanos
    this.frames.tail[at] = frame.number
    this.framePositions.tail[at] = frame.position
    this.frameSizes.tail[at] = frame.end - frame.start
    this.wireSizes.tail[at] = frame.wireSize
    this.links.tail[at] = frame.link
    this.digits.tail[at] = frame.timeDigits
  }

  private keepPacket(at: number, record: PacketRecord): void {
    const { packet, raw } = record
    this.firstBytes.tail[at] = packet.has(Slot.flags) ? packet.value(Slot.flags) : 0
    this.versions.tail[at] = record.version
    this.packetIds.tail[at] = packet.has(Slot.packetId) ? packet.value(Slot.packetId) : 0
    this.reasons.tail[at] = packet.has(Slot.reason) ? packet.value(Slot.reason) : 0
    this.faults.tail[at] = packet.firstFault
    this.topicIds.tail[at] = this.internTopic(record)
    this.streamOf.tail[at] = this.idOf(record.stream)
    this.flags.tail[at] =
      record.side |
      (raw.incomplete ? Flag.incomplete : 0) |
      (raw.badLength ? Flag.badLength : 0) |
      (packet.malformed ? Flag.malformed : 0) |
      (record.aliasTopic === undefined ? 0 : Flag.aliased) |
      (record.aliasUnknown ? Flag.aliasUnknown : 0) |
      (packet.has(Slot.payload) && packet.start(Slot.payload) === packet.end(Slot.payload) ? Flag.empty : 0)
  }

  private internTopic(record: PacketRecord): number {
    const { packet, raw, aliasTopic } = record
    if (packet.has(Slot.topic)) return this.topics.intern(raw.bytes, packet.start(Slot.topic), packet.end(Slot.topic))
    if (aliasTopic === undefined) return NO_TOPIC
    const bytes = encoder.encode(aliasTopic)
    return this.topics.intern(bytes, 0, bytes.length)
  }

  private idOf(stream: Stream): number {
    const known = this.streamIds.get(stream)
    if (known !== undefined) return known
    this.streamIds.set(stream, this.streams.length)
    return this.streams.push(stream) - 1
  }

  /** Keeps no byte of what can be read again, and no object of what stands there in one piece. */
  private keepBytes(at: number, row: Row, raw: RawPacket): void {
    const { pieces } = raw
    this.sizes.tail[at] = raw.end - raw.start
    this.positions.tail[at] = this.positionOf(raw)
    if (pieces.length === 2 && raw.readable === raw.end) return
    this.extras.set(row, {
      pieces: [...pieces],
      holes: [...raw.holes],
      readable: raw.readable - raw.start,
      kept: raw.kept - raw.start,
    })
  }

  private positionOf(raw: RawPacket): number {
    if (!isReadable(raw)) return this.derived.append(raw.bytes, raw.start, raw.kept)
    return raw.pieces.length === 2 ? (raw.pieces[0] ?? NOWHERE) : NOWHERE
  }

  private loadRaw(row: Row, flags: number, log: Bytes): RawPacket {
    const size = this.sizes.get(row)
    const extra = this.extras.get(row)
    const position = this.positions.get(row)
    const all = withDerived(log, this.derived)
    const isScattered = extra !== undefined && position === NOWHERE
    const bytes = isScattered ? gather(extra, all) : all.read(position, extra?.kept ?? size).slice()
    return {
      bytes,
      start: 0,
      end: size,
      readable: Math.min(extra?.readable ?? size, bytes.length),
      kept: Math.min(extra?.kept ?? size, bytes.length),
      holes: extra?.holes ?? [],
      pieces: extra?.pieces ?? [position, size],
      frame: this.loadFrame(row, log),
      began: Number.NaN,
      incomplete: (flags & Flag.incomplete) !== 0,
      badLength: (flags & Flag.badLength) !== 0,
    }
  }

  private loadFrame(row: Row, log: Bytes): Frame {
    const frame = new Frame()
    frame.number = this.frames.get(row)
    frame.seconds = this.seconds.get(row)
    frame.nanos = this.nanos.get(row)
    frame.timeDigits = this.digits.get(row)
    frame.link = this.links.get(row) === UNKNOWN_LINK ? -1 : this.links.get(row)
    frame.wireSize = this.wireSizes.get(row)
    frame.position = this.framePositions.get(row)
    frame.bytes = log.read(frame.position, this.frameSizes.get(row)).slice()
    frame.end = frame.bytes.length
    return frame
  }
}

const encoder = new TextEncoder()

/** Whether every byte that was kept stands in what can be read again. */
function isReadable({ pieces, start, kept }: RawPacket): boolean {
  let found = 0
  for (let at = 0; at < pieces.length; at += 2) {
    if ((pieces[at] ?? NOWHERE) !== NOWHERE) found += pieces[at + 1] ?? 0
  }
  return found >= kept - start
}

/** The kept bytes of a packet from its pieces, closed up over the holes. */
function gather(extra: Extra, log: Bytes): Uint8Array {
  const bytes = new Uint8Array(extra.kept)
  let filled = 0
  for (let at = 0; at < extra.pieces.length && filled < extra.kept; at += 2) {
    const position = extra.pieces[at] ?? NOWHERE
    if (position === NOWHERE) continue
    const piece = log.read(position, Math.min(extra.pieces[at + 1] ?? 0, extra.kept - filled))
    bytes.set(piece, filled)
    filled += piece.length
  }
  return bytes.subarray(0, filled)
}
