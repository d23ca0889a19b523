/**
 * The table of MQTT fields. Names are those of Wireshark's dissector, so that filters and scripts written for it
 * run unchanged; each 5.0 property has a name of its own (`mqtt.property.sessionExpiryInterval`) beside Wireshark's
 * generic one. Labels, JSON keys, filter names, completion, help and "explain this byte" all come from here.
 */
import { defineField, type Field } from '../base/field.ts'
import {
  AUTH,
  CONNACK,
  ConnectFlag,
  DISCONNECT,
  PROPERTIES,
  type Property,
  PUBACK,
  PUBCOMP,
  PUBREC,
  PUBREL,
  PublishFlag,
  REASON_CODES,
  RETURN_CODES,
  SESSION_PRESENT,
  SUBACK,
  SUBACK_CODES,
  SubscriptionOption,
  TYPE_NAMES,
  UNSUBACK,
} from './spec.ts'

/** The numbers kept of each packet: places in `ControlPacket`. */
export const Slot = {
  flags: 0,
  length: 1,
  topic: 2,
  packetId: 3,
  payload: 4,
  reason: 5,
  alias: 6,
  protocolName: 7,
  level: 8,
  connectFlags: 9,
  keepAlive: 10,
  clientId: 11,
  ackFlags: 12,
  assignedClientId: 13,
  subscriptionId: 14,
} as const
export const SLOTS = 15

const all = (values: readonly string[]): Readonly<Record<number, string>> => Object.fromEntries(values.entries())

const QOS_NAMES = all(['At most once', 'At least once', 'Exactly once', 'Reserved'])
const QOS_ALIASES = all([
  'At most once delivery (Fire and Forget)',
  'At least once delivery (Acknowledged deliver)',
  'Exactly once delivery (Assured Delivery)',
  'Reserved',
])
const TYPE_ALIASES = all([
  'Reserved',
  'Connect Command',
  'Connect Ack',
  'Publish Message',
  'Publish Ack',
  'Publish Received',
  'Publish Release',
  'Publish Complete',
  'Subscribe Request',
  'Subscribe Ack',
  'Unsubscribe Request',
  'Unsubscribe Ack',
  'Ping Request',
  'Ping Response',
  'Disconnect Req',
  'Authentication Exchange',
])
const SET = { 0: 'Not set', 1: 'Set' }

// Fixed header

export const HEADER = defineField({
  name: 'mqtt.fixed_header',
  label: 'Fixed header',
  kind: 'group',
  section: 'MQTT 5 §2.1, MQTT 3.1.1 §2.2',
  explanation: 'Every packet begins with it: one byte of type and flags, then the number of bytes that follow.',
})
export const HDRFLAGS = defineField({
  name: 'mqtt.hdrflags',
  label: 'Type and flags',
  kind: 'hex',
  slot: Slot.flags,
  section: 'MQTT 5 §2.1.1, MQTT 3.1.1 §2.2',
  explanation:
    'The first byte of every packet: the upper four bits say its type, the lower four are flags of that type.',
})
export const MSGTYPE = defineField({
  name: 'mqtt.msgtype',
  label: 'Type',
  kind: 'uint',
  mask: 0xf0,
  values: all(TYPE_NAMES),
  aliases: TYPE_ALIASES,
  section: 'MQTT 5 §2.1.2, MQTT 3.1.1 §2.2.1',
  explanation: 'What the packet is for: 1 CONNECT, 3 PUBLISH, 8 SUBSCRIBE and so on, up to 14 (15, AUTH, in MQTT 5).',
})
export const DUPFLAG = defineField({
  name: 'mqtt.dupflag',
  label: 'DUP',
  kind: 'flag',
  mask: PublishFlag.dup,
  values: SET,
  section: 'MQTT 5 §3.3.1.1, MQTT 3.1.1 §3.3.1.1',
  explanation: 'Set when the sender repeats a message because no answer came; at QoS 0 nothing is ever repeated.',
})
export const QOS = defineField({
  name: 'mqtt.qos',
  label: 'QoS',
  kind: 'uint',
  mask: PublishFlag.qos,
  values: QOS_NAMES,
  aliases: QOS_ALIASES,
  section: 'MQTT 5 §3.3.1.2, MQTT 3.1.1 §3.3.1.2',
  explanation:
    'How hard delivery is tried: 0 at most once, 1 at least once (with PUBACK), 2 exactly once (four packets).',
})
export const RETAIN = defineField({
  name: 'mqtt.retain',
  label: 'Retain',
  kind: 'flag',
  mask: PublishFlag.retain,
  values: SET,
  section: 'MQTT 5 §3.3.1.3, MQTT 3.1.1 §3.3.1.3',
  explanation:
    'To the broker: keep this message for later subscribers. From the broker: this one was kept, it is not news.',
})
export const HDR_RESERVED = defineField({
  name: 'mqtt.hdr_reserved',
  label: 'Reserved flags',
  kind: 'uint',
  mask: 0x0f,
  section: 'MQTT 5 §2.1.3, MQTT 3.1.1 §2.2.2',
  explanation:
    'These bits mean nothing but are fixed: 0010 in PUBREL, SUBSCRIBE and UNSUBSCRIBE, 0000 elsewhere. They are no QoS.',
})
export const RETAIN_RESERVED = defineField({
  name: 'mqtt.retain_reserved',
  label: 'Reserved',
  kind: 'uint',
  mask: PublishFlag.retain,
  section: 'MQTT 3.1 §2.1',
  explanation: 'In MQTT 3.1 the retain flag is for PUBLISH; here the bit means nothing.',
})
export const LEN = defineField({
  name: 'mqtt.len',
  label: 'Remaining length',
  kind: 'uint',
  unit: 'B',
  slot: Slot.length,
  section: 'MQTT 5 §2.1.4, MQTT 3.1.1 §2.2.3',
  explanation:
    'How many bytes follow this field. Seven bits a byte, lowest first; the top bit of a byte says that another follows.',
})

