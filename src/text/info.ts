/** The summary of a packet by its type: the last part of its line. One short function per packet type. */
import { hexByte, u8 } from '../base/bytes.ts'
import type { Field } from '../base/field.ts'
import * as F from '../mqtt/fields.ts'
import { Slot } from '../mqtt/fields.ts'
import {
  AUTH,
  CONNACK,
  CONNECT,
  ConnectFlag,
  DISCONNECT,
  FIRST_FAILURE,
  PINGREQ,
  PINGRESP,
  PUBACK,
  PUBCOMP,
  PUBLISH,
  PUBREC,
  PUBREL,
  PublishFlag,
  qosOf,
  RETURN_CODES,
  reasonName,
  retainHandlingOf,
  SESSION_PRESENT,
  SUBACK,
  SUBSCRIBE,
  SubscriptionOption,
  UNSUBACK,
  UNSUBSCRIBE,
  willQosOf,
} from '../mqtt/spec.ts'
import type { Node } from '../mqtt/tree.ts'
import { packetTree } from '../store/dissect.ts'
import type { PacketRecord } from '../store/record.ts'
import { brief } from './brief.ts'
import { cut, MOST_MARKS } from './cells.ts'
import { content, measured } from './content.ts'
import { Texts } from './row-values.ts'
import { quoted, sanitize, shown } from './sanitize.ts'

/** Cells of a topic, and of other texts; the details have more. */
const TOPIC_CELLS = 64
const TEXT_CELLS = 48
/** Cells of a payload: where no width is known, and the least where one is. */
const PAYLOAD_CELLS = 64
const LEAST_PAYLOAD_CELLS = 12
/** Blank, quotes and the size around a payload. */
const AROUND_PAYLOAD = 10
/** Most filters and codes listed one by one. */
const MOST_LISTED = 8

