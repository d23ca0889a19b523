/** The key schedules: from a secret to the keys of one direction. RFC 8446 §7 for TLS 1.3, RFC 5246 §5 and §6.3 before. */
import { concatBytes } from '../../base/bytes.ts'
import type { HashName, TlsCrypto } from './crypto.ts'
import { MAC_SIZES, type Suite } from './suites.ts'

/** TLS versions as they stand on the wire. */
export const TLS_10 = 0x0301
export const TLS_12 = 0x0303
export const TLS_13 = 0x0304

/** What opens the records of one direction. `iv` is of the cipher's nonce or of CBC; `mac` is empty where the cipher signs. */
export interface RecordKeys {
  readonly key: Uint8Array
  readonly iv: Uint8Array
  readonly mac: Uint8Array
}

const NONE = new Uint8Array(0)
/** Bytes of the nonce of each AEAD cipher. */
export const NONCE_SIZE = 12
/** Bytes of the nonce that are kept secret where the others stand in the record (RFC 5288 §3). */
const FIXED_SIZE = 4

/** Returns the bytes of a latin-1 string. */
export const bytesOf = (text: string): Uint8Array => Uint8Array.from(text, character => character.charCodeAt(0))

/** HKDF-Expand-Label with an empty context (RFC 8446 §7.1), for at most as many bytes as the hash has. */
export function expandLabel(
  crypto: TlsCrypto,
  hash: HashName,
  secret: Uint8Array,
  label: string,
  size: number,
): Uint8Array {
  const name = bytesOf(`tls13 ${label}`)
  const info = Uint8Array.of(size >> 8, size & 255, name.length, ...name, 0, 1)
  return crypto.hmac(hash, secret, info).subarray(0, size)
}

/** Returns the keys of a traffic secret (RFC 8446 §7.3). */
export const trafficKeys = (crypto: TlsCrypto, suite: Suite, secret: Uint8Array): RecordKeys => ({
  key: expandLabel(crypto, suite.hash, secret, 'key', suite.keySize),
  iv: expandLabel(crypto, suite.hash, secret, 'iv', NONCE_SIZE),
  mac: NONE,
})

/** Returns the secret behind a KeyUpdate (RFC 8446 §7.2). */
export const nextSecret = (crypto: TlsCrypto, suite: Suite, secret: Uint8Array): Uint8Array =>
  expandLabel(crypto, suite.hash, secret, 'traffic upd', MAC_SIZES[suite.hash])

/** P_hash (RFC 5246 §5). */
function expand(crypto: TlsCrypto, hash: HashName, secret: Uint8Array, seed: Uint8Array, size: number): Uint8Array {
  const out = new Uint8Array(size)
  let a = seed
  for (let at = 0; at < size; ) {
    a = crypto.hmac(hash, secret, a)
    const block = crypto.hmac(hash, secret, a, seed).subarray(0, size - at)
    out.set(block, at)
    at += block.length
  }
  return out
}

/** The pseudorandom function: of TLS 1.2 by the hash of the suite, before by MD5 and SHA-1 together (RFC 2246 §5). */
export function pseudoRandom(
  crypto: TlsCrypto,
  version: number,
  hash: HashName,
  secret: Uint8Array,
  label: string,
  seed: Uint8Array,
  size: number,
): Uint8Array {
  const all = concatBytes(bytesOf(label), seed)
  if (version >= TLS_12) return expand(crypto, hash, secret, all, size)
  // Both halves share a byte where the size is odd.
  const half = Math.ceil(secret.length / 2)
  const md5 = expand(crypto, 'md5', secret.subarray(0, half), all, size)
  const sha1 = expand(crypto, 'sha1', secret.subarray(secret.length - half), all, size)
  return md5.map((byte, at) => byte ^ (sha1[at] ?? 0))
}

/** Both randoms of a handshake of TLS 1.2 or before. */
export interface Randoms {
  readonly client: Uint8Array
  readonly server: Uint8Array
}

/** Returns the master secret of a premaster secret (RFC 5246 §8.1); not for sessions with the extended one (RFC 7627). */
export const masterSecret = (
  crypto: TlsCrypto,
  version: number,
  suite: Suite,
  premaster: Uint8Array,
  randoms: Randoms,
): Uint8Array => {
  const seed = concatBytes(randoms.client, randoms.server)
  return pseudoRandom(crypto, version, suite.hash, premaster, 'master secret', seed, 48)
}

/** Returns the keys of one direction out of the key block (RFC 5246 §6.3). */
export function blockKeys(
  crypto: TlsCrypto,
  version: number,
  suite: Suite,
  master: Uint8Array,
  randoms: Randoms,
  isClient: boolean,
): RecordKeys {
  const macSize = suite.mode === 'aead' ? 0 : MAC_SIZES[suite.mac]
  const ivSize = ivSizeOf(suite)
  const seed = concatBytes(randoms.server, randoms.client)
  const size = 2 * (macSize + suite.keySize + ivSize)
  const block = pseudoRandom(crypto, version, suite.hash, master, 'key expansion', seed, size)
  const side = isClient ? 0 : 1
  const part = (from: number, length: number): Uint8Array =>
    block.slice(from + side * length, from + (side + 1) * length)
  return {
    mac: part(0, macSize),
    key: part(2 * macSize, suite.keySize),
    iv: part(2 * (macSize + suite.keySize), ivSize),
  }
}

/** Bytes of the IV in the key block: those of the nonce that the records do not hold; of CBC, of the first IV of TLS 1.0. */
function ivSizeOf(suite: Suite): number {
  if (suite.mode === 'aead') return suite.isNonceExplicit ? FIXED_SIZE : NONCE_SIZE
  return suite.blockSize
}
