/** What a cipher suite means for the reader of records: its cipher, the sizes of its parts, and its hashes. */
import type { HashName } from './crypto.ts'
import { SUITE_NAMES } from './suite-names.ts'

/** How records are sealed. `none`: they are signed and in the clear; `unknown`: nobody here can open them. */
export type Mode = 'aead' | 'cbc' | 'none' | 'unknown'

export interface Suite {
  readonly name: string
  readonly mode: Mode
  /** As the library of ciphers spells it; '' where there is none. */
  readonly cipher: string
  /** Sizes in bytes: of the key, of the tag of an AEAD cipher, and of a block. */
  readonly keySize: number
  readonly tagSize: number
  readonly blockSize: number
  /** True if a record of TLS 1.2 begins with 8 bytes of its nonce (RFC 5288 §3, RFC 6655 §3); not with ChaCha20 (RFC 7905 §2). */
  readonly isNonceExplicit: boolean
  /** The hash of the key schedule, and the one that signs records where the cipher does not. */
  readonly hash: HashName
  readonly mac: HashName
}

/** Bytes of a MAC. */
export const MAC_SIZES: Readonly<Record<HashName, number>> = { md5: 16, sha1: 20, sha256: 32, sha384: 48 }

const KNOWN = new Map<number, Suite>()

/** Returns what is known of a suite; of one without a name, that it is unknown. */
export function suiteOf(number: number): Suite {
  const known = KNOWN.get(number)
  if (known !== undefined) return known
  const name = SUITE_NAMES.get(number)
  if (name === undefined) return { ...UNKNOWN, name: `0x${number.toString(16).padStart(4, '0')}` }
  const suite = read(name)
  KNOWN.set(number, suite)
  return suite
}

const UNKNOWN: Suite = {
  name: '',
  mode: 'unknown',
  cipher: '',
  keySize: 0,
  tagSize: 0,
  blockSize: 0,
  isNonceExplicit: false,
  hash: 'sha256',
  mac: 'sha1',
}

/** The suites of TLS 1.3 that can be opened, by the size of their hash. */
const SUITES_13: readonly Suite[] = [0x1301, 0x1302, 0x1303, 0x1304, 0x1305].map(suiteOf)

/** Returns the suites of TLS 1.3 whose secrets have this many bytes. */
export const suitesOfSize = (size: number): readonly Suite[] => SUITES_13.filter(({ hash }) => MAC_SIZES[hash] === size)

/** Reads a name as the registry builds it: cipher, size of its key, mode, and a hash. */
function read(name: string): Suite {
  const cipher = name.replace(/^TLS_(.*_WITH_)?/, '')
  const hash: HashName = cipher.endsWith('SHA384') ? 'sha384' : 'sha256'
  const base = { ...UNKNOWN, name, hash, mac: macOf(cipher) }
  const sealing = /^(AES|ARIA)_(\d+)_(GCM|CCM)(_8)?/.exec(cipher)
  if (sealing !== null) return { ...base, ...sealed(sealing) }
  if (cipher.startsWith('CHACHA20'))
    return { ...base, mode: 'aead', cipher: 'chacha20-poly1305', keySize: 32, tagSize: 16 }
  const blocks = /^(AES|ARIA|CAMELLIA)_(\d+)_CBC/.exec(cipher)
  if (blocks !== null) {
    const bits = Number(blocks[2])
    return { ...base, mode: 'cbc', cipher: `${lower(blocks[1])}-${bits}-cbc`, keySize: bits / 8, blockSize: 16 }
  }
  if (cipher.startsWith('3DES')) return { ...base, mode: 'cbc', cipher: 'des-ede3-cbc', keySize: 24, blockSize: 8 }
  return cipher.startsWith('NULL') ? { ...base, mode: 'none' } : base
}

function sealed([, family, bits, mode, short]: RegExpExecArray): Partial<Suite> {
  const cipher = `${lower(family)}-${bits}-${lower(mode)}`
  return {
    mode: 'aead',
    cipher,
    keySize: Number(bits) / 8,
    tagSize: short === undefined ? 16 : 8,
    isNonceExplicit: true,
  }
}

function lower(text = ''): string {
  return text.toLowerCase()
}

function macOf(cipher: string): HashName {
  if (cipher.endsWith('SHA384')) return 'sha384'
  if (cipher.endsWith('SHA256')) return 'sha256'
  return cipher.endsWith('MD5') ? 'md5' : 'sha1'
}
