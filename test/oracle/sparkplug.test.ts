/** Payloads that Tahu's JavaScript library writes, and what it reads of them: the same metrics, types and values. */
import sparkplugPayload from 'sparkplug-payload'
import { expect, test } from 'vitest'
import { SparkplugDecoder } from '../../src/payload/sparkplug.ts'
import { JsonWriter } from '../../src/payload/write.ts'
import { Random } from '../support/random.ts'

interface Metric {
  readonly name: string
  readonly type: string
  readonly value: unknown
}
interface Library {
  encodePayload(payload: object): Uint8Array
  decodePayload(bytes: Uint8Array): { readonly metrics: readonly Metric[] }
}

const library = (sparkplugPayload as unknown as { get(namespace: string): Library }).get('spBv1.0')

/** The library reads numbers with a sign as if they had none (Int64 -5 as 18446744073709551611). */
const VALUES: Readonly<Record<string, (random: Random) => unknown>> = {
  Int8: random => random.below(128),
  Int16: random => random.below(32_768),
  Int32: random => random.below(2 ** 31),
  Int64: random => random.below(2 ** 31) * 4,
  UInt8: random => random.below(256),
  UInt16: random => random.below(65_536),
  UInt32: random => random.below(2 ** 31) * 2,
  UInt64: random => random.below(2 ** 31) * 1000,
  Float: random => random.below(1000) / 4,
  Double: random => random.below(1_000_000) / 7,
  Boolean: random => random.below(2) === 1,
  String: random => 'aä"\\\n'.repeat(random.below(4)),
  Text: random => `t${random.below(10)}`,
  UUID: random => `u-${random.below(10)}`,
  DateTime: random => 1_700_000_000_000 + random.below(1000),
}
const TYPES = Object.keys(VALUES)

function metricOf(random: Random, index: number): Metric {
  const type = TYPES[random.below(TYPES.length)] ?? 'Int8'
  return { name: `m/${index}`, type, value: VALUES[type]?.(random) }
}

function ours(bytes: Uint8Array): { readonly metrics?: readonly Record<string, unknown>[] } {
  const writer = new JsonWriter(bytes)
  expect(new SparkplugDecoder().decode(bytes, 0, bytes.length, writer)).toBe(true)
  return JSON.parse(writer.json())
}

test('what is written is read', () => {
  for (let seed = 1; seed <= 200; seed++) {
    const random = new Random(seed)
    const metrics = Array.from({ length: random.below(8) + 1 }, (_, index) => metricOf(random, index))
    const bytes = new Uint8Array(library.encodePayload({ timestamp: 5, seq: seed & 255, metrics }))
    const read = ours(bytes)
    const told = read.metrics?.map(({ name, dataType, value }) => ({ name, type: dataType, value }))
    expect(told).toEqual(metrics)
    const theirs = library.decodePayload(bytes).metrics
    expect(told?.map(({ value }) => Number(value))).toEqual(theirs.map(({ value }) => Number(value)))
  }
})

test('data sets, templates and properties', () => {
  const metrics = [
    {
      name: 'table',
      type: 'DataSet',
      value: {
        numOfColumns: 2,
        types: ['Int32', 'String'],
        columns: ['n', 't'],
        rows: [
          [1, 'x'],
          [2, 'y'],
        ],
      },
    },
    {
      name: 'pump',
      type: 'Template',
      value: {
        templateRef: 'Pump',
        isDefinition: false,
        metrics: [{ name: 'rpm', type: 'Int32', value: 5 }],
        parameters: [{ name: 'max', type: 'Int32', value: 9 }],
      },
    },
    { name: 'p', type: 'Double', value: 1.5, properties: { unit: { type: 'String', value: '°C' } } },
  ]
  const read = ours(new Uint8Array(library.encodePayload({ timestamp: 5, metrics })))
  expect(read.metrics).toMatchObject([
    {
      dataType: 'DataSet',
      value: {
        columns: ['n', 't'],
        types: ['Int32', 'String'],
        rows: [
          [1, 'x'],
          [2, 'y'],
        ],
      },
    },
    {
      dataType: 'Template',
      value: { ref: 'Pump', metrics: [{ name: 'rpm', value: 5 }], parameters: [{ name: 'max', value: 9 }] },
    },
    { value: 1.5, properties: { unit: '°C' } },
  ])
})

test('numbers with a sign', () => {
  const metrics = ['Int8', 'Int16', 'Int32', 'Int64'].map(type => ({ name: type, type, value: -5 }))
  const read = ours(new Uint8Array(library.encodePayload({ timestamp: 5, metrics })))
  expect(read.metrics?.map(({ value }) => value)).toEqual([-5, -5, -5, -5])
})
