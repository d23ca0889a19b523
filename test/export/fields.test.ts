import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { Pipeline } from '../../src/analysis/pipeline.ts'
import { resolveFields, UnknownFieldError } from '../../src/export/columns.ts'
import { FieldsExporter, type FieldsOptions } from '../../src/export/fields.ts'
import { NET_FIELDS } from '../../src/net/fields.ts'
import { RECORD_FIELDS } from '../../src/store/facts.ts'
import {
  CONNECT_3,
  CONNECT_4,
  CONNECT_5,
  type Conversation,
  type ConversationParts,
  written,
} from '../support/conversation.ts'

type Talk = (conversation: Conversation) => void
type Options = Omit<FieldsOptions, 'columns'>

const rows = (names: string, talk: Talk, options: Options = {}, parts: ConversationParts = {}): string[] => {
  const columns = resolveFields(names.split(' '))
  const text = written(write => new FieldsExporter({ ...options, columns }, write), talk, parts)
  expect(text === '' || text.endsWith('\n')).toBe(true)
  return text.split('\n').slice(0, -1)
}

describe('values as tshark writes them', () => {
  test('one row a packet, an absent value is empty', () => {
    const names = 'mqtt.msgtype mqtt.topic mqtt.msgid mqtt.msg'
    const talk: Talk = told => told.client(`${CONNECT_4} 32 09 0003 612f62 0007 6869`).server('20 02 0000 40 02 0007')
    expect(rows(names, talk)).toEqual(['1\t\t\t', '3\ta/b\t7\t6869', '2\t\t\t', '4\t\t7\t'])
  })

  test('hex in two digits, flags as 0 and 1, other numbers decimal', () => {
    const names =
      'mqtt.hdrflags mqtt.len mqtt.conflags mqtt.conflag.cleansess mqtt.conflag.willflag mqtt.conflag.qos mqtt.kalive mqtt.ver'
    expect(rows(names, told => told.client(CONNECT_4))).toEqual(['0x10\t13\t0x02\t1\t0\t0\t60\t4'])
    expect(
      rows('mqtt.conack.flags mqtt.conack.flags.sp mqtt.conack.val', told =>
        told.client(CONNECT_4).server('20 02 01 00'),
      ),
    ).toEqual(['\t\t', '0x01\t1\t0'])
  })

  test('flags of PUBLISH, reserved ones of others', () => {
    const names = 'mqtt.dupflag mqtt.qos mqtt.retain mqtt.hdr_reserved'
    expect(rows(names, told => told.client(`${CONNECT_4} 3b 06 0001 61 0001 21 62 02 0001`))).toEqual([
      '\t\t\t0',
      '1\t1\t1\t',
      '\t\t\t2',
    ])
  })

  test('in 3.1 a request has DUP and QoS', () => {
    const names =
      'mqtt.ver mqtt.dupflag mqtt.qos mqtt.retain_reserved mqtt.hdr_reserved mqtt.conack.flags mqtt.conack.flags.reserved'
    expect(rows(names, told => told.client(`${CONNECT_3} 8a 06 0001 0001 61 00`).server('20 02 0000'))).toEqual([
      '3\t\t\t\t0\t\t',
      '\t1\t1\t0\t\t\t',
      '\t\t\t\t0\t\t0',
    ])
  })

  test('an empty payload is there', () => {
    expect(rows('mqtt.msg mqtt.msg_text', told => told.client('30 03 0001 61'))).toEqual(['<MISSING>\t'])
  })

  test('payloads as text', () => {
    const will = '10 14 0004 4d515454 04 06 003c 0001 63 0001 77 0002 6f66'
    expect(
      rows('mqtt.willmsg mqtt.willmsg_text mqtt.msg_text', told => told.client(`${will} 30 05 0001 61 c3a9`)),
    ).toEqual(['6f66\tof\t', '\t\té'])
  })

  test('groups print 1, as often as they stand there', () => {
    const connect = '10 15 0004 4d515454 05 06 003c 00 0001 63 00 0001 77 0001 6f'
    expect(rows('mqtt.properties mqtt.will_properties mqtt.property_len', told => told.client(connect))).toEqual([
      '1\t1\t0,0',
    ])
  })

  test('values of a field that stands several times', () => {
    const subscribe = '82 0f 0001 0001 61 00 0001 62 01 0002 632f 02'
    const names = 'mqtt.topic mqtt.sub.qos'
    const talk: Talk = told => told.client(`${CONNECT_4} ${subscribe}`)
    expect(rows(names, talk)[1]).toBe('a,b,c/\t0,1,2')
    expect(rows(names, talk, { occurrence: 'f' })[1]).toBe('a\t0')
    expect(rows(names, talk, { occurrence: 'l' })[1]).toBe('c/\t2')
    expect(rows(names, talk, { aggregator: ' ' })[1]).toBe('a b c/\t0 1 2')
  })

  test('a hundred thousand of them, no more', () => {
    const suback = `90 a3 8d 06 0001 ${'00'.repeat(100_001)}`
    const cell = rows('mqtt.suback.qos', told => told.client(CONNECT_4).server(suback))[1] ?? ''
    expect(cell.split(',')).toHaveLength(100_000)
  })

  test('the same column twice', () => {
    expect(rows('mqtt.topic mqtt.topic', told => told.client('30 03 0001 61'))).toEqual(['a\ta'])
  })
})

