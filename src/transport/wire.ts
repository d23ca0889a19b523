/**
 * Decides what a stream is, from the first bytes of both directions, and puts together what reads it. A wire is the sink
 * of a stream until then: its runs go straight to the reader afterwards, and the wire is out of the way.
 */
import { type FlowEnd, Frame, positionBehind, type RunSink, type Side } from '../base/line.ts'
import { asksForWebSocket } from './http.ts'
import { Passed } from './passed.ts'
import { type ProxyHead, ProxyReader } from './proxy.ts'
import { type Foreign, type OtherProtocol, recognise, type Verdict } from './recognise.ts'

/** Whose first bytes a side has. `unknown`: which side is the client, or how the side begins, is not in the capture. */
export type Role = 'client' | 'server' | 'unknown'

/** What stands above one side of a wire: handed in where the line is plugged together. */
export interface Above {
  readonly role: Role
  /** True if the first bytes of a stream read like MQTT of this side, rightly or wrongly; undefined if more bytes must tell. */
  opens(bytes: Uint8Array, start: number, end: number): boolean | undefined
  /** The runs of this side go to `sink` from now on. */
  listen(sink: RunSink): void
  /** Makes the reader of this side's MQTT. */
  mqtt(): RunSink
  /** The stream is of another protocol. Called once for a stream, as soon as one side tells. */
  foreign(protocol: OtherProtocol, frame: Frame): void
  /** A PROXY head stands in front of this side. */
  proxied(head: ProxyHead, frame: Frame): void
  /** `size` bytes up to `frame` are of another protocol and were passed over. */
  skipped(size: number, frame: Frame, foreign: Foreign): void
  gap(size: number, frame: Frame): void
  ended(how: FlowEnd): void
}

/** Makes the readers of both sides of a stream whose client begins with TLS or asks for WebSocket in `frame`; undefined if nobody reads it. */
export type Unwrap = (layer: 'tls' | 'http', frame: Frame) => readonly [RunSink, RunSink] | undefined

/** One stream. */
export class Wire {
  /** Where the runs of both sides go at first. */
  readonly sides: readonly [RunSink, RunSink]
  private readonly above: readonly [Above, Above]
  /** By side, once it is decided. */
  private readonly verdicts: [Verdict | undefined, Verdict | undefined] = [undefined, undefined]

  private readonly unwrap: Unwrap | undefined
  /** What the client begins with, if that may be MQTT in a wrapping. */
  private asked: 'tls' | 'http' | undefined = undefined
  /** The readers of the wrapping in both sides, once the client began with it. */
  private layer: readonly [RunSink, RunSink] | undefined = undefined

  /** `unwrap`: absent if wrapped streams are passed over like other protocols. */
  constructor(above: readonly [Above, Above], unwrap?: Unwrap) {
    this.above = above
    this.unwrap = unwrap
    this.sides = [new Probe(this, 0), new Probe(this, 1)]
  }

  /** What a side is that begins with `bytes[start..end)`; undefined if more bytes must tell. */
  judge(side: Side, bytes: Uint8Array, start: number, end: number): Verdict | undefined {
    const { role } = this.above[side]
    const known = recognise(bytes, start, end)
    if (role === 'client') this.asked = askedBy(known, bytes, start, end)
    if (known !== 'mqtt' && !(known === 'proxy' && role === 'server')) return known
    if (role === 'unknown') return 'mqtt'
    if (role === 'server') {
      const client = this.verdicts[1 - side]
      if (client !== undefined) return client
    }
    const isMqtt = this.above[side].opens(bytes, start, end)
    return isMqtt === undefined ? undefined : isMqtt ? 'mqtt' : 'other'
  }

  /** What a side is of whose first bytes too few came, or none: the same as the client, if that one is known. */
  guess(side: Side): Verdict {
    const isServer = this.above[side].role === 'server'
    return (isServer ? this.verdicts[1 - side] : undefined) ?? 'mqtt'
  }

  /**
   * Takes the verdict on a side: builds the sink of all of its bytes and has the stream hand them there. A layer (TLS,
   * WebSocket) is a sink in front of the next one; what its two directions share is kept here.
   */
  decide(side: Side, verdict: Verdict, frame: Frame): RunSink {
    const above = this.above[side]
    const sink = this.sinkOf(side, verdict, frame)
    above.listen(sink)
    return sink
  }

