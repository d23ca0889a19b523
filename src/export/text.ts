/** `-T text`: one line a packet, in columns; for people. */

import type { Frame } from '../base/line.ts'
import { isNoCapture } from '../capture/damage.ts'
import { Slot } from '../mqtt/fields.ts'
import { AUTH, CONNACK, DISCONNECT, FIRST_FAILURE, TYPE_NAMES } from '../mqtt/spec.ts'
import { type Finding, findingsOf } from '../store/findings.ts'
import type { PayloadReader } from '../store/payloads.ts'
import type {
  Damage,
  Exporter,
  Likeness,
  PacketRecord,
  PlacedFinding,
  Side,
  Stream,
  Summary,
  Write,
} from '../store/record.ts'
import { cells } from '../text/cells.ts'
import { answerText, fanOutText } from '../text/exchange-text.ts'
import { hexDump } from '../text/hexdump.ts'
import { info } from '../text/info.ts'
import { type TimeFormat, Times } from '../text/moments.ts'
import { plainCount } from '../text/numbers.ts'
import { GLYPHS, LEVEL_STYLES, paint, Style, typeStyle } from '../text/paint.ts'
import { sanitize } from '../text/sanitize.ts'
import { transportWords } from '../text/transport-text.ts'
import { markOf } from '../transport/facts.ts'
import type { Foreign } from '../transport/recognise.ts'
import { Details } from './details.ts'

export interface TextOptions {
  readonly time: TimeFormat
  readonly color: boolean
  /** The whole tree of each packet. */
  readonly verbose: boolean
  /** The bytes of each packet. */
  readonly bytes: boolean
  /** User names, passwords and payloads are replaced by their length. */
  readonly redact: boolean
  /** With `verbose`: decodes payloads. */
  readonly payloads?: PayloadReader | undefined
  /** Width of the terminal, where the output goes to one: payloads are cut to fit. */
  readonly columns?: number
}

/** Below this width addresses, numbers and times are written as short as can be. */
const NARROW = 100
const NARROW_DIGITS = 6
/** Registered with IANA; the port of a broker on most lines. */
const MQTT_PORT = 1883
const NUMBER_WIDTH = 5
const NARROW_NUMBER_WIDTH = 3
const TIME_WIDTH = 10
const NARROW_TIME_WIDTH = 8
const TYPE_WIDTH = 11
const LENGTH_WIDTH = 4
/** A longer address moves its own line alone: one IPv6 address is not to push all others off the screen. */
const MOST_ADDRESS_WIDTH = 27
/** Connections whose addresses are remembered; beyond it the memory starts afresh. */
const MOST_CONNECTIONS = 4096
/** Blanks between type, length and what follows. */
const BETWEEN = 2
/** Findings told on a line: a hostile packet has thousands. */
const MOST_FINDINGS = 8

/** Why bytes were passed over. */
const FOREIGN: Readonly<Record<Foreign, string>> = {
  '': 'no packet begins in them',
  tls: 'they are TLS, which hides what it carries',
  http: 'they are HTTP',
  ssh: 'they are SSH',
  amqp: 'they are AMQP',
  other: 'they are not MQTT',
}

const BLANKS: readonly string[] = Array.from({ length: 64 }, (_, count) => ' '.repeat(count))
const right = (text: string, width: number): string =>
  text.length < width ? (BLANKS[width - text.length] ?? '') + text : text
const left = (text: string, width: number): string =>
  text.length < width ? text + (BLANKS[width - text.length] ?? '') : text

const TYPES: readonly string[] = TYPE_NAMES.map(name => left(name, TYPE_WIDTH))

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0)

export class TextExporter implements Exporter {
  private readonly options: TextOptions
  private readonly write: Write
  private readonly times: Times
  private readonly details: Details | undefined
  private readonly narrow: boolean
  private readonly numberWidth: number
  private timeWidth: number
  private addressWidth = 0
  /** `source → destination`, and what the stream is wrapped in, by connection and side. */
  private readonly addresses = new Map<Stream, readonly [string, string]>()

