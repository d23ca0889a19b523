/** The documented event of one target, as JSON text in pieces: none is longer than what one turn may take. */
import { isUtf8 } from 'node:buffer'
import { u8 } from '../base/bytes.ts'
import { base64, decodeText } from '../base/strings.ts'
import { jsonText } from '../export/json-text.ts'
import type { CountedFinding } from './findings.ts'
import type { Grabbed } from './grab.ts'
import type { Message } from './received.ts'
import type { GrabSettings } from './settings.ts'

/** Bytes turned into text at a time: a multiple of 3, as base64 has it. */
const PIECE = 48 * 1024

/** One line: its keys and their order are documented, and `event.schema.json` says the same. */
export function* eventText(grabbed: Grabbed, settings: GrabSettings): IterableIterator<string> {
  const { target, ip, received } = grabbed
  yield `{"origin":${originJson(grabbed, settings)}`
  yield `,"target":{"ip":${ip === null ? 'null' : jsonText(ip)},"port":${target.port}}`
  yield `,"result":{"data":{"connected":${grabbed.connected},"auth":${grabbed.auth},"messages":[`
  yield* messages(received.messages())
  yield `],"connack":${grabbed.connack ?? 'null'},"num_events":${received.count},"num_topics":${received.topics.length}`
  yield `,"bytes_captured":${grabbed.bytes},"topics":[`
  yield* topics(received.topics)
  yield `]}},"host":${jsonText(target.host)}${extensions(grabbed, settings)}}`
}

function originJson(grabbed: Grabbed, settings: GrabSettings): string {
  const { jobId, originClientId, country } = settings
  const ids = `"job_id":${jsonText(jobId)},"client_id":${orNull(originClientId)}`
  return `{"type":"mqtt",${ids},"module":"grabber","country":${orNull(country)},"ts":${grabbed.startedAt}}`
}

const orNull = (text: string | null): string => (text === null ? 'null' : jsonText(text))

function* messages(all: Iterable<Message>): IterableIterator<string> {
  let before = ''
  for (const { topic, bytes, start, end } of all) {
    const isText = isUtf8(bytes.subarray(start, end))
    yield `${before}{"topic":${topicJson(topic)},"msg":"`
    yield* isText ? textPieces(bytes, start, end) : base64Pieces(bytes, start, end)
    yield `"${isText ? '' : ',"encoding":"base64"'}${isUtf8(topic) ? '' : ',"topicEncoding":"base64"'}}`
    before = ','
  }
}

/** A topic has 65,535 bytes at most. */
const topicJson = (topic: Uint8Array): string =>
  isUtf8(topic) ? jsonText(decodeText(topic, 0, topic.length)) : `"${base64(topic, 0, topic.length)}"`

function* topics(all: readonly Uint8Array[]): IterableIterator<string> {
  for (const [at, topic] of all.entries()) yield (at === 0 ? '' : ',') + topicJson(topic)
}

/** Cut between characters, so that each piece is text by itself. */
function* textPieces(bytes: Uint8Array, start: number, end: number): IterableIterator<string> {
  for (let at = start; at < end; ) {
    let stop = Math.min(end, at + PIECE)
    while (stop < end && (u8(bytes, stop) & 0xc0) === 0x80) stop--
    yield jsonText(decodeText(bytes, at, stop)).slice(1, -1)
    at = stop
  }
}

function* base64Pieces(bytes: Uint8Array, start: number, end: number): IterableIterator<string> {
  for (let at = start; at < end; at += PIECE) yield base64(bytes, at, Math.min(end, at + PIECE))
}

/** Ours, behind everything documented; `insecure` and `error` only where they say something. */
function extensions(grabbed: Grabbed, settings: GrabSettings): string {
  const { protocol, limit, failure } = grabbed
  const insecure = settings.tls && settings.insecure ? ',"insecure":true' : ''
  const how = `,"protocol":"${protocol}","version":"${settings.version}"${insecure}`
  const what = `,"findings":[${grabbed.findings.map(findingJson).join(',')}],"limit":${JSON.stringify(limit)}`
  if (failure === undefined) return how + what
  const { code, message, firstBytes } = failure
  const first = firstBytes === undefined ? '' : `,"firstBytes":"${firstBytes}"`
  return `${how}${what},"error":{"code":"${code}","message":${jsonText(message)}${first}}`
}

const findingJson = ({ id, level, message, packet, count }: CountedFinding): string =>
  `{"id":${jsonText(id)},"level":"${level}","message":${jsonText(message)},"packet":${packet},"count":${count}}`
