import { describe, expect, test } from 'vitest'
import { fromHex } from '../../src/base/bytes.ts'
import { foreignWords, MOST_LOOKED } from '../../src/capture/foreign.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const words = (input: Uint8Array): string => {
  const between = Uint8Array.of(0xee, ...input, 0xee)
  return foreignWords(between, 1, 1 + input.length)
}

describe('by their first bytes', () => {
  test.each([
    ['425a6839314159265359', /bzip2: unpack it first \(bunzip2\)/],
    ['28b52ffd0458', /zstd/],
    ['04224d18', /lz4/],
    ['fd377a585a00', /xz/],
    ['1f9d90', /compress/],
    ['504b030414', /zip archive/],
    ['377abcaf271c', /7z/],
    ['526172211a07', /rar/],
    ['89504e470d0a1a0a', /picture.*PNG/],
    ['ffd8ffe0', /JPEG/],
    ['7f454c46', /program/],
    ['736e6f6f7000', /snoop/],
    ['474d4255', /Network Monitor/],
    ['1c0001ac', /lcap/],
  ])('%s', (hex, pattern) => expect(words(fromHex(hex))).toMatch(pattern))
})

describe('texts', () => {
  test.each([
    ['version https://git-lfs.github.com/spec/v1\noid sha256:4d7a', /Git LFS.*git lfs pull/],
    ['%PDF-1.7', /PDF/],
    ['<!DOCTYPE html>\n', /HTML/],
    ['\n <HTML lang=de>', /HTML/],
    ['<?xml version="1.0"?><pdml>', /XML/],
    ['{"packets": []}', /JSON/],
    [' [\n {}', /JSON/],
    ['\ufeff{"a": 1}', /JSON/],
    ['No. Time Source\n1 0.000 192.0.2.1\n', /text.*text2pcap/],
    ['Grüße aus dem Netz', /text/],
    ['a', /text/],
    ['    1   0.000000 192.0.2.7 \x1b[31mCONNECT\x1b[0m', /text/],
  ])('%j', (text, pattern) => expect(words(bytes(text))).toMatch(pattern))

  test('UTF-16', () => expect(words(fromHex('fffe68006900'))).toMatch(/text/))

  test('a character that is cut at the end of what is looked at does no harm', () => {
    expect(words(bytes('x'.repeat(MOST_LOOKED - 1) + 'ü'.repeat(9)))).toMatch(/text/)
  })
})

describe('nothing that has a name', () => {
  test('its first bytes', () => expect(words(fromHex('0102030405'))).toBe('it begins with 0x04030201 (little-endian)'))
  test('a few bytes', () => expect(words(fromHex('d4c3'))).toBe('it is too short, 2 bytes'))
  test('text with a zero in it', () => expect(words(bytes('hello\0world'))).toMatch(/begins with/))
})
