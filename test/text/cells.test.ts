/** Cells of a terminal, with string-width as the oracle. */
import fc from 'fast-check'
import stringWidth from 'string-width'
import { describe, expect, it } from 'vitest'
import { cells, cut, MOST_MARKS, padEnd, padStart } from '../../src/text/cells.ts'
import { sanitize } from '../../src/text/sanitize.ts'

interface Difference {
  readonly from: number
  readonly to: number
  readonly ours: number
  readonly theirs: number
}

/** Single characters that string-width measures in another way. */
const DIFFERENCES: readonly Difference[] = [
  // The second and third letter of a Hangul syllable: a terminal draws them into the first. string-width knows this of
  // whole syllables, and counts a letter that stands alone; here each character is counted for itself.
  { from: 0x1161, to: 0x11ff, ours: 0, theirs: 1 },
  { from: 0xd7b0, to: 0xd7fb, ours: 0, theirs: 1 },
  // Trigrams and monograms of the I Ching are wide since Unicode 16 (2024); most terminals still draw them narrow.
  { from: 0x2630, to: 0x2637, ours: 1, theirs: 2 },
  { from: 0x268a, to: 0x268f, ours: 1, theirs: 2 },
  // Circled numbers on black squares are ambiguous in UAX #11; counted as wide they cannot push a row over its end.
  { from: 0x3248, to: 0x324f, ours: 2, theirs: 1 },
  // The emoji form: with the character before it two cells, which string-width says of the pair.
  { from: 0xfe0f, to: 0xfe0f, ours: 1, theirs: 0 },
]

const LAST = 0x10ffff
/** Reserved for later versions of Unicode: node's own tables decide which these are. */
const UNASSIGNED = /\p{Cn}/u

const isKnown = (code: number, ours: number, theirs: number): boolean =>
  DIFFERENCES.some(one => one.from <= code && code <= one.to && one.ours === ours && one.theirs === theirs)

describe('string-width', () => {
  it('measures every printable character alike, but for the known ones', () => {
    const other: string[] = []
    const seen = new Set<Difference>()
    let compared = 0
    for (let code = 0x20; code <= LAST; code++) {
      const character = String.fromCodePoint(code)
      if (sanitize(character) !== character || UNASSIGNED.test(character)) continue
      compared++
      const ours = cells(character)
      const theirs = stringWidth(character)
      if (ours === theirs) continue
      if (!isKnown(code, ours, theirs)) other.push(`U+${code.toString(16)} ours ${ours} theirs ${theirs}`)
      for (const one of DIFFERENCES) if (one.from <= code && code <= one.to) seen.add(one)
    }
    expect(other).toEqual([])
    expect(compared).toBeGreaterThan(100_000)
    expect(seen.size).toBe(DIFFERENCES.length)
  })

  it.each([
    'e\u0301',
    'Tiếng Việt',
    'שָׁלוֹם',
    '温度計',
    '한글',
    '\u1112\u1161\u11ab',
    '🇩🇪',
    '☀\ufe0f',
    '1\ufe0f\u20e3',
    '😀',
  ])('measures %s alike', text => {
    expect(cells(text)).toBe(stringWidth(text))
  })

  it('knows joined emoji, which here are two each: joiners are escaped before', () => {
    const family = '👨\u200d👩\u200d👧'
    expect([stringWidth(family), cells(sanitize(family))]).toEqual([2, 2 * 3 + 2 * '⟨U+200D⟩'.length])
    expect([stringWidth('👍🏽'), cells('👍🏽')]).toEqual([2, 4])
  })
})

describe('properties', () => {
  it('a cut fits, and is the text itself where that fits', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 40 }), fc.integer({ min: 1, max: 30 }), (text, most) => {
        const safe = sanitize(text)
        const kept = cut(safe, most)
        expect(cells(kept)).toBeLessThanOrEqual(most)
        if (/^[ -~]*$/.test(safe) && safe.length <= most) expect(kept).toBe(safe)
      }),
    )
  })

  it('what is filled up takes exactly so many cells, at one end or the other', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 20 }), fc.integer({ min: 1, max: 30 }), (text, width) => {
        const safe = sanitize(text)
        const kept = cells(safe) > width ? cut(safe, width) : safe
        const blanks = ' '.repeat(width - cells(kept))
        expect([padEnd(safe, width), padStart(safe, width)]).toEqual([kept + blanks, blanks + kept])
      }),
    )
  })
})

describe('X04: cut by cells', () => {
  it('ASCII', () => {
    expect(cut('abcdef', 6)).toBe('abcdef')
    expect(cut('abcdef', 5)).toBe('abcd…')
    expect(cut('abcdef', 1)).toBe('…')
  })
  it('a wide character takes two', () => {
    expect(cells('温度')).toBe(4)
    expect(cut('温度計', 6)).toBe('温度計')
    expect(cut('温度計', 5)).toBe('温度…')
    expect(cut('温度計', 4)).toBe('温…')
    expect(cells('🌡\ufe0f')).toBe(2)
    expect(cells('😀')).toBe(2)
    expect(cells('한글')).toBe(4)
  })
  it('a flag is two letters of one cell each', () => expect(cells('🇩🇪')).toBe(2))
  it('a combining mark takes none', () => {
    expect(cells('e\u0301')).toBe(1)
    expect(cut('e\u0301e\u0301', 2)).toBe('e\u0301e\u0301')
  })
  it('a mark with nothing before it is carried', () => expect(cut('\u0301a', 9)).toBe('◌\u0301a'))
  it('of ten thousand marks few are kept', () => {
    const kept = cut(`a${'\u0301'.repeat(10_000)}b`, 9)
    expect(kept).toBe(`a${'\u0301'.repeat(MOST_MARKS)}…b`)
  })
})
