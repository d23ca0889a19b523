/**
 * A stream of which nothing says that it is MQTT: no port that the user named, or the inside of a wrapping. It is one
 * only if its bytes prove it: a CONNECT where the beginning is there, else a chain of packets. What came until then is
 * kept, and handed on in the order in which it came; a stream that proves to be something else is let go.
 */
import { type FlowEnd, Frame, positionBehind, type RunSink, type Side } from '../base/line.ts'
import { CandidateSide, type Chain, type Judge, MOST_BEGINNING } from './candidate-side.ts'
import { type ProxyHead, ProxyReader } from './proxy.ts'
import { recognise, type Verdict } from './recognise.ts'
import { isMaskedFrame, looksLikeWebSocket } from './websocket-header.ts'

/**
 * Protocols of a candidate; `other`: one that is not read. `websocket`: its opening handshake is not in the capture.
 */
export type Carried = Exclude<Verdict, 'proxy' | 'ssh' | 'amqp'> | 'websocket'

/** Who knows the protocols, and takes the stream: handed in where the line is plugged together. */
export interface Prover {
  /** The side that opened the stream; -1 if unknown. */
  readonly client: Side | -1
  /** True if the first byte of this side is in the capture. */
  isWhole(side: Side): boolean
  /** True if a client's first bytes are MQTT for sure; undefined if more bytes are needed. */
  connects(bytes: Uint8Array, start: number, end: number): boolean | undefined
  /** True if a server's first bytes may answer a client that speaks MQTT. */
  answers(bytes: Uint8Array, start: number, end: number): boolean
  /** Makes what weighs the runs of one side. */
  chain(): Chain
  /** Takes the stream. Returns what reads its two sides; undefined if nobody does, and then it is let go. */
  take(carried: Carried, candidate: Candidate): readonly [RunSink, RunSink] | undefined
  /** Nobody reads this stream. Called once, and only where `take` did not return the readers. */
  letGo(): void
}

/**
 * Bits that prove a stream by one of its sides alone, and by each of both sides. Noise has a chain of 48 bits in one of 2^48
 * runs: of streams of noise, each with 32 runs, one in 2^43 is taken for MQTT.
 */
const PROOF = 48
const PROOF_OF_BOTH = 32
/** Runs and bytes of a stream without a beginning that are looked at; what has not proved itself by then is something else. */
const MOST_RUNS = 32
const MOST_LOOKED = 32 * 1024
/** Most bytes that all candidates keep together, of which each has as many as are looked at. What is beyond is told as a gap. */
const MOST_HELD_TOTAL = 16 * 1024 * 1024
/** Most runs, gaps and ends of one candidate that are kept. */
const MOST_EVENTS = 128

/** The bytes that all candidates of a capture keep together. */
export class HeldTotal {
  bytes = 0
}

type Event =
  | {
      readonly kind: 'run'
      readonly side: Side
      readonly bytes: Uint8Array
      readonly frame: Frame
      readonly at: number
    }
  | { readonly kind: 'gap'; readonly side: Side; readonly size: number; readonly frame: Frame }
  | { readonly kind: 'end'; readonly side: Side; readonly how: FlowEnd }

export class Candidate implements Judge {
  readonly sides: readonly [CandidateSide, CandidateSide]
  /** The PROXY head in front of a side, with the frame that held its end; undefined where none stands. */
  proxy: { readonly side: Side; readonly head: ProxyHead; readonly frame: Frame } | undefined = undefined
  /** The client, as far as WebSocket frames in mid-stream tell: the side whose frames are masked. */
  masking: Side | -1 = -1
  private readonly prover: Prover
  private readonly total: HeldTotal
  private events: Event[] = []
  private held = 0
  private runs = 0
  private looked = 0
  private isLetGo = false

  constructor(prover: Prover, total: HeldTotal) {
    this.prover = prover
    this.total = total
    const chain = (): Chain => prover.chain()
    this.sides = [new CandidateSide(this, 0, chain), new CandidateSide(this, 1, chain)]
  }

  run(side: CandidateSide, bytes: Uint8Array, start: number, end: number, frame: Frame, position: number): void {
    if (this.isLetGo || start >= end) return
    const carried = this.judge(side, bytes, start, end)
    if (carried === 'proxy') return this.stepOver(side, bytes, start, end, frame, position)
    if (carried === undefined) return this.hold(side, bytes, start, end, frame, position)
    this.decide(carried)
    // The side has a reader now, or the stream is let go.
    side.run(bytes, start, end, frame, position)
  }

  gap(side: CandidateSide, size: number, frame: Frame): void {
    if (this.isLetGo) return
    side.lose()
    this.keep({ kind: 'gap', side: side.side, size, frame: frame.copy() })
  }

  end(side: CandidateSide, how: FlowEnd): void {
    if (this.isLetGo) return
    this.keep({ kind: 'end', side: side.side, how })
    side.hasEnded = true
    // Nothing more comes, and nothing was proved.
    if (!this.isLetGo && this.sides[0].hasEnded && this.sides[1].hasEnded) this.decide('other')
  }

  private judge(side: CandidateSide, bytes: Uint8Array, start: number, end: number): Carried | 'proxy' | undefined {
    if (!side.isBeginning || !this.prover.isWhole(side.side)) return this.judgeMiddle(side, bytes, start, end)
    const first = side.beginningWith(bytes, start, end)
    if (this.prover.client === 1 - side.side) return this.judgeServer(side, first, bytes, start, end)
    const carried = this.judgeClient(first)
    return carried === undefined && first.length >= MOST_BEGINNING ? 'other' : carried
  }

