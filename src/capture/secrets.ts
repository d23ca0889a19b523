/** Decryption Secrets Block of pcapng (§4.7): the keys that open what the frames hold. */
import { u32in } from '../base/bytes.ts'

/** Type of the block. */
export const SECRETS = 10
/** Type of secrets: the key log of TLS, `TLSK`. */
export const TLS_KEY_LOG = 0x544c534b
/** Type, length, type of the secrets, their length. */
const HEAD = 16
const TRAILER = 4

/** Returns the text of the key log in a block that begins at `at` and ends before `next`; undefined if it holds none. */
export function readSecrets(bytes: Uint8Array, at: number, next: number, little: boolean): Uint8Array | undefined {
  if (next - at < HEAD + TRAILER || u32in(bytes, at + 8, little) !== TLS_KEY_LOG) return undefined
  const size = u32in(bytes, at + 12, little)
  return HEAD + size + TRAILER > next - at ? undefined : bytes.subarray(at + HEAD, at + HEAD + size)
}
