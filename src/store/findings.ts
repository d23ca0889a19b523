/** What is to be said of one packet: by its bytes, and by its place in the conversation where sessions are followed. */
import type { FieldSink } from '../base/field.ts'
import type { Frame } from '../base/line.ts'
import { Slot } from '../mqtt/fields.ts'
import { CONNECT, type Version } from '../mqtt/spec.ts'
import { ANOMALY_NAMES, type AnomalyCode, Anomaly as FlowRemark } from '../net/anomaly.ts'
import type { ProxyHead } from '../transport/proxy.ts'
import { nameOfProtocol, type OtherProtocol } from '../transport/recognise.ts'
import { isBreach, WEBSOCKET_FAULTS, type WebSocketFault } from '../transport/websocket-faults.ts'
import { type Finding, type PacketRecord, type PlacedFinding, type Side, type Stream, WHOLE } from './record.ts'
import type { Level } from './vocabulary.ts'

export type { Finding }

/** Faults of one packet that become findings, and the first of each further kind: a hostile one of 16 MiB has millions. */
const MOST_FAULTS = 10_000

class Faults implements FieldSink {
  readonly found: { fault: number; at: number }[] = []
  private readonly kinds = new Set<number>()

  field(): void {}
  open(): void {}
  close(): void {}

  fault(fault: number, at: number): void {
    if (this.found.length >= MOST_FAULTS && this.kinds.has(fault)) return
    this.kinds.add(fault)
    this.found.push({ fault, at })
  }
}

/** All findings on the packet, in the order of its bytes; most packets have none, and cost nothing. */
export function findingsOf(record: PacketRecord): readonly Finding[] {
  const { raw, packet } = record
  if (packet.faultCount === 0 && !raw.incomplete && !record.aliasUnknown) return record.ruleFindings
  const findings: Finding[] = []
  if (packet.faultCount > 0) {
    const faults = new Faults()
    record.walk(faults)
    const isOpen = isVersionOpen(record)
    const omitted = packet.faultCount - faults.found.length
    if (omitted > 0) findings.push(omittedFaults(omitted))
    for (const { fault, at } of faults.found) findings.push(findingOf(record, fault, at - raw.start, isOpen))
  }
  if (raw.incomplete) findings.push(findingOf(record, record.protocol.incomplete, raw.readable - raw.start, false))
  if (record.aliasUnknown) findings.push(aliasUnknown(record))
  findings.push(...record.ruleFindings)
  return findings
}

const omittedFaults = (count: number): Finding => ({
  id: 'faults.omitted',
  level: 'note',
  message: `${count} more faults of the same kinds in this packet are not listed`,
  offset: WHOLE,
})

/** Without CONNECT the version is a guess: where the packet would be good in another one, nothing is broken for sure. */
function isVersionOpen(record: PacketRecord): boolean {
  if (record.type === CONNECT || record.stream.dialect.from === 'connect') return false
  return record.protocol.versions.some(other => other !== record.version && !hasError(record, other))
}

function hasError(record: PacketRecord, version: Version): boolean {
  const faults = new Faults()
  record.walk(faults, version)
  return faults.found.some(({ fault }) => record.protocol.faultLevel(fault, version) === 'error')
}

/** Of a packet that is cut even less is known: whether it is good in another version may stand behind the cut. */
const lowered = (level: Level, isCut: boolean): Level => (isCut ? 'note' : level === 'error' ? 'warning' : level)

function findingOf(record: PacketRecord, fault: number, offset: number, isOpen: boolean): Finding {
  const { protocol, version, type, stream, side, raw } = record
  const level = protocol.faultLevel(fault, version)
  return {
    id: protocol.faultId(fault, version, type, stream.senderOf(side) === 'server'),
    level: isOpen ? lowered(level, record.isCut) : level,
    message: protocol.faultMessage(fault, { bytes: raw.bytes, at: raw.start + offset, end: raw.readable, type }),
    offset,
  }
}

/** Where the connection began before the capture, or bytes are missing, it may have been set there: nobody's fault. */
function aliasUnknown(record: PacketRecord): Finding {
  const offset = record.packet.start(Slot.alias) - record.raw.start
  return record.stream.missesAliases(record.side)
    ? { id: 'alias.unknown', level: 'note', message: 'the capture does not hold what the alias stands for', offset }
    : { id: 'MQTT-3.3.2-7', level: 'error', message: 'the topic alias was never set', offset }
}

