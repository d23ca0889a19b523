/** What is shown of MQTT in WebSocket: in records, lines, filters and columns. */
import { describe, expect, test } from 'vitest'
import { Analysis } from '../../src/analysis/analysis.ts'
import { Document } from '../../src/analysis/document.ts'
import { hexText } from '../../src/base/strings.ts'
import { MemoryLog } from '../../src/capture/log.ts'
import { resolveFields } from '../../src/export/columns.ts'
import { FieldsExporter } from '../../src/export/fields.ts'
import { NdjsonExporter } from '../../src/export/ndjson.ts'
import { TextExporter } from '../../src/export/text.ts'
import { Filter } from '../../src/filter/filter.ts'
import { SessionsReport } from '../../src/report/sessions.ts'
import { layersOf } from '../../src/store/dissect.ts'
import type { Exporter, PacketRecord, Stream, Write } from '../../src/store/record.ts'
import { text } from '../support/capture.ts'
import { expectValid, type Json } from '../support/json.ts'
import { expectValid as expectValidReport } from '../support/report-schema.ts'
import { puback, publish, recordsIn, reported, Story } from '../support/story.ts'
import {
  answer,
  CONNACK,
  CONNECT_A,
  masked,
  opened,
  PORT,
  PUBLISH,
  plain,
  request,
  simple,
} from '../support/websocket-story.ts'

const NOTHING = { gap() {}, skipped() {}, damage() {} }

function streamsOf({ capture }: Story): readonly Stream[] {
  const streams = new Set<Stream>()
  const analysis = new Analysis({ ...NOTHING, packet: ({ stream }: PacketRecord) => void streams.add(stream) })
  analysis.push(capture)
  analysis.end()
  return [...streams]
}

function written({ capture }: Story, make: (write: Write) => Exporter): string {
  let text = ''
  const exporter = make(part => (text += part))
  const analysis = new Analysis(exporter)
  analysis.push(capture)
  exporter.finish(analysis.end())
  return text
}

const recordsOf = (story: Story): readonly Json[] =>
  written(story, write => new NdjsonExporter({}, write))
    .trimEnd()
    .split('\n')
    .map(line => {
      const record = JSON.parse(line) as Json
      expectValid(record)
      return record
    })

/** Numbers of the packets that a filter lets through. */
function chosen({ capture }: Story, expression: string): readonly number[] {
  const filter = new Filter(expression)
  const numbers: number[] = []
  const packet = (record: PacketRecord): void => {
    if (filter.matches(record)) numbers.push(record.number)
  }
  const analysis = new Analysis({ ...NOTHING, packet })
  analysis.push(capture)
  analysis.end()
  return numbers
}

function open({ capture }: Story): Document {
  const document = new Document({})
  const log = new MemoryLog()
  log.append(capture)
  document.log = log
  document.push(capture)
  document.end()
  return document
}

test('the stream knows its wrapping and the opening handshake', () => {
  const [stream] = streamsOf(simple())
  expect(stream?.transport).toMatchObject({
    layers: ['websocket'],
    webSocket: { path: '/mqtt', host: 'broker.example', offered: ['mqtt'], protocol: 'mqtt', extensions: '' },
  })
})

describe('packets say what they are wrapped in', () => {
  test('as a mark before the type', () => {
    const text = written(
      simple(),
      write => new TextExporter({ time: 'r', color: false, verbose: false, bytes: false, redact: false }, write),
    )
    expect(text.split('\n').map(line => / (ws [A-Z]+) /.exec(line)?.[1])).toEqual([
      'ws CONNECT',
      'ws CONNACK',
      'ws PUBLISH',
      'ws PUBLISH',
      undefined,
    ])
  })

  test('in records', () => {
    const vias = recordsOf(simple()).map(({ record, via }) => [record, via])
    expect(vias.filter(([record]) => record === 'packet')).toEqual(new Array(4).fill(['packet', ['websocket']]))
  })

  test('in columns and filters', () => {
    const columns = resolveFields(['mqtt.via', 'mqtt.msgtype'])
    expect(written(simple(), write => new FieldsExporter({ columns }, write))).toBe(
      'websocket\t1\nwebsocket\t2\nwebsocket\t3\nwebsocket\t3\n',
    )
    expect(chosen(simple(), 'mqtt.via == websocket && mqtt.msgtype == PUBLISH')).toEqual([3, 4])
    expect(chosen(simple(), 'mqtt.via == tls')).toEqual([])
    expect(chosen(simple(), '!mqtt.via')).toEqual([])
  })
})

