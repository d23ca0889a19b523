/** Compiled = interpreted: over records as they go by, and over the rows of a store. */
import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { Pipeline } from '../../src/analysis/pipeline.ts'
import { logOver } from '../../src/capture/log.ts'
import { Filter } from '../../src/filter/filter.ts'
import { parse } from '../../src/filter/parser.ts'
import { type Bytes, Store } from '../../src/store/store.ts'
import { effort } from '../support/effort.ts'
import { bytesOf, Naive } from '../support/naive.ts'
import { Random } from '../support/random.ts'

const SAMPLES = new URL('../../samples/', import.meta.url)
/** One is large, and one has no packet that can be read. */
const LEFT_OUT = ['large.pcapng', 'tls-nokeys.pcapng']
const names = readdirSync(SAMPLES).filter(name => name.endsWith('.pcapng') && !LEFT_OUT.includes(name))

const NUMBERS: Readonly<Record<string, readonly string[]>> = {
  'mqtt.msgtype': ['PUBLISH', 'CONNECT', '3', '8', 'SUBACK', '14'],
  'mqtt.qos': ['0', '1', '2', '-1'],
  'mqtt.dupflag': ['0', '1'],
  'mqtt.retain': ['0', '1'],
  'mqtt.hdr_reserved': ['0', '2'],
  'mqtt.hdrflags': ['0x30', '0x82', '16'],
  'mqtt.len': ['0', '2', '4', '20', '35', '127', '128'],
  'mqtt.msgid': ['0', '1', '2', '7'],
  'mqtt.topic_len': ['0', '5', '15', '20'],
  'mqtt.kalive': ['0', '5', '60'],
  'mqtt.ver': ['3', '4', '5'],
  'mqtt.conflag.cleansess': ['0', '1'],
  'mqtt.conack.val': ['0', '5'],
  'mqtt.connack.reason_code': ['0', '0x87'],
  'mqtt.suback.qos': ['0', '1', '0x80'],
  'mqtt.suback.reason_code': ['0', '1', '0x87'],
  'mqtt.puback.reason_code': ['0', '0x10'],
  'mqtt.sub.qos': ['0', '1', '2'],
  'mqtt.subscription_options_qos': ['0', '1'],
  'mqtt.prop_number': ['0', '1', '10', '100'],
  'mqtt.property_id': ['0x22', '0x23', '0x26', '3'],
  'mqtt.from': ['client', 'server', 'unknown'],
  'mqtt.version': ['3.1', '3.1.1', '5', 'unknown'],
  'mqtt.finding.level': ['note', 'warning', 'error'],
  'frame.number': ['8', '20', '31', '50'],
  'frame.len': ['70', '100', '150'],
  'tcp.srcport': ['1883', '40000'],
  'tcp.port': ['1883', '40000'],
  'tcp.stream': ['0', '1', '2'],
  'tcp.len': ['2', '30'],
  'ip.src': ['192.0.2.1', '192.0.2.12', '10.0.0.1'],
  'ip.addr': ['192.0.2.1', '192.0.2.12', '10.0.0.1'],
}
const TEXTS = ['mqtt.topic', 'mqtt.topic_resolved', 'mqtt.clientid', 'mqtt.client', 'mqtt.payload', 'mqtt.willtopic']
const BYTES = ['mqtt.msg', 'mqtt.willmsg']
const WORDS = [
  'house/hall/temperature',
  'garden/pump/set',
  'garden',
  'a',
  'pump',
  '',
  'anna-phone',
  '$SYS/broker/version',
]
const FILTERS = ['#', '+/+/+', 'house/#', 'garden/+/set', '+', '$SYS/#', 'house/+/temperature', '/']
const RANGES = ['0:3', '0-2', ':4', '2:', '3', '-3:', '-3:2', '0:2,4', '1-2,0', '0-40']
const SIGNS = ['==', '!=', '===', '!==', '<', '>', '<=', '>=', 'eq', 'ne', 'gt', 'le']
const PRESENT = [
  'mqtt',
  'mqtt.properties',
  'mqtt.property',
  'mqtt.will_properties',
  'mqtt.subscription',
  ...BYTES,
  ...TEXTS,
]

