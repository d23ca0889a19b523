/** Every packet type of every version: hand-written bytes, and the fields they hold. */
import { describe, expect, test } from 'vitest'
import { fromHex, hex } from '../../src/base/bytes.ts'
import type { Field, FieldSink } from '../../src/base/field.ts'
import { decodeText } from '../../src/base/strings.ts'
import { Fault } from '../../src/mqtt/faults.ts'
import type { Version } from '../../src/mqtt/spec.ts'
import { walk } from '../../src/mqtt/walk.ts'

const NAMES = Object.fromEntries(Object.entries(Fault).map(([name, code]) => [code, name]))

/** Writes down what a walk announces: `name=value`, groups indented, faults as `! name @offset`. */
class Lines implements FieldSink {
  readonly lines: string[] = []
  private readonly bytes: Uint8Array
  private readonly base: number
  private indent = ''

  constructor(bytes: Uint8Array, base: number) {
    this.bytes = bytes
    this.base = base
  }

  field(field: Field, start: number, end: number, value: number): void {
    this.lines.push(`${this.indent}${field.name.replace('mqtt.', '')}=${this.shown(field, start, end, value)}`)
  }

  open(field: Field): void {
    this.lines.push(`${this.indent}${field.name.replace('mqtt.', '')}:`)
    this.indent += ' '
  }

  close(): void {
    this.indent = this.indent.slice(1)
  }

  fault(fault: number, at: number): void {
    this.lines.push(`! ${NAMES[fault]} @${at - this.base}`)
  }

  private shown(field: Field, start: number, end: number, value: number): string {
    if (field.kind === 'text') return JSON.stringify(decodeText(this.bytes, start, end))
    if (field.kind === 'bytes') return hex(this.bytes, start, end)
    return String(value)
  }
}

function linesAt(bytes: Uint8Array, start: number, end: number, version: Version): readonly string[] {
  const sink = new Lines(bytes, start)
  walk(bytes, start, end, version, sink)
  return sink.lines
}

/** The packet alone, and the same between other bytes: an offset must never be taken for an index. */
function lines(text: string, version: Version): readonly string[] {
  const bytes = fromHex(text)
  const alone = linesAt(bytes, 0, bytes.length, version)
  const between = new Uint8Array(bytes.length + 20).fill(0xff)
  between.set(bytes, 7)
  expect(linesAt(between, 7, 7 + bytes.length, version)).toEqual(alone)
  return alone
}

/** What follows the fixed header. */
const body = (text: string, version: Version): readonly string[] => {
  const all = lines(text, version)
  return all.slice(all.findIndex(line => line.startsWith(' len=')) + 1)
}

const faults = (text: string, version: Version): readonly string[] =>
  lines(text, version).filter(line => line.startsWith('!'))

