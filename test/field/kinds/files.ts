/** Files that are no captures, and captures without MQTT on its port: one line says what they are, or where to look. */
import { raw } from '../../support/hex.ts'
import { answers, exits, noError, reads, told } from '../claims.ts'
import { file, kind } from '../kind.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text.replaceAll(' ', ''), 'hex'))

/** One line, which names it, and the exit code of an input that cannot be read. */
const isNamed = (pattern: RegExp) => [answers(1, pattern), exits(3)]

const LFS = `version https://git-lfs.github.com/spec/v1
oid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393
size 12345
`

file('files', {
  'an empty file: one line says so': { file: new Uint8Array(0), right: isNamed(/empty/) },
  'bzip2: one line says to unpack it': {
    file: hex('425a6839314159265359d4a7f5e7000000008000400010000a0020'),
    right: isNamed(/bzip2/i),
  },
  'a pointer of Git LFS: one line says so': { file: bytes(LFS), right: isNamed(/LFS/) },
  'text: one line says so': { file: bytes('Tuesday, nothing on the bus.\n'.repeat(20)), right: isNamed(/text/i) },
  'JSON: one line says so': { file: bytes('{"packets": [{"topic": "a", "payload": "1"}]}\n'), right: isNamed(/JSON/i) },
  'a picture: one line says so': {
    file: hex('89504e470d0a1a0a 0000000d 49484452 00000001 00000001 08060000 001f15c489'),
    right: isNamed(/PNG|image|picture/i),
  },
  'a page of HTML, as a download that went wrong leaves it: one line says so': {
    file: bytes('<!DOCTYPE html>\n<html><head><title>Sign in</title></head><body></body></html>\n'),
    right: isNamed(/text|HTML/i),
  },
  'zstd: one line says to unpack it': { file: hex('28b52ffd 0458 1100 00'), right: isNamed(/zstd/) },
  'a zip archive: one line says to unpack it': {
    file: hex('504b0304 14000000 08000000 0000 00000000 00000000 00000000 0500 0000 612e706361'),
    right: isNamed(/zip/),
  },
})

const HELLO = `16030100c8010000c40303${'5a'.repeat(195)}`
const upgrade = (more: string): string =>
  raw(`GET /mqtt HTTP/1.1\r\nHost: broker.example\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n${more}\r\n`)

kind('ports', {
  'nothing on 1883, and CONNECT on 1884: its packets are shown, or the port is named': {
    seen: `
      c to 192.0.2.1:1884
      c: CONNECT id=x
      s: CONNACK
      c: bye`,
    right: [told(/\b1884\b/, /CONNACK/)],
  },
  'nothing on 1883, and CONNECT on two other ports: both are named, or their packets are shown': {
    seen: `
      c to 192.0.2.1:18831
      c2 to 192.0.2.1:31883
      c: CONNECT id=x
      s: CONNACK
      c2: CONNECT id=y
      s2: CONNACK
      c: bye
      c2: bye`,
    right: [told(/\b18831\b/, /CONNACK[\s\S]*CONNACK/), told(/\b31883\b/, /CONNACK[\s\S]*CONNACK/)],
  },
  'nothing on 1883, and TLS on 8883: the port is named': {
    seen: `
      c to 192.0.2.1:8883
      c: HEX ${HELLO}
      s: HEX 15030100020228
      s: close`,
    right: [reads(0), told(/\b8883\b/)],
  },
  'nothing on 1883, and an upgrade to WebSocket with subprotocol mqtt on 8083: the port is named': {
    seen: `
      c to 192.0.2.1:8083
      c: HEX ${upgrade('Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: mqtt\r\nSec-WebSocket-Version: 13\r\n')}
      s: HEX ${raw('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Protocol: mqtt\r\n\r\n')}
      c: close`,
    right: [told(/\b8083\b/)],
  },
  'nothing on 1883, and a web page on 80: no port is said to look like MQTT': {
    seen: `
      c to 192.0.2.1:80
      c: HEX ${raw('GET / HTTP/1.1\r\nHost: www.example\r\n\r\n')}
      s: HEX ${raw('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n')}
      c: close
      s: close`,
    right: [reads(0), noError, told(/^(?![\s\S]*looks? like MQTT)/)],
  },
})
