/**
 * The table of the layers around IP other than the frequent links: a group for each, and the numbers that identify
 * networks.
 */
import { defineField, type Field } from '../base/field.ts'
import { EtherType, LinkType } from './follows.ts'
import { TunnelPort } from './udp-tunnel.ts'

const group = (name: string, label: string, section: string, explanation: string): Field =>
  defineField({ name, label, kind: 'group', section, explanation })
const number = (name: string, label: string, section: string, explanation: string): Field =>
  defineField({ name, label, kind: 'uint', section, explanation })

// Shims

export const LLC = group(
  'llc',
  'Logical Link Control',
  'IEEE 802.2',
  'Names the protocol where a length stands in place of a type.',
)
export const PPPOE = group(
  'pppoes',
  'PPP over Ethernet',
  'RFC 2516 §4',
  'How a modem reaches its provider: a session on an Ethernet link.',
)
export const PPP = group('ppp', 'Point-to-Point Protocol', 'RFC 1661 §2', 'Links two machines over a line or a tunnel.')
export const MPLS = group('mpls', 'MPLS label', 'RFC 3032 §2.1', 'Providers forward by labels in place of addresses.')
export const MPLS_LABEL = number('mpls.label', 'Label', 'RFC 3032 §2.1', 'The way through the network of the provider.')
export const NSH = group('nsh', 'Network Service Header', 'RFC 8300 §2', 'Leads a packet through a chain of services.')
export const PBB = group(
  'ieee8021ah',
  'Provider backbone bridge',
  'IEEE 802.1ah',
  'A whole frame of a customer in the frame of a provider.',
)
export const MACSEC = group('macsec', 'MACsec', 'IEEE 802.1AE §9', 'Protects the frame on one link.')
const SHIM = group('shim', 'Shim header', 'IEEE 802.1', 'Stands between two headers and names what follows.')

// Links

export const WLAN = group(
  'wlan',
  'Wireless LAN frame',
  'IEEE 802.11 §9.2',
  'The frame as it goes through the air, with three or four addresses.',
)
const RADIOTAP = group(
  'radiotap',
  'Radiotap and wireless LAN frame',
  'LINKTYPE 127',
  'What the receiver measured, then the frame of the air.',
)
const PRISM = group(
  'prism',
  'Prism and wireless LAN frame',
  'LINKTYPE 119',
  'What the receiver measured, then the frame of the air.',
)
const AVS = group(
  'wlancap',
  'AVS and wireless LAN frame',
  'LINKTYPE 163',
  'What the receiver measured, then the frame of the air.',
)
const PPI = group(
  'ppi',
  'Per-Packet Information',
  'LINKTYPE 192',
  'What the receiver measured, and the link type of what follows.',
)
const CHDLC = group('chdlc', 'Cisco HDLC', 'LINKTYPE 104', 'Frames a serial line between routers.')
const FRAME_RELAY = group('fr', 'Frame Relay', 'RFC 2427 §3', 'A leased circuit through the network of a provider.')
const TOKEN_RING = group('tr', 'Token Ring', 'IEEE 802.5 §3', 'A ring on which a token says who may send.')
const FDDI = group(
  'fddi',
  'Fibre Distributed Data Interface',
  'ISO 9314-2',
  'A ring of fibre on which a token says who may send.',
)
const NFLOG = group('nflog', 'Netfilter log', 'LINKTYPE 239', 'Made by a Linux firewall that logs the packet.')
const PKTAP = group(
  'pktap',
  'Apple packet tap',
  'LINKTYPE 258',
  'Made by macOS: the interface, the process, the link type of what follows.',
)
const INFINIBAND = group('infiniband', 'IP over InfiniBand', 'RFC 4391 §6', 'A network of computing centres.')

// Tunnels