describe('fixed header', () => {
  test('PUBLISH shows DUP, QoS and retain', () => {
    expect(lines('3b 07 0001 61 0007 68 69', 4)).toEqual([
      'fixed_header:',
      ' hdrflags=59',
      ' msgtype=3',
      ' dupflag=1',
      ' qos=1',
      ' retain=1',
      ' len=7',
      'topic_len=1',
      'topic="a"',
      'msgid=7',
      'msg=6869',
    ])
  })

  test('other types show their reserved flags', () => {
    expect(lines('c0 00', 4)).toEqual(['fixed_header:', ' hdrflags=192', ' msgtype=12', ' hdr_reserved=0', ' len=0'])
    expect(lines('d0 00', 5)).toEqual(['fixed_header:', ' hdrflags=208', ' msgtype=13', ' hdr_reserved=0', ' len=0'])
  })

  test('3.1 has DUP and QoS in PUBREL, SUBSCRIBE and UNSUBSCRIBE', () => {
    expect(lines('6a 02 0001', 3)).toEqual([
      'fixed_header:',
      ' hdrflags=106',
      ' msgtype=6',
      ' dupflag=1',
      ' qos=1',
      ' retain_reserved=0',
      ' len=2',
      'msgid=1',
    ])
    expect(faults('60 02 0001', 3)).toEqual(['! requestNotQos1 @0'])
  })

  test('3.1 has no use for the other flags', () => {
    expect(faults('c5 00', 3)).toEqual(['! unusedFlags @0'])
    expect(faults('41 02 0001', 3)).toEqual(['! unusedFlags @0'])
  })

  test('wrong flags', () => {
    expect(faults('62 02 0001', 4)).toEqual([])
    expect(faults('60 02 0001', 4)).toEqual(['! badFlags @0'])
    expect(faults('41 02 0001', 4)).toEqual(['! badFlags @0'])
    expect(faults('80 06 0001 0001 61 00', 4)).toEqual(['! badFlags @0'])
    expect(faults('a0 05 0001 0001 61', 4)).toEqual(['! badFlags @0'])
    expect(faults('c1 00', 4)).toEqual(['! badFlags @0'])
    expect(faults('36 05 0001 61 0001', 4)).toEqual(['! qos3 @0'])
    expect(faults('38 03 0001 61', 4)).toEqual(['! dupAtQos0 @0'])
  })

  test('reserved types: 0 always, 15 before version 5', () => {
    expect(lines('00 02 abcd', 4)).toEqual([
      'fixed_header:',
      ' hdrflags=0',
      ' msgtype=0',
      ' hdr_reserved=0',
      '! reservedType @0',
      ' len=2',
    ])
    expect(faults('f0 00', 4)).toEqual(['! reservedType @0'])
    expect(faults('f0 00', 5)).toEqual([])
  })

  test('remaining length of one to four bytes', () => {
    const publish = (length: string, payload: number): readonly string[] =>
      lines(`30 ${length} 0001 61 ${'00'.repeat(payload)}`, 4)
    expect(publish('7f', 124)).toContain(' len=127')
    expect(publish('8001', 125)).toContain(' len=128')
    expect(publish('ff7f', 16380)).toContain(' len=16383')
    expect(publish('808001', 16381)).toContain(' len=16384')
    expect(publish('80808001', 2097149)).toContain(' len=2097152')
  })

  test('a length that is longer than needed, and one that does not end', () => {
    expect(faults('c0 8000', 4)).toEqual(['! longLength @1'])
    expect(lines('30 80808080 01', 4)).toEqual([
      'fixed_header:',
      ' hdrflags=48',
      ' msgtype=3',
      ' dupflag=0',
      ' qos=0',
      ' retain=0',
      '! badLength @1',
    ])
  })
})

