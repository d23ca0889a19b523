/**
 * The functions that TLS needs from a library of ciphers. They are handed in from above, so that this room bundles
 * without one; `node-crypto.ts` is the one that programs use.
 */
import type { CertificateFacts } from '../facts.ts'

export type HashName = 'md5' | 'sha1' | 'sha256' | 'sha384'

/** A key that the library has made ready; nobody else looks into it. */
export type PreparedKey = object

/** A cipher that seals and signs at once, as the library spells it, and the size of its tag in bytes. */
export interface SealingCipher {
  readonly name: string
  readonly tagSize: number
}

export interface TlsCrypto {
  /** True if a cipher of this name can be used. */
  has(cipher: string): boolean
  hmac(hash: HashName, key: Uint8Array, ...parts: readonly Uint8Array[]): Uint8Array
  hash(hash: HashName, bytes: Uint8Array): Uint8Array
  prepare(key: Uint8Array): PreparedKey
  /** Opens `sealed`, which ends with the tag. Undefined if the tag does not fit. */
  open(
    cipher: SealingCipher,
    key: PreparedKey,
    nonce: Uint8Array,
    associated: Uint8Array,
    sealed: Uint8Array,
  ): Uint8Array | undefined
  /** Opens the beginning of sealed bytes whose tag is missing: nothing vouches for what comes out. Undefined if it cannot. */
  openCut(cipher: SealingCipher, key: PreparedKey, nonce: Uint8Array, sealed: Uint8Array): Uint8Array | undefined
  /** Opens whole blocks in CBC mode; what they are padded with is still there. Undefined if the sizes do not fit. */
  openBlocks(cipher: string, key: PreparedKey, iv: Uint8Array, blocks: Uint8Array): Uint8Array | undefined
  /** Reads an X.509 certificate; undefined if it is none. */
  certificate(der: Uint8Array): CertificateFacts | undefined
}
