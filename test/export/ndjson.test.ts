import { describe, expect, test } from 'vitest'
import { JsonExporter, NdjsonExporter } from '../../src/export/ndjson.ts'
import type { Exporter, Write } from '../../src/store/record.ts'
import {
  CONNECT_3,
  CONNECT_4,
  CONNECT_5,
  Conversation,
  type ConversationParts,
  NO_SUMMARY,
  written,
} from '../support/conversation.ts'
import { expectValid, type Json, lastOf, recordsOf } from '../support/json.ts'

/** What follows a CONNECT of each version. */
const after3 = (hex: string): Json => lastOf(told => told.client(`${CONNECT_3} ${hex}`))
const after4 = (hex: string): Json => lastOf(told => told.client(`${CONNECT_4} ${hex}`))
const after5 = (hex: string): Json => lastOf(told => told.client(`${CONNECT_5} ${hex}`))
const answer3 = (hex: string): Json => lastOf(told => told.client(CONNECT_3).server(hex))
const answer4 = (hex: string): Json => lastOf(told => told.client(CONNECT_4).server(hex))
const answer5 = (hex: string): Json => lastOf(told => told.client(CONNECT_5).server(hex))

const clean = { findings: [] }

test('a whole line, key by key', () => {
  const text = written(
    write => new NdjsonExporter({}, write),
    told => told.client(CONNECT_4).client('32 0d 0005 68656c6c6f 0007 61626364'),
    { stream: 2 },
  )
  expect(text.split('\n')[1]).toBe(
    '{"record":"packet","packet":2,"frame":2,"time":"2026-11-20T10:06:32.123456789Z","stream":2,"client":"c",' +
      '"src":"192.0.2.11:51034","dst":"192.0.2.1:1883","from":"client","version":"3.1.1","versionFrom":"connect",' +
      '"type":"PUBLISH","flags":{"dup":false,"qos":1,"retain":false},"remainingLength":13,"packetId":7,' +
      '"topic":"hello","payload":{"size":4,"text":"abcd"},"findings":[]}',
  )
})

describe('CONNECT', () => {
  test('of 3.1', () => {
    expect(lastOf(told => told.client(CONNECT_3))).toEqual({
      type: 'CONNECT',
      remainingLength: 15,
      protocolName: 'MQIsdp',
      protocolLevel: 3,
      cleanSession: true,
      keepAlive: 60,
      clientId: 'c',
      ...clean,
    })
  })

  test('of 3.1.1 with will, user name and password', () => {
    const connect = '10 24 0004 4d515454 04 ee 0000 0003 616263 0003 742f77 0004 676f6e65 0004 75736572 0002 7077'
    expect(lastOf(told => told.client(connect))).toEqual({
      type: 'CONNECT',
      remainingLength: 36,
      protocolName: 'MQTT',
      protocolLevel: 4,
      cleanSession: true,
      keepAlive: 0,
      clientId: 'abc',
      will: { topic: 't/w', qos: 1, retain: true, payload: { size: 4, text: 'gone' } },
      username: 'user',
      password: { size: 2, text: 'pw' },
      ...clean,
    })
  })

  test('of 5.0 with properties of both kinds', () => {
    const connect =
      '10 2d 0004 4d515454 05 04 000a 0f 11 0000000a 22 0005 26 0001 6b 0001 76' +
      '0000 0a 18 0000001e 01 01 03 0000 0001 77 0001 21'
    expect(lastOf(told => told.client(connect))).toEqual({
      type: 'CONNECT',
      remainingLength: 45,
      protocolName: 'MQTT',
      protocolLevel: 5,
      cleanStart: false,
      keepAlive: 10,
      clientId: '',
      will: {
        topic: 'w',
        qos: 0,
        retain: false,
        payload: { size: 1, text: '!' },
        properties: { willDelayInterval: 30, payloadFormatIndicator: 1, contentType: '' },
      },
      properties: { sessionExpiryInterval: 10, topicAliasMaximum: 5, userProperties: [['k', 'v']] },
      ...clean,
    })
  })

  test('of a bridge', () => {
    expect(lastOf(told => told.client(CONNECT_4.replace('04 02', '84 02')))).toMatchObject({
      protocolLevel: 4,
      bridge: true,
      cleanSession: true,
      findings: [{ id: 'connect.bridge', level: 'note' }],
    })
  })

  test('of no version at all', () => {
    const [record] = recordsOf(told => told.client(CONNECT_4.replace('04 02', '09 02')))
    expect(record).toMatchObject({ version: 'unknown', protocolLevel: 9 })
    expect(record).not.toHaveProperty('versionFrom')
  })
})