export const AH = group('ah', 'Authentication header', 'RFC 4302 §2', 'Signs the packet; its content stays readable.')
export const ERSPAN = group(
  'erspan',
  'Encapsulated Remote SPAN',
  'ERSPAN draft §4',
  'A switch mirrors frames to a far machine.',
)
export const GENEVE = group(
  'geneve',
  'Geneve',
  'RFC 8926 §3.4',
  'A tunnel over UDP for virtual networks, with options.',
)
export const GENEVE_VNI = number(
  'geneve.vni',
  'Network identifier',
  'RFC 8926 §3.4',
  'Number of the virtual network the inner frame belongs to.',
)
export const GTP = group(
  'gtp',
  'GPRS Tunnelling Protocol',
  '3GPP TS 29.281 §5.1',
  'Carries the packets of a mobile device through the core network.',
)
export const GTP_TEID = number(
  'gtp.teid',
  'Tunnel endpoint identifier',
  '3GPP TS 29.281 §5.1',
  'Number of the tunnel: one or more for each device.',
)
const L2TP = group('l2tp', 'Layer 2 Tunneling Protocol', 'RFC 2661 §3.1', 'Carries PPP over IP.')
const TZSP = group(
  'tzsp',
  'TaZmen Sniffer Protocol',
  'UDP port 37008',
  'A sensor or router sends captured frames to a far machine.',
)
const TEREDO = group('teredo', 'Teredo', 'RFC 4380 §5.1', 'IPv6 through a translation of IPv4 addresses.')
const TUNNEL = group(
  'tunnel',
  'Tunnel header',
  'RFC 7510, RFC 8086',
  'UDP in front of a packet that has a header of its own.',
)

/** Groups of link types, of EtherTypes and of UDP ports. */
export const LINK_GROUPS: ReadonlyMap<number, Field> = new Map<number, Field>([
  [LinkType.Wifi, WLAN],
  [LinkType.Radiotap, RADIOTAP],
  [LinkType.Prism, PRISM],
  [LinkType.Avs, AVS],
  [LinkType.Ppi, PPI],
  [LinkType.CiscoHdlc, CHDLC],
  [LinkType.CiscoHdlcDirected, CHDLC],
  [LinkType.FrameRelay, FRAME_RELAY],
  [LinkType.FrameRelayDirected, FRAME_RELAY],
  [LinkType.TokenRing, TOKEN_RING],
  [LinkType.Fddi, FDDI],
  [LinkType.Nflog, NFLOG],
  [LinkType.Pktap, PKTAP],
  [LinkType.InfiniBand, INFINIBAND],
  [LinkType.PppDirected, PPP],
  [LinkType.PppPppd, PPP],
  [LinkType.PppEther, PPPOE],
])
export const SHIM_GROUPS: ReadonlyMap<number, Field> = new Map<number, Field>([
  [EtherType.Pppoe, PPPOE],
  [EtherType.Ppp, PPP],
  [EtherType.Nsh, NSH],
  [EtherType.ProviderBackbone, PBB],
  [EtherType.MacSec, MACSEC],
  [EtherType.ETag, SHIM],
])
export const UDP_GROUPS: ReadonlyMap<number, Field> = new Map<number, Field>([
  [TunnelPort.Geneve, GENEVE],
  [TunnelPort.Gtp, GTP],
  [TunnelPort.L2tp, L2TP],
  [TunnelPort.Tzsp, TZSP],
  [TunnelPort.Teredo, TEREDO],
  [TunnelPort.Mpls, TUNNEL],
  [TunnelPort.Gre, TUNNEL],
])

/** Groups that stand between an IP header and what it carries. */
export const TUNNELS: readonly Field[] = [AH, ERSPAN, ...new Set(UDP_GROUPS.values())]

/** All of them. */
export const LAYER_FIELDS: readonly Field[] = [
  LLC,
  PPPOE,
  PPP,
  MPLS,
  MPLS_LABEL,
  NSH,
  PBB,
  MACSEC,
  SHIM,
  WLAN,
  RADIOTAP,
  PRISM,
  AVS,
  PPI,
  CHDLC,
  FRAME_RELAY,
  TOKEN_RING,
  FDDI,
  NFLOG,
  PKTAP,
  INFINIBAND,
  AH,
  ERSPAN,
  GENEVE,
  GENEVE_VNI,
  GTP,
  GTP_TEID,
  L2TP,
  TZSP,
  TEREDO,
  TUNNEL,
]
