/** Stories for the reports: who sends what when, as a capture, and what a report prints of it. */
import { Pipeline } from '../../src/analysis/pipeline.ts'
import { Gate, type GateOptions } from '../../src/report/gate.ts'
import type { Report } from '../../src/report/report.ts'
import { type Checks, Tracker } from '../../src/session/tracker.ts'
import type { Write } from '../../src/store/record.ts'
import { header, LITTLE, record, text } from './capture.ts'
import { Connection, concat, type Differences, u16 } from './wire.ts'

const SECONDS = 1_700_000_000

export class Story {
  private readonly frames: { readonly at: number; readonly bytes: Uint8Array }[] = []
  private now = 0
  private ports = 40_000

  /** From here on, seconds since the first frame. */
  at(seconds: number): this {
    this.now = seconds
    return this
  }

  /** A connection that begins now. */
  join(server?: Differences): Talk {
    return new Talk(this, this.ports++, server)
  }

  add(frames: readonly Uint8Array[]): void {
    for (const bytes of frames) this.frames.push({ at: this.now, bytes })
  }

  get capture(): Uint8Array {
    const records = this.frames.map(({ at, bytes }) => {
      const seconds = Math.floor(at)
      return record(LITTLE, { seconds: SECONDS + seconds, fraction: Math.round((at - seconds) * 1e6), data: bytes })
    })
    return concat(header(LITTLE), ...records)
  }
}

export class Talk {
  private readonly story: Story
  private readonly frames: Uint8Array[] = []
  private readonly stream: Connection

  constructor(story: Story, port: number, server?: Differences) {
    this.story = story
    this.stream = new Connection(this.frames, 4, port, 1000, server)
    this.flush()
  }

  /** From the client. */
  say(...packets: readonly Uint8Array[]): this {
    return this.send(true, packets)
  }

  /** From the broker. */
  hear(...packets: readonly Uint8Array[]): this {
    return this.send(false, packets)
  }

  /** CONNECT and its acceptance. */
  enter(client: string, options: ConnectOptions = {}): this {
    const isFive = options.version === 5
    const accepted = [options.present === true ? 1 : 0, 0, ...(isFive ? [0] : [])]
    return this.say(connect(client, options)).hear(packet(0x20, accepted))
  }

  /** From the client, and not in the capture. */
  lose(...packets: readonly Uint8Array[]): this {
    this.stream.lose(true, concat(...packets))
    return this.flush()
  }

  /** From the broker, and not in the capture. */
  miss(...packets: readonly Uint8Array[]): this {
    this.stream.lose(false, concat(...packets))
    return this.flush()
  }

  /** SUBSCRIBE and its answer. */
  want(id: number, filter: string, qos = 0, granted = qos): this {
    return this.say(subscribe(id, [[filter, qos]])).hear(packet(0x90, u16(id), [granted]))
  }

  close(byClient = true): this {
    this.stream.finish(byClient)
    return this.flush()
  }

  private send(fromClient: boolean, packets: readonly Uint8Array[]): this {
    this.stream.send(fromClient, concat(...packets))
    return this.flush()
  }

  private flush(): this {
    this.story.add(this.frames.splice(0))
    return this
  }
}

// Packets

type Part = Uint8Array | readonly number[]

const string = (value: string): Uint8Array => {
  const bytes = text(value)
  return concat(u16(bytes.length), bytes)
}

/** Remaining Length in as many bytes as it takes (MQTT 5 §1.5.5). */
function length(size: number): number[] {
  const bytes: number[] = []
  let rest = size
  do {
    bytes.push((rest & 127) | (rest > 127 ? 128 : 0))
    rest >>>= 7
  } while (rest > 0)
  return bytes
}

export function packet(first: number, ...parts: readonly Part[]): Uint8Array {
  const body = concat(...parts.map(role => Uint8Array.from(role)))
  return concat(Uint8Array.of(first), Uint8Array.from(length(body.length)), body)
}

export interface ConnectOptions {
  readonly version?: 4 | 5
  readonly clean?: boolean
  readonly keepAlive?: number
  readonly will?: readonly [topic: string, payload: string]
  /** Of the answer in `enter`. */
  readonly present?: boolean
  /** Property block of 5.0, without its length. */
  readonly properties?: readonly number[]
}

