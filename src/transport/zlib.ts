/** Inflates with Node's zlib: the one file of this room that knows it, handed to the line by programs that run on Node. */
import { constants, inflateRawSync } from 'node:zlib'
import type { Inflated } from './inflate.ts'

/** Inflates raw DEFLATE data up to its end or the end of a closed stream; undefined for broken data and beyond `most` bytes. */
export function inflateRaw(input: Uint8Array, dictionary: Uint8Array, most: number): Inflated | undefined {
  const options = { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: most, info: true as const }
  const withDictionary = dictionary.length === 0 ? options : { ...options, dictionary }
  try {
    const { buffer, engine } = inflateRawSync(input, withDictionary) as unknown as Informed
    // A plain array: `slice` of a Buffer is a view that keeps all of it.
    const output = new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.length)
    return { output, consumed: engine.bytesWritten }
  } catch {
    return undefined
  }
}

/** What `info: true` returns; the types of Node do not know it. */
interface Informed {
  readonly buffer: Uint8Array<ArrayBuffer>
  readonly engine: { readonly bytesWritten: number }
}
