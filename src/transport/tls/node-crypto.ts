/** The ciphers of Node: the one file of this room that knows them, handed to the line by programs that run on Node. */
import {
  type CipherCCMTypes,
  type CipherGCMTypes,
  createDecipheriv,
  createHash,
  createHmac,
  createSecretKey,
  getCiphers,
  type KeyObject,
  X509Certificate,
} from 'node:crypto'
import type { CertificateFacts } from '../facts.ts'
import type { HashName, SealingCipher, TlsCrypto } from './crypto.ts'

const ciphers: ReadonlySet<string> = new Set(getCiphers())

/** `DNS:broker.example` and `IP Address:192.0.2.1` without what they are: both are told apart by their form. */
const plainName = (name: string): readonly string[] => (name === '' ? [] : [name.replace(/^(?:DNS|IP Address):/, '')])

/** Node writes a name a line. */
const oneLine = (name: string): string => name.split('\n').join(', ')

const isCcm = (cipher: SealingCipher): boolean => cipher.name.endsWith('-ccm')

/** All of these return undefined where Node throws: bytes of a capture are no fault of the program. */
export const nodeCrypto: TlsCrypto = {
  has: cipher => ciphers.has(cipher),

  hmac(hash: HashName, key: Uint8Array, ...parts: readonly Uint8Array[]): Uint8Array {
    const hmac = createHmac(hash, key)
    for (const part of parts) hmac.update(part)
    return hmac.digest()
  },

  hash: (hash, bytes) => createHash(hash).update(bytes).digest(),

  prepare: key => createSecretKey(key),

  open(cipher, key, nonce, associated, sealed) {
    const size = sealed.length - cipher.tagSize
    if (size < 0) return undefined
    try {
      // One type of Node's for both modes: their options are the same.
      const decipher = createDecipheriv(cipher.name as CipherCCMTypes, key as KeyObject, nonce, {
        authTagLength: cipher.tagSize,
      })
      decipher.setAuthTag(sealed.subarray(size))
      decipher.setAAD(associated, { plaintextLength: size })
      const text = decipher.update(sealed.subarray(0, size))
      decipher.final()
      return text
    } catch {
      return undefined
    }
  },

  openCut(cipher, key, nonce, sealed) {
    try {
      // CCM checks the tag before it gives anything, so its counter mode is used: from block 1 on (RFC 3610 §2.3).
      if (isCcm(cipher)) {
        const counter = Uint8Array.of(2, ...nonce, 0, 0, 1)
        const name = cipher.name.replace('-ccm', '-ctr')
        return createDecipheriv(name, key as KeyObject, counter).update(sealed)
      }
      const options = { authTagLength: cipher.tagSize }
      return createDecipheriv(cipher.name as CipherGCMTypes, key as KeyObject, nonce, options).update(sealed)
    } catch {
      return undefined
    }
  },

  openBlocks(cipher, key, iv, blocks) {
    try {
      return createDecipheriv(cipher, key as KeyObject, iv)
        .setAutoPadding(false)
        .update(blocks)
    } catch {
      return undefined
    }
  },

  certificate(der): CertificateFacts | undefined {
    try {
      const { subject, issuer, subjectAltName, validFrom, validTo } = new X509Certificate(der)
      return {
        subject: oneLine(subject),
        issuer: oneLine(issuer),
        names: (subjectAltName ?? '').split(', ').flatMap(plainName),
        validFrom: Date.parse(validFrom) / 1000,
        validTo: Date.parse(validTo) / 1000,
      }
    } catch {
      return undefined
    }
  },
}