export function connect(client: string, options: ConnectOptions = {}): Uint8Array {
  const { version = 4, clean = true, keepAlive = 60, will, properties = [] } = options
  const flags = (clean ? 2 : 0) | (will === undefined ? 0 : 4)
  const head = concat(string('MQTT'), Uint8Array.of(version, flags), u16(keepAlive))
  const block = version === 5 ? [properties.length, ...properties] : []
  const last = will === undefined ? [] : [...(version === 5 ? [0] : []), ...string(will[0]), ...string(will[1])]
  return packet(0x10, head, block, string(client), last)
}

export interface PublishOptions {
  readonly qos?: number
  readonly id?: number
  readonly dup?: boolean
  readonly retain?: boolean
  /** MQTT 5: the property block, without its length. */
  readonly properties?: readonly number[]
}

export function publish(topic: string, payload: string | Uint8Array, options: PublishOptions = {}): Uint8Array {
  const { qos = 0, id = 0, dup = false, retain = false, properties } = options
  const first = 0x30 | (dup ? 8 : 0) | (qos << 1) | (retain ? 1 : 0)
  const block = properties === undefined ? [] : [properties.length, ...properties]
  const body = typeof payload === 'string' ? text(payload) : payload
  return packet(first, string(topic), qos > 0 ? u16(id) : [], block, body)
}

export const subscribe = (id: number, filters: readonly (readonly [string, number])[], isFive = false): Uint8Array =>
  packet(
    0x82,
    u16(id),
    isFive ? [0] : [],
    ...filters.map(([filter, options]) => concat(string(filter), Uint8Array.of(options))),
  )

export const suback = (id: number, codes: readonly number[], isFive = false): Uint8Array =>
  packet(0x90, u16(id), isFive ? [0] : [], codes)
export const unsubscribe = (id: number, filter: string): Uint8Array => packet(0xa2, u16(id), string(filter))
export const unsuback = (id: number): Uint8Array => packet(0xb0, u16(id))

export const puback = (id: number, code?: number): Uint8Array => packet(0x40, u16(id), code === undefined ? [] : [code])
export const pubrec = (id: number): Uint8Array => packet(0x50, u16(id))
export const pubrel = (id: number): Uint8Array => packet(0x62, u16(id))
export const pubcomp = (id: number): Uint8Array => packet(0x70, u16(id))
export const pingreq = (): Uint8Array => packet(0xc0)
export const pingresp = (): Uint8Array => packet(0xd0)
export const disconnect = (code?: number): Uint8Array => packet(0xe0, code === undefined ? [] : [code])

// What a report prints

/** What follows sessions, and says nothing. */
export const NO_CHECKS: Checks = { packet() {}, exchange() {}, ended() {} }

export interface RunOptions extends Partial<Pick<GateOptions, 'matches' | 'most'>> {
  readonly checks?: Checks
  /** Bytes handed to the line at once. */
  readonly piece?: number
}

/** Runs a report over a capture; it makes itself with the functions to write with. */
export function reported(
  capture: Uint8Array,
  make: (write: Write, writeBytes: (bytes: Uint8Array) => void) => Report,
  options: RunOptions = {},
): string {
  const parts: Uint8Array[] = []
  const report = make(
    more => void parts.push(text(more)),
    bytes => void parts.push(bytes.slice()),
  )
  const gate = new Gate(report, { matches: options.matches, most: options.most ?? Number.POSITIVE_INFINITY })
  const tracker = new Tracker(gate, options.checks ?? NO_CHECKS)
  report.follow?.(tracker)
  const pipeline = new Pipeline(tracker, { frame: frame => report.frame?.(frame) })
  const piece = options.piece ?? capture.length
  for (let at = 0; at < capture.length; at += piece) pipeline.push(capture.subarray(at, at + piece))
  const summary = pipeline.end()
  tracker.finish()
  report.finish(summary)
  return new TextDecoder().decode(concat(...parts))
}

/** Its records. */
export const recordsIn = (lines: string): readonly Record<string, unknown>[] =>
  lines
    .split('\n')
    .slice(0, -1)
    .map(line => JSON.parse(line) as Record<string, unknown>)
