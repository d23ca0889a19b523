/**
 * Bytes that break the format: a code for each way, and what is said of it. The id is the specification's for the
 * version spoken where it has one, an own one elsewhere. MQTT 3.1 numbers nothing, so it always has the own one.
 */
import type { Version } from './spec.ts'

export const Fault = {
  /** A field begins or ends behind the end of the packet. */
  truncated: 1,
  /** A field stands where bytes are missing from the capture: nobody's fault. */
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
} as const

export type Level = 'note' | 'warning' | 'error'

export interface FaultText {
  /** Own id. */
  readonly id: string
  /** Ids of MQTT 3.1.1 and of 5.0, without `MQTT-`. */
  readonly v4?: string
  readonly v5?: string
  readonly level: Level
  /** Where 3.1 and 3.1.1 are more lenient than 5.0, or silent. */
  readonly level4?: Level
  /** The receiver cannot trust the rest of the packet. */
  readonly malformed?: boolean
  readonly message: string
}

const malformed = (id: string, message: string, v4?: string, v5?: string): FaultText => ({
  id: `malformed.${id}`,
  ...(v4 === undefined ? {} : { v4 }),
  ...(v5 === undefined ? {} : { v5 }),
  level: 'error',
  malformed: true,
  message,
})

const broken = (id: string, message: string, v4?: string, v5?: string): FaultText => ({
  id,
  ...(v4 === undefined ? {} : { v4 }),
  ...(v5 === undefined ? {} : { v5 }),
  level: 'error',
  message,
})

