/** What is said of faults: of a property its name, and of a number its value. */
import { expect, test } from 'vitest'
import { fromHex } from '../../src/base/bytes.ts'
import { faultMessage } from '../../src/mqtt/fault-text.ts'
import { Fault } from '../../src/mqtt/faults.ts'
import { CONNECT, PUBLISH } from '../../src/mqtt/spec.ts'

const at = (hex: string, offset: number, type = PUBLISH) => {
  const bytes = fromHex(hex)
  return { bytes, at: offset, end: bytes.length, type }
}

test.each([
  ['an unknown identifier', Fault.unknownProperty, at('7e 00', 0), 'the property identifier 0x7e is unknown'],
  [
    'a property in another packet',
    Fault.propertyNotAllowed,
    at('11 00000005', 0),
    'the property Session Expiry Interval does not belong here in PUBLISH',
  ],
  [
    'a property that is there twice',
    Fault.repeatedProperty,
    at('03 0000', 0),
    'the property Content Type stands more than once',
  ],
  [
    'a byte',
    Fault.propertyValue,
    at('01 02', 1),
    'the value of the property Payload Format Indicator is out of range: 2',
  ],
  [
    'two bytes',
    Fault.propertyValue,
    at('21 0000', 1, CONNECT),
    'the value of the property Receive Maximum is out of range: 0',
  ],
  [
    'four bytes',
    Fault.propertyValue,
    at('27 00000000', 1, CONNECT),
    'the value of the property Maximum Packet Size is out of range: 0',
  ],
  [
    'a variable byte integer',
    Fault.propertyValue,
    at('0b 00', 1),
    'the value of the property Subscription Identifier is out of range: 0',
  ],
])('%s', (_, fault, place, words) => {
  expect(faultMessage(fault, place)).toBe(words)
})

test('without a place, and behind the end, no property is named', () => {
  expect(faultMessage(Fault.propertyValue)).toBe('the value of the property is out of range')
  expect(faultMessage(Fault.unknownProperty, at('7e', 1))).toBe('the property identifier is unknown')
})

test('other faults say the same anywhere', () => {
  expect(faultMessage(Fault.zeroAlias, at('23 0000', 1))).toBe('the topic alias is 0')
})