describe('CONNACK', () => {
  test('of 3.1 has no session present', () => {
    expect(answer3('20 02 0004')).toEqual({
      type: 'CONNACK',
      remainingLength: 2,
      returnCode: 4,
      reason: 'Connection Refused, bad user name or password',
      ...clean,
    })
  })

  test('of 3.1.1', () => {
    expect(answer4('20 02 0100')).toEqual({
      type: 'CONNACK',
      remainingLength: 2,
      sessionPresent: true,
      returnCode: 0,
      reason: 'Connection Accepted',
      ...clean,
    })
  })

  test('of 5.0', () => {
    expect(answer5('20 0a 00 87 07 1f 0004 6e6f7065')).toEqual({
      type: 'CONNACK',
      remainingLength: 10,
      sessionPresent: false,
      reasonCode: 0x87,
      reason: 'Not authorized',
      properties: { reasonString: 'nope' },
      ...clean,
    })
  })

  test('with a code that nobody knows', () => {
    expect(answer5('20 03 00 77 00')).toMatchObject({ reasonCode: 0x77, reason: 'unknown' })
  })
})

describe('PUBLISH', () => {
  test('at QoS 0', () => {
    expect(after4('31 05 0001 61 6869')).toEqual({
      type: 'PUBLISH',
      flags: { dup: false, qos: 0, retain: true },
      remainingLength: 5,
      topic: 'a',
      payload: { size: 2, text: 'hi' },
      ...clean,
    })
  })

  test('with all the properties it can have', () => {
    const block =
      '01 01 02 0000003c 03 0001 74 08 0001 72 09 0002 fffe 0b 07 0b 80 01 23 0003 26 0001 61 0001 62 26 0001 61 0001 63'
    const size = block.replaceAll(' ', '').length / 2
    const hex = `34 ${(6 + size + 1).toString(16)} 0001 61 0009 ${size.toString(16)} ${block} 21`
    expect(after5(hex)).toEqual({
      type: 'PUBLISH',
      flags: { dup: false, qos: 2, retain: false },
      remainingLength: 7 + size,
      packetId: 9,
      topic: 'a',
      topicAlias: 3,
      properties: {
        payloadFormatIndicator: 1,
        messageExpiryInterval: 60,
        contentType: 't',
        responseTopic: 'r',
        correlationData: { size: 2, base64: '//4=' },
        topicAlias: 3,
        userProperties: [
          ['a', 'b'],
          ['a', 'c'],
        ],
        subscriptionIdentifiers: [7, 128],
      },
      payload: { size: 1, text: '!' },
      ...clean,
    })
  })

  test('aliases: the topic they stand for, as of this packet', () => {
    const set = (topic: string): string => `30 08 0001 ${topic} 03 23 0001 21`
    const alone = '30 07 0000 03 23 0001 21'
    const told = recordsOf(talk => talk.client(`${CONNECT_5} ${set('61')} ${alone} ${set('62')} ${alone}`))
    expect(told.map(({ topic, topicAlias }) => [topic, topicAlias]).slice(1)).toEqual([
      ['a', 1],
      ['a', 1],
      ['b', 1],
      ['b', 1],
    ])
  })

  test('an alias that was never set', () => {
    const record = after5('30 07 0000 03 23 0001 21')
    expect(record).not.toHaveProperty('topic')
    expect(record).toMatchObject({ topicAlias: 1, findings: [{ id: 'MQTT-3.3.2-7', level: 'error' }] })
  })

  test('an empty topic was on the wire', () => {
    expect(after4('30 03 0000 21')).toMatchObject({ topic: '', payload: { size: 1, text: '!' } })
  })

  test('payloads', () => {
    const payload = (hex: string): unknown => {
      const size = hex.length / 2
      return after4(`30 ${(size + 3).toString(16).padStart(2, '0')} 0001 61 ${hex}`).payload
    }
    expect(payload('')).toEqual({ size: 0, text: '' })
    expect(payload('c3a9')).toEqual({ size: 2, text: 'é' })
    expect(payload('ff')).toEqual({ size: 1, base64: '/w==' })
    expect(payload('7b2261223a317d')).toEqual({ size: 7, text: '{"a":1}' })
    expect(payload('5c0a00')).toEqual({ size: 3, text: '\\\n\0' })
    expect(payload('1b5b324a')).toEqual({ size: 4, text: '\x1b[2J' })
    // A noncharacter, private use, an emoji with a joiner, a tag.
    expect(payload('efbfbeee8080f09f91a9e2808df09f91a9f3a08081')).toEqual({
      size: 21,
      text: '\ufffe\ue000👩\u200d👩\u{e0001}',
    })
  })
})

