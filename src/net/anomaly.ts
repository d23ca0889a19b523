/** Codes of what TCP did on a connection, handed to `FlowSink.anomaly` with the frame and a byte range. */

export const Anomaly = {
  /** Two copies of the same stream bytes differ; the first one is kept. */
  OverlapConflict: 0,
  /** A RST whose sequence number the receiver would not accept (RFC 9293 §3.10.7.4): ignored. */
  ResetOutOfWindow: 1,
  /** Data came after a RST that the receiver would have accepted: kept. */
  DataAfterReset: 2,
  /** A RST carried data (RFC 1122 §4.2.2.12): kept. */
  ResetWithData: 3,
  /** Data beyond a FIN: ignored. */
  DataAfterFin: 4,
  /** A new SYN after FIN or RST: the ports serve a new connection. */
  PortReuse: 5,
  /** A new SYN while the connection stood: taken for a new connection. */
  SynInConnection: 6,
  /** Data with the URG flag: left in its place. */
  Urgent: 7,
  /** Data further ahead than a window: held back until more of it comes. */
  BeyondWindow: 8,
  /** An acknowledgement of data far beyond what was seen: not believed. */
  AckOfUnseen: 9,
  /** Too many bytes or segments were queued after a gap: the queue was delivered without the missing bytes. */
  QueueLimit: 10,
  /** Data on a SYN (RFC 7413). */
  DataOnSyn: 11,
  /** After a drop-out of the capture the stream went on far ahead. */
  Jump: 12,
  /** The IP length claims more than was on the wire. */
  LengthBeyondFrame: 13,
  /** An IPv6 extension header that may stand only once stands twice. */
  ExtensionTwice: 14,
  /** A TCP option with a length that cannot be. */
  BadTcpOptions: 15,
  /** IP fragments overlapped with different bytes; the first copy was taken. */
  FragmentConflict: 16,
  /** The other side acknowledges bytes of a side of which no segment was captured. */
  OneDirection: 17,
  /** The same segments under other addresses: both sides of a translation were captured. */
  SameStream: 18,
} as const

/** A code of the table above. */
export type AnomalyCode = (typeof Anomaly)[keyof typeof Anomaly]

/** Names for exports and filters, by code. */
export const ANOMALY_NAMES: readonly string[] = [
  'overlap_conflict',
  'suspected_rst_inject',
  'data_after_rst',
  'rst_with_data',
  'data_after_fin',
  'port_reuse',
  'syn_in_connection',
  'urgent_data',
  'beyond_window',
  'ack_of_unseen_data',
  'queue_limit',
  'data_on_syn',
  'jump',
  'length_beyond_frame',
  'extension_twice',
  'bad_tcp_options',
  'fragment_conflict',
  'one_direction',
  'same_stream',
]
