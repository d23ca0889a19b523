/**
 * One walk over a control packet, announcing every field with its place. One short function per packet type,
 * in the order of the specification's chapter 3 (MQTT 5; 3.1.1 has the same numbers).
 */
import { u8, u16 } from '../base/bytes.ts'
import type { Field, FieldSink } from '../base/field.ts'
import { Fault } from './faults.ts'
import * as F from './fields.ts'
import { type Writing, writingOf } from './one-byte-length.ts'
import {
  block,
  blockHolds,
  isMinimal,
  type Offset,
  properties,
  STOP,
  sizedField,
  textField,
  varintSize,
  varintValue,
} from './properties.ts'
import {
  AUTH,
  CONNACK,
  CONNECT,
  ConnectFlag,
  DISCONNECT,
  FIRST_FAILURE,
  PINGREQ,
  PINGRESP,
  PropertyId,
  PUBACK,
  PUBCOMP,
  PUBLISH,
  PUBREC,
  PUBREL,
  PublishFlag,
  qosOf,
  REASON_CODES,
  retainHandlingOf,
  SESSION_PRESENT,
  SUBACK,
  SUBSCRIBE,
  SubscriptionOption,
  UNSUBACK,
  UNSUBSCRIBE,
  type Version,
  versionOfLevel,
  WILL,
  willQosOf,
} from './spec.ts'
import { isUtf8, textKinds, WILDCARD } from './text.ts'
import { filterFault, hasWildcard, isShare, isShareWellFormed } from './topic.ts'

/**
 * Announces every field of the packet at `start`. `end` is the end of its readable bytes: before the end of the packet
 * if the capture lacks some. `version` is what the connection speaks; a CONNECT is read by its own level.
 * Never throws, never reads beyond `end`; groups left open at a fault are not closed.
 */
export function walk(bytes: Uint8Array, start: number, end: number, version: Version, sink: FieldSink): void {
  if (start >= end) return
  const first = u8(bytes, start)
  const size = varintSize(bytes, start + 1, end)
  sink.open(F.HEADER, start)
  sink.field(F.HDRFLAGS, start, start + 1, first)
  sink.field(F.MSGTYPE, start, start + 1, first >> 4)
  flags(first, start, version, sink)
  if (size <= 0) return sink.fault(size < 0 ? Fault.badLength : Fault.notCaptured, start + 1)
  if (size === 2 && writingOf(bytes, start, end, true, body) === 'in one byte') return oneByte(bytes, start + 1, sink)
  const at = start + 1 + size
  const length = varintValue(bytes, start + 1, size)
  sink.field(F.LEN, start + 1, at, length)
  sink.close(at)
  if (!isMinimal(bytes, start + 1, size)) sink.fault(Fault.longLength, start + 1)
  const packetEnd = at + length
  const limit = packetEnd < end ? packetEnd : end
  const next = body(bytes, at, packetEnd, limit, first, version, sink)
  if (next === STOP) return
  if (next < 0) sink.fault(packetEnd > end ? Fault.notCaptured : Fault.truncated, ~next)
  else if (next < limit) trailing(next, limit, sink)
}

/** Announces a length that the sender wrote in one byte. The body is not read: its offset is uncertain. */
function oneByte(bytes: Uint8Array, at: number, sink: FieldSink): void {
  sink.field(F.LEN, at, at + 1, u8(bytes, at))
  sink.close(at + 1)
  sink.fault(Fault.lengthInOneByte, at)
}

function trailing(at: number, limit: number, sink: FieldSink): void {
  sink.field(F.TRAILING, at, limit, 0)
  sink.fault(Fault.trailingBytes, at)
}

/** The lower four bits of the first byte: MQTT 5 §2.1.3, MQTT 3.1 §2.1. */
function flags(first: number, at: number, version: Version, sink: FieldSink): void {
  const type = first >> 4
  if (type === PUBLISH) return publishFlags(first, at, sink)
  const fixed = type === PUBREL || type === SUBSCRIBE || type === UNSUBSCRIBE
  if (version === 3 && fixed) return requestFlags31(first, at, sink)
  sink.field(F.HDR_RESERVED, at, at + 1, first & 0x0f)
  if (type === 0 || (type === AUTH && version !== 5)) sink.fault(Fault.reservedType, at)
  else if ((first & 0x0f) !== (fixed ? 0x02 : 0)) sink.fault(version === 3 ? Fault.unusedFlags : Fault.badFlags, at)
}

