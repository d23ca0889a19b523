/** What `stats` counts: packets and bytes by what they are, on the wire and below. */

import { Histogram } from '../../base/histogram.ts'
import type { Frame } from '../../base/line.ts'
import { Slot } from '../../mqtt/fields.ts'
import { PUBLISH, PublishFlag, qosOf } from '../../mqtt/spec.ts'
import { readSegment, Segment } from '../../net/segment.ts'
import type { PacketRecord, Stream } from '../../store/record.ts'
import type { Sender } from '../../store/vocabulary.ts'
import { Rates } from './rates.ts'

export class Count {
  packets = 0
  bytes = 0

  add(size: number): void {
    this.packets++
    this.bytes += size
  }
}

/** Clients counted one by one, and characters of their names; beyond either all others together. */
export const MOST_CLIENTS = 100_000
export const MOST_NAMES = 8 * 1024 * 1024

/** What a client and its broker sent each other. */
export class ClientCount {
  readonly sent = new Count()
  readonly received = new Count()
  published = 0
  delivered = 0
}

export class Tally {
  readonly all = new Count()
  readonly types: readonly Count[] = Array.from({ length: 16 }, () => new Count())
  readonly versions = new Map<number, Count>()
  readonly senders = new Map<Sender, Count>()
  /** PUBLISH packets, on every hop. */
  readonly qos: readonly Count[] = [new Count(), new Count(), new Count()]
  readonly sizes = new Histogram()
  readonly payloads = new Histogram()
  readonly packetRates = new Rates()
  readonly byteRates = new Rates()
  readonly clients = new Map<string, ClientCount>()
  readonly otherClients = new ClientCount()
  private names = 0
  /** Bytes of application messages, on every hop. */
  payloadBytes = 0
  dups = 0
  retained = 0
  malformed = 0

  add(record: PacketRecord, time: number): void {
    const { raw, type, version, stream, side, packet } = record
    const size = raw.end - raw.start
    this.all.add(size)
    this.types[type]?.add(size)
    counted(this.versions, version).add(size)
    counted(this.senders, stream.senderOf(side)).add(size)
    this.sizes.add(size)
    this.packetRates.add(time)
    this.byteRates.add(time, size)
    if (packet.malformed) this.malformed++
    const isPublish = type === PUBLISH && packet.has(Slot.payload)
    if (isPublish) this.publish(record, size)
    this.client(record, size, isPublish)
  }

  private publish({ packet, raw }: PacketRecord, size: number): void {
    const flags = packet.value(Slot.flags)
    const payload = raw.end - packet.start(Slot.payload)
    this.qos[qosOf(flags)]?.add(size)
    this.payloads.add(payload)
    this.payloadBytes += payload
    if ((flags & PublishFlag.dup) !== 0) this.dups++
    if ((flags & PublishFlag.retain) !== 0) this.retained++
  }

  private client({ stream, side }: PacketRecord, size: number, isPublish: boolean): void {
    const count = this.clientOf(stream)
    const isFromServer = stream.senderOf(side) === 'server'
    const direction = isFromServer ? count.received : count.sent
    direction.add(size)
    if (!isPublish) return
    if (isFromServer) count.delivered++
    else count.published++
  }

  private clientOf({ clientId, flow, client }: Stream): ClientCount {
    const name = clientId === undefined || clientId === '' ? flow.endpoint(client === 1 ? 1 : 0) : clientId
    const known = this.clients.get(name)
    if (known !== undefined) return known
    if (this.clients.size >= MOST_CLIENTS || this.names + name.length > MOST_NAMES) return this.otherClients
    this.names += name.length
    const count = new ClientCount()
    this.clients.set(name, count)
    return count
  }
}

function counted<Key>(counts: Map<Key, Count>, key: Key): Count {
  const known = counts.get(key) ?? new Count()
  counts.set(key, known)
  return known
}

/** Numbers counted for each port: frames, bytes of frames, bytes of TCP payload. */
const PER_PORT = 3
const PORTS = 1 << 16

/**
 * The frames that carry MQTT's TCP: what the packets cost below. They are counted for all ports, because a stream may prove
 * to be MQTT after its first frames.
 */
export class Wire {
  retransmissions = 0
  repeatedBytes = 0
  /** Segments in further copies of their frame. */
  copies = 0
  outOfOrder = 0
  keepAlives = 0
  gaps = 0
  gapBytes = 0
  private readonly segment = new Segment()
  private readonly ports: Set<number>
  private readonly counts = new Float64Array(PER_PORT * PORTS)
  private readonly halves = new WeakSet<Stream>()

  constructor(ports: Iterable<number>) {
    this.ports = new Set(ports)
  }

  get frames(): number {
    return this.sum(0)
  }

  get bytes(): number {
    return this.sum(1)
  }

  /** Bytes of TCP payload, retransmitted ones included. */
  get payload(): number {
    return this.sum(2)
  }

  /** The frames of this stream's server count, on whatever port it listens; none counts twice. */
  watch({ client, flow }: Stream): void {
    if (this.ports.has(flow.portA) || this.ports.has(flow.portB)) return
    this.ports.add(client === -1 ? Math.min(flow.portA, flow.portB) : flow.port(client === 0 ? 1 : 0))
  }

  frame(frame: Frame): void {
    const { segment } = this
    if (!readSegment(frame, segment)) return
    const { sourcePort, targetPort } = segment
    this.count(sourcePort, frame)
    // Of two ports that are watched the first one counts.
    if (targetPort !== sourcePort && !this.ports.has(sourcePort)) this.count(targetPort, frame)
  }

  private count(port: number, { wireSize }: Frame): void {
    const { counts, segment } = this
    const at = port * PER_PORT
    counts[at] = (counts[at] ?? 0) + 1
    counts[at + 1] = (counts[at + 1] ?? 0) + wireSize
    counts[at + 2] = (counts[at + 2] ?? 0) + segment.end - segment.start + segment.cut
  }

  private sum(which: number): number {
    let sum = 0
    for (const port of this.ports) sum += this.counts[port * PER_PORT + which] ?? 0
    return sum
  }

  /** Comes once for each side; with the second all of the flow was counted. */
  ended(stream: Stream): void {
    if (!this.halves.has(stream)) return void this.halves.add(stream)
    const { rare } = stream.flow
    this.retransmissions += rare.retransmissions
    this.repeatedBytes += rare.repeatedBytes
    this.copies += rare.copies
    this.outOfOrder += rare.outOfOrder
    this.keepAlives += rare.keepAlives
    this.gaps += rare.gaps
    this.gapBytes += rare.gapBytes
  }
}
