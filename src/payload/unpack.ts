/** Payloads that are packed: what is done before they are decoded, in order. */
import { byWord } from '../base/by-word.ts'
import { textOf } from './wire.ts'

export const PACKINGS = ['gzip', 'zlib', 'deflate', 'zstd', 'base64'] as const
export type Packing = (typeof PACKINGS)[number]

/** Most packings around each other. */
export const MOST_PACKINGS = 3
/** Most bytes that are unpacked of a payload: how well it was packed does not matter. */
export const MOST_UNPACKED = 16 * 1024 * 1024

/** Unpacks `bytes`; undefined if they are broken, or more than `most` bytes come of them. Given by who runs on Node or in a browser. */
export type Unpack = (packing: Exclude<Packing, 'base64'>, bytes: Uint8Array, most: number) => Uint8Array | undefined

/** The bytes that came of the packings, or the packing that could not be undone. */
export type Unpacked = { readonly bytes: Uint8Array } | { readonly fault: string }

const NAMES: Readonly<Record<Packing, string>> = byWord({
  gzip: 'gzip',
  zlib: 'zlib',
  deflate: 'DEFLATE',
  zstd: 'Zstandard',
  base64: 'base64',
}) as Readonly<Record<Packing, string>>

/** Undoes the packings, the outermost first. */
export function unpacked(packings: readonly Packing[], bytes: Uint8Array, unpack: Unpack): Unpacked {
  let inner = bytes
  for (const packing of packings) {
    const next = packing === 'base64' ? fromBase64(inner) : unpack(packing, inner, MOST_UNPACKED)
    if (next === undefined) return { fault: `it is not ${NAMES[packing]}, or more than ${MOST_UNPACKED >> 20} MiB` }
    inner = next
  }
  return { bytes: inner }
}

/** Both alphabets of RFC 4648 (§4, §5); blanks and line breaks are stepped over, and padding may be missing. */
const BASE64 = /^[A-Za-z0-9+/_-]*={0,2}$/

function fromBase64(bytes: Uint8Array): Uint8Array | undefined {
  const text = textOf(bytes, 0, bytes.length)?.replace(/[ \t\r\n]/g, '')
  if (text === undefined || !BASE64.test(text)) return undefined
  const digits = text.replaceAll('=', '').replaceAll('-', '+').replaceAll('_', '/')
  if (digits.length % 4 === 1) return undefined
  return Uint8Array.from(atob(digits), character => character.charCodeAt(0))
}
