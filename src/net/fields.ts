/**
 * The table of fields below MQTT. Names are Wireshark's, so that filters and scripts written for it run unchanged;
 * sections name the standard. `walkFrame` announces the fields that are in the frame; the caller supplies the values of
 * the last part of the table, which are not.
 */
import { defineField, type Field } from '../base/field.ts'
import { LAYER_FIELDS } from './layer-fields.ts'

const SET = { 0: 'Not set', 1: 'Set' }
const ETHERTYPES = {
  2048: 'IPv4',
  2054: 'ARP',
  33024: '802.1Q VLAN',
  34525: 'IPv6',
  34887: 'MPLS',
  34888: 'MPLS multicast',
  34916: 'PPPoE session',
  34984: '802.1ad VLAN',
  37120: 'VLAN (old QinQ)',
}
const PROTOCOLS = {
  0: 'IPv6 Hop-by-Hop Options',
  1: 'ICMP',
  4: 'IPv4 in IP',
  6: 'TCP',
  17: 'UDP',
  41: 'IPv6 in IP',
  43: 'IPv6 Routing Header',
  44: 'IPv6 Fragment Header',
  47: 'GRE',
  50: 'ESP',
  51: 'Authentication Header',
  58: 'ICMPv6',
  59: 'No Next Header',
  60: 'IPv6 Destination Options',
}

// Link layer

export const ETH = defineField({
  name: 'eth',
  label: 'Ethernet',
  kind: 'group',
  section: 'IEEE 802.3 §3',
  explanation:
    'Brings the frame to the next machine on the same network: from which network card to which, and what is inside.',
})
export const ETH_DST = defineField({
  name: 'eth.dst',
  label: 'Destination',
  kind: 'mac',
  section: 'IEEE 802.3 §3.2.3',
  explanation:
    'Hardware address of the network card the frame is meant for; often that of a router, not of the final receiver.',
})
export const ETH_SRC = defineField({
  name: 'eth.src',
  label: 'Source',
  kind: 'mac',
  section: 'IEEE 802.3 §3.2.3',
  explanation: 'Hardware address of the network card that sent the frame.',
})
export const ETH_TYPE = defineField({
  name: 'eth.type',
  label: 'Type',
  kind: 'hex',
  values: ETHERTYPES,
  section: 'IEEE 802.3 §3.2.6',
  explanation: 'Says which protocol the frame carries. Values below 0x0600 are a length instead.',
})
export const VLAN = defineField({
  name: 'vlan',
  label: 'VLAN tag',
  kind: 'group',
  section: 'IEEE 802.1Q §9',
  explanation: 'Divides one network into several virtual ones: switches keep frames with different tags apart.',
})
export const VLAN_PRIORITY = defineField({
  name: 'vlan.priority',
  label: 'Priority',
  kind: 'uint',
  mask: 0xe000,
  section: 'IEEE 802.1Q §9.6',
  explanation: 'Frames of a higher priority may be sent first where a switch has to choose.',
})
export const VLAN_DEI = defineField({
  name: 'vlan.dei',
  label: 'Drop eligible',
  kind: 'flag',
  mask: 0x1000,
  values: SET,
  section: 'IEEE 802.1Q §9.6',
  explanation: 'A frame with this bit is dropped first when a switch is overloaded.',
})
export const VLAN_ID = defineField({
  name: 'vlan.id',
  label: 'VLAN',
  kind: 'uint',
  mask: 0x0fff,
  section: 'IEEE 802.1Q §9.6',
  explanation: 'Number of the virtual network, 1 to 4094.',
})
export const VLAN_ETYPE = defineField({
  name: 'vlan.etype',
  label: 'Type',
  kind: 'hex',
  values: ETHERTYPES,
  section: 'IEEE 802.1Q §9',
  explanation: 'Says which protocol follows the tag; it may be another tag.',
})
export const SLL = defineField({
  name: 'sll',
  label: 'Linux cooked capture',
  kind: 'group',
  section: 'LINKTYPE_LINUX_SLL, LINKTYPE_LINUX_SLL2',
  explanation:
    'Made by the capturing Linux machine in place of the link header when it listens on all interfaces at once.',
})
export const SLL_ETYPE = defineField({
  name: 'sll.etype',
  label: 'Protocol',
  kind: 'hex',
  values: ETHERTYPES,
  section: 'LINKTYPE_LINUX_SLL, LINKTYPE_LINUX_SLL2',
  explanation: 'Says which protocol the frame carries, with the numbers of Ethernet.',
})
export const SLL_PKTTYPE = defineField({
  name: 'sll.pkttype',
  label: 'Packet type',
  kind: 'uint',
  values: { 0: 'To us', 1: 'Broadcast', 2: 'Multicast', 3: 'To another host', 4: 'Sent by us' },
  section: 'LINKTYPE_LINUX_SLL, LINKTYPE_LINUX_SLL2',
  explanation: 'Whether the capturing machine sent the frame, was meant by it, or only overheard it.',
})
export const NULL = defineField({
  name: 'null',
  label: 'Loopback',
  kind: 'group',
  section: 'LINKTYPE_NULL, LINKTYPE_LOOP',
  explanation:
    'Four bytes that BSD and macOS put before traffic of a machine with itself: they name the kind of address.',
})
export const LINK = defineField({
  name: 'link',
  label: 'Link header',
  kind: 'group',
  explanation: 'What the link puts before the IP packet; it says little more than that IP follows.',
})

