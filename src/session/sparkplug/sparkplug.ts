/**
 * Sparkplug B over MQTT: which messages are looked at by which rules, and what is learnt from them. Only messages that a
 * client sends are judged; copies that a broker delivers were judged before, or their way here is not known.
 */
import { Slot } from '../../mqtt/fields.ts'
import { PublishFlag } from '../../mqtt/spec.ts'
import type { PacketRecord, Side } from '../../store/record.ts'
import type { Connection } from '../connection.ts'
import type { Rule } from '../rules.ts'
import type { Context, Tracker } from '../tracker.ts'
import { checkBirthBdSeq, checkWill, disconnectBreach, SPARKPLUG_DEATH, willBdSeqOf } from './death.ts'
import { checkEnvelope, reportMalformed, SPARKPLUG_ENVELOPE } from './envelope.ts'
import { type Heard, say } from './heard.ts'
import { Host, SPARKPLUG_HOST } from './host.ts'
import { Ids, SPARKPLUG_IDS } from './ids.ts'
import { learnCopy, learnMessage } from './learn.ts'
import {
  checkAliases,
  checkBirthNames,
  checkMetrics,
  checkRebirthMetric,
  REBIRTH,
  repeatsTypes,
  SPARKPLUG_METRICS,
} from './metrics.ts'
import { Node, type Nodes } from './nodes.ts'
import { type Malformed, MOST_BYTES, type Reading, readPayload } from './reading.ts'
import { checkRebirth, RebirthRequest, SPARKPLUG_REBIRTH } from './rebirth.ts'
import { checkOrder, checkSeq, checkSubscription, SPARKPLUG_SEQUENCE } from './sequence.ts'
import { hasSeq, isBirth, isCommand, isData, isSparkplug, readTopic, type SparkplugTopic, topicOf } from './topic.ts'

/** Every rule on Sparkplug. */
export const SPARKPLUG_RULES = {
  ...SPARKPLUG_ENVELOPE,
  ...SPARKPLUG_DEATH,
  ...SPARKPLUG_SEQUENCE,
  ...SPARKPLUG_METRICS,
  ...SPARKPLUG_REBIRTH,
  ...SPARKPLUG_IDS,
  ...SPARKPLUG_HOST,
} as const satisfies Record<string, Rule>

/** What is remembered of a connection with Sparkplug in it. */
class Link {
  /** The edge node that the client is. */
  node: Node | undefined = undefined
  /** The client publishes for more than one node: it hands on what others have published. */
  isForwarder = false
  host: Host | undefined = undefined
  /** bdSeq of the will before that of this connection; NaN for none. */
  before = Number.NaN
  hasCheckedWill = false
  request: RebirthRequest | undefined = undefined
  hasReportedTypes = false
  hasReportedBirths = false
  /** Nodes that are followed by the copies of this connection. */
  readonly followed = new Set<Node>()
}

export class Sparkplug {
  private readonly links = new Map<Connection, Link>()
  private readonly ids = new Ids()
  private hasReportedFull = false

  /** Looks at a PUBLISH; most are of other topics. */
  publish(context: Context, tracker: Tracker): void {
    const { record, connection } = context
    if (record.aliasUnknown) return this.links.get(connection)?.node?.lose()
    if (!isSparkplug(record)) return
    const topic = topicOf(record)
    if (topic === undefined || connection.clientSide === -1) return
    if (!connection.isBridge) this.message(context, topic, tracker)
    const node = tracker.nodes.find(brokerOf(connection), topic.group, topic.node)
    if (node?.isBorn === true) record.births = node.of(topic.device)
  }

  private message(context: Context, topic: SparkplugTopic, tracker: Tracker): void {
    const { record, connection } = context
    if (record.side !== connection.clientSide) this.delivered(context, topic, tracker)
    else if ((record.packet.value(Slot.flags) & PublishFlag.dup) === 0) this.sent(context, topic, tracker)
  }

  /** The broker has accepted the client: its will may be that of a node. */
  accepted(connection: Connection, { nodes }: Tracker): void {
    const { will } = connection
    if (will === undefined || !will.topic.startsWith('spBv1.0/')) return
    const topic = readTopic(will.topic)
    if (topic?.type !== 'NDEATH') return
    const node = nodes.of(brokerOf(connection), topic.group, topic.node)
    this.link(connection).before = node.willBdSeq
    node.willBdSeq = willBdSeqOf(will)
  }

