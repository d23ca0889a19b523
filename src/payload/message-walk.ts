/** Announces fields of a message by their numbers, with a key each; what was not sent is left out. */
import { Announcer } from './announcer.ts'
import type { ValueSink } from './decoder.ts'
import { Fields, uint32, uint64, unsignedText, WireType } from './wire.ts'

/** Announces the value in a range; false after a fault. */
export type Announce = (start: number, end: number) => boolean
/** Announces the members of a message, and closes its map. */
export type Inside = (from: number, to: number, fields: Fields) => boolean

export class MessageWalk {
  protected readonly bytes: Uint8Array
  protected readonly out: Announcer

  constructor(bytes: Uint8Array, sink: ValueSink) {
    this.bytes = bytes
    this.out = new Announcer(bytes, sink)
  }

  protected number(fields: Fields, number: number, key: string): boolean {
    return this.one(fields, number, WireType.varint, key, (from, to) =>
      this.out.number(unsignedText(this.bytes, from, to), from, to),
    )
  }

  protected flag(fields: Fields, number: number, key: string): boolean {
    return this.one(fields, number, WireType.varint, key, (from, to) =>
      this.out.literal(isTrue(this.bytes, from, to) ? 'true' : 'false', from, to),
    )
  }

  protected text(fields: Fields, number: number, key: string): boolean {
    return this.one(fields, number, WireType.bytes, key, (from, to) => this.out.text(from, to))
  }

  protected one(fields: Fields, number: number, type: number, key: string, announce: Announce): boolean {
    const entry = fields.last(number, type)
    if (entry < 0) return true
    this.out.key(key, fields.tags[entry] as number, fields.start(entry))
    return announce(fields.start(entry), fields.stop(entry))
  }

  protected list(fields: Fields, number: number, key: string, announce: Announce): boolean {
    const entries = fields.all(number, WireType.bytes)
    const [first] = entries
    const last = entries.at(-1)
    if (first === undefined || last === undefined) return true
    const start = fields.tags[first] as number
    this.out.key(key, start, start)
    if (!this.out.open('array', start)) return false
    for (const entry of entries) if (!announce(fields.start(entry), fields.stop(entry))) return false
    return this.out.close(fields.stop(last))
  }

  protected message(fields: Fields, number: number, key: string, announce: Inside): boolean {
    return this.one(fields, number, WireType.bytes, key, (from, to) => this.inside(from, to, announce))
  }

  /** A message as a map; `announce` closes it. */
  protected inside(from: number, to: number, announce: Inside): boolean {
    const fields = new Fields(this.bytes)
    return this.out.open('map', from) && this.out.read(fields, from, to) && announce(from, to, fields)
  }

  protected isSet(fields: Fields, number: number): boolean {
    const entry = fields.last(number, WireType.varint)
    return entry >= 0 && isTrue(this.bytes, fields.start(entry), fields.stop(entry))
  }

  protected uint(fields: Fields, number: number): number {
    const entry = fields.last(number, WireType.varint)
    return entry < 0 ? 0 : uint32(this.bytes, fields.start(entry), fields.stop(entry))
  }
}

/** True if a varint is not 0. */
export const isTrue = (bytes: Uint8Array, from: number, to: number): boolean => uint64(bytes, from, to) !== 0
