/** Schemas of protobuf: real .proto files, descriptor sets of protoc, and its bytes; protobufjs reads the same values. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import protobuf from 'protobufjs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { loadProtoType } from '../../src/cli/proto-schema.ts'
import { ProtobufDecoder } from '../../src/payload/protobuf.ts'
import { JsonWriter } from '../../src/payload/write.ts'
import { hasTool } from '../support/tools.ts'

const hasProtoc = hasTool('protoc') || process.env.MQTT_SNIFF_REQUIRE_TOOLS === '1'
const withProtoc = describe.runIf(hasProtoc)
const FOLDER = mkdtempSync(join(tmpdir(), 'proto-schema-'))
const file = (name: string): string => join(FOLDER, name)

const DEMO = `syntax = "proto3";
package demo;
import "parts/unit.proto";
import "google/protobuf/timestamp.proto";
import "google/protobuf/duration.proto";
import "google/protobuf/wrappers.proto";
import "google/protobuf/struct.proto";
enum Mode { OFF = 0; ON = 1; LOW = -2; }
message Reading {
  int32 i32 = 1; int64 i64 = 2; uint32 u32 = 3; uint64 u64 = 4; sint32 s32 = 5; sint64 s64 = 6;
  bool flag = 7; fixed32 f32 = 8; fixed64 f64 = 9; sfixed32 sf32 = 10; sfixed64 sf64 = 11;
  float real = 12; double wide = 13; string text = 14; bytes raw = 15;
  Mode mode = 16; repeated int32 list = 17; repeated string words = 18; repeated Mode modes = 19;
  map<string, int64> sizes = 20; map<int32, Reading> inner = 21; map<bool, Mode> by_flag = 22;
  oneof choice { string name = 23; uint32 id = 24; }
  parts.Unit unit = 25; repeated parts.Unit units = 26;
  google.protobuf.Timestamp at = 27; google.protobuf.Duration took = 28; google.protobuf.Int64Value maybe = 29;
  google.protobuf.Struct any_json = 30; repeated sint64 deltas = 31 [packed = false]; repeated double doubles = 32;
  optional int32 kept_zero = 33;
}
`
const OLD = `syntax = "proto2";
enum Kind { A = 1; }
message Old {
  required string name = 1; optional Kind kind = 2; repeated int32 loose = 3; repeated int32 tight = 4 [packed = true];
  optional group Part = 5 { optional int32 x = 1; }
}
`

beforeAll(() => {
  mkdirSync(file('parts'))
  writeFileSync(file('demo.proto'), DEMO)
  writeFileSync(file('old.proto'), OLD)
  writeFileSync(file('parts/unit.proto'), 'syntax = "proto3"; package parts; message Unit { string name = 1; }')
  if (hasProtoc) protoc('--include_imports', '-o', file('demo.pb'), 'demo.proto')
})
afterAll(() => rmSync(FOLDER, { recursive: true }))

const protoc = (...args: readonly string[]): Buffer => execFileSync('protoc', ['-I', FOLDER, ...args])
const encoded = (schema: string, type: string, text: string): Uint8Array =>
  new Uint8Array(execFileSync('protoc', ['-I', FOLDER, `--encode=${type}`, schema], { input: text }))

async function json(schema: string, type: string, bytes: Uint8Array): Promise<string> {
  const writer = new JsonWriter(bytes)
  const decoder = new ProtobufDecoder(await loadProtoType(file(schema), type))
  const isGood = decoder.decode(bytes, 0, bytes.length, writer)
  return isGood ? writer.json() : `${writer.error?.message}`
}
const read = (text: string): Promise<string> =>
  json('demo.proto', 'demo.Reading', encoded('demo.proto', 'demo.Reading', text))

withProtoc('what protoc has written', () => {
  test.each([
    [
      'i32: -5 i64: -5 u32: 4294967295 u64: 18446744073709551615',
      '{"i32":-5,"i64":"-5","u32":4294967295,"u64":"18446744073709551615"}',
    ],
    ['s32: -5 s64: -9223372036854775808 flag: true', '{"s32":-5,"s64":"-9223372036854775808","flag":true}'],
    ['f32: 7 f64: 8 sf32: -7 sf64: -8', '{"f32":7,"f64":"8","sf32":-7,"sf64":"-8"}'],
    ['real: 0.1 wide: 0.1', '{"real":0.1,"wide":0.1}'],
    ['real: nan wide: -inf', '{"real":"NaN","wide":"-Infinity"}'],
    ['text: "a\\"\\303\\274" raw: "\\000\\377"', '{"text":"a\\"ü","raw":"AP8="}'],
    ['mode: LOW modes: [ON, OFF]', '{"mode":"LOW","modes":["ON","OFF"]}'],
    ['list: [1, -2, 300] words: ["a", ""]', '{"list":[1,-2,300],"words":["a",""]}'],
    ['deltas: [1, -2] doubles: [1.5, -2]', '{"deltas":["1","-2"],"doubles":[1.5,-2]}'],
    ['sizes { key: "a" value: 1 } sizes { key: "" value: 0 }', '{"sizes":{"a":"1","":"0"}}'],
    ['inner { key: -3 value { i32: 1 } } inner { key: 4 value { } }', '{"inner":{"-3":{"i32":1},"4":{}}}'],
    ['by_flag { key: true value: ON }', '{"by_flag":{"true":"ON"}}'],
    ['name: "x"', '{"name":"x"}'],
    ['unit { name: "m" } units { } units { name: "s" }', '{"unit":{"name":"m"},"units":[{},{"name":"s"}]}'],
    ['at { seconds: 1363896240 nanos: 500000000 }', '{"at":"2013-03-21T20:04:00.500Z"}'],
    ['took { seconds: -1 nanos: -500000000 } maybe { value: 7 }', '{"took":"-1.500s","maybe":"7"}'],
    ['maybe { }', '{"maybe":"0"}'],
    ['kept_zero: 0', '{"kept_zero":0}'],
    [
      'any_json { fields { key: "a" value { list_value { values { number_value: 1 } values { null_value: NULL_VALUE } } } } fields { key: "b" value { bool_value: true } } }',
      '{"any_json":{"a":[1,null],"b":true}}',
    ],
    ['', '{}'],
  ])('%s', async (text, told) => {
    const parsed = await read(text)
    expect(text.includes('any_json') || text.includes('sizes') ? JSON.parse(parsed) : parsed).toEqual(
      text.includes('any_json') || text.includes('sizes') ? JSON.parse(told) : told,
    )
  })

  test('proto2: groups, packed or not, closed enums', async () => {
    const bytes = encoded('old.proto', 'Old', 'name: "n" kind: A loose: 1 loose: 2 tight: [3, 4] Part { x: 5 }')
    expect(await json('old.proto', 'Old', bytes)).toMatch(
      /^\{"name":"n","kind":"A","loose":\[1,2\],"tight":\[3,4\],"[Pp]art":\{"x":5\}\}$/,
    )
    expect(await json('old.proto', 'Old', Uint8Array.of(0x10, 9))).toBe('{"unknown":1}')
  })

  test('a descriptor set gives the same', async () => {
    const bytes = encoded(
      'demo.proto',
      'demo.Reading',
      'i64: -5 mode: ON unit { name: "m" } at { seconds: 1 } by_flag { value: ON }',
    )
    const told = await json('demo.proto', 'demo.Reading', bytes)
    expect(await json('demo.pb', 'demo.Reading', bytes)).toBe(told)
    expect(told).toContain('"at":"1970-01-01T00:00:01Z"')
  })

  test('protobufjs reads the same values', async () => {
    const text =
      'i32: -5 u64: 18446744073709551615 s32: 9 flag: true sf64: -8 wide: 2.5 text: "x" raw: "ab" mode: ON list: [1,2] words: "w" unit { name: "m" } id: 0'
    const bytes = encoded('demo.proto', 'demo.Reading', text)
    const root = new protobuf.Root()
    root.resolvePath = (_, target) => (target.startsWith('google/') ? target : file(target.replace(`${FOLDER}/`, '')))
    root.loadSync('demo.proto', { keepCase: true })
    const type = root.lookupType('demo.Reading')
    const object = type.toObject(type.decode(bytes), { longs: String, enums: String, bytes: String })
    expect(JSON.parse(await read(text))).toEqual(object)
  })
})

withProtoc('bytes', () => {
  test('unknown fields and wrong wire types are counted', async () => {
    expect(await json('demo.proto', 'demo.Reading', Uint8Array.of(0x08, 1, 0x0d, 0, 0, 0, 0, 0xf8, 0x07, 1))).toBe(
      '{"i32":1,"unknown":2}',
    )
  })

  test('the last member of a oneof counts, and a message sent twice is merged', async () => {
    // name "x" (field 23), then id 7 (field 24); unit (25) twice: once empty, once with its name.
    const bytes = Uint8Array.of(0xba, 1, 1, 0x78, 0xc0, 1, 7, 0xca, 1, 3, 0x0a, 1, 0x6d, 0xca, 1, 0)
    expect(await json('demo.proto', 'demo.Reading', bytes)).toBe('{"id":7,"unit":{"name":"m"}}')
  })

  test('a repeated number may be packed or not', async () => {
    expect(await json('demo.proto', 'demo.Reading', Uint8Array.of(0x88, 1, 5, 0x8a, 1, 2, 6, 7))).toBe(
      '{"list":[5,6,7]}',
    )
  })

  test('text of proto3 that is not UTF-8, and bytes that are no message', async () => {
    expect(await json('demo.proto', 'demo.Reading', Uint8Array.of(0x72, 1, 0xff))).toBe('text is not UTF-8')
    expect(await json('demo.proto', 'demo.Reading', Uint8Array.of(0x72, 9, 0xff))).toBe(
      'a field ends behind its message',
    )
  })

  test('every prefix is a message or a fault, and depth has its limit', async () => {
    const decoder = new ProtobufDecoder(await loadProtoType(file('demo.proto'), 'demo.Reading'))
    const bytes = encoded(
      'demo.proto',
      'demo.Reading',
      'i64: -5 text: "abc" list: [1,2] sizes { key: "a" value: 1 } at { seconds: 5 }',
    )
    for (let end = 0; end <= bytes.length; end++) {
      const writer = new JsonWriter(bytes)
      expect(decoder.decode(bytes, 0, end, writer)).toBe(writer.error === undefined)
    }
    let deep = Uint8Array.of(0x08, 1)
    // inner (21): a map entry whose value (2) is a Reading again.
    const wrap = (tag: readonly number[], inner: Uint8Array): Uint8Array =>
      Uint8Array.of(
        ...tag,
        (inner.length & 0x7f) | 0x80,
        ((inner.length >> 7) & 0x7f) | 0x80,
        inner.length >> 14,
        ...inner,
      )
    for (let level = 0; level < 300; level++) deep = wrap([0xaa, 1], wrap([0x12], deep)) as Uint8Array<ArrayBuffer>
    const writer = new JsonWriter(deep)
    expect(decoder.decode(deep, 0, deep.length, writer)).toBe(false)
    expect(writer.error?.message).toBe('there are more than 256 levels')
  })
})

describe('a schema that cannot be read is told in one line', () => {
  const failing = (name: string, text: string, type = 'X'): Promise<unknown> => {
    writeFileSync(file(name), text)
    return loadProtoType(file(name), type)
  }

  test.each([
    ['line.proto', 'syntax = "proto3";\nmessage X {\n int64 a = ;\n}', /line 3/],
    ['none.proto', 'syntax = "proto3"; message Y { }', /there is no message X$/],
    ['missing.proto', 'syntax = "proto3"; message X { Foo a = 1; }', /no such type|Foo/],
    ['import.proto', 'import "far/away.proto"; message X { }', /there is no far\/away.proto beside it/],
    ['outside.proto', 'import "../x.proto"; message X { }', /leaves the folder/],
    ['outside2.proto', 'import "/etc/passwd"; message X { }', /leaves the folder/],
    ['broken.pb', 'no set', /cannot be read|no message/],
    ['large.proto', `//${'x'.repeat(4 * 1024 * 1024)}`, /more than 4 MiB/],
  ])('%s', async (name, text, message) => {
    const failed = failing(name, text)
    await expect(failed).rejects.toThrow(message)
    await expect(failed).rejects.toHaveProperty('name', 'UsageError')
  })

  test('no such file, and a folder', async () => {
    await expect(loadProtoType(file('no.proto'), 'X')).rejects.toThrow(/no such file/)
    mkdirSync(file('dir.proto'))
    await expect(loadProtoType(file('dir.proto'), 'X')).rejects.toThrow(/folder/)
  })
})