describe('CONNECT', () => {
  test('3.1', () => {
    expect(body('10 11 0006 4d5149736470 03 02 003c 0003 616263', 0)).toEqual([
      'proto_len=6',
      'protoname="MQIsdp"',
      'ver=3',
      'conflags:',
      ' conflags=2',
      ' conflag.uname=0',
      ' conflag.passwd=0',
      ' conflag.retain=0',
      ' conflag.qos=0',
      ' conflag.willflag=0',
      ' conflag.cleansess=1',
      ' conflag.reserved=0',
      'kalive=60',
      'clientid_len=3',
      'clientid="abc"',
    ])
  })

  test('3.1.1 with will, user name and password', () => {
    const packet = '10 20 0004 4d515454 04 ee 000a 0001 63 0003 772f74 0004 676f6e65 0001 75 0003 707764'
    expect(body(packet, 0).slice(2)).toEqual([
      'ver=4',
      'conflags:',
      ' conflags=238',
      ' conflag.uname=1',
      ' conflag.passwd=1',
      ' conflag.retain=1',
      ' conflag.qos=1',
      ' conflag.willflag=1',
      ' conflag.cleansess=1',
      ' conflag.reserved=0',
      'kalive=10',
      'clientid_len=1',
      'clientid="c"',
      'willtopic_len=3',
      'willtopic="w/t"',
      'willmsg_len=4',
      'willmsg=676f6e65',
      'username_len=1',
      'username="u"',
      'passwd_len=3',
      'passwd="pwd"',
    ])
  })

  test('5.0 with properties and will properties', () => {
    const packet = '10 23 0004 4d515454 05 06 003c 05 11 0000000a 0000 07 18 00000005 01 00 0001 77 0002 6869'
    const shown = body(packet, 0)
    expect(shown.slice(shown.indexOf('kalive=60') + 1)).toEqual([
      'properties:',
      ' property_len=5',
      ' property:',
      '  property_id=17',
      '  property.sessionExpiryInterval=10',
      'clientid_len=0',
      'clientid=""',
      'will_properties:',
      ' property_len=7',
      ' property:',
      '  property_id=24',
      '  property.willDelayInterval=5',
      ' property:',
      '  property_id=1',
      '  property.payloadFormatIndicator=0',
      'willtopic_len=1',
      'willtopic="w"',
      'willmsg_len=2',
      'willmsg=6869',
    ])
  })

  test('the levels: a bridge sets the top bit, others are unknown', () => {
    expect(faults('10 0d 0004 4d515454 84 02 003c 0001 63', 0)).toEqual(['! bridge @8'])
    expect(faults('10 0f 0006 4d5149736470 83 02 003c 0001 63', 0)).toEqual(['! bridge @10'])
    expect(faults('10 0d 0004 4d515454 63 02 003c 0001 63', 0)).toEqual(['! unknownLevel @8'])
    expect(faults('10 0d 0004 4d515151 04 02 003c 0001 63', 0)).toEqual(['! badProtocolName @4'])
    expect(faults('10 0f 0006 4d5149736470 04 02 003c 0001 63', 0)).toEqual(['! badProtocolName @4'])
  })

  test('flags that contradict each other', () => {
    const connect = (level: string, flags: string, rest = '0001 63'): readonly string[] => {
      const name = level === '03' ? '0006 4d5149736470' : '0004 4d515454'
      const properties = level === '05' ? '00' : ''
      const after = fromHex(`${name} ${level} ${flags} 003c ${properties} ${rest}`)
      return faults(`10 ${after.length.toString(16).padStart(2, '0')} ${hex(after)}`, 0).map(
        fault => fault.split(' @')[0] ?? '',
      )
    }
    expect(connect('04', '03')).toEqual(['! reservedConnectFlag'])
    expect(connect('04', '0a')).toEqual(['! willQosWithoutWill'])
    expect(connect('04', '22')).toEqual(['! willRetainWithoutWill'])
    expect(connect('04', '1e', '0001 63 0001 77 0000')).toEqual(['! willQos3'])
    expect(connect('04', '42', '0001 63 0001 70')).toEqual(['! passwordWithoutUser'])
    expect(connect('05', '42', '0001 63 0001 70')).toEqual([])
    expect(connect('04', '00', '0000')).toEqual(['! emptyClientId'])
    expect(connect('04', '02', '0000')).toEqual([])
    expect(connect('05', '00', '0000')).toEqual([])
    expect(connect('04', '82')).toEqual(['! noUserName'])
    expect(connect('04', 'c2', '0001 63 0001 75')).toEqual(['! noPassword'])
    expect(connect('03', '82')).toEqual([])
    expect(connect('04', '06', '0001 63 0000 0000')).toEqual(['! willTopic'])
    expect(connect('04', '06', '0001 63 0003 612f23 0000')).toEqual(['! willTopic'])
    expect(connect('04', '02', `0018 ${'61'.repeat(24)}`)).toEqual(['! longClientId'])
    expect(connect('04', '02', '0001 63 ff')).toEqual(['! trailingBytes'])
  })

  test('cut anywhere, it shows what there is and where it ends', () => {
    expect(body('10 02 0004', 0)).toEqual(['proto_len=4', '! truncated @2'])
    expect(body('10 06 0004 4d515454', 0)).toEqual(['proto_len=4', 'protoname="MQTT"', '! truncated @8'])
    expect(body('10 0c 0004 4d515454 04 02 003c 0005', 0).slice(-2)).toEqual(['clientid_len=5', '! truncated @12'])
    expect(body('10 00', 0)).toEqual(['! truncated @2'])
  })
})

