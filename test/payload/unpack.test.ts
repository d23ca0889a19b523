import { spawnSync } from 'node:child_process'
import { deflateRawSync, deflateSync, gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { fromHex } from '../../src/base/bytes.ts'
import { utf8 } from '../../src/base/strings.ts'
import { nodeUnpack } from '../../src/payload/node-unpack.ts'
import { MOST_UNPACKED, type Packing, unpacked } from '../../src/payload/unpack.ts'
import { zstdWindow } from '../../src/payload/zstd-header.ts'
import { needs } from '../support/tools.ts'

function text(packings: readonly Packing[], bytes: Uint8Array): string {
  const result = unpacked(packings, bytes, nodeUnpack)
  return 'fault' in result ? result.fault : new TextDecoder().decode(result.bytes)
}

const zstd = (bytes: Uint8Array, ...options: string[]): Uint8Array =>
  spawnSync('zstd', ['-q', '-c', ...options], { input: bytes, maxBuffer: 1e8 }).stdout

const JSON_TEXT = utf8('{"temp":21.4}')

describe('one packing', () => {
  test('gzip, zlib, deflate, base64', () => {
    expect(text(['gzip'], gzipSync(JSON_TEXT))).toBe('{"temp":21.4}')
    expect(text(['zlib'], deflateSync(JSON_TEXT))).toBe('{"temp":21.4}')
    expect(text(['deflate'], deflateRawSync(JSON_TEXT))).toBe('{"temp":21.4}')
    expect(text(['base64'], utf8('eyJ0ZW1wIjoyMS40fQ=='))).toBe('{"temp":21.4}')
    expect(text(['base64'], utf8('eyJ0ZW1w\r\nIjoyMS40fQ'))).toBe('{"temp":21.4}')
    expect(text(['base64'], utf8('_-8='))).toBe(new TextDecoder().decode(Uint8Array.of(0xff, 0xef)))
  })

  test('a frame of Zstandard by hand: raw block', () => {
    expect(text(['zstd'], fromHex(`28b52ffd2004210000${'61626364'}`))).toBe('abcd')
  })

  needs('zstd')('Zstandard, as its program packs it', () => {
    for (const options of [['-1'], ['-19'], ['--no-check'], ['--ultra', '-22']])
      expect(text(['zstd'], zstd(JSON_TEXT, ...options))).toBe('{"temp":21.4}')
    const large = new Uint8Array(1 << 20).map((_, at) => (at * 7919) >> 5)
    const result = unpacked(['zstd'], zstd(large), nodeUnpack)
    expect('bytes' in result && Buffer.compare(result.bytes, large)).toBe(0)
  })
})

test('packings around each other, the outermost first', () => {
  expect(text(['base64', 'gzip', 'zlib'], utf8(gzipSync(deflateSync(JSON_TEXT)).toString('base64')))).toBe(
    '{"temp":21.4}',
  )
})

test('what is something else', () => {
  for (const packing of ['gzip', 'zlib', 'deflate', 'zstd', 'base64'] as const) {
    expect(text([packing], utf8('55.49 !'))).toMatch(/^it is not .*, or more than 16 MiB$/)
    expect(text([packing], new Uint8Array(0))).toBe(packing === 'base64' ? '' : text([packing], utf8('55.49 !')))
  }
  expect(text(['gzip'], gzipSync(JSON_TEXT).subarray(0, 20))).toMatch(/^it is not gzip/)
})

describe('bombs', () => {
  test('16 MiB and not one byte more', () => {
    const most = new Uint8Array(MOST_UNPACKED)
    const result = unpacked(['gzip'], gzipSync(most), nodeUnpack)
    expect('bytes' in result && result.bytes.length).toBe(MOST_UNPACKED)
    expect(text(['gzip'], gzipSync(new Uint8Array(MOST_UNPACKED + 1)))).toMatch(/more than 16 MiB$/)
  })

  needs('zstd')('Zstandard: by its size, by its window, and without either', () => {
    const bomb = new Uint8Array(MOST_UNPACKED + 1)
    expect(text(['zstd'], zstd(bomb))).toMatch(/more than 16 MiB$/)
    expect(text(['zstd'], zstd(bomb, '--no-content-size'))).toMatch(/more than 16 MiB$/)
    expect(text(['zstd'], zstd(JSON_TEXT, '--ultra', '-22', '--long=31', '--no-content-size'))).toMatch(
      /^(it is not|\{)/,
    )
  })

  test('a header alone allocates nothing', () => {
    // A content of 2^60 bytes, and a window of 3.75 TiB.
    expect(zstdWindow(fromHex('28b52ffde00000000000000010'))).toBe(2 ** 60)
    expect(zstdWindow(fromHex('28b52ffd00ff'))).toBe(2 ** 41 * 1.875)
    expect(text(['zstd'], fromHex('28b52ffde00000000000000010'))).toMatch(/^it is not/)
    expect(text(['zstd'], fromHex('28b52ffd00ff010000'))).toBe('')
  })
})

test('windows by their header', () => {
  expect(zstdWindow(fromHex('28b52ffd0058'))).toBe(2 ** 21)
  expect(zstdWindow(fromHex('28b52ffd2004'))).toBe(4)
  expect(zstdWindow(fromHex('28b52ffd600001'))).toBe(512)
  expect(zstdWindow(fromHex('28b52ffda000000100'))).toBe(65536)
  expect(zstdWindow(fromHex('28b52ffd20'))).toBeUndefined()
  expect(zstdWindow(fromHex('1f8b0800000000'))).toBeUndefined()
})
