/** Recognises by the first bytes of one direction what a stream carries. */
import { u8, u16 } from '../base/bytes.ts'

/** Another protocol than MQTT; `other` if its name is unknown. */
export type OtherProtocol = 'tls' | 'http' | 'ssh' | 'amqp' | 'other'

/** Protocol of a direction by its first bytes; `proxy`: a PROXY head precedes it. */
export type Verdict = 'mqtt' | 'proxy' | OtherProtocol

/** Protocols that this file recognises by their first bytes. */
type Known = Exclude<Verdict, 'mqtt' | 'other'>

/** Reason why bytes were skipped: the protocol they belong to; '' if no packet begins in them. */
export type Foreign = '' | OtherProtocol

/** Most bytes needed. No first packet of MQTT that begins alike ends before. */
export const MOST_PROBED = 12

/** True where `bytes[start..end)` begin like its protocol, undefined if more bytes are needed. */
type Recogniser = (bytes: Uint8Array, start: number, end: number) => boolean | undefined

/** RFC 9112 §3 and §4, RFC 9113 §3.4. None of them goes on like the MQTT packet whose type it begins with. */
const HTTP = [
  'GET ',
  'POST ',
  'PUT /',
  'HEAD ',
  'DELETE ',
  'OPTIONS ',
  'PATCH ',
  'CONNECT ',
  'TRACE ',
  'PRI * ',
  'HTTP/',
]

/** Recognisers in the order in which they are tried. */
const RECOGNISERS: readonly (readonly [Known, Recogniser])[] = [
  ['tls', beginsWithTls],
  ...HTTP.map(text => ['http', beginsWith(text)] as const),
  // RFC 4253 §4.2.
  ['ssh', beginsWith('SSH-')],
  // AMQP 1.0 §2.2, AMQP 0-9-1 §4.2.2.
  ['amqp', beginsWith('AMQP')],
  // HAProxy's proxy-protocol.txt, 2.1 and 2.2.
  ['proxy', beginsWith('PROXY ')],
  ['proxy', beginsWith('\r\n\r\n\0\r\nQUIT\n')],
]

/**
 * Returns the protocol that begins with `bytes[start..end)`, 'mqtt' if no other is recognised; undefined if more bytes
 * are needed.
 */
export function recognise(bytes: Uint8Array, start: number, end: number): Known | 'mqtt' | undefined {
  if (start < end && u8(BEGINS_ALIKE, u8(bytes, start)) === 0) return 'mqtt'
  return ask(bytes, start, end)
}

function ask(bytes: Uint8Array, start: number, end: number): Known | 'mqtt' | undefined {
  let verdict: 'mqtt' | undefined = 'mqtt'
  for (const [protocol, isIt] of RECOGNISERS) {
    const answer = isIt(bytes, start, end)
    if (answer === true) return protocol
    if (answer === undefined) verdict = undefined
  }
  return verdict
}

/** Flags by first byte: 1 if a protocol other than MQTT may begin with it. Other streams skip the recognisers. */
const BEGINS_ALIKE = Uint8Array.from({ length: 256 }, (_, first) =>
  ask(Uint8Array.of(first), 0, 1) === 'mqtt' ? 0 : 1,
)

const NAMES: Readonly<Record<Verdict, string>> = {
  mqtt: 'no MQTT',
  other: 'no MQTT',
  proxy: 'the PROXY protocol',
  tls: 'TLS',
  http: 'HTTP',
  ssh: 'SSH',
  amqp: 'AMQP',
}

/** The name for people of another protocol than MQTT. */
export const nameOfProtocol = (protocol: OtherProtocol): string => NAMES[protocol]

/** The name for people of what begins with these bytes, which cannot be read as MQTT. */
export const protocolName = (bytes: Uint8Array): string => NAMES[recognise(bytes, 0, bytes.length) ?? 'mqtt']

/** RFC 8446 §5.1: content type 20 to 23, version 3.x, and a length of at most 2^14 + 2048 (RFC 5246 §6.2.3). */
function beginsWithTls(bytes: Uint8Array, start: number, end: number): boolean | undefined {
  if (start === end) return undefined
  const type = u8(bytes, start)
  if (type < 0x14 || type > 0x17) return false
  if (start + 1 < end && u8(bytes, start + 1) !== 3) return false
  if (start + 2 < end && u8(bytes, start + 2) > 4) return false
  if (start + 5 > end) return undefined
  const length = u16(bytes, start + 3)
  return length > 0 && length <= 0x4000 + 2048
}

function beginsWith(text: string): Recogniser {
  const opening = Uint8Array.from(text, character => character.charCodeAt(0))
  return (bytes, start, end) => {
    const size = Math.min(opening.length, end - start)
    for (let at = 0; at < size; at++) if (u8(bytes, start + at) !== u8(opening, at)) return false
    return size === opening.length ? true : undefined
  }
}
