/**
 * Announces every field of a frame's headers with its place: for the detail tree, the hex pane and `-e ip.src`.
 * It steps with the same readers as `readSegment`, so the two cannot disagree on where a header ends. On demand only:
 * a walk makes objects. A fragment is shown as it stands; the datagram it belongs to is not in this frame.
 */
import { u8, u16, u32 } from '../base/bytes.ts'
import type { Field, FieldSink } from '../base/field.ts'
import type { Frame } from '../base/line.ts'
import { Skip } from './cursor.ts'
import * as F from './fields.ts'
import { EtherType, FIRST_ETHERTYPE, FIRST_LINK, isVlan, LinkType } from './follows.ts'
import { enterIp, isExtension, Protocol } from './ip.ts'
import * as L from './layer-fields.ts'
import { MOST_LAYERS, step, stepLink } from './link.ts'
import { enterTunnel, MOST_TUNNELS, Segment } from './segment.ts'
import { readTcp } from './tcp.ts'
import { greSize } from './tunnel.ts'

/** Faults are codes of `Skip` without their sign; their names are `SKIP_REASONS`. */
export function walkFrame(frame: Frame, sink: FieldSink): void {
  const cursor = new Segment()
  cursor.begin(frame)
  let type = stepLink(cursor, frame.link)
  walkLink(frame.bytes, frame.link, frame.start, cursor.at, frame.end, sink)
  for (let tunnels = 0, layers = 0; type >= 0; layers++) {
    const start = cursor.at
    if (type !== EtherType.Ipv4 && type !== EtherType.Ipv6) {
      const next = layers > MOST_LAYERS ? Skip.TooManyLayers : step(cursor, type)
      walkLayer(frame.bytes, type, start, cursor.at, frame.end, sink)
      type = next
      continue
    }
    const protocol = enterIp(cursor, type)
    if (type === EtherType.Ipv4) walkIpv4(frame.bytes, start, frame.end, sink)
    else walkIpv6(frame.bytes, start, frame.end, sink)
    // Only whole datagrams go on: nothing of a fragment but its own header can be named.
    if (protocol === Protocol.Tcp) return walkTcp(cursor, sink)
    type =
      protocol < 0 ? protocol : tunnels++ === MOST_TUNNELS ? Skip.TooManyLayers : walkTunnel(cursor, protocol, sink)
    layers = 0
  }
  if (!NO_FAULT.has(type)) sink.fault(-type, Math.min(cursor.at, frame.end))
}

/** Reasons to stop that break nothing: the frame carries something else. */
const NO_FAULT: ReadonlySet<number> = new Set<number>([
  Skip.UnknownLink,
  Skip.UnknownType,
  Skip.EncryptedWifi,
  Skip.WifiFragment,
  Skip.EncryptedLink,
  Skip.PackedPpp,
  Skip.NotIp,
  Skip.NotTcp,
  Skip.Encrypted,
  Skip.FragmentWaiting,
])

/** A number of 1, 2 or 4 bytes, shifted out of its mask. */
function number(sink: FieldSink, field: Field, bytes: Uint8Array, at: number, size: 1 | 2 | 4): void {
  const whole = size === 1 ? u8(bytes, at) : size === 2 ? u16(bytes, at) : u32(bytes, at)
  sink.field(field, at, at + size, field.mask === undefined ? whole : masked(whole, field.mask))
}

const masked = (whole: number, mask: number): number => (whole & mask) >>> (31 - Math.clz32(mask & -mask))

function walkLink(bytes: Uint8Array, link: number, start: number, next: number, end: number, sink: FieldSink): void {
  if (link === LinkType.Ethernet) return walkEthernet(bytes, start, end, sink)
  if (next === start) return
  if (link === LinkType.Sll) return walkCooked(bytes, start, 16, sink)
  if (link === LinkType.Sll2) return walkCooked(bytes, start, 20, sink)
  walkGroup(
    link === LinkType.Null || link === LinkType.Loop ? F.NULL : (L.LINK_GROUPS.get(link) ?? F.LINK),
    start,
    next,
    sink,
  )
}