describe('CONNACK', () => {
  test('3.1: the first byte is reserved as a whole', () => {
    expect(body('20 02 00 00', 3)).toEqual(['conack.flags.reserved=0', 'conack.val=0'])
    expect(body('20 02 01 05', 3)).toEqual(['conack.flags.reserved=1', 'conack.val=5'])
  })

  test('3.1.1', () => {
    expect(body('20 02 01 00', 4)).toEqual([
      'conack.flags:',
      ' conack.flags=1',
      ' conack.flags.reserved=0',
      ' conack.flags.sp=1',
      'conack.val=0',
    ])
    expect(faults('20 02 02 00', 4)).toEqual(['! reservedAckFlags @2'])
    expect(faults('20 02 00 06', 4)).toEqual(['! badReturnCode @3'])
    expect(faults('20 02 01 05', 4)).toEqual(['! sessionPresentOnRefusal @2'])
    expect(faults('20 03 00 00 00', 4)).toEqual(['! trailingBytes @4'])
    expect(faults('20 01 00', 4)).toEqual(['! truncated @3'])
  })

  test('5.0', () => {
    expect(body('20 09 00 00 06 22 0003 12 0000', 5).slice(4)).toEqual([
      'connack.reason_code=0',
      'properties:',
      ' property_len=6',
      ' property:',
      '  property_id=34',
      '  property.topicAliasMaximum=3',
      ' property:',
      '  property_id=18',
      '  prop_string_len=0',
      '  property.assignedClientIdentifier=""',
    ])
    expect(faults('20 02 00 00', 5)).toEqual(['! truncated @4'])
    expect(faults('20 03 00 01 00', 5)).toEqual(['! badReasonCode @3'])
    expect(faults('20 03 00 99 00', 5)).toEqual([])
  })

  test('unknown level: as 3.1.1, its code named by reason codes', () => {
    expect(body('20 02 00 84', 0).slice(4)).toEqual(['connack.reason_code=132'])
  })
})

describe('PUBLISH', () => {
  test('3.1.1 at each QoS', () => {
    expect(body('30 06 0001 61 626364', 4)).toEqual(['topic_len=1', 'topic="a"', 'msg=626364'])
    expect(body('34 05 0001 61 ffff', 4)).toEqual(['topic_len=1', 'topic="a"', 'msgid=65535', 'msg='])
  })

  test('5.0 with properties and alias', () => {
    expect(body('32 0c 0001 61 0001 03 23 0005 78797a', 5)).toEqual([
      'topic_len=1',
      'topic="a"',
      'msgid=1',
      'properties:',
      ' property_len=3',
      ' property:',
      '  property_id=35',
      '  property.topicAlias=5',
      'msg=78797a',
    ])
    expect(faults('30 06 0000 03 23 0005', 5)).toEqual([])
    expect(faults('30 03 0000 00', 5)).toEqual(['! emptyTopic @2'])
  })

  test('topics that may not be', () => {
    expect(faults('30 02 0000', 4)).toEqual(['! emptyTopic @2'])
    expect(faults('30 05 0003 612f23', 4)).toEqual(['! wildcardInTopic @4'])
    expect(faults('30 04 0002 2b61', 4)).toEqual(['! wildcardInTopic @4'])
    expect(faults('32 05 0001 61 0000', 4)).toEqual(['! zeroPacketId @5'])
    expect(faults('30 04 0005 6162', 4)).toEqual(['! truncated @2'])
    expect(faults('32 04 0001 61 00', 4)).toEqual(['! truncated @5'])
  })

  test('text that is none', () => {
    const topic = (bytes: string): readonly string[] => {
      const size = fromHex(bytes).length
      return faults(`30 ${(size + 2).toString(16).padStart(2, '0')} ${size.toString(16).padStart(4, '0')} ${bytes}`, 4)
    }
    expect(topic('61 c080')).toEqual(['! badUtf8 @5'])
    expect(topic('e080af')).toEqual(['! badUtf8 @4'])
    expect(topic('eda080')).toEqual(['! badUtf8 @4'])
    expect(topic('f4908080')).toEqual(['! badUtf8 @4'])
    expect(topic('6100 62')).toEqual(['! nulInText @5'])
    expect(topic('61 1b 62')).toEqual(['! controlInText @5'])
    expect(topic('61 c29b')).toEqual(['! controlInText @5'])
    expect(topic('efbfbf')).toEqual(['! controlInText @4'])
    expect(topic('c3a4 e282ac f09f9880')).toEqual([])
    expect(topic('efbbbf 61')).toEqual([])
    expect(topic('1b 00 61')).toEqual(['! nulInText @5'])
  })

  test('a payload announced as UTF-8', () => {
    expect(faults('30 07 0001 61 02 0101 ff', 5)).toEqual(['! payloadNotUtf8 @8'])
    expect(faults('30 07 0001 61 02 0100 ff', 5)).toEqual([])
  })

  test('where bytes are missing, it is nobody’s fault', () => {
    const bytes = fromHex('30 20 0003 612f62 7878')
    expect(linesAt(bytes, 0, bytes.length, 4).slice(-3)).toEqual(['topic_len=3', 'topic="a/b"', 'msg=7878'])
    expect(linesAt(bytes, 0, 5, 4).slice(-2)).toEqual(['topic_len=3', '! notCaptured @2'])
    expect(linesAt(bytes, 0, 1, 4).slice(-1)).toEqual(['! notCaptured @1'])
    expect(linesAt(bytes, 0, 0, 4)).toEqual([])
  })
})

