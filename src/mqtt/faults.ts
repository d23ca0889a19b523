/**
 * Bytes that break the format: a code for each way, and what is said of it. The id is the specification's for the
 * version spoken where it has one, an own one elsewhere. MQTT 3.1 numbers nothing, so it always has the own one.
 */
import type { Level } from '../base/level.ts'
import {
  AUTH,
  CONNACK,
  DISCONNECT,
  PUBACK,
  PUBCOMP,
  PUBREC,
  PUBREL,
  SUBACK,
  SUBSCRIBE,
  UNSUBACK,
  UNSUBSCRIBE,
  type Version,
} from './spec.ts'

export const Fault = {
  /** A field begins or ends after the end of the packet. */
  truncated: 1,
  /** A field is in bytes missing from the capture: this is not a violation. */
  notCaptured: 2,
  badLength: 3,
  longLength: 4,
  reservedType: 5,
  badFlags: 6,
  qos3: 7,
  dupAtQos0: 8,
  zeroPacketId: 9,
  badUtf8: 10,
  nulInText: 11,
  controlInText: 12,
  emptyTopic: 13,
  wildcardInTopic: 14,
  emptyFilter: 15,
  badHash: 16,
  badPlus: 17,
  badShare: 18,
  noFilters: 19,
  reservedOptions: 20,
  requestedQos3: 21,
  retainHandling3: 22,
  noLocalOnShare: 23,
  badSubackCode: 24,
  badReasonCode: 25,
  noCodes: 26,
  badProtocolName: 27,
  unknownLevel: 28,
  bridge: 29,
  reservedConnectFlag: 30,
  willQosWithoutWill: 31,
  willRetainWithoutWill: 32,
  willQos3: 33,
  passwordWithoutUser: 34,
  emptyClientId: 35,
  longClientId: 36,
  reservedAckFlags: 37,
  badReturnCode: 38,
  sessionPresentOnRefusal: 39,
  trailingBytes: 40,
  unknownProperty: 41,
  propertyNotAllowed: 42,
  repeatedProperty: 43,
  propertyValue: 44,
  propertyOverrun: 45,
  authDataWithoutMethod: 46,
  payloadNotUtf8: 47,
  wildcardInResponseTopic: 48,
  willTopic: 49,
  incomplete: 50,
  noUserName: 51,
  noPassword: 52,
  /** 3.1 has no use for these flags, and does not forbid them. */
  unusedFlags: 53,
  requestNotQos1: 54,
  unusedWillBits: 55,
  oddUserName: 56,
  emptyResponseTopic: 57,
  willPayloadNotUtf8: 58,
  noAuthMethod: 59,
  lengthInOneByte: 60,
  zeroAlias: 61,
} as const

/** A level for each version, where they differ. */
export interface Levels {
  readonly level: Level
  /** Level in 3.1.1 (and 3.1), if that is more lenient than 5.0, or silent. */
  readonly level4?: Level
  /** Level in 3.1, if that is more lenient than both. */
  readonly level3?: Level
}

export interface FaultText extends Levels {
  /** Own id. */
  readonly id: string
  /** Numbers of MQTT 3.1.1 and of 5.0, without `MQTT-`. */
  readonly v4?: string
  readonly v5?: string
  /** Number of 5.0 for what a server sent. */
  readonly server5?: string
  /** Numbers of 3.1.1 and 5.0 by packet type, where they differ. */
  readonly by?: Readonly<Record<number, readonly [v4: string | undefined, v5: string | undefined]>>
  /** The receiver cannot trust the rest of the packet. */
  readonly malformed?: boolean
  readonly title: string
  /** A sentence with the values of the packet. */
  readonly message: string
  /** The reason for the rule, for learners. */
  readonly explanation: string
}

