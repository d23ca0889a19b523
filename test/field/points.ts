/**
 * Capture points: which frames are seen of an IP packet, where they are seen more than once, and what stands around the
 * packet where it is tunnelled or the link is not Ethernet. The bytes are written from the specifications.
 */
import { fromHex } from '../../src/base/bytes.ts'
import { concat, u16, u32 } from '../support/wire.ts'
import type { Point } from './scene.ts'

type Wrap = (ip: Uint8Array) => Uint8Array

const once =
  (wrap: Wrap): Point =>
  ip => [wrap(ip)]

/** The hex bytes in front of the packet. */
const behind =
  (head: string): Wrap =>
  bytes =>
    concat(fromHex(head), bytes)

const MACS = '020000000001 02000000000b'
const ethernet =
  (type: number, shim = ''): Wrap =>
  bytes =>
    concat(fromHex(MACS), u16(type), fromHex(shim), bytes)
const plain = ethernet(0x0800)

// Frames that are seen more than once

/** The IPv4 packet with other bytes at these places; checksums are nobody's concern here. */
function altered(ip: Uint8Array, ...changes: readonly (readonly [at: number, bytes: Uint8Array])[]): Uint8Array {
  const copy = ip.slice()
  for (const [at, bytes] of changes) copy.set(bytes, at)
  return copy
}

const IDENTIFICATION = 4
const TTL = 8
const SOURCE = 12
const TARGET = 16
const SOURCE_PORT = 20
const TARGET_PORT = 22

/** A router has sent it on. */
const routed: Wrap = ip => altered(ip, [TTL, Uint8Array.of(63)])

/** A trunk and an untagged port, both mirrored. */
export const vlanAndUntagged: Point = ip => [ethernet(0x8100, '000a 0800')(ip), plain(ip)]
/** The two ends of a container's cable, and the bridge between. */
export const bridgeAndCable: Point = ip => [plain(ip), plain(ip), plain(ip)]
/** Both sides of a router: other MACs, a hop less. */
export const bothSidesOfRouter: Point = ip => [plain(ip), plain(routed(ip))]
/** Linux' `any`: each frame as it goes out of one interface and comes in at the other. */
export const any: Point = ip => [
  behind('0004 0001 0006 02000000000b 0000 0800')(ip),
  behind('0000 0001 0006 02000000000b 0000 0800')(ip),
]

/** A host that does not number its datagrams, and its frames twice. */
export const unnumberedTwice: Point = ip => {
  const unnumbered = altered(ip, [IDENTIFICATION, Uint8Array.of(0, 0)])
  return [plain(unnumbered), plain(unnumbered)]
}

export interface Translation {
  /** What the client's end is behind it; absent: as in front of it. */
  readonly client?: { readonly host: string; readonly port: number }
  /** The broker's address behind it. */
  readonly server: string
}

const address = (text: string): Uint8Array => Uint8Array.from(text.split('.'), Number)
const MQTT_PORT = 1883

/** Both sides of a translation of addresses, in the order in which a packet passes them. */
export const translated =
  ({ client, server }: Translation): Point =>
  ip => {
    const fromServer = (ip[SOURCE_PORT] ?? 0) * 256 + (ip[SOURCE_PORT + 1] ?? 0) === MQTT_PORT
    const host = (at: number, text: string | undefined) => (text === undefined ? [] : [[at, address(text)] as const])
    const port = client === undefined ? [] : [[fromServer ? TARGET_PORT : SOURCE_PORT, u16(client.port)] as const]
    const inside = altered(
      routed(ip),
      ...host(fromServer ? SOURCE : TARGET, server),
      ...host(fromServer ? TARGET : SOURCE, client?.host),
      ...port,
    )
    return fromServer ? [plain(inside), plain(ip)] : [plain(ip), plain(inside)]
  }

// What stands around a packet

const PROTOCOL = 9
const TOTAL = 2
const HEADER = 20
const tcpOf = (ip: Uint8Array): Uint8Array => ip.subarray(HEADER)

/** An IPv4 packet of 198.51.100.1 to 198.51.100.2. */
const outer = (protocol: number, payload: Uint8Array): Uint8Array =>
  concat(
    fromHex('4500'),
    u16(HEADER + payload.length),
    fromHex('00014000 40'),
    Uint8Array.of(protocol),
    fromHex('0000 c6336401 c6336402'),
    payload,
  )

const udp = (port: number, payload: Uint8Array): Uint8Array =>
  outer(17, concat(u16(port), u16(port), u16(8 + payload.length), u16(0), payload))

const inUdp =
  (port: number, wrap: Wrap): Wrap =>
  ip =>
    plain(udp(port, wrap(ip)))

/** The same TCP segment between 2001:db8::b and 2001:db8::1 or back. */
function overIp6(ip: Uint8Array): Uint8Array {
  const end = (at: number): Uint8Array =>
    concat(fromHex('20010db8 0000 0000 0000 0000 0000 00'), ip.subarray(at, at + 1))
  return concat(u32(0x60000000), u16(ip.length - HEADER), fromHex('0640'), end(SOURCE + 3), end(TARGET + 3), tcpOf(ip))
}

