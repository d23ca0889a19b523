/** The version that one MQTT connection speaks: from its CONNECT, or without one from the bytes of its packets. */
import { u8, u16 } from '../base/bytes.ts'
import { AS_3, AS_5, strict, versionsOf } from './plausible.ts'
import type { RawPacket } from './raw.ts'
import {
  BRIDGE_BIT,
  CONNACK,
  CONNECT,
  PINGREQ,
  PINGRESP,
  PUBLISH,
  SUBACK,
  SUBSCRIBE,
  UNSUBACK,
  UNSUBSCRIBE,
  type Version,
  versionOfLevel,
} from './spec.ts'
import { sequenceSize } from './text.ts'

/** Sender of each packet type: true is the client, false the server, absent either. */
const SENT_BY_CLIENT: readonly (boolean | undefined)[] = Array.from({ length: 16 }, (_, type) => {
  if ([CONNECT, SUBSCRIBE, UNSUBSCRIBE, PINGREQ].includes(type)) return true
  return [CONNACK, SUBACK, UNSUBACK, PINGRESP].includes(type) ? false : undefined
})

/** Weight of a packet that is well-formed in one version only, and the most weight that a version can have. */
const DECISIVE = 4
const MOST_LEAN = 8
/**
 * Weight of a PUBLISH with a zero byte after its topic and id: an empty property block, or the payload's first byte.
 */
const HINT = 1
const STRONG_HINT = 2
/** Least weight of a version before packets are read by it. */
const LEAST_LEAN = 2
/** Characters of text after that zero byte that make it a strong hint. */
const LONG_TEXT = 4
/** Most bytes of the payload that are tested for text. */
const MOST_TEXT = 64
/** Packets of which one is still tested once a version has the most weight. */
const SAMPLE = 16

export class Dialect {
  version: Version = 0
  /** Source of the version; '' while it is unknown. */
  from: 'connect' | 'bytes' | '' = ''
  /** The protocol level byte of the CONNECT, unchanged; 0 without CONNECT. */
  level = 0
  /** True if the server accepted a CONNECT of 5.0 and answers as 3.1.1. */
  hybrid = false
  private answered = false
  /** Weight of the packets so far, used without CONNECT: above 0 for 5.0, below for 3.1.1. */
  private lean = 0
  private packets = 0

  /** A bridge's CONNECT (Mosquitto sets the level's highest bit). */
  get bridge(): boolean {
    return (this.level & BRIDGE_BIT) !== 0
  }

  /** The version to read a packet by. Called once for each packet of the flow, in order. */
  versionOf(raw: RawPacket, fromClient: boolean | undefined): Version {
    if (raw.readable <= raw.start) return this.version
    const type = u8(raw.bytes, raw.start) >> 4
    if (type === CONNECT) this.connect(raw)
    if (this.from !== 'connect') return this.guess(raw)
    const byServer = (fromClient ?? SENT_BY_CLIENT[type]) === false
    if (type === CONNACK && byServer) this.connack(raw)
    return this.hybrid && byServer ? 4 : this.version
  }

  /** Sets `hybrid` by the answer to the CONNECT alone: a short CONNACK later on is a broken packet. */
  private connack(raw: RawPacket): void {
    if (this.version === 5 && !this.answered) this.hybrid = answersAsBefore(raw)
    this.answered = true
  }

  /** Reads the version of a CONNECT. A later CONNECT sets it again, for the packets after it. */
  private connect(raw: RawPacket): void {
    const body = bodyOf(raw)
    if (body + 2 > raw.readable) return
    const at = body + 2 + u16(raw.bytes, body)
    if (at >= raw.readable) return
    this.level = u8(raw.bytes, at)
    this.version = versionOfLevel(this.level)
    this.from = 'connect'
    this.hybrid = false
    this.answered = false
  }

  /**
   * Returns the likely version without CONNECT. A packet well-formed in one version decides; an earlier guess may
   * change.
   */
  private guess(raw: RawPacket): Version {
    const isSure = Math.abs(this.lean) === MOST_LEAN
    if (isSure && this.packets++ % SAMPLE !== 0) return this.version
    this.lean = Math.max(-MOST_LEAN, Math.min(MOST_LEAN, this.lean + evidenceOf(raw, this.lean)))
    if (Math.abs(this.lean) < LEAST_LEAN) return this.version
    this.from = 'bytes'
    this.version = this.lean > 0 ? 5 : 4
    return this.version
  }
}

/** Returns the weight of a packet: above 0 for 5.0, below for 3.1.1 (3.1 counts as 3.1.1). */
function evidenceOf(raw: RawPacket, lean: number): number {
  if (raw.readable < raw.end || raw.incomplete || raw.badLength) return 0
  const versions = versionsOf(raw.bytes, raw.start, raw.end, raw.end)
  if (versions === AS_3) return -DECISIVE
  if (versions === AS_5) return DECISIVE
  const isPublish = u8(raw.bytes, raw.start) >> 4 === PUBLISH
  return versions !== 0 && isPublish ? publishSays(raw, lean) : 0
}

/**
 * Returns the weight of a PUBLISH that is well-formed in both versions (`strict` has just read it as 5.0). With
 * properties it is one of 5.0: the payload of an older one would have to begin with their length, identifiers and
 * values. Without, there is a zero byte that is either the property length or the payload's first; text after it speaks
 * for 5.0, one more zero (a big-endian number) does not. Hints alone never weigh as much as a decisive packet.
 */
function publishSays(raw: RawPacket, lean: number): number {
  if (strict.propertyLength > 0) return DECISIVE
  const { bytes, end } = raw
  const { payload } = strict
  const text = isText(bytes, payload, Math.min(end, payload + MOST_TEXT))
  if (text && end - payload >= LONG_TEXT) return DECISIVE
  if (lean >= DECISIVE - 1) return 0
  if (payload === end) return HINT
  if (u8(bytes, payload) === 0) return 0
  return text ? STRONG_HINT : HINT
}

/** Printable, with line breaks and tabs; a character that is cut off at the end does no harm. */
function isText(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; ) {
    const byte = u8(bytes, at)
    if (byte < 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0d) return false
    const size = sequenceSize(bytes, at, end)
    if (size === 0) return end - at < 4 && at - start >= LONG_TEXT
    at += size
  }
  return true
}

/** Returns the sender of a packet by its type: true for the client, false for the server, undefined for either. */
export function evidence(raw: RawPacket): boolean | undefined {
  return raw.readable > raw.start ? SENT_BY_CLIENT[u8(raw.bytes, raw.start) >> 4] : undefined
}

/** A CONNACK of two bytes has no property length: no server of 5.0 sends it (MQTT 5 §3.2.2.3). */
const answersAsBefore = (raw: RawPacket): boolean => raw.end - bodyOf(raw) === 2 && !raw.incomplete && !raw.badLength

/** Returns the offset of the body. The framer has found the end of the Remaining Length. */
function bodyOf(raw: RawPacket): number {
  let at = raw.start + 1
  while (at < raw.readable && u8(raw.bytes, at) > 0x7f) at++
  return at + 1
}
