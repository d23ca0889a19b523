import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fromHex } from '../../src/base/bytes.ts'
import { cells, cut } from '../../src/text/cells.ts'
import { printable, quoted, sanitize, shown } from '../../src/text/sanitize.ts'

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)
const printed = (hex: string): string => {
  const bytes = fromHex(`ff ${hex} ff`)
  return printable(bytes, 1, bytes.length - 1)
}

describe('what may be shown', () => {
  const cases: readonly (readonly [string, string, string])[] = [
    ['plain text', 'house/1 "x"', 'house/1 "x"'],
    ['X01 escape sequences', 'a\x1b]0;pwn\x07\x1b[2J\x1b[31m', 'a\\x1b]0;pwn\\x07\\x1b[2J\\x1b[31m'],
    ['X01 tab and line breaks', 'a\tb\r\nc', 'a\\x09b\\x0d\\x0ac'],
    ['M12 NUL', 'a\0b', 'a\\x00b'],
    ['X02 DEL and C1', 'a\x7f\x80\x90\x9b\x9d\x9fb', 'a\\x7f\\x80\\x90\\x9b\\x9d\\x9fb'],
    ['a backslash is told from an escape', 'C:\\x1b', 'C:\\\\x1b'],
    ['the bracket is told from an escape', '⟨U+202E⟩', '⟨U+27E8⟩U+202E⟩'],
    [
      'X03 bidi',
      '\u202a\u202e\u2066\u2069\u200e\u200f\u061c',
      '⟨U+202A⟩⟨U+202E⟩⟨U+2066⟩⟨U+2069⟩⟨U+200E⟩⟨U+200F⟩⟨U+061C⟩',
    ],
    ['X03 zero width', '\u200b\u200c\u200d\ufeff\u00ad\u2060', '⟨U+200B⟩⟨U+200C⟩⟨U+200D⟩⟨U+FEFF⟩⟨U+00AD⟩⟨U+2060⟩'],
    ['X03 tags', '\u{e0000}\u{e0001}\u{e0041}\u{e007f}', '⟨U+E0000⟩⟨U+E0001⟩⟨U+E0041⟩⟨U+E007F⟩'],
    ['private use', '\ue000\u{f0000}\u{10fffd}', '⟨U+E000⟩⟨U+F0000⟩⟨U+10FFFD⟩'],
    ['lone surrogates', 'a\ud800b\udfffc', 'a⟨U+D800⟩b⟨U+DFFF⟩c'],
    ['separators of lines and paragraphs', 'a\u2028b\u2029', 'a⟨U+2028⟩b⟨U+2029⟩'],
    ['fillers that show nothing', '\u3164\u115f\uffa0\u2800\u034f', '⟨U+3164⟩⟨U+115F⟩⟨U+FFA0⟩⟨U+2800⟩⟨U+034F⟩'],
    ['noncharacters', '\ufffe\uffff\ufdd0\u{1ffff}', '⟨U+FFFE⟩⟨U+FFFF⟩⟨U+FDD0⟩⟨U+1FFFF⟩'],
    ['letters of the world', 'größe 温度 τ 🌡 é', 'größe 温度 τ 🌡 é'],
  ]
  it.each(cases)('%s', (_name, text, expected) => expect(sanitize(text)).toBe(expected))

  it('M11: what is no UTF-8 is U+FFFD', () => {
    expect(printed('61 c0 80 62')).toBe('a\ufffd\ufffdb')
    expect(printed('e0 80 af')).toBe('\ufffd\ufffd\ufffd')
    expect(printed('ed a0 80')).toBe('\ufffd\ufffd\ufffd')
    expect(printed('61 ff')).toBe('a\ufffd')
    expect(printed('f0 9f 8c')).toBe('\ufffd')
  })

  it('a byte order mark is shown, at the front too', () => expect(printed('ef bb bf 61')).toBe('⟨U+FEFF⟩a'))
  it('ASCII takes the quick way and says the same', () => {
    expect(printed('61 2f 62')).toBe('a/b')
    expect(printed('5c')).toBe('\\\\')
    expect(printed('')).toBe('')
  })
})

/** No control, nothing invisible, nothing that turns the direction. */
const HARMFUL = /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}]/u

describe('properties', () => {
  const anything = fc.string({ unit: 'binary', maxLength: 60 })

  it('nothing harmful is left, whatever the bytes', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 80 }), bytes => !HARMFUL.test(printable(bytes, 0, bytes.length))))
    fc.assert(fc.property(anything, text => !HARMFUL.test(sanitize(text))))
  })

  it('no two texts look the same', () => {
    fc.assert(fc.property(anything, anything, (a, b) => a === b || sanitize(a) !== sanitize(b)))
    const escapes = fc.array(fc.constantFrom('\\', 'x1b', '\x1b', '⟨', 'U+202E⟩', '\u202e'), { maxLength: 6 })
    fc.assert(
      fc.property(
        escapes,
        escapes,
        (a, b) => a.join('') === b.join('') || sanitize(a.join('')) !== sanitize(b.join('')),
      ),
    )
  })

  it('shown is cut of printable', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 40 }), fc.integer({ min: 1, max: 30 }), (text, most) => {
        const bytes = utf8(text)
        expect(shown(bytes, 0, bytes.length, most)).toBe(cut(printable(bytes, 0, bytes.length), most))
      }),
    )
  })
})

describe('X04: shown in cells', () => {
  it('a topic of 65,535 bytes is cut', () => {
    const topics = ['a', '\u0301', '温', '\x1b', '\xff'].map(unit => utf8(unit.repeat(65_535)).subarray(0, 65_535))
    for (const topic of topics) expect(cells(shown(topic, 0, topic.length, 64))).toBeLessThanOrEqual(64)
  })
  it('a long text is not cut in the middle of a sequence', () => {
    const bytes = utf8(`a${'\u0301'.repeat(2000)}`)
    for (let most = 1; most < 40; most++) expect(shown(bytes, 0, bytes.length, most)).not.toContain('\ufffd')
  })
})

describe('quotes', () => {
  it.each([
    ['abc', '"abc"'],
    ['{"v":1}', `'{"v":1}'`],
    [`it's`, `"it's"`],
    [`it's "x"`, `"it's \\"x\\""`],
    ['', '""'],
  ])('%s', (text, expected) => expect(quoted(text)).toBe(expected))
})
