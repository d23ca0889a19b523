/** Text → tree. */
import { expect, test } from 'vitest'
import { caret, FilterError } from '../../src/filter/error.ts'
import { parse } from '../../src/filter/parser.ts'
import { show } from '../support/show.ts'

const tree = (text: string): string => {
  const expression = parse(text)
  return expression === undefined ? '' : show(expression)
}

const TREES: readonly (readonly [string, string])[] = [
  ['', ''],
  ['  \t\r\n ', ''],
  ['mqtt', 'mqtt'],
  ['mqtt.qos == 1', '(anyEqual mqtt.qos 1)'],
  ['mqtt.qos==1', '(anyEqual mqtt.qos 1)'],
  ['mqtt.qos eq 1', '(anyEqual mqtt.qos 1)'],
  ['mqtt.qos any_eq 1', '(anyEqual mqtt.qos 1)'],
  ['mqtt.qos === 1', '(allEqual mqtt.qos 1)'],
  ['mqtt.qos all_eq 1', '(allEqual mqtt.qos 1)'],
  ['mqtt.qos != 1', '(allUnequal mqtt.qos 1)'],
  ['mqtt.qos ne 1', '(allUnequal mqtt.qos 1)'],
  ['mqtt.qos all_ne 1', '(allUnequal mqtt.qos 1)'],
  ['mqtt.qos !== 1', '(anyUnequal mqtt.qos 1)'],
  ['mqtt.qos ~= 1', '(anyUnequal mqtt.qos 1)'],
  ['mqtt.qos any_ne 1', '(anyUnequal mqtt.qos 1)'],
  ['mqtt.len > 1', '(greater mqtt.len 1)'],
  ['mqtt.len gt 1', '(greater mqtt.len 1)'],
  ['mqtt.len < 1', '(less mqtt.len 1)'],
  ['mqtt.len lt 1', '(less mqtt.len 1)'],
  ['mqtt.len >= 1', '(atLeast mqtt.len 1)'],
  ['mqtt.len ge 1', '(atLeast mqtt.len 1)'],
  ['mqtt.len <= 1', '(atMost mqtt.len 1)'],
  ['mqtt.len le 1', '(atMost mqtt.len 1)'],
  ['mqtt.topic contains "a"', '(contains mqtt.topic "a")'],
  ['mqtt.topic matches "a"', '(matches mqtt.topic "a")'],
  ['mqtt.topic ~ "a"', '(matches mqtt.topic "a")'],
  ['mqtt.topic like "a/+"', '(like mqtt.topic "a/+")'],
  ['mqtt.qos in {1}', '(in mqtt.qos 1)'],
  ['mqtt.len in {3, 4, 5..7}', '(in mqtt.len 3 4 5..7)'],
  ['mqtt.len in {3,4,5 .. 7}', '(in mqtt.len 3 4 5..7)'],
  ['mqtt.qos == {1, 2}', '(in mqtt.qos 1 2)'],
  ['mqtt.qos not in {1}', '(not (in mqtt.qos 1))'],
  ['not mqtt.qos in {1}', '(not (in mqtt.qos 1))'],
  ['frame.time_relative in {0.5..1.5}', '(in frame.time_relative 0.5..1.5)'],
  ['ip.src in {192.0.2.1..192.0.2.9}', '(in ip.src 192.0.2.1..192.0.2.9)'],
  ['ipv6.src == ::1', '(anyEqual ipv6.src ::1)'],
  ['ipv6.src == fe80::/10', '(anyEqual ipv6.src fe80::/10)'],
  ['a && b || c', '(or (and a b) c)'],
  ['a || b && c', '(or a (and b c))'],
  ['a or b and c or d', '(or a (and b c) d)'],
  ['a and b and c', '(and a b c)'],
  ['a xor b', '(xor a b)'],
  ['a || b ^^ c && d', '(or a (xor b (and c d)))'],
  ['(a || b) && c', '(and (or a b) c)'],
  ['not a and b', '(and (not a) b)'],
  ['not (a and b)', '(not (and a b))'],
  ['!a', '(not a)'],
  ['!!a', 'a'],
  ['! not ! a', '(not a)'],
  ['not mqtt.qos == 1', '(not (anyEqual mqtt.qos 1))'],
  ['!mqtt.qos==1', '(not (anyEqual mqtt.qos 1))'],
  ['((a))', 'a'],
  ['1 < mqtt.len < 20', '(and (less 1 mqtt.len) (less mqtt.len 20))'],
  ['1 == mqtt.qos', '(anyEqual 1 mqtt.qos)'],
  ['mqtt.topic[0:3] == "abc"', '(anyEqual mqtt.topic[0:3] "abc")'],
  ['mqtt.topic[0-2] == "abc"', '(anyEqual mqtt.topic[0-2] "abc")'],
  ['mqtt.topic[:3]', 'mqtt.topic[0:3]'],
  ['mqtt.topic[3:]', 'mqtt.topic[3:]'],
  ['mqtt.topic[3]', 'mqtt.topic[3:1]'],
  ['mqtt.topic[-3:]', 'mqtt.topic[-3:]'],
  ['mqtt.topic[-3:2]', 'mqtt.topic[-3:2]'],
  ['mqtt.topic[-3--1]', 'mqtt.topic[-3--1]'],
  ['mqtt.topic[ 0 : 2 , 4 ]', 'mqtt.topic[0:2,4:1]'],
  ['mqtt.topic[1:5][0] == 61', '(anyEqual mqtt.topic[1:5][0:1] 61)'],
  ['len(mqtt.topic) > 3', '(greater len(mqtt.topic) 3)'],
  ['len( lower(mqtt.topic) ) > 3', '(greater len(lower(mqtt.topic)) 3)'],
  ['lower(mqtt.topic)[0:2] == "ga"', '(anyEqual lower(mqtt.topic)[0:2] "ga")'],
  ['tcp.flags & 0x02', '(& tcp.flags 0x02)'],
  ['tcp.flags & 2 == 2', '(anyEqual (& tcp.flags 2) 2)'],
  ['tcp.flags bitwise_and 2', '(& tcp.flags 2)'],
  ['mqtt.len == -1', '(anyEqual mqtt.len -1)'],
  ['mqtt.len == +1', '(anyEqual mqtt.len +1)'],
  ['mqtt.len == 0x0d', '(anyEqual mqtt.len 0x0d)'],
  ['mqtt.msg == 74:6f', '(anyEqual mqtt.msg 74:6f)'],
  ['mqtt.topic == house/hall', '(anyEqual mqtt.topic house/hall)'],
  ["mqtt.topic[0] == 'g'", '(anyEqual mqtt.topic[0:1] \'"g")'],
  ["mqtt.topic[0] == '\\n'", '(anyEqual mqtt.topic[0:1] \'"\\n")'],
  ['mqtt.topic == "a\\"b\\\\\\t\\x41\\u00e9\\101\\U0001F600"', '(anyEqual mqtt.topic "a\\"b\\\\\\tAéA😀")'],
  ['mqtt.topic == r"a\\d\\"b"', '(anyEqual mqtt.topic "a\\\\d\\\\\\"b")'],
  ['mqtt.topic == ""', '(anyEqual mqtt.topic "")'],
  ['mqtt.topic == "] } ) &&"', '(anyEqual mqtt.topic "] } ) &&")'],
]