function publishFlags(first: number, at: number, sink: FieldSink): void {
  const qos = qosOf(first)
  sink.field(F.DUPFLAG, at, at + 1, (first >> 3) & 1)
  sink.field(F.QOS, at, at + 1, qos)
  sink.field(F.RETAIN, at, at + 1, first & PublishFlag.retain)
  if (qos === 3) sink.fault(Fault.qos3, at)
  if (qos === 0 && (first & PublishFlag.dup) !== 0) sink.fault(Fault.dupAtQos0, at)
}

/** Announces the flags of requests of 3.1: these have a DUP flag and are at QoS 1; the retain bit is not used. */
function requestFlags31(first: number, at: number, sink: FieldSink): void {
  sink.field(F.DUPFLAG, at, at + 1, (first >> 3) & 1)
  sink.field(F.QOS, at, at + 1, qosOf(first))
  sink.field(F.RETAIN_RESERVED, at, at + 1, first & PublishFlag.retain)
  if (qosOf(first) !== 1) sink.fault(Fault.requestNotQos1, at)
}

/** Returns how the length of the packet at `start` is written, see `one-byte-length.ts`. */
export const lengthWriting = (bytes: Uint8Array, start: number, end: number, isAll: boolean): Writing =>
  writingOf(bytes, start, end, isAll, body)

function body(
  bytes: Uint8Array,
  at: number,
  end: number,
  limit: number,
  first: number,
  version: Version,
  sink: FieldSink,
): Offset {
  const type = first >> 4
  switch (type) {
    case PUBLISH:
      return publish(bytes, at, limit, first, version, sink)
    case PUBACK:
    case PUBREC:
    case PUBREL:
    case PUBCOMP:
      return ack(bytes, at, end, limit, type, version, sink)
    case CONNECT:
      return connect(bytes, at, end, limit, sink)
    case CONNACK:
      return connack(bytes, at, limit, version, sink)
    case SUBSCRIBE:
    case UNSUBSCRIBE:
      return subscribe(bytes, at, end, limit, type, version, sink)
    case SUBACK:
    case UNSUBACK:
      return suback(bytes, at, end, limit, type, version, sink)
    case DISCONNECT:
    case AUTH:
      return disconnect(bytes, at, end, limit, type, version, sink)
    case PINGREQ:
    case PINGRESP:
      return at
    default:
      return limit
  }
}

// §3.1 CONNECT

function connect(bytes: Uint8Array, at: number, end: number, limit: number, sink: FieldSink): Offset {
  const name = textField(bytes, at, limit, sink, F.PROTO_LEN, F.PROTONAME)
  if (name < 0) return name
  if (name + 1 > limit) return ~name
  const level = u8(bytes, name)
  sink.field(F.VER, name, name + 1, level)
  checkProtocol(bytes, at + 2, name, level, sink)
  const version = versionOfLevel(level)
  if (name + 2 > limit) return ~(name + 1)
  const flags = u8(bytes, name + 1)
  connectFlags(flags, name + 1, version, sink)
  if (name + 4 > limit) return ~(name + 2)
  sink.field(F.KALIVE, name + 2, name + 4, u16(bytes, name + 2))
  let next = name + 4
  if (version === 5) {
    next = properties(bytes, next, limit, sink, F.PROPERTIES_GROUP, CONNECT)
    if (next < 0) return next
  }
  return connectPayload(bytes, next, end, limit, flags, version, sink)
}

const NAME_31 = [0x4d, 0x51, 0x49, 0x73, 0x64, 0x70]
const NAME = [0x4d, 0x51, 0x54, 0x54]

