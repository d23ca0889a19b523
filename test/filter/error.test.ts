/** Wrong expressions: which place is marked, and what is said. */
import { expect, test } from 'vitest'
import { caret, FilterError } from '../../src/filter/error.ts'
import { Filter } from '../../src/filter/filter.ts'

function wrong(text: string): FilterError {
  try {
    new Filter(text)
  } catch (cause) {
    if (cause instanceof FilterError) return cause
    throw cause
  }
  throw new Error(`no error in ${text}`)
}

const ERRORS: readonly (readonly [string, string, string])[] = [
  ['mqtt.topc == "a"', 'mqtt.topc is no field; did you mean mqtt.topic?', 'mqtt.topc'],
  ['mqtt.MSGTYPE == 3', 'mqtt.MSGTYPE is no field; did you mean mqtt.msgtype?', 'mqtt.MSGTYPE'],
  ['MQTT', 'MQTT is no field; did you mean mqtt?', 'MQTT'],
  ['foo.bar', 'foo.bar is no field', 'foo.bar'],
  ['mqtt && publish', 'publish is no field; did you mean mqtt.msgtype == PUBLISH?', 'publish'],
  ['"a" == "a"', 'a field is needed here, not text', '"a"'],
  ['mqtt.qos == "abc"', '"abc" is no number and none of At most once, At least once, Exactly once, Reserved', '"abc"'],
  [
    'mqtt.msgtype == PUBLSH',
    '"PUBLSH" is no number and none of RESERVED, CONNECT, CONNACK, PUBLISH, PUBACK, PUBREC, PUBREL, PUBCOMP, SUBSCRIBE, SUBACK, UNSUBSCRIBE, UNSUBACK, …',
    'PUBLSH',
  ],
  ['mqtt.len > 1.5', '"1.5" is no whole number, which mqtt.len is', '1.5'],
  ['mqtt.len == 0xzz', '"0xzz" is no whole number, which mqtt.len is', '0xzz'],
  ['mqtt.len == mqtt.topc', '"mqtt.topc" is no whole number, which mqtt.len is; did you mean mqtt.topic?', 'mqtt.topc'],
  ['mqtt.kalive == 1500ms', '"1500ms" is no whole number of seconds, which mqtt.kalive holds', '1500ms'],
  [
    'mqtt.topic == mqtt.willtopc',
    'mqtt.willtopc is no field; did you mean mqtt.willtopic? Text stands in quotes',
    'mqtt.willtopc',
  ],
  ['mqtt.from == clinet', '"clinet" is none of client, server, unknown', 'clinet'],
  ['mqtt.version == 4', '"4" is none of unknown, 3.1, 3.1.1, 5', '4'],
  ['mqtt.exchange.state in {open, closed}', '"closed" is none of open, complete, refused, abandoned', 'closed'],
  ['frame.time_relative > "0.5"', '"0.5" is no time; write 5ms, 1.5s or 2us, without quotes', '"0.5"'],
  ['frame.time_relative > 5 ms', '"ms" is not expected here', 'ms'],
  ['frame.time_relative > 5kg', '"5kg" is no time; write 5ms, 1.5s or 2us, without quotes', '5kg'],
  ['ip.src == 1.2.3', '"1.2.3" is no IPv4 address', '1.2.3'],
  ['ip.src == ::1', '"::1" is no IPv4 address', '::1'],
  ['ip.src == 192.0.2.1/33', '"192.0.2.1/33" has no prefix length of 0 to 32', '192.0.2.1/33'],
  ['ipv6.src == 192.0.2.1', '"192.0.2.1" is no IPv6 address', '192.0.2.1'],
  ['ipv6.src == 1::2::3', '"1::2::3" is no IPv6 address', '1::2::3'],
  ['ipv6.src == ::1/129', '"::1/129" has no prefix length of 0 to 128', '::1/129'],
  ['mqtt.msg == xyz', '"xyz" is no bytes; write 74:6f, or text in quotes', 'xyz'],
  ['mqtt.topic[0:3] == gar', '"gar" is no bytes; write 74:6f, or text in quotes', 'gar'],
  ['mqtt.properties == 1', 'mqtt.properties is there or not; it has no value to compare', '1'],
  ['mqtt.qos contains 1', 'contains searches text and bytes, and mqtt.qos is neither', 'contains'],
  ['mqtt.qos matches "1"', 'matches searches text and bytes, and mqtt.qos is neither', 'matches'],
  ['ip.src ~ "1"', '~ searches text and bytes, and ip.src is neither', '~'],
  ['mqtt.topic matches mqtt.topic', 'matches needs text in quotes', 'mqtt.topic'],
  ['mqtt.topic matches abc', 'matches needs text in quotes', 'abc'],
  ['mqtt.msg like "a/+"', 'like compares topics, and mqtt.msg is no text', 'like'],
  ['mqtt.topic like "a/#/b"', '# is not alone in the last level of the filter', '"a/#/b"'],
  ['mqtt.topic like "a+"', '+ is not alone in its level of the filter', '"a+"'],
  ['mqtt.topic like ""', 'the topic filter is empty', '""'],
  ['mqtt.topic == mqtt.qos', 'mqtt.topic and mqtt.qos cannot be compared with ==', '=='],
  ['mqtt.qos[0] == 1', 'mqtt.qos has no bytes to cut a slice from', 'mqtt.qos[0]'],
  ['mqtt.topic & 1', 'only whole numbers can be masked with &', 'mqtt.topic'],
  ['mqtt.qos & mqtt.qos', 'a number stands behind &', 'mqtt.qos'],
  ['mqtt.qos in {mqtt.qos}', 'a value is needed here, not a field', 'mqtt.qos'],
  ['len(mqtt.topic)', 'len() gives a value: compare it with something', 'len(mqtt.topic)'],
  ['len(mqtt.qos) == 1', 'len() takes text or bytes', 'mqtt.qos'],
  ['len("abc") == 3', 'a field is needed here, not text', '"abc"'],
  ['lower(mqtt.msg) == "a"', 'lower() takes text', 'mqtt.msg'],
  ['count(len(mqtt.topic)) == 1', 'count() takes a field', 'len(mqtt.topic)'],
  ['string(frame.time_relative) == "1"', 'string() cannot write frame.time_relative', 'frame.time_relative'],
  [
    'size(mqtt.topic) == 3',
    'there is no function size(); there are len, count, lower, upper, string',
    'size(mqtt.topic)',
  ],
  ['mqtt.topic matches "("', 'the pattern cannot be read: missing closing ): `(`', '"("'],
  ['mqtt.topic matches "[z-a]"', 'the pattern cannot be read: invalid character class range: `z-a`', '"[z-a]"'],
  ['mqtt.topic matches "a{2000}"', 'the pattern cannot be read: invalid repeat count: `{2000}`', '"a{2000}"'],
  ['mqtt.topic matches "(?<=a)b"', 'patterns have no look-around here: they are searched in linear time', '"(?<=a)b"'],
  ['mqtt.topic matches "a(?!b)"', 'patterns have no look-around here: they are searched in linear time', '"a(?!b)"'],
  [
    'mqtt.topic matches r"(a)\\1"',
    'patterns have no references back here: they are searched in linear time',
    'r"(a)\\1"',
  ],
]

test.each(ERRORS)('%s: %s', (text, message, marked) => {
  const error = wrong(text)
  expect(error.message).toBe(message)
  expect(text.slice(error.start, error.end)).toBe(marked)
  expect(error.text).toBe(text)
})

test('the place is marked in the line below', () => {
  const error = wrong('mqtt.qos == 1 && mqtt.topc == "a"')
  expect(caret(error.text, error)).toBe('    mqtt.qos == 1 && mqtt.topc == "a"\n                     ^~~~~~~~~')
})

test('of a long expression what is around the place is shown, and nothing that moves a cursor', () => {
  const text = `${'mqtt && '.repeat(1000)}\u001b[2J`
  const lines = caret(text, wrong(text)).split('\n')
  expect(lines[0]).not.toContain('\u001b')
  expect(lines[0]?.length).toBeLessThan(110)
  expect(lines[0]?.charAt(lines[1]?.indexOf('^') ?? 0)).toBe('?')
})

test('a place in a shortcut is one in what it stands for', () => {
  const error = wrong('topic a/#/b')
  expect(error.text).toBe('mqtt.topic like "a/#/b"')
  expect(error.text.slice(error.start, error.end)).toBe('"a/#/b"')
})
