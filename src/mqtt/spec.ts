/**
 * The standard's tables as tables: packet types, properties, reason codes.
 * Sources: MQTT 5.0 (OASIS, 2019) §2.1.2, §2.2.2.2, §2.4 and the tables of chapter 3; MQTT 3.1.1 §2.2.1, §3.2.2.3, §3.9.3.
 */

/** The protocol level of a session: 3 is MQTT 3.1, 4 is 3.1.1, 5 is 5.0; 0 is not known (yet). */
export type Version = 0 | 3 | 4 | 5

/** The words for them in every output and in filters. */
export const VERSION_NAMES: Readonly<Record<Version, string>> = { 0: 'unknown', 3: '3.1', 4: '3.1.1', 5: '5' }

/** IANA's TCP port of MQTT, and the one that brokers take for a second listener: what is spoken there needs no proof. */
export const MQTT_PORTS: ReadonlySet<number> = new Set([1883, 1884])

/** Control packet types, MQTT 5 §2.1.2. Type 0 is reserved, and so is 15 before version 5. */
export const RESERVED = 0
export const CONNECT = 1
export const CONNACK = 2
export const PUBLISH = 3
export const PUBACK = 4
export const PUBREC = 5
export const PUBREL = 6
export const PUBCOMP = 7
export const SUBSCRIBE = 8
export const SUBACK = 9
export const UNSUBSCRIBE = 10
export const UNSUBACK = 11
export const PINGREQ = 12
export const PINGRESP = 13
export const DISCONNECT = 14
export const AUTH = 15

/** Number of the will's properties beside the packet types, in the tables of allowed properties. */
export const WILL = 16

/** Names by type number. */
export const TYPE_NAMES = [
  'RESERVED',
  'CONNECT',
  'CONNACK',
  'PUBLISH',
  'PUBACK',
  'PUBREC',
  'PUBREL',
  'PUBCOMP',
  'SUBSCRIBE',
  'SUBACK',
  'UNSUBSCRIBE',
  'UNSUBACK',
  'PINGREQ',
  'PINGRESP',
  'DISCONNECT',
  'AUTH',
] as const

/** Bits of the first byte of a PUBLISH, MQTT 5 §3.3.1. */
export const PublishFlag = { retain: 0x01, qos: 0x06, dup: 0x08 } as const

/** The QoS in the first byte of a PUBLISH: 0 to 3. */
export const qosOf = (first: number): number => (first >> 1) & 3

/** Bits of the connect flags, MQTT 5 §3.1.2.3. */
export const ConnectFlag = {
  reserved: 0x01,
  clean: 0x02,
  will: 0x04,
  willQos: 0x18,
  willRetain: 0x20,
  password: 0x40,
  userName: 0x80,
} as const

/** The QoS of the will in the connect flags: 0 to 3. */
export const willQosOf = (flags: number): number => (flags >> 3) & 3

/** The bit Session Present of the acknowledge flags of a CONNACK, MQTT 5 §3.2.2.1; the others are reserved. */
export const SESSION_PRESENT = 0x01

/** Bits of the subscription options, MQTT 5 §3.8.3.1; 3.1.1 has the QoS alone. */
export const SubscriptionOption = {
  qos: 0x03,
  noLocal: 0x04,
  retainAsPublished: 0x08,
  retainHandling: 0x30,
  reserved: 0xc0,
} as const

/** The Retain Handling in the subscription options: 0 to 3. */
export const retainHandlingOf = (options: number): number => (options >> 4) & 3

/** A length of 1 to 4 bytes, 7 bits each: MQTT 5 §1.5.5, MQTT 3.1.1 §2.2.3. */
export const MOST_LENGTH_BYTES = 4

/** The bit that a bridge sets in the protocol level (Mosquitto's bridges; no part of the standard). */
export const BRIDGE_BIT = 0x80

/** Returns the version of a protocol level; 0 for a level that no version has. */
export function versionOfLevel(level: number): Version {
  // Bridges of 5.0 do without the bit.
  if (level === 5) return 5
  const plain = level & ~BRIDGE_BIT
  return plain === 3 || plain === 4 ? plain : 0
}

