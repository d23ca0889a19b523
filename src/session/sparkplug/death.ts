/** Sparkplug: the death certificate of an edge node and the number that ties it to its birth (specification 3.0.0, 5.4 and 6.4). */
import { DISCONNECT } from '../../mqtt/spec.ts'
import type { Connection, Will } from '../connection.ts'
import type { Rule } from '../rules.ts'
import type { Context } from '../tracker.ts'
import { type Heard, say } from './heard.ts'
import { bdSeqOf, readPayload } from './reading.ts'

export const SPARKPLUG_DEATH = {
  noWill: {
    id: 'tck-id-message-flow-edge-node-birth-publish-will-message',
    level: 'error',
    title: 'Edge node without will',
    explanation:
      'The CONNECT of an edge node has a will, its NDEATH: the broker publishes it when the connection breaks. Without it hosts take old values for current ones. (Sparkplug 3.0.0, chapter 5.4)',
  },
  willTopic: {
    id: 'tck-id-message-flow-edge-node-birth-publish-will-message-topic',
    level: 'error',
    title: 'Will is not the NDEATH',
    explanation:
      'The topic of the will of an edge node is spBv1.0/group/NDEATH/node. Hosts do not see the death of the node on another topic. (Sparkplug 3.0.0, chapter 5.4)',
  },
  willPayload: {
    id: 'tck-id-message-flow-edge-node-birth-publish-will-message-payload',
    level: 'error',
    title: 'Will is not a Sparkplug payload',
    explanation:
      'The payload of the will is a protobuf message of the Sparkplug B schema, as that of each NDEATH. Hosts cannot read another one. (Sparkplug 3.0.0, chapter 5.4)',
  },
  willBdSeq: {
    id: 'tck-id-message-flow-edge-node-birth-publish-will-message-payload-bdSeq',
    level: 'error',
    title: 'Will without bdSeq',
    explanation:
      'The will has a metric bdSeq with the same number as the NBIRTH that follows, so that hosts know which birth a death belongs to: the death of an old connection may come late. (Sparkplug 3.0.0, chapter 5.4)',
  },
  willQos: {
    id: 'tck-id-payloads-ndeath-will-message-qos',
    level: 'error',
    title: 'Will of NDEATH not at QoS 1',
    explanation:
      'The will of an edge node has QoS 1, so that it is not lost on its way to a host. (Sparkplug 3.0.0, chapter 6.4.25)',
  },
  willRetain: {
    id: 'tck-id-payloads-ndeath-will-message-retain',
    level: 'error',
    title: 'Will of NDEATH is retained',
    explanation:
      'The will of an edge node has no RETAIN: a host that connects later would take a node for dead that lives. (Sparkplug 3.0.0, chapter 6.4.25)',
  },
  birthBdSeq: {
    id: 'tck-id-topics-nbirth-bdseq-included',
    level: 'error',
    title: 'NBIRTH without bdSeq',
    explanation:
      'An NBIRTH has a metric bdSeq, by which hosts find the NDEATH that belongs to it. (Sparkplug 3.0.0, chapter 4.2)',
  },
  bdSeqMatching: {
    id: 'tck-id-topics-nbirth-bdseq-matching',
    level: 'error',
    title: 'NBIRTH and will differ in bdSeq',
    explanation:
      'NBIRTH and the will of the same connection have the same bdSeq. Otherwise hosts ignore the NDEATH, and the node seems to live after its end. (Sparkplug 3.0.0, chapter 4.2)',
  },
  bdSeqIncrement: {
    id: 'tck-id-topics-nbirth-bdseq-increment',
    level: 'warning',
    title: 'Counter bdSeq does not count on',
    explanation:
      'bdSeq is one more in each CONNECT of the node, and 0 after 255. CONNECTs that are not in the capture may be the reason. (Sparkplug 3.0.0, chapter 4.2)',
  },
  bdSeqRestart: {
    id: 'sparkplug.bdseq_restart',
    level: 'note',
    title: 'Counter bdSeq begins again at 0',
    explanation:
      'bdSeq is one more in each CONNECT of the node. It begins at 0 when the node has lost its memory, for example after a restart of the program. (Sparkplug 3.0.0, chapter 4.2)',
  },
  disconnect311: {
    id: 'tck-id-payloads-ndeath-will-message-publisher-disconnect-mqtt311',
    level: 'error',
    title: 'DISCONNECT without NDEATH',
    explanation:
      'A DISCONNECT deletes the will. So an edge node publishes NDEATH itself before it, or hosts take the node for one that lives. (Sparkplug 3.0.0, chapter 6.4.25)',
  },
  disconnect50: {
    id: 'tck-id-payloads-ndeath-will-message-publisher-disconnect-mqtt50',
    level: 'error',
    title: 'DISCONNECT without NDEATH and without will',
    explanation:
      'With MQTT 5.0 an edge node disconnects with reason code 0x04, at which the broker publishes the will. With another code and without an NDEATH hosts take the node for one that lives. (Sparkplug 3.0.0, chapter 6.4.25)',
  },
} as const satisfies Record<string, Rule>