describe('the frame that a packet came out of', () => {
  test('in columns and filters, from its header', () => {
    const names = [
      'websocket',
      'websocket.fin',
      'websocket.opcode',
      'websocket.payload_length',
      'websocket.masking_key',
    ]
    const columns = resolveFields(names)
    expect(written(simple(), write => new FieldsExporter({ columns }, write))).toBe(
      ['1\t1\t2\t15\t37fa213d', '1\t1\t2\t4\t', '1\t1\t2\t6\t37fa213d', '1\t1\t2\t6\t', ''].join('\n'),
    )
    expect(chosen(simple(), 'websocket.mask == 1')).toEqual([1, 3])
    expect(chosen(simple(), 'websocket.masking_key == 37:fa:21:3d && websocket.payload_length < 10')).toEqual([3])
    expect(chosen(simple(), 'websocket && !tls')).toEqual([1, 2, 3, 4])
    expect(chosen(simple(), 'websocket.payload_length_ext_16')).toEqual([])
  })

  test('is a layer of its own, with its bytes as they are on the wire', () => {
    const document = open(simple())
    const layers = layersOf(document.record(2), undefined, document.log)
    expect(
      layers.map(({ name, bytes }) =>
        name === 'websocket' || name === 'mqtt' ? [name, hexText(bytes, 0, bytes.length)] : name,
      ),
    ).toEqual(['frame', 'link', 'ip', 'tcp', ['websocket', '828637fa213d07fe213c4382'], ['mqtt', '300400017478']])
    const filter = new Filter('websocket.mask == 1')
    const test = filter.bind(document.store, { bytes: document.log })
    expect([0, 1, 2, 3].filter(test)).toEqual([0, 2])
  })

  test('has a line of its own in the details', () => {
    const text = written(
      simple(),
      write => new TextExporter({ time: 'r', color: false, verbose: true, bytes: false, redact: false }, write),
    )
    expect(text.split('\n').filter(line => line.includes('WebSocket, '))).toEqual([
      '    WebSocket, Binary, masked, 15 B of payload, path /mqtt',
      '    WebSocket, Binary, 4 B of payload, path /mqtt',
      '    WebSocket, Binary, masked, 6 B of payload, path /mqtt',
      '    WebSocket, Binary, 6 B of payload, path /mqtt',
    ])
    const redacted = written(
      simple(),
      write => new TextExporter({ time: 'r', color: false, verbose: true, bytes: false, redact: true }, write),
    )
    expect(redacted).toContain('    WebSocket, Binary, 4 B of payload\n')
    expect(redacted).not.toContain('/mqtt')
  })
})

describe('rules of WebSocket that are broken are findings on the stream', () => {
  const findingsOf = (story: Story): readonly (readonly unknown[])[] =>
    recordsOf(story)
      .filter(({ record }) => record === 'finding')
      .map(({ id, level, message }) => [id, level, message])

  test('none in a plain conversation', () => {
    expect(findingsOf(simple())).toEqual([])
  })

  test('also those of the time before the first packet', () => {
    const story = new Story()
    const talk = story.join({ serverPort: PORT }).say(request('chat')).hear(answer('chat'))
    talk.say(masked(CONNECT_A, 0x81)).hear(masked(CONNACK))
    talk.say(plain(PUBLISH))
    expect(findingsOf(story)).toEqual([
      ['MQTT-6.0.0-3', 'error', 'the client does not offer the subprotocol mqtt, in frame 4 of the capture'],
      ['MQTT-6.0.0-4', 'error', 'the server does not choose the subprotocol mqtt, in frame 5 of the capture'],
      [
        'MQTT-6.0.0-1',
        'error',
        'MQTT is sent in a text frame; only binary frames may carry it, in frame 6 of the capture',
      ],
      ['websocket.masked', 'error', 'a frame of the server is masked (RFC 6455 §5.1), in frame 7 of the capture'],
      ['websocket.unmasked', 'error', 'a frame of the client is not masked (RFC 6455 §5.1), in frame 8 of the capture'],
    ])
  })
})

