/** The values of one packet under the names of an expression: read when first asked for, by one walk for all of them. */
import { type Field, type FieldSink, fieldCount } from '../base/field.ts'
import { walkFrame } from '../net/walk.ts'
import type { Path } from '../payload/path.ts'
import { type FoundPayload, type PayloadReader, payloadOf } from '../store/payloads.ts'
import { PacketRecord, type Side, type Stream } from '../store/record.ts'
import { walkHeaders } from '../transport/walk.ts'
import type { Name } from './names.ts'
import { type Moment, type Take, textBytes, type Value } from './sources.ts'

/** Gaps remembered of a side between two packets; a capture may hold any number of them. */
const MOST_GAPS = 1000

const NOT_KNOWN: Moment = { seconds: Number.NaN, nanos: 0 }
const NONE: readonly Value[] = []

interface Listener {
  readonly values: Value[]
  readonly take: Take
}

export class Gather implements FieldSink {
  record = new PacketRecord()
  /** Relative times count from it. */
  first: Moment = NOT_KNOWN
  private readonly lists = new Map<Name, Value[]>()
  /** By field id. */
  private readonly listeners: (Listener[] | undefined)[] = new Array(fieldCount()).fill(undefined)
  private readonly ofPacket: Value[][] = []
  private readonly ofFrame: Value[][] = []
  private readonly ofUnit: Value[][] = []
  private readonly wantsGaps: boolean
  private readonly waiting = new WeakMap<Stream, readonly [number[], number[]]>()
  private gaps: readonly number[] = NONE as readonly number[]
  private bytes: Uint8Array = new Uint8Array(0)
  private walkedPacket = false
  private walkedFrame = false
  private walkedUnits = false

  private readonly payloads: PayloadReader
  private payload: FoundPayload | null | undefined = null

  constructor(names: Iterable<Name>, payloads: PayloadReader) {
    this.payloads = payloads
    let wantsGaps = false
    for (const name of names) {
      if ('gaps' in name.source) wantsGaps = true
      if ('walk' in name.source && !this.lists.has(name)) this.listen(name)
    }
    this.wantsGaps = wantsGaps
  }

  /** The packet that is asked about from now on. */
  turnTo(record: PacketRecord): void {
    this.record = record
    this.walkedPacket = false
    this.walkedFrame = false
    this.walkedUnits = false
    this.payload = null
    if (this.wantsGaps) this.gaps = this.takeGaps(record)
  }

  /** `size` bytes (0: nobody knows how many) are missing before the next packet of the side. */
  gap(stream: Stream, side: Side, size: number): void {
    if (!this.wantsGaps) return
    const sizes = this.waiting.get(stream) ?? ([[], []] as const)
    if (sizes[side].length < MOST_GAPS) sizes[side].push(size)
    this.waiting.set(stream, sizes)
  }

  /** Valid until the next packet. */
  values(name: Name): readonly Value[] {
    const { source } = name
    if ('read' in source) return source.read(this.record, this.first)
    if ('ofSide' in source) return source.ofSide(this.record.stream.flow, this.record.side)
    if ('gaps' in source) return this.gaps
    if ('payload' in source) return this.ofPayload(source.payload)
    if ('decoding' in source) return this.ofDecoding(source.decoding)
    if (source.walk === 'packet') this.walkPacket()
    else if (source.walk === 'frame') this.walkFrame()
    else this.walkUnits()
    const values = this.lists.get(name) ?? NONE
    return values.length === 0 && source.otherwise !== undefined ? source.otherwise(this.record) : values
  }

  /** The payload is looked for once a packet; null: not yet. */
  private found(): FoundPayload | undefined {
    if (this.payload === null) this.payload = payloadOf(this.record)
    return this.payload
  }

  private ofPayload(path: Path): readonly Value[] {
    const payload = this.found()
    return payload === undefined ? NONE : this.payloads.values(payload, path)
  }

  private ofDecoding(what: 'as' | 'error'): readonly Value[] {
    const payload = this.found()
    const text = payload === undefined ? undefined : this.payloads.describe(payload)[what]
    return text === undefined ? NONE : [textBytes(text)]
  }

  field(field: Field, start: number, end: number, value: number): void {
    const listeners = this.listeners[field.id]
    if (listeners === undefined) return
    for (const { values, take } of listeners) {
      const taken = take(this.bytes, start, end, value, this.record)
      if (taken !== undefined) values.push(taken)
    }
  }

  /** Groups are there or not; a byte of flags announces its value as well, and counts once. */
  open(field: Field, start: number): void {
    if (field.kind === 'group') this.field(field, start, start, 1)
  }

  close(): void {}

  fault(): void {}

  private listen(name: Name): void {
    const values: Value[] = []
    this.lists.set(name, values)
    if (!('walk' in name.source)) return
    const { fields, walk: layer } = name.source
    ;({ packet: this.ofPacket, frame: this.ofFrame, unit: this.ofUnit })[layer].push(values)
    for (const [{ id }, take] of fields) {
      const listeners = this.listeners[id] ?? []
      listeners.push({ values, take })
      this.listeners[id] = listeners
    }
  }

  private walkPacket(): void {
    if (this.walkedPacket) return
    this.walkedPacket = true
    for (const values of this.ofPacket) values.length = 0
    this.bytes = this.record.raw.bytes
    this.record.walk(this)
  }

  private walkFrame(): void {
    if (this.walkedFrame) return
    this.walkedFrame = true
    for (const values of this.ofFrame) values.length = 0
    const { frame } = this.record.raw
    this.bytes = frame.bytes
    walkFrame(frame, this)
  }

  private readonly turnToBytes = (bytes: Uint8Array): void => {
    this.bytes = bytes
  }

  private walkUnits(): void {
    if (this.walkedUnits) return
    this.walkedUnits = true
    for (const values of this.ofUnit) values.length = 0
    const { units } = this.record
    if (units === undefined) return
    walkHeaders(units, this.turnToBytes, this)
  }

  /** Those before the packet, then those in it. */
  private takeGaps({ stream, side, raw }: PacketRecord): readonly number[] {
    const before = this.waiting.get(stream)?.[side] ?? []
    const within = raw.holes.filter((_, at) => at % 2 === 1)
    const all = [...before, ...within]
    before.length = 0
    return all
  }
}
