/** Sparkplug: the topic and the flags of a message, and bytes that are no payload (specification 3.0.0, chapters 4 and 6). */
import { Slot } from '../../mqtt/fields.ts'
import { PublishFlag, qosOf } from '../../mqtt/spec.ts'
import type { PacketRecord } from '../../store/record.ts'
import type { Connection } from '../connection.ts'
import type { Rule } from '../rules.ts'
import type { Reporter } from './heard.ts'
import type { Malformed } from './reading.ts'
import { isOfDevice, type MessageType, type SparkplugTopic } from './topic.ts'

/** Returns the rule on QoS and RETAIN of one message type; `section`: where the specification has it. */
const flagsOf = <Id extends string>(id: Id, type: MessageType, section: string) =>
  ({
    id,
    level: 'error',
    title: `${type} with wrong QoS or RETAIN`,
    explanation: `${type} is published at QoS 0 and without RETAIN. A stored or repeated message would be taken for a new one, and its sequence number would not fit. Check the settings of the publishing library. (Sparkplug 3.0.0, ${section})`,
  }) as const satisfies Rule

export const SPARKPLUG_ENVELOPE = {
  withoutDevice: {
    id: 'tck-id-topic-structure-namespace-device-id-associated-message-types',
    level: 'error',
    title: 'Device message without device id',
    explanation:
      'DBIRTH, DDEATH, DDATA and DCMD are about a device, whose id is the fifth part of the topic. Without it nobody knows which device is meant. (Sparkplug 3.0.0, chapter 4.1.4)',
  },
  withDevice: {
    id: 'tck-id-topic-structure-namespace-device-id-non-associated-message-types',
    level: 'error',
    title: 'Node message with device id',
    explanation:
      'NBIRTH, NDEATH, NDATA and NCMD are about the edge node itself: their topics have four parts. Check whether a message of a device was meant. (Sparkplug 3.0.0, chapter 4.1.4)',
  },
  nbirth: flagsOf('tck-id-topics-nbirth-mqtt', 'NBIRTH', 'chapter 4.2'),
  dbirth: flagsOf('tck-id-topics-dbirth-mqtt', 'DBIRTH', 'chapter 4.2'),
  ndata: flagsOf('tck-id-topics-ndata-mqtt', 'NDATA', 'chapter 4.2'),
  ddata: flagsOf('tck-id-topics-ddata-mqtt', 'DDATA', 'chapter 4.2'),
  ddeath: flagsOf('tck-id-topics-ddeath-mqtt', 'DDEATH', 'chapter 4.2'),
  ncmd: flagsOf('tck-id-topics-ncmd-mqtt', 'NCMD', 'chapter 4.2'),
  dcmd: flagsOf('tck-id-topics-dcmd-mqtt', 'DCMD', 'chapter 4.2'),
  birthPayload: {
    id: 'tck-id-message-flow-edge-node-birth-publish-nbirth-payload',
    level: 'error',
    title: 'NBIRTH is not a Sparkplug payload',
    explanation:
      'An NBIRTH carries a protobuf message of the Sparkplug B schema. Hosts cannot learn the metrics of the node from anything else. Check which encoder the node uses. (Sparkplug 3.0.0, chapter 5.4)',
  },
  malformed: {
    id: 'sparkplug.malformed',
    level: 'error',
    title: 'Payload is not Sparkplug B',
    explanation:
      'Messages on topics of spBv1.0 carry a protobuf message of the Sparkplug B schema. Hosts drop anything else. Check which encoder the client uses, and whether another application publishes on this topic. (Sparkplug 3.0.0, chapter 6)',
  },
} as const satisfies Record<string, Rule>

const FLAGS: Readonly<Partial<Record<MessageType, Rule>>> = {
  NBIRTH: SPARKPLUG_ENVELOPE.nbirth,
  DBIRTH: SPARKPLUG_ENVELOPE.dbirth,
  NDATA: SPARKPLUG_ENVELOPE.ndata,
  DDATA: SPARKPLUG_ENVELOPE.ddata,
  DDEATH: SPARKPLUG_ENVELOPE.ddeath,
  NCMD: SPARKPLUG_ENVELOPE.ncmd,
  DCMD: SPARKPLUG_ENVELOPE.dcmd,
}

/** Checks what stands around the payload. */
export function checkEnvelope(record: PacketRecord, topic: SparkplugTopic, connection: Connection, to: Reporter): void {
  const { type, device } = topic
  const { number, packet } = record
  const { withoutDevice, withDevice } = SPARKPLUG_ENVELOPE
  const hasDevice = device !== undefined && device !== ''
  if (isOfDevice(type) && !hasDevice)
    to.report(withoutDevice, connection, number, `the topic of this ${type} has no device id`)
  if (!isOfDevice(type) && device !== undefined)
    to.report(withDevice, connection, number, `the topic of this ${type} has the device id ${device}`)
  const rule = FLAGS[type]
  const flags = packet.value(Slot.flags)
  const qos = qosOf(flags)
  const isRetained = (flags & PublishFlag.retain) !== 0
  if (rule === undefined || (qos === 0 && !isRetained)) return
  to.report(rule, connection, number, `the client sends ${type} with QoS ${qos} and RETAIN ${isRetained ? 1 : 0}`)
}

/** Reports bytes that are no payload, at their place. */
export function reportMalformed(
  record: PacketRecord,
  { type }: SparkplugTopic,
  { fault, at }: Malformed,
  connection: Connection,
  to: Reporter,
): void {
  const rule = type === 'NBIRTH' ? SPARKPLUG_ENVELOPE.birthPayload : SPARKPLUG_ENVELOPE.malformed
  to.report(
    rule,
    connection,
    record.number,
    `the payload of ${type} is not Sparkplug B: ${fault}`,
    at - record.raw.start,
  )
}