/** By code. */
export const FAULTS: Readonly<Record<number, FaultText>> = {
  [Fault.truncated]: malformed('truncated', 'a field reaches beyond the end of the packet'),
  [Fault.notCaptured]: {
    id: 'capture.cut',
    level: 'note',
    message: 'bytes of this packet are missing from the capture',
  },
  [Fault.incomplete]: {
    id: 'capture.incomplete',
    level: 'note',
    message: 'the stream ends before the packet does',
  },
  [Fault.badLength]: malformed('length', 'the remaining length does not end within 4 bytes', undefined, '1.5.5-1'),
  [Fault.longLength]: {
    id: 'length.not_minimal',
    v5: '1.5.5-1',
    level: 'error',
    level4: 'note',
    message: 'a length is written in more bytes than it needs',
  },
  [Fault.reservedType]: malformed('type', 'this packet type is reserved'),
  [Fault.badFlags]: malformed('flags', 'the reserved flags of the first byte are wrong', '2.2.2-1', '2.1.3-1'),
  [Fault.qos3]: malformed('qos', 'both QoS bits are set', '3.3.1-4', '3.3.1-4'),
  [Fault.dupAtQos0]: broken('dup.qos0', 'DUP is set at QoS 0', '3.3.1-2', '3.3.1-2'),
  [Fault.zeroPacketId]: broken('packet_id.zero', 'the packet id is 0', '2.3.1-1', '2.2.1-3'),
  [Fault.badUtf8]: malformed('utf8', 'the text is no well-formed UTF-8', '1.5.3-1', '1.5.4-1'),
  [Fault.nulInText]: malformed('nul', 'the text holds U+0000', '1.5.3-2', '1.5.4-2'),
  [Fault.controlInText]: {
    id: 'text.control',
    level: 'warning',
    message: 'the text holds control characters or non-characters',
  },
  [Fault.emptyTopic]: broken('topic.empty', 'the topic is empty', '4.7.3-1', '4.7.3-1'),
  [Fault.wildcardInTopic]: broken('topic.wildcard', 'a topic name holds + or #', '3.3.2-2', '3.3.2-2'),
  [Fault.emptyFilter]: broken('filter.empty', 'the topic filter is empty', '4.7.3-1', '4.7.3-1'),
  [Fault.badHash]: broken('filter.hash', '# is not alone in the last level of the filter', '4.7.1-2', '4.7.1-1'),
  [Fault.badPlus]: broken('filter.plus', '+ is not alone in its level of the filter', '4.7.1-3', '4.7.1-2'),
  [Fault.badShare]: broken('filter.share', 'the shared subscription is not $share/name/filter', undefined, '4.8.2-1'),
  [Fault.noFilters]: malformed('no_filters', 'there is no topic filter', '3.8.3-3', '3.8.3-2'),
  [Fault.reservedOptions]: malformed(
    'options',
    'reserved bits of the subscription options are set',
    '3-8.3-4',
    '3.8.3-5',
  ),
  [Fault.requestedQos3]: malformed('requested_qos', 'the requested QoS is 3', '3-8.3-4'),
  [Fault.retainHandling3]: broken('retain_handling', 'the retain handling is 3'),
  [Fault.noLocalOnShare]: broken('share.no_local', 'No Local is set on a shared subscription', undefined, '3.8.3-4'),
  [Fault.badSubackCode]: broken('suback.code', 'the return code is none of 0, 1, 2 and 0x80', '3.9.3-2'),
  [Fault.badReasonCode]: broken('reason_code', 'the reason code is not one of this packet type'),
  [Fault.noCodes]: broken('no_codes', 'there is no code for any filter'),
  [Fault.badProtocolName]: broken(
    'connect.protocol_name',
    'the protocol name does not fit the level',
    '3.1.2-1',
    '3.1.2-1',
  ),
  [Fault.unknownLevel]: broken('connect.level', 'no MQTT version has this protocol level', '3.1.2-2', '3.1.2-2'),
  [Fault.bridge]: {
    id: 'connect.bridge',
    level: 'note',
    message: 'the top bit of the protocol level says that the client is a bridge',
  },
  [Fault.reservedConnectFlag]: malformed('connect_flag', 'the reserved connect flag is set', '3.1.2-3', '3.1.2-3'),
  [Fault.willQosWithoutWill]: malformed(
    'will_qos_without_will',
    'a will QoS is given without a will',
    '3.1.2-13',
    '3.1.2-11',
  ),
  [Fault.willRetainWithoutWill]: malformed(
    'will_retain_without_will',
    'will retain is set without a will',
    '3.1.2-15',
    '3.1.2-13',
  ),
  [Fault.willQos3]: malformed('will_qos', 'the will QoS is 3', '3.1.2-14', '3.1.2-12'),
  [Fault.passwordWithoutUser]: broken(
    'connect.password_without_user',
    'a password is given without a user name',
    '3.1.2-22',
  ),
  [Fault.emptyClientId]: broken(
    'connect.empty_client_id',
    'the client id is empty, and the session is to be kept',
    '3.1.3-7',
  ),
  [Fault.longClientId]: {
    id: 'connect.long_client_id',
    v4: '3.1.3-5',
    v5: '3.1.3-5',
    level: 'note',
    message: 'not every broker takes a client id of more than 23 bytes',
  },
  [Fault.reservedAckFlags]: malformed('ack_flags', 'reserved acknowledge flags are set', undefined, '3.2.2-1'),
  [Fault.badReturnCode]: broken('connack.code', 'the return code is reserved'),
  [Fault.sessionPresentOnRefusal]: broken(
    'connack.session_present',
    'session present is set although the connection is refused',
    '3.2.2-4',
    '3.2.2-6',
  ),
  [Fault.trailingBytes]: malformed('trailing', 'bytes are left over behind the last field'),
  [Fault.unknownProperty]: malformed('property', 'the property identifier is unknown'),
  [Fault.propertyNotAllowed]: malformed('property_place', 'the property does not belong in this packet'),
  [Fault.repeatedProperty]: broken('property.repeated', 'the property stands more than once'),
  [Fault.propertyValue]: broken('property.value', 'the value of the property is out of range'),
  [Fault.propertyOverrun]: malformed('property_length', 'a property reaches beyond the property length'),
  [Fault.authDataWithoutMethod]: broken('auth.data_without_method', 'authentication data without a method'),
  [Fault.payloadNotUtf8]: {
    id: 'payload.not_utf8',
    level: 'warning',
    message: 'the payload is announced as UTF-8 and is none',
  },
  [Fault.wildcardInResponseTopic]: broken(
    'response_topic.wildcard',
    'the response topic holds + or #',
    undefined,
    '3.3.2-14',
  ),
  [Fault.willTopic]: broken('will_topic', 'the will topic is empty or holds + or #', '4.7.3-1', '4.7.3-1'),
  [Fault.noUserName]: {
    id: 'connect.no_user_name',
    v4: '3.1.2-19',
    v5: '3.1.2-17',
    level: 'error',
    malformed: true,
    message: 'the user name flag is set, and no user name follows',
  },
  [Fault.noPassword]: {
    id: 'connect.no_password',
    v4: '3.1.2-21',
    v5: '3.1.2-19',
    level: 'error',
    malformed: true,
    message: 'the password flag is set, and no password follows',
  },
}

/** The id under which a fault is told in the version spoken. */
export function faultId(fault: number, version: Version): string {
  const text = FAULTS[fault]
  if (text === undefined) return `fault.${fault}`
  const number = version === 5 ? text.v5 : version === 4 ? text.v4 : undefined
  return number === undefined ? text.id : `MQTT-${number}`
}

export function faultLevel(fault: number, version: Version): Level {
  const text = FAULTS[fault]
  if (text === undefined) return 'error'
  return version === 5 ? text.level : (text.level4 ?? text.level)
}

export const faultMessage = (fault: number): string => FAULTS[fault]?.message ?? 'the bytes break the format'

export const isMalformed = (fault: number): boolean => FAULTS[fault]?.malformed === true
