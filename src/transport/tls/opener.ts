/** Opens the records of one direction under one key, one at a time, and says what is in them. */
import { u8, u32 } from '../../base/bytes.ts'
import type { PreparedKey, SealingCipher, TlsCrypto } from './crypto.ts'
import { NONCE_SIZE, type RecordKeys, TLS_10, TLS_13 } from './schedule.ts'
import { MAC_SIZES, type Suite } from './suites.ts'

/** Bytes of a record's header: type, version, length (RFC 8446 §5.1). */
export const HEADER_SIZE = 5
/** Most bytes of a record behind its header (RFC 5246 §6.2.3); TLS 1.3 allows fewer. */
export const MOST_RECORD = 0x4000 + 2048

/** What a record held. One object is reused. */
export class Plaintext {
  /** Content type (RFC 8446 §B.1). */
  type = 0
  bytes: Uint8Array = new Uint8Array(0)
  start = 0
  end = 0
}

/** One key. Nothing here remembers which record comes next: the caller numbers them. */
export interface Opener {
  /** Opens the record with this number. False if it does not open: another key, another number, or damage. */
  open(record: Uint8Array, sequence: number, into: Plaintext): boolean
  /** Opens the beginning of a record of which `missing` bytes are not there: unverified. False where that cannot be. */
  openCut(record: Uint8Array, missing: number, sequence: number, into: Plaintext): boolean
  /** Number of a record by what stands in it, where the one with number `sequence` was opened last; -1 where nothing tells. */
  numberOf(record: Uint8Array): number
  /** A record goes by, opened or not; what stands in it may be needed for the next one. */
  pass(record: Uint8Array, isWhole: boolean): void
}

/** What is the same for all kinds of openers. */
export interface OpenerParts {
  readonly crypto: TlsCrypto
  readonly suite: Suite
  readonly version: number
  readonly keys: RecordKeys
  /** True if blocks are encrypted first and signed then (RFC 7366). */
  readonly encryptThenMac: boolean
}

/** Makes the opener of a suite; undefined if nobody here can open its records. */
export function openerOf(parts: OpenerParts): Opener | undefined {
  const { suite, crypto } = parts
  if (suite.mode === 'unknown') return undefined
  if (suite.mode !== 'none' && !crypto.has(suite.cipher)) return undefined
  if (suite.mode === 'aead') return new SealedRecords(parts)
  return suite.mode === 'cbc' ? new BlockRecords(parts) : new SignedRecords(parts)
}

/** Writes a record's number as 8 bytes. */
function writeNumber(bytes: Uint8Array, at: number, sequence: number): void {
  const high = Math.floor(sequence / 2 ** 32)
  for (let index = 0; index < 4; index++) {
    bytes[at + index] = (high >>> (24 - 8 * index)) & 255
    bytes[at + 4 + index] = (sequence >>> (24 - 8 * index)) & 255
  }
}

/** What is signed in front of the data: number, type, version, and the size of the data (RFC 5246 §6.2.3). */
function writeSigned(bytes: Uint8Array, record: Uint8Array, sequence: number, size: number): void {
  writeNumber(bytes, 0, sequence)
  bytes.set(record.subarray(0, 3), 8)
  bytes[11] = size >> 8
  bytes[12] = size & 255
}

const EXPLICIT_SIZE = 8

/** AEAD ciphers, of TLS 1.3 (RFC 8446 §5.2) and TLS 1.2 (RFC 5246 §6.2.3.3). */
class SealedRecords implements Opener {
  private readonly crypto: TlsCrypto
  private readonly cipher: SealingCipher
  private readonly key: PreparedKey
  private readonly iv: Uint8Array
  private readonly isThirteen: boolean
  /** Bytes of the nonce in each record. */
  private readonly explicit: number
  private readonly nonce = new Uint8Array(NONCE_SIZE)
  private readonly signed = new Uint8Array(13)
  /** Number and explicit nonce of the record opened last; -1 for none. */
  private lastNumber = -1
  private lastHigh = 0
  private lastLow = 0

  constructor({ crypto, suite, version, keys }: OpenerParts) {
    this.crypto = crypto
    this.cipher = { name: suite.cipher, tagSize: suite.tagSize }
    this.key = crypto.prepare(keys.key)
    this.iv = keys.iv
    this.isThirteen = version >= TLS_13
    this.explicit = suite.isNonceExplicit && !this.isThirteen ? EXPLICIT_SIZE : 0
  }

