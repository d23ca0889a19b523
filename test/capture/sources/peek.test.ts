/** What a file is, seen before it is read. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, expect, test } from 'vitest'
import { fromHex } from '../../../src/base/bytes.ts'
import { SourceError } from '../../../src/capture/sources/file.ts'
import { whyNoCapture } from '../../../src/capture/sources/peek.ts'
import { open } from '../../../src/capture/sources/source.ts'

const folder = mkdtempSync(join(tmpdir(), 'mqtt-sniff-peek-'))
afterAll(() => rmSync(folder, { recursive: true }))
const file = join(folder, 'capture')

function why(bytes: Uint8Array | string): string | undefined {
  writeFileSync(file, bytes)
  return whyNoCapture(file)
}

const PCAP = fromHex('d4c3b2a1 0200 0400 00000000 00000000 00000400 01000000'.replaceAll(' ', ''))

test('captures, also packed ones, and those that are damaged behind their first bytes', () => {
  expect(why(PCAP)).toBeUndefined()
  expect(why(gzipSync(PCAP))).toBeUndefined()
  expect(why(PCAP.subarray(0, 5))).toBeUndefined()
  expect(why(fromHex('0a0d0d0a'))).toBeUndefined()
  expect(why(gzipSync(PCAP).subarray(0, 12))).toBeUndefined()
  expect(why(Uint8Array.of(0x1f, 0x8b, 8, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9))).toBeUndefined()
})

test('what is none', () => {
  expect(why('')).toMatch(/empty/)
  expect(why('hello')).toMatch(/text/)
  expect(why(gzipSync('{"a": 1}'))).toMatch(/JSON/)
  expect(why(PCAP.subarray(0, 2))).toMatch(/too short/)
})

test('such a file is not opened', async () => {
  writeFileSync(file, 'hello')
  const failure = await open(file).catch(cause => cause)
  expect(failure).toBeInstanceOf(SourceError)
  expect([failure.code, failure.message]).toEqual(['EFORMAT', expect.stringMatching(/^cannot read .*: .* text/)])
  writeFileSync(file, PCAP)
  const source = await open(file)
  const chunks = []
  for await (const chunk of source) chunks.push(chunk.slice())
  expect(chunks).toEqual([PCAP])
})