/** All faults, by code. */
export const FAULTS: Readonly<Record<number, FaultText>> = {
  [Fault.truncated]: {
    id: 'malformed.truncated',
    level: 'error',
    malformed: true,
    title: 'Truncated packet',
    message: 'a field reaches beyond the end of the packet',
    explanation:
      'The packet is shorter than its own fields say. The receiver cannot know what is missing and closes the connection.',
  },
  [Fault.notCaptured]: {
    id: 'capture.cut',
    level: 'note',
    title: 'Packet cut by the capture',
    message: 'bytes of this packet are missing from the capture',
    explanation: 'The bytes were sent but not captured (snap length, dropped frames). No side did anything wrong.',
  },
  [Fault.incomplete]: {
    id: 'capture.incomplete',
    level: 'note',
    title: 'Incomplete packet',
    message: 'the stream ends before the packet does',
    explanation: 'The connection or the capture ended in the middle of this packet.',
  },
  [Fault.badLength]: {
    id: 'malformed.length',
    v5: '1.5.5-1',
    level: 'error',
    malformed: true,
    title: 'Unterminated remaining length',
    message: 'the remaining length does not end within 4 bytes',
    explanation:
      'A length has seven bits in each byte and at most four bytes. With a longer one the end of the packet is unknown.',
  },
  [Fault.lengthInOneByte]: {
    id: 'malformed.length_in_one_byte',
    level: 'error',
    malformed: true,
    title: 'Remaining length in one byte',
    message: 'the remaining length is above 127 but written in one byte instead of two, so nothing after it is read',
    explanation:
      'A length has seven bits in each byte; the eighth bit says that one more byte follows. Above 127 it needs two bytes: 206 is ce 01. The receiver takes the next byte for a part of the length, misreads the packet and closes the connection.',
  },
  [Fault.longLength]: {
    id: 'length.not_minimal',
    v5: '1.5.5-1',
    level: 'error',
    level4: 'note',
    title: 'Length longer than needed',
    message: 'a length is written in more bytes than it needs',
    explanation: 'MQTT 5 demands the fewest possible bytes for each length. Older versions do not.',
  },
  [Fault.reservedType]: {
    id: 'malformed.type',
    level: 'error',
    malformed: true,
    title: 'Reserved packet type',
    message: 'this packet type is reserved',
    explanation: 'Type 0 is reserved in all versions. Type 15 (AUTH) exists since 5.0.',
  },
  [Fault.badFlags]: {
    id: 'malformed.flags',
    v4: '2.2.2-1',
    v5: '2.1.3-1',
    by: {
      [PUBREL]: ['3.6.1-1', '3.6.1-1'],
      [SUBSCRIBE]: ['3.8.1-1', '3.8.1-1'],
      [UNSUBSCRIBE]: ['3.10.1-1', '3.10.1-1'],
      [DISCONNECT]: ['3.14.1-1', '3.14.1-1'],
      [AUTH]: [undefined, '3.15.1-1'],
    },
    level: 'error',
    malformed: true,
    title: 'Invalid reserved flags',
    message: 'the reserved flags of the first byte are invalid',
    explanation:
      'Only PUBLISH uses the lower four bits of the first byte. In all other packets their value is fixed: 0010 in PUBREL, SUBSCRIBE and UNSUBSCRIBE, 0000 elsewhere. The receiver closes the connection otherwise.',
  },
  [Fault.unusedFlags]: {
    id: 'flags.unused',
    level: 'note',
    title: 'Unused flags set',
    message: 'flags are set that this packet does not use',
    explanation: 'MQTT 3.1 calls these flags unused and gives them no value. 3.1.1 and 5.0 demand 0.',
  },
  [Fault.requestNotQos1]: {
    id: 'flags.request_qos',
    level: 'warning',
    title: 'Request not at QoS 1',
    message: 'the QoS bits of this request are not 1',
    explanation: 'In MQTT 3.1 requests with an answer are sent at QoS 1. Brokers accept others.',
  },
  [Fault.qos3]: {
    id: 'malformed.qos',
    v4: '3.3.1-4',
    v5: '3.3.1-4',
    level: 'error',
    malformed: true,
    title: 'QoS 3',
    message: 'both QoS bits are set',
    explanation: 'There are three QoS levels, 0 to 2. The two bits must not both be 1.',
  },
  [Fault.dupAtQos0]: {
    id: 'dup.qos0',
    v4: '3.3.1-2',
    v5: '3.3.1-2',
    level: 'error',
    level3: 'warning',
    title: 'DUP at QoS 0',
    message: 'DUP is set at QoS 0',
    explanation: 'DUP marks a resent message. A message with QoS 0 is never resent.',
  },
  [Fault.zeroPacketId]: {
    id: 'packet_id.zero',
    v4: '2.3.1-1',
    v5: '2.2.1-3',
    server5: '2.2.1-4',
    level: 'error',
    title: 'Packet id 0',
    message: 'the packet id is 0',
    explanation: 'The packet id connects an answer with its request, and 0 is not a valid id.',
  },
  [Fault.badUtf8]: {
    id: 'malformed.utf8',
    v4: '1.5.3-1',
    v5: '1.5.4-1',
    level: 'error',
    malformed: true,
    title: 'Invalid UTF-8',
    message: 'the text is not well-formed UTF-8',
    explanation:
      'Topics, client ids and all other texts are UTF-8 without surrogates and overlong forms. The receiver closes the connection otherwise.',
  },
  [Fault.nulInText]: {
    id: 'malformed.nul',
    v4: '1.5.3-2',
    v5: '1.5.4-2',
    level: 'error',
    malformed: true,
    title: 'NUL in text',
    message: 'the text holds U+0000',
    explanation: 'U+0000 ends a text in C programs, so some programs would not see the rest. It is forbidden.',
  },
  [Fault.controlInText]: {
    id: 'text.control',
    level: 'warning',
    title: 'Control character in text',
    message: 'the text holds control characters or non-characters',
    explanation:
      'Control characters and non-characters should not be sent. A receiver may close the connection because of them.',
  },
  [Fault.emptyTopic]: {
    id: 'topic.empty',
    v4: '4.7.3-1',
    v5: '4.7.3-1',
    level: 'error',
    title: 'Empty topic',
    message: 'the topic is empty',
    explanation: 'A topic has at least one character. In 5.0 a topic alias may replace it.',
  },
  [Fault.wildcardInTopic]: {
    id: 'topic.wildcard',
    v4: '3.3.2-2',
    v5: '3.3.2-2',
    level: 'error',
    title: 'Wildcard in topic name',
    message: 'the topic name contains + or #',
    explanation:
      '+ and # select topics in a subscription. A message is published to one topic, so its name must not contain them.',
  },
  [Fault.emptyFilter]: {
    id: 'filter.empty',
    v4: '4.7.3-1',
    v5: '4.7.3-1',
    level: 'error',
    title: 'Empty topic filter',
    message: 'the topic filter is empty',
    explanation: 'A topic filter has at least one character.',
  },
  [Fault.badHash]: {
    id: 'filter.hash',
    v4: '4.7.1-2',
    v5: '4.7.1-1',
    level: 'error',
    title: 'Misplaced # wildcard',
    message: '# is not alone in the last level of the filter',
    explanation:
      '# matches all further levels, so it is the last character and alone in its level: a/#, not a# and not a/#/b.',
  },
  [Fault.badPlus]: {
    id: 'filter.plus',
    v4: '4.7.1-3',
    v5: '4.7.1-2',
    level: 'error',
    title: 'Misplaced + wildcard',
    message: '+ is not alone in its level of the filter',
    explanation: '+ matches one whole level: a/+/b, not a+ and not a/b+.',
  },
  [Fault.badShare]: {
    id: 'filter.share',
    v5: '4.8.2-1',
    level: 'error',
    title: 'Malformed shared subscription',
    message: 'the shared subscription is not $share/name/filter',
    explanation:
      'A shared subscription is $share, a name of at least one character without wildcards, and a filter: $share/workers/jobs/#.',
  },
  [Fault.noFilters]: {
    id: 'malformed.no_filters',
    v4: '3.8.3-3',
    v5: '3.8.3-2',
    by: {
      [UNSUBSCRIBE]: ['3.10.3-2', '3.10.3-2'],
    },
    level: 'error',
    level3: 'warning',
    malformed: true,
    title: 'No topic filter',
    message: 'there is no topic filter',
    explanation: 'A SUBSCRIBE or UNSUBSCRIBE has at least one topic filter.',
  },
  [Fault.reservedOptions]: {
    id: 'malformed.options',
    v4: '3-8.3-4',
    v5: '3.8.3-5',
    level: 'error',
    malformed: true,
    title: 'Reserved subscription options',
    message: 'reserved bits of the subscription options are set',
    explanation: '3.1.1 uses two bits of the byte after each filter, 5.0 uses six. The other bits are 0.',
  },
  [Fault.requestedQos3]: {
    id: 'malformed.requested_qos',
    v4: '3-8.3-4',
    level: 'error',
    malformed: true,
    title: 'Requested QoS 3',
    message: 'the requested QoS is 3',
    explanation: 'A subscription asks for QoS 0, 1 or 2.',
  },
  [Fault.retainHandling3]: {
    id: 'retain_handling',
    level: 'error',
    title: 'Retain handling 3',
    message: 'the retain handling is 3',
    explanation:
      'Retain handling is 0 (send retained messages), 1 (only if the subscription is new) or 2 (never); 3 is a protocol error.',
  },
  [Fault.noLocalOnShare]: {
    id: 'share.no_local',
    v5: '3.8.3-4',
    level: 'error',
    title: 'No Local on shared subscription',
    message: 'No Local is set on a shared subscription',
    explanation:
      'With No Local a client does not receive its own messages. For a shared subscription this is a protocol error.',
  },
  [Fault.badSubackCode]: {
    id: 'suback.code',
    v4: '3.9.3-2',
    level: 'error',
    title: 'Unknown SUBACK code',
    message: 'the return code is none of 0, 1, 2 and 0x80',
    explanation: 'A SUBACK grants QoS 0, 1 or 2, or refuses with 0x80.',
  },
  [Fault.badReasonCode]: {
    id: 'reason_code',
    by: {
      [CONNACK]: [undefined, '3.2.2-8'],
      [PUBACK]: [undefined, '3.4.2-1'],
      [PUBREC]: [undefined, '3.5.2-1'],
      [PUBREL]: [undefined, '3.6.2-1'],
      [PUBCOMP]: [undefined, '3.7.2-1'],
      [SUBACK]: [undefined, '3.9.3-2'],
      [UNSUBACK]: [undefined, '3.11.3-2'],
      [DISCONNECT]: [undefined, '3.14.2-1'],
      [AUTH]: [undefined, '3.15.2-1'],
    },
    level: 'error',
    title: 'Invalid reason code',
    message: 'the reason code is not one of this packet type',
    explanation: 'Each packet type has its own list of reason codes. The sender must use one of them.',
  },
  [Fault.noCodes]: {
    id: 'no_codes',
    v4: '3.8.4-5',
    v5: '3.8.4-6',
    by: {
      [UNSUBACK]: [undefined, '3.11.3-1'],
    },
    level: 'error',
    level3: 'warning',
    title: 'Acknowledgement without reason codes',
    message: 'there is no code for any filter',
    explanation: 'The answer carries one code for each filter of the request.',
  },
  [Fault.badProtocolName]: {
    id: 'connect.protocol_name',
    v4: '3.1.2-1',
    v5: '3.1.2-1',
    level: 'error',
    title: 'Wrong protocol name',
    message: 'the protocol name does not match the protocol level',
    explanation: 'The name is MQTT since 3.1.1, and MQIsdp in 3.1. A broker closes a connection with another name.',
  },
  [Fault.unknownLevel]: {
    id: 'connect.level',
    v4: '3.1.2-2',
    v5: '3.1.2-2',
    level: 'error',
    title: 'Unknown protocol level',
    message: 'no MQTT version has this protocol level',
    explanation: '3 is MQTT 3.1, 4 is 3.1.1, 5 is 5.0. The broker refuses others with return code 1 (0x84 in 5.0).',
  },
  [Fault.bridge]: {
    id: 'connect.bridge',
    level: 'note',
    title: 'Bridge bit in protocol level',
    message: 'the top bit of the protocol level says that the client is a bridge',
    explanation: 'Mosquitto marks a connection between two brokers this way. The specification does not mention it.',
  },
  [Fault.reservedConnectFlag]: {
    id: 'malformed.connect_flag',
    v4: '3.1.2-3',
    v5: '3.1.2-3',
    level: 'error',
    malformed: true,
    title: 'Reserved connect flag',
    message: 'the reserved connect flag is set',
    explanation: 'Bit 0 of the connect flags is 0. The broker closes the connection otherwise.',
  },
  [Fault.willQosWithoutWill]: {
    id: 'malformed.will_qos_without_will',
    v4: '3.1.2-13',
    v5: '3.1.2-11',
    level: 'error',
    malformed: true,
    title: 'Will QoS without will',
    message: 'a will QoS is given without a will',
    explanation: 'If the will flag is 0 there is no will, and will QoS is 0.',
  },
  [Fault.willRetainWithoutWill]: {
    id: 'malformed.will_retain_without_will',
    v4: '3.1.2-15',
    v5: '3.1.2-13',
    level: 'error',
    malformed: true,
    title: 'Will retain without will',
    message: 'will retain is set without a will',
    explanation: 'If the will flag is 0 there is no will, and will retain is 0.',
  },
  [Fault.unusedWillBits]: {
    id: 'connect.unused_will_bits',
    level: 'note',
    title: 'Will bits without will',
    message: 'will QoS or will retain is set without a will',
    explanation: 'MQTT 3.1 ignores these bits without a will. 3.1.1 and 5.0 forbid them.',
  },
  [Fault.willQos3]: {
    id: 'malformed.will_qos',
    v4: '3.1.2-14',
    v5: '3.1.2-12',
    level: 'error',
    malformed: true,
    title: 'Will QoS 3',
    message: 'the will QoS is 3',
    explanation: 'A will is published at QoS 0, 1 or 2.',
  },
  [Fault.passwordWithoutUser]: {
    id: 'connect.password_without_user',
    v4: '3.1.2-22',
    level: 'error',
    title: 'Password without user name',
    message: 'a password is given without a user name',
    explanation: 'Before 5.0 a password needs a user name.',
  },
  [Fault.emptyClientId]: {
    id: 'connect.empty_client_id',
    v4: '3.1.3-7',
    level: 'error',
    title: 'Empty client id',
    message: 'the client id is empty, but clean session is 0',
    explanation:
      'A session without a client id cannot be resumed, so clean session must be 1. MQTT 3.1 does not allow an empty client id at all.',
  },
  [Fault.longClientId]: {
    id: 'connect.long_client_id',
    v4: '3.1.3-5',
    v5: '3.1.3-5',
    level: 'note',
    title: 'Long client id',
    message: 'not every broker accepts a client id of more than 23 bytes',
    explanation: 'Brokers must accept 1 to 23 bytes of letters and digits. Most accept more.',
  },
  [Fault.reservedAckFlags]: {
    id: 'malformed.ack_flags',
    v5: '3.2.2-1',
    level: 'error',
    malformed: true,
    title: 'Reserved acknowledge flags',
    message: 'reserved acknowledge flags are set',
    explanation: 'Only bit 0 (session present) of the acknowledge flags has a meaning; the others are 0.',
  },
  [Fault.badReturnCode]: {
    id: 'connack.code',
    level: 'error',
    title: 'Reserved return code',
    message: 'the return code is reserved',
    explanation: 'CONNACK knows the return codes 0 to 5; the others are reserved.',
  },
  [Fault.sessionPresentOnRefusal]: {
    id: 'connack.session_present',
    v4: '3.2.2-4',
    v5: '3.2.2-6',
    level: 'error',
    title: 'Session present in refusal',
    message: 'session present is set although the connection is refused',
    explanation: 'A broker that refuses a connection sets session present to 0.',
  },
  [Fault.trailingBytes]: {
    id: 'malformed.trailing',
    level: 'error',
    malformed: true,
    title: 'Bytes after the last field',
    message: 'bytes are left after the last field',
    explanation: 'The packet is longer than its fields. In CONNECT this often means a field whose flag is not set.',
  },
  [Fault.unknownProperty]: {
    id: 'malformed.property',
    level: 'error',
    malformed: true,
    title: 'Unknown property identifier',
    message: 'the property identifier is unknown',
    explanation:
      'The length of an unknown property is unknown, so the rest of the packet cannot be read. The receiver closes the connection. Check which library built the packet.',
  },
  [Fault.propertyNotAllowed]: {
    id: 'malformed.property_place',
    level: 'error',
    malformed: true,
    title: 'Property not allowed here',
    message: 'the property is not allowed in this packet type',
    explanation: 'Each property is allowed in certain packet types. In others it makes the packet malformed.',
  },
  [Fault.repeatedProperty]: {
    id: 'property.repeated',
    level: 'error',
    title: 'Repeated property',
    message: 'the property occurs more than once',
    explanation:
      'Only user properties, and the subscription identifiers of a delivered message, may occur more than once.',
  },
  [Fault.propertyValue]: {
    id: 'property.value',
    level: 'error',
    title: 'Property value out of range',
    message: 'the value of the property is out of range',
    explanation:
      'The specification makes this value a protocol error, for example a Receive Maximum of 0, or a 2 for a property that is 0 or 1.',
  },
  [Fault.zeroAlias]: {
    id: 'alias.zero',
    v5: '3.3.2-8',
    level: 'error',
    title: 'Topic alias 0',
    message: 'the topic alias is 0',
    explanation: 'Topic aliases are numbers from 1 on, up to the Topic Alias Maximum of the receiver.',
  },
  [Fault.propertyOverrun]: {
    id: 'malformed.property_length',
    level: 'error',
    malformed: true,
    title: 'Property length too small',
    message: 'a property reaches beyond the property length',
    explanation: 'The last property ends after the end of the property block.',
  },
  [Fault.authDataWithoutMethod]: {
    id: 'auth.data_without_method',
    level: 'error',
    title: 'Authentication data without method',
    message: 'authentication data without a method',
    explanation: 'Authentication data needs the name of its authentication method.',
  },
  [Fault.noAuthMethod]: {
    id: 'auth.no_method',
    level: 'error',
    title: 'AUTH without method',
    message: 'the AUTH packet does not name its method',
    explanation: 'AUTH always names the authentication method, the same one as CONNECT.',
  },
  [Fault.payloadNotUtf8]: {
    id: 'payload.not_utf8',
    level: 'error',
    title: 'Payload is not UTF-8',
    message: 'the payload is announced as UTF-8 but is not',
    explanation: 'Payload Format Indicator 1 announces well-formed UTF-8. A receiver may refuse other payloads.',
  },
  [Fault.willPayloadNotUtf8]: {
    id: 'will_payload.not_utf8',
    level: 'error',
    title: 'Will payload is not UTF-8',
    message: 'the will payload is announced as UTF-8 but is not',
    explanation: 'Payload Format Indicator 1 announces that the will payload is well-formed UTF-8.',
  },
  [Fault.wildcardInResponseTopic]: {
    id: 'response_topic.wildcard',
    v5: '3.3.2-14',
    level: 'error',
    title: 'Wildcard in response topic',
    message: 'the response topic contains + or #',
    explanation: 'The answer is published to the response topic, so it must be a topic name without wildcards.',
  },
  [Fault.emptyResponseTopic]: {
    id: 'response_topic.empty',
    v5: '4.7.3-1',
    level: 'error',
    title: 'Empty response topic',
    message: 'the response topic is empty',
    explanation: 'A topic name has at least one character; so does the response topic.',
  },
  [Fault.willTopic]: {
    id: 'will_topic',
    v4: '4.7.3-1',
    v5: '4.7.3-1',
    level: 'error',
    title: 'Invalid will topic',
    message: 'the will topic is empty or contains + or #',
    explanation:
      'The will is published to its topic, so it must be a topic name of at least one character without wildcards.',
  },
  [Fault.oddUserName]: {
    id: 'connect.user_name',
    level: 'warning',
    title: 'User name is not UTF-8',
    message: 'the user name is not well-formed UTF-8',
    explanation:
      'Texts are UTF-8 in MQTT 3.1, too, but a receiver need not reject others, and brokers accept user names as they are.',
  },
  [Fault.noUserName]: {
    id: 'connect.no_user_name',
    v4: '3.1.2-19',
    v5: '3.1.2-17',
    level: 'error',
    malformed: true,
    title: 'Missing user name',
    message: 'the user name flag is set, but no user name follows',
    explanation: 'The flag announces a user name. Since 3.1.1 it must follow.',
  },
  [Fault.noPassword]: {
    id: 'connect.no_password',
    v4: '3.1.2-21',
    v5: '3.1.2-19',
    level: 'error',
    malformed: true,
    title: 'Missing password',
    message: 'the password flag is set, but no password follows',
    explanation: 'The flag announces a password. Since 3.1.1 it must follow.',
  },
}