describe('acknowledgements', () => {
  test.each([
    ['PUBACK', '40 02 0007'],
    ['PUBREC', '50 02 0007'],
    ['PUBREL', '62 02 0007'],
    ['PUBCOMP', '70 02 0007'],
  ])('%s before 5.0, and in its short form', (type, hex) => {
    expect(after4(hex)).toEqual({ type, remainingLength: 2, packetId: 7, ...clean })
    expect(after5(hex)).toEqual({ type, remainingLength: 2, packetId: 7, ...clean })
  })

  test('with reason and properties', () => {
    expect(after5('40 0d 0007 10 09 26 0002 6b31 0002 7631')).toEqual({
      type: 'PUBACK',
      remainingLength: 13,
      packetId: 7,
      reasonCode: 16,
      reason: 'No matching subscribers',
      properties: { userProperties: [['k1', 'v1']] },
      ...clean,
    })
  })

  test('3.1 has DUP and QoS in PUBREL', () => {
    expect(after3('6a 02 0007')).toEqual({
      type: 'PUBREL',
      flags: { dup: true, qos: 1 },
      remainingLength: 2,
      packetId: 7,
      ...clean,
    })
  })
})

describe('subscriptions', () => {
  test('SUBSCRIBE of 3.1.1', () => {
    expect(after4('82 0b 0001 0001 23 02 0002 612f 01')).toEqual({
      type: 'SUBSCRIBE',
      remainingLength: 11,
      packetId: 1,
      subscriptions: [
        { filter: '#', qos: 2 },
        { filter: 'a/', qos: 1 },
      ],
      ...clean,
    })
  })

  test('SUBSCRIBE of 5.0', () => {
    expect(after5('82 09 0001 02 0b 05 0001 2b 2d')).toEqual({
      type: 'SUBSCRIBE',
      remainingLength: 9,
      packetId: 1,
      subscriptions: [{ filter: '+', qos: 1, noLocal: true, retainAsPublished: true, retainHandling: 2 }],
      properties: { subscriptionIdentifiers: [5] },
      ...clean,
    })
  })

  test('reserved bits are said', () => {
    expect(after4('82 06 0001 0001 61 fd')).toMatchObject({ subscriptions: [{ filter: 'a', qos: 1, reserved: 63 }] })
    expect(after5('82 07 0001 00 0001 61 c1')).toMatchObject({ subscriptions: [{ filter: 'a', qos: 1, reserved: 3 }] })
  })

  test('SUBACK', () => {
    expect(answer4('90 04 0001 02 80')).toEqual({
      type: 'SUBACK',
      remainingLength: 4,
      packetId: 1,
      reasonCodes: [2, 128],
      reasons: ['Granted QoS 2', 'Failure'],
      ...clean,
    })
    expect(answer5('90 06 0001 00 02 87 63')).toMatchObject({
      reasonCodes: [2, 0x87, 0x63],
      reasons: ['Granted QoS 2', 'Not authorized', 'unknown'],
    })
  })

  test('UNSUBSCRIBE and UNSUBACK', () => {
    expect(after4('a2 08 0001 0001 61 0001 62')).toEqual({
      type: 'UNSUBSCRIBE',
      remainingLength: 8,
      packetId: 1,
      filters: ['a', 'b'],
      ...clean,
    })
    expect(answer4('b0 02 0001')).toEqual({ type: 'UNSUBACK', remainingLength: 2, packetId: 1, ...clean })
    expect(answer5('b0 05 0001 00 00 11')).toMatchObject({
      reasonCodes: [0, 17],
      reasons: ['Success', 'No subscription existed'],
    })
  })
})