describe('PUBACK, PUBREC, PUBREL, PUBCOMP', () => {
  test('3.1.1: an id and no more', () => {
    for (const first of ['40', '50', '62', '70']) expect(body(`${first} 02 0102`, 4)).toEqual(['msgid=258'])
    expect(faults('40 03 0001 00', 4)).toEqual(['! trailingBytes @4'])
    expect(faults('40 01 00', 4)).toEqual(['! truncated @2'])
    expect(faults('40 02 0000', 4)).toEqual(['! zeroPacketId @2'])
  })

  test('5.0: the code and the properties may be left out', () => {
    expect(body('40 02 0001', 5)).toEqual(['msgid=1'])
    expect(body('50 03 0001 10', 5)).toEqual(['msgid=1', 'pubrec.reason_code=16'])
    expect(body('62 04 0001 92 00', 5)).toEqual(['msgid=1', 'pubrel.reason_code=146', 'properties:', ' property_len=0'])
    expect(faults('70 03 0001 10', 5)).toEqual(['! badReasonCode @4'])
  })
})

describe('SUBSCRIBE and UNSUBSCRIBE', () => {
  test('3.1.1', () => {
    expect(body('82 0c 0005 0001 23 00 0003 612f2b 02', 4)).toEqual([
      'msgid=5',
      'subscription:',
      ' topic_len=1',
      ' topic="#"',
      ' sub.qos=0',
      'subscription:',
      ' topic_len=3',
      ' topic="a/+"',
      ' sub.qos=2',
    ])
    expect(body('a2 05 0005 0001 61', 4)).toEqual(['msgid=5', 'subscription:', ' topic_len=1', ' topic="a"'])
  })

  test('5.0: options', () => {
    expect(body('82 09 0005 02 0b07 0001 61 2e', 5)).toEqual([
      'msgid=5',
      'properties:',
      ' property_len=2',
      ' property:',
      '  property_id=11',
      '  property.subscriptionIdentifier=7',
      'subscription:',
      ' topic_len=1',
      ' topic="a"',
      ' subscription_options:',
      '  subscription_options=46',
      '  subscription_options_reserved=0',
      '  subscription_options_retain=2',
      '  subscription_options_rap=1',
      '  subscription_options_nl=1',
      '  subscription_options_qos=2',
    ])
  })

  test('filters and options that may not be', () => {
    const subscribe = (filter: string, options: string, version: Version): readonly string[] => {
      const after = `0005 ${version === 5 ? '00' : ''} ${filter.length.toString(16).padStart(4, '0')} ${hex(new TextEncoder().encode(filter))} ${options}`
      const size = fromHex(after).length
      return faults(`82 ${size.toString(16).padStart(2, '0')} ${after}`, version).map(
        fault => fault.split(' @')[0] ?? '',
      )
    }
    for (const filter of ['#', '+', 'a/#', '+/a/+', '/#', '$SYS/#', '/']) expect(subscribe(filter, '00', 4)).toEqual([])
    for (const filter of ['a#', 'a/#/b', '#a', '##']) expect(subscribe(filter, '00', 4)).toEqual(['! badHash'])
    for (const filter of ['a+', '+a', 'a/b+/c', '++']) expect(subscribe(filter, '00', 4)).toEqual(['! badPlus'])
    expect(subscribe('', '00', 4)).toEqual(['! emptyFilter'])
    expect(subscribe('a', '03', 4)).toEqual(['! requestedQos3'])
    expect(subscribe('a', '04', 4)).toEqual(['! reservedOptions'])
    expect(subscribe('a', '03', 5)).toEqual(['! requestedQos3'])
    expect(subscribe('a', '40', 5)).toEqual(['! reservedOptions'])
    expect(subscribe('a', '30', 5)).toEqual(['! retainHandling3'])
    expect(subscribe('$share/g/a', '00', 5)).toEqual([])
    expect(subscribe('$share/g/a', '04', 5)).toEqual(['! noLocalOnShare'])
    for (const filter of ['$share', '$share/', '$share/g', '$share/g/', '$share//a'])
      expect(subscribe(filter, '00', 5)).toEqual(['! badShare'])
    expect(subscribe('$share//a', '00', 4)).toEqual([])
    expect(faults('82 02 0001', 4)).toEqual(['! noFilters @4'])
    expect(faults('a2 02 0001', 4)).toEqual(['! noFilters @4'])
    expect(faults('82 05 0001 0001 61', 4)).toEqual(['! truncated @7'])
    expect(faults('82 07 0001 0001 61 00 00', 4)).toEqual(['! truncated @8'])
  })
})

