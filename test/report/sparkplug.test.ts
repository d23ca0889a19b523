/** The report on Sparkplug B: states, metrics by alias, lost messages, the test kit's ids. */
import { describe, expect, test } from 'vitest'
import { ReportAnalysis } from '../../src/analysis/report-analysis.ts'
import { SparkplugReport } from '../../src/report/sparkplug.ts'
import { inner, string, whole } from '../support/protobuf.ts'
import { expectValid } from '../support/report-schema.ts'
import { stage } from '../support/stage.ts'
import { recordsIn } from '../support/story.ts'
import { pcapOf } from '../support/wire.ts'

function told(
  script: string,
  options: { readonly redact?: boolean; readonly format?: 'text' | 'ndjson' } = {},
): string {
  let text = ''
  const all = { format: 'ndjson', redact: false, color: false, width: undefined, verbose: true, ...options } as const
  const report = new SparkplugReport(all, more => {
    text += more
  })
  const analysis = new ReportAnalysis(report, { depth: 'sessions', count: Number.POSITIVE_INFINITY })
  const shots = stage(script)
  analysis.push(
    pcapOf(
      shots.map(({ frame }) => frame),
      shots.map(({ at }) => at),
    ),
  )
  analysis.finish(analysis.end())
  return text
}

type Json = Record<string, unknown>

function records(script: string, redact = false): readonly Json[] {
  const found = recordsIn(told(script, { redact }))
  for (const record of found) expectValid(record)
  return found
}

const nodes = (script: string): readonly Json[] => records(script).filter(({ record }) => record === 'sparkplug')
const results = (script: string): ReadonlyMap<unknown, unknown> =>
  new Map(records(script).map(({ id, result }) => [id, result]))

const lastMetric = (node: Json | undefined): Json | undefined => (node?.metrics as readonly Json[] | undefined)?.at(-1)

const CONNECT = 'c: CONNECT id=n will=spBv1.0/g/NDEATH/n:bdSeq:8=0 willQos=1\ns: CONNACK\n'
const BIRTH = 'spBv1.0/g/NBIRTH/n seq=0 bdSeq:8=0 Node_Control/Rebirth:11=false temp:1@1=20\n'
const OPEN = `${CONNECT}c: SUBSCRIBE #1 spBv1.0/g/NCMD/n:1\ns: SUBACK #1 1\nc: PUBLISH ${BIRTH}`

