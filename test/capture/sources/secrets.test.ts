/** Secrets that stand behind the frames they open are found before. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { concatBytes, fromHex } from '../../../src/base/bytes.ts'
import { scanSecrets } from '../../../src/capture/sources/secrets.ts'

const folder = mkdtempSync(join(tmpdir(), 'mqtt-sniff-secrets-'))
afterAll(() => rmSync(folder, { recursive: true }))

const SECTION = fromHex('0a0d0d0a 1c000000 4d3c2b1a 0100 0000 ffffffffffffffff 1c000000')
const BIG_SECTION = fromHex('0a0d0d0a 0000001c 1a2b3c4d 0001 0000 ffffffffffffffff 0000001c')
const SECRETS = fromHex('0a000000 18000000 4b534c54 04000000 23206b0a 18000000')
const BIG_SECRETS = fromHex('0000000a 00000018 544c534b 00000004 23206b0a 00000018')

/** A custom block of this many bytes. */
function block(size: number): Uint8Array {
  const bytes = Buffer.alloc(size)
  bytes.writeUInt32LE(0xbad, 0)
  bytes.writeUInt32LE(size, 4)
  bytes.writeUInt32LE(size, size - 4)
  return bytes
}

function found(...parts: readonly Uint8Array[]): string[] {
  const name = join(folder, 'file')
  writeFileSync(name, concatBytes(...parts))
  const texts: string[] = []
  scanSecrets(name, text => texts.push(Buffer.from(text).toString()))
  return texts
}

test('behind other blocks, in each section', () => {
  expect(found(SECTION, block(64), SECRETS, block(32), BIG_SECTION, BIG_SECRETS)).toEqual(['# k\n', '# k\n'])
})

test('behind more bytes than are looked at together, wherever they are cut', () => {
  expect(found(SECTION, block(3_000_000), SECRETS)).toEqual(['# k\n'])
  for (let rest = 0; rest <= 32; rest += 4)
    expect(found(SECTION, block(1024 * 1024 - SECTION.length - rest), SECRETS, SECRETS)).toEqual(['# k\n', '# k\n'])
})

test('up to where the blocks break off', () => {
  expect(found(SECTION, SECRETS, fromHex('01000000 07000000 00000000'), SECRETS)).toEqual(['# k\n'])
  expect(found(SECTION, SECRETS.subarray(0, 20))).toEqual([])
})

test('not in what is no pcapng', () => {
  expect(found(fromHex('d4c3b2a1'), SECRETS)).toEqual([])
  expect(found(new Uint8Array(0))).toEqual([])
})