describe('SUBACK and UNSUBACK', () => {
  test('3.1.1', () => {
    expect(body('90 05 0005 00 02 80', 4)).toEqual(['msgid=5', 'suback.qos=0', 'suback.qos=2', 'suback.qos=128'])
    expect(faults('90 03 0005 7f', 4)).toEqual(['! badSubackCode @4'])
    expect(faults('90 02 0005', 4)).toEqual(['! noCodes @4'])
    expect(body('b0 02 0005', 4)).toEqual(['msgid=5'])
    expect(faults('b0 03 0005 00', 4)).toEqual(['! trailingBytes @4'])
  })

  test('5.0', () => {
    expect(body('90 05 0005 00 01 87', 5)).toEqual([
      'msgid=5',
      'properties:',
      ' property_len=0',
      'suback.reason_code=1',
      'suback.reason_code=135',
    ])
    expect(body('b0 04 0005 00 11', 5).slice(-1)).toEqual(['unsuback.reason_code=17'])
    expect(faults('b0 04 0005 00 80', 5)).toEqual([])
    expect(faults('b0 04 0005 00 01', 5)).toEqual(['! badReasonCode @5'])
  })
})

describe('PINGREQ, PINGRESP, DISCONNECT, AUTH', () => {
  test('3.1.1: no body', () => {
    expect(body('e0 00', 4)).toEqual([])
    expect(faults('c0 01 00', 4)).toEqual(['! trailingBytes @2'])
    expect(faults('e0 01 00', 4)).toEqual(['! trailingBytes @2'])
  })

  test('5.0: code and properties may be left out', () => {
    expect(body('e0 00', 5)).toEqual([])
    expect(body('e0 01 04', 5)).toEqual(['disconnect.reason_code=4'])
    expect(body('e0 02 8e 00', 5)).toEqual(['disconnect.reason_code=142', 'properties:', ' property_len=0'])
    expect(body('f0 08 18 06 15 0003 616263', 5)).toEqual([
      'auth.reason_code=24',
      'properties:',
      ' property_len=6',
      ' property:',
      '  property_id=21',
      '  prop_string_len=3',
      '  property.authenticationMethod="abc"',
    ])
    expect(faults('e0 01 01', 5)).toEqual(['! badReasonCode @2'])
  })
})

