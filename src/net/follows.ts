/**
 * Numbers that say what follows a header. A step over a header returns one of them: an EtherType, below it the length
 * of an LLC frame, above it a link type (`ofLink`); or a code of `Skip`, which is negative.
 */

/** Registered at https://www.tcpdump.org/linktypes.html. */
export const LinkType = {
  Null: 0,
  Ethernet: 1,
  TokenRing: 6,
  Ppp: 9,
  Fddi: 10,
  AtmLlc: 11,
  RawBsd: 12,
  RawOpenBsd: 14,
  PppHdlc: 50,
  PppEther: 51,
  AtmRfc1483: 100,
  Raw: 101,
  CiscoHdlc: 104,
  Wifi: 105,
  FrameRelay: 107,
  Loop: 108,
  Enc: 109,
  Sll: 113,
  Pflog: 117,
  Prism: 119,
  IpOverFc: 122,
  Radiotap: 127,
  FireWire: 138,
  Avs: 163,
  PppPppd: 166,
  Ppi: 192,
  PppDirected: 204,
  CiscoHdlcDirected: 205,
  FrameRelayDirected: 206,
  Ipv4: 228,
  Ipv6: 229,
  Nflog: 239,
  InfiniBand: 242,
  Pktap: 258,
  Sll2: 276,
  BroadcomTag: 281,
  BroadcomPrepend: 282,
  Dsa: 283,
  Edsa: 284,
} as const

export const EtherType = {
  Ipv4: 0x0800,
  Vlan: 0x8100,
  Ipv6: 0x86dd,
  Pppoe: 0x8864,
  ProviderVlan: 0x88a8,
  OldQinq: 0x9100,
  /** Ethernet inside GRE (RFC 1701), and wherever a header is followed by an Ethernet frame. */
  Bridged: 0x6558,
  Ppp: 0x880b,
  Mpls: 0x8847,
  MplsMulticast: 0x8848,
  /** LLC in an Ethernet frame longer than 1,500 bytes. */
  JumboLlc: 0x8870,
  MacSec: 0x88e5,
  /** IEEE 802.1ah: a whole frame in the frame of a provider. */
  ProviderBackbone: 0x88e7,
  /** IEEE 802.1BR. */
  ETag: 0x893f,
  /** RFC 8300. */
  Nsh: 0x894f,
} as const

/** LLC follows (IEEE 802.2), where no length says so. */
export const LLC = 0

/** Smallest EtherType. Below it the field is a length and an LLC header follows (IEEE 802.3 §3.2.6). */
export const FIRST_ETHERTYPE = 0x0600

/** First number of the link types, which are above all EtherTypes. */
export const FIRST_LINK = 0x10000

/** Says that a frame of this link type follows. */
export const ofLink = (link: number): number => FIRST_LINK + link

export const isVlan = (type: number): boolean =>
  type === EtherType.Vlan || type === EtherType.ProviderVlan || type === EtherType.OldQinq