/** A header that has a name and no numbers of interest. */
function walkGroup(field: Field, start: number, next: number, sink: FieldSink): void {
  if (next === start) return
  sink.open(field, start)
  sink.close(next)
}

/** A header between the link and IP, or between a tunnel and the IP inside. */
function walkLayer(bytes: Uint8Array, type: number, start: number, next: number, end: number, sink: FieldSink): void {
  if (type >= FIRST_LINK) walkLink(bytes, type - FIRST_LINK, start, next, end, sink)
  else if (type === EtherType.Bridged) walkEthernet(bytes, start, end, sink)
  else if (isVlan(type)) walkTags(bytes, type, start, next, sink)
  else if (type === EtherType.Mpls || type === EtherType.MplsMulticast) walkLabels(bytes, start, next, sink)
  else walkGroup(type < FIRST_ETHERTYPE ? L.LLC : (L.SHIM_GROUPS.get(type) ?? F.LINK), start, next, sink)
}

function walkEthernet(bytes: Uint8Array, start: number, end: number, sink: FieldSink): void {
  if (start + 14 > end) return
  sink.open(F.ETH, start)
  sink.field(F.ETH_DST, start, start + 6, 0)
  sink.field(F.ETH_SRC, start + 6, start + 12, 0)
  number(sink, F.ETH_TYPE, bytes, start + 12, 2)
  sink.close(start + 14)
}

function walkCooked(bytes: Uint8Array, start: number, size: number, sink: FieldSink): void {
  sink.open(F.SLL, start)
  if (size === 20) {
    number(sink, F.SLL_ETYPE, bytes, start, 2)
    number(sink, F.SLL_PKTTYPE, bytes, start + 10, 1)
  } else {
    number(sink, F.SLL_PKTTYPE, bytes, start, 2)
    number(sink, F.SLL_ETYPE, bytes, start + 14, 2)
  }
  sink.close(start + size)
}

/** VLAN tags up to `next`. */
function walkTags(bytes: Uint8Array, first: number, start: number, next: number, sink: FieldSink): void {
  let at = start
  for (let type = first; isVlan(type) && at + 4 <= next; at += 4) {
    sink.open(F.VLAN, at)
    number(sink, F.VLAN_PRIORITY, bytes, at, 2)
    number(sink, F.VLAN_DEI, bytes, at, 2)
    number(sink, F.VLAN_ID, bytes, at, 2)
    number(sink, F.VLAN_ETYPE, bytes, at + 2, 2)
    sink.close(at + 4)
    type = u16(bytes, at + 2)
  }
}

/** MPLS labels up to `next`, and a control word after the last one. */
function walkLabels(bytes: Uint8Array, start: number, next: number, sink: FieldSink): void {
  for (let at = start, last = false; at + 4 <= next; at += 4) {
    sink.open(last ? F.LINK : L.MPLS, at)
    if (!last) sink.field(L.MPLS_LABEL, at, at + 3, u32(bytes, at) >>> 12)
    sink.close(at + 4)
    last ||= (u8(bytes, at + 2) & 1) === 1
  }
}

function walkIpv4(bytes: Uint8Array, start: number, end: number, sink: FieldSink): void {
  if (start + 20 > end) return
  const size = (u8(bytes, start) & 15) * 4
  sink.open(F.IP, start)
  number(sink, F.IP_VERSION, bytes, start, 1)
  sink.field(F.IP_HDR_LEN, start, start + 1, size)
  number(sink, F.IP_DSFIELD, bytes, start + 1, 1)
  number(sink, F.IP_LEN, bytes, start + 2, 2)
  number(sink, F.IP_ID, bytes, start + 4, 2)
  for (const field of [F.IP_FLAGS, F.IP_FLAGS_RB, F.IP_FLAGS_DF, F.IP_FLAGS_MF])
    number(sink, field, bytes, start + 6, 1)
  sink.field(F.IP_FRAG_OFFSET, start + 6, start + 8, (u16(bytes, start + 6) & 0x1fff) * 8)
  number(sink, F.IP_TTL, bytes, start + 8, 1)
  number(sink, F.IP_PROTO, bytes, start + 9, 1)
  number(sink, F.IP_CHECKSUM, bytes, start + 10, 2)
  number(sink, F.IP_SRC, bytes, start + 12, 4)
  number(sink, F.IP_DST, bytes, start + 16, 4)
  const past = Math.min(start + Math.max(size, 20), end)
  if (past > start + 20) sink.field(F.IP_OPTIONS, start + 20, past, 0)
  sink.close(past)
  const isFirst = (u16(bytes, start + 6) & 0x1fff) === 0
  if (isFirst && u8(bytes, start + 9) === Protocol.Authentication && past + 2 <= end) {
    walkGroup(L.AH, past, Math.min(past + (u8(bytes, past + 1) + 2) * 4, end), sink)
  }
}