describe('nodes', () => {
  test('data by alias is told with the name, the data type and the birth', () => {
    const [node] = nodes(`${OPEN}c: PUBLISH spBv1.0/g/NDATA/n seq=1 @1=251`)
    expect(node).toMatchObject({
      group: 'g',
      node: 'n',
      state: 'online',
      births: 1,
      birth: 5,
      bdSeq: 0,
      seq: 1,
      lost: 0,
    })
    expect(lastMetric(node)).toMatchObject({
      name: 'temp',
      alias: 1,
      dataType: 'Int8',
      from: 5,
      value: -5,
    })
  })

  test('devices die with their node, and are born again', () => {
    const device = 'c: PUBLISH spBv1.0/g/DBIRTH/n/d seq=1 level:3=1\n'
    const [alive] = nodes(`${OPEN}${device}`)
    expect(alive).toMatchObject({ devices: [{ device: 'd', state: 'online', births: 1 }] })
    const [dead] = nodes(`${OPEN}${device}c: reset\n+1s\nc2: CONNECT\ns2: CONNACK`)
    expect(dead).toMatchObject({ state: 'offline', devices: [{ device: 'd', state: 'offline' }] })
    const [died] = nodes(`${OPEN}${device}c: PUBLISH spBv1.0/g/DDEATH/n/d seq=2`)
    expect(died).toMatchObject({ state: 'online', devices: [{ device: 'd', state: 'offline' }] })
  })

  test('lost messages are counted, also at a subscriber', () => {
    expect(nodes(`${OPEN}c: PUBLISH spBv1.0/g/NDATA/n seq=4`)).toMatchObject([{ lost: 3 }])
    const copies = `c: CONNECT\ns: CONNACK\nc: SUBSCRIBE #1 spBv1.0/#:0\ns: SUBACK #1 0\ns: PUBLISH ${BIRTH}`
    const [node] = nodes(`${copies}s: PUBLISH spBv1.0/g/NDATA/n seq=3 @1=21\ns: PUBLISH spBv1.0/g/NDEATH/n bdSeq:8=0`)
    expect(node).toMatchObject({ state: 'offline', lost: 2, births: 1, messages: 3 })
    expect(lastMetric(node)).toMatchObject({ name: 'temp', value: 21 })
  })

  test('the death of an older connection changes nothing', () => {
    const copies = `c: CONNECT\ns: CONNACK\ns: PUBLISH ${BIRTH}s: PUBLISH spBv1.0/g/NDEATH/n bdSeq:8=7`
    expect(nodes(copies)).toMatchObject([{ state: 'online' }])
  })

  test('a command makes no node', () => {
    expect(nodes('c: CONNECT\ns: CONNACK\nc: PUBLISH spBv1.0/g/NCMD/n x:3=1')).toEqual([])
  })

  test('values keep all their digits, lists and bytes', () => {
    const metric = (name: string, type: number, value: string): string =>
      inner(2, string(1, name) + whole(3, 1) + whole(4, type) + value)
    const hex =
      metric('big', 8, whole(11, -1n)) +
      metric('list', 24, inner(16, '01000000fbffffff')) +
      metric('raw', 17, inner(16, '00ff'))
    const text = told(`${CONNECT}c: PUBLISH spBv1.0/g/NBIRTH/n hex:${hex}${whole(3, 0)}`)
    expect(text).toContain('"value":18446744073709551615}')
    expect(text).toContain('"value":[1,-5]}')
    expect(text).toContain('"value":{"$base64":"AP8="}}')
    const row = inner(4, inner(1, whole(1, 1)) + inner(1, string(6, 'x')))
    const table = inner(17, whole(1, 2) + string(2, 'a') + string(2, 'b') + inner(3, '030c') + row + row)
    expect(told(`${CONNECT}c: PUBLISH spBv1.0/g/NBIRTH/n hex:${metric('t', 16, table)}${whole(3, 0)}`)).toContain(
      '"value":{"columns":["a","b"],"types":["Int32","String"],"rows":[[1,"x"],[1,"x"]]}}',
    )
  })

  test('--redact leaves no metric', () => {
    expect(told(OPEN, { format: 'text' })).toMatch(/· temp/)
    const script = `${OPEN}c: PUBLISH spBv1.0/g/NDATA/n seq=1 @1=4711`
    for (const format of ['text', 'ndjson'] as const)
      expect(told(script, { redact: true, format })).not.toMatch(/"temp"|· temp|4711/)
  })
})

describe('the test kit', () => {
  const SEQ = 'tck-id-payloads-sequence-num-incrementing'

  test('an id passed, failed, or had no occasion', () => {
    expect(results(OPEN).get(SEQ)).toBe('not_seen')
    expect(results(`${OPEN}c: PUBLISH spBv1.0/g/NDATA/n seq=1`).get(SEQ)).toBe('passed')
    expect(results(`${OPEN}c: PUBLISH spBv1.0/g/NDATA/n seq=2`).get(SEQ)).toBe('failed')
  })

  test('a note fails nothing', () => {
    const script = `${OPEN}c: PUBLISH spBv1.0/g/NDATA/n seq=1 temp:1=5`
    expect(results(script).get('tck-id-payloads-metric-datatype-not-req')).toBe('passed')
  })

  test('without Sparkplug there is nothing to say', () => {
    expect(told('c: CONNECT\ns: CONNACK', { format: 'text' })).toBe('no Sparkplug B\n')
  })
})
