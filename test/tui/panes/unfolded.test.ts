/** The bytes of a packet, as text and in hex. */
import { describe, expect, test } from 'vitest'
import { hexLines, textLines } from '../../../src/tui/panes/unfolded.ts'
import { textOf } from '../../../src/tui/spans.ts'

describe('bytes of a packet', () => {
  const raw = (bytes: Uint8Array): { bytes: Uint8Array; start: number; kept: number } => ({
    bytes,
    start: 0,
    kept: bytes.length,
  })
  const asText = (text: string, width = 40): readonly string[] =>
    textLines(raw(new TextEncoder().encode(text)), width, 'plain').map(spans => textOf(spans).trimStart())

  test('as text: lines as they are, dots for what cannot be seen', () => {
    expect(asText('{\n  "v": 1\r\n}')).toEqual(['{', '"v": 1', '}'])
    expect(asText('a\x1b[2J\u202eb\u{e0041}\\')).toEqual(['a·[2J·b·\\'])
    expect(textOf(textLines(raw(Uint8Array.of(0x30, 0xff, 0x41)), 40, 'plain')[0] ?? [])).toBe('      0·A')
  })

  test('as text: long lines go on below, by cells', () => {
    expect(asText('abcdefghij', 10)).toEqual(['abcd', 'efgh', 'ij'])
    expect(asText('日本語', 10)).toEqual(['日本', '語'])
  })

  test('of a large one the rest is counted', () => {
    const large = raw(new Uint8Array(10_000))
    expect(textOf(hexLines(large).at(-1) ?? [])).toContain('5,904 bytes more')
    expect(textOf(textLines(large, 80, 'plain').at(-1) ?? [])).toContain('5,904 bytes more')
    expect(hexLines(large).length).toBe(257)
  })
})
