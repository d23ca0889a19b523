/** Tells by its first bytes what a stream is that is no MQTT but came to an MQTT port. */
import { u8, u16 } from '../base/bytes.ts'

export type Foreign = '' | 'tls' | 'http' | 'ssh'

/** So many bytes tell it; no first packet of MQTT that begins alike ends before. */
export const PROBE = 8

const ascii = (text: string): readonly number[] => Array.from(text, character => character.charCodeAt(0))

/** RFC 9112 §3.1, RFC 9113 §3.4, RFC 4253 §4.2. None of them goes on like the MQTT packet whose type it begins with. */
const OPENINGS: readonly (readonly [Foreign, readonly number[]])[] = [
  ...['GET ', 'POST ', 'PUT /', 'HEAD ', 'DELETE ', 'OPTIONS ', 'PATCH ', 'CONNECT ', 'TRACE ', 'PRI * ', 'HTTP/'].map(
    text => ['http', ascii(text)] as const,
  ),
  ['ssh', ascii('SSH-')],
]

/** '' where it is none of them, undefined where more bytes must tell. */
export function foreignOf(bytes: Uint8Array, start: number, end: number): Foreign | undefined {
  const tls = tlsRecord(bytes, start, end)
  if (tls !== '') return tls
  let answer: Foreign | undefined = ''
  for (const [name, opening] of OPENINGS) {
    let size = 0
    while (size < opening.length && start + size < end && u8(bytes, start + size) === opening[size]) size++
    if (size === opening.length) return name
    if (start + size === end) answer = undefined
  }
  return answer
}

/** RFC 8446 §5.1: content type 20 to 23, version 3.x, and a length of at most 2^14 + 2048 (RFC 5246 §6.2.3). */
function tlsRecord(bytes: Uint8Array, start: number, end: number): Foreign | undefined {
  if (start === end) return undefined
  const type = u8(bytes, start)
  if (type < 0x14 || type > 0x17) return ''
  if (start + 1 < end && u8(bytes, start + 1) !== 3) return ''
  if (start + 2 < end && u8(bytes, start + 2) > 4) return ''
  if (start + 5 > end) return undefined
  const length = u16(bytes, start + 3)
  return length > 0 && length <= 0x4000 + 2048 ? 'tls' : ''
}