// IPv4

export const IP = defineField({
  name: 'ip',
  label: 'Internet Protocol version 4',
  kind: 'group',
  section: 'RFC 791 §3.1',
  explanation:
    'Brings data from one machine to another across networks. It promises nothing: packets may be lost, doubled or reordered.',
})
export const IP_VERSION = defineField({
  name: 'ip.version',
  label: 'Version',
  kind: 'uint',
  mask: 0xf0,
  section: 'RFC 791 §3.1',
  explanation: '4 for IPv4, 6 for IPv6.',
})
export const IP_HDR_LEN = defineField({
  name: 'ip.hdr_len',
  label: 'Header length',
  kind: 'uint',
  unit: 'bytes',
  section: 'RFC 791 §3.1',
  explanation: 'Size of this header; more than 20 where it has options. Stored as a count of 4-byte words.',
})
export const IP_DSFIELD = defineField({
  name: 'ip.dsfield',
  label: 'Differentiated services',
  kind: 'hex',
  section: 'RFC 2474 §3, RFC 3168 §5',
  explanation: 'Asks routers for a kind of treatment (six bits) and lets them report congestion (two bits).',
})
export const IP_LEN = defineField({
  name: 'ip.len',
  label: 'Total length',
  kind: 'uint',
  unit: 'bytes',
  section: 'RFC 791 §3.1',
  explanation:
    'Size of header and data. Bytes of the frame behind it are padding. 0: the network card was to cut the packet up later.',
})
export const IP_ID = defineField({
  name: 'ip.id',
  label: 'Identification',
  kind: 'hex',
  section: 'RFC 791 §3.2',
  explanation: 'The same in all fragments of a packet, so that the receiver knows which belong together.',
})
export const IP_FLAGS = defineField({
  name: 'ip.flags',
  label: 'Flags',
  kind: 'hex',
  mask: 0xe0,
  section: 'RFC 791 §3.1',
  explanation: 'Whether the packet may be cut into fragments, and whether more of them follow.',
})
export const IP_FLAGS_RB = defineField({
  name: 'ip.flags.rb',
  label: 'Reserved',
  kind: 'flag',
  mask: 0x80,
  values: SET,
  section: 'RFC 791 §3.1',
  explanation: 'Must be 0.',
})
export const IP_FLAGS_DF = defineField({
  name: 'ip.flags.df',
  label: "Don't fragment",
  kind: 'flag',
  mask: 0x40,
  values: SET,
  section: 'RFC 791 §3.1',
  explanation:
    'Routers must drop the packet and report it rather than cut it. TCP uses that to find the largest size that fits.',
})
export const IP_FLAGS_MF = defineField({
  name: 'ip.flags.mf',
  label: 'More fragments',
  kind: 'flag',
  mask: 0x20,
  values: SET,
  section: 'RFC 791 §3.1',
  explanation: 'Set in all fragments of a packet but the last.',
})
export const IP_FRAG_OFFSET = defineField({
  name: 'ip.frag_offset',
  label: 'Fragment offset',
  kind: 'uint',
  unit: 'bytes',
  section: 'RFC 791 §3.1',
  explanation: 'Where the data of this fragment belongs in the whole packet. Stored as a count of 8-byte units.',
})
export const IP_TTL = defineField({
  name: 'ip.ttl',
  label: 'Time to live',
  kind: 'uint',
  section: 'RFC 791 §3.1',
  explanation: 'Every router takes one off and drops the packet at 0, so that no packet circles for ever.',
})
export const IP_PROTO = defineField({
  name: 'ip.proto',
  label: 'Protocol',
  kind: 'uint',
  values: PROTOCOLS,
  section: 'RFC 791 §3.1',
  explanation: 'Says what the packet carries: 6 is TCP.',
})
export const IP_CHECKSUM = defineField({
  name: 'ip.checksum',
  label: 'Header checksum',
  kind: 'hex',
  section: 'RFC 791 §3.1',
  explanation:
    'Guards the header against damage. Often 0 on the sending machine, where the network card fills it in later.',
})
export const IP_SRC = defineField({
  name: 'ip.src',
  label: 'Source',
  kind: 'ipv4',
  section: 'RFC 791 §3.1',
  explanation: 'Address of the machine that sent the packet.',
})
export const IP_DST = defineField({
  name: 'ip.dst',
  label: 'Destination',
  kind: 'ipv4',
  section: 'RFC 791 §3.1',
  explanation: 'Address of the machine the packet is meant for.',
})
export const IP_OPTIONS = defineField({
  name: 'ip.options',
  label: 'Options',
  kind: 'bytes',
  section: 'RFC 791 §3.1',
  explanation: 'Rare additions to the header, such as a route the packet must take.',
})

