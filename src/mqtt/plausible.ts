/**
 * Is there a control packet at this offset? Only for finding the way back into a stream, so it is stricter than
 * the walk: what real packets hardly ever hold counts as no packet. Almost every offset fails at its first byte,
 * and an offset that does not costs no more than LOOK bytes, so a search is linear in the bytes.
 */
import { u8, u16 } from '../base/bytes.ts'
import type { Field } from '../base/field.ts'
import { Fault } from './faults.ts'
import * as F from './fields.ts'
import { isMinimal, varintSize, varintValue } from './properties.ts'
import {
  AUTH,
  CONNACK,
  CONNECT,
  DISCONNECT,
  PINGREQ,
  PINGRESP,
  PUBACK,
  PUBCOMP,
  PUBLISH,
  PUBREC,
  PUBREL,
  qosOf,
  SUBACK,
  SUBSCRIBE,
  UNSUBACK,
  UNSUBSCRIBE,
  type Version,
} from './spec.ts'
import { faultAt, textFault } from './text.ts'
import { walk } from './walk.ts'

/** Faults of packets that are well-formed all the same. */
const HARMLESS: readonly number[] = [
  Fault.bridge,
  Fault.longClientId,
  Fault.emptyClientId,
  Fault.passwordWithoutUser,
  Fault.payloadNotUtf8,
  Fault.wildcardInResponseTopic,
  Fault.emptyResponseTopic,
  Fault.willPayloadNotUtf8,
  Fault.noAuthMethod,
  Fault.unusedFlags,
  Fault.unusedWillBits,
  Fault.oddUserName,
  Fault.sessionPresentOnRefusal,
]

/** Receives faults, and the fields that distinguish packets from noise and the versions from each other. */
class Strict {
  private wrong = false
  private stop = 0
  /** Size of the property block, -1 without one; where the payload of a PUBLISH begins; bytes of the first topic or filter. */
  propertyLength = -1
  payload = 0
  topicSize = 0
  private readonly mostTopic: number

  constructor(mostTopic: number) {
    this.mostTopic = mostTopic
  }

  /** True where the packet `bytes[start..stop)` is well-formed in this version, as far as `end`. */
  accepts(bytes: Uint8Array, start: number, stop: number, end: number, version: Version): boolean {
    this.wrong = false
    this.stop = stop
    this.propertyLength = -1
    this.payload = stop
    this.topicSize = 0
    walk(bytes, start, Math.min(stop, end), version, this)
    return !this.wrong
  }

  field(field: Field, start: number, end: number, value: number): void {
    if (field === F.PROPERTY_LEN) this.propertyLength = value
    else if (field === F.MSG) this.payload = start
    else if (field === F.TOPIC && this.topicSize === 0) this.topicSize = end - start
    else if (field === F.TOPIC_LEN && value > this.mostTopic) this.wrong = true
    else if (end + value > this.stop && F.SIZES.includes(field)) this.wrong = true
  }

  open(): void {}

  close(): void {}

  fault(fault: number): void {
    if (fault !== Fault.notCaptured && !HARMLESS.includes(fault)) this.wrong = true
  }
}

/** Longer topics are legal and hardly exist. Two characters of a text, read as a length, are above: text never looks like a PUBLISH. */
const MOST_TOPIC = 1024

/** Scratch, made once: for what is known to be a packet, and for what may be one. */
export const strict = new Strict(0xffff)
const choosy = new Strict(MOST_TOPIC)

/** Versions in which a packet can be read: a bit for 3.1.1 (and 3.1), a bit for 5.0. */
export const AS_3 = 1
export const AS_5 = 2

/** The versions in which the packet `bytes[start..stop)` is well-formed, as far as `end`. */
export const versionsOf = (bytes: Uint8Array, start: number, stop: number, end: number): number =>
  (strict.accepts(bytes, start, stop, end, 4) ? AS_3 : 0) | (strict.accepts(bytes, start, stop, end, 5) ? AS_5 : 0)

export const NO = 0
/** Begins like a packet, and the bytes end before it does. */
export const PART = 1
export const WHOLE = 2
export type Kind = typeof NO | typeof PART | typeof WHOLE

