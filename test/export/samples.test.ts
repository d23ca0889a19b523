/** Every sample as JSON records: each fits the schema, and the numbers agree. */
import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { Pipeline } from '../../src/analysis/pipeline.ts'
import { JsonExporter, NdjsonExporter } from '../../src/export/ndjson.ts'
import type { Exporter, Write } from '../../src/store/record.ts'
import { expectValid, type Json } from '../support/json.ts'

const SAMPLES = new URL('../../samples/', import.meta.url)
const names = readdirSync(SAMPLES).filter(name => name.endsWith('.pcapng'))

function exported(name: string, make: (write: Write) => Exporter): string {
  let text = ''
  const exporter = make(more => {
    text += more
  })
  const pipeline = new Pipeline(exporter)
  pipeline.push(readFileSync(new URL(name, SAMPLES)))
  exporter.finish(pipeline.end())
  return text
}

describe.each(names)('%s', name => {
  const lines = exported(name, write => new NdjsonExporter({}, write))
    .split('\n')
    .slice(0, -1)
  const records = lines.map(line => JSON.parse(line) as Json)
  const packets = records.filter(({ record }) => record === 'packet')

  test('fits the schema', () => {
    for (const record of records) expectValid(record)
  })

  test('packets are counted from 1', () => {
    expect(packets.map(({ packet }) => packet)).toEqual(packets.map((_, index) => index + 1))
    expect(records.at(-1)).toMatchObject({ record: 'summary', packets: packets.length })
    // One of them shows what is to be known where no packet can be read.
    expect(packets.length > 0).toBe(name !== 'tls-nokeys.pcapng')
  })

  test('the array holds the same', () => {
    expect(JSON.parse(exported(name, write => new JsonExporter({}, write)))).toEqual(records)
  })
})