// IPv6

export const IPV6 = defineField({
  name: 'ipv6',
  label: 'Internet Protocol version 6',
  kind: 'group',
  section: 'RFC 8200 §3',
  explanation: 'The successor of IPv4, with longer addresses and a simpler header.',
})
export const IPV6_TCLASS = defineField({
  name: 'ipv6.tclass',
  label: 'Traffic class',
  kind: 'hex',
  mask: 0x0ff00000,
  section: 'RFC 8200 §7',
  explanation: 'Asks routers for a kind of treatment (six bits) and lets them report congestion (two bits).',
})
export const IPV6_FLOW = defineField({
  name: 'ipv6.flow',
  label: 'Flow label',
  kind: 'hex',
  mask: 0x000fffff,
  section: 'RFC 8200 §6',
  explanation: 'The same in all packets of a connection, so that routers may send them the same way.',
})
export const IPV6_PLEN = defineField({
  name: 'ipv6.plen',
  label: 'Payload length',
  kind: 'uint',
  unit: 'bytes',
  section: 'RFC 8200 §3',
  explanation: 'Bytes behind the header of 40 bytes, extension headers included.',
})
export const IPV6_NXT = defineField({
  name: 'ipv6.nxt',
  label: 'Next header',
  kind: 'uint',
  values: PROTOCOLS,
  section: 'RFC 8200 §3',
  explanation: 'Says what follows this header: 6 is TCP, some others are further IPv6 headers.',
})
export const IPV6_HLIM = defineField({
  name: 'ipv6.hlim',
  label: 'Hop limit',
  kind: 'uint',
  section: 'RFC 8200 §3',
  explanation: 'Every router takes one off and drops the packet at 0, so that no packet circles for ever.',
})
export const IPV6_SRC = defineField({
  name: 'ipv6.src',
  label: 'Source',
  kind: 'ipv6',
  section: 'RFC 8200 §3',
  explanation: 'Address of the machine that sent the packet.',
})
export const IPV6_DST = defineField({
  name: 'ipv6.dst',
  label: 'Destination',
  kind: 'ipv6',
  section: 'RFC 8200 §3',
  explanation: 'Address of the machine the packet is meant for.',
})
export const IPV6_EXTENSION = defineField({
  name: 'ipv6.extension',
  label: 'Extension header',
  kind: 'group',
  section: 'RFC 8200 §4',
  explanation: 'Carries what the header of 40 bytes has no room for: options, a route, the place of a fragment.',
})
export const IPV6_FRAG_OFFSET = defineField({
  name: 'ipv6.fraghdr.offset',
  label: 'Fragment offset',
  kind: 'uint',
  unit: 'bytes',
  section: 'RFC 8200 §4.5',
  explanation: 'Where the data of this fragment belongs in the whole packet. Stored as a count of 8-byte units.',
})
export const IPV6_FRAG_MORE = defineField({
  name: 'ipv6.fraghdr.more',
  label: 'More fragments',
  kind: 'flag',
  mask: 0x0001,
  values: SET,
  section: 'RFC 8200 §4.5',
  explanation: 'Set in all fragments of a packet but the last.',
})
export const IPV6_FRAG_ID = defineField({
  name: 'ipv6.fraghdr.ident',
  label: 'Identification',
  kind: 'hex',
  section: 'RFC 8200 §4.5',
  explanation: 'The same in all fragments of a packet, so that the receiver knows which belong together.',
})