  constructor(options: TextOptions, write: Write) {
    this.options = options
    this.write = write
    this.narrow = options.columns !== undefined && options.columns < NARROW
    this.times = new Times(options.time, this.narrow ? NARROW_DIGITS : undefined)
    this.details = options.verbose ? new Details(options) : undefined
    this.numberWidth = this.narrow ? NARROW_NUMBER_WIDTH : NUMBER_WIDTH
    this.timeWidth = this.narrow ? NARROW_TIME_WIDTH : TIME_WIDTH
  }

  /** The first frame of the capture: relative times count from it. Else they count from the first connection's. */
  begin(frame: Frame): void {
    this.times.begin(frame)
  }

  packet(record: PacketRecord): void {
    const { raw, packet } = record
    const length = packet.has(Slot.length) ? `${packet.value(Slot.length)}` : '?'
    const start = this.prefix(`${record.number}`, raw.frame, record.stream, record.side)
    const line = `${start}${this.type(record)} ${right(length, LENGTH_WIDTH)}`
    const answer = answerText(record, this.narrow) + fanOutText(record)
    const about = info(record, this.options.redact, this.room(start, answer))
    const isPlain = packet.faultCount === 0 && raw.kept === raw.end && !record.aliasUnknown
    const findings = isPlain && record.ruleFindings.length === 0 ? '' : this.findings(record)
    this.write(`${line}${about === '' ? '' : ` ${about}`}${answer}${findings}\n`)
    if (this.details !== undefined) this.write(this.details.of(record))
    if (this.options.bytes && !this.options.redact) hexDump(raw, this.write)
  }

  gap(stream: Stream, side: Side, size: number, frame: Frame): void {
    const text = size === 0 ? 'an unknown number of bytes is not in the capture' : 'bytes are not in the capture'
    this.hole('GAP', stream, side, size, frame, text)
  }

  skipped(stream: Stream, side: Side, size: number, frame: Frame, foreign: Foreign): void {
    this.hole('SKIPPED', stream, side, size, frame, `bytes passed over: ${FOREIGN[foreign]}`)
  }

  /** A line for a connection whose packets nobody can read, with what is known of it all the same. */
  sealed(stream: Stream, frame: Frame): void {
    const side: Side = stream.client === 1 ? 1 : 0
    const size = sum(stream.transport?.tls?.bytes ?? [])
    const words = stream.transport === undefined ? [] : transportWords(stream.transport, this.options.redact === true)
    this.hole('SEALED', stream, side, size, frame, `bytes in TLS that nothing opened (${words.join(', ')})`)
  }

  /** Writes a line of its own. An input that is no capture has no list: whoever reads it reports that, once. */
  damage(damage: Damage): void {
    if (isNoCapture(damage)) return
    const size = damage.size === 0 ? '' : `, ${damage.size} B passed over`
    const text = `capture damaged at byte ${damage.at}: ${sanitize(damage.message)}${size}`
    this.write(`${right('~~~', this.numberWidth)} ${this.paint(text, Style.red)}\n`)
  }

  /** In the column of the numbers stands how grave it is: the line is no packet. Notes on a stream are left to `findings`. */
  finding({ packet, stream, id, level, message }: PlacedFinding): void {
    if (packet === 0 && level === 'note') return
    const about = packet === 0 ? `stream ${stream.flow.index}` : `packet ${packet}`
    const text = `${right(GLYPHS[level], this.numberWidth)} ${about}: ${id} ${sanitize(message)}`
    this.write(`${this.paint(text, LEVEL_STYLES[level])}\n`)
  }

  finish(): void {}

  private hole(name: string, stream: Stream, side: Side, size: number, frame: Frame, text: string): void {
    const start = this.prefix('~~~', frame, stream, side)
    const length = right(size === 0 ? '?' : `${size}`, LENGTH_WIDTH)
    this.write(`${start}${this.paint(`${left(name, TYPE_WIDTH)} ${length} ~ ${text} ~`, Style.yellow)}\n`)
  }