function walkIpv6(bytes: Uint8Array, start: number, end: number, sink: FieldSink): void {
  if (start + 40 > end) return
  sink.open(F.IPV6, start)
  number(sink, F.IP_VERSION, bytes, start, 1)
  number(sink, F.IPV6_TCLASS, bytes, start, 4)
  number(sink, F.IPV6_FLOW, bytes, start, 4)
  number(sink, F.IPV6_PLEN, bytes, start + 4, 2)
  number(sink, F.IPV6_NXT, bytes, start + 6, 1)
  number(sink, F.IPV6_HLIM, bytes, start + 7, 1)
  sink.field(F.IPV6_SRC, start + 8, start + 24, 0)
  sink.field(F.IPV6_DST, start + 24, start + 40, 0)
  sink.close(start + 40)
  walkExtensions(bytes, u8(bytes, start + 6), start + 40, end, sink)
}

function walkExtensions(bytes: Uint8Array, first: number, start: number, end: number, sink: FieldSink): void {
  let at = start
  for (let type = first; isExtension(type) && at + 8 <= end; ) {
    const words = u8(bytes, at + 1)
    const size = type === Protocol.Fragment ? 8 : type === Protocol.Authentication ? (words + 2) * 4 : (words + 1) * 8
    sink.open(F.IPV6_EXTENSION, at)
    number(sink, F.IPV6_NXT, bytes, at, 1)
    if (type === Protocol.Fragment) {
      sink.field(F.IPV6_FRAG_OFFSET, at + 2, at + 4, u16(bytes, at + 2) & 0xfff8)
      number(sink, F.IPV6_FRAG_MORE, bytes, at + 2, 2)
      number(sink, F.IPV6_FRAG_ID, bytes, at + 4, 4)
    }
    sink.close(Math.min(at + size, end))
    // Behind the header of a fragment stands a part of something.
    if (type === Protocol.Fragment && (u16(bytes, at + 2) & 0xfff9) !== 0) return
    type = u8(bytes, at)
    at += size
  }
}

/** Steps over a tunnel's header and announces it; what follows, or why there is none. */
function walkTunnel(cursor: Segment, protocol: number, sink: FieldSink): number {
  const { bytes, at: start } = cursor
  const type = enterTunnel(cursor, protocol)
  // The datagram that fragments made stands nowhere in this frame.
  if (type < 0 || cursor.isReassembled) return type
  if (protocol === Protocol.Udp) walkUdpTunnel(bytes, start, cursor.at, sink)
  else if (protocol === Protocol.Gre) walkGre(bytes, start, cursor.at, sink)
  else walkGroup(F.LINK, start, cursor.at, sink)
  return type
}

function walkGre(bytes: Uint8Array, start: number, next: number, sink: FieldSink): void {
  const size = greSize(bytes, start)
  sink.open(F.GRE, start)
  number(sink, F.GRE_PROTO, bytes, start + 2, 2)
  sink.close(start + size)
  walkGroup(L.ERSPAN, start + size, next, sink)
}

/** The UDP header and that of the tunnel; the port that names it is the receiver's, or else the sender's. */
function walkUdpTunnel(bytes: Uint8Array, start: number, next: number, sink: FieldSink): void {
  const field = L.UDP_GROUPS.get(u16(bytes, start + 2)) ?? L.UDP_GROUPS.get(u16(bytes, start)) ?? F.VXLAN
  sink.open(field, start)
  if (field === F.VXLAN) sink.field(F.VXLAN_VNI, start + 12, start + 15, u32(bytes, start + 12) >>> 8)
  if (field === L.GENEVE) sink.field(L.GENEVE_VNI, start + 12, start + 15, u32(bytes, start + 12) >>> 8)
  if (field === L.GTP) number(sink, L.GTP_TEID, bytes, start + 12, 4)
  sink.close(next)
}