/** Returns the text without quotes if it has no blanks and no quotes, because it is clear then where it ends. */
const plainOrQuoted = (text: string): string => (/^[^\s"']+$/.test(text) ? text : quoted(text))

/** Topics come again and again: what is shown for one is made once. */
const topics = new Texts((bytes, start, end) => plainOrQuoted(shown(bytes, start, end, TOPIC_CELLS)))

/** `room`: cells of a terminal's row that are left; undefined without a terminal. */
export function info(record: PacketRecord, redact: boolean, room: number | undefined): string {
  switch (record.type) {
    case PUBLISH:
      return publish(record, redact, room)
    case PUBACK:
    case PUBREC:
    case PUBREL:
    case PUBCOMP:
      return ack(record, redact)
    case PINGREQ:
    case PINGRESP:
      return ''
    case CONNECT:
      return connect(record, redact, room)
    case CONNACK:
      return connack(record, redact)
    case SUBSCRIBE:
    case UNSUBSCRIBE:
      return subscribe(record, redact)
    case SUBACK:
    case UNSUBACK:
      return suback(record, redact)
    case DISCONNECT:
    case AUTH:
      return disconnect(record, redact)
    default:
      return ''
  }
}

const cellsLeft = (room: number | undefined, text: string): number =>
  room === undefined ? PAYLOAD_CELLS : Math.max(LEAST_PAYLOAD_CELLS, room - text.length - AROUND_PAYLOAD)

// PUBLISH

/** Texts before and after the packet id, by the lower four bits of the first byte. */
const OPENINGS: readonly string[] = Array.from({ length: 16 }, (_, flags) => `(Q${qosOf(flags)}`)
const CLOSINGS: readonly string[] = Array.from(
  { length: 16 },
  (_, flags) =>
    `${(flags & PublishFlag.dup) !== 0 ? ', dup' : ''}${(flags & PublishFlag.retain) !== 0 ? ', retain' : ''})`,
)

function publish(record: PacketRecord, redact: boolean, room: number | undefined): string {
  const { packet } = record
  const flags = packet.value(Slot.flags) & 15
  let text = OPENINGS[flags] ?? ''
  if (packet.has(Slot.packetId)) text += `, id ${packet.value(Slot.packetId)}`
  text += CLOSINGS[flags]
  text += topic(record)
  if (packet.has(Slot.payload)) text += payload(record, redact, cellsLeft(room, text))
  return record.version === 5 && hasProperties(record) ? text + properties(record, redact) : text
}

function topic(record: PacketRecord): string {
  const { packet, raw } = record
  const alias = packet.has(Slot.alias) ? packet.value(Slot.alias) : 0
  if (packet.has(Slot.topic)) {
    const name = topics.of(raw.bytes, packet.start(Slot.topic), packet.end(Slot.topic))
    return alias === 0 ? ` ${name}` : ` ${name} (sets alias ${alias})`
  }
  if (record.aliasTopic !== undefined) return ` ${resolved(record.aliasTopic)} (alias ${alias})`
  if (alias !== 0) return ` ⟨alias ${alias}⟩`
  return packet.has(Slot.payload) ? ' ""' : ''
}

/** A cell holds a character and its marks, of two code units each at most: of a long topic no more is looked at. */
const resolved = (name: string): string =>
  plainOrQuoted(cut(sanitize(name.slice(0, TOPIC_CELLS * 2 * (1 + MOST_MARKS))), TOPIC_CELLS))

/** False if the property length after topic and packet id is a single 0: most packets need no second walk. */
function hasProperties({ packet }: PacketRecord): boolean {
  if (!packet.has(Slot.payload)) return false
  const before = packet.has(Slot.packetId) ? Slot.packetId : Slot.topic
  return !packet.has(before) || packet.start(Slot.payload) - packet.end(before) > 1
}

function properties(record: PacketRecord, redact: boolean): string {
  return brief(record.raw.bytes, first(packetTree(record), F.PROPERTIES_GROUP), redact)
}

function payload({ packet, raw }: PacketRecord, redact: boolean, most: number): string {
  const start = packet.start(Slot.payload)
  const size = raw.end - start
  if (size === 0)
    return (packet.value(Slot.flags) & PublishFlag.retain) !== 0 ? ' empty: deletes what is retained' : ' empty'
  if (redact) return ` ⟨${size} B⟩`
  const kept = raw.kept - start
  if (kept === 0) return ` 0 of ${size} B`
  const text = content(raw.bytes, start, packet.end(Slot.payload), most)
  return ` ${measured(text, kept === size ? `${size} B` : `${kept} of ${size} B`)}`
}

// Answers

function ack(record: PacketRecord, redact: boolean): string {
  const { packet, raw } = record
  if (!packet.has(Slot.packetId)) return ''
  let text = `(id ${packet.value(Slot.packetId)}${isRepeated(record) ? ', dup' : ''})`
  if (!packet.has(Slot.reason)) return text
  if (packet.value(Slot.reason) !== 0) text += ` ${reasonText(record.type, packet.value(Slot.reason))}`
  // Behind the reason code: a property length, and what it counts.
  return raw.readable - packet.end(Slot.reason) > 1 ? text + properties(record, redact) : text
}

/** MQTT 3.1 §2.1 has a DUP flag in requests too. */
const isRepeated = (record: PacketRecord): boolean =>
  record.version === 3 && (record.packet.value(Slot.flags) & PublishFlag.dup) !== 0

const reasonText = (type: number, code: number): string =>
  `${reasonName(type, code) ?? 'reserved code'} (0x${hexByte(code)})`

function connack(record: PacketRecord, redact: boolean): string {
  const { packet, version } = record
  if (!packet.has(Slot.reason)) return ''
  const code = packet.value(Slot.reason)
  const present = version !== 3 && packet.has(Slot.ackFlags) && (packet.value(Slot.ackFlags) & SESSION_PRESENT) !== 0
  const text = code === 0 ? 'accepted' : `refused: ${refusal(record, code)}`
  return `${text}${present ? ' (session present)' : ''}${version === 5 ? properties(record, redact) : ''}`
}

/** Returns the text of a refusal. Without a version both tables are used: codes below 0x80 are those of 3.1.1. */
function refusal({ version }: PacketRecord, code: number): string {
  if (version === 5 || code >= FIRST_FAILURE) return reasonText(CONNACK, code)
  return `${RETURN_CODES[code]?.replace('Connection Refused, ', '') ?? 'reserved code'} (${code})`
}

function disconnect(record: PacketRecord, redact: boolean): string {
  const { packet, type, version } = record
  if (version !== 5) return ''
  const code = packet.has(Slot.reason) ? packet.value(Slot.reason) : 0
  const text = code !== 0 ? reasonText(type, code) : type === DISCONNECT ? 'normal' : 'success'
  return text + properties(record, redact)
}

// SUBSCRIBE, UNSUBSCRIBE and their answers

function subscribe(record: PacketRecord, redact: boolean): string {
  const { packet, raw } = record
  if (!packet.has(Slot.packetId)) return ''
  const root = packetTree(record)
  const filters = root.children.filter(node => node.field === F.FILTER)
  const told = filters.slice(0, MOST_LISTED).map(node => filterText(raw.bytes, node))
  const text = `(id ${packet.value(Slot.packetId)}${isRepeated(record) ? ', dup' : ''}) ${listed(told, filters.length + root.omitted)}`
  return text + brief(raw.bytes, first(root, F.PROPERTIES_GROUP), redact)
}

const listed = (told: readonly string[], count: number): string =>
  count > told.length ? `${told.join(', ')} and ${count - told.length} more` : told.join(', ')

function filterText(bytes: Uint8Array, node: Node): string {
  const name = first(node, F.TOPIC)
  const text = name === undefined ? '""' : quoted(shown(bytes, name.start, name.end, TOPIC_CELLS))
  const options = first(node, F.SUB_OPTIONS)
  if (options !== undefined) return `${text} Q${options.value & SubscriptionOption.qos}${optionsText(options.value)}`
  const qos = first(node, F.SUB_QOS)
  return qos === undefined ? text : `${text} Q${qos.value & SubscriptionOption.qos}`
}

const RETAINED = ['', ', retained if new', ', nothing retained', ', retain handling 3']

/** MQTT 5 §3.8.3.1: what differs from the habits of 3.1.1. */
function optionsText(options: number): string {
  const local = (options & SubscriptionOption.noLocal) !== 0 ? ', no local' : ''
  const asPublished = (options & SubscriptionOption.retainAsPublished) !== 0 ? ', retain as published' : ''
  const text = `${local}${asPublished}${RETAINED[retainHandlingOf(options)]}`
  return text === '' ? '' : ` (${text.slice(2)})`
}

function suback(record: PacketRecord, redact: boolean): string {
  const { packet, raw, type, version } = record
  if (!packet.has(Slot.packetId)) return ''
  const text = `(id ${packet.value(Slot.packetId)})`
  if (type === UNSUBACK && version !== 5) return text
  const root = packetTree(record)
  const codes = root.children.filter(node => node.field === F.SUBACK_QOS || node.field === F.REASON_CODE[type])
  const told = codes.slice(0, MOST_LISTED).map(node => codeText(type, u8(raw.bytes, node.start)))
  // `granted` once for a row of them.
  const words = told.map((word, at) =>
    word.startsWith('Q') && !told[at - 1]?.startsWith('Q') ? `granted ${word}` : word,
  )
  const list = words.length === 0 ? '' : ` ${listed(words, codes.length + root.omitted)}`
  return text + list + brief(raw.bytes, first(root, F.PROPERTIES_GROUP), redact)
}

function codeText(type: number, code: number): string {
  if (code >= FIRST_FAILURE) return code === FIRST_FAILURE ? 'refused (0x80)' : `refused: ${reasonText(type, code)}`
  if (type === SUBACK) return code <= 2 ? `Q${code}` : reasonText(type, code)
  return code === 0 ? 'done' : reasonText(type, code)
}

// CONNECT

function connect(record: PacketRecord, redact: boolean, room: number | undefined): string {
  const { packet, raw } = record
  if (!packet.has(Slot.level)) return ''
  const root = packetTree(record)
  const flags = packet.has(Slot.connectFlags) ? packet.value(Slot.connectFlags) : 0
  const level = packet.value(Slot.level)
  let text = F.VER.values?.[level] ?? `MQTT level ${level}`
  const client = first(root, F.CLIENTID)
  if (client !== undefined) text += ` client ${quoted(shown(raw.bytes, client.start, client.end, TEXT_CELLS))}`
  if (packet.has(Slot.keepAlive)) text += keepAlive(packet.value(Slot.keepAlive))
  if (packet.has(Slot.connectFlags)) text += (flags & ConnectFlag.clean) !== 0 ? ' clean' : ' resume'
  if ((flags & ConnectFlag.will) !== 0) text += will(raw.bytes, root, flags, redact, cellsLeft(room, text))
  const user = first(root, F.USERNAME)
  if (user !== undefined) text += ` user ${secret(raw.bytes, user, redact)}`
  const password = first(root, F.PASSWD)
  if (password !== undefined) text += redact ? ` password ⟨${password.end - password.start} B⟩` : ' password'
  return text + brief(raw.bytes, first(root, F.PROPERTIES_GROUP), redact)
}

const keepAlive = (seconds: number): string => (seconds === 0 ? ' keep alive off' : ` keep alive ${seconds} s`)

const secret = (bytes: Uint8Array, node: Node, redact: boolean): string =>
  redact ? `⟨${node.end - node.start} B⟩` : quoted(shown(bytes, node.start, node.end, TEXT_CELLS))

function will(bytes: Uint8Array, root: Node, flags: number, redact: boolean, most: number): string {
  const name = first(root, F.WILLTOPIC)
  const message = first(root, F.WILLMSG)
  let text = ` will ${name === undefined ? '""' : topics.of(bytes, name.start, name.end)}`
  text += ` Q${willQosOf(flags)}${(flags & ConnectFlag.willRetain) !== 0 ? ' retain' : ''}`
  if (message !== undefined) text += ` ${willContent(bytes, message, redact, most)}`
  return text + brief(bytes, first(root, F.WILL_PROPERTIES_GROUP), redact)
}

function willContent(bytes: Uint8Array, { start, end }: Node, redact: boolean, most: number): string {
  if (redact) return `⟨${end - start} B⟩`
  return start === end ? 'empty' : measured(content(bytes, start, end, Math.min(most, TEXT_CELLS)), `${end - start} B`)
}

/** The first node of a field in reading order. */
function first(node: Node, field: Field): Node | undefined {
  for (const child of node.children) {
    if (child.field === field) return child
    const found = child.children.length === 0 ? undefined : first(child, field)
    if (found !== undefined) return found
  }
  return undefined
}