  disconnect(context: Context, tracker: Tracker): void {
    const { record, connection } = context
    const link = this.links.get(connection)
    const node = link?.node
    if (node === undefined || link?.isForwarder === true || record.side !== connection.clientSide) return
    if (node.source !== connection || connection.missesBytes) return
    tracker.nodes.occasions.add(connection.version === 5 ? 'disconnect 5' : 'disconnect 3')
    const rule = node.isBorn ? disconnectBreach(context, connection) : undefined
    if (rule !== undefined) tracker.report(rule, connection, record.number, `${node.id} disconnects without NDEATH`)
  }

  gap(connection: Connection, side: Side): void {
    const link = this.links.get(connection)
    if (link === undefined) return
    if (side !== connection.clientSide) for (const node of link.followed) node.lose()
    else {
      link.node?.lose()
      link.request = undefined
      link.host?.lose()
    }
  }

  ended(connection: Connection, tracker: Tracker): void {
    const link = this.links.get(connection)
    if (link === undefined) return
    this.review(link, connection, tracker.now, tracker)
    this.links.delete(connection)
    const { ending } = connection
    const { node } = link
    const isOver = ending !== undefined && ending.how !== 'evicted' && ending.how !== 'capture'
    if (node?.source === connection && isOver) node.turn('offline', ending.time)
    for (const followed of link.followed) if (followed.source === connection) followed.source = undefined
  }

  private sent(context: Context, topic: SparkplugTopic, tracker: Tracker): void {
    const { record, connection, time } = context
    const link = this.link(connection)
    this.review(link, connection, time, tracker)
    if (topic.type === 'STATE') return this.state(context, link, topic, tracker)
    const node = this.nodeOf(link, connection, topic, tracker.nodes)
    tracker.nodes.occasions.add(`any ${topic.type}`)
    if (link.isForwarder) return learnMessage(tracker.nodes, node, topic, readingOf(record), context)
    checkEnvelope(record, topic, connection, tracker)
    const reading = readingOf(record)
    if (reading !== undefined && !('fault' in reading))
      this.check({ record, connection, topic, node, reading, time, to: tracker }, link, tracker)
    else if (reading !== undefined) reportMalformed(record, topic, reading, connection, tracker)
    if (!isCommand(topic.type)) this.learn(context, topic, node, reading, tracker)
  }

  private learn(
    context: Context,
    topic: SparkplugTopic,
    node: Node,
    reading: Reading | Malformed | undefined,
    tracker: Tracker,
  ): void {
    learnMessage(tracker.nodes, node, topic, reading, context)
    if (!tracker.nodes.isFull || this.hasReportedFull) return
    this.hasReportedFull = true
    const { record, connection } = context
    tracker.report(SPARKPLUG_METRICS.tooMany, connection, record.number, 'no more metrics of births are remembered')
  }

  /** Returns the node that the topic names; that of a command is the host's business. */
  private nodeOf(link: Link, connection: Connection, topic: SparkplugTopic, nodes: Nodes): Node {
    const broker = brokerOf(connection)
    if (isCommand(topic.type)) {
      return nodes.find(broker, topic.group, topic.node) ?? new Node(broker, topic.group, topic.node)
    }
    const node = nodes.of(broker, topic.group, topic.node)
    link.node ??= node
    if (link.node !== node) link.isForwarder = true
    return node
  }

  private check(heard: Heard, link: Link, { nodes }: Tracker): void {
    const { topic, reading } = heard
    const { type } = topic
    noteOccasions(heard, nodes.occasions)
    checkOrder(heard)
    checkSeq(heard)
    checkMetrics(heard)
    if (isBirth(type)) this.birth(heard, link, nodes)
    if (isData(type)) link.request?.data(heard)
    if (checkAliases(heard, nodes.isFull) && !link.hasReportedBirths) {
      link.hasReportedBirths = true
      say(heard, SPARKPLUG_METRICS.aliasBefore, `aliases of ${topic.node} are from births that were not seen`)
    }
    if (link.hasReportedTypes || !repeatsTypes(heard) || reading.isCompressed) return
    link.hasReportedTypes = true
    say(heard, SPARKPLUG_METRICS.typeNotRequired, `${type} repeats data types of metrics`)
  }

