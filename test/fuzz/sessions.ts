/** Publishers and subscribers at one broker, whole and broken, through the tracker, the fan-out and all rules. */
import { Pipeline } from '../../src/analysis/pipeline.ts'
import type { Connection } from '../../src/session/connection.ts'
import type { Exchange } from '../../src/session/exchange/exchange.ts'
import type { Message } from '../../src/session/fanout/message.ts'
import { FanOutStep } from '../../src/session/fanout/step.ts'
import { Findings } from '../../src/session/findings.ts'
import { Forwarding } from '../../src/session/forwarding.ts'
import { Tracker, type TrackerSink } from '../../src/session/tracker.ts'
import { findingsOf } from '../../src/store/findings.ts'
import type { Finding, PacketRecord, PlacedFinding } from '../../src/store/record.ts'
import type { FanOutRole } from '../../src/store/vocabulary.ts'
import { Random } from '../support/random.ts'
import { Story, type Talk } from '../support/story.ts'
import { Broker, type Line } from './broker.ts'
import { demand } from './demand.ts'
import { mutate } from './packets.ts'

const MOST_STEPS = 40
const MOST_BROKEN = 4
/** Of a hundred conversations, those that stay as they are: nothing in them is to be found wrong. */
const WHOLE = 0.3

/** A script with one thing wrong: a packet missing, twice, too early, of the other side, changed, or at another time. */
function broken(random: Random, lines: readonly Line[]): readonly Line[] {
  const index = random.below(lines.length)
  const line = lines[index]
  if (line === undefined) return lines
  const before = lines.slice(0, index)
  const after = lines.slice(index + 1)
  switch (random.below(6)) {
    case 0:
      return [...before, ...after]
    case 1:
      return [...before, line, line, ...after]
    case 2:
      return [...before, ...after.slice(0, 2), line, ...after.slice(2)]
    case 3:
      return [...before, { ...line, fromClient: !line.fromClient }, ...after]
    case 4:
      return [...before, { ...line, bytes: mutate(random, line.bytes) }, ...after]
    default: {
      const leap = random.pick([-10, 90, 400])
      return [...before, ...lines.slice(index).map(one => ({ ...one, at: Math.max(0, one.at + leap) }))]
    }
  }
}

/** The script as a capture. `losses`: of a hundred packets of clients, those that the capture lacks. */
function captureOf(random: Random, lines: readonly Line[], losses: number): Uint8Array {
  const story = new Story()
  const talks = new Map<number, Talk>()
  for (const { talk: number, fromClient, bytes, ends, at } of lines) {
    story.at(at)
    const talk = talks.get(number) ?? story.join()
    talks.set(number, talk)
    if (ends) talk.close()
    else if (!fromClient) talk.hear(bytes)
    else if (random.chance(losses)) talk.lose(bytes)
    else talk.say(bytes)
  }
  return story.capture
}

/** Hears all that is said of a capture, and demands that it fits together. */
class Listener implements TrackerSink {
  readonly roles: Record<FanOutRole, number> = { fresh: 0, copy: 0, extra: 0, replay: 0, again: 0 }
  readonly findings: string[] = []
  readonly errors: string[] = []
  private packets = 0
  /** Packets that began a message, and those whose message was announced. */
  private readonly fresh = new Set<number>()
  private readonly settled = new Set<number>()
  /** Fresh messages that are themselves a copy: the publisher's packet was not seen. */
  private unpublished = 0
  private copies = 0
  private readonly openers = new Set<number>()
  private readonly exchanges = new Set<number>()
  private readonly connections = new Set<number>()

  packet(record: PacketRecord): void {
    demand(record.number === ++this.packets, 'packets are numbered one by one')
    const { exchange } = record
    demand(exchange === undefined || exchange.opener <= record.number, 'an exchange begins before its packets')
    if (exchange?.opener === record.number) this.openers.add(record.number)
    this.published(record)
    for (const finding of findingsOf(record)) this.found(finding, record.number)
  }