  private judgeClient(first: Uint8Array): Carried | 'proxy' | undefined {
    const known = recognise(first, 0, first.length)
    if (known === undefined || known === 'tls' || known === 'http' || known === 'proxy') return known
    const connects = known === 'mqtt' ? this.prover.connects(first, 0, first.length) : false
    return connects === undefined ? undefined : connects ? 'mqtt' : 'other'
  }

  /** A server that is heard first waits for its client, or proves itself by a chain of packets if that one is never heard. */
  private judgeServer(
    side: CandidateSide,
    first: Uint8Array,
    bytes: Uint8Array,
    start: number,
    end: number,
  ): Carried | undefined {
    const known = recognise(first, 0, first.length)
    if (known === undefined || known === 'tls' || known === 'http') return this.goOn(end - start)
    if (known !== 'mqtt' || !this.prover.answers(first, 0, first.length)) return 'other'
    return this.judgeChain(side, bytes, start, end)
  }

  private judgeMiddle(side: CandidateSide, bytes: Uint8Array, start: number, end: number): Carried | undefined {
    const known = recognise(bytes, start, end)
    if (known === 'tls') return 'tls'
    if (this.isWebSocket(side, bytes, start, end)) return 'websocket'
    return known === 'mqtt' || known === undefined ? this.judgeChain(side, bytes, start, end) : 'other'
  }

  /** True if frames of WebSocket follow each other in a run, and what is in the first one reads like MQTT. */
  private isWebSocket({ side }: CandidateSide, bytes: Uint8Array, start: number, end: number): boolean {
    const isMasked = isMaskedFrame(bytes, start, end)
    const weigh = (payload: Uint8Array): number => {
      const chain = this.prover.chain()
      chain.run(payload, 0, payload.length)
      return chain.bits
    }
    if (!looksLikeWebSocket(bytes, start, end, isMasked, weigh)) return false
    this.masking = isMasked ? side : side === 0 ? 1 : 0
    return true
  }

  private judgeChain(side: CandidateSide, bytes: Uint8Array, start: number, end: number): Carried | undefined {
    side.weigh(bytes, start, end)
    const [a, b] = this.sides
    const isProven = side.bits >= PROOF || Math.min(a.bits, b.bits) >= PROOF_OF_BOTH
    return isProven ? 'mqtt' : this.goOn(end - start)
  }

  /** A run did not tell what the stream is: the next one may, if so many more are looked at. */
  private goOn(size: number): 'other' | undefined {
    this.runs++
    this.looked += size
    return this.runs >= MOST_RUNS || this.looked >= MOST_LOOKED ? 'other' : undefined
  }

  /** Steps over a PROXY head, and asks again what stands behind it. */
  private stepOver(
    side: CandidateSide,
    bytes: Uint8Array,
    start: number,
    end: number,
    frame: Frame,
    position: number,
  ): void {
    const first = side.takeBeginning(bytes, start, end)
    const reader = new ProxyReader()
    const at = reader.take(first, 0, first.length)
    if (reader.head === undefined) return this.decideUnless(first.length < MOST_BEGINNING * 4, side, first)
    this.proxy = { side: side.side, head: reader.head, frame: frame.copy() }
    this.forget(side.side)
    const behind = first.length - at
    if (behind > 0) this.run(side, bytes, end - behind, end, frame, positionBehind(position, end - start - behind))
  }

  private decideUnless(isOpen: boolean, side: CandidateSide, first: Uint8Array): void {
    if (isOpen) side.beginning = first
    else this.decide('other')
  }

  /** Drops what is kept of a side: it belongs to its PROXY head. */
  private forget(side: Side): void {
    const dropped = this.events.filter(event => event.side === side)
    this.events = this.events.filter(event => event.side !== side)
    for (const event of dropped) if (event.kind === 'run') this.release(event.bytes.length)
  }

  private release(size: number): void {
    this.held -= size
    this.total.bytes -= size
  }

  private hold(
    { side }: CandidateSide,
    bytes: Uint8Array,
    start: number,
    end: number,
    frame: Frame,
    position: number,
  ): void {
    const size = end - start
    if (this.total.bytes + size > MOST_HELD_TOTAL)
      return this.keep({ kind: 'gap', side, size, frame: numbersOf(frame) })
    this.held += size
    this.total.bytes += size
    this.keep({ kind: 'run', side, bytes: bytes.slice(start, end), frame: numbersOf(frame), at: position })
  }

  private keep(event: Event): void {
    this.events.push(event)
    if (this.events.length >= MOST_EVENTS) this.decide('other')
  }

  private decide(carried: Carried): void {
    const { events } = this
    this.release(this.held)
    this.events = []
    const readers = carried === 'other' ? undefined : this.prover.take(carried, this)
    if (readers === undefined) {
      this.isLetGo = true
      return this.prover.letGo()
    }
    for (const side of this.sides) side.listen(readers[side.side])
    for (const event of events) replay(event, this.sides[event.side])
  }
}

const numbersOf = (frame: Frame): Frame => {
  const numbers = new Frame()
  numbers.take(frame)
  return numbers
}

function replay(event: Event, sink: RunSink): void {
  if (event.kind === 'run') sink.run(event.bytes, 0, event.bytes.length, event.frame, event.at)
  else if (event.kind === 'gap') sink.gap(event.size, event.frame)
  else sink.end(event.how)
}
