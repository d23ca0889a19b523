import { expect, test } from 'vitest'
import { hex } from '../../src/base/bytes.ts'
import { utf8 } from '../../src/base/strings.ts'
import { CSV_DECODER } from '../../src/payload/csv.ts'
import { announced } from '../support/values.ts'
import { written } from '../support/written.ts'

test.each([
  ['a,b', '[["a","b"]]'],
  ['a,b\r\n1,2\r\n', '[["a","b"],["1","2"]]'],
  ['a,,b\n', '[["a","","b"]]'],
  [',', '[["",""]]'],
  ['"a,b","say ""hi""","x\ny"', '[["a,b","say \\"hi\\"","x\\ny"]]'],
  ['21.5', '[["21.5"]]'],
  ['', '[]'],
  ['a\n\nb', '[["a"],[""],["b"]]'],
  ['"a', 'a quote does not end at 0'],
  ['"a"b', 'a comma or a line break is missing at 3'],
])('%j', (text, json) => {
  expect(written(CSV_DECODER, utf8(text))).toBe(json)
})

test('places: a cell with its quotes', () => {
  expect(announced(CSV_DECODER, hex(utf8('1,"b"'))).places).toEqual(['"1"@0-1', '"b"@2-5'])
})

test('what is not UTF-8', () => {
  expect(written(CSV_DECODER, Uint8Array.of(0xff))).toBe('it is not UTF-8 at 0')
})