/** Bytes looked at of one packet: a topic and its properties. */
export const LOOK = 2048
/** Answers and refusals may carry a reason string and user properties; more than this they do not. */
const MOST_ANSWER = 4096
const MOST_REQUEST = 64 * 1024
const MOST_PUBLISH = 16 * 1024 * 1024

/** First byte of well-formed packets (MQTT 5 §2.1.3): 1, else 0. A PUBLISH has no QoS 3, and DUP only with a QoS. */
const HEADS: Uint8Array = (() => {
  const heads = new Uint8Array(256)
  for (const head of [0x30, 0x31, 0x32, 0x33, 0x34, 0x35, 0x3a, 0x3b, 0x3c, 0x3d]) heads[head] = 1
  for (const type of [CONNECT, CONNACK, PUBACK, PUBREC, PUBCOMP, SUBACK, UNSUBACK, PINGREQ, PINGRESP, DISCONNECT, AUTH])
    heads[type << 4] = 1
  for (const type of [PUBREL, SUBSCRIBE, UNSUBSCRIBE]) heads[(type << 4) | 2] = 1
  return heads
})()

/** The first offset in `bytes[at..end)` where a packet may begin, else `end`. */
export function nextHead(bytes: Uint8Array, at: number, end: number): number {
  while (at < end && u8(HEADS, u8(bytes, at)) === 0) at++
  return at
}

interface Shape {
  /** Bounds of the Remaining Length. */
  readonly least: number
  readonly most: number
  /** Bits that speak for such a packet at its least: how rarely other bytes look like it, as a power of two. */
  readonly bits: number
  /** True if the body begins with a length of text. */
  readonly text?: boolean
  /** Offset in the body of the properties of 5.0, if they fill the rest of it. */
  readonly block?: number
}

const ack = { least: 2, most: MOST_ANSWER, bits: 14, block: 3 }
const ping = { least: 0, most: 0, bits: 14 }
const SHAPES: readonly (Shape | undefined)[] = [
  undefined,
  { least: 12, most: MOST_REQUEST * 4, bits: 15, text: true },
  { least: 2, most: MOST_ANSWER, bits: 20, block: 2 },
  { least: 2, most: MOST_PUBLISH, bits: 15, text: true },
  ack,
  ack,
  ack,
  ack,
  { least: 6, most: MOST_REQUEST, bits: 18 },
  { least: 3, most: MOST_ANSWER, bits: 16 },
  { least: 5, most: MOST_REQUEST, bits: 16 },
  { least: 2, most: MOST_ANSWER, bits: 14 },
  ping,
  ping,
  { least: 0, most: MOST_ANSWER, bits: 14, block: 1 },
  { least: 0, most: MOST_REQUEST, bits: 12, block: 1 },
]

/**
 * Bits of evidence: of a first byte; of each character of a text (95 of 256 bytes are printable), and the most of a
 * text.
 */
const HEAD_BITS = 4
const CHARACTER_BITS = 1.4
const MOST_TEXT_BITS = 17
/** Bits of evidence of parts that only 5.0 has: a reason code, or a topic alias in place of a topic. */
const PROPERTY_BITS = 4
/** The protocol name of a CONNECT, its level and flags. */
const CONNECT_BITS = 45

/** Details of the last `look`; scratch, made once. */
export const seen = {
  /** Bytes of the whole packet; 0 if the captured bytes end before its length does. */
  size: 0,
  /** Bits of evidence for the packet. */
  bits: 0,
  /** AS_3, AS_5 or both. */
  versions: 0,
  /** True if more bytes add nothing to check before the packet is whole. */
  decided: false,
}

