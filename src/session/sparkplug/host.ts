/** Sparkplug: STATE, by which host applications say that they are there (specification 3.0.0, chapters 4.3 and 5.8). */
import { decodeText } from '../../base/strings.ts'
import { Slot } from '../../mqtt/fields.ts'
import { PublishFlag, qosOf } from '../../mqtt/spec.ts'
import type { PacketRecord } from '../../store/record.ts'
import type { Connection, Will } from '../connection.ts'
import type { Rule } from '../rules.ts'
import type { Reporter } from './heard.ts'

const CONNECT = 'tck-id-operational-behavior-host-application-connect'
const WILL =
  'The CONNECT of a host has a will on its STATE topic, at QoS 1 and retained, with a JSON object of "online" (false) and "timestamp". By it the nodes learn that the host has gone. (Sparkplug 3.0.0, chapter 5.8)'
const BIRTH =
  'A host publishes on its STATE topic at QoS 1 and retained a JSON object of "online" (a boolean) and "timestamp" (a number, the same as in the will). Nodes that wait for a primary host connect by it. (Sparkplug 3.0.0, chapter 5.8)'

export const SPARKPLUG_HOST = {
  hostWill: { id: `${CONNECT}-will`, level: 'error', title: 'Host without will', explanation: WILL },
  hostWillTopic: {
    id: `${CONNECT}-will-topic`,
    level: 'error',
    title: 'Will of host on another topic',
    explanation: WILL,
  },
  hostWillPayload: {
    id: `${CONNECT}-will-payload`,
    level: 'error',
    title: 'Will of host with wrong payload',
    explanation: WILL,
  },
  hostWillQos: { id: `${CONNECT}-will-qos`, level: 'error', title: 'Will of host not at QoS 1', explanation: WILL },
  hostWillRetained: {
    id: `${CONNECT}-will-retained`,
    level: 'error',
    title: 'Will of host not retained',
    explanation: WILL,
  },
  hostBirthQos: { id: `${CONNECT}-birth-qos`, level: 'error', title: 'STATE not at QoS 1', explanation: BIRTH },
  hostBirthRetained: {
    id: `${CONNECT}-birth-retained`,
    level: 'error',
    title: 'STATE not retained',
    explanation: BIRTH,
  },
  hostBirthPayload: {
    id: `${CONNECT}-birth-payload`,
    level: 'error',
    title: 'STATE with wrong payload',
    explanation: BIRTH,
  },
  hostDelivered: {
    id: 'tck-id-message-flow-hid-sparkplug-state-message-delivered',
    level: 'warning',
    title: 'Host does not say online again',
    explanation:
      'A host that gets its own STATE with "online" false publishes it again with true: the will of an older connection came late. Nodes would stay away otherwise. (Sparkplug 3.0.0, chapter 5.4)',
  },
} as const satisfies Record<string, Rule>

/** Seconds that a host is given to say online again. */
const PATIENCE = 10
/** Bytes of a STATE that is read; nobody needs as many. */
const MOST_BYTES = 4096

export interface State {
  readonly online: boolean
  readonly timestamp: number
}

/** Returns what a STATE says; undefined if it is not JSON with a boolean `online` and a number `timestamp`. */
export function readState(bytes: Uint8Array, start: number, end: number): State | undefined {
  if (end - start > MOST_BYTES) return undefined
  const value = parse(decodeText(bytes, start, end))
  if (typeof value !== 'object' || value === null) return undefined
  const { online, timestamp } = value as Partial<Record<string, unknown>>
  return typeof online === 'boolean' && typeof timestamp === 'number' ? { online, timestamp } : undefined
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** A host on one connection. */
export class Host {
  readonly id: string
  isOnline = false
  private hasChecked = false
  private readonly topic: string
  /** When it was delivered that it is offline, and the packet; NaN and 0 while nothing was. */
  private offline = Number.NaN
  private offlinePacket = 0

  constructor(id: string, topic: string) {
    this.id = id
    this.topic = topic
  }

  /** The host publishes its STATE. */
  publish(record: PacketRecord, connection: Connection, to: Reporter): void {
    const { packet, raw, number } = record
    const flags = packet.value(Slot.flags)
    const isFirst = !this.hasChecked
    if (isFirst) this.checkWill(connection, to)
    if (qosOf(flags) !== 1)
      to.report(SPARKPLUG_HOST.hostBirthQos, connection, number, `STATE of ${this.id} has QoS ${qosOf(flags)}`)
    if ((flags & PublishFlag.retain) === 0)
      to.report(SPARKPLUG_HOST.hostBirthRetained, connection, number, `STATE of ${this.id} has no RETAIN`)
    if (record.isCut || !packet.has(Slot.payload)) return
    const state = readState(raw.bytes, packet.start(Slot.payload), packet.end(Slot.payload))
    const fault = faultOf(state, isFirst ? connection.will : undefined, this.topic)
    if (fault !== undefined)
      to.report(SPARKPLUG_HOST.hostBirthPayload, connection, number, `STATE of ${this.id} ${fault}`)
    this.isOnline = state?.online === true
    this.offline = Number.NaN
  }

  /** The broker delivers the STATE of the host to itself. True if the host has to answer. */
  delivered(record: PacketRecord, time: number): boolean {
    const { packet, raw } = record
    if (!this.isOnline || record.isCut || !packet.has(Slot.payload)) return false
    const state = readState(raw.bytes, packet.start(Slot.payload), packet.end(Slot.payload))
    if (state?.online !== false) return false
    this.offline = time
    this.offlinePacket = record.number
    return true
  }

  /** Bytes of the host are missing: it may have said that it is online. */
  lose(): void {
    this.offline = Number.NaN
  }

  /** Checks whether the host has said nothing for long. */
  review(time: number, connection: Connection, to: Reporter): void {
    if (!(time - this.offline > PATIENCE)) return
    this.offline = Number.NaN
    to.report(
      SPARKPLUG_HOST.hostDelivered,
      connection,
      this.offlinePacket,
      `${this.id} did not say online again within ${PATIENCE} s`,
    )
  }

  private checkWill(connection: Connection, to: Reporter): void {
    this.hasChecked = true
    const { will, connect, hasUnknown } = connection
    if (connect === 0 || hasUnknown) return
    const report = (rule: Rule, text: string): void => to.report(rule, connection, connect, text)
    if (will === undefined) return report(SPARKPLUG_HOST.hostWill, `the CONNECT of host ${this.id} has no will`)
    if (will.topic !== this.topic)
      return report(
        SPARKPLUG_HOST.hostWillTopic,
        `the will of host ${this.id} is on ${will.topic}, not on ${this.topic}`,
      )
    if (will.qos !== 1) report(SPARKPLUG_HOST.hostWillQos, `the will of host ${this.id} has QoS ${will.qos}`)
    if (!will.retain) report(SPARKPLUG_HOST.hostWillRetained, `the will of host ${this.id} has no RETAIN`)
    const state = readState(will.payload, 0, will.payload.length)
    if (state?.online !== false)
      report(SPARKPLUG_HOST.hostWillPayload, `the will of host ${this.id} is no JSON with online false and a timestamp`)
  }
}

function faultOf(state: State | undefined, will: Will | undefined, topic: string): string | undefined {
  if (state === undefined) return 'is no JSON with a boolean online and a number timestamp'
  if (!state.online || will === undefined || will.topic !== topic) return undefined
  const before = readState(will.payload, 0, will.payload.length)
  if (before === undefined || before.timestamp === state.timestamp) return undefined
  return `has timestamp ${state.timestamp}, and the will ${before.timestamp}`
}