  private birth(heard: Heard, link: Link, nodes: Nodes): void {
    this.ids.check(heard)
    if (!nodes.isFull) checkBirthNames(heard)
    if (heard.topic.type !== 'NBIRTH') return
    const { request } = link
    link.request = undefined
    checkRebirthMetric(heard)
    checkBirthBdSeq(heard, request !== undefined)
    if (request !== undefined) checkRebirth(heard)
    if (request !== undefined) nodes.occasions.add('rebirth')
    if (link.hasCheckedWill) return
    link.hasCheckedWill = true
    for (const occasion of checkWill(heard, link.before)) nodes.occasions.add(occasion)
    if (checkSubscription(heard)) nodes.occasions.add('subscription')
  }

  private state({ record, connection }: Context, link: Link, topic: SparkplugTopic, tracker: Tracker): void {
    link.host ??= new Host(topic.node, topic.text)
    if (link.host.id !== topic.node) return
    tracker.nodes.occasions.add('STATE')
    if (connection.connect > 0) tracker.nodes.occasions.add('STATE will')
    link.host.publish(record, connection, tracker)
  }

  /** A broker delivers: commands to a node, STATE to a host, and copies of what nodes publish. */
  private delivered(context: Context, topic: SparkplugTopic, tracker: Tracker): void {
    const { record, connection, time } = context
    const link = this.links.get(connection)
    if (topic.type === 'STATE') {
      if (link?.host?.id !== topic.node) return
      if (link.host.delivered(record, time)) tracker.nodes.occasions.add('STATE delivered')
    } else if (topic.type === 'NCMD') {
      const { node } = link ?? {}
      if (link !== undefined && node?.id === topic.node && node.group === topic.group) asked(link, record, time)
    } else if (!isCommand(topic.type)) {
      const node = tracker.nodes.of(brokerOf(connection), topic.group, topic.node)
      if (learnCopy(tracker.nodes, node, topic, readingOf(record), context)) this.link(connection).followed.add(node)
    }
  }

  private review(link: Link, connection: Connection, time: number, tracker: Tracker): void {
    if (link.node !== undefined) link.request?.review(time, link.node, connection, tracker)
    link.host?.review(time, connection, tracker)
  }

  private link(connection: Connection): Link {
    const known = this.links.get(connection)
    if (known !== undefined) return known
    const link = new Link()
    this.links.set(connection, link)
    return link
  }
}

/** Notes what a message gives the rules to look at. */
function noteOccasions({ topic, reading, node }: Heard, occasions: Set<string>): void {
  occasions.add(topic.type)
  if (reading.metrics.length > 0) occasions.add(`${topic.type} metrics`)
  if (!Number.isNaN(node.seq) && hasSeq(topic.type)) occasions.add('next seq')
  for (const { alias, has } of reading.metrics) {
    if (alias !== undefined) occasions.add('alias')
    for (const part of has) occasions.add(part)
  }
}

/** A command has come to the node: it may ask for new births. */
function asked(link: Link, record: PacketRecord, time: number): void {
  const reading = readingOf(record)
  if (reading === undefined || 'fault' in reading || link.node?.isBorn !== true) return
  if (!reading.metrics.some(({ name, flag }) => name === REBIRTH && flag === true)) return
  link.request ??= new RebirthRequest(record.number, time)
}

/** Returns the payload as far as it can be read; undefined where it was not captured, or is too large. */
function readingOf(record: PacketRecord): Reading | Malformed | undefined {
  const { packet, raw } = record
  if (record.isCut || packet.malformed || !packet.has(Slot.payload)) return undefined
  const start = packet.start(Slot.payload)
  const end = packet.end(Slot.payload)
  return end - start > MOST_BYTES ? undefined : readPayload(raw.bytes, start, end)
}

const brokerOf = ({ stream, clientSide }: Connection): string => stream.flow.endpoint(clientSide === 1 ? 0 : 1)
