/** Builds Ethernet, IP and TCP by hand, so that the reading code never vouches for itself. */
import { type FlowEnd, Frame, NOWHERE, type RunSink } from '../../src/base/line.ts'
import { MemoryLog } from '../../src/capture/log.ts'
import { ANOMALY_NAMES, type AnomalyCode } from '../../src/net/anomaly.ts'
import type { Flow, FlowSink, Side } from '../../src/net/flow.ts'
import { Flows } from '../../src/net/flows.ts'
import { readSegment, Segment } from '../../src/net/segment.ts'

export const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)
export const textOf = (bytes: Uint8Array, start = 0, end = bytes.length): string =>
  new TextDecoder().decode(bytes.subarray(start, end))

export function join(...parts: readonly (Uint8Array | readonly number[])[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((size, part) => size + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

export const be16 = (value: number): number[] => [(value >>> 8) & 255, value & 255]
export const be32 = (value: number): number[] => [...be16(value >>> 16), ...be16(value & 0xffff)]

export const FIN = 1
export const SYN = 2
export const RST = 4
export const PSH = 8
export const ACK = 16
export const URG = 32

export interface TcpParts {
  readonly from?: number
  readonly to?: number
  readonly seq?: number
  readonly ack?: number
  readonly flags?: number
  readonly window?: number
  readonly urgent?: number
  readonly options?: readonly number[]
  readonly data?: Uint8Array | string
  /** Overrides the header length field. */
  readonly words?: number
}

export function tcp(parts: TcpParts = {}): Uint8Array {
  const options = parts.options ?? []
  const words = parts.words ?? 5 + options.length / 4
  const data = typeof parts.data === 'string' ? bytesOf(parts.data) : (parts.data ?? [])
  return join(
    be16(parts.from ?? 40000),
    be16(parts.to ?? 1883),
    be32(parts.seq ?? 0),
    be32(parts.ack ?? 0),
    [words << 4, parts.flags ?? ACK],
    be16(parts.window ?? 64240),
    [0, 0],
    be16(parts.urgent ?? 0),
    options,
    data,
  )
}

export interface Ip4Parts {
  readonly source?: readonly number[]
  readonly target?: readonly number[]
  readonly protocol?: number
  readonly total?: number
  readonly id?: number
  /** Flags and offset, as the field holds them. */
  readonly fragment?: number
  readonly words?: number
}

export function ip4(payload: Uint8Array, parts: Ip4Parts = {}): Uint8Array {
  return join(
    [0x40 | (parts.words ?? 5), 0],
    be16(parts.total ?? 20 + payload.length),
    be16(parts.id ?? 1),
    be16(parts.fragment ?? 0),
    [64, parts.protocol ?? 6, 0, 0],
    parts.source ?? [192, 0, 2, 1],
    parts.target ?? [192, 0, 2, 2],
    payload,
  )
}

export interface Ip6Parts {
  readonly source?: readonly number[]
  readonly target?: readonly number[]
  readonly next?: number
  readonly size?: number
}

const DOCUMENTATION = [0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]

export function ip6(payload: Uint8Array, parts: Ip6Parts = {}): Uint8Array {
  return join(
    [0x60, 0, 0, 0],
    be16(parts.size ?? payload.length),
    [parts.next ?? 6, 64],
    parts.source ?? [...DOCUMENTATION, 1],
    parts.target ?? [...DOCUMENTATION, 2],
    payload,
  )
}

export const ethernet = (payload: Uint8Array, type = 0x0800): Uint8Array =>
  join([2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1], be16(type), payload)

export interface FrameParts {
  readonly number?: number
  readonly link?: number
  readonly seconds?: number
  readonly nanos?: number
  /** Bytes captured; the rest was cut by the snap length. */
  readonly captured?: number
}

/** A frame with foreign bytes before and behind it: a read outside of it is seen. */
export function frameOf(bytes: Uint8Array, parts: FrameParts = {}): Frame {
  const captured = parts.captured ?? bytes.length
  const frame = new Frame()
  frame.bytes = join([0xee, 0xee, 0xee], bytes.subarray(0, captured), [0xee, 0xee, 0xee, 0xee, 0xee])
  frame.start = 3
  frame.end = 3 + captured
  frame.wireSize = bytes.length
  frame.number = parts.number ?? 1
  frame.link = parts.link ?? 1
  frame.seconds = parts.seconds ?? 1_700_000_000
  frame.nanos = parts.nanos ?? 0
  return frame
}

/** Writes down what the flows tell: the text of each stream, and all events in order. */
export class Recorder implements FlowSink {
  readonly events: string[] = []
  /** Delivered text by `stream.side`, gaps as `<size>`. */
  readonly streams = new Map<string, string>()
  readonly flows: Flow[] = []
  /** The bytes of all frames, where whoever sends them keeps them: each run is looked up there by its position. */
  readonly capture = new MemoryLog()
  /** Bytes of runs that stand nowhere in it. */
  nowhere = 0
  interested = true

  open(flow: Flow): readonly [RunSink, RunSink] | null {
    this.flows.push(flow)
    this.events.push(`open ${flow.index} ${flow.endpoint(0)} ${flow.endpoint(1)} client ${flow.client}`)
    return this.interested ? [this.listener(flow, 0), this.listener(flow, 1)] : null
  }

  close(flow: Flow, how: FlowEnd): void {
    this.events.push(`close ${flow.index} ${how}`)
  }

  anomaly(flow: Flow, side: Side, anomaly: AnomalyCode, _frame: Frame, from: number, to: number): void {
    this.events.push(`${flow.index}.${side} ${ANOMALY_NAMES[anomaly]} ${from}-${to}`)
  }

  text(side: Side = 0, stream = 0): string {
    return this.streams.get(`${stream}.${side}`) ?? ''
  }

  /** Names of the anomalies in order. */
  get anomalies(): string[] {
    return this.events.flatMap(event => ANOMALY_NAMES.filter(name => event.split(' ')[1] === name))
  }

  private lookUp(position: number, text: string, size: number): void {
    if (position === NOWHERE) this.nowhere += size
    else if (this.capture.size > 0 && textOf(this.capture.read(position, size)) !== text)
      throw new Error(`"${text}" does not stand at ${position}`)
  }

  private listener(flow: Flow, side: Side): RunSink {
    const key = `${flow.index}.${side}`
    const add = (text: string) => {
      this.streams.set(key, (this.streams.get(key) ?? '') + text)
    }
    let ended = false
    const check = () => {
      if (ended) throw new Error('something came after end')
    }
    return {
      run: (bytes, start, end, frame, position) => {
        check()
        if (start >= end) throw new Error('empty run')
        this.lookUp(position, textOf(bytes, start, end), end - start)
        add(textOf(bytes, start, end))
        this.events.push(`${key} run ${textOf(bytes, start, end)} @${frame.number}`)
      },
      gap: (size, frame) => {
        check()
        add(`<${size}>`)
        this.events.push(`${key} gap ${size} @${frame.number}`)
      },
      end: how => {
        check()
        ended = true
        this.events.push(`${key} end ${how}`)
      },
    }
  }
}

/** A conversation between 192.0.2.1:40000 and 192.0.2.2:1883, one frame a millisecond. */
export class Talk {
  readonly recorder: Recorder
  readonly flows: Flows
  readonly segment = new Segment()
  seconds = 1_700_000_000
  millis = 0
  number = 0

  constructor(recorder = new Recorder(), most?: number) {
    this.recorder = recorder
    this.flows = new Flows(recorder, 1, most)
  }

  /** SYN 99, SYN+ACK 499, ACK: the streams begin at 100 and 500. */
  shake(): this {
    this.client({ seq: 99, flags: SYN })
    this.server({ seq: 499, ack: 100, flags: SYN | ACK })
    return this.client({ seq: 100, ack: 500 })
  }

  client(parts: TcpParts, captured?: number): this {
    return this.bytes(ethernet(ip4(tcp({ ack: 500, ...parts }), { id: this.number + 1 })), captured)
  }

  server(parts: TcpParts, captured?: number): this {
    const ip = { source: [192, 0, 2, 2], target: [192, 0, 2, 1], id: this.number + 1 }
    return this.bytes(ethernet(ip4(tcp({ from: 1883, to: 40000, seq: 500, ack: 100, ...parts }), ip)), captured)
  }

  bytes(bytes: Uint8Array, captured = bytes.length): this {
    this.number++
    this.millis++
    const frame = frameOf(bytes, {
      number: this.number,
      seconds: this.seconds + Math.floor(this.millis / 1000),
      nanos: (this.millis % 1000) * 1_000_000,
      captured,
    })
    const position = this.recorder.capture.size
    frame.position = this.recorder.capture.append(bytes.subarray(0, captured)) ? position : NOWHERE
    if (readSegment(frame, this.segment)) this.flows.push(this.segment)
    // A reader reuses its buffer: nothing may be read from it later.
    frame.bytes.fill(0x21)
    return this
  }

  wait(millis: number): this {
    this.millis += millis
    return this
  }

  end(): this {
    this.flows.end()
    return this
  }

  get text(): string {
    return this.recorder.text(0)
  }

  get anomalies(): string[] {
    return this.recorder.anomalies
  }

  get flow(): Flow {
    return this.recorder.flows.at(-1) as Flow
  }
}

/** A capture file in the old format (little-endian, microseconds). */
export function pcapOf(frames: readonly Uint8Array[], link = 1): Uint8Array {
  const le32 = (value: number) => [...be32(value)].reverse()
  const head = join([0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0], le32(0), le32(0), le32(262_144), le32(link))
  const records = frames.map((bytes, at) =>
    join(le32(1_700_000_000), le32(at), le32(bytes.length), le32(bytes.length), bytes),
  )
  return join(head, ...records)
}