/** Identifiers of properties by their names, MQTT 5 §2.2.2.2. */
export const PropertyId = {
  payloadFormatIndicator: 0x01,
  messageExpiryInterval: 0x02,
  contentType: 0x03,
  responseTopic: 0x08,
  correlationData: 0x09,
  subscriptionIdentifier: 0x0b,
  sessionExpiryInterval: 0x11,
  assignedClientIdentifier: 0x12,
  serverKeepAlive: 0x13,
  authenticationMethod: 0x15,
  authenticationData: 0x16,
  requestProblemInformation: 0x17,
  willDelayInterval: 0x18,
  requestResponseInformation: 0x19,
  responseInformation: 0x1a,
  serverReference: 0x1c,
  reasonString: 0x1f,
  receiveMaximum: 0x21,
  topicAliasMaximum: 0x22,
  topicAlias: 0x23,
  maximumQoS: 0x24,
  retainAvailable: 0x25,
  userProperty: 0x26,
  maximumPacketSize: 0x27,
  wildcardSubscriptionAvailable: 0x28,
  subscriptionIdentifierAvailable: 0x29,
  sharedSubscriptionAvailable: 0x2a,
} as const

/** The Session Expiry Interval of a session that never ends, MQTT 5 §3.1.2.11.2. */
export const NEVER_EXPIRES = 0xffffffff

export type PropertyKind = 'byte' | 'two' | 'four' | 'varint' | 'text' | 'pair' | 'binary'

export interface Property {
  readonly id: number
  /** The specification's name in camelCase: the key in NDJSON and, after `mqtt.property.`, the field's name. */
  readonly name: keyof typeof PropertyId
  readonly label: string
  readonly kind: PropertyKind
  /** Packet types (and WILL) that may have the property. */
  readonly in: readonly number[]
  /** Packet types that may have the property more than once. */
  readonly repeats?: readonly number[]
  readonly unit?: string
  /** Values outside of this range are a protocol error. */
  readonly least?: number
  readonly most?: number
  readonly section: string
  readonly explanation: string
}

const ACKS = [PUBACK, PUBREC, PUBREL, PUBCOMP, SUBACK, UNSUBACK]