  open(record: Uint8Array, sequence: number, into: Plaintext): boolean {
    const size = record.length - HEADER_SIZE - this.explicit - this.cipher.tagSize
    if (size < 0) return false
    this.writeNonce(record, sequence)
    const sealed = record.subarray(HEADER_SIZE + this.explicit)
    const text = this.crypto.open(this.cipher, this.key, this.nonce, this.associated(record, sequence, size), sealed)
    if (text === undefined) return false
    this.note(record, sequence)
    return this.take(record, text, into)
  }

  openCut(record: Uint8Array, missing: number, sequence: number, into: Plaintext): boolean {
    const from = HEADER_SIZE + this.explicit
    if (record.length <= from) return false
    // Of the tag, which ends the record, some may be there.
    const stop = Math.min(record.length, record.length + missing - this.cipher.tagSize - (this.isThirteen ? 1 : 0))
    if (stop <= from) return false
    this.writeNonce(record, sequence)
    const text = this.crypto.openCut(this.cipher, this.key, this.nonce, record.subarray(from, stop))
    if (text === undefined) return false
    this.note(record, sequence)
    into.type = u8(record, 0)
    into.bytes = text
    into.start = 0
    into.end = text.length
    return true
  }

  /** OpenSSL and others count the explicit nonce on from record to record. */
  numberOf(record: Uint8Array): number {
    if (this.explicit === 0 || this.lastNumber < 0 || record.length < HEADER_SIZE + EXPLICIT_SIZE) return -1
    const high = u32(record, HEADER_SIZE) - this.lastHigh
    return this.lastNumber + high * 2 ** 32 + (u32(record, HEADER_SIZE + 4) - this.lastLow)
  }

  pass(): void {}

  private note(record: Uint8Array, sequence: number): void {
    if (this.explicit === 0) return
    this.lastNumber = sequence
    this.lastHigh = u32(record, HEADER_SIZE)
    this.lastLow = u32(record, HEADER_SIZE + 4)
  }

  private writeNonce(record: Uint8Array, sequence: number): void {
    const { nonce, iv } = this
    if (this.explicit > 0) {
      nonce.set(iv)
      nonce.set(record.subarray(HEADER_SIZE, HEADER_SIZE + EXPLICIT_SIZE), iv.length)
      return
    }
    nonce.fill(0)
    writeNumber(nonce, NONCE_SIZE - 8, sequence)
    for (let at = 0; at < NONCE_SIZE; at++) nonce[at] = u8(nonce, at) ^ u8(iv, at)
  }

  private associated(record: Uint8Array, sequence: number, size: number): Uint8Array {
    if (this.isThirteen) return record.subarray(0, HEADER_SIZE)
    writeSigned(this.signed, record, sequence, size)
    return this.signed
  }

  /** In TLS 1.3 the content type stands behind the data, and zeros behind it (RFC 8446 §5.2, §5.4). */
  private take(record: Uint8Array, text: Uint8Array, into: Plaintext): boolean {
    let end = text.length
    if (this.isThirteen) {
      while (end > 0 && u8(text, end - 1) === 0) end--
      if (end === 0) return false
      end--
    }
    into.type = this.isThirteen ? u8(text, end) : u8(record, 0)
    into.bytes = text
    into.start = 0
    into.end = end
    return true
  }
}

const NONE = new Uint8Array(0)

/** CBC: signed and then encrypted (RFC 5246 §6.2.3.2), or the other way round (RFC 7366 §3). */
class BlockRecords implements Opener {
  private readonly parts: OpenerParts
  private readonly key: PreparedKey
  private readonly macSize: number
  private readonly signed = new Uint8Array(13)
  /** TLS 1.0: the last block of the record before (RFC 2246 §6.2.3.2). Empty: that record is not in the capture. */
  private chained: Uint8Array = NONE

  constructor(parts: OpenerParts) {
    this.parts = parts
    this.key = parts.crypto.prepare(parts.keys.key)
    this.macSize = MAC_SIZES[parts.suite.mac]
    if (parts.version <= TLS_10) this.chained = parts.keys.iv
  }