test('PINGREQ, PINGRESP, DISCONNECT, AUTH', () => {
  expect(after4('c000')).toEqual({ type: 'PINGREQ', remainingLength: 0, ...clean })
  expect(answer4('d000')).toEqual({ type: 'PINGRESP', remainingLength: 0, ...clean })
  expect(after4('e000')).toEqual({ type: 'DISCONNECT', remainingLength: 0, ...clean })
  expect(after5('e000')).toEqual({ type: 'DISCONNECT', remainingLength: 0, ...clean })
  expect(answer5('e0 02 8e 00')).toEqual({
    type: 'DISCONNECT',
    remainingLength: 2,
    reasonCode: 142,
    reason: 'Session taken over',
    ...clean,
  })
  expect(after5('f0 0c 18 0a 15 0001 78 16 0003 00ff01')).toEqual({
    type: 'AUTH',
    remainingLength: 12,
    reasonCode: 24,
    reason: 'Continue authentication',
    properties: { authenticationMethod: 'x', authenticationData: { size: 3, base64: 'AP8B' } },
    ...clean,
  })
})

describe('what breaks the rules', () => {
  test('reserved types', () => {
    expect(after4('00 00')).toMatchObject({ type: 'RESERVED', malformed: true })
    expect(after4('f0 00')).toMatchObject({ type: 'RESERVED', malformed: true })
  })

  test('flags that should be others', () => {
    expect(after4('80 06 0001 0001 61 00')).toMatchObject({
      flags: { reserved: 0 },
      malformed: true,
      findings: [{ id: 'MQTT-3.8.1-1', level: 'error', offset: 0 }],
    })
    expect(after4('41 02 0001')).toMatchObject({ flags: { reserved: 1 } })
  })

  test('fields behind the end: what could be read', () => {
    expect(after4('82 08 0001 0001 61 00 0005')).toMatchObject({
      packetId: 1,
      subscriptions: [{ filter: 'a', qos: 0 }],
      malformed: true,
      findings: [{ id: 'malformed.truncated' }],
    })
    expect(after4('82 05 0001 0001 61')).toMatchObject({ subscriptions: [{ filter: 'a' }], malformed: true })
    expect(after4('32 02 0005')).toEqual({
      type: 'PUBLISH',
      flags: { dup: false, qos: 1, retain: false },
      remainingLength: 2,
      malformed: true,
      findings: [{ id: 'malformed.truncated', level: 'error', message: expect.any(String) as string, offset: 2 }],
    })
  })

  test('a CONNECT whose will is cut off', () => {
    const connect = '10 10 0004 4d515454 04 2e 003c 0001 63 0005 77'
    expect(lastOf(told => told.client(connect))).toMatchObject({ will: { qos: 1, retain: true }, malformed: true })
  })

  test('bytes left over', () => {
    expect(after4('40 04 0001 6869')).toMatchObject({ packetId: 1, trailing: { size: 2, text: 'hi' }, malformed: true })
  })

  test('properties that stand twice keep the first, the others are told', () => {
    const publish = '30 16 0001 61 11 02 00000001 02 00000002 03 0001 74 03 0000 21'
    expect(after5(publish)).toMatchObject({
      properties: {
        messageExpiryInterval: 1,
        contentType: 't',
        repeated: [
          ['messageExpiryInterval', 2],
          ['contentType', ''],
        ],
      },
    })
  })

  test('unknown properties', () => {
    expect(after5('30 09 0001 61 05 01 01 7e 0102')).toMatchObject({
      properties: { payloadFormatIndicator: 1, unknown: [{ id: 126, base64: 'AQI=' }] },
      payload: { size: 0 },
      malformed: true,
    })
  })

  test('text that breaks UTF-8 keeps its bytes', () => {
    expect(after4('30 05 0002 61ff 21')).toMatchObject({ topic: 'a\ufffd', topicBase64: 'Yf8=' })
    expect(after4('82 07 0001 0002 61ff 00')).toMatchObject({
      subscriptions: [{ filter: 'a\ufffd', filterBase64: 'Yf8=', qos: 0 }],
    })
    expect(after4('a2 09 0001 0001 61 0002 61ff')).toMatchObject({
      filters: ['a', 'a\ufffd'],
      filtersBase64: [[1, 'Yf8=']],
    })
    expect(after5('30 12 0001 61 0e 26 0001 61 0001 62 26 0001 ff 0001 62')).toMatchObject({
      properties: {
        userProperties: [
          ['a', 'b'],
          ['\ufffd', 'b'],
        ],
        userPropertiesBase64: [[1, '/w==', 'Yg==']],
      },
    })
    expect(after5('30 08 0001 61 04 03 0001 ff')).toMatchObject({
      properties: { contentType: '\ufffd', contentTypeBase64: '/w==' },
    })
    expect(after5('30 0c 0001 61 08 03 0001 74 03 0001 ff')).toMatchObject({
      properties: { contentType: 't', repeated: [['contentType', '\ufffd', '/w==']] },
    })
    const connect = '10 0f 0004 4d515454 04 02 003c 0003 eda080'
    expect(recordsOf(told => told.client(connect))[0]).toMatchObject({
      client: '\ufffd\ufffd\ufffd',
      clientId: '\ufffd\ufffd\ufffd',
      clientIdBase64: '7aCA',
    })
  })

  test('U+0000 does not end a text', () => {
    expect(after4('30 06 0003 610062 21')).toMatchObject({ topic: 'a\0b' })
  })
})