/** MQTT 5 §2.2.2.2, table 2-4. */
const PROPERTY_TABLE: readonly Omit<Property, 'id'>[] = [
  {
    name: 'payloadFormatIndicator',
    label: 'Payload Format Indicator',
    kind: 'byte',
    in: [PUBLISH, WILL],
    most: 1,
    section: '§3.3.2.3.2',
    explanation: '1 promises that the payload is UTF-8 text, 0 (or nothing) promises nothing about its bytes.',
  },
  {
    name: 'messageExpiryInterval',
    label: 'Message Expiry Interval',
    kind: 'four',
    in: [PUBLISH, WILL],
    unit: 's',
    section: '§3.3.2.3.3',
    explanation: 'The message is worthless after so many seconds; the broker then deletes it instead of delivering it.',
  },
  {
    name: 'contentType',
    label: 'Content Type',
    kind: 'text',
    in: [PUBLISH, WILL],
    section: '§3.3.2.3.9',
    explanation: 'What the payload is, in words the applications agree on, often a MIME type such as application/json.',
  },
  {
    name: 'responseTopic',
    label: 'Response Topic',
    kind: 'text',
    in: [PUBLISH, WILL],
    section: '§3.3.2.3.5',
    explanation: 'Makes the message a request: the answer is to be published to this topic.',
  },
  {
    name: 'correlationData',
    label: 'Correlation Data',
    kind: 'binary',
    in: [PUBLISH, WILL],
    section: '§3.3.2.3.6',
    explanation: 'Lets the requester tell which request an answer belongs to; the answer carries the same bytes.',
  },
  {
    name: 'subscriptionIdentifier',
    label: 'Subscription Identifier',
    kind: 'varint',
    in: [PUBLISH, SUBSCRIBE],
    repeats: [PUBLISH],
    least: 1,
    section: '§3.8.2.1.2',
    explanation: 'A number the client gives a subscription; the broker sends it with each message that matched it.',
  },
  {
    name: 'sessionExpiryInterval',
    label: 'Session Expiry Interval',
    kind: 'four',
    in: [CONNECT, CONNACK, DISCONNECT],
    unit: 's',
    section: '§3.1.2.11.2',
    explanation:
      'How long the broker keeps the session after the connection ends; 0 ends it at once, 4294967295 never ends it.',
  },
  {
    name: 'assignedClientIdentifier',
    label: 'Assigned Client Identifier',
    kind: 'text',
    in: [CONNACK],
    section: '§3.2.2.3.7',
    explanation: 'The client came without a client id, and the broker has given it this one.',
  },
  {
    name: 'serverKeepAlive',
    label: 'Server Keep Alive',
    kind: 'two',
    in: [CONNACK],
    unit: 's',
    section: '§3.2.2.3.14',
    explanation: 'The keep alive that counts: the broker overrules what the client asked for in CONNECT.',
  },
  {
    name: 'authenticationMethod',
    label: 'Authentication Method',
    kind: 'text',
    in: [CONNECT, CONNACK, AUTH],
    section: '§3.1.2.11.9',
    explanation: 'The name of the extended authentication used, for example SCRAM-SHA-256.',
  },
  {
    name: 'authenticationData',
    label: 'Authentication Data',
    kind: 'binary',
    in: [CONNECT, CONNACK, AUTH],
    section: '§3.1.2.11.10',
    explanation: 'What the authentication method has to say; its bytes mean something to that method alone.',
  },
  {
    name: 'requestProblemInformation',
    label: 'Request Problem Information',
    kind: 'byte',
    in: [CONNECT],
    most: 1,
    section: '§3.1.2.11.7',
    explanation: '0 asks the broker to leave reason strings and user properties out of most of its answers.',
  },
  {
    name: 'willDelayInterval',
    label: 'Will Delay Interval',
    kind: 'four',
    in: [WILL],
    unit: 's',
    section: '§3.1.3.2.2',
    explanation: 'The broker waits this long before it publishes the will, in case the client comes back.',
  },
  {
    name: 'requestResponseInformation',
    label: 'Request Response Information',
    kind: 'byte',
    in: [CONNECT],
    most: 1,
    section: '§3.1.2.11.6',
    explanation: '1 asks the broker for a hint from which response topics can be made.',
  },
  {
    name: 'responseInformation',
    label: 'Response Information',
    kind: 'text',
    in: [CONNACK],
    section: '§3.2.2.3.15',
    explanation: 'The hint the client asked for: text from which it makes its response topics.',
  },
  {
    name: 'serverReference',
    label: 'Server Reference',
    kind: 'text',
    in: [CONNACK, DISCONNECT],
    section: '§3.2.2.3.16',
    explanation: 'Another broker that the client may use instead.',
  },
  {
    name: 'reasonString',
    label: 'Reason String',
    kind: 'text',
    in: [CONNACK, ...ACKS, DISCONNECT, AUTH],
    section: '§3.2.2.3.9',
    explanation: 'The reason code in words, for people who read logs; programs are not to parse it.',
  },
  {
    name: 'receiveMaximum',
    label: 'Receive Maximum',
    kind: 'two',
    in: [CONNECT, CONNACK],
    least: 1,
    section: '§3.1.2.11.3',
    explanation: 'How many QoS 1 and 2 messages the sender of this is willing to have unacknowledged at a time.',
  },
  {
    name: 'topicAliasMaximum',
    label: 'Topic Alias Maximum',
    kind: 'two',
    in: [CONNECT, CONNACK],
    section: '§3.1.2.11.5',
    explanation: 'The highest topic alias that the sender of this accepts; 0 (or nothing) means none at all.',
  },
  {
    name: 'topicAlias',
    label: 'Topic Alias',
    kind: 'two',
    in: [PUBLISH],
    least: 1,
    section: '§3.3.2.3.4',
    explanation:
      'A number that stands for the topic: sent once together with the topic, afterwards alone. Each direction has its own.',
  },
  {
    name: 'maximumQoS',
    label: 'Maximum QoS',
    kind: 'byte',
    in: [CONNACK],
    most: 1,
    section: '§3.2.2.3.4',
    explanation: 'The highest QoS that the broker takes from this client; without it, 2.',
  },
  {
    name: 'retainAvailable',
    label: 'Retain Available',
    kind: 'byte',
    in: [CONNACK],
    most: 1,
    section: '§3.2.2.3.5',
    explanation: '0 says that the broker keeps no retained messages.',
  },
  {
    name: 'userProperty',
    label: 'User Property',
    kind: 'pair',
    in: [CONNECT, CONNACK, PUBLISH, WILL, ...ACKS, SUBSCRIBE, UNSUBSCRIBE, DISCONNECT, AUTH],
    repeats: [CONNECT, CONNACK, PUBLISH, WILL, ...ACKS, SUBSCRIBE, UNSUBSCRIBE, DISCONNECT, AUTH],
    section: '§3.3.2.3.7',
    explanation: 'A name and a value that the applications agree on; it may stand many times, and the order is kept.',
  },
  {
    name: 'maximumPacketSize',
    label: 'Maximum Packet Size',
    kind: 'four',
    in: [CONNECT, CONNACK],
    unit: 'B',
    least: 1,
    section: '§3.1.2.11.4',
    explanation: 'The largest packet that the sender of this accepts, fixed header included.',
  },
  {
    name: 'wildcardSubscriptionAvailable',
    label: 'Wildcard Subscription Available',
    kind: 'byte',
    in: [CONNACK],
    most: 1,
    section: '§3.2.2.3.11',
    explanation: '0 says that the broker takes no subscriptions with + or #.',
  },
  {
    name: 'subscriptionIdentifierAvailable',
    label: 'Subscription Identifier Available',
    kind: 'byte',
    in: [CONNACK],
    most: 1,
    section: '§3.2.2.3.12',
    explanation: '0 says that the broker takes no subscription identifiers.',
  },
  {
    name: 'sharedSubscriptionAvailable',
    label: 'Shared Subscription Available',
    kind: 'byte',
    in: [CONNACK],
    most: 1,
    section: '§3.2.2.3.13',
    explanation: '0 says that the broker takes no shared subscriptions ($share/...).',
  },
]

