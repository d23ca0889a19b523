/** `-T ndjson`: one JSON record a line, as `ndjson.schema.json` describes them; `-T json`: the same as an array. */

import type { FlowEnd, Frame } from '../base/line.ts'
import { flat } from '../base/strings.ts'
import type { Dialect } from '../mqtt/dialect.ts'
import { Slot } from '../mqtt/fields.ts'
import {
  AUTH,
  PUBLISH,
  PUBREL,
  PublishFlag,
  qosOf,
  SUBSCRIBE,
  TYPE_NAMES,
  UNSUBSCRIBE,
  VERSION_NAMES,
  type Version,
} from '../mqtt/spec.ts'
import { otherSide } from '../net/flow.ts'
import { type Finding, findingsOf } from '../store/findings.ts'
import type { PayloadReader } from '../store/payloads.ts'
import type { Damage, Exporter, PacketRecord, PlacedFinding, Side, Stream, Summary, Write } from '../store/record.ts'
import { exchangeJson, fanOutJson } from '../text/exchange-text.ts'
import { fraction } from '../text/moments.ts'
import type { Foreign } from '../transport/recognise.ts'
import { PacketJson } from './json-packet.ts'
import { json, jsonText } from './json-text.ts'
import { transportRecord } from './transport-json.ts'

export interface NdjsonOptions {
  /** User names, passwords and payloads are shown by their length alone. */
  readonly redact?: boolean
  /** Adds what payloads hold, decoded. */
  readonly payloads?: PayloadReader | undefined
}

/** Findings written of one packet; a hostile one can break a rule in every other byte. The rest is counted. */
const MOST_FINDINGS = 1000

/** The bits of both sides of a stream. */
const BOTH_SIDES = 3

/** Beyond it (the year 275760) a Date holds no time: then as `date -d` has it, `@` and Unix seconds. */
const MOST_DATE_SECONDS = 8_640_000_000_000

/** `,"stream":0,…,"from":"client"`: the same for all packets of one side, until the client is known better. */
interface Ends {
  clientId: string | undefined
  client: Side | -1
  texts: readonly [string, string]
}

const fileJson = (name: string | undefined): string => (name === undefined ? '' : `,"file":${jsonText(name)}`)

export class NdjsonExporter implements Exporter {
  private readonly write: Write
  private readonly body: PacketJson
  private readonly ends = new WeakMap<Stream, Ends>()
  private readonly heads = new Map<number, string>()
  /** Wrapped streams that were reported, and which of their sides have ended, as bits. */
  private readonly wrapped = new WeakMap<Stream, number>()
  private readonly redact: boolean
  private second = Number.NaN
  private secondText = ''

  constructor(options: NdjsonOptions, write: Write) {
    this.write = write
    this.redact = options.redact ?? false
    this.body = new PacketJson(this.redact, options.payloads)
  }

  packet(record: PacketRecord): void {
    const { raw, packet, stream } = record
    const { frame } = raw
    if (stream.transport !== undefined && !this.wrapped.has(stream)) this.open(stream, frame)
    const file = stream.files === undefined ? '' : fileJson(stream.files.nameOf(frame.number))
    const start = `{"record":"packet","packet":${record.number},"frame":${frame.number}${file}${this.time(frame)}`
    const marks = (packet.malformed ? ',"malformed":true' : '') + (raw.incomplete ? ',"incomplete":true' : '')
    const what = this.sides(stream, record.side) + this.head(record) + this.body.of(record)
    this.write(
      `${start}${what}${marks}${exchangeJson(record)}${fanOutJson(record)}${findingsJson(findingsOf(record))}}\n`,
    )
  }

  /** What the stream was wrapped in is known better at its end. */
  ended(stream: Stream, side: Side, _how: FlowEnd, frame: Frame): void {
    const before = this.wrapped.get(stream)
    if (before === undefined || before === BOTH_SIDES) return
    const now = before | (1 << side)
    this.wrapped.set(stream, now)
    if (now === BOTH_SIDES) this.transport(stream, frame, true)
  }

  gap(stream: Stream, side: Side, size: number, frame: Frame): void {
    this.hole('gap', stream, side, size, frame)
  }