describe('properties of MQTT 5', () => {
  // Session expiry 120, receive maximum 10, user properties a=b and c=d.
  const connect = `10 24 0004 4d515454 05 02 003c 16 11 00000078 21 000a 26 0001 61 0001 62 26 0001 63 0001 64 0001 63`

  test("under Wireshark's generic names and under their own", () => {
    const generic = 'mqtt.property_id mqtt.prop_number mqtt.prop_key mqtt.prop_value'
    expect(rows(generic, told => told.client(connect))).toEqual(['0x11,0x21,0x26,0x26\t120,10\ta,c\tb,d'])
    const own = 'mqtt.property.sessionExpiryInterval mqtt.property.receiveMaximum mqtt.property.userProperty'
    expect(rows(own, told => told.client(connect))).toEqual(['120\t10\ta=b,c=d'])
  })

  test('binary ones as text under the generic name, as hex under their own', () => {
    // Response topic r, correlation data 68 c3a9.
    const publish = '30 0f 0001 61 0a 08 0001 72 09 0003 68c3a9 21'
    const names = 'mqtt.prop_string_len mqtt.prop_string mqtt.property.correlationData mqtt.property.responseTopic'
    expect(rows(names, told => told.client(`${CONNECT_5} ${publish}`))[1]).toBe('1,3\tr,hé\t68c3a9\tr')
  })

  test('an unknown one takes the rest of the block', () => {
    const publish = '30 08 0001 61 03 7e 6869 21'
    expect(rows('mqtt.property_id mqtt.prop_unknown mqtt.msg', told => told.client(`${CONNECT_5} ${publish}`))[1]).toBe(
      '0x7e\thi\t21',
    )
  })

  test('the three with a name of their own in Wireshark', () => {
    const publish = '30 0c 0001 61 07 03 0001 74 23 0005 21'
    const names = 'mqtt.property.content_type mqtt.property.topic_alias mqtt.property.topicAlias mqtt.prop_number'
    expect(rows(names, told => told.client(`${CONNECT_5} ${publish}`))[1]).toBe('t\t5\t5\t')
    expect(rows('mqtt.property.max_qos', told => told.client(CONNECT_5).server('20 05 00 00 02 24 01'))[1]).toBe('1')
  })
})