function checkProtocol(bytes: Uint8Array, start: number, end: number, level: number, sink: FieldSink): void {
  const version = versionOfLevel(level)
  if (version === 0) sink.fault(Fault.unknownLevel, end)
  else if (level > 5) sink.fault(Fault.bridge, end)
  const expected = version === 3 ? NAME_31 : NAME
  const fits = end - start === expected.length && expected.every((byte, index) => u8(bytes, start + index) === byte)
  if (!fits) sink.fault(Fault.badProtocolName, start)
}

const CONNECT_FLAGS: readonly (readonly [Field, number, number])[] = [
  [F.CONFLAG_UNAME, 7, 1],
  [F.CONFLAG_PASSWD, 6, 1],
  [F.CONFLAG_RETAIN, 5, 1],
  [F.CONFLAG_QOS, 3, 3],
  [F.CONFLAG_WILLFLAG, 2, 1],
  [F.CONFLAG_CLEANSESS, 1, 1],
  [F.CONFLAG_RESERVED, 0, 1],
]

const CREDENTIALS = ConnectFlag.userName | ConnectFlag.password

/** §3.1.2.3. */
function connectFlags(flags: number, at: number, version: Version, sink: FieldSink): void {
  sink.open(F.CONFLAGS, at)
  sink.field(F.CONFLAGS, at, at + 1, flags)
  for (const [field, shift, mask] of CONNECT_FLAGS) sink.field(field, at, at + 1, (flags >> shift) & mask)
  sink.close(at + 1)
  if ((flags & ConnectFlag.reserved) !== 0 && version !== 3) sink.fault(Fault.reservedConnectFlag, at)
  if (willQosOf(flags) === 3) sink.fault(Fault.willQos3, at)
  if ((flags & ConnectFlag.will) === 0 && version === 3) {
    if ((flags & (ConnectFlag.willQos | ConnectFlag.willRetain)) !== 0) sink.fault(Fault.unusedWillBits, at)
  } else if ((flags & ConnectFlag.will) === 0) {
    if (willQosOf(flags) !== 0) sink.fault(Fault.willQosWithoutWill, at)
    if ((flags & ConnectFlag.willRetain) !== 0) sink.fault(Fault.willRetainWithoutWill, at)
  }
  if ((flags & CREDENTIALS) === ConnectFlag.password && version !== 5) sink.fault(Fault.passwordWithoutUser, at)
}

const RECOMMENDED_CLIENT_ID = 23

/** §3.1.3: client id, will, user name, password, each as the flags say. */
function connectPayload(
  bytes: Uint8Array,
  at: number,
  end: number,
  limit: number,
  flags: number,
  version: Version,
  sink: FieldSink,
): Offset {
  let next = textField(bytes, at, limit, sink, F.CLIENTID_LEN, F.CLIENTID)
  if (next < 0) return next
  const size = next - at - 2
  if (size > RECOMMENDED_CLIENT_ID) sink.fault(Fault.longClientId, at)
  if (size === 0 && version !== 5 && (version === 3 || (flags & ConnectFlag.clean) === 0))
    sink.fault(Fault.emptyClientId, at)
  if ((flags & ConnectFlag.will) !== 0) {
    next = will(bytes, next, limit, version, sink)
    if (next < 0) return next
  }
  if ((flags & ConnectFlag.userName) !== 0) {
    next = credential(bytes, next, end, limit, version, sink, F.USERNAME_LEN, F.USERNAME)
    if (next < 0) return next
  }
  if ((flags & ConnectFlag.password) === 0) return next
  return credential(bytes, next, end, limit, version, sink, F.PASSWD_LEN, F.PASSWD)
}

/** MQTT 3.1 §3.1 lets a client set the flags and leave the fields out; later versions do not. */
function credential(
  bytes: Uint8Array,
  at: number,
  end: number,
  limit: number,
  version: Version,
  sink: FieldSink,
  lengthField: Field,
  valueField: Field,
): Offset {
  const isName = valueField === F.USERNAME
  if (at >= end) {
    if (version !== 3) sink.fault(isName ? Fault.noUserName : Fault.noPassword, at)
    return at
  }
  if (isName && version !== 3) return textField(bytes, at, limit, sink, lengthField, valueField)
  const next = sizedField(bytes, at, limit, sink, lengthField, valueField)
  if (isName && next > 0 && !isUtf8(bytes, at + 2, next)) sink.fault(Fault.oddUserName, at + 2)
  return next
}

