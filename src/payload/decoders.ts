/** The decoders by name: one table for rules, help and completion. */
import { byWord } from '../base/by-word.ts'
import { CBOR_DECODER } from './cbor.ts'
import { CSV_DECODER } from './csv.ts'
import type { PayloadDecoder } from './decoder.ts'
import { INFLUX_DECODER } from './influx.ts'
import { JSON_DECODER } from './json.ts'
import { MSGPACK_DECODER } from './msgpack.ts'
import { SparkplugDecoder } from './sparkplug.ts'
import { BASE64_DECODER, HEX_DECODER, TEXT_DECODER } from './text.ts'

export const SPARKPLUG_DECODER = new SparkplugDecoder()

const ALL: readonly PayloadDecoder[] = [
  JSON_DECODER,
  CBOR_DECODER,
  MSGPACK_DECODER,
  SPARKPLUG_DECODER,
  INFLUX_DECODER,
  CSV_DECODER,
  TEXT_DECODER,
  HEX_DECODER,
  BASE64_DECODER,
]

const BY_NAME: Readonly<Record<string, PayloadDecoder>> = byWord(
  Object.fromEntries(ALL.map(decoder => [decoder.name, decoder])),
)

export const DECODER_NAMES: readonly string[] = ALL.map(({ name }) => name)

export const decoderNamed = (name: string): PayloadDecoder | undefined => BY_NAME[name]