describe('limits', () => {
  const varint = (size: number): string => {
    const digits: number[] = []
    for (let left = size; digits.length === 0 || left > 0; left = left >>> 7)
      digits.push((left & 127) | (left > 127 ? 128 : 0))
    return digits.map(digit => digit.toString(16).padStart(2, '0')).join('')
  }
  const publish5 = (block: string): string => {
    const properties = varint(block.length / 2) + block
    return `30 ${varint(3 + properties.length / 2)} 000161 ${properties}`
  }

  test('user properties: the first thousand, the others are counted (M14)', () => {
    const record = after5(publish5('26000161000162'.repeat(2000)))
    const { userProperties, userPropertiesOmitted } = record.properties as Json
    expect(userProperties).toHaveLength(1000)
    expect(userPropertiesOmitted).toBe(1000)
    expect(after5(publish5('26000161000162'.repeat(1000))).properties).not.toHaveProperty('userPropertiesOmitted')
  })

  test('what no honest packet repeats', () => {
    const record = after5(publish5('0100'.repeat(2500)))
    expect((record.properties as Json).repeated).toHaveLength(1000)
    expect((record.properties as Json).repeatedOmitted).toBe(1499)
    expect(record.findings).toHaveLength(1000)
    expect(record.findingsOmitted).toBe(1499)
  })

  test('codes', () => {
    const { reasonCodes, reasonCodesOmitted, reasons } = answer4(
      `90 ${varint(2 + 100_001)} 0001 ${'00'.repeat(100_001)}`,
    )
    expect(reasonCodes).toHaveLength(100_000)
    expect(reasons).toHaveLength(100_000)
    expect(reasonCodesOmitted).toBe(1)
  })
})

