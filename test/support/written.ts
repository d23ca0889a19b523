/** Decodes a payload and returns what `JsonWriter` makes of it, or the fault. */
import { fromHex, hex } from '../../src/base/bytes.ts'
import type { PayloadDecoder } from '../../src/payload/decoder.ts'
import { JsonWriter } from '../../src/payload/write.ts'
import { announced } from './values.ts'

/** The JSON, or the fault as `message at offset`. The same bytes are decoded between others, too. */
export function written(decoder: PayloadDecoder, payload: Uint8Array): string {
  const around = fromHex(`ff${hex(payload)}80ff`)
  const inner = new JsonWriter(around)
  decoder.decode(around, 1, 1 + payload.length, inner)
  const writer = new JsonWriter(payload)
  const isGood = decoder.decode(payload, 0, payload.length, writer)
  if (isGood !== (writer.error === undefined)) throw new Error(`${isGood}, and the error is ${writer.error?.message}`)
  const told = writer.error === undefined ? writer.json() : `${writer.error.message} at ${writer.error.at}`
  const within = inner.error === undefined ? inner.json() : `${inner.error.message} at ${inner.error.at - 1}`
  if (within !== told) throw new Error(`alone ${told}, between other bytes ${within}`)
  announced(decoder, hex(payload))
  return told
}

/** A payload without its last bytes is a fault, and nothing is thrown. Returns the prefixes that are whole by themselves. */
export const wholePrefixes = (decoder: PayloadDecoder, payload: Uint8Array): readonly number[] =>
  Array.from({ length: payload.length }, (_, size) => size).filter(size => {
    const part = payload.slice(0, size)
    return decoder.decode(part, 0, size, new JsonWriter(part))
  })