// CONNECT

const connect = (section: string): string => `MQTT 5 §3.1.${section}, MQTT 3.1.1 §3.1.${section}`

export const PROTO_LEN = defineField({
  name: 'mqtt.proto_len',
  label: 'Protocol name length',
  kind: 'uint',
  unit: 'B',
  section: connect('2.1'),
  explanation: 'Two bytes, high byte first: the length of the protocol name.',
})
export const PROTONAME = defineField({
  name: 'mqtt.protoname',
  label: 'Protocol name',
  kind: 'text',
  slot: Slot.protocolName,
  section: connect('2.1'),
  explanation: '"MQTT" since 3.1.1; MQTT 3.1 said "MQIsdp". It tells MQTT from other protocols on the same port.',
})
export const VER = defineField({
  name: 'mqtt.ver',
  label: 'Protocol level',
  kind: 'uint',
  values: {
    3: 'MQTT 3.1',
    4: 'MQTT 3.1.1',
    5: 'MQTT 5.0',
    131: 'MQTT 3.1 (bridge)',
    132: 'MQTT 3.1.1 (bridge)',
    133: 'MQTT 5.0 (bridge)',
  },
  aliases: { 3: 'MQTT v3.1', 4: 'MQTT v3.1.1', 5: 'MQTT v5.0' },
  slot: Slot.level,
  section: connect('2.2'),
  explanation: 'The version of MQTT the client wants to speak: 3 is 3.1, 4 is 3.1.1, 5 is 5.0.',
})
export const CONFLAGS = defineField({
  name: 'mqtt.conflags',
  label: 'Connect flags',
  kind: 'hex',
  slot: Slot.connectFlags,
  section: connect('2.3'),
  explanation: 'Eight bits that say which fields follow and how the session is to begin.',
})
const connectFlag = (name: string, label: string, mask: number, section: string, explanation: string): Field =>
  defineField({
    name: `mqtt.conflag.${name}`,
    label,
    kind: 'flag',
    mask,
    values: SET,
    section: connect(section),
    explanation,
  })