describe('what the packet alone does not say', () => {
  const named = '30 08 0001 61 03 23 0001 21'
  const alias = '30 07 0000 03 23 0001 21'
  const unknown = '30 07 0000 03 23 0002 21'

  test('topics behind aliases', () => {
    const names = 'mqtt.topic mqtt.topic_resolved mqtt.unknown_topic_alias mqtt.illegal_topic_length'
    expect(rows(names, told => told.client(`${CONNECT_5} ${named} ${alias} ${unknown}`)).slice(1)).toEqual([
      'a\ta\t\t',
      'a\ta\t\t',
      '\t\t1\t',
    ])
    // The other direction has aliases of its own.
    expect(rows(names, told => told.client(`${CONNECT_5} ${named}`).server(alias))[2]).toBe('\t\t1\t')
  })

  test('a filter is no topic of a message', () => {
    expect(rows('mqtt.topic mqtt.topic_resolved', told => told.client('82 06 0001 0001 61 00'))).toEqual(['a\t'])
  })

  test('empty topics', () => {
    const names = 'mqtt.topic_len mqtt.topic mqtt.illegal_topic_length'
    expect(rows(names, told => told.client(`${CONNECT_4} 30 03 0000 21`))[1]).toBe('0\t\t1')
    expect(rows(names, told => told.client(`${CONNECT_4} 82 09 0001 0000 00 0001 61 00`))[1]).toBe('0,1\ta\t1')
    expect(rows(names, told => told.client(`${CONNECT_5} 30 04 0000 00 21`))[1]).toBe('0\t\t1')
    expect(rows(names, told => told.client(`${CONNECT_5} 30 07 0000 03 23 0000 21`))[1]).toBe('0\t\t1')
    const will = '10 12 0004 4d515454 04 06 003c 0001 63 0000 0001 21'
    expect(rows('mqtt.willtopic_len mqtt.illegal_topic_length', told => told.client(will))).toEqual(['0\t1'])
  })

  test('client, direction, version', () => {
    const names = 'mqtt.client mqtt.from mqtt.version mqtt.unknown_version'
    expect(rows(names, told => told.client(CONNECT_4).server('20 02 0000'))).toEqual([
      'c\tclient\t3.1.1\t',
      'c\tserver\t3.1.1\t',
    ])
    // Wireshark speaks of an unknown version where no CONNECT told one, or told level 0: not for level 9.
    const level = (number: string): string => `10 0d 0004 4d515454 ${number} 02 003c 0001 63`
    expect(rows(names, told => told.client(level('09')).server('20 02 0000'))[1]).toBe('c\tserver\tunknown\t')
    expect(rows(names, told => told.client(level('00')).server('20 02 0000'))[1]).toBe('c\tserver\tunknown\t1')
    expect(rows(names, told => told.client('c000'))).toEqual(['\tclient\tunknown\t1'])
  })

  test('findings', () => {
    const names = 'mqtt.finding.id mqtt.finding.level'
    // Flags 0000 and reserved options.
    expect(rows(names, told => told.client(`${CONNECT_4} 80 06 0001 0001 61 fc`))[1]).toBe(
      'MQTT-3.8.1-1,MQTT-3-8.3-4\terror,error',
    )
    expect(rows(names, told => told.client(CONNECT_4))).toEqual(['\t'])
  })
})

describe('the layers below', () => {
  test('what the record knows', () => {
    const names =
      'frame.number frame.time_epoch frame.time_relative frame.len ip.src ip.dst ipv6.src tcp.srcport tcp.dstport tcp.stream'
    expect(rows(names, told => told.client(CONNECT_4).server('20 02 0000'), {}, { stream: 3 })).toEqual([
      '1\t1795169191.123456789\t0.000000000\t81\t192.0.2.11\t192.0.2.1\t\t51034\t1883\t3',
      '2\t1795169192.123456789\t1.000000000\t70\t192.0.2.1\t192.0.2.11\t\t1883\t51034\t3',
    ])
  })

  test('IPv6', () => {
    expect(rows('ip.src ipv6.src ipv6.dst', told => told.client(CONNECT_4), {}, { ipv6: true })).toEqual([
      '\t2001:db8::1\t2001:db8::2',
    ])
  })

  test('a frame without a time', () => {
    expect(
      rows('frame.time_epoch frame.time_relative', told => told.client(CONNECT_4), {}, { seconds: Number.NaN }),
    ).toEqual(['\t'])
  })

  test('gaps before and in a packet; a payload with a hole has no value', () => {
    const talk: Talk = told => {
      told.client('30 06 0001 61 41')
      told.gap(0, 1).client('43')
      told.gap(0, 5).client('c000')
    }
    expect(rows('mqtt.msgtype tcp.gap mqtt.msg', talk)).toEqual(['3\t1\t', '12\t5\t'])
  })
})