describe('what the stream is wrapped in is a record of its own', () => {
  test('before the first packet, and again at the end', () => {
    const story = new Story()
    const talk = opened(story).say(masked(CONNECT_A)).hear(plain(CONNACK))
    talk.say(masked(Uint8Array.of(3, 0xe8), 0x88)).close()
    const records = recordsOf(story)
    expect(records.map(({ record }) => record)).toEqual(['transport', 'packet', 'packet', 'transport', 'summary'])
    const webSocket = { path: '/mqtt', host: 'broker.example', offered: ['mqtt'], protocol: 'mqtt' }
    const ends = { stream: 0, src: '192.0.2.11:40000', dst: '192.0.2.1:8083', layers: ['websocket'] }
    expect(records[0]).toEqual({ record: 'transport', frame: 6, ...ends, websocket: webSocket })
    expect(records[3]).toEqual({
      record: 'transport',
      frame: 10,
      ...ends,
      end: true,
      websocket: { ...webSocket, closeCodes: { client: 1000 } },
    })
  })

  test('and a part of the record, the row and the paragraph of its session', () => {
    const options = { color: false, width: undefined, redact: false, verbose: false } as const
    const { capture } = simple()
    const json = reported(capture, write => new SessionsReport({ ...options, format: 'ndjson' }, write))
    const [record] = recordsIn(json)
    expectValidReport(record ?? {})
    expect(record?.transport).toMatchObject({ layers: ['websocket'], websocket: { path: '/mqtt' } })
    const text = reported(capture, write => new SessionsReport({ ...options, format: 'text' }, write))
    expect(text).toMatch(/ 3\.1\.1 ws /)
    const verbose = reported(capture, write => new SessionsReport({ ...options, format: 'text', verbose: true }, write))
    expect(verbose).toContain('wrapped    WebSocket at /mqtt, host broker.example, subprotocol mqtt\n')
  })
})

describe('a capture that begins in the midst of WebSocket', () => {
  /** Packets that are long enough to prove something. */
  const reading = (value: string): Uint8Array => publish('house/hall/temperature', value, { qos: 1, id: 7 })
  const midst = (): Story => {
    const story = new Story()
    const talk = story.join({ serverPort: PORT, stands: true })
    talk.hear(plain(reading('20.1')).subarray(5))
    for (const value of ['20.5', '20.7']) talk.say(masked(reading(value))).hear(plain(reading(value)))
    talk.say(masked(puback(7)))
    return story
  }

  test('is found by frames that carry MQTT, and masks tell who is the client', () => {
    const records = recordsOf(midst()).filter(({ record }) => record === 'packet')
    expect(records.map(({ type, from, via }) => [type, from, via])).toEqual([
      ...['client', 'server', 'client', 'server'].map(from => ['PUBLISH', from, ['websocket']]),
      ['PUBACK', 'client', ['websocket']],
    ])
    expect(records.map(({ topic }) => topic).slice(0, 4)).toEqual(Array(4).fill('house/hall/temperature'))
  })

  test('the same frames with anything else in them are no MQTT', () => {
    const story = new Story()
    const talk = story.join({ serverPort: PORT, stands: true })
    for (let count = 0; count < 40; count++) talk.say(masked(text(`{"n":${count}}`))).hear(plain(text('{"ok":true}')))
    expect(recordsOf(story).map(({ record }) => record)).toEqual(['summary'])
  })
})

describe('WebSocket on a port of MQTT', () => {
  test('is read as anywhere', () => {
    const records = recordsOf(simple(1883))
    const summary = ['transport', 'packet', 'packet', 'packet', 'packet', 'transport', 'summary']
    expect(records.map(({ record }) => record)).toEqual(summary)
    expect(records.at(-1)).toMatchObject({ connections: 1, packets: 4 })
  })

  test('that carries something else is HTTP there, and ends', () => {
    const story = new Story()
    const talk = opened(story, 1883)
    for (let count = 0; count < 3; count++) talk.say(masked(text(`{"n":${count}}`)))
    talk.close()
    const ends: string[] = []
    const analysis = new Analysis({
      ...NOTHING,
      packet: () => ends.push('packet'),
      ended: (_stream, side, how) => ends.push(`${side} ${how}`),
      finding: ({ id, message }) => ends.push(`${id} ${message}`),
    })
    analysis.push(story.capture)
    analysis.end()
    expect(ends).toEqual([
      'stream.not_mqtt this stream is HTTP, not MQTT: its bytes are counted but not read',
      '0 fin',
      '1 fin',
    ])
  })

  test('that is refused and closed is HTTP there, and ends', () => {
    const story = new Story()
    story.join().say(request()).hear(text('HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n')).close()
    const ends: string[] = []
    const analysis = new Analysis({
      ...NOTHING,
      packet: () => ends.push('packet'),
      ended: (_stream, side, how) => ends.push(`${side} ${how}`),
      finding: ({ id }) => ends.push(id),
    })
    analysis.push(story.capture)
    analysis.end()
    expect(ends.toSorted()).toEqual(['0 fin', '1 fin', 'stream.not_mqtt'])
  })
})
