/** pcapng §4.7: Decryption Secrets Blocks by hand, whole and broken. */
import { describe, expect, test } from 'vitest'
import { fromHex } from '../../src/base/bytes.ts'
import { CaptureReader } from '../../src/capture/reader.ts'
import { readSecrets } from '../../src/capture/secrets.ts'

const SECTION = '0a0d0d0a 1c000000 4d3c2b1a 0100 0000 ffffffffffffffff 1c000000'
/** `# k\n`, with the type of a key log in front. */
const BLOCK = '0a000000 18000000 4b534c54 04000000 23206b0a 18000000'

function heard(...blocks: readonly string[]): { texts: string[]; damages: string[] } {
  const texts: string[] = []
  const damages: string[] = []
  const reader = new CaptureReader({
    frame: () => {},
    lost: () => {},
    damage: ({ message }) => damages.push(message),
    secrets: text => texts.push(Buffer.from(text).toString()),
  })
  const bytes = fromHex([SECTION, ...blocks].join(''))
  for (let at = 0; at < bytes.length; at += 5) reader.push(bytes.subarray(at, at + 5))
  reader.end()
  return { texts, damages }
}

describe('secrets', () => {
  test('of a key log are handed on', () => {
    expect(heard(BLOCK)).toEqual({ texts: ['# k\n'], damages: [] })
  })

  test('in the other byte order', () => {
    const block = fromHex('0000000a 00000018 544c534b 00000004 23206b0a 00000018')
    expect(readSecrets(block, 0, block.length, false)).toEqual(fromHex('23206b0a'))
  })

  test('of another type are passed over', () => {
    // WireGuard's keys.
    expect(heard(BLOCK.replace('4b534c54', '4c4b4757'))).toEqual({ texts: [], damages: [] })
  })

  test('with a length beyond the block are none', () => {
    expect(heard(BLOCK.replace('04000000', '05000000'))).toEqual({ texts: [], damages: [] })
    expect(heard(BLOCK.replace('04000000', 'ffffffff'))).toEqual({ texts: [], damages: [] })
  })

  test('in a block too short to hold any are damage', () => {
    expect(heard('0a000000 10000000 4b534c54 10000000').damages).toEqual([
      'a decryption secrets block of only 16 bytes was skipped',
    ])
  })

  test('with padding', () => {
    expect(heard('0a000000 18000000 4b534c54 02000000 23200000 18000000').texts).toEqual(['# '])
  })
})
