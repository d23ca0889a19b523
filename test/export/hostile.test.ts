/** Whatever the bytes are: every line is valid, and nothing in it acts on a terminal. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { hex } from '../../src/base/bytes.ts'
import { columnNames, resolveFields } from '../../src/export/columns.ts'
import { CsvExporter } from '../../src/export/csv.ts'
import { FieldsExporter } from '../../src/export/fields.ts'
import { CONNECT_3, CONNECT_4, CONNECT_5, type Conversation, written } from '../support/conversation.ts'
import { effort } from '../support/effort.ts'
import { recordsOf } from '../support/json.ts'

const connect = fc.constantFrom(CONNECT_3, CONNECT_4, CONNECT_5)
/** Packets of any type with any body, so that the reading gets far. */
const packet = fc
  .tuple(fc.integer({ min: 0, max: 255 }), fc.uint8Array({ maxLength: 60 }))
  .map(([first, body]) => hex(Uint8Array.from([first, body.length, ...body])))
/** PUBLISH to a topic of any text. */
const publish = fc.string({ unit: 'binary', maxLength: 20 }).map(text => {
  const bytes = new TextEncoder().encode(text)
  return hex(Uint8Array.from([0x30, bytes.length + 3, 0, bytes.length, ...bytes, 0x41]))
})
const talks = fc.tuple(connect, fc.array(fc.oneof(packet, publish), { maxLength: 4 }))

const tell =
  ([connect, packets]: [string, string[]]) =>
  (told: Conversation): void =>
    void told.client(connect + packets.join('')).end()

const RUNS = { numRuns: effort(100, 300) }
/** C0 but the line break, DEL, C1, direction and joiners. */
const HARMFUL =
  /[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]|[\u{e0000}-\u{e007f}]/u

describe('any packets', () => {
  test('JSON records fit the schema, redacted too', () => {
    fc.assert(
      fc.property(talks, fc.boolean(), (talk, redact) => {
        for (const record of recordsOf(tell(talk), { redact })) expect(record.record).toMatch(/^(packet|skipped)$/)
      }),
      RUNS,
    )
  })

  test('rows have their columns', () => {
    const columns = resolveFields(columnNames().filter(name => name.startsWith('mqtt.') || name.startsWith('tcp.')))
    fc.assert(
      fc.property(talks, talk => {
        const text = written(write => new FieldsExporter({ columns }, write), tell(talk))
        for (const line of text.split('\n').slice(0, -1)) {
          const cells = line.split('\t')
          expect(cells).toHaveLength(columns.length)
          expect(cells.join('')).not.toMatch(HARMFUL)
        }
      }),
      RUNS,
    )
  })

  test('CSV cells can be read back', () => {
    const columns = resolveFields(['mqtt.topic', 'mqtt.prop_string', 'mqtt.clientid'])
    fc.assert(
      fc.property(talks, talk => {
        const text = written(write => new CsvExporter({ columns }, write), tell(talk))
        for (const line of text.split('\n').slice(0, -1)) {
          expect(line).not.toMatch(HARMFUL)
          expect(line).toMatch(/^(?:"(?:[^"]|"")*"|[^",]*)(?:,(?:"(?:[^"]|"")*"|[^",]*)){2}$/)
          expect(line.split(',').some(cell => /^"?[=+\-@]/.test(cell) && !line.includes('"'))).toBe(false)
        }
      }),
      RUNS,
    )
  })
})