/** What is said of a finding on TCP; those of every day (port reuse, data on a SYN) are notes. */
const ANOMALY_TEXTS: Readonly<Partial<Record<AnomalyCode, readonly [Level, string]>>> = {
  [FlowRemark.OverlapConflict]: ['warning', 'received twice with different content; the first copy is used'],
  [FlowRemark.ResetOutOfWindow]: ['warning', 'a reset that the receiver would not accept, perhaps forged; ignored'],
  [FlowRemark.DataAfterReset]: ['note', 'data after a reset; kept'],
  [FlowRemark.ResetWithData]: ['note', 'a reset that carries data; kept'],
  [FlowRemark.DataAfterFin]: ['warning', 'data beyond the end of the stream; ignored'],
  [FlowRemark.PortReuse]: ['note', 'the ports serve a new connection'],
  [FlowRemark.SynInConnection]: ['warning', 'a new SYN on an open connection; treated as a new connection'],
  [FlowRemark.Urgent]: ['note', 'urgent data; kept in the stream'],
  [FlowRemark.BeyondWindow]: ['note', 'data beyond the receive window; queued until more arrives'],
  [FlowRemark.AckOfUnseen]: ['note', 'an acknowledgement of data far beyond what was captured; ignored'],
  [FlowRemark.QueueLimit]: ['warning', 'too many bytes queued behind a gap; the gap is skipped'],
  [FlowRemark.DataOnSyn]: ['note', 'data on a SYN (TCP Fast Open)'],
  [FlowRemark.Jump]: ['note', 'the stream goes on far ahead, after the capture dropped frames'],
  [FlowRemark.LengthBeyondFrame]: ['warning', 'the IP length is larger than the frame'],
  [FlowRemark.ExtensionTwice]: ['note', 'an IPv6 extension header occurs twice'],
  [FlowRemark.BadTcpOptions]: ['note', 'a TCP option with an impossible length'],
  [FlowRemark.FragmentConflict]: ['warning', 'IP fragments overlap with different content; the first copy was taken'],
  [FlowRemark.OneDirection]: ['note', 'nothing that this side sent was captured, only the other direction'],
}

/** `from` and `to` are offsets in the stream. */
export function anomalyFinding(
  stream: Stream,
  side: Side,
  code: AnomalyCode,
  frame: Pick<Frame, 'number'>,
  from: number,
  to: number,
): PlacedFinding {
  const [level, text] = ANOMALY_TEXTS[code] ?? ['note', ANOMALY_NAMES[code] ?? '']
  const id = `tcp.${ANOMALY_NAMES[code]}`
  const placed = { id, level, offset: 0, packet: 0, stream, frame: frame.number, side }
  if (code === FlowRemark.SameStream)
    return {
      ...placed,
      message: `the same stream as stream ${stream.flow.rare.twin} under other addresses (NAT): ${READ_ONCE}`,
    }
  const message = to > from ? `bytes ${from} to ${to} of the stream: ${text}` : text
  return { ...placed, message }
}

const READ_ONCE = 'its packets are read there, once'

/** A stream of another protocol. Whoever speaks it on purpose violates nothing; if its name is unknown, MQTT may have been meant. */
export function foreignFinding(stream: Stream, side: Side, protocol: OtherProtocol, frame: Frame): PlacedFinding {
  const known = `this stream is ${nameOfProtocol(protocol)}, not MQTT`
  const what =
    protocol !== 'other' ? known : stream.client === side ? NO_CONNECT : 'the first bytes are not a packet of a broker'
  const level = protocol === 'other' ? 'warning' : 'note'
  const message = `${what}: its bytes are counted but not read`
  return { id: 'stream.not_mqtt', level, message, offset: 0, packet: 0, stream, frame: frame.number, side }
}

const NO_CONNECT = 'the client begins neither with CONNECT [MQTT-3.1.0-1] nor with another packet'

/** A PROXY head in front of CONNECT: a note, or a warning if the head breaks its own rules. */
export function proxyFinding(stream: Stream, side: Side, head: ProxyHead, frame: Frame): PlacedFinding {
  const { version, client, server, wrong } = head
  const who = client === undefined ? 'names no addresses' : `says that the client is ${client}`
  const whom = server === undefined ? '' : ` and connected to ${server}`
  const placed = { offset: 0, packet: 0, stream, frame: frame.number, side }
  const start = `the PROXY protocol header (version ${version}) before CONNECT`
  if (wrong !== '')
    return { ...placed, id: 'proxy.malformed', level: 'warning', message: `${start} is malformed: ${wrong}` }
  return { ...placed, id: 'proxy.head', level: 'note', message: `${start} ${who}${whom}` }
}

/** A rule of WebSocket, or of MQTT in it, that one side breaks; `frame` is the number of the frame that shows it. */
export function webSocketFinding(stream: Stream, side: Side, code: WebSocketFault, frame: number): PlacedFinding {
  const { section, text } = WEBSOCKET_FAULTS[code]
  const isOfMqtt = section.startsWith('MQTT-')
  const message = `${text}${isOfMqtt ? '' : ` (${section})`}, in frame ${frame} of the capture`
  const id = isOfMqtt ? section : `websocket.${code}`
  return { id, level: isBreach(code) ? 'error' : 'note', message, offset: 0, packet: 0, stream, frame, side }
}