export const CONFLAG_UNAME = connectFlag(
  'uname',
  'User name flag',
  ConnectFlag.userName,
  '2.8',
  'Set: a user name follows.',
)
export const CONFLAG_PASSWD = connectFlag(
  'passwd',
  'Password flag',
  ConnectFlag.password,
  '2.9',
  'Set: a password follows.',
)
export const CONFLAG_RETAIN = connectFlag(
  'retain',
  'Will retain',
  ConnectFlag.willRetain,
  '2.7',
  'Set: the will, when it is published, is retained.',
)
export const CONFLAG_QOS = defineField({
  name: 'mqtt.conflag.qos',
  label: 'Will QoS',
  kind: 'uint',
  mask: ConnectFlag.willQos,
  values: QOS_NAMES,
  aliases: QOS_ALIASES,
  section: connect('2.6'),
  explanation: 'The QoS at which the will is published, should it come to that.',
})
export const CONFLAG_WILLFLAG = connectFlag(
  'willflag',
  'Will flag',
  ConnectFlag.will,
  '2.5',
  'Set: the client leaves a message with the broker, to be published if the client vanishes without DISCONNECT.',
)
export const CONFLAG_CLEANSESS = connectFlag(
  'cleansess',
  'Clean session',
  ConnectFlag.clean,
  '2.4',
  'Set: start afresh. Not set: go on with the session the broker has kept. MQTT 5 calls it Clean Start.',
)
export const CONFLAG_RESERVED = connectFlag('reserved', 'Reserved', ConnectFlag.reserved, '2.3', 'Must be 0.')
export const KALIVE = defineField({
  name: 'mqtt.kalive',
  label: 'Keep alive',
  kind: 'uint',
  unit: 's',
  slot: Slot.keepAlive,
  section: connect('2.10'),
  explanation:
    'The client promises to send something at least this often; the broker hangs up after one and a half times as long.',
})
export const CLIENTID_LEN = defineField({
  name: 'mqtt.clientid_len',
  label: 'Client id length',
  kind: 'uint',
  unit: 'B',
  section: connect('3.1'),
  explanation: 'Two bytes, high byte first: the length of the client id; 0 asks the broker to choose one.',
})
export const CLIENTID = defineField({
  name: 'mqtt.clientid',
  label: 'Client id',
  kind: 'text',
  slot: Slot.clientId,
  section: connect('3.1'),
  explanation:
    'The name of the client at this broker. The session hangs on it, and a second client of the same name throws out the first.',
})
export const WILLTOPIC_LEN = defineField({
  name: 'mqtt.willtopic_len',
  label: 'Will topic length',
  kind: 'uint',
  unit: 'B',
  section: connect('3.2'),
  explanation: 'Two bytes, high byte first: the length of the will topic.',
})
export const WILLTOPIC = defineField({
  name: 'mqtt.willtopic',
  label: 'Will topic',
  kind: 'text',
  section: connect('3.2'),
  explanation: 'Where the will is published.',
})
export const WILLMSG_LEN = defineField({
  name: 'mqtt.willmsg_len',
  label: 'Will payload length',
  kind: 'uint',
  unit: 'B',
  section: connect('3.3'),
  explanation: 'Two bytes, high byte first: the length of the will payload.',
})
export const WILLMSG = defineField({
  name: 'mqtt.willmsg',
  label: 'Will payload',
  kind: 'bytes',
  secret: true,
  section: connect('3.3'),
  explanation: 'The message the broker publishes if the client vanishes.',
})
export const USERNAME_LEN = defineField({
  name: 'mqtt.username_len',
  label: 'User name length',
  kind: 'uint',
  unit: 'B',
  section: 'MQTT 5 §3.1.3.5, MQTT 3.1.1 §3.1.3.4',
  explanation: 'Two bytes, high byte first: the length of the user name.',
})
export const USERNAME = defineField({
  name: 'mqtt.username',
  label: 'User name',
  kind: 'text',
  secret: true,
  section: 'MQTT 5 §3.1.3.5, MQTT 3.1.1 §3.1.3.4',
  explanation: 'Who the client claims to be. Without TLS everyone on the way can read it.',
})
export const PASSWD_LEN = defineField({
  name: 'mqtt.passwd_len',
  label: 'Password length',
  kind: 'uint',
  unit: 'B',
  section: 'MQTT 5 §3.1.3.6, MQTT 3.1.1 §3.1.3.5',
  explanation: 'Two bytes, high byte first: the length of the password.',
})
export const PASSWD = defineField({
  name: 'mqtt.passwd',
  label: 'Password',
  kind: 'text',
  secret: true,
  section: 'MQTT 5 §3.1.3.6, MQTT 3.1.1 §3.1.3.5',
  explanation: 'Any bytes, often a password or a token. Without TLS everyone on the way can read it.',
})

// CONNACK

