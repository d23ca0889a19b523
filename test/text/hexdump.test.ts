import { describe, expect, it } from 'vitest'
import type { RawPacket } from '../../src/mqtt/raw.ts'
import { hexDump, MOST_DUMPED } from '../../src/text/hexdump.ts'
import { recordOf } from '../support/record.ts'

function dumped(bytes: string | Uint8Array, parts: Partial<RawPacket> = {}): string {
  let text = ''
  hexDump({ ...recordOf(bytes).raw, ...parts }, part => {
    text += part
  })
  return text
}

describe('hex dump', () => {
  it('offsets, sixteen bytes a row, the text beside them', () => {
    expect(dumped('30 13 0005 68656c6c6f 00 09 0a 1b 7f 80 ff 61 62 63 64 65')).toBe(
      [
        '      0000  30 13 00 05 68 65 6c 6c  6f 00 09 0a 1b 7f 80 ff  0...hello.......',
        '      0010  61 62 63 64 65                                    abcde',
        '',
        '',
      ].join('\n'),
    )
  })
  it('a hole stands where it is', () => {
    expect(dumped('30 0b 61 62 63 64', { readable: 7, kept: 9, end: 16, holes: [4, 7] })).toBe(
      [
        '      0000  30 0b 61 62                                       0.ab',
        '      … 7 bytes are not in the capture',
        '      000b  63 64                                             cd',
        '',
        '',
      ].join('\n'),
    )
  })
  it('of a large packet the beginning', () => {
    const lines = dumped(new Uint8Array(MOST_DUMPED + 5)).split('\n')
    expect(lines).toHaveLength(MOST_DUMPED / 16 + 3)
    expect(lines.at(-3)).toBe('      … 5 bytes more')
  })
})
