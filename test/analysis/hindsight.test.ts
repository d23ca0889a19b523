/** A filter over a file gives the packets that the screens give, which hold the whole capture. */
import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { Analysis } from '../../src/analysis/analysis.ts'
import { Document } from '../../src/analysis/document.ts'
import { Hindsight, HindsightColumns, HindsightFilter } from '../../src/analysis/hindsight.ts'
import { ReportAnalysis } from '../../src/analysis/report-analysis.ts'
import { Selection } from '../../src/analysis/selection.ts'
import { MemoryLog } from '../../src/capture/log.ts'
import { resolveFields } from '../../src/export/columns.ts'
import { FieldsExporter } from '../../src/export/fields.ts'
import { NoneExporter } from '../../src/export/none.ts'
import { Filter } from '../../src/filter/filter.ts'
import { nodeCrypto } from '../../src/transport/tls/node-crypto.ts'
import { inflateRaw } from '../../src/transport/zlib.ts'
import { captureOf } from '../field/scene.ts'

const SAMPLES = new URL('../../samples/', import.meta.url)
const names = readdirSync(SAMPLES).filter(name => name.endsWith('.pcapng') && name !== 'large.pcapng')

/** What opens wrapped streams. */
const OPENERS = { inflate: inflateRaw, crypto: nodeCrypto }

const FILTERS = [
  'mqtt.exchange.state == open',
  'mqtt.exchange.state == complete',
  'mqtt.exchange.state == abandoned || mqtt.exchange.state == refused',
  'mqtt.exchange.state != complete',
  'mqtt.exchange.latency > 10ms && mqtt.exchange.state == complete',
  'mqtt.fanout.copies >= 1',
  'mqtt.fanout.copies < mqtt.fanout.expected',
  'mqtt.fanout.role == copy && mqtt.fanout.copies > 1',
  'errors',
  'mqtt.finding.level >= warning',
  '!mqtt.finding.id',
  'mqtt.client matches "."',
  'mqtt.from == unknown',
]

function hindsightOf(bytes: Uint8Array): Hindsight {
  const hindsight = new Hindsight()
  const first = new Analysis(hindsight, { ...OPENERS, depth: 'fanout' })
  first.push(bytes)
  first.end()
  return hindsight
}

function fromFile(bytes: Uint8Array, text: string): readonly number[] {
  const hindsight = hindsightOf(bytes)
  const numbers: number[] = []
  const analysis = new ReportAnalysis(new NoneExporter(), {
    ...OPENERS,
    depth: 'fanout',
    count: Number.POSITIVE_INFINITY,
    filter: new HindsightFilter(new Filter(text), hindsight),
    matched: ({ number }) => numbers.push(number),
  })
  analysis.push(bytes)
  analysis.finish(analysis.end())
  return numbers
}

function onScreens(bytes: Uint8Array, text: string, size: number): readonly number[] {
  const document = new Document(OPENERS)
  const log = new MemoryLog()
  log.append(bytes)
  document.log = log
  const selection = new Selection(document)
  expect(selection.choose(text)).toBeUndefined()
  for (let at = 0; at < bytes.length; at += size) {
    document.push(bytes.subarray(at, at + size))
    selection.advance(() => true)
  }
  document.end()
  selection.advance(() => true)
  return Array.from({ length: selection.length }, (_, index) => document.store.number(selection.rowAt(index)))
}

describe.each(names)('%s', name => {
  const bytes = readFileSync(new URL(name, SAMPLES))
  test.each(FILTERS)('%s', text => {
    const wanted = fromFile(bytes, text)
    expect(onScreens(bytes, text, bytes.length)).toEqual(wanted)
    // Rows are judged while the capture comes, and again at its end.
    expect(onScreens(bytes, text, 700)).toEqual(wanted)
  })
})

describe('a client that is learnt late', () => {
  // The broker names the client in its CONNACK; the second stream stood before the capture, and PINGREQ tells who is the client.
  const scene = `
    v5
    c: CONNECT id=
    s: CONNACK assigned=given
    c: PUBLISH a 1
    c2 from 198.51.100.7:1883 to 192.0.2.1:1883
    c2 stands
    s2: PUBLISH a 1
    c2: PUBLISH a 1
    c2: PINGREQ
    s2: PINGRESP`
  const bytes = captureOf({ seen: scene })

  test.each([
    ['mqtt.client == "given"', [1, 2, 3]],
    ['mqtt.client == ""', []],
    ['mqtt.from == client', [1, 3, 5, 6]],
    ['mqtt.from == server', [2, 4, 7]],
    ['mqtt.from == unknown', []],
  ] as const)('%s', (text, wanted) => {
    expect(fromFile(bytes, text)).toEqual(wanted)
    expect(onScreens(bytes, text, bytes.length)).toEqual(wanted)
  })

  test.each([
    [true, ['given,client', 'given,server', 'given,client', ',server', ',client', ',client', ',server']],
    [false, [',client', 'given,server', 'given,client', ',unknown', ',unknown', ',client', ',server']],
  ] as const)('columns, in hindsight: %s', (inHindsight, wanted) => {
    const lines: string[] = []
    const columns = resolveFields(['mqtt.client', 'mqtt.from'])
    const exporter = new FieldsExporter({ columns, separator: ',' }, line => void lines.push(line.trimEnd()))
    const report = inHindsight ? new HindsightColumns(exporter, hindsightOf(bytes)) : exporter
    const analysis = new ReportAnalysis(report, { depth: 'packets', count: Number.POSITIVE_INFINITY })
    analysis.push(bytes)
    analysis.finish(analysis.end())
    expect(lines).toEqual(wanted)
  })
})

test('what is printed of a packet is as it was known there', () => {
  const bytes = readFileSync(new URL('tour.pcapng', SAMPLES))
  const hindsight = hindsightOf(bytes)
  const states: (string | undefined)[] = []
  const filter = new HindsightFilter(new Filter('mqtt.exchange.state == complete'), hindsight)
  const analysis = new ReportAnalysis(new NoneExporter(), {
    ...{ depth: 'fanout', count: 1, filter },
    matched: ({ exchange }) => states.push(exchange?.state),
  })
  analysis.push(bytes)
  analysis.finish(analysis.end())
  expect(states).toEqual(['open'])
})