// Tunnels

export const GRE = defineField({
  name: 'gre',
  label: 'Generic Routing Encapsulation',
  kind: 'group',
  section: 'RFC 2784 §2',
  explanation: 'A tunnel: a whole packet travels inside of another one.',
})
export const GRE_PROTO = defineField({
  name: 'gre.proto',
  label: 'Protocol',
  kind: 'hex',
  values: ETHERTYPES,
  section: 'RFC 2784 §2.4',
  explanation: 'Says what the tunnel carries, with the numbers of Ethernet.',
})
export const VXLAN = defineField({
  name: 'vxlan',
  label: 'Virtual eXtensible LAN',
  kind: 'group',
  section: 'RFC 7348 §5',
  explanation: 'A tunnel over UDP: a whole Ethernet frame travels inside of a packet, as is usual in data centres.',
})
export const VXLAN_VNI = defineField({
  name: 'vxlan.vni',
  label: 'Network identifier',
  kind: 'uint',
  section: 'RFC 7348 §5',
  explanation: 'Number of the virtual network the inner frame belongs to.',
})

// TCP

export const TCP = defineField({
  name: 'tcp',
  label: 'Transmission Control Protocol',
  kind: 'group',
  section: 'RFC 9293 §3.1',
  explanation:
    'Makes two reliable streams of bytes, one each way, out of packets that may be lost, doubled or reordered. MQTT runs on it.',
})
export const TCP_SRCPORT = defineField({
  name: 'tcp.srcport',
  label: 'Source port',
  kind: 'uint',
  section: 'RFC 9293 §3.1',
  explanation: 'Names the program on the sending machine. MQTT brokers listen on port 1883, with TLS on 8883.',
})
export const TCP_DSTPORT = defineField({
  name: 'tcp.dstport',
  label: 'Destination port',
  kind: 'uint',
  section: 'RFC 9293 §3.1',
  explanation: 'Names the program on the receiving machine. MQTT brokers listen on port 1883, with TLS on 8883.',
})
export const TCP_SEQ_RAW = defineField({
  name: 'tcp.seq_raw',
  label: 'Sequence number (raw)',
  kind: 'uint',
  section: 'RFC 9293 §3.4',
  explanation: 'Place of the first data byte in the stream of the sender, counted from a random start.',
})
export const TCP_ACK_RAW = defineField({
  name: 'tcp.ack_raw',
  label: 'Acknowledgment number (raw)',
  kind: 'uint',
  section: 'RFC 9293 §3.4',
  explanation: 'The next byte that the sender of this segment expects: it has received all before it.',
})
export const TCP_HDR_LEN = defineField({
  name: 'tcp.hdr_len',
  label: 'Header length',
  kind: 'uint',
  unit: 'bytes',
  section: 'RFC 9293 §3.1',
  explanation: 'Size of this header; more than 20 where it has options. Stored as a count of 4-byte words.',
})
export const TCP_FLAGS = defineField({
  name: 'tcp.flags',
  label: 'Flags',
  kind: 'hex',
  mask: 0x0fff,
  section: 'RFC 9293 §3.1',
  explanation: 'What the segment does to the connection: open it, acknowledge, close it.',
})