/** §3.1.3.2 to §3.1.3.4. */
function will(bytes: Uint8Array, at: number, limit: number, version: Version, sink: FieldSink): Offset {
  let next = at
  if (version === 5) {
    next = properties(bytes, next, limit, sink, F.WILL_PROPERTIES_GROUP, WILL)
    if (next < 0) return next
  }
  const from = next
  const isEmpty = from + 2 <= limit && u16(bytes, from) === 0
  if (isEmpty) {
    sink.field(F.WILLTOPIC_LEN, from, from + 2, 0)
    next = from + 2
  } else {
    next = textField(bytes, from, limit, sink, F.WILLTOPIC_LEN, F.WILLTOPIC)
    if (next < 0) return next
  }
  if (isEmpty || hasWildcard(bytes, from + 2, next)) sink.fault(Fault.willTopic, from)
  const payload = next + 2
  next = sizedField(bytes, next, limit, sink, F.WILLMSG_LEN, F.WILLMSG)
  const isText = version === 5 && block.payloadFormat === 1
  if (isText && next > 0 && !isUtf8(bytes, payload, next)) sink.fault(Fault.willPayloadNotUtf8, payload)
  return next
}

// §3.2 CONNACK

function connack(bytes: Uint8Array, at: number, limit: number, version: Version, sink: FieldSink): Offset {
  if (at + 1 > limit) return ~at
  const flags = u8(bytes, at)
  ackFlags(flags, at, version, sink)
  if (at + 2 > limit) return ~(at + 1)
  const code = u8(bytes, at + 1)
  if (code !== 0 && version !== 3 && (flags & SESSION_PRESENT) !== 0) sink.fault(Fault.sessionPresentOnRefusal, at)
  if (version === 3 || version === 4) {
    sink.field(F.CONACK_VAL, at + 1, at + 2, code)
    if (code > 5) sink.fault(Fault.badReturnCode, at + 1)
    return at + 2
  }
  reason(CONNACK, code, at + 1, version, sink)
  return version === 5 ? properties(bytes, at + 2, limit, sink, F.PROPERTIES_GROUP, CONNACK) : at + 2
}

/** Announces the flags of CONNACK. In 3.1 the whole byte is reserved and must be ignored. */
function ackFlags(flags: number, at: number, version: Version, sink: FieldSink): void {
  if (version === 3) return sink.field(F.CONACK_RESERVED, at, at + 1, flags === 0 ? 0 : 1)
  sink.open(F.CONACK_FLAGS, at)
  sink.field(F.CONACK_FLAGS, at, at + 1, flags)
  sink.field(F.CONACK_RESERVED, at, at + 1, (flags & ~SESSION_PRESENT) === 0 ? 0 : 1)
  sink.field(F.CONACK_SP, at, at + 1, flags & SESSION_PRESENT)
  sink.close(at + 1)
  if ((flags & ~SESSION_PRESENT) !== 0) sink.fault(Fault.reservedAckFlags, at)
}

/** 1 where a packet type may carry a reason code: index `type << 8 | code`. */
const KNOWN_REASONS: Uint8Array = (() => {
  const known = new Uint8Array(16 << 8)
  for (const [type, codes] of Object.entries(REASON_CODES)) {
    for (const code of Object.keys(codes)) known[(Number(type) << 8) | Number(code)] = 1
  }
  return known
})()

function reason(type: number, code: number, at: number, version: Version, sink: FieldSink): void {
  const field = F.REASON_CODE[type]
  if (field !== undefined) sink.field(field, at, at + 1, code)
  if (version === 5 && u8(KNOWN_REASONS, (type << 8) | code) === 0) sink.fault(Fault.badReasonCode, at)
}

// §3.3 PUBLISH