const quote = (text: string): string => `"${text}"`

function against(random: Random, left: string, values: readonly string[]): string {
  if (random.chance(0.8)) return `${left} ${random.pick(SIGNS)} ${random.pick(values)}`
  return `${left} in {${random.pick(values)}, ${random.pick(values)}..${random.pick(values)}}`
}

function comparison(random: Random): string {
  const [number, values] = random.pick(Object.entries(NUMBERS))
  const text = random.pick(TEXTS)
  switch (random.below(10)) {
    case 0:
    case 1:
      return against(random, number, values)
    case 2:
      return against(random, text, WORDS.map(quote))
    case 3:
      return `${text} ${random.pick(['contains', 'matches'])} ${quote(random.pick(WORDS).replace('$', ''))}`
    case 4:
      return `${text} like ${quote(random.pick(FILTERS))}`
    case 5: {
      const word = random.pick(WORDS).slice(0, 3) || 'abc'
      const of = random.chance(0.5) ? text : random.pick(BYTES)
      return `${of}[${random.pick(RANGES)}] ${random.pick(SIGNS)} ${random.chance(0.5) ? quote(word) : bytesOf(word)}`
    }
    case 6:
      return `len(${random.pick([...TEXTS, ...BYTES])}) ${random.pick(SIGNS)} ${random.below(25)}`
    case 7:
      return `count(${random.pick([number, text])}) ${random.pick(SIGNS)} ${random.below(3)}`
    case 8:
      return `${random.pick(['lower', 'upper'])}(${text}) ${random.pick(SIGNS)} ${quote(random.pick(WORDS))}`
    default:
      return random.chance(0.3) ? `mqtt.hdrflags & ${random.below(256)}` : random.pick([number, ...PRESENT])
  }
}

function expression(random: Random, depth: number): string {
  if (depth === 0 || random.chance(0.4)) return comparison(random)
  const [a, b] = [expression(random, depth - 1), expression(random, depth - 1)]
  return random.pick([`${a} && ${b}`, `${a} or ${b}`, `(${a}) xor (${b})`, `not (${a})`, `(${a} || ${b}) and ${a}`])
}

interface Kept {
  readonly store: Store
  readonly log: Bytes
}

function keep(name: string): Kept {
  const bytes = new Uint8Array(readFileSync(new URL(name, SAMPLES)))
  const store = new Store()
  const pipeline = new Pipeline({ packet: record => void store.append(record), gap() {}, skipped() {}, damage() {} })
  pipeline.push(bytes)
  pipeline.end()
  return { store, log: logOver((position, length) => bytes.subarray(position, position + length)) }
}

const captures = names.map(keep)

const EXPRESSIONS = effort(400, 1500)

test('random expressions say the same compiled, bound to columns, and interpreted', () => {
  const wrong: string[] = []
  let held = 0
  for (let seed = 1; seed <= EXPRESSIONS && wrong.length < 5; seed++) {
    const random = new Random(seed)
    const text = expression(random, 3)
    const tree = parse(text)
    const filter = new Filter(text)
    const { store, log } = random.pick(captures)
    const bound = filter.bind(store, { bytes: log })
    for (let times = 0; times < 15 && tree !== undefined; times++) {
      const row = random.below(store.rows)
      const record = store.load(row, log)
      const expected = new Naive(record).holds(tree)
      if (expected) held++
      if (filter.matches(record) !== expected) wrong.push(`seed ${seed} row ${row} matches: ${text}`)
      if (bound(row) !== expected) wrong.push(`seed ${seed} row ${row} bound: ${text}`)
    }
  }
  expect(wrong).toEqual([])
  // Neither always nor never: both answers are tried.
  expect(held).toBeGreaterThan(EXPRESSIONS * 2)
})
