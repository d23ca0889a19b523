/** `messages`: application messages as mosquitto_sub prints them, each once, however often it crosses the wire. */

import { PacketJson } from '../export/json-packet.ts'
import { harmlessJson, json } from '../export/json-text.ts'
import { Slot } from '../mqtt/fields.ts'
import { PUBLISH, PublishFlag, qosOf } from '../mqtt/spec.ts'
import type { Exchange } from '../session/exchange/exchange.ts'
import { FanOut } from '../session/fanout/fanout.ts'
import type { Tracker } from '../session/tracker.ts'
import type { PayloadReader } from '../store/payloads.ts'
import type { PacketRecord, Stream, Write } from '../store/record.ts'
import type { FanOutRole } from '../store/vocabulary.ts'
import { isoTime } from '../text/moments.ts'
import { printable, sanitize } from '../text/sanitize.ts'
import { type Format, notJson, parseFormat } from './format.ts'
import { MessageText } from './message-text.ts'
import type { Report } from './report.ts'

export interface MessagesOptions {
  /** `ndjson`: records as in `report.schema.json` in place of a format string. */
  readonly format: 'text' | 'ndjson'
  /** mosquitto_sub's `-F`; absent: its `-v`, topic and payload. */
  readonly layout?: string | undefined
  /** What goes to a terminal is made harmless; what goes elsewhere stays as it was on the wire. */
  readonly terminal: boolean
  /** Nothing between the messages. */
  readonly joined: boolean
  /** Each hop of a message: to the broker, and to every subscriber. */
  readonly allHops: boolean
  readonly redact: boolean
  /** Prints what payloads hold as JSON, where a rule decodes them. */
  readonly payloads?: PayloadReader | undefined
  /** Messages printed at most. */
  readonly most: number
  /** Of the fingerprints: random in programs. */
  readonly seed: number
  /** For bytes that are no text. */
  readonly writeBytes: (bytes: Uint8Array) => void
  /** Hears of messages that cannot be printed. */
  readonly tell: (message: string) => void
}

/** As mosquitto_sub prints a message without a payload behind its topic. */
const NO_PAYLOAD = '(null)'
/** Roles that bring a message the reader has seen. */
const SEEN: readonly FanOutRole[] = ['copy', 'extra', 'replay']

export class MessagesReport implements Report {
  private readonly options: MessagesOptions
  private readonly write: Write
  private readonly text = new MessageText()
  private readonly body: PacketJson
  private readonly layout: Format
  private fanOut: FanOut | undefined = undefined
  private count = 0

  /** Throws FormatError. */
  constructor(options: MessagesOptions, write: Write) {
    const { redact, terminal, layout } = options
    this.options = options
    this.write = write
    this.body = new PacketJson(redact, options.payloads)
    const clean = terminal ? sanitize : (text: string): string => text
    this.layout =
      layout === undefined ? verbose(clean, redact, options.payloads) : parseFormat(layout, { redact, clean })
  }

  get full(): boolean {
    return this.count >= this.options.most
  }

  follow(tracker: Tracker): void {
    const { seed } = this.options
    this.fanOut = new FanOut({ tracker, expects: false, keepsCopies: false, seed, settled: () => {} })
  }

  every(record: PacketRecord): void {
    this.fanOut?.onPacket(record)
  }

  ended(stream: Stream): void {
    this.fanOut?.left(stream)
  }

  packet(record: PacketRecord): void {
    if (record.type !== PUBLISH || record.packet.malformed || !record.packet.has(Slot.payload)) return
    // What cannot be told from others, for want of a topic, is news.
    const role = this.fanOut?.onPublish(record, record.exchange)?.role ?? 'fresh'
    if (role === 'again' || (!this.options.allHops && SEEN.includes(role))) return
    this.count++
    if (this.options.format === 'ndjson') this.record(record)
    else this.print(record)
  }

  exchange(exchange: Exchange): void {
    this.fanOut?.exchange(exchange)
  }

  gap(): void {}
  skipped(): void {}
  damage(): void {}
  finish(): void {}

  private print(record: PacketRecord): void {
    const { text, options } = this
    text.turnTo(record)
    const pieces = this.layout(text)
    if (pieces === undefined) options.tell(notJson(text))
    for (const piece of pieces ?? []) {
      if (typeof piece === 'string') this.write(piece)
      else if (options.terminal) this.write(printable(piece, 0, piece.length))
      else options.writeBytes(piece)
    }
    if (!options.joined) this.write('\n')
  }

  private record(record: PacketRecord): void {
    const { raw, packet, stream, side, number } = record
    const flags = packet.value(Slot.flags)
    const head = json({
      record: 'message',
      packet: number,
      time: isoTime(raw.frame),
      stream: stream.flow.index,
      client: stream.clientId,
      from: stream.senderOf(side),
      qos: qosOf(flags),
      retain: (flags & PublishFlag.retain) !== 0,
    })
    this.write(`${head.slice(0, -1)}${this.body.of(record)}}\n`)
  }
}

/** Returns the JSON of a decoded payload; undefined if no rule is for it, or it does not fit its decoder. */
function decodedText({ record }: MessageText, payloads: PayloadReader | undefined): string | undefined {
  const value = payloads === undefined ? undefined : payloads.valueJson(record)
  return value === undefined ? undefined : harmlessJson(value)
}

/** Topic, blank, payload. */
const verbose =
  (clean: (text: string) => string, redact: boolean, payloads: PayloadReader | undefined): Format =>
  message => {
    const { size } = message
    const content =
      size === 0 ? NO_PAYLOAD : redact ? `<${size} bytes>` : (decodedText(message, payloads) ?? message.payload)
    return [`${clean(message.topic)} `, content]
  }