const flag = (name: string, label: string, mask: number, section: string, explanation: string): Field =>
  defineField({ name: `tcp.flags.${name}`, label, kind: 'flag', mask, values: SET, section, explanation })

export const TCP_FLAGS_AE = flag(
  'ae',
  'Accurate ECN',
  0x0100,
  'RFC 9768 §3.1',
  'Used with the next two to report congestion in more detail.',
)
export const TCP_FLAGS_CWR = flag(
  'cwr',
  'Congestion window reduced',
  0x80,
  'RFC 3168 §6.1',
  'The sender has slowed down because congestion was reported.',
)
export const TCP_FLAGS_ECE = flag(
  'ece',
  'ECN-Echo',
  0x40,
  'RFC 3168 §6.1',
  'A router on the way has reported congestion.',
)
export const TCP_FLAGS_URG = flag(
  'urg',
  'Urgent',
  0x20,
  'RFC 9293 §3.8.5',
  'The urgent pointer counts. MQTT never uses it.',
)
export const TCP_FLAGS_ACK = flag(
  'ack',
  'Acknowledgment',
  0x10,
  'RFC 9293 §3.1',
  'The acknowledgment number counts. Set in every segment but the first.',
)
export const TCP_FLAGS_PUSH = flag(
  'push',
  'Push',
  0x08,
  'RFC 9293 §3.9.1.2',
  'The receiver should hand the data on to the program at once.',
)
export const TCP_FLAGS_RESET = flag(
  'reset',
  'Reset',
  0x04,
  'RFC 9293 §3.5.2',
  'Ends the connection at once: refused, broken, or given up.',
)
export const TCP_FLAGS_SYN = flag(
  'syn',
  'Syn',
  0x02,
  'RFC 9293 §3.5',
  'Opens a stream: the sequence number is its random start.',
)
export const TCP_FLAGS_FIN = flag(
  'fin',
  'Fin',
  0x01,
  'RFC 9293 §3.6',
  'The sender has nothing more to say in this direction.',
)

export const TCP_WINDOW = defineField({
  name: 'tcp.window_size_value',
  label: 'Window',
  kind: 'uint',
  section: 'RFC 9293 §3.8.6',
  explanation:
    'How much more data the sender of this segment can take, to be multiplied by the scale agreed at the start. 0: stop.',
})
export const TCP_CHECKSUM = defineField({
  name: 'tcp.checksum',
  label: 'Checksum',
  kind: 'hex',
  section: 'RFC 9293 §3.1',
  explanation:
    'Guards header and data against damage. Often wrong on the sending machine, where the network card fills it in later.',
})
export const TCP_URGENT = defineField({
  name: 'tcp.urgent_pointer',
  label: 'Urgent pointer',
  kind: 'uint',
  section: 'RFC 9293 §3.8.5',
  explanation: 'Where urgent data ends, if the flag is set. MQTT never uses it.',
})
export const TCP_OPTIONS = defineField({
  name: 'tcp.options',
  label: 'Options',
  kind: 'group',
  section: 'RFC 9293 §3.2',
  explanation: 'Additions to the header, most of them agreed when the connection opens.',
})
export const TCP_OPTION_MSS = defineField({
  name: 'tcp.options.mss_val',
  label: 'Maximum segment size',
  kind: 'uint',
  unit: 'bytes',
  section: 'RFC 9293 §3.7.1',
  explanation: 'The largest piece of data that the sender can take in one segment.',
})
export const TCP_OPTION_SCALE = defineField({
  name: 'tcp.options.wscale.shift',
  label: 'Window scale',
  kind: 'uint',
  section: 'RFC 7323 §2',
  explanation: 'How many times the windows of the sender are to be doubled.',
})
export const TCP_OPTION_SACK_PERMITTED = defineField({
  name: 'tcp.options.sack_perm',
  label: 'Selective acknowledgment permitted',
  kind: 'bytes',
  section: 'RFC 2018 §2',
  explanation: 'The sender understands acknowledgments of data behind a hole.',
})
export const TCP_OPTION_SACK = defineField({
  name: 'tcp.options.sack',
  label: 'Selective acknowledgment',
  kind: 'bytes',
  section: 'RFC 2018 §3',
  explanation: 'Data behind a hole that has arrived, so that it need not be sent again.',
})
export const TCP_OPTION_TSVAL = defineField({
  name: 'tcp.options.timestamp.tsval',
  label: 'Timestamp value',
  kind: 'uint',
  section: 'RFC 7323 §3.2',
  explanation: 'Clock of the sender; the receiver sends it back, which measures the way there and back.',
})
export const TCP_OPTION_TSECR = defineField({
  name: 'tcp.options.timestamp.tsecr',
  label: 'Timestamp echo',
  kind: 'uint',
  section: 'RFC 7323 §3.2',
  explanation: 'The last clock value received from the other side.',
})
export const TCP_OPTION_OTHER = defineField({
  name: 'tcp.options.unknown',
  label: 'Other option',
  kind: 'bytes',
  section: 'RFC 9293 §3.2',
  explanation: 'Padding, or an option that is not taken apart here.',
})
export const TCP_LEN = defineField({
  name: 'tcp.len',
  label: 'Data length',
  kind: 'uint',
  unit: 'bytes',
  section: 'RFC 9293 §3.1',
  explanation: 'Bytes of data in this segment. Not in the header: it follows from the length of the IP packet.',
})
export const TCP_PAYLOAD = defineField({
  name: 'tcp.payload',
  label: 'Data',
  kind: 'bytes',
  secret: true,
  section: 'RFC 9293 §3.1',
  explanation: 'A piece of the stream. It may hold several MQTT packets, one, or a part of one.',
})