describe('what is missing from the capture', () => {
  test('holes in a payload: where, and what there is', () => {
    const records = recordsOf(told => told.client('30 0b 0001 61 3031').gap(0, 3).client('3536').gap(0, 1))
    expect(records).toHaveLength(1)
    expect(records[0]).toMatchObject({
      payload: {
        size: 8,
        kept: 4,
        text: '0156',
        missing: [
          [2, 3],
          [7, 1],
        ],
      },
      findings: [],
    })
    expect(records[0]).not.toHaveProperty('malformed')
  })

  test('an incomplete packet', () => {
    expect(lastOf(told => told.client('30 0b 0001 61 3031').end())).toMatchObject({
      payload: { size: 8, kept: 2, text: '01' },
      incomplete: true,
      findings: [{ id: 'capture.incomplete', offset: 7 }],
    })
    expect(lastOf(told => told.client('30').end())).toMatchObject({ type: 'PUBLISH', incomplete: true })
  })

  test('a gap, and bytes passed over', () => {
    const records = recordsOf(told => {
      told.client(CONNECT_4).gap(0, 29)
      told.gap(1, 0)
    })
    expect(records.slice(1)).toEqual([
      {
        record: 'gap',
        type: 'GAP',
        frame: 2,
        time: '2026-11-20T10:06:32.123456789Z',
        stream: 0,
        client: 'c',
        src: '192.0.2.11:51034',
        dst: '192.0.2.1:1883',
        from: 'client',
        bytes: 29,
      },
      {
        record: 'gap',
        type: 'GAP',
        frame: 3,
        time: '2026-11-20T10:06:33.123456789Z',
        stream: 0,
        client: 'c',
        src: '192.0.2.1:1883',
        dst: '192.0.2.11:51034',
        from: 'server',
      },
    ])
    const skipped = recordsOf(told => told.client('30 80808080 0102').end())
    expect(skipped.at(-1)).toMatchObject({ record: 'skipped', type: 'SKIPPED', from: 'client', bytes: 2 })
    expect(skipped.at(-1)).not.toHaveProperty('foreign')
    // "GET / HTTP/1.1"
    const http = recordsOf(told => told.client('474554202f20485454502f312e31').end())
    expect(http).toHaveLength(1)
    expect(http[0]).toMatchObject({ record: 'skipped', bytes: 14, foreign: 'http' })
  })

  test('damage and the summary', () => {
    const records: Json[] = []
    const { unread: _, dropped: __, ...without } = NO_SUMMARY
    const exporter = new NdjsonExporter({}, line => records.push(JSON.parse(line) as Json))
    exporter.damage({ code: 'truncated_tail', at: 99, size: 7, message: 'the "end"' })
    const unread = [{ reason: 'encrypted 802.11', frames: 2, first: 3 }]
    exporter.finish({ ...NO_SUMMARY, frames: 3, dropped: 2 })
    exporter.finish({ ...NO_SUMMARY, unread })
    for (const record of records) expectValid(record)
    expect(records).toEqual([
      { record: 'damage', code: 'truncated_tail', offset: 99, bytes: 7, message: 'the "end"' },
      { record: 'summary', ...without, frames: 3, dropped: 2 },
      { record: 'summary', ...without, unread },
    ])
  })
})