export const CONACK_FLAGS = defineField({
  name: 'mqtt.conack.flags',
  label: 'Acknowledge flags',
  kind: 'hex',
  slot: Slot.ackFlags,
  section: 'MQTT 5 §3.2.2.1, MQTT 3.1.1 §3.2.2.1',
  explanation: 'Only the lowest bit is in use: session present.',
})
export const CONACK_RESERVED = defineField({
  name: 'mqtt.conack.flags.reserved',
  label: 'Reserved',
  kind: 'flag',
  mask: 0xff & ~SESSION_PRESENT,
  values: SET,
  section: 'MQTT 5 §3.2.2.1, MQTT 3.1.1 §3.2.2.1',
  explanation: 'Must be 0. In MQTT 3.1 the whole byte is reserved.',
})
export const CONACK_SP = defineField({
  name: 'mqtt.conack.flags.sp',
  label: 'Session present',
  kind: 'flag',
  mask: SESSION_PRESENT,
  values: SET,
  section: 'MQTT 5 §3.2.2.1.1, MQTT 3.1.1 §3.2.2.2',
  explanation:
    'Set: the broker still has the session of this client id, with its subscriptions and unfinished messages.',
})
export const CONACK_VAL = defineField({
  name: 'mqtt.conack.val',
  label: 'Return code',
  kind: 'uint',
  values: RETURN_CODES,
  slot: Slot.reason,
  section: 'MQTT 3.1.1 §3.2.2.3',
  explanation: '0 is welcome, 1 to 5 say why the client is turned away.',
})

const reasonCode = (type: number, name: string, section: string): Field =>
  defineField({
    name: `mqtt.${name}.reason_code`,
    label: 'Reason code',
    kind: 'uint',
    values: REASON_CODES[type] ?? {},
    slot: Slot.reason,
    section: `MQTT 5 ${section}`,
    explanation: 'Below 0x80 it went well; from 0x80 on it says why not.',
  })

/** The reason code's field by packet type; undefined where the type has none. */
export const REASON_CODE: readonly (Field | undefined)[] = (() => {
  const fields: (Field | undefined)[] = new Array(16).fill(undefined)
  fields[CONNACK] = reasonCode(CONNACK, 'connack', '§3.2.2.2')
  fields[PUBACK] = reasonCode(PUBACK, 'puback', '§3.4.2.1')
  fields[PUBREC] = reasonCode(PUBREC, 'pubrec', '§3.5.2.1')
  fields[PUBREL] = reasonCode(PUBREL, 'pubrel', '§3.6.2.1')
  fields[PUBCOMP] = reasonCode(PUBCOMP, 'pubcomp', '§3.7.2.1')
  fields[SUBACK] = reasonCode(SUBACK, 'suback', '§3.9.3')
  fields[UNSUBACK] = reasonCode(UNSUBACK, 'unsuback', '§3.11.3')
  fields[DISCONNECT] = reasonCode(DISCONNECT, 'disconnect', '§3.14.2.1')
  fields[AUTH] = reasonCode(AUTH, 'auth', '§3.15.2.1')
  return fields
})()

// PUBLISH, SUBSCRIBE, UNSUBSCRIBE and their answers

