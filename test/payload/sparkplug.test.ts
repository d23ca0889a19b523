/** Sparkplug B payloads, byte by byte, and with the births of a node. */
import { describe, expect, test } from 'vitest'
import { SparkplugDecoder } from '../../src/payload/sparkplug.ts'
import { double, float, inner, string, whole } from '../support/protobuf.ts'
import { metric, sparkplug } from '../support/sparkplug.ts'
import { announced, decoded } from '../support/values.ts'

const read = (hex: string): string => decoded(new SparkplugDecoder(), hex)
/** A metric with its data type and a value field. */
const typed = (type: number, value: string): string => read(inner(2, whole(4, type) + value))
const value = (type: number, hex: string): string => typed(type, hex).replace(/^.*?"value":(.*)\}\]\}$/, '$1')

describe('a payload', () => {
  test('with all its parts, in the order of the specification', () => {
    const hex = sparkplug(['Inputs/temp:10@100=21.5'], '3') + string(4, 'u-1') + inner(5, 'beef')
    expect(read(hex)).toBe(
      '{"timestamp":1700000000000,"seq":3,"metrics":[{"name":"Inputs/temp","alias":100,"timestamp":1700000000000,' +
        '"dataType":"Double","value":21.5}],"uuid":"u-1","body":<beef>}',
    )
  })

  test('is announced with the bytes that hold it', () => {
    // 08 01: timestamp 1; 12 07: a metric of 7 bytes: 0a 01 61 name a, 20 01 Int8, 50 05 value 5; 18 02: seq 2.
    expect(announced(new SparkplugDecoder(), '080112070a01612001500518 02'.replace(' ', '')).places).toEqual([
      '1@1-2',
      '2@12-13',
      '"a"@6-7',
      '"Int8"@8-9',
      '5@10-11',
    ])
  })

  test('keys are absent when not sent', () => {
    expect(read('')).toBe('{}')
    expect(read('1200')).toBe('{"metrics":[{}]}')
    expect(read('18001800')).toBe('{"seq":0}')
  })

  test('flags and metadata', () => {
    const meta = inner(
      8,
      whole(1, 1) + string(2, 'text/plain') + whole(3, 5) + whole(4, 0) + string(5, 'f') + string(8, 'd'),
    )
    expect(read(inner(2, string(1, 'a') + whole(5, 1) + whole(6, 0) + meta))).toBe(
      '{"metrics":[{"name":"a","isHistorical":true,"isTransient":false,"metadata":{"isMultiPart":true,' +
        '"contentType":"text/plain","size":5,"seq":0,"fileName":"f","description":"d"}}]}',
    )
  })

  test('fields that the schema does not have are passed over', () => {
    expect(read(whole(3, 1) + whole(99, 7) + string(6, 'x'))).toBe('{"seq":1}')
  })
})