export const PROPERTIES: readonly Property[] = PROPERTY_TABLE.map(row => ({ id: PropertyId[row.name], ...row }))

/** Properties by identifier; all fit one byte, although an identifier is a variable byte integer. */
export const PROPERTY_BY_ID: readonly (Property | undefined)[] = Array.from({ length: 128 }, (_, id) =>
  PROPERTIES.find(property => property.id === id),
)

/** The reason codes that a rule or a report asks for by name, MQTT 5 §2.4. */
export const Reason = {
  success: 0x00,
  disconnectWithWill: 0x04,
  continueAuthentication: 0x18,
  reauthenticate: 0x19,
  keepAliveTimeout: 0x8d,
  packetIdNotFound: 0x92,
} as const

/** The least reason code that is a failure (MQTT 5 §2.4); 3.1.1 has one such code, in SUBACK. */
export const FIRST_FAILURE = 0x80

/** The reason codes of DISCONNECT that only a server sends (MQTT 5 §3.14.2.1, column "Sent by"). */
export const SERVER_REASONS: readonly number[] = [
  0x87, 0x89, 0x8b, 0x8d, 0x8e, 0x8f, 0x9a, 0x9b, 0x9c, 0x9d, 0x9e, 0x9f, 0xa0, 0xa1, 0xa2,
]