  /** Number, time and addresses. */
  private prefix(number: string, frame: Frame, stream: Stream, side: Side): string {
    if (this.options.time === 'r') this.times.begin(stream.flow)
    const time = this.times.of(frame)
    if (time.length > this.timeWidth) this.timeWidth = time.length
    const pair = this.addresses.get(stream) ?? this.learn(stream)
    return `${right(number, this.numberWidth)} ${right(time, this.timeWidth)} ${pair[side]}`
  }

  private learn(stream: Stream): readonly [string, string] {
    if (this.addresses.size >= MOST_CONNECTIONS) this.addresses.clear()
    const [there, back] = this.narrow ? this.joined(stream) : this.aligned(stream)
    const mark = stream.transport === undefined ? '' : `${markOf(stream.transport)} `
    const pair = [there + mark, back + mark] as const
    this.addresses.set(stream, pair)
    return pair
  }

  /** Both columns take the longer of the two ends, so that the arrows stand below each other. */
  private aligned({ flow }: Stream): readonly [string, string] {
    const a = flow.endpoint(0)
    const b = flow.endpoint(1)
    const width = this.widen(Math.max(a.length, b.length), MOST_ADDRESS_WIDTH)
    return [`${right(a, width)} → ${left(b, width)} `, `${right(b, width)} → ${left(a, width)} `]
  }

  /** As short as can be: ports alone where both ends are one host, and no port that everybody knows. */
  private joined({ flow }: Stream): readonly [string, string] {
    const oneHost = flow.host(0) === flow.host(1)
    const end = (side: Side): string => {
      if (oneHost) return `:${flow.port(side)}`
      return flow.port(side) === MQTT_PORT ? flow.host(side) : flow.endpoint(side)
    }
    const there = `${end(0)} → ${end(1)}`
    const width = this.widen(there.length, MOST_ADDRESS_WIDTH * 2)
    return [`${left(there, width)} `, `${left(`${end(1)} → ${end(0)}`, width)} `]
  }

  /** Columns grow and never shrink; what is remembered was made for the narrower ones. */
  private widen(width: number, most: number): number {
    if (width > this.addressWidth && width <= most) {
      this.addressWidth = width
      this.addresses.clear()
    }
    return this.addressWidth
  }

  private type(record: PacketRecord): string {
    const { type, version, packet } = record
    const name = TYPES[type === AUTH && version !== 5 ? 0 : type] ?? ''
    if (!this.options.color) return name
    const code = packet.has(Slot.reason) ? packet.value(Slot.reason) : 0
    const isRefusal = (type === CONNACK && code !== 0) || (type === DISCONNECT && code >= FIRST_FAILURE)
    const style = typeStyle(packet.has(Slot.flags) ? packet.value(Slot.flags) : 0, packet.malformed, isRefusal)
    return paint(name.trimEnd(), style) + BLANKS[TYPE_WIDTH - name.trimEnd().length]
  }

  /** Cells left of a terminal's row; undefined where the output goes elsewhere. */
  private room(start: string, end: string): number | undefined {
    const { columns } = this.options
    if (columns === undefined) return undefined
    return columns - cells(start) - TYPE_WIDTH - LENGTH_WIDTH - BETWEEN - end.length
  }

  /** Behind two blanks: what is said of a packet is not to be taken for a part of it. */
  private findings(record: PacketRecord): string {
    const { raw, packet } = record
    let text = ''
    if (raw.kept < raw.end) text += this.paint(`  partial ${raw.kept - raw.start}/${raw.end - raw.start} B`, Style.cyan)
    if (packet.malformed) text += this.paint('  malformed', Style.red)
    const findings = findingsOf(record)
    for (const finding of findings.slice(0, MOST_FINDINGS)) text += this.findingText(finding)
    return findings.length > MOST_FINDINGS ? `${text}  and ${findings.length - MOST_FINDINGS} more` : text
  }

  /** A fault of the format has a place; one of behaviour is about the whole packet. */
  private findingText({ id, level, message, offset }: Finding): string {
    const where = offset < 0 ? '' : ` (byte ${offset})`
    return this.paint(`  ${GLYPHS[level]} ${id} ${sanitize(message)}${where}`, LEVEL_STYLES[level])
  }