export const TOPIC_LEN = defineField({
  name: 'mqtt.topic_len',
  label: 'Topic length',
  kind: 'uint',
  unit: 'B',
  section: 'MQTT 5 §1.5.4, MQTT 3.1.1 §1.5.3',
  explanation: 'Two bytes, high byte first: the length of the topic that follows.',
})
export const TOPIC = defineField({
  name: 'mqtt.topic',
  label: 'Topic',
  kind: 'text',
  slot: Slot.topic,
  section: 'MQTT 5 §4.7, MQTT 3.1.1 §4.7',
  explanation:
    'In PUBLISH the name the message is published under, in SUBSCRIBE and UNSUBSCRIBE a filter, where + stands for one level and # for all below.',
})
export const MSGID = defineField({
  name: 'mqtt.msgid',
  label: 'Packet id',
  kind: 'uint',
  slot: Slot.packetId,
  section: 'MQTT 5 §2.2.1, MQTT 3.1.1 §2.3.1',
  explanation:
    'Ties an answer to its question: the answer carries the same number. Each side numbers its own packets, and 0 is not allowed.',
})
export const MSG = defineField({
  name: 'mqtt.msg',
  label: 'Payload',
  kind: 'bytes',
  slot: Slot.payload,
  secret: true,
  section: 'MQTT 5 §3.3.3, MQTT 3.1.1 §3.3.3',
  explanation:
    'What the application has to say; MQTT does not look into it. It has no length of its own: it is what remains of the packet.',
})
export const FILTER = defineField({
  name: 'mqtt.subscription',
  label: 'Subscription',
  kind: 'group',
  section: 'MQTT 5 §3.8.3, MQTT 3.1.1 §3.8.3',
  explanation: 'A topic filter and how its messages are wanted.',
})
export const SUB_QOS = defineField({
  name: 'mqtt.sub.qos',
  label: 'Requested QoS',
  kind: 'uint',
  values: QOS_NAMES,
  aliases: QOS_ALIASES,
  section: 'MQTT 3.1.1 §3.8.3',
  explanation: 'The highest QoS at which the client wants the messages of this filter.',
})
export const SUB_OPTIONS = defineField({
  name: 'mqtt.subscription_options',
  label: 'Subscription options',
  kind: 'hex',
  section: 'MQTT 5 §3.8.3.1',
  explanation: 'One byte that says how the messages of this filter are wanted.',
})
export const SUB_OPTIONS_QOS = defineField({
  name: 'mqtt.subscription_options_qos',
  label: 'Maximum QoS',
  kind: 'uint',
  mask: SubscriptionOption.qos,
  values: QOS_NAMES,
  aliases: QOS_ALIASES,
  section: 'MQTT 5 §3.8.3.1',
  explanation: 'The highest QoS at which the client wants the messages of this filter.',
})
export const SUB_OPTIONS_NL = defineField({
  name: 'mqtt.subscription_options_nl',
  label: 'No local',
  kind: 'flag',
  mask: SubscriptionOption.noLocal,
  values: SET,
  section: 'MQTT 5 §3.8.3.1',
  explanation: 'Set: do not send me back what I have published myself; bridges need it.',
})
export const SUB_OPTIONS_RAP = defineField({
  name: 'mqtt.subscription_options_rap',
  label: 'Retain as published',
  kind: 'flag',
  mask: SubscriptionOption.retainAsPublished,
  values: SET,
  section: 'MQTT 5 §3.8.3.1',
  explanation: 'Set: leave the retain flag as the publisher set it, instead of clearing it on live messages.',
})
export const SUB_OPTIONS_RETAIN = defineField({
  name: 'mqtt.subscription_options_retain',
  label: 'Retain handling',
  kind: 'uint',
  mask: SubscriptionOption.retainHandling,
  values: {
    0: 'Send retained messages at each subscribe',
    1: 'Send retained messages if the subscription is new',
    2: 'Send no retained messages',
    3: 'Reserved',
  },
  aliases: {
    0: 'Send msgs at subscription time',
    1: 'Send msgs if sub does not exist',
    2: 'Do not send msgs at subscription time',
  },
  section: 'MQTT 5 §3.8.3.1',
  explanation: 'Whether the retained messages are wanted when the subscription is made.',
})
export const SUB_OPTIONS_RESERVED = defineField({
  name: 'mqtt.subscription_options_reserved',
  label: 'Reserved',
  kind: 'hex',
  mask: SubscriptionOption.reserved,
  section: 'MQTT 5 §3.8.3.1',
  explanation: 'Must be 0.',
})
export const SUBACK_QOS = defineField({
  name: 'mqtt.suback.qos',
  label: 'Granted QoS',
  kind: 'uint',
  values: SUBACK_CODES,
  slot: Slot.reason,
  section: 'MQTT 3.1.1 §3.9.3',
  explanation: 'One byte for each filter asked for, in the same order: the QoS the broker grants, or 0x80 for refused.',
})

// Properties of MQTT 5

export const PROPERTIES_GROUP = defineField({
  name: 'mqtt.properties',
  label: 'Properties',
  kind: 'group',
  section: 'MQTT 5 §2.2.2',
  explanation: 'What MQTT 5 added: a length, then any number of properties, each an identifier and a value.',
})
export const WILL_PROPERTIES_GROUP = defineField({
  name: 'mqtt.will_properties',
  label: 'Will properties',
  kind: 'group',
  section: 'MQTT 5 §3.1.3.2',
  explanation: 'Properties of the will: the delay before it is published, and those of the message itself.',
})
export const PROPERTY_LEN = defineField({
  name: 'mqtt.property_len',
  label: 'Property length',
  kind: 'uint',
  unit: 'B',
  section: 'MQTT 5 §2.2.2.1',
  explanation: 'How many bytes of properties follow; coded like the remaining length. 0 when there are none.',
})
export const PROPERTY_ID = defineField({
  name: 'mqtt.property_id',
  label: 'Identifier',
  kind: 'hex',
  values: Object.fromEntries(PROPERTIES.map(property => [property.id, property.label])),
  section: 'MQTT 5 §2.2.2.2',
  explanation: 'Which property this is; it also decides how long the value is.',
})
/** Wireshark's generic values. */
const generic = (name: string, label: string, kind: Field['kind'], explanation: string): Field =>
  defineField({ name: `mqtt.${name}`, label, kind, section: 'MQTT 5 §2.2.2.2', explanation })