  skipped(stream: Stream, side: Side, size: number, frame: Frame, foreign: Foreign): void {
    this.hole('skipped', stream, side, size, frame, foreign)
  }

  damage({ code, at, size, message }: Damage): void {
    const where = `"code":${jsonText(code)},"offset":${at},"bytes":${size},"message":${jsonText(message)}`
    this.write(`{"record":"damage",${where}}\n`)
  }

  /** What became clear only after the packet's own record. */
  finding({ packet, stream, id, level, message }: PlacedFinding): void {
    const where = `"packet":${packet},"stream":${stream.flow.index}`
    this.write(`{"record":"finding",${where},"id":${jsonText(id)},"level":"${level}","message":${jsonText(message)}}\n`)
  }

  finish(summary: Summary): void {
    const { unread, otherPorts = [], sealed, ...numbers } = summary
    const more = {
      ...(unread.length > 0 ? { unread } : {}),
      ...(otherPorts.length > 0 ? { otherPorts } : {}),
      ...(sealed === undefined ? {} : { sealed }),
    }
    this.write(`${JSON.stringify({ record: 'summary', ...numbers, ...more })}\n`)
  }

  /** Of a connection that nothing opened this is all there is. */
  sealed(stream: Stream, frame: Frame): void {
    this.transport(stream, frame, true)
  }

  private open(stream: Stream, frame: Frame): void {
    this.wrapped.set(stream, 0)
    this.transport(stream, frame, false)
  }

  private transport({ flow, client, transport }: Stream, frame: Frame, isEnd: boolean): void {
    if (transport === undefined) return
    const from: Side = client === -1 ? 0 : client
    const ends = { src: flow.endpoint(from), dst: flow.endpoint(otherSide(from)) }
    const head = { record: 'transport', stream: flow.index, frame: frame.number, ...ends, end: isEnd || undefined }
    this.write(`${json({ ...head, ...transportRecord(transport, this.redact) })}\n`)
  }

  /** How many bytes it were is absent where nobody knows. */
  private hole(
    record: 'gap' | 'skipped',
    stream: Stream,
    side: Side,
    size: number,
    frame: Frame,
    foreign: Foreign = '',
  ): void {
    const start = `{"record":"${record}","type":"${record.toUpperCase()}","frame":${frame.number}${this.time(frame)}`
    const bytes = size === 0 ? '' : `,"bytes":${size}`
    const why = foreign === '' ? '' : `,"foreign":"${foreign}"`
    this.write(`${start}${this.sides(stream, side)}${bytes}${why}}\n`)
  }

  /** `,"version":"3.1.1",…,"flags":{…}`: the same for all packets of one version and one first byte. */
  private head(record: PacketRecord): string {
    const { packet, stream } = record
    const { from } = stream.dialect
    const first = packet.has(Slot.flags) ? packet.value(Slot.flags) : 0
    const key = (from.length << 12) | (record.version << 8) | first
    const known = this.heads.get(key)
    if (known !== undefined) return known
    const head = flat(version(record.version, from) + typeOf(record) + flagsOf(first & 15, record))
    this.heads.set(key, head)
    return head
  }

  private sides(stream: Stream, side: Side): string {
    const known = this.ends.get(stream)
    if (known !== undefined && known.clientId === stream.clientId && known.client === stream.client) {
      return known.texts[side]
    }
    const { clientId, client } = stream
    const texts = [flat(endsOf(stream, 0)), flat(endsOf(stream, 1))] as const
    this.ends.set(stream, { clientId, client, texts })
    return texts[side]
  }

  /** `,"time":"2026-11-20T10:06:31.123456Z"`, with the capture's digits; nothing where the frame has no time. */
  private time(frame: Frame): string {
    const { seconds } = frame
    if (Number.isNaN(seconds)) return ''
    const digits = fraction(frame.nanos, frame.timeDigits)
    if (Math.abs(seconds) > MOST_DATE_SECONDS) return `,"time":"@${seconds}${digits}"`
    if (seconds !== this.second) {
      this.second = seconds
      this.secondText = new Date(seconds * 1000).toISOString().slice(0, -'.000Z'.length)
    }
    return `,"time":"${this.secondText}${digits}Z"`
  }
}

