/** Topic aliases of one direction. */
import { expect, test } from 'vitest'
import { Aliases, MOST_ALIAS_BYTES } from '../../src/mqtt/aliases.ts'
import { Random } from '../support/random.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const define = (aliases: Aliases, alias: number, topic: string): void =>
  aliases.set(alias, bytes(topic), 0, bytes(topic).length)
const text = (aliases: Aliases, alias: number): string | undefined => {
  const topic = aliases.get(alias)
  return topic === undefined ? undefined : new TextDecoder().decode(topic)
}

test('W1: each direction has its own', () => {
  const [client, server] = [new Aliases(), new Aliases()]
  define(client, 1, 'c2s/a')
  define(server, 1, 's2c/b')
  expect([text(client, 1), text(server, 1)]).toEqual(['c2s/a', 's2c/b'])
})

test('W2: the value at that time', () => {
  const aliases = new Aliases()
  const seen: (string | undefined)[] = [text(aliases, 2)]
  for (const topic of ['first', 'second', 'second', 'a longer one', '']) {
    define(aliases, 2, topic)
    seen.push(text(aliases, 2))
  }
  expect(seen).toEqual([undefined, 'first', 'second', 'second', 'a longer one', ''])
  expect(aliases.size).toBe(1)
})

test('M17: alias 0 is none', () => {
  const aliases = new Aliases()
  define(aliases, 0, 'a')
  expect(aliases.get(0)).toBeUndefined()
  define(aliases, 65_535, 'z')
  expect(text(aliases, 65_535)).toBe('z')
})

test('M18: 65,535 redefinitions with topics of 64 KB do not grow', () => {
  const aliases = new Aliases()
  const topic = new Uint8Array(65_535)
  for (let count = 0; count < 2000; count++) {
    topic[0] = count
    topic[1] = count >> 8
    aliases.set(1 + (count % 5), topic, 0, topic.length)
  }
  expect(aliases.bytes.length).toBeLessThanOrEqual(2 * MOST_ALIAS_BYTES)
  expect(aliases.get(5)?.[0]).toBe(1999 & 255)
  expect(aliases.forgotten).toBe(0)
})

test('M18: at most 1 MiB of topics; an alias without room is forgotten, not kept as it was', () => {
  const aliases = new Aliases()
  const topic = new Uint8Array(65_535)
  for (let alias = 1; alias <= 20; alias++) aliases.set(alias, topic, 0, alias === 1 ? 1 : topic.length)
  expect(aliases.size).toBe(17)
  expect(aliases.forgotten).toBe(3)
  aliases.set(1, topic, 0, topic.length)
  expect(aliases.get(1)).toBeUndefined()
})

test('65,535 aliases', () => {
  const aliases = new Aliases()
  for (let alias = 1; alias <= 65_535; alias++) define(aliases, alias, `t/${alias}`)
  expect(aliases.size).toBe(65_535)
  expect([text(aliases, 1), text(aliases, 65_535)]).toEqual(['t/1', 't/65535'])
})

test('the same as a Map, whatever is defined in whatever order', () => {
  const random = new Random(5)
  const aliases = new Aliases()
  const map = new Map<number, string>()
  for (let count = 0; count < 5000; count++) {
    const alias = 1 + random.below(30)
    const topic = 'x'.repeat(random.below(200)) + count
    define(aliases, alias, topic)
    map.set(alias, topic)
    const other = 1 + random.below(30)
    expect(text(aliases, other)).toBe(map.get(other))
  }
})