function publish(
  bytes: Uint8Array,
  at: number,
  limit: number,
  first: number,
  version: Version,
  sink: FieldSink,
): Offset {
  let next = topic(bytes, at, limit, sink)
  if (next < 0) return next
  const isEmpty = next === at + 2
  if (!isEmpty && (textKinds & WILDCARD) !== 0) sink.fault(Fault.wildcardInTopic, at + 2)
  if ((first & PublishFlag.qos) !== 0) {
    next = packetId(bytes, next, limit, sink)
    if (next < 0) return next
  }
  if (version === 5) {
    next = properties(bytes, next, limit, sink, F.PROPERTIES_GROUP, PUBLISH)
    if (next < 0) return next
  }
  if (isEmpty && !(version === 5 && blockHolds(PropertyId.topicAlias))) sink.fault(Fault.emptyTopic, at)
  sink.field(F.MSG, next, limit, 0)
  if (version === 5 && block.payloadFormat === 1 && !isUtf8(bytes, next, limit)) sink.fault(Fault.payloadNotUtf8, next)
  return limit
}

/** A topic of length 0 is announced by its length alone. */
function topic(bytes: Uint8Array, at: number, limit: number, sink: FieldSink): Offset {
  if (at + 2 > limit || u16(bytes, at) !== 0) return textField(bytes, at, limit, sink, F.TOPIC_LEN, F.TOPIC)
  sink.field(F.TOPIC_LEN, at, at + 2, 0)
  return at + 2
}

function packetId(bytes: Uint8Array, at: number, limit: number, sink: FieldSink): Offset {
  if (at + 2 > limit) return ~at
  const id = u16(bytes, at)
  sink.field(F.MSGID, at, at + 2, id)
  if (id === 0) sink.fault(Fault.zeroPacketId, at)
  return at + 2
}

// §3.4 to §3.7 PUBACK, PUBREC, PUBREL, PUBCOMP

function ack(
  bytes: Uint8Array,
  at: number,
  end: number,
  limit: number,
  type: number,
  version: Version,
  sink: FieldSink,
): Offset {
  const next = packetId(bytes, at, limit, sink)
  if (next < 0 || version !== 5 || next >= end) return next
  return shortForm(bytes, next, end, limit, type, sink)
}

/** A reason code, then properties; what is left out is 0 and none: §3.4.2.1, §3.4.2.2.1, §3.14.2.1, §3.15.2.1. */
function shortForm(bytes: Uint8Array, at: number, end: number, limit: number, type: number, sink: FieldSink): Offset {
  if (at + 1 > limit) return ~at
  reason(type, u8(bytes, at), at, 5, sink)
  return at + 1 >= end ? at + 1 : properties(bytes, at + 1, limit, sink, F.PROPERTIES_GROUP, type)
}

// §3.8 SUBSCRIBE, §3.10 UNSUBSCRIBE

function subscribe(
  bytes: Uint8Array,
  at: number,
  end: number,
  limit: number,
  type: number,
  version: Version,
  sink: FieldSink,
): Offset {
  let next = packetId(bytes, at, limit, sink)
  if (next < 0) return next
  if (version === 5) {
    next = properties(bytes, next, limit, sink, F.PROPERTIES_GROUP, type)
    if (next < 0) return next
  }
  if (next >= end) sink.fault(Fault.noFilters, next)
  while (next < end) {
    sink.open(F.FILTER, next)
    next = filter(bytes, next, limit, type, version, sink)
    if (next < 0) return next
    sink.close(next)
  }
  return next
}

function filter(bytes: Uint8Array, at: number, limit: number, type: number, version: Version, sink: FieldSink): Offset {
  const next = topic(bytes, at, limit, sink)
  if (next < 0) return next
  const shared = isShare(bytes, at + 2, next)
  if (next === at + 2) sink.fault(Fault.emptyFilter, at)
  else checkFilter(bytes, at + 2, next, shared, version, sink)
  if (type === UNSUBSCRIBE) return next
  if (next + 1 > limit) return ~next
  const options = u8(bytes, next)
  if (version === 5) options5(options, next, shared, sink)
  else options3(options, next, sink)
  return next + 1
}