  private paint(text: string, style: string): string {
    return this.options.color ? paint(text, style) : text
  }
}

/** A line for each reason for which frames could not be read, and one for the streams that were not. */
export const unreadLines = ({ unread, leftOut, undecided }: Summary): readonly string[] => [
  ...unread.map(
    ({ reason, frames, first }) =>
      `${plainCount(frames, 'frame')} could not be read: ${reason} (first: frame ${first})`,
  ),
  ...(leftOut === undefined ? [] : [`${plainCount(leftOut, 'stream')} not read: too many at once`]),
  ...(undecided === undefined ? [] : [undecidedText(undecided)]),
]

/** Says how many streams were let go before they had proved what they are. */
export const undecidedText = (count: number): string =>
  `${plainCount(count, 'stream')} let go before it was clear whether they are MQTT: too many at once (-p PORT reads them)`

/** Lines for TLS connections that may carry MQTT and that nothing opened. */
export const sealedLines = ({ sealed = [] }: Summary): readonly string[] =>
  sealed.map(
    ({ port, connections }) =>
      `${plainCount(connections, 'TLS connection')} to port ${port} could not be opened: name their key log with --keylog FILE`,
  )

/** What a store of keys says of itself, see `KeyStore`. */
export interface KeyCounts {
  readonly size: number
  readonly asked: number
  readonly unknown: number
}

/** Lines for keys that opened nothing although something is sealed: they are of other connections, or no key log at all. */
export const keyLines = ({ sealed }: Summary, keys: KeyCounts | undefined): readonly string[] => {
  if (sealed === undefined || keys === undefined) return []
  const { size, asked, unknown } = keys
  return [
    ...(size > 0 && asked === 0
      ? [`the keys are those of ${plainCount(size, 'other connection')}: none of them begins in this capture`]
      : []),
    ...(unknown > 0 ? [`${plainCount(unknown, 'line')} of the key log not understood`] : []),
  ]
}

/** What people do about ports that look like MQTT. */
const WHAT_TO_DO: Readonly<Record<Likeness, (ports: string) => string>> = {
  mqtt: ports => `read it with -p ${ports}`,
  tls: ports => `in TLS: read it with -p ${ports} and --keylog FILE`,
  websocket: ports => `in WebSocket: read it with -p ${ports.replaceAll(',', ':ws,')}:ws`,
}

/** Hints where no packet was read, and other ports than those watched look like MQTT: a line for each likeness. */
export const otherPortLines = ({ otherPorts = [], sealed = [] }: Summary): readonly string[] =>
  (['mqtt', 'websocket', 'tls'] as const).flatMap(likeness => {
    const isTold = (port: number): boolean => likeness === 'tls' && sealed.some(other => other.port === port)
    const ports = otherPorts.filter(other => other.likeness === likeness && !isTold(other.port)).map(({ port }) => port)
    if (ports.length === 0) return []
    const which = ports.length === 1 ? `port ${ports[0]} looks` : `ports ${ports.join(', ')} look`
    return [`no MQTT packet was read, but ${which} like MQTT: ${WHAT_TO_DO[likeness](ports.join(','))}`]
  })

/** The line that ends a run, for stderr. */
export function summaryLine(summary: Summary): string {
  const { malformed, gapBytes, skippedBytes, dropped } = summary
  const parts = [
    plainCount(summary.frames, 'frame'),
    plainCount(summary.packets, 'packet') + (malformed > 0 ? ` (${malformed} malformed)` : ''),
    `${plainCount(summary.flows, 'flow')} (${summary.connections} MQTT)`,
    plainCount(summary.gaps, 'gap') + (gapBytes > 0 ? ` (${gapBytes} B)` : ''),
    ...(skippedBytes > 0 ? [`${skippedBytes} B passed over`] : []),
    summary.damage === 0 ? 'no damage' : `${plainCount(summary.damage, 'damaged place')} (${summary.damageBytes} B)`,
    dropped === undefined ? 'drops unknown' : `${dropped} dropped by the kernel`,
  ]
  return parts.join(' · ')
}
