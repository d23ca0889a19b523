/** A stream of our own: what we sent says how the answers are read. */
import { expect, test } from 'vitest'
import { OwnStream } from '../../src/analysis/own-stream.ts'
import { fromHex } from '../../src/base/bytes.ts'
import { TYPE_NAMES } from '../../src/mqtt/spec.ts'

/** MQTT 5, clean start, keep alive 60, no properties, client id `a`. */
const CONNECT = fromHex('10 0e 0004 4d515454 05 02 003c 00 0001 61')
/** Accepted, no properties. */
const CONNACK = fromHex('20 03 00 00 00')
/** Topic `t` is given the alias 1; then the alias alone. */
const NAMED = fromHex('30 08 0001 74 03 230001 78')
const ALIASED = fromHex('30 07 0000 03 230001 79')

function read(bytes: readonly Uint8Array[]): readonly string[] {
  const seen: string[] = []
  const stream = new OwnStream(
    record => seen.push(`sent ${TYPE_NAMES[record.type]} ${record.version}`),
    record => seen.push(`${TYPE_NAMES[record.type]} ${record.version} ${record.aliasTopic ?? ''}`),
  )
  stream.sent(CONNECT)
  for (const piece of bytes) stream.received(piece)
  stream.end()
  return seen
}

const ANSWERS = [CONNACK, NAMED, ALIASED]
const READ = ['sent CONNECT 5', 'CONNACK 5 ', 'PUBLISH 5 ', 'PUBLISH 5 t']

test('packets of both sides, in the version of our CONNECT, aliases resolved', () => {
  expect(read(ANSWERS)).toEqual(READ)
})

test('byte by byte', () => {
  const bytes = ANSWERS.flatMap(packet => [...packet])
  expect(read(bytes.map(byte => Uint8Array.of(byte)))).toEqual(READ)
})

test('what is not whole at the end is handed on', () => {
  expect(read([CONNACK, NAMED.subarray(0, 6)])).toEqual(['sent CONNECT 5', 'CONNACK 5 ', 'PUBLISH 5 '])
})