function walkTcp(cursor: Segment, sink: FieldSink): void {
  const { bytes, at, end } = cursor
  const skip = readTcp(cursor)
  if (at + 20 > end) return sink.fault(-skip, at)
  const size = (u8(bytes, at + 12) >> 4) * 4
  sink.open(F.TCP, at)
  number(sink, F.TCP_SRCPORT, bytes, at, 2)
  number(sink, F.TCP_DSTPORT, bytes, at + 2, 2)
  number(sink, F.TCP_SEQ_RAW, bytes, at + 4, 4)
  number(sink, F.TCP_ACK_RAW, bytes, at + 8, 4)
  sink.field(F.TCP_HDR_LEN, at + 12, at + 13, size)
  number(sink, F.TCP_FLAGS, bytes, at + 12, 2)
  number(sink, F.TCP_FLAGS_AE, bytes, at + 12, 2)
  for (const field of FLAGS) number(sink, field, bytes, at + 13, 1)
  number(sink, F.TCP_WINDOW, bytes, at + 14, 2)
  number(sink, F.TCP_CHECKSUM, bytes, at + 16, 2)
  number(sink, F.TCP_URGENT, bytes, at + 18, 2)
  const past = Math.min(at + Math.max(size, 20), end)
  if (past > at + 20) walkOptions(bytes, at + 20, past, sink)
  if (skip !== 0) sink.fault(-skip, at + 12)
  else walkPayload(cursor, sink)
  sink.close(Math.max(past, skip === 0 ? end : past))
}

const FLAGS: readonly Field[] = [
  F.TCP_FLAGS_CWR,
  F.TCP_FLAGS_ECE,
  F.TCP_FLAGS_URG,
  F.TCP_FLAGS_ACK,
  F.TCP_FLAGS_PUSH,
  F.TCP_FLAGS_RESET,
  F.TCP_FLAGS_SYN,
  F.TCP_FLAGS_FIN,
]

function walkPayload({ start, end, cut }: Segment, sink: FieldSink): void {
  sink.field(F.TCP_LEN, start, end, end - start + cut)
  if (end > start) sink.field(F.TCP_PAYLOAD, start, end, 0)
}

function walkOptions(bytes: Uint8Array, start: number, end: number, sink: FieldSink): void {
  sink.open(F.TCP_OPTIONS, start)
  for (let at = start; at < end; ) {
    const kind = u8(bytes, at)
    const single = kind === 0 || kind === 1
    const size = single ? 1 : at + 1 < end ? u8(bytes, at + 1) : 0
    if ((!single && size < 2) || at + size > end) {
      sink.fault(-Skip.BadTcp, at)
      break
    }
    walkOption(bytes, kind, at, size, sink)
    // What stands behind the end of the list is padding.
    at = kind === 0 ? end : at + size
  }
  sink.close(end)
}

function walkOption(bytes: Uint8Array, kind: number, at: number, size: number, sink: FieldSink): void {
  if (kind === 2 && size === 4) number(sink, F.TCP_OPTION_MSS, bytes, at + 2, 2)
  else if (kind === 3 && size === 3) number(sink, F.TCP_OPTION_SCALE, bytes, at + 2, 1)
  else if (kind === 4) sink.field(F.TCP_OPTION_SACK_PERMITTED, at, at + size, 0)
  else if (kind === 5) sink.field(F.TCP_OPTION_SACK, at, at + size, 0)
  else if (kind === 8 && size === 10) {
    number(sink, F.TCP_OPTION_TSVAL, bytes, at + 2, 4)
    number(sink, F.TCP_OPTION_TSECR, bytes, at + 6, 4)
  } else if (kind > 1) sink.field(F.TCP_OPTION_OTHER, at, at + size, 0)
}