describe('values', () => {
  test.each([
    [1, 'int 251', whole(10, 251), '-5'],
    [1, 'extended to 32 bits', whole(10, 4_294_967_291), '-5'],
    [1, 'extended to 64 bits', whole(10, -5n), '-5'],
    [2, 'int', whole(10, 65_531), '-5'],
    [3, 'int', whole(10, 4_294_967_291), '-5'],
    [4, 'long', whole(11, -5n), '-5'],
    [5, 'int', whole(10, 200), '200'],
    [6, 'int', whole(10, 65_535), '65535'],
    [7, 'int', whole(10, 4_294_967_295), '4294967295'],
    [7, 'long', whole(11, 4_294_967_295), '4294967295'],
    [8, 'long', whole(11, -1n), '18446744073709551615'],
    [9, 'float', float(12, 0.1), '0.1'],
    [10, 'double', double(13, 0.1), '0.1'],
    [10, 'double', double(13, -0), '-0.0'],
    [11, 'true', whole(14, 1), 'true'],
    [11, 'false', whole(14, 0), 'false'],
    [12, 'string', string(15, 'a"b'), '"a\\"b"'],
    [12, 'string that is no UTF-8', inner(15, 'c328'), '<c328>'],
    [13, 'time', whole(11, 1_700_000_000_000), '1700000000000'],
    [14, 'text', string(15, 'x'), '"x"'],
    [15, 'UUID', string(15, '9e1f'), '"9e1f"'],
    [17, 'bytes', inner(16, '00ff'), '<00ff>'],
    [18, 'file', inner(16, '89504e'), '<89504e>'],
    [3, 'null', whole(7, 1), 'null'],
    [3, 'null beside a value', whole(7, 1) + whole(10, 5), 'null'],
    [3, 'not null', whole(7, 0) + whole(10, 5), '5'],
    [3, 'the last of two', whole(10, 5) + whole(10, 6), '6'],
    [12, 'the last of two kinds', whole(10, 5) + string(15, 'x'), '"x"'],
  ])('of type %i, %s', (type, _, hex, text) => {
    expect(value(type, hex)).toBe(text)
  })

  test.each([
    [22, '01fbff', '[1,-5,-1]'],
    [23, '0100fbff', '[1,-5]'],
    [24, 'fbffffff', '[-5]'],
    [25, 'fbffffffffffffff', '[-5]'],
    [26, '01fb', '[1,251]'],
    [27, 'fbff', '[65531]'],
    [28, 'fbffffff', '[4294967291]'],
    [29, 'fbffffffffffffff', '[18446744073709551611]'],
    [30, '0000ac41cdcccc3d', '[21.5,0.1]'],
    [31, '0000000000803540', '[21.5]'],
    [32, '0a000000b280', '[true,false,true,true,false,false,true,false,true,false]'],
    [32, '00000000', '[]'],
    [33, '6162006300', '["ab","c"]'],
    [33, '', '[]'],
    [34, '0068e5cf8b010000', '[1700000000000]'],
    // What no array of the type can be.
    [24, 'fbffff', '<fbffff>'],
    [32, 'ffffffffb2', '<ffffffffb2>'],
    [32, '0100', '<0100>'],
    [33, '6162', '<6162>'],
  ])('array of type %i: %s', (type, bytes, text) => {
    expect(value(type, inner(16, bytes))).toBe(text)
  })

  test('DataSet: columns, types one by one or packed, rows with null', () => {
    const rows =
      inner(4, inner(1, whole(1, 251)) + inner(1, string(6, 'x'))) + inner(4, inner(1, '') + inner(1, string(6, 'y')))
    const columns = whole(1, 2) + string(2, 'n') + string(2, 't')
    const told = '{"columns":["n","t"],"types":["Int8","String"],"rows":[[-5,"x"],[null,"y"]]}'
    expect(value(16, inner(17, columns + whole(3, 1) + whole(3, 12) + rows))).toBe(told)
    expect(value(16, inner(17, columns + inner(3, '010c') + rows))).toBe(told)
  })

  test('Template: instance with metrics and parameters', () => {
    const parameter = inner(3, string(1, 'max') + whole(2, 3) + whole(3, 4_294_967_291))
    const template = string(4, 'Pump') + string(1, 'v2') + whole(5, 0) + inner(2, metric('rpm:3=5!')) + parameter
    expect(value(19, inner(18, template))).toBe(
      '{"ref":"Pump","version":"v2","isDefinition":false,"metrics":[{"name":"rpm","dataType":"Int32","value":5}],' +
        '"parameters":[{"name":"max","dataType":"Int32","value":-5}]}',
    )
  })

  test('properties: an object, with sets inside', () => {
    const quality = inner(2, whole(1, 3) + whole(3, 192))
    const nothing = inner(2, whole(1, 12) + whole(2, 1))
    const set = inner(2, whole(1, 20) + inner(9, string(1, 'k') + inner(2, whole(1, 11) + whole(7, 1))))
    const sets = inner(2, whole(1, 21) + inner(10, inner(1, string(1, 'x') + inner(2, whole(1, 12) + string(8, 'y')))))
    const keys = ['q', 'n', 's', 'l'].map(key => string(1, key)).join('')
    expect(read(inner(2, inner(9, keys + quality + nothing + set + sets)))).toBe(
      '{"metrics":[{"properties":{"q":192,"n":null,"s":{"k":true},"l":[{"x":"y"}]}}]}',
    )
  })
})

describe('births of the node', () => {
  const decoder = new SparkplugDecoder()
  decoder.births = {
    byAlias: alias => (alias === '5' ? { name: 'level', type: 1, from: 412 } : undefined),
    byName: name => (name === 'level' ? { name: 'level', type: 1, from: 412 } : undefined),
  }
  const read = (hex: string): string => decoded(decoder, inner(2, hex)).slice(12, -2)

  test('give the name and type of an alias', () => {
    expect(read(metric('@5=251!'))).toBe('{"name":"level","alias":5,"dataType":"Int8","from":412,"value":-5}')
    expect(read(metric('@6=251!'))).toBe('{"alias":6,"value":251}')
  })

  test('give the type of a name alone', () => {
    expect(read(metric('level=251!'))).toBe('{"name":"level","dataType":"Int8","from":412,"value":-5}')
    expect(read(metric('level:5=251!'))).toBe('{"name":"level","dataType":"UInt8","value":251}')
  })
})

describe('bytes that are no payload', () => {
  test.each([
    ['55.49, which is protobuf', '35352e3439', 'no field of a Sparkplug payload is in it at 0'],
    ['empty, which is protobuf', '656d707479', 'no field of a Sparkplug payload is in it at 0'],
    ['a metric that ends too soon', '12030a0561', 'a field ends behind its message at 3'],
  ])('%s', (_, hex, error) => {
    expect(announced(new SparkplugDecoder(), hex).error).toBe(error)
  })

  test('templates deeper than the limit', () => {
    let hex = metric('x:3=1')
    for (let level = 0; level < 2000; level++) hex = inner(18, inner(2, hex))
    expect(read(inner(2, hex))).toMatch(/^there are more than 256 levels at \d+$/)
  })

  test('more values than the limit', () => {
    const bits = `${'40420f00'}${'ff'.repeat(125_000)}`
    expect(value(32, inner(16, bits))).toMatch(/^there are more than 100000 values at \d+$/)
  })

  test('every prefix, without an exception', () => {
    const hex =
      sparkplug(['a:10@1=21.5', 'b:12=x', 'c:11=true'], '3') + inner(2, whole(4, 32) + inner(16, '03000000e0'))
    for (let size = 0; size <= hex.length / 2; size++) announced(new SparkplugDecoder(), hex.slice(0, size * 2))
    expect(announced(new SparkplugDecoder(), hex).error).toBeUndefined()
  })
})