  private sinkOf(side: Side, verdict: Verdict, frame: Frame): RunSink {
    const above = this.above[side]
    if (verdict === 'proxy') return new Proxied(this, side, above)
    this.verdicts[side] = verdict
    if (verdict === 'mqtt') return above.mqtt()
    const layer = verdict === this.asked ? this.layerOf(side, verdict, frame) : undefined
    if (layer !== undefined) return layer[side]
    if (this.verdicts[1 - side] !== verdict) above.foreign(verdict, frame)
    return new Passed(above, verdict)
  }

  /** A server that was heard before its client asked is passed over already. */
  private layerOf(side: Side, layer: 'tls' | 'http', frame: Frame): readonly [RunSink, RunSink] | undefined {
    if (this.verdicts[1 - side] === undefined) this.layer ??= this.unwrap?.(layer, frame)
    return this.layer
  }
}

/** The wrapping that a client's first bytes ask for: other HTTP than a request for WebSocket is none. */
function askedBy(
  known: Verdict | undefined,
  bytes: Uint8Array,
  start: number,
  end: number,
): 'tls' | 'http' | undefined {
  if (known === 'http') return asksForWebSocket(bytes, start, end) ? 'http' : undefined
  return known === 'tls' ? 'tls' : undefined
}

/** A run that came before the verdict. */
interface Held {
  readonly bytes: Uint8Array
  readonly frame: Frame
  readonly position: number
}

const NONE: readonly Held[] = []
/** Most bytes that a verdict needs, see `Above.opens`. */
const MOST_JUDGED = 64

/** One side before the verdict: holds the runs with its first bytes, fewer than MOST_JUDGED, and hands them on again. */
class Probe implements RunSink {
  private readonly wire: Wire
  private readonly side: Side
  private held = NONE

  constructor(wire: Wire, side: Side) {
    this.wire = wire
    this.side = side
  }

  run(bytes: Uint8Array, start: number, end: number, frame: Frame, position: number): void {
    const verdict =
      this.held === NONE ? this.wire.judge(this.side, bytes, start, end) : this.judgeAll(bytes, start, end)
    if (verdict === undefined)
      this.held = [...this.held, { bytes: bytes.slice(start, end), frame: frame.copy(), position }]
    else this.decide(verdict, frame).run(bytes, start, end, frame, position)
  }

  /** Behind a gap nobody can tell from the beginning any more; nor at the end. */
  gap(size: number, frame: Frame): void {
    this.decide(this.wire.guess(this.side), frame).gap(size, frame)
  }

  end(how: FlowEnd): void {
    this.decide(this.wire.guess(this.side), this.held.at(-1)?.frame ?? new Frame()).end(how)
  }

  /** The verdict on what is held with this run behind it. */
  private judgeAll(bytes: Uint8Array, start: number, end: number): Verdict | undefined {
    const first = [...this.held.flatMap(run => [...run.bytes]), ...bytes.subarray(start, end).subarray(0, MOST_JUDGED)]
    return this.wire.judge(this.side, Uint8Array.from(first), 0, first.length)
  }

  private decide(verdict: Verdict, frame: Frame): RunSink {
    const sink = this.wire.decide(this.side, verdict, frame)
    for (const { bytes, frame: earlier, position } of this.held) sink.run(bytes, 0, bytes.length, earlier, position)
    this.held = NONE
    return sink
  }
}

/** One side with a PROXY head in front: steps over the head, then asks again what the side is. */
class Proxied implements RunSink {
  private readonly reader = new ProxyReader()
  /** The numbers of the frame with the last byte of the head. */
  private readonly last = new Frame()
  private readonly wire: Wire
  private readonly side: Side
  private readonly above: Above

  constructor(wire: Wire, side: Side, above: Above) {
    this.wire = wire
    this.side = side
    this.above = above
  }

  run(bytes: Uint8Array, start: number, end: number, frame: Frame, position: number): void {
    const at = this.reader.take(bytes, start, end)
    const { head } = this.reader
    this.last.take(frame)
    if (head === undefined) return
    this.above.proxied(head, frame)
    const next = new Probe(this.wire, this.side)
    this.above.listen(next)
    if (at < end) next.run(bytes, at, end, frame, positionBehind(position, at - start))
  }

  gap(size: number, frame: Frame): void {
    this.giveUp().gap(size, frame)
  }

  end(how: FlowEnd): void {
    this.giveUp().end(how)
  }

  /** Nobody can tell what a head says that is not whole, or where it ends. */
  private giveUp(): RunSink {
    this.above.skipped(this.reader.size, this.last, '')
    return this.wire.decide(this.side, this.wire.guess(this.side), this.last)
  }
}