/** The same records as an array: one record a line here too. */
export class JsonExporter implements Exporter {
  private readonly lines: NdjsonExporter
  private readonly write: Write
  private before = '[\n'

  constructor(options: NdjsonOptions, write: Write) {
    this.write = write
    this.lines = new NdjsonExporter(options, line => {
      write(this.before + line.slice(0, -1))
      this.before = ',\n'
    })
  }

  packet(record: PacketRecord): void {
    this.lines.packet(record)
  }

  gap(stream: Stream, side: Side, size: number, frame: Frame): void {
    this.lines.gap(stream, side, size, frame)
  }

  skipped(stream: Stream, side: Side, size: number, frame: Frame, foreign: Foreign): void {
    this.lines.skipped(stream, side, size, frame, foreign)
  }

  sealed(stream: Stream, frame: Frame): void {
    this.lines.sealed(stream, frame)
  }

  ended(stream: Stream, side: Side, how: FlowEnd, frame: Frame): void {
    this.lines.ended(stream, side, how, frame)
  }

  damage(damage: Damage): void {
    this.lines.damage(damage)
  }

  finding(finding: PlacedFinding): void {
    this.lines.finding(finding)
  }

  finish(summary: Summary): void {
    this.lines.finish(summary)
    this.write('\n]\n')
  }
}

function endsOf(stream: Stream, side: Side): string {
  const { flow, clientId, proxy } = stream
  const address = proxy?.client === undefined ? '' : `,"clientAddress":${jsonText(proxy.client)}`
  const client = (clientId === undefined ? '' : `,"client":${jsonText(clientId)}`) + address
  const ends = `,"src":"${flow.endpoint(side)}","dst":"${flow.endpoint(otherSide(side))}"`
  return `,"stream":${flow.index}${client}${ends},"from":"${stream.senderOf(side)}"${viaJson(stream)}`
}

/** `,"via":["tls","websocket"]`; nothing for plain MQTT. */
const viaJson = ({ transport }: Stream): string =>
  transport === undefined ? '' : `,"via":${JSON.stringify(transport.layers)}`

function version(version: Version, from: Dialect['from']): string {
  const source = version === 0 || from === '' ? '' : `,"versionFrom":"${from}"`
  return `,"version":"${VERSION_NAMES[version]}"${source}`
}

/** AUTH came with MQTT 5; before it, 15 is as reserved as 0. */
function typeOf({ type, version }: PacketRecord): string {
  const name = type === AUTH && version !== 5 ? TYPE_NAMES[0] : TYPE_NAMES[type]
  return `,"type":"${name ?? TYPE_NAMES[0]}"`
}

const bit = (flags: number, mask: number): boolean => (flags & mask) !== 0

/** In 3.1 these have a DUP flag and a QoS; elsewhere only what should not be there is worth a word. */
function flagsOf(flags: number, { type, version }: PacketRecord): string {
  const delivery = `"dup":${bit(flags, PublishFlag.dup)},"qos":${qosOf(flags)}`
  if (type === PUBLISH) return `,"flags":{${delivery},"retain":${bit(flags, PublishFlag.retain)}}`
  const isRequest = type === PUBREL || type === SUBSCRIBE || type === UNSUBSCRIBE
  if (isRequest && version === 3) return `,"flags":{${delivery}}`
  return flags === (isRequest ? 2 : 0) ? '' : `,"flags":{"reserved":${flags}}`
}

function findingsJson(findings: readonly Finding[]): string {
  if (findings.length === 0) return ',"findings":[]'
  const list = findings.slice(0, MOST_FINDINGS).map(({ id, level, message, offset }) => {
    return `{"id":${jsonText(id)},"level":"${level}","message":${jsonText(message)},"offset":${Math.max(0, offset)}}`
  })
  const omitted = findings.length > MOST_FINDINGS ? `,"findingsOmitted":${findings.length - MOST_FINDINGS}` : ''
  return `,"findings":[${list.join(',')}]${omitted}`
}
