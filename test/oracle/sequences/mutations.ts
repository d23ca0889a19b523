/** One packet made wrong in turn: cut anywhere, lengthened, with other flags. */
import { byte, raw, varint } from '../../support/hex.ts'

export interface Mutant {
  readonly what: string
  readonly hex: string
}

interface Parts {
  readonly first: number
  readonly body: string
}

/** Of a packet whose Remaining Length is written in as few bytes as possible. */
function partsOf(hex: string): Parts {
  let at = 2
  while (Number.parseInt(hex.slice(at, at + 2), 16) > 127) at += 2
  return { first: Number.parseInt(hex.slice(0, 2), 16), body: hex.slice(at + 2) }
}

const whole = (first: number, body: string): string => byte(first) + varint(body.length / 2) + body

/** Each of the mutants of a packet of its own: two CONNECT of one client id would end each other's connection. */
export const ofFresh = (make: () => string, mutate: (hex: string) => readonly Mutant[]): Mutant[] =>
  mutate(make()).map((_, at) => mutate(make())[at] as Mutant)

/** The packet ends after each of its bytes, and its Remaining Length says so. */
export function cuts(hex: string): Mutant[] {
  const { first, body } = partsOf(hex)
  return Array.from({ length: body.length / 2 }, (_, size) => ({
    what: `cut to ${size} of ${body.length / 2} bytes`,
    hex: whole(first, body.slice(0, size * 2)),
  }))
}

export function longer(hex: string): Mutant[] {
  const { first, body } = partsOf(hex)
  return ['00', '01', 'ff', '0000', raw('more')].map(more => ({
    what: `with ${more} behind it`,
    hex: whole(first, body + more),
  }))
}

/** All sixteen values of the lower half of the first byte. */
export function flags(hex: string): Mutant[] {
  const { first, body } = partsOf(hex)
  return Array.from({ length: 16 }, (_, low) => ({
    what: `with flags ${low.toString(2).padStart(4, '0')}`,
    hex: whole((first & 0xf0) | low, body),
  }))
}

/** The Remaining Length in more bytes than it needs, or in too many. */
export function lengths(hex: string): Mutant[] {
  const { first, body } = partsOf(hex)
  const size = body.length / 2
  const low = byte((size & 127) | 128)
  return [
    { what: 'with its length in two bytes', hex: byte(first) + low + byte(size >> 7) + body },
    { what: 'with its length in three bytes', hex: `${byte(first) + low + byte((size >> 7) | 128)}00${body}` },
    { what: 'with its length in four bytes', hex: `${byte(first) + low + byte((size >> 7) | 128)}8000${body}` },
    { what: 'with its length in five bytes', hex: `${byte(first) + low + byte((size >> 7) | 128)}808000${body}` },
    { what: 'with a length of ff ff ff ff', hex: `${byte(first)}ffffffff7f${body}` },
  ]
}

/** Strings that are no good everywhere, or not in every place: what they are, and the hex of their bytes. */
export const TEXTS: readonly (readonly [string, string])[] = [
  ['U+0000', '610062'],
  ['only U+0000', '00'],
  ['a surrogate', 'eda080'],
  ['a pair of surrogates', 'eda080edb080'],
  ['the last surrogate', 'edbfbf'],
  ['an overlong slash', 'c0af'],
  ['an overlong NUL', 'c080'],
  ['an overlong slash in three bytes', 'e080af'],
  ['an overlong character in four bytes', 'f08080af'],
  ['a lone continuation byte', '80'],
  ['a continuation byte behind a letter', '61bf'],
  ['a lead byte at the end', '61c3'],
  ['a cut three-byte sequence', 'e282'],
  ['a cut four-byte sequence', 'f09f98'],
  ['a code point above U+10FFFF', 'f4908080'],
  ['a five-byte sequence', 'f888808080'],
  ['FE', 'fe'],
  ['FF', 'ff'],
  ['latin-1', '66fc72'],
]

/** Code points that a receiver may refuse and need not. */
export const UNWANTED_TEXTS: readonly (readonly [string, string])[] = [
  ['U+0001', '610162'],
  ['U+001F', '1f'],
  ['a line feed', '610a62'],
  ['U+007F', '7f'],
  ['U+0085', 'c285'],
  ['U+FFFE', 'efbfbe'],
  ['U+FFFF', 'efbfbf'],
  ['U+FDD0', 'efb790'],
  ['U+1FFFF', 'f09fbfbf'],
]

/** Unusual, and good. */
export const GOOD_TEXTS: readonly (readonly [string, string])[] = [
  ['umlauts', raw('grüße')],
  ['an emoji', raw('😀')],
  ['U+FEFF', 'efbbbf61'],
  ['a bidi override', raw('‮abc')],
  ['a blank', raw('a b')],
  ['U+D7FF', 'ed9fbf'],
  ['U+E000', 'ee8080'],
  ['U+10FFFD', 'f48fbfbd'],
]