test.each(TREES)('%s', (text, expected) => {
  expect(tree(text)).toBe(expected)
})

const FAULTS: readonly (readonly [string, string, string])[] = [
  ['mqtt and', 'the expression ends too soon', '        ^'],
  ['mqtt.qos ==', 'the expression ends too soon', '           ^'],
  ['(((mqtt', ') is missing', '       ^'],
  ['mqtt)', '")" is not expected here', '    ^'],
  ['mqtt.qos == 1 2', '"2" is not expected here', '              ^'],
  ['(mqtt.len) == 5', '"==" is not expected here', '           ^~'],
  ['mqtt.qos = 1', '= alone compares nothing: write ==', '         ^'],
  ['a | b', '| alone joins nothing: write || or or', '  ^'],
  ['mqtt.topic == “a”', 'write straight quotes: "', '              ^'],
  ['mqtt.topic == "a', 'the closing quote is missing', '              ^'],
  ["mqtt.topic == 'abc'", 'single quotes hold one character; put text in double quotes', '              ^'],
  ["mqtt.topic == ''", 'there is no character in the quotes', '              ^~'],
  ['mqtt.topic == "a\\d"', '\\d is no escape; write \\\\ for a backslash', '                ^~'],
  ['mqtt.topic == "\\UFFFFFFFF"', 'no character has this number', '               ^~~~~~~~~~'],
  ['mqtt.topic like a/+', '+ may stand in quotes only: like "a/+/b"', '                  ^'],
  ['mqtt.topic like $SYS', '$ may stand in quotes only: "$SYS/broker"', '                ^'],
  ['mqtt.topic == ü', 'put such text in quotes', '              ^'],
  ['mqtt.topic[0:3 == 1', 'the ] is missing', '          ^'],
  ['mqtt.topic[x]', 'a slice is n, n:size, n-last, :size or n:', '           ^'],
  ['mqtt.topic[]', 'a slice is n, n:size, n-last, :size or n:', '           ^'],
  ['mqtt.topic[0,]', 'a slice is n, n:size, n-last, :size or n:', '             ^'],
  ['mqtt.topic[2:0]', 'a slice has at least one byte', '           ^~~'],
  ['mqtt.topic[2-1]', 'the last byte stands before the first', '           ^~~'],
  ['mqtt.len in 5', '{ is missing', '            ^'],
  ['mqtt.len in {}', '"}" is not expected here', '             ^'],
  ['mqtt.len in {5..7,}', '"}" is not expected here', '                  ^'],
  ['mqtt.len in {5 6}', '} is missing', '               ^'],
  ['mqtt.len == 3..5', '".." is not expected here', '             ^~'],
  ['mqtt.len > {1}', 'a set stands behind in', '           ^'],
  ['and', '"and" is not expected here', '^~~'],
  ['mqtt.len == == 5', '"==" is not expected here', '            ^~'],
  ['and(mqtt)', '"and" is not expected here', '^~~'],
  ['mqtt.topic == "a" AND mqtt', '"AND" is not expected here', '                  ^~~'],
]

test.each(FAULTS)('%s: %s', (text, message, mark) => {
  let found: unknown
  try {
    parse(text)
  } catch (cause) {
    found = cause
  }
  expect(found).toBeInstanceOf(FilterError)
  const error = found as FilterError
  expect(error.message).toBe(message)
  expect(caret(text, error).split('\n')[1]?.slice(4)).toBe(mark)
})