describe('time', () => {
  const timeOf = (parts: ConversationParts): unknown => recordsOf(told => told.client('c000'), parts)[0]?.time

  test('the digits of the capture', () => {
    expect(timeOf({ timeDigits: 6 })).toBe('2026-11-20T10:06:31.123456Z')
    expect(timeOf({ timeDigits: 9, nanos: 5 })).toBe('2026-11-20T10:06:31.000000005Z')
    expect(timeOf({ timeDigits: 0 })).toBe('2026-11-20T10:06:31Z')
  })

  test('none, before 1970, beyond the calendar', () => {
    expect(timeOf({ seconds: Number.NaN })).toBeUndefined()
    expect(timeOf({ seconds: -1, timeDigits: 6 })).toBe('1969-12-31T23:59:59.123456Z')
    expect(timeOf({ seconds: 300_000_000_000, timeDigits: 6 })).toBe('+011476-08-15T05:20:00.123456Z')
    expect(timeOf({ seconds: 1e15, timeDigits: 6 })).toBe('@1000000000000000.123456')
  })
})

test('addresses of IPv6', () => {
  expect(recordsOf(told => told.client('c000'), { ipv6: true })[0]).toMatchObject({
    src: '[2001:db8::1]:51034',
    dst: '[2001:db8::2]:1883',
  })
})

test('the client is named once it is known, also where it changes', () => {
  const other = CONNECT_4.slice(0, -2)
  const clients = recordsOf(told => told.client(`c000 ${CONNECT_4} c000 ${other}64 c000`)).map(({ client }) => client)
  expect(clients).toEqual([undefined, 'c', 'c', 'd', 'd'])
})

describe('redact', () => {
  const redacted = (talk: (told: Conversation) => void): Json => lastOf(talk, { redact: true })

  test('user name, password, payloads, authentication data', () => {
    const connect = '10 24 0004 4d515454 04 ee 0000 0003 616263 0003 742f77 0004 676f6e65 0004 75736572 0002 7077'
    expect(redacted(told => told.client(connect))).toMatchObject({
      clientId: 'abc',
      will: { topic: 't/w', payload: { size: 4 } },
      username: { size: 4 },
      password: { size: 2 },
    })
    expect(redacted(told => told.client('30 05 0001 61 6869')).payload).toEqual({ size: 2 })
    expect(redacted(told => told.client('30 08 0001 61 41').gap(0, 3).client('45')).payload).toEqual({ size: 5 })
    const auth = 'f0 0c 18 0a 15 0001 78 16 0003 00ff01'
    expect(redacted(told => told.client(`${CONNECT_5} ${auth}`)).properties).toEqual({
      authenticationMethod: 'x',
      authenticationData: { size: 3 },
    })
  })

  test('nothing of them stays where the packet is broken', () => {
    // A password without its flag, an unknown property.
    const connect = '10 13 0004 4d515454 04 02 003c 0001 63 0004 70777321'
    expect(redacted(told => told.client(connect)).trailing).toEqual({ size: 6 })
    expect(redacted(told => told.client(`${CONNECT_5} 30 09 0001 61 05 01 01 7e 0102`)).properties).toEqual({
      payloadFormatIndicator: 1,
      unknown: [{ id: 126, size: 2 }],
    })
  })
})

describe('-T json', () => {
  const array = (talk: (told: Conversation) => void): unknown => {
    let text = ''
    const exporter: Exporter = new JsonExporter({}, ((more: string) => {
      text += more
    }) as Write)
    talk(new Conversation(exporter))
    exporter.finish(NO_SUMMARY)
    expect(text.endsWith(']\n')).toBe(true)
    return JSON.parse(text)
  }

  test('the same records', () => {
    const records = array(told => told.client(`${CONNECT_4} c000`).gap(0, 3)) as Json[]
    expect(records.map(({ record }) => record)).toEqual(['packet', 'packet', 'gap', 'summary'])
    for (const record of records) expectValid(record)
  })

  test('of nothing', () => {
    expect(array(() => {})).toHaveLength(1)
  })
})
