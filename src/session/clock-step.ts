/**
 * Decides whether the clock of the capture stepped ahead, or whether nobody had sent a frame for long. A step shows itself in
 * several clients that ping, all of which seem to have been silent at once for far longer than they may be, while their
 * broker goes on with them.
 */
import type { FlowEnd, Side } from '../base/line.ts'
import type { Steps } from '../base/steps.ts'
import { DISCONNECT } from '../mqtt/spec.ts'
import type { PacketRecord } from '../store/record.ts'
import type { Connection } from './connection.ts'

/** Fewest clients whose silence ends at the same frame: of one, the client or its broker may be at fault. */
const FEWEST_CLIENTS = 2
/** Most connections looked at for one long pause: those that have stood for longest. */
const MOST_LOOKED_AT = 256
/** A silence of so many keep alives, with some seconds more, is ended by every broker. */
const TIMES = 2
const SLACK = 5

/** Who follows the connections. */
export interface StepHost {
  readonly connected: Iterable<Connection>
  readonly steps: Steps
}

export class ClockStep {
  private readonly host: StepHost
  /** Connections whose silence spans the last step, until one of them shows whether it was one. */
  private witnesses: readonly Connection[] = []
  /** What the clock showed before and after the last long pause. */
  private from = Number.NaN
  private to = Number.NaN

  constructor(host: StepHost) {
    this.host = host
  }

  /** No frame came while the clock went on from `from` to `to`, in seconds since the first frame. */
  pause(from: number, to: number): void {
    const { steps } = this.host
    this.witnesses = []
    this.from = from
    this.to = to
    const witnesses = this.witnessesOf(steps.passed(from), to - from)
    if (new Set(witnesses.map(({ clientId, stream }) => clientId || stream)).size < FEWEST_CLIENTS) return
    if (steps.add(from, to)) this.witnesses = witnesses
  }

  /**
   * The first packets after a step: where the broker answers, it was one. A broker that says goodbye, or resets, had
   * waited: the time had passed.
   */
  packet({ side, type, stream }: PacketRecord): void {
    if (this.witnesses.length === 0) return
    const witness = this.witnesses.find(one => one.stream === stream)
    const isBroker = witness !== undefined && side !== witness.clientSide
    if (
      this.witnesses.some(({ stream: { flow } }) => flow.rare.resetSide !== -1) ||
      (isBroker && type === DISCONNECT)
    ) {
      this.refute()
    } else if (isBroker) this.witnesses = []
  }

  /** A side has ended: a broker that closes, or anyone who resets, had waited. */
  ended(connection: Connection, side: Side, how: FlowEnd): void {
    if (!this.witnesses.includes(connection)) return
    if (how === 'rst' || (how === 'fin' && side !== connection.clientSide)) this.refute()
  }

  /** Bytes are missing: the connection went on while the capture did not, so the time had passed. */
  lost(connection: Connection): void {
    if (this.witnesses.includes(connection)) this.refute()
  }

  /** Returns the seconds without any frame within a silence that began at `since`; 0 if the last long pause is not in it. */
  pauseSince(since: number): number {
    return this.host.steps.passed(this.from) >= since ? this.to - this.from : 0
  }

  /** The time had passed: what was seen since moves to where its frames are. */
  private refute(): void {
    const { steps } = this.host
    const since = steps.passed(this.to)
    steps.undo()
    const moved = steps.passed(this.to) - since
    for (const connection of this.witnesses) {
      for (const peer of [connection.peer(0), connection.peer(1)]) if (peer.lastTime >= since) peer.lastTime += moved
    }
    this.witnesses = []
  }

  private witnessesOf(now: number, by: number): readonly Connection[] {
    const found: Connection[] = []
    let looked = 0
    for (const connection of this.host.connected) {
      if (++looked > MOST_LOOKED_AT) break
      if (isOverdue(connection, now, by)) found.push(connection)
    }
    return found
  }
}

/** True if a pause of `by` seconds is far too long for a client that had kept its keep alive up to `now`. */
function isOverdue(connection: Connection, now: number, by: number): boolean {
  const { allowedSilence: limit = 0, clientSide } = connection
  if (limit === 0 || clientSide === -1 || connection.connack === 0 || connection.missesPackets) return false
  if (connection.ending !== undefined || connection.stream.flow.rare.resetSide !== -1) return false
  return by > TIMES * limit + SLACK && !(now - connection.peer(clientSide).lastTime > connection.quiet)
}