/** Reason code 0x04 (MQTT 5 §3.14.2.1). */
const WITH_WILL = 0x04
const WRAP = 256

/** Returns the bdSeq of the will; NaN if there is none. */
export function willBdSeqOf({ payload }: Will): number {
  const reading = readPayload(payload, 0, payload.length)
  return 'fault' in reading ? Number.NaN : bdSeqOf(reading)
}

/**
 * Checks, at the first NBIRTH of a connection, the will that its CONNECT brought. `before`: bdSeq of the will before; NaN for
 * none. Returns the occasions that were looked at.
 */
export function checkWill(heard: Heard, before: number): readonly string[] {
  const { connection, topic } = heard
  const { will, connect, hasUnknown } = connection
  if (connect === 0 || hasUnknown) return []
  const expected = `spBv1.0/${topic.group}/NDEATH/${topic.node}`
  if (will === undefined) atConnect(heard, SPARKPLUG_DEATH.noWill, `the CONNECT of node ${topic.node} has no will`)
  else if (will.topic !== expected)
    atConnect(
      heard,
      SPARKPLUG_DEATH.willTopic,
      `the will of node ${topic.node} is on ${will.topic}, not on ${expected}`,
    )
  else return checkCertificate(heard, will, before)
  return ['will']
}

function checkCertificate(heard: Heard, will: Will, before: number): readonly string[] {
  checkWillMessage(heard, will)
  const bdSeq = willBdSeqOf(will)
  if (Number.isNaN(bdSeq) || Number.isNaN(before)) return ['will', 'certificate']
  if (bdSeq !== (before + 1) % WRAP) {
    const rule = bdSeq === 0 ? SPARKPLUG_DEATH.bdSeqRestart : SPARKPLUG_DEATH.bdSeqIncrement
    atConnect(heard, rule, `bdSeq of the will is ${bdSeq}, and was ${before} in the CONNECT before`)
  }
  return ['will', 'certificate', 'bdSeq']
}

function checkWillMessage(heard: Heard, { payload, qos, retain }: Will): void {
  const reading = readPayload(payload, 0, payload.length)
  if ('fault' in reading) atConnect(heard, SPARKPLUG_DEATH.willPayload, `the will is not Sparkplug B: ${reading.fault}`)
  else if (!reading.isCompressed && !hasBdSeq(reading))
    atConnect(heard, SPARKPLUG_DEATH.willBdSeq, 'the will has no metric bdSeq')
  if (qos !== 1) atConnect(heard, SPARKPLUG_DEATH.willQos, `the will has QoS ${qos}`)
  if (retain) atConnect(heard, SPARKPLUG_DEATH.willRetain, 'the will has RETAIN 1')
}

const hasBdSeq = ({ metrics }: Heard['reading']): boolean => metrics.some(({ name }) => name === 'bdSeq')

const atConnect = ({ connection, to }: Heard, rule: Rule, message: string): void =>
  to.report(rule, connection, connection.connect, message)

/** Checks the bdSeq of an NBIRTH against that of the will. */
export function checkBirthBdSeq(heard: Heard, isRebirth: boolean): void {
  const { connection, reading, topic } = heard
  if (reading.isCompressed) return
  if (!hasBdSeq(reading)) return say(heard, SPARKPLUG_DEATH.birthBdSeq, 'NBIRTH has no metric bdSeq')
  const { will } = connection
  if (isRebirth || will === undefined || will.topic !== `spBv1.0/${topic.group}/NDEATH/${topic.node}`) return
  const bdSeq = bdSeqOf(reading)
  const expected = willBdSeqOf(will)
  if (Number.isNaN(expected) || Number.isNaN(bdSeq) || bdSeq === expected) return
  say(heard, SPARKPLUG_DEATH.bdSeqMatching, `bdSeq of NBIRTH is ${bdSeq}, and ${expected} in the will`)
}

/** Returns the breach of a client that disconnects while its node is born; undefined for none. */
export function disconnectBreach({ record, details }: Context, { version }: Connection): Rule | undefined {
  if (record.type !== DISCONNECT) return undefined
  if (version !== 5) return SPARKPLUG_DEATH.disconnect311
  return (details?.codes[0] ?? 0) === WITH_WILL ? undefined : SPARKPLUG_DEATH.disconnect50
}