/** RFC 4302: next header, length in words less two, SPI, sequence number, twelve bytes of check value. */
function authenticated(ip: Uint8Array): Uint8Array {
  const head = concat(fromHex('06040000 00000100 00000001'), new Uint8Array(12))
  const whole = concat(ip.subarray(0, HEADER), head, tcpOf(ip))
  return altered(whole, [PROTOCOL, Uint8Array.of(51)], [TOTAL, u16(whole.length)])
}

/** RFC 3032: two labels, the second one with the bottom-of-stack bit. */
const LABELS = '00010040 00011140'
const SNAP = 'aaaa03 000000 0800'
/** A data frame to the access point, with sequence number 1 (IEEE 802.11 §9.2). */
const WIFI = `0801 0000 020000000002 02000000000b 020000000001 1000 ${SNAP}`
const WIFI_QOS = `8801 0000 020000000002 02000000000b 020000000001 1000 0000 ${SNAP}`

const le16 = (value: number): Uint8Array => u16(value).reverse()
const le32 = (value: number): Uint8Array => u32(value).reverse()

/** Attributes of the packet header and of the payload, filled up to four bytes (LINKTYPE_NFLOG). */
const nflog: Wrap = ip =>
  concat(
    fromHex('02 00 0000 0800 0100 0800 00 00'),
    le16(4 + ip.length),
    le16(9),
    ip,
    new Uint8Array((4 - (ip.length % 4)) % 4),
  )

/** Apple's header of 108 bytes: its length, "a packet follows", its link type, an interface and a process. */
const pktap: Wrap = ip =>
  concat(le32(108), le32(1), le32(1), fromHex('656e3000'), new Uint8Array(20), new Uint8Array(72), plain(ip))

const gtp: Wrap = ip => concat(fromHex('30ff'), u16(ip.length), fromHex('00000001'), ip)
/** The hex bytes in front of a wrapped packet. */
const before =
  (head: string, wrap: Wrap): Wrap =>
  ip =>
    behind(head)(wrap(ip))

export interface Encapsulation {
  readonly link: number
  readonly point: Point
}

const on = (link: number, wrap: Wrap): Encapsulation => ({ link, point: once(wrap) })