function checkFilter(
  bytes: Uint8Array,
  start: number,
  end: number,
  shared: boolean,
  version: Version,
  sink: FieldSink,
): void {
  const fault = filterFault(bytes, start, end)
  if (fault !== 0) sink.fault(fault, start)
  else if (version === 5 && shared && !isShareWellFormed(bytes, start, end)) sink.fault(Fault.badShare, start)
}

/** MQTT 3.1.1 §3.8.3: QoS in two bits, the others reserved. */
function options3(options: number, at: number, sink: FieldSink): void {
  sink.field(F.SUB_QOS, at, at + 1, options)
  if ((options & ~SubscriptionOption.qos) !== 0) sink.fault(Fault.reservedOptions, at)
  else if (options === 3) sink.fault(Fault.requestedQos3, at)
}

/** MQTT 5 §3.8.3.1. */
function options5(options: number, at: number, shared: boolean, sink: FieldSink): void {
  sink.open(F.SUB_OPTIONS, at)
  sink.field(F.SUB_OPTIONS, at, at + 1, options)
  sink.field(F.SUB_OPTIONS_RESERVED, at, at + 1, options >> 6)
  sink.field(F.SUB_OPTIONS_RETAIN, at, at + 1, retainHandlingOf(options))
  sink.field(F.SUB_OPTIONS_RAP, at, at + 1, (options >> 3) & 1)
  sink.field(F.SUB_OPTIONS_NL, at, at + 1, (options >> 2) & 1)
  sink.field(F.SUB_OPTIONS_QOS, at, at + 1, options & SubscriptionOption.qos)
  sink.close(at + 1)
  if ((options & SubscriptionOption.reserved) !== 0) sink.fault(Fault.reservedOptions, at)
  if ((options & SubscriptionOption.qos) === 3) sink.fault(Fault.requestedQos3, at)
  if (retainHandlingOf(options) === 3) sink.fault(Fault.retainHandling3, at)
  if (shared && (options & SubscriptionOption.noLocal) !== 0) sink.fault(Fault.noLocalOnShare, at)
}

// §3.9 SUBACK, §3.11 UNSUBACK

function suback(
  bytes: Uint8Array,
  at: number,
  end: number,
  limit: number,
  type: number,
  version: Version,
  sink: FieldSink,
): Offset {
  let next = packetId(bytes, at, limit, sink)
  if (next < 0) return next
  if (type === UNSUBACK && version !== 5) return next
  if (version === 5) {
    next = properties(bytes, next, limit, sink, F.PROPERTIES_GROUP, type)
    if (next < 0) return next
  }
  if (next >= end) sink.fault(Fault.noCodes, next)
  for (; next < end; next++) {
    if (next >= limit) return ~next
    code(type, u8(bytes, next), next, version, sink)
  }
  return next
}

function code(type: number, value: number, at: number, version: Version, sink: FieldSink): void {
  if (version !== 3 && version !== 4) return reason(type, value, at, version, sink)
  sink.field(F.SUBACK_QOS, at, at + 1, value)
  if (value > 2 && value !== FIRST_FAILURE) sink.fault(Fault.badSubackCode, at)
}

// §3.14 DISCONNECT, §3.15 AUTH

function disconnect(
  bytes: Uint8Array,
  at: number,
  end: number,
  limit: number,
  type: number,
  version: Version,
  sink: FieldSink,
): Offset {
  if (version !== 5) return type === AUTH ? limit : at
  if (at >= end) return at
  const next = shortForm(bytes, at, end, limit, type, sink)
  if (type === AUTH && next > 0) checkMethod(bytes, at, next, sink)
  return next
}

/** A packet that is more than Success names its method: §3.15.2.2.2. */
function checkMethod(bytes: Uint8Array, at: number, next: number, sink: FieldSink): void {
  const isShort = next === at + 1
  const isNamed = !isShort && blockHolds(PropertyId.authenticationMethod)
  if (!isNamed && !(isShort && u8(bytes, at) === 0)) sink.fault(Fault.noAuthMethod, at)
}