  open(record: Uint8Array, sequence: number, into: Plaintext): boolean {
    const { encryptThenMac } = this.parts
    const end = record.length - (encryptThenMac ? this.macSize : 0)
    const text = this.decrypt(record, end)
    if (text === undefined) return false
    const padded = text.length - 1 - u8(text, text.length - 1)
    const size = padded - (encryptThenMac ? 0 : this.macSize)
    if (size < 0) return false
    const data = text.subarray(0, size)
    const isRight = encryptThenMac
      ? this.isSigned(record, sequence, record.subarray(HEADER_SIZE, end), record.subarray(end))
      : this.isSigned(record, sequence, data, text.subarray(size, padded))
    if (!isRight) return false
    into.type = u8(record, 0)
    into.bytes = text
    into.start = 0
    into.end = size
    return true
  }

  /** Whole blocks that cannot hold the signature or what the data is padded with are data for sure. */
  openCut(record: Uint8Array, missing: number, _sequence: number, into: Plaintext): boolean {
    const { blockSize } = this.parts.suite
    const tail = this.macSize + 256
    const sure = Math.min(record.length, record.length + missing - tail)
    const from = HEADER_SIZE + (this.hasExplicitIv ? blockSize : 0)
    const end = sure - ((sure - from) % blockSize)
    if (end <= from) return false
    const text = this.decrypt(record, end)
    if (text === undefined) return false
    into.type = u8(record, 0)
    into.bytes = text
    into.start = 0
    into.end = text.length
    return true
  }

  numberOf(): number {
    return -1
  }

  pass(record: Uint8Array, isWhole: boolean): void {
    if (this.hasExplicitIv) return
    const { blockSize } = this.parts.suite
    const end = record.length - (this.parts.encryptThenMac ? this.macSize : 0)
    this.chained = isWhole && end - HEADER_SIZE >= blockSize ? record.slice(end - blockSize, end) : NONE
  }

  private get hasExplicitIv(): boolean {
    return this.parts.version > TLS_10
  }

  private decrypt(record: Uint8Array, end: number): Uint8Array | undefined {
    const { crypto, suite } = this.parts
    const { blockSize } = suite
    const from = HEADER_SIZE + (this.hasExplicitIv ? blockSize : 0)
    const iv = this.hasExplicitIv ? record.subarray(HEADER_SIZE, from) : this.chained
    if (end <= from || (end - from) % blockSize !== 0 || iv.length !== blockSize) return undefined
    return crypto.openBlocks(suite.cipher, this.key, iv, record.subarray(from, end))
  }

  private isSigned(record: Uint8Array, sequence: number, data: Uint8Array, mac: Uint8Array): boolean {
    writeSigned(this.signed, record, sequence, data.length)
    const { crypto, suite, keys } = this.parts
    return isEqual(crypto.hmac(suite.mac, keys.mac, this.signed, data), mac)
  }
}

/** Suites without a cipher: the data is in the clear and signed. */
class SignedRecords implements Opener {
  private readonly parts: OpenerParts
  private readonly signed = new Uint8Array(13)

  constructor(parts: OpenerParts) {
    this.parts = parts
  }

  open(record: Uint8Array, sequence: number, into: Plaintext): boolean {
    const { crypto, suite, keys } = this.parts
    const end = record.length - MAC_SIZES[suite.mac]
    if (end < HEADER_SIZE) return false
    const data = record.subarray(HEADER_SIZE, end)
    writeSigned(this.signed, record, sequence, data.length)
    if (!isEqual(crypto.hmac(suite.mac, keys.mac, this.signed, data), record.subarray(end))) return false
    this.take(record, end, into)
    return true
  }

  openCut(record: Uint8Array, missing: number, _sequence: number, into: Plaintext): boolean {
    const end = Math.min(record.length, record.length + missing - MAC_SIZES[this.parts.suite.mac])
    if (end <= HEADER_SIZE) return false
    this.take(record, end, into)
    return true
  }

  numberOf(): number {
    return -1
  }

  pass(): void {}

  private take(record: Uint8Array, end: number, into: Plaintext): void {
    into.type = u8(record, 0)
    into.bytes = record
    into.start = HEADER_SIZE
    into.end = end
  }
}

function isEqual(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, at) => byte === b[at])
}
