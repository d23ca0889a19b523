/** Recognises by the first bytes of one direction what a stream carries. */
import { u8, u16 } from '../base/bytes.ts'

/** What a direction carries; 'mqtt' where nothing else is recognised. */
export type Verdict = 'mqtt' | 'tls' | 'http' | 'ssh'

/** Why bytes were passed over: the protocol they belong to, '' where they are of no known one. */
export type Foreign = '' | Exclude<Verdict, 'mqtt'>

/** So many bytes always suffice; no first packet of MQTT that begins alike ends before. */
export const MOST_PROBED = 8

/** True where `bytes[start..end)` begin like its protocol, undefined where more bytes must tell. */
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

/** In the order in which they are asked. */
const RECOGNISERS: readonly (readonly [Exclude<Verdict, 'mqtt'>, Recogniser])[] = [
  ['tls', beginsWithTls],
  ...HTTP.map(text => ['http', beginsWith(text)] as const),
  // RFC 4253 §4.2.
  ['ssh', beginsWith('SSH-')],
]

/** What begins with `bytes[start..end)`; undefined where more bytes must tell. */
export function recognise(bytes: Uint8Array, start: number, end: number): Verdict | undefined {
  if (start < end && u8(BEGINS_ALIKE, u8(bytes, start)) === 0) return 'mqtt'
  return ask(bytes, start, end)
}

function ask(bytes: Uint8Array, start: number, end: number): Verdict | undefined {
  let verdict: Verdict | undefined = 'mqtt'
  for (const [protocol, isIt] of RECOGNISERS) {
    const answer = isIt(bytes, start, end)
    if (answer === true) return protocol
    if (answer === undefined) verdict = undefined
  }
  return verdict
}

/** By first byte: 1 where another protocol than MQTT may begin with it. Few streams do, so the others are not asked. */
const BEGINS_ALIKE = Uint8Array.from({ length: 256 }, (_, first) =>
  ask(Uint8Array.of(first), 0, 1) === 'mqtt' ? 0 : 1,
)

const NAMES: Readonly<Record<Verdict, string>> = { mqtt: 'no MQTT', tls: 'TLS', http: 'HTTP', ssh: 'SSH' }

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