/** MQTT 5 §2.4: names shared by the packets; `0` is named by its packet below. */
const REASONS: Readonly<Record<number, string>> = {
  0: 'Success',
  1: 'Granted QoS 1',
  2: 'Granted QoS 2',
  4: 'Disconnect with Will Message',
  16: 'No matching subscribers',
  17: 'No subscription existed',
  24: 'Continue authentication',
  25: 'Re-authenticate',
  128: 'Unspecified error',
  129: 'Malformed Packet',
  130: 'Protocol Error',
  131: 'Implementation specific error',
  132: 'Unsupported Protocol Version',
  133: 'Client Identifier not valid',
  134: 'Bad User Name or Password',
  135: 'Not authorized',
  136: 'Server unavailable',
  137: 'Server busy',
  138: 'Banned',
  139: 'Server shutting down',
  140: 'Bad authentication method',
  141: 'Keep Alive timeout',
  142: 'Session taken over',
  143: 'Topic Filter invalid',
  144: 'Topic Name invalid',
  145: 'Packet Identifier in use',
  146: 'Packet Identifier not found',
  147: 'Receive Maximum exceeded',
  148: 'Topic Alias invalid',
  149: 'Packet too large',
  150: 'Message rate too high',
  151: 'Quota exceeded',
  152: 'Administrative action',
  153: 'Payload format invalid',
  154: 'Retain not supported',
  155: 'QoS not supported',
  156: 'Use another server',
  157: 'Server moved',
  158: 'Shared Subscriptions not supported',
  159: 'Connection rate exceeded',
  160: 'Maximum connect time',
  161: 'Subscription Identifiers not supported',
  162: 'Wildcard Subscriptions not supported',
}

const reasons = (codes: readonly number[], names: Readonly<Record<number, string>> = {}): Record<number, string> =>
  Object.fromEntries(codes.map(code => [code, names[code] ?? REASONS[code] ?? '']))

const PUBLISH_ANSWER = [0x00, 0x10, 0x80, 0x83, 0x87, 0x90, 0x91, 0x97, 0x99]

/**
 * The reason codes a packet of version 5 may carry, with their names: by packet type.
 * 0x99 is allowed in CONNACK for the payload of a will, §3.1.3.3; 0x8C in DISCONNECT by table 2-6 (§2.4) alone.
 */
export const REASON_CODES: Readonly<Record<number, Readonly<Record<number, string>>>> = {
  [CONNACK]: reasons([
    0x00, 0x80, 0x81, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88, 0x89, 0x8a, 0x8c, 0x90, 0x95, 0x97, 0x99, 0x9a, 0x9b,
    0x9c, 0x9d, 0x9f,
  ]),
  [PUBACK]: reasons(PUBLISH_ANSWER),
  [PUBREC]: reasons(PUBLISH_ANSWER),
  [PUBREL]: reasons([0x00, 0x92]),
  [PUBCOMP]: reasons([0x00, 0x92]),
  [SUBACK]: reasons([0x00, 0x01, 0x02, 0x80, 0x83, 0x87, 0x8f, 0x91, 0x97, 0x9e, 0xa1, 0xa2], { 0: 'Granted QoS 0' }),
  [UNSUBACK]: reasons([0x00, 0x11, 0x80, 0x83, 0x87, 0x8f, 0x91]),
  [DISCONNECT]: reasons(
    [
      0x00, 0x04, 0x80, 0x81, 0x82, 0x83, 0x87, 0x89, 0x8b, 0x8c, 0x8d, 0x8e, 0x8f, 0x90, 0x93, 0x94, 0x95, 0x96, 0x97,
      0x98, 0x99, 0x9a, 0x9b, 0x9c, 0x9d, 0x9e, 0x9f, 0xa0, 0xa1, 0xa2,
    ],
    { 0: 'Normal disconnection' },
  ),
  [AUTH]: reasons([0x00, 0x18, 0x19]),
}

/** Returns the name of a reason code, also in a packet that must not have it; undefined if no packet has it. */
export const reasonName = (type: number, code: number): string | undefined =>
  REASON_CODES[type]?.[code] ?? REASONS[code]

/** MQTT 3.1.1 §3.2.2.3, table 3.1; 3.1 has the same. */
export const RETURN_CODES: Readonly<Record<number, string>> = {
  0: 'Connection Accepted',
  1: 'Connection Refused, unacceptable protocol version',
  2: 'Connection Refused, identifier rejected',
  3: 'Connection Refused, Server unavailable',
  4: 'Connection Refused, bad user name or password',
  5: 'Connection Refused, not authorized',
}

/** MQTT 3.1.1 §3.9.3; 3.1 knows no failure. */
export const SUBACK_CODES: Readonly<Record<number, string>> = {
  0: 'Granted QoS 0',
  1: 'Granted QoS 1',
  2: 'Granted QoS 2',
  128: 'Failure',
}
