/**
 * Payloads that are whole, broken or random, through every decoder and every listener, packed and not: nothing throws, places lie
 * in the payload, a fault is the last announcement, and what is written is JSON.
 */

import { gzipSync } from 'node:zlib'
import { encode as encodeMsgpack } from '@msgpack/msgpack'
import { encode as encodeCbor } from 'cborg'
import { DECODER_NAMES, decoderNamed } from '../../src/payload/decoders.ts'
import { nodeUnpack } from '../../src/payload/node-unpack.ts'
import { dottedPath, PathReader } from '../../src/payload/path.ts'
import { PACKINGS, unpacked } from '../../src/payload/unpack.ts'
import { JsonWriter } from '../../src/payload/write.ts'
import type { Random } from '../support/random.ts'
import { Random as Numbers } from '../support/random.ts'
import { Announced } from '../support/values.ts'

const WORDS = ['temp', 'a', '__proto__', '$tag', '', 'é', '21.4', 'list', 'very long key of a map that nobody has']
const TEXTS = [
  '{"a":[1,2,{"b":null}],"t":21.4}',
  'air,room=a t=1.5,n=3i 1556813561',
  'a,"b ""c""",d\n1,2',
  '55.49',
  'empty',
]
const encoder = new TextEncoder()

/** A value of a few levels. */
function value(random: Random, levels: number): unknown {
  const kind = random.below(levels > 0 ? 8 : 5)
  if (kind === 0) return random.below(2 ** 31) - 2 ** 30
  if (kind === 1) return random.below(1000) / 7
  if (kind === 2) return random.pick(WORDS)
  if (kind === 3) return random.chance(0.5) ? null : random.chance(0.5)
  if (kind === 4) return Uint8Array.from({ length: random.below(20) }, () => random.below(256))
  const size = random.below(5)
  if (kind === 5) return Array.from({ length: size }, () => value(random, levels - 1))
  return Object.fromEntries(Array.from({ length: size }, () => [random.pick(WORDS), value(random, levels - 1)]))
}

function payload(random: Random): Uint8Array {
  switch (random.below(5)) {
    case 0:
      return encodeCbor(value(random, 4))
    case 1:
      return encodeMsgpack(value(random, 4))
    case 2:
      return encoder.encode(JSON.stringify(value(random, 4)) ?? '')
    case 3:
      return encoder.encode(random.pick(TEXTS))
    default:
      return Uint8Array.from({ length: random.below(64) }, () => random.below(256))
  }
}

/** Some bytes changed, left out or repeated; hostile lengths in front. */
function broken(random: Random, bytes: Uint8Array): Uint8Array {
  const list = [...bytes]
  for (let changes = random.below(5); changes > 0; changes--) {
    const at = random.below(list.length + 1)
    const kind = random.below(4)
    if (kind === 0) list[at] = random.below(256)
    else if (kind === 1) list.splice(at, random.below(4))
    else if (kind === 2) list.splice(at, 0, ...list.slice(at, at + random.below(8)))
    else list.splice(at, 0, random.pick([0x9b, 0xdd, 0xdf, 0x5b, 0x9f, 0xbf, 0xc1, 0x7b]), 0xff, 0xff, 0xff, 0xff)
  }
  return Uint8Array.from(list.slice(0, 4096), byte => byte ?? 0)
}

export function fuzzPayloads(seed: number): void {
  const random = new Numbers(seed)
  const whole = payload(random)
  const bytes = random.chance(0.6) ? broken(random, whole) : whole
  for (const name of DECODER_NAMES) decodeWith(name, bytes, random)
  unpackOf(random, bytes)
}

function decodeWith(name: string, bytes: Uint8Array, random: Random): void {
  const decoder = decoderNamed(name)
  if (decoder === undefined) throw new Error(`there is no decoder ${name}`)
  const [before, behind] = [random.below(3), random.below(3)]
  const around = new Uint8Array(before + bytes.length + behind).fill(0x31)
  around.set(bytes, before)
  const end = before + bytes.length
  // Throws for a value behind a fault, and for a second fault.
  const announced = new Announced(around)
  const isGood = decoder.decode(around, before, end, announced)
  if (isGood !== (announced.error === undefined))
    throw new Error(`${name}: ${isGood}, and the error is ${announced.error}`)
  for (const place of announced.places) {
    const [, from = 0, to = 0] = /@(\d+)-(\d+)$/.exec(place)?.map(Number) ?? []
    if (!(from >= before && from <= to && to <= end)) throw new Error(`${name}: ${place} in ${before} to ${end}`)
  }
  const writer = new JsonWriter(around)
  decoder.decode(around, before, end, writer)
  if (isGood) JSON.parse(writer.json())
  decoder.decode(around, before, end, new PathReader(dottedPath(random.pick(['', 'a', 'list.0', 'temp.a']))))
}

function unpackOf(random: Random, bytes: Uint8Array): void {
  const packed = random.chance(0.5) ? bytes : broken(random, gzipSync(bytes))
  const result = unpacked([random.pick(PACKINGS), random.pick(PACKINGS)], packed, nodeUnpack)
  if (!('fault' in result) && !(result.bytes instanceof Uint8Array)) throw new Error('neither bytes nor a fault')
}