export const PROP_NUMBER = generic('prop_number', 'Value', 'uint', 'The value of any property that is a number.')
export const PROP_STRING_LEN = generic('prop_string_len', 'Length', 'uint', 'The length of the value in bytes.')
export const PROP_STRING = generic('prop_string', 'Value', 'text', 'The value of any property that is text or bytes.')
export const PROP_KEY_LEN = generic('prop_key_len', 'Name length', 'uint', 'The length of the name in bytes.')
export const PROP_KEY = generic('prop_key', 'Name', 'text', 'The name in a user property.')
export const PROP_VALUE_LEN = generic('prop_value_len', 'Value length', 'uint', 'The length of the value in bytes.')
export const PROP_VALUE = defineField({
  name: 'mqtt.prop_value',
  label: 'Value',
  kind: 'text',
  secret: true,
  section: 'MQTT 5 §2.2.2.2',
  explanation: 'The value in a user property.',
})
export const PROP_UNKNOWN = generic(
  'prop_unknown',
  'Unknown property',
  'bytes',
  'An identifier that MQTT 5 does not know: where its value ends nobody can tell, so this is the rest of the block.',
)
const CONTENT_TYPE = generic('property.content_type', 'Content Type', 'text', 'The property Content Type.')
const MAX_QOS = generic('property.max_qos', 'Maximum QoS', 'uint', 'The property Maximum QoS.')
const TOPIC_ALIAS = generic('property.topic_alias', 'Topic Alias', 'uint', 'The property Topic Alias.')

function genericOf(property: Property): Field | undefined {
  if (property.name === 'contentType') return CONTENT_TYPE
  if (property.name === 'maximumQoS') return MAX_QOS
  if (property.name === 'topicAlias') return TOPIC_ALIAS
  if (property.kind === 'text' || property.kind === 'binary') return PROP_STRING
  return property.kind === 'pair' ? undefined : PROP_NUMBER
}

const KINDS: Readonly<Record<Property['kind'], Field['kind']>> = {
  byte: 'uint',
  two: 'uint',
  four: 'uint',
  varint: 'uint',
  text: 'text',
  binary: 'bytes',
  pair: 'pair',
}

/** Properties whose values may be credentials: brokers and clients put tokens there. */
const SECRET_PROPERTIES: readonly string[] = ['authenticationData', 'correlationData']

function propertyField(property: Property): Field {
  const also = genericOf(property)
  return defineField({
    name: `mqtt.property.${property.name}`,
    label: property.label,
    kind: KINDS[property.kind],
    ...(also === undefined ? {} : { also }),
    ...(property.unit === undefined ? {} : { unit: property.unit }),
    ...(property.name === 'topicAlias' ? { slot: Slot.alias } : {}),
    ...(property.name === 'subscriptionIdentifier' ? { slot: Slot.subscriptionId } : {}),
    ...(property.name === 'assignedClientIdentifier' ? { slot: Slot.assignedClientId } : {}),
    ...(SECRET_PROPERTIES.includes(property.name) ? { secret: true } : {}),
    section: `MQTT 5 ${property.section}`,
    explanation: property.explanation,
  })
}

/** The field of each property, by its identifier. */
export const PROPERTY_FIELDS: readonly (Field | undefined)[] = (() => {
  const fields: (Field | undefined)[] = new Array(128).fill(undefined)
  for (const property of PROPERTIES) fields[property.id] = propertyField(property)
  return fields
})()

/** A property with its identifier: the group around them. */
export const PROPERTY_GROUP = defineField({
  name: 'mqtt.property',
  label: 'Property',
  kind: 'group',
  section: 'MQTT 5 §2.2.2.2',
  explanation: 'An identifier and its value.',
})