// Supplied by whoever asks: these values do not stand in the frame, and walkFrame does not announce them

export const FRAME = defineField({
  name: 'frame',
  label: 'Frame',
  kind: 'group',
  explanation: 'One record of the capture: what the network card saw at one moment.',
})
export const FRAME_NUMBER = defineField({
  name: 'frame.number',
  label: 'Frame number',
  kind: 'uint',
  explanation: 'Place of the frame in the capture, counted from 1.',
})
export const FRAME_TIME_EPOCH = defineField({
  name: 'frame.time_epoch',
  label: 'Time',
  kind: 'text',
  unit: 's',
  explanation: 'When the frame was captured, in seconds since 1970-01-01 00:00 UTC.',
})
export const FRAME_TIME_RELATIVE = defineField({
  name: 'frame.time_relative',
  label: 'Time since first frame',
  kind: 'text',
  unit: 's',
  explanation: 'Seconds between the first frame of the capture and this one.',
})
export const FRAME_LEN = defineField({
  name: 'frame.len',
  label: 'Length on the wire',
  kind: 'uint',
  unit: 'bytes',
  explanation: 'Size of the frame as it was sent.',
})
export const FRAME_CAP_LEN = defineField({
  name: 'frame.cap_len',
  label: 'Length captured',
  kind: 'uint',
  unit: 'bytes',
  explanation: 'Bytes of the frame that the capture holds; fewer than were sent where the snap length cut it.',
})
export const FRAME_INTERFACE = defineField({
  name: 'frame.interface_id',
  label: 'Interface',
  kind: 'uint',
  explanation: 'Number of the interface that saw the frame, in the order of the capture.',
})
export const FRAME_FILE = defineField({
  name: 'frame.file',
  label: 'File',
  kind: 'text',
  explanation: 'The capture file that the frame came from, if several are read at once.',
})
export const TCP_STREAM = defineField({
  name: 'tcp.stream',
  label: 'Stream',
  kind: 'uint',
  explanation: 'Number of the TCP connection in the capture, counted from 0.',
})
export const TCP_SEQ = defineField({
  name: 'tcp.seq',
  label: 'Sequence number',
  kind: 'uint',
  section: 'RFC 9293 §3.4',
  explanation: 'Place of the first data byte in the stream of the sender, counted so that the first one is 1.',
})
export const TCP_ACK = defineField({
  name: 'tcp.ack',
  label: 'Acknowledgment number',
  kind: 'uint',
  section: 'RFC 9293 §3.4',
  explanation: 'The next byte that the sender of this segment expects, counted so that the first one is 1.',
})