/** Returns the id of the finding for a fault in this version; some have a number for each packet type. */
export function faultId(fault: number, version: Version, type = 0, byServer = false): string {
  const text = FAULTS[fault]
  if (text === undefined) return `fault.${fault}`
  const number = numberOf(text, version, type, byServer)
  return number === undefined ? text.id : `MQTT-${number}`
}

/** MQTT 3.1 numbers nothing. */
function numberOf(text: FaultText, version: Version, type: number, byServer: boolean): string | undefined {
  if (version !== 4 && version !== 5) return undefined
  const own = text.by?.[type]
  if (own !== undefined) return own[version - 4]
  if (version === 4) return text.v4
  return (byServer ? text.server5 : undefined) ?? text.v5
}

export const levelIn = (levels: Levels, version: Version): Level => {
  if (version === 5) return levels.level
  const before = levels.level4 ?? levels.level
  return version === 3 ? (levels.level3 ?? before) : before
}

export function faultLevel(fault: number, version: Version): Level {
  const text = FAULTS[fault]
  return text === undefined ? 'error' : levelIn(text, version)
}

const MALFORMED: Uint8Array = Uint8Array.from({ length: 256 }, (_, fault) => (FAULTS[fault]?.malformed ? 1 : 0))

export const isMalformed = (fault: number): boolean => MALFORMED[fault] === 1
