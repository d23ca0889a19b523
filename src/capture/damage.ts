/** Damage of a capture: its kind, its offset, and the number of bytes that could not be read. */

export const DamageCode = {
  /** No byte came. */
  Empty: 'empty',
  /** The first bytes are of no capture format that is read here. */
  UnknownFormat: 'unknown_format',
  /** A format version whose layout is not known. */
  UnsupportedVersion: 'unsupported_version',
  /** The capture ends inside a header or a record: usual after a crash or a full disk. */
  TruncatedTail: 'truncated_tail',
  /** Bytes passed over on the way to the next plausible record. */
  Skipped: 'skipped',
  /** More bytes without a plausible record than any record may have: the rest is not read. */
  GaveUp: 'gave_up',
  /** A record whose bounds are known and whose content contradicts them: passed over. */
  BadRecord: 'bad_record',
  /** An option list that runs over its block: the options are ignored. */
  BadOption: 'bad_option',
  /** More bytes captured than were on the wire, says the record: kept. */
  LongerThanWire: 'longer_than_wire',
  /** More bytes captured than the snap length allows: kept. */
  OverSnaplen: 'over_snaplen',
  /** A fraction of a second of one second or more: carried into the seconds. */
  BadFraction: 'bad_fraction',
  /** A time resolution that 64 bits cannot count in: read as microseconds. */
  BadResolution: 'bad_resolution',
  /** A frame of an interface that is not described: kept, its link type is unknown. */
  UnknownInterface: 'unknown_interface',
  /** More interfaces than are kept. */
  TooManyInterfaces: 'too_many_interfaces',
  /** A compressed capture that ends before its end is said. */
  TruncatedGzip: 'truncated_gzip',
  /** Compressed data that contradicts itself: nothing after it can be read. */
  BadGzip: 'bad_gzip',
  /** Too many bytes unpacked from too few to be a capture. */
  InflateRatio: 'inflate_ratio',
  /** Damage beyond the limit, counted and not reported one by one. */
  More: 'more',
} as const

export type DamageCode = (typeof DamageCode)[keyof typeof DamageCode]

export interface Damage {
  readonly code: DamageCode
  /** Offset in the capture as the reader received it (after decompression). */
  readonly at: number
  /** Bytes passed over; 0 where the record was kept. */
  readonly size: number
  /** One sentence. */
  readonly message: string
}

/** True if the input is not a capture: it is empty, or its first bytes have an unknown format. */
export const isNoCapture = ({ at, code }: { readonly at: number; readonly code: string }): boolean =>
  at === 0 && (code === DamageCode.Empty || code === DamageCode.UnknownFormat)