/** By name, with the link type as registered at https://www.tcpdump.org/linktypes.html. */
export const ENCAPSULATIONS: Readonly<Record<string, Encapsulation>> = {
  Ethernet: on(1, plain),
  'two VLAN tags': on(1, ethernet(0x88a8, '000a 8100 0014 0800')),
  'BSD loopback': on(0, behind('02000000')),
  'OpenBSD loopback': on(108, behind('00000002')),
  PPP: on(9, behind('ff03 0021')),
  'raw IP': on(101, ip => ip),
  'Linux cooked': on(113, behind('0000 0001 0006 02000000000b 0000 0800')),
  'Linux cooked, version 2': on(276, behind('0800 0000 00000002 0001 00 06 02000000000b0000')),
  PPPoE: on(1, ip => concat(ethernet(0x8864, '1100 0001')(u16(ip.length + 2)), fromHex('0021'), ip)),
  MPLS: on(1, ethernet(0x8847, LABELS)),
  'MPLS multicast': on(1, ethernet(0x8848, LABELS)),
  NSH: on(1, before(`${MACS} 894f 0fc20203 000001ff`, plain)),
  PBB: on(1, before(`${MACS} 88e7 00000001`, plain)),
  '802.11 with radiotap': on(127, behind(`00 00 0800 00000000 ${WIFI}`)),
  '802.11 with QoS control': on(127, behind(`00 00 0800 00000000 ${WIFI_QOS}`)),
  '802.11 bare': on(105, behind(WIFI)),
  '802.11 with Prism': on(119, behind(`44000000 90000000 ${'00'.repeat(136)} ${WIFI}`)),
  '802.11 with AVS': on(163, behind(`80211001 00000040 ${'00'.repeat(56)} ${WIFI}`)),
  '802.11 with PPI': on(192, behind(`00 00 0800 69000000 ${WIFI}`)),
  'Ethernet with PPI': on(192, before('00 00 0800 01000000', plain)),
  'Cisco HDLC': on(104, behind('0f00 0800')),
  'Frame Relay': on(107, behind('1841 03 cc')),
  'Token Ring': on(6, behind(`10 40 ${MACS} ${SNAP}`)),
  FDDI: on(10, behind(`50 ${MACS} ${SNAP}`)),
  NFLOG: on(239, nflog),
  PKTAP: on(258, pktap),
  'IP over InfiniBand': on(242, behind(`${'00'.repeat(40)} 0800 0000`)),
  GRE: on(1, ip => plain(outer(47, behind('0000 0800')(ip)))),
  'ERSPAN, type II': on(1, ip => plain(outer(47, before('1000 88be 00000001 1001 0001 00000000', plain)(ip)))),
  'ERSPAN, type III': on(1, ip =>
    plain(outer(47, before('1000 22eb 00000001 2001 0001 00000000 00000000', plain)(ip))),
  ),
  VXLAN: on(1, inUdp(4789, before('08000000 00000100', plain))),
  "VXLAN on Linux' port": on(1, inUdp(8472, before('08000000 00000100', plain))),
  'VXLAN-GPE': on(1, inUdp(4790, behind('0c000001 00000100'))),
  Geneve: on(1, inUdp(6081, before('0000 6558 00000100', plain))),
  'Geneve with an option': on(1, inUdp(6081, before('0200 6558 00000100 01020001 00000000', plain))),
  'GTP-U': on(1, inUdp(2152, gtp)),
  L2TP: on(1, inUdp(1701, behind('0002 0001 0001 ff03 0021'))),
  'MPLS in UDP': on(1, inUdp(6635, behind(LABELS))),
  TZSP: on(1, inUdp(37_008, before('01 00 0001 01', plain))),
  Teredo: on(1, inUdp(3544, overIp6)),
  'IPv4 authentication header': on(1, ip => plain(authenticated(ip))),
  'MPLS in PPP': on(9, behind(`ff03 0281 ${LABELS}`)),
  'a tag of 802.1BR': on(1, behind(`${MACS} 893f 0000 0001 0000 0800`)),
  '802.2 with IP': on(1, ip => concat(fromHex(MACS), u16(ip.length + 3), fromHex('060603'), ip)),
  'SNAP behind a VLAN tag': on(1, ip => concat(fromHex(`${MACS} 8100 000a`), u16(ip.length + 8), fromHex(SNAP), ip)),
  'bridged Ethernet in LLC': on(100, before('aaaa03 0080c2 0007 0000', plain)),
  'PPP over Ethernet as the link': on(51, ip => concat(fromHex('1100 0001'), u16(ip.length + 2), fromHex('0021'), ip)),
  'PPP with its direction': on(204, behind('00 ff03 0021')),
  'Frame Relay with SNAP': on(107, behind('1841 03 00 80 000000 0800')),
  "Frame Relay as Cisco's": on(107, behind('1841 0800')),
  'Token Ring with a route': on(6, behind(`10 40 020000000001 82000000000b 0630 0011 0020 ${SNAP}`)),
  '802.11 between access points': on(
    105,
    behind(`0803 0000 020000000002 02000000000b 020000000001 1000 020000000003 ${SNAP}`),
  ),
  '802.11 with a padded header': on(
    127,
    behind(`00 00 0900 02000000 20 8801 0000 020000000002 02000000000b 020000000001 1000 0000 0000 ${SNAP}`),
  ),
  'IP over Fibre Channel': on(122, behind(`0000020000000001 000002000000000b ${SNAP}`)),
  'IP over FireWire': on(138, behind('0200000000000001 020000000000000b 0800')),
  'OpenBSD firewall log': on(117, behind(`3d 02 00 00 ${'00'.repeat(60)}`)),
  'OpenBSD IPsec': on(109, behind('00000002 00000000 00000000')),
  PPTP: on(1, ip =>
    plain(outer(47, concat(fromHex('3081 880b'), u16(ip.length + 4), fromHex('0001 00000001 00000001 ff03 0021'), ip))),
  ),
  'ERSPAN, type I': on(1, ip => plain(outer(47, before('0000 88be', plain)(ip)))),
  'MPLS in GRE': on(1, ip => plain(outer(47, behind(`0000 8847 ${LABELS}`)(ip)))),
  'NSH in GRE': on(1, ip => plain(outer(47, before('0000 894f 0fc20203 000001ff', plain)(ip)))),
  'MPLS in IP': on(1, ip => plain(outer(137, behind(LABELS)(ip)))),
  'Ethernet in IP': on(1, ip => plain(outer(97, before('3000', plain)(ip)))),
  'GRE in UDP': on(1, inUdp(4754, behind('0000 0800'))),
  'VXLAN-GPE with Ethernet': on(1, inUdp(4790, before('0c000003 00000100', plain))),
  'VXLAN-GPE with NSH': on(1, inUdp(4790, before('0c000004 00000100 0fc20203 000001ff', plain))),
  'Geneve with IP': on(1, inUdp(6081, behind('0000 0800 00000100'))),
  'GTP-U with a container': on(
    1,
    inUdp(2152, ip => concat(fromHex('34ff'), u16(ip.length + 8), fromHex('00000001 0000 00 85 01 1001 00'), ip)),
  ),
  'L2TP with all fields': on(
    1,
    inUdp(1701, ip =>
      concat(fromHex('4a02'), u16(ip.length + 20), fromHex('0001 0001 0000 0000 0002 0000 ff03 0021'), ip),
    ),
  ),
  'TZSP with tags, and 802.11 in it': on(1, inUdp(37_008, behind(`01 00 0012 0a01c4 00 01 ${WIFI}`))),
  'Teredo with authentication and origin': on(
    1,
    inUdp(3544, before(`0001 0000 ${'00'.repeat(9)} 0000 d431 34ff9bf4`, overIp6)),
  ),
}

/** A protected 802.11 frame: what is in it stays hidden. */
export const encryptedWifi: Encapsulation = on(127, ip =>
  concat(fromHex('00 00 0800 00000000 0841 0000 020000000002 02000000000b 020000000001 1000 01002000 00000000'), ip),
)