describe('properties', () => {
  /** A PUBLISH with this property block. */
  const publish = (block: string): readonly string[] => {
    const size = fromHex(block).length
    return body(
      `30 ${(size + 4).toString(16).padStart(2, '0')} 0001 61 ${size.toString(16).padStart(2, '0')} ${block}`,
      5,
    ).slice(2)
  }

  test('a user property is a pair, and may stand many times', () => {
    expect(publish('26 0001 6b 0001 76 26 0001 6b 0000')).toEqual([
      'properties:',
      ' property_len=13',
      ' property.userProperty:',
      '  property_id=38',
      '  prop_key_len=1',
      '  prop_key="k"',
      '  prop_value_len=1',
      '  prop_value="v"',
      ' property.userProperty:',
      '  property_id=38',
      '  prop_key_len=1',
      '  prop_key="k"',
      '  prop_value_len=0',
      '  prop_value=""',
      'msg=',
    ])
  })

  test('every kind of value', () => {
    expect(publish('09 0002 0102').slice(2, -1)).toEqual([
      ' property:',
      '  property_id=9',
      '  prop_string_len=2',
      '  property.correlationData=0102',
    ])
    expect(publish('0b 8001').slice(4, -1)).toEqual(['  property.subscriptionIdentifier=128'])
    expect(publish('02 ffffffff').slice(4, -1)).toEqual(['  property.messageExpiryInterval=4294967295'])
    expect(publish('03 0001 74').slice(4, -1)).toEqual(['  property.contentType="t"'])
  })

  test('what a property may not be', () => {
    const told = (block: string): readonly string[] => publish(block).filter(line => line.startsWith('!'))
    expect(told('7e 0102')).toEqual(['! unknownProperty @6'])
    expect(told('11 00000001')).toEqual(['! propertyNotAllowed @6'])
    expect(told('03 0001 74 03 0001 74')).toEqual(['! repeatedProperty @10'])
    expect(told('0b 01 0b 02')).toEqual([])
    expect(told('0b 00')).toEqual(['! propertyValue @7'])
    expect(told('23 0000')).toEqual(['! zeroAlias @7'])
    expect(told('01 02')).toEqual(['! propertyValue @7'])
    expect(told('08 0001 23')).toEqual(['! wildcardInResponseTopic @9'])
    expect(told('0b 80808080 01')).toEqual(['! badLength @7'])
    expect(told('0b 8000')).toEqual(['! longLength @7', '! propertyValue @7'])
    expect(told('26 0001 c0 0000')).toEqual(['! badUtf8 @9'])
  })

  test('an unknown property takes the rest of the block', () => {
    expect(publish('7e 0102').slice(2)).toEqual([
      ' property:',
      '  property_id=126',
      '! unknownProperty @6',
      '  prop_unknown=0102',
      'msg=',
    ])
  })

  test('a block that lies about its length', () => {
    // Shorter than its property: the value is shown, and the payload begins where the block says.
    expect(body('30 0a 0001 61 02 02 00000005 78', 5).slice(2)).toEqual([
      'properties:',
      ' property_len=2',
      ' property:',
      '  property_id=2',
      '  property.messageExpiryInterval=5',
      '! propertyOverrun @5',
      'msg=00000578',
    ])
    // Longer than the packet: what fits is shown.
    expect(body('30 06 0001 61 10 01 00', 5).slice(2)).toEqual([
      'properties:',
      ' property_len=16',
      ' property:',
      '  property_id=1',
      '  property.payloadFormatIndicator=0',
      '! truncated @8',
    ])
    expect(body('30 05 0001 61 8080', 5).slice(-1)).toEqual(['! truncated @5'])
    expect(body('30 08 0001 61 8080808001', 5).slice(-1)).toEqual(['! badLength @5'])
  })

  test('authentication data needs a method', () => {
    expect(faults('f0 07 18 05 16 0002 0102', 5)).toEqual(['! authDataWithoutMethod @3', '! noAuthMethod @2'])
  })
})