export const TRAILING = defineField({
  name: 'mqtt.trailing',
  label: 'Bytes left over',
  kind: 'bytes',
  section: 'MQTT 5 §4.13, MQTT 3.1.1 §4.8',
  explanation: 'The packet is longer than its fields: these bytes have no meaning in it.',
})

// Second names of values: as text, or with what the connection knows.

const made = (name: string, label: string, kind: Field['kind'], explanation: string): Field =>
  defineField({ name, label, kind, explanation })

export const PAYLOAD = made('mqtt.payload', 'Payload as text', 'text', 'The payload read as UTF-8.')
export const WILL_PAYLOAD = made('mqtt.will_payload', 'Will payload as text', 'text', 'The will payload read as UTF-8.')
export const MSG_TEXT = made(
  'mqtt.msg_text',
  'Payload as text',
  'text',
  'As in tshark: in place of mqtt.msg with -o mqtt.show_msg_as_text:TRUE, without it nothing. mqtt.payload always has it.',
)
export const WILLMSG_TEXT = made(
  'mqtt.willmsg_text',
  'Will payload as text',
  'text',
  'As in tshark: in place of mqtt.willmsg with -o mqtt.show_msg_as_text:TRUE. mqtt.will_payload always has it.',
)
export const MSG_DECODED_AS = made(
  'mqtt.msg_decoded_as',
  'Payload decoded as',
  'text',
  'Known for compatibility; payloads are not decoded further, so it never has a value.',
)
export const TOPIC_RESOLVED = made(
  'mqtt.topic_resolved',
  'Topic, aliases resolved',
  'text',
  'The topic of a PUBLISH, also where only its alias was sent.',
)

/** Fields that hold the size of the next field. */
export const SIZES: readonly Field[] = [
  TOPIC_LEN,
  PROTO_LEN,
  CLIENTID_LEN,
  WILLTOPIC_LEN,
  WILLMSG_LEN,
  USERNAME_LEN,
  PASSWD_LEN,
  PROP_STRING_LEN,
  PROP_KEY_LEN,
  PROP_VALUE_LEN,
]

/** The fields that a packet holds, in the order in which people read them; `store/facts.ts` has what is known besides. */
export const MQTT_FIELDS: readonly Field[] = [
  HEADER,
  HDRFLAGS,
  MSGTYPE,
  DUPFLAG,
  QOS,
  RETAIN,
  HDR_RESERVED,
  RETAIN_RESERVED,
  LEN,
  PROTO_LEN,
  PROTONAME,
  VER,
  CONFLAGS,
  CONFLAG_UNAME,
  CONFLAG_PASSWD,
  CONFLAG_RETAIN,
  CONFLAG_QOS,
  CONFLAG_WILLFLAG,
  CONFLAG_CLEANSESS,
  CONFLAG_RESERVED,
  KALIVE,
  CLIENTID_LEN,
  CLIENTID,
  WILLTOPIC_LEN,
  WILLTOPIC,
  WILLMSG_LEN,
  WILLMSG,
  WILL_PAYLOAD,
  WILLMSG_TEXT,
  USERNAME_LEN,
  USERNAME,
  PASSWD_LEN,
  PASSWD,
  CONACK_FLAGS,
  CONACK_RESERVED,
  CONACK_SP,
  CONACK_VAL,
  ...REASON_CODE.filter(field => field !== undefined),
  TOPIC_LEN,
  TOPIC,
  TOPIC_RESOLVED,
  MSGID,
  MSG,
  PAYLOAD,
  MSG_TEXT,
  MSG_DECODED_AS,
  FILTER,
  SUB_QOS,
  SUB_OPTIONS,
  SUB_OPTIONS_QOS,
  SUB_OPTIONS_NL,
  SUB_OPTIONS_RAP,
  SUB_OPTIONS_RETAIN,
  SUB_OPTIONS_RESERVED,
  SUBACK_QOS,
  PROPERTIES_GROUP,
  WILL_PROPERTIES_GROUP,
  PROPERTY_GROUP,
  PROPERTY_LEN,
  PROPERTY_ID,
  ...PROPERTY_FIELDS.filter(field => field !== undefined),
  PROP_NUMBER,
  PROP_STRING_LEN,
  PROP_STRING,
  PROP_KEY_LEN,
  PROP_KEY,
  PROP_VALUE_LEN,
  PROP_VALUE,
  PROP_UNKNOWN,
  CONTENT_TYPE,
  MAX_QOS,
  TOPIC_ALIAS,
  TRAILING,
]