/** Returns WHOLE, PART or NO for a packet that begins at `at`, and writes the details to `seen`. */
export function look(bytes: Uint8Array, at: number, end: number): Kind {
  const first = u8(bytes, at)
  const type = first >> 4
  const shape = SHAPES[type]
  if (u8(HEADS, first) === 0 || shape === undefined) return NO
  const digits = varintSize(bytes, at + 1, end)
  if (digits === 0) return begins(0, HEAD_BITS, false)
  if (digits < 0 || !isMinimal(bytes, at + 1, digits)) return NO
  const length = varintValue(bytes, at + 1, digits)
  if (length < shape.least || length > shape.most) return NO
  const body = at + 1 + digits
  const size = 1 + digits + length
  if (length === 0) return begins(size, shape.bits, true, WHOLE)
  if (shape.text) return lookAtText(bytes, at, end, body, size, shape)
  if (shape.block !== undefined && !isFilled(bytes, body + shape.block, end, at + size)) return NO
  return lookInside(bytes, at, end, size, shape.bits, at + size <= end)
}

const isRequest = (type: number): boolean => type === SUBSCRIBE || type === UNSUBSCRIBE

/** The property block at `at`, if there is one, ends where the packet ends. */
function isFilled(bytes: Uint8Array, at: number, end: number, stop: number): boolean {
  if (at >= stop || at >= end) return true
  const digits = varintSize(bytes, at, Math.min(end, stop))
  if (digits <= 0) return digits === 0 && stop > end
  return at + digits + varintValue(bytes, at, digits) === stop
}

/** The first text of a CONNECT or a PUBLISH fits into the packet. */
function lookAtText(bytes: Uint8Array, at: number, end: number, body: number, size: number, shape: Shape): Kind {
  if (body + 2 > end) return begins(size, HEAD_BITS, false)
  const length = u16(bytes, body)
  const stop = body + 2 + length
  if (length > MOST_TOPIC || stop > at + size) return NO
  const fault = end < stop ? textFault(bytes, body + 2, end) : 0
  if (fault !== 0 && (fault !== Fault.badUtf8 || faultAt < end - 3)) return NO
  const decided = stop + 2 <= Math.min(end, at + size) || at + size <= end
  const name = decided && u8(bytes, at) >> 4 === CONNECT ? CONNECT_BITS : 0
  return lookInside(bytes, at, end, size, shape.bits + name, decided)
}

function lookInside(bytes: Uint8Array, at: number, end: number, size: number, bits: number, decided: boolean): Kind {
  const visible = Math.min(end, at + LOOK)
  let versions = choosy.accepts(bytes, at, at + size, visible, 4) ? AS_3 : 0
  let { topicSize } = choosy
  if (versions === 0) topicSize = 0
  if (choosy.accepts(bytes, at, at + size, visible, 5)) {
    versions |= AS_5
    topicSize = Math.max(topicSize, choosy.topicSize)
  }
  if (versions === 0) return NO
  if (topicSize === 0 && isRequest(u8(bytes, at) >> 4)) bits = HEAD_BITS
  if (versions === AS_5) bits += PROPERTY_BITS
  begins(size, bits + Math.min(topicSize * CHARACTER_BITS, MOST_TEXT_BITS), decided)
  seen.versions = versions
  return at + size <= end ? WHOLE : PART
}

function begins(size: number, bits: number, decided: boolean, kind: Kind = PART): Kind {
  seen.size = size
  seen.bits = bits
  seen.versions = AS_3 | AS_5
  seen.decided = decided
  return kind
}

// The first packet of a server

/** True if a server may begin with these bytes, well-formed or not; false for SSH, SMTP, VNC and most random bytes. */
export function opensConversation(bytes: Uint8Array): boolean {
  const first = u8(bytes, 0)
  const type = first >> 4
  if (type === PUBLISH) return qosOf(first) !== 3 && holdsTopic(bytes)
  return (type === CONNACK || type === DISCONNECT || type === AUTH) && (first & 0x0f) === 0
}

/** False where the topic of a PUBLISH is longer than the whole packet: "220 mail.example" would be waited for in vain. */
function holdsTopic(bytes: Uint8Array): boolean {
  const size = varintSize(bytes, 1, bytes.length)
  const at = 1 + size
  if (size <= 0 || at + 2 > bytes.length) return size >= 0
  return 2 + u16(bytes, at) <= varintValue(bytes, 1, size)
}
