/** Whatever is written, an expression is read or refused, in little time. */
import { expect, test } from 'vitest'
import { FilterError } from '../../src/filter/error.ts'
import { Filter } from '../../src/filter/filter.ts'
import { fuzzFilter } from '../fuzz/filter.ts'
import { effort } from '../support/effort.ts'
import { recordOf } from '../support/record.ts'

/** Undefined where it was read. */
function refused(text: string): FilterError | undefined {
  try {
    new Filter(text)
    return undefined
  } catch (cause) {
    if (cause instanceof FilterError) return cause
    throw cause
  }
}

test.each([
  ['100,000 brackets', '('.repeat(100_000)],
  ['30,000 brackets', '('.repeat(30_000)],
  ['brackets, all closed', `${'('.repeat(20_000)}mqtt${')'.repeat(20_000)}`],
  ['functions', `${'len('.repeat(10_000)}mqtt.topic`],
  ['1 MB', 'mqtt && '.repeat(131_072)],
  ['NUL', 'mqtt\0'],
  ['a lone NUL', '\0'],
  ['a lone surrogate', '\ud800'],
  ['only operators', '&& || ^^ '.repeat(100)],
  ['open quote', `mqtt.topic == "${'a'.repeat(60_000)}`],
  ['a long word', 'a'.repeat(60_000)],
  ['a long near name', `mqtt.${'topic'.repeat(10_000)}`],
  ['a long number', `mqtt.len == ${'9'.repeat(60_000)}x`],
  ['a long pattern', `mqtt.topic matches "${'a'.repeat(3000)}"`],
  ['repeats within repeats', 'mqtt.topic matches "((a{1000}){1000}){1000}"'],
  ['many slices', `mqtt.topic${'[0:99999999999]'.repeat(1000)}`],
])('%s is refused', (_, text) => {
  expect(refused(text)).toBeInstanceOf(FilterError)
})

test.each([
  ['not, 20,000 times', `${'not '.repeat(10_000)}mqtt`],
  ['200 brackets', `${'('.repeat(200)}mqtt${')'.repeat(200)}`],
  ['a long list of parts', Array.from({ length: 5000 }, () => 'mqtt').join(' or ')],
  ['a long set', `mqtt.len in {${Array.from({ length: 9000 }, (_, at) => at).join()}}`],
  ['many slices', `mqtt.topic${'[0:]'.repeat(2000)}`],
  ['many masks', `mqtt.len${' & 1'.repeat(2000)}`],
])('%s is read and asked', (_, text) => {
  expect(typeof new Filter(text).matches(recordOf('30 03 0001 61'))).toBe('boolean')
})

test('a pattern that makes other engines try every way there is', () => {
  const topic = Buffer.from(`${'a'.repeat(20_000)}!`)
  const packet = Buffer.concat([
    Buffer.from('30a49c01', 'hex'),
    Buffer.from([topic.length >> 8, topic.length & 255]),
    topic,
  ])
  const record = recordOf(packet)
  for (const pattern of ['(a+)+$', '(a|aa)+$', '(.*)*x', '([a-z]+)*[0-9]'])
    expect(new Filter(`mqtt.topic matches "${pattern}"`).matches(record)).toBe(false)
}, 20_000)

test('random expressions', () => {
  const count = effort(1000, 5000)
  let read = 0
  for (let seed = 1; seed <= count; seed++) if (fuzzFilter(seed)) read++
  expect(read).toBeGreaterThan(count / 50)
})