describe('text that could do harm (X01 to X03)', () => {
  const publish = (topic: string): string => {
    const size = topic.length / 2
    return `30 ${(size + 2).toString(16).padStart(2, '0')} ${size.toString(16).padStart(4, '0')} ${topic}`
  }
  const topic = (hex: string): string | undefined => rows('mqtt.topic', told => told.client(publish(hex)))[0]

  test.each([
    ['escape sequences', '61 1b 5d 30 07'.replaceAll(' ', ''), 'a\\x1b]0\\x07'],
    ['NUL does not end a text', '610062', 'a\\x00b'],
    ['the five that tshark writes as letters', '08090a0c0d', '\\b\\t\\n\\f\\r'],
    ['C1', 'c29b', '\\x9b'],
    ['right to left', '61e280ae62', 'a⟨U+202E⟩b'],
    ['a byte order mark', 'efbbbf61', '⟨U+FEFF⟩a'],
    ['a backslash stays one', '615c62', 'a\\b'],
    ['ordinary text', 'c3a9e282acf09f9880', 'é€😀'],
    ['what breaks UTF-8', '61ff62', 'a\ufffdb'],
    ['each maximal part of it', 'e28261c080eda080', '\ufffda\ufffd\ufffd\ufffd\ufffd\ufffd'],
    ['a name of a property of objects', '636f6e7374727563746f720a', 'constructor\\n'],
  ])('%s', (_name, hex, expected) => {
    expect(topic(hex)).toBe(expected)
  })
})

describe('options', () => {
  const talk: Talk = told => told.client('30 06 0001 61 22 2c 22 30 03 0001 61')

  test('header, separator, byte order mark', () => {
    const names = 'mqtt.topic mqtt.msg_text'
    expect(rows(names, talk, { header: true, separator: ',', bom: true })).toEqual([
      '\ufeffmqtt.topic,mqtt.msg_text',
      'a,","',
      'a,',
    ])
  })

  test('quotes surround what is there, and are not escaped within', () => {
    expect(rows('mqtt.topic mqtt.msg_text', talk, { quote: '"' })).toEqual(['"a"\t"",""', '"a"\t'])
  })

  test('redact', () => {
    const connect = '10 18 0004 4d515454 04 c2 003c 0001 63 0004 75736572 0003 707773'
    const names = 'mqtt.clientid mqtt.username mqtt.username_len mqtt.passwd mqtt.msg mqtt.msg_text'
    const told: Talk = conversation => conversation.client(`${connect} 30 05 0001 61 6869`)
    expect(rows(names, told, { redact: true })).toEqual([
      'c\t<4 bytes>\t4\t<3 bytes>\t\t',
      '\t\t\t\t<2 bytes>\t<2 bytes>',
    ])
    const auth = 'f0 0e 18 0c 15 0003 61 62 63 16 0003 707773'
    const secret = 'mqtt.property.authenticationData mqtt.prop_string'
    expect(rows(secret, conversation => conversation.client(`${CONNECT_5} ${auth}`), { redact: true })[1]).toBe(
      '<3 bytes>\tabc,<3 bytes>',
    )
  })

  test('redact: the data of a segment holds the same secrets', () => {
    let text = ''
    const columns = resolveFields(['tcp.len', 'tcp.payload'])
    const exporter = new FieldsExporter({ columns, redact: true }, more => {
      text += more
    })
    const pipeline = new Pipeline(exporter)
    pipeline.push(readFileSync(new URL('../../samples/refused.pcapng', import.meta.url)))
    pipeline.end()
    exporter.finish()
    expect(text).toMatch(/^((\d+)\t<\2 bytes>\n)+$/)
  })

  test('redacted payloads tell their size on the wire', () => {
    const told: Talk = conversation => conversation.client('30 08 0001 61 41').gap(0, 3).client('45')
    expect(rows('mqtt.msg', told, { redact: true })).toEqual(['<5 bytes>'])
  })
})

test('a packet that never became whole is no row', () => {
  expect(rows('mqtt.msgtype', told => told.client('c000 30 09 0001').end())).toEqual(['12'])
})

describe('names', () => {
  test('all of the tables', () => {
    const names = [...RECORD_FIELDS, ...NET_FIELDS].map(({ name }) => name)
    expect(resolveFields(names).map(({ name }) => name)).toEqual(names)
  })

  test('an unknown one, and what may have been meant', () => {
    const wrong = (name: string): UnknownFieldError => {
      try {
        resolveFields(['mqtt.len', name])
      } catch (cause) {
        if (cause instanceof UnknownFieldError) return cause
      }
      throw new Error('not refused')
    }
    expect(wrong('mqtt.topc').near).toContain('mqtt.topic')
    expect(wrong('mqtt.topc').field).toBe('mqtt.topc')
    expect(wrong('mqtt.topc').message).toBe('unknown field mqtt.topc; did you mean mqtt.topic?')
    expect(wrong('http.request').near).toEqual([])
    expect(wrong('http.request').message).toBe('unknown field http.request')
  })
})
