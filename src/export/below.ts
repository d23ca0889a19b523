/** The layers below MQTT in one line each: whoever studies TCP has tools for it, here they say where a packet came from. */
import type { Field } from '../base/field.ts'
import type { Node } from '../mqtt/tree.ts'
import * as N from '../net/fields.ts'
import type { Layer } from '../store/dissect.ts'
import type { PacketRecord } from '../store/record.ts'
import { cut } from '../text/cells.ts'
import { isoTime } from '../text/moments.ts'
import { sanitize } from '../text/sanitize.ts'
import { valueText } from '../text/value.ts'
import * as T from '../transport/fields.ts'

const FLAGS: readonly (readonly [Field, string])[] = [
  [N.TCP_FLAGS_URG, 'URG'],
  [N.TCP_FLAGS_ACK, 'ACK'],
  [N.TCP_FLAGS_PUSH, 'PSH'],
  [N.TCP_FLAGS_RESET, 'RST'],
  [N.TCP_FLAGS_SYN, 'SYN'],
  [N.TCP_FLAGS_FIN, 'FIN'],
]

/** Returns the line of a layer; with `redact` without names of hosts and paths. */
export function below(layer: Layer, record: PacketRecord, redact = false): string {
  const { root } = layer
  switch (root.field) {
    case N.FRAME:
      return frameLine(record)
    case N.ETH:
      return `${root.field.label}${ends(layer, N.ETH_SRC, N.ETH_DST)}`
    case N.IP:
      return `IPv4${ends(layer, N.IP_SRC, N.IP_DST)}, time to live ${numberOf(root, N.IP_TTL)}`
    case N.IPV6:
      return `IPv6${ends(layer, N.IPV6_SRC, N.IPV6_DST)}, hop limit ${numberOf(root, N.IPV6_HLIM)}`
    case N.VLAN:
      return `VLAN ${numberOf(root, N.VLAN_ID)}`
    case N.TCP:
      return tcpLine(root, record)
    case T.TLS:
      return recordLine(root, record, redact)
    case T.WEBSOCKET:
      return webSocketLine(root, record, redact)
    default:
      return root.field.label
  }
}

function frameLine({ raw: { frame, pieces } }: PacketRecord): string {
  const captured = frame.end - frame.start
  const size = captured < frame.wireSize ? `${captured} of ${frame.wireSize}` : `${captured}`
  const others = pieces.length > 2 ? `; the packet stands in ${pieces.length / 2} pieces, this is the last` : ''
  return `Frame ${frame.number}, ${isoTime(frame) ?? 'without time'}, ${size} B${others}`
}

/** Numbers count from the start of each side's stream, as far as the capture shows it. */
function tcpLine(root: Node, { stream: { flow }, side }: PacketRecord): string {
  const flags = FLAGS.filter(([field]) => numberOf(root, field) === 1).map(([, name]) => name)
  const seq = (numberOf(root, N.TCP_SEQ_RAW) - flow.base(side)) >>> 0
  const ports = `${numberOf(root, N.TCP_SRCPORT)} → ${numberOf(root, N.TCP_DSTPORT)}`
  return `TCP, ${ports}, stream ${flow.index}, seq ${seq}, ${flags.join(' ')}, ${numberOf(root, N.TCP_LEN)} B of data`
}

function recordLine(root: Node, { stream: { transport } }: PacketRecord, redact: boolean): string {
  const { version, cipher, sni } = transport?.tls ?? {}
  const type = T.TLS_CONTENT_TYPE.values?.[numberOf(root, T.TLS_CONTENT_TYPE)] ?? 'Unknown content'
  const about = [
    ...(cipher === undefined ? [] : [cipher]),
    ...(sni === undefined || redact ? [] : [`server name ${name(sni)}`]),
  ]
  const size = `${numberOf(root, T.TLS_LENGTH)} B`
  return [`TLS${version === undefined ? '' : ` ${version}`}`, type, size, ...about].join(', ')
}

function webSocketLine(root: Node, { units, stream: { transport } }: PacketRecord, redact: boolean): string {
  const opcode = T.WEBSOCKET_OPCODE.values?.[numberOf(root, T.WEBSOCKET_OPCODE)] ?? 'Reserved opcode'
  const marks = [
    ...(numberOf(root, T.WEBSOCKET_FIN) === 1 ? [] : ['to be continued']),
    ...(numberOf(root, T.WEBSOCKET_RSV) === 4 ? ['compressed'] : []),
    ...(numberOf(root, T.WEBSOCKET_MASK) === 1 ? ['masked'] : []),
  ]
  const path = transport?.webSocket?.path
  const at = path === undefined || redact ? [] : [`path ${name(path)}`]
  return ['WebSocket', opcode, ...marks, `${units?.websocket?.size ?? 0} B of payload`, ...at].join(', ')
}

/** Of a name or path in a line. */
const NAME_CELLS = 64
const name = (text: string): string => cut(sanitize(text), NAME_CELLS)

function ends({ root, bytes }: Layer, from: Field, to: Field): string {
  const source = find(root, from)
  const target = find(root, to)
  if (source === undefined || target === undefined) return ''
  return `, ${valueText(source, bytes, false)} → ${valueText(target, bytes, false)}`
}

const find = (root: Node, field: Field): Node | undefined => root.children.find(node => node.field === field)
const numberOf = (root: Node, field: Field): number => find(root, field)?.value ?? 0