  private published({ fanOut, number }: PacketRecord): void {
    if (fanOut === undefined) return
    demand(fanOut instanceof FanOutStep, 'the fact is a step')
    const { role, message, latency } = fanOut as FanOutStep
    this.roles[role]++
    demand(Number.isNaN(latency) || latency >= 0, 'a copy comes after its message')
    if (role === 'fresh') {
      demand(message?.number === number, 'a fresh message has the number of its packet')
      this.fresh.add(number)
      return
    }
    if (role !== 'copy' && role !== 'extra') return
    demand(message !== undefined && this.fresh.has(message.number), 'a copy is of a message that came')
    demand(message !== undefined && !this.settled.has(message.number), 'a copy is of a message that waits')
  }

  message({ number, copyCount, copies, missing, isPublisherSeen }: Message): void {
    demand(this.fresh.has(number), 'a message came')
    demand(!this.settled.has(number), 'a message is announced once')
    demand(copies.length === copyCount, 'each copy is kept')
    this.settled.add(number)
    this.copies += copyCount
    if (!isPublisherSeen) this.unpublished++
    const streams = new Set(copies.map(({ stream }) => stream))
    demand(!missing.some(({ connection }) => streams.has(connection.stream)), 'who got a message does not lack it')
  }

  exchange({ opener }: Exchange): void {
    demand(!this.exchanges.has(opener), 'an exchange ends once')
    this.exchanges.add(opener)
  }

  connection({ number }: Connection): void {
    demand(!this.connections.has(number), 'a connection ends once')
    this.connections.add(number)
  }

  finding(finding: PlacedFinding): void {
    this.found(finding, finding.packet)
  }

  private found({ id, level, message }: Finding, packet: number): void {
    demand(packet <= this.packets + 1, 'a finding is about a packet that came')
    this.findings.push(`${packet} ${id}`)
    if (level === 'error' || id === 'delivery.missing') this.errors.push(`${packet} ${id} ${message}`)
  }

  gap(): void {}
  skipped(): void {}
  damage(): void {}

  finish(tracker: Tracker): void {
    const { roles, fresh, settled, copies, unpublished, openers, exchanges, connections } = this
    demand(settled.size === fresh.size, 'each message is announced')
    demand(copies === roles.copy + unpublished, 'each copy is counted once')
    demand(
      [...openers].every(opener => exchanges.has(opener)),
      'each exchange ends',
    )
    demand(connections.size === tracker.count, 'each connection ends')
    demand(tracker.pool.open === 0, 'no exchange is left open')
  }
}

interface RunOptions {
  readonly piece: number
  readonly seed: number
  readonly mostMessages: number
}

function run(bytes: Uint8Array, { piece, seed, mostMessages }: RunOptions): Listener {
  const listener = new Listener()
  const tracker = new Tracker(listener, new Forwarding(new Findings(), { keepsCopies: true, seed, mostMessages }))
  const pipeline = new Pipeline(tracker, { seed })
  for (let at = 0; at < bytes.length; at += piece) pipeline.push(bytes.slice(at, at + piece))
  pipeline.end()
  tracker.finish()
  listener.finish(tracker)
  return listener
}

interface Conversation {
  readonly random: Random
  readonly bytes: Uint8Array
  /** Nothing in it is broken. */
  readonly isWhole: boolean
}

function anyConversation(seed: number): Conversation {
  const random = new Random(seed)
  let lines = new Broker(random).play(1 + random.below(MOST_STEPS))
  const isWhole = random.chance(WHOLE)
  for (let left = isWhole ? 0 : 1 + random.below(MOST_BROKEN); left > 0; left--) lines = broken(random, lines)
  return { random, isWhole, bytes: captureOf(random, lines, !isWhole && random.chance(0.3) ? 0.1 : 0) }
}

/** One conversation of several clients. Throws only where an invariant is broken. */
export function fuzzSessions(seed: number): void {
  const { random, isWhole, bytes } = anyConversation(seed)
  const mostMessages = random.pick([1, 3, 1000])
  const first = run(bytes, { piece: bytes.length, seed, mostMessages })
  if (isWhole) demand(first.errors.length === 0, `nothing is wrong with it: ${first.errors[0]}`)
  if (random.chance(0.7)) return
  const cut = run(bytes, { piece: 1 + random.below(300), seed: seed + 1, mostMessages })
  demand(cut.findings.join() === first.findings.join(), 'cuts and seeds change no finding')
  demand(JSON.stringify(cut.roles) === JSON.stringify(first.roles), 'cuts and seeds change no role')
}