/** Fields whose values are not in the frame: the caller supplies them. */
export const SUPPLIED: readonly Field[] = [
  FRAME,
  FRAME_NUMBER,
  FRAME_TIME_EPOCH,
  FRAME_TIME_RELATIVE,
  FRAME_LEN,
  FRAME_CAP_LEN,
  FRAME_INTERFACE,
  FRAME_FILE,
  TCP_STREAM,
  TCP_SEQ,
  TCP_ACK,
]

const either = (name: string, label: string, kind: Field['kind'], explanation: string): Field =>
  defineField({ name, label, kind, explanation })

/** Names that mean either end: true in a filter where one of the two fields is. */
export const EITHER: readonly { readonly field: Field; readonly of: readonly [Field, Field] }[] = [
  {
    field: either('eth.addr', 'Hardware address', 'mac', 'Source or destination of the frame.'),
    of: [ETH_SRC, ETH_DST],
  },
  { field: either('ip.addr', 'Address', 'ipv4', 'Source or destination of the IPv4 packet.'), of: [IP_SRC, IP_DST] },
  {
    field: either('ipv6.addr', 'Address', 'ipv6', 'Source or destination of the IPv6 packet.'),
    of: [IPV6_SRC, IPV6_DST],
  },
  {
    field: either('tcp.port', 'Port', 'uint', 'Port of either end of the connection.'),
    of: [TCP_SRCPORT, TCP_DSTPORT],
  },
]

/** Fields that `walkFrame` announces. */
export const IN_FRAME: readonly Field[] = [
  ETH,
  ETH_DST,
  ETH_SRC,
  ETH_TYPE,
  VLAN,
  VLAN_PRIORITY,
  VLAN_DEI,
  VLAN_ID,
  VLAN_ETYPE,
  SLL,
  SLL_ETYPE,
  SLL_PKTTYPE,
  NULL,
  LINK,
  IP,
  IP_VERSION,
  IP_HDR_LEN,
  IP_DSFIELD,
  IP_LEN,
  IP_ID,
  IP_FLAGS,
  IP_FLAGS_RB,
  IP_FLAGS_DF,
  IP_FLAGS_MF,
  IP_FRAG_OFFSET,
  IP_TTL,
  IP_PROTO,
  IP_CHECKSUM,
  IP_SRC,
  IP_DST,
  IP_OPTIONS,
  IPV6,
  IPV6_TCLASS,
  IPV6_FLOW,
  IPV6_PLEN,
  IPV6_NXT,
  IPV6_HLIM,
  IPV6_SRC,
  IPV6_DST,
  IPV6_EXTENSION,
  IPV6_FRAG_OFFSET,
  IPV6_FRAG_MORE,
  IPV6_FRAG_ID,
  GRE,
  GRE_PROTO,
  VXLAN,
  VXLAN_VNI,
  ...LAYER_FIELDS,
  TCP,
  TCP_SRCPORT,
  TCP_DSTPORT,
  TCP_SEQ_RAW,
  TCP_ACK_RAW,
  TCP_HDR_LEN,
  TCP_FLAGS,
  TCP_FLAGS_AE,
  TCP_FLAGS_CWR,
  TCP_FLAGS_ECE,
  TCP_FLAGS_URG,
  TCP_FLAGS_ACK,
  TCP_FLAGS_PUSH,
  TCP_FLAGS_RESET,
  TCP_FLAGS_SYN,
  TCP_FLAGS_FIN,
  TCP_WINDOW,
  TCP_CHECKSUM,
  TCP_URGENT,
  TCP_OPTIONS,
  TCP_OPTION_MSS,
  TCP_OPTION_SCALE,
  TCP_OPTION_SACK_PERMITTED,
  TCP_OPTION_SACK,
  TCP_OPTION_TSVAL,
  TCP_OPTION_TSECR,
  TCP_OPTION_OTHER,
  TCP_LEN,
  TCP_PAYLOAD,
]

/** All fields below MQTT. */
export const NET_FIELDS: readonly Field[] = [...SUPPLIED, ...IN_FRAME, ...EITHER.map(({ field }) => field)]
