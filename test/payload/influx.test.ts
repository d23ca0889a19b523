import { expect, test } from 'vitest'
import { utf8 } from '../../src/base/strings.ts'
import { INFLUX_DECODER } from '../../src/payload/influx.ts'
import { written } from '../support/written.ts'

const influx = (text: string): string => written(INFLUX_DECODER, utf8(text))

test('a line: measurement, tags, fields of each kind, time', () => {
  expect(
    influx('air,room=hall,floor=1 temp=21.5,count=3i,more=7u,text="a \\"b\\"",on=t,off=FALSE 1556813561098000000'),
  ).toBe(
    '{"measurement":"air","tags":{"room":"hall","floor":"1"},' +
      '"fields":{"temp":21.5,"count":3,"more":7,"text":"a \\"b\\"","on":true,"off":false},"time":1556813561098000000}',
  )
})

test('without tags and time', () => {
  expect(influx('air temp=1')).toBe('{"measurement":"air","tags":{},"fields":{"temp":1}}')
})

test('several lines, comments and empty lines', () => {
  expect(influx('# from here\nair temp=1\n\nair temp=2\r\n')).toBe(
    '[{"measurement":"air","tags":{},"fields":{"temp":1}},{"measurement":"air","tags":{},"fields":{"temp":2}}]',
  )
})

test('a backslash takes the meaning from a comma, a blank, an equals sign', () => {
  expect(influx('my\\ air,a\\,b=c\\=d e\\ f=1')).toBe(
    '{"measurement":"my air","tags":{"a,b":"c=d"},"fields":{"e f":1}}',
  )
})

test('numbers as JSON writes them', () => {
  expect(influx('a x=007i,y=.5,z=1.,w=-.5e3,v=1e5')).toBe(
    '{"measurement":"a","tags":{},"fields":{"x":7,"y":0.5,"z":1,"w":-0.5e3,"v":1e5}}',
  )
})

test.each([
  ['', 'there is no line at 0'],
  ['# only', 'there is no line at 0'],
  ['air', 'a blank and the fields are missing at 3'],
  ['air temp', 'a name and = are missing at 4'],
  ['air temp=', 'a field is neither number, text nor truth value at 9'],
  ['air temp=x', 'a field is neither number, text nor truth value at 9'],
  ['air temp="x', 'a text does not end at 9'],
  ['air temp=1 x', 'the time is not a whole number at 11'],
  ['air temp=1 1 1', 'the line goes on behind its time at 12'],
  ['air,=1 t=1', 'a name and = are missing at 4'],
  ['air,a= t=1', 'a value is missing at 6'],
  ['{"a":1}', 'a blank and the fields are missing at 7'],
  ['55.49', 'a blank and the fields are missing at 5'],
])('what is no line: %j', (text, fault) => {
  expect(influx(text)).toBe(fault)
})

test('what is not UTF-8', () => {
  expect(written(INFLUX_DECODER, Uint8Array.of(0x61, 0xff))).toBe('it is not UTF-8 at 0')
})
