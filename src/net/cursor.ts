/** The cursor that reads the headers of a frame, layer by layer, and the reasons why it stops. */
import { Frame } from '../base/line.ts'

/**
 * Reasons why a frame yields no segment. Negative, so that a reader returns either a protocol number or one of these.
 */
export const Skip = {
  UnknownLink: -1,
  LinkCut: -2,
  NotIp: -3,
  TooManyTags: -4,
  IpCut: -5,
  BadIp: -6,
  TooManyExtensions: -7,
  Encrypted: -8,
  FragmentWaiting: -9,
  FragmentCut: -10,
  FragmentBad: -11,
  BadTunnel: -12,
  TooManyLayers: -13,
  NotTcp: -14,
  TcpCut: -15,
  BadTcp: -16,
  UnknownType: -17,
  BadLink: -18,
  EncryptedWifi: -19,
  WifiFragment: -20,
  EncryptedLink: -21,
  PackedPpp: -22,
} as const

/** The reasons in words, by `-code`. */
export const SKIP_REASONS: readonly string[] = [
  '',
  'unknown link type',
  'link header cut off',
  'not IP',
  'too many VLAN tags',
  'IP header cut off',
  'bad IP header',
  'too many IPv6 extension headers',
  'encrypted (ESP)',
  'fragment waits for the others',
  'fragment cut by the snap length',
  'bad fragment',
  'bad tunnel header',
  'too many layers of tunnels',
  'not TCP',
  'TCP header cut off',
  'bad TCP header',
  'unknown EtherType',
  'bad link header',
  'encrypted 802.11',
  'fragment of 802.11',
  'encrypted (MACsec)',
  'compressed or encrypted PPP',
]

/** Anomalies of a frame whose segment is used all the same: bits of `Cursor.anomalies`. */
export const SegmentAnomaly = {
  /** The IP length claims more than was on the wire. */
  LengthBeyondFrame: 1,
  /** An IPv6 extension header that may stand only once stands twice (RFC 8200 §4.1). */
  ExtensionTwice: 2,
  /** An option of the TCP header with a length that cannot be. */
  BadTcpOptions: 4,
  /** Fragments of the datagram overlapped with different bytes; the first copy was taken. */
  FragmentConflict: 8,
} as const

export class Cursor {
  frame: Frame = new Frame()
  /** The frame's bytes, or those of a datagram put together from fragments. */
  bytes: Uint8Array = this.frame.bytes
  /** Offset of the next header in `bytes`. */
  at = 0
  /** End of the captured bytes of this layer. */
  end = 0
  /** End of this layer on the wire: beyond `end` where the snap length cut. */
  wireEnd = 0
  anomalies = 0
  /** The link type or EtherType that has no reader here; set with `Skip.UnknownLink` or `Skip.UnknownType`. */
  unknown = 0
  /** True if `bytes` are a datagram reassembled from fragments: the capture does not hold them in one piece. */
  isReassembled = false

  /** Moves the cursor to the first byte of `frame`. */
  begin(frame: Frame): void {
    this.frame = frame
    this.bytes = frame.bytes
    this.at = frame.start
    this.end = frame.end
    this.wireEnd = frame.start + frame.wireSize
    if (this.wireEnd < frame.end) this.wireEnd = frame.end
    this.anomalies = 0
    this.isReassembled = false
  }
}
