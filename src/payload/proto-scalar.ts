/** Whole numbers of protobuf, and the keys of its maps, as text. */
import type { ProtoKind } from './proto-type.ts'
import { fixedText, signedText, textOf, uint32, uint64, unsignedText, zigzagText } from './wire.ts'

/** Kinds that JSON writes as text: doubles do not hold all of them. */
export const LONG: ReadonlySet<ProtoKind> = new Set(['int64', 'uint64', 'sint64', 'fixed64', 'sfixed64'])

/** Returns a whole number with all its digits. */
export function wholeText(bytes: Uint8Array, kind: ProtoKind, start: number, end: number): string {
  switch (kind) {
    case 'uint32':
      return String(uint32(bytes, start, end))
    case 'uint64':
      return unsignedText(bytes, start, end)
    case 'sint32':
      return zigzagText(bytes, start, end, 32)
    case 'sint64':
      return zigzagText(bytes, start, end, 64)
    case 'fixed32':
    case 'fixed64':
      return fixedText(bytes, start, end - start, false)
    case 'sfixed32':
    case 'sfixed64':
      return fixedText(bytes, start, end - start, true)
  }
  return signedText(bytes, start, end, kind === 'int64' ? 64 : 32)
}

/** Returns the key of a map, which JSON writes as text whatever it is. */
export function keyText(bytes: Uint8Array, kind: ProtoKind, start: number, end: number): string {
  if (kind === 'string') return textOf(bytes, start, end) ?? ''
  if (kind === 'bool') return String(uint64(bytes, start, end) !== 0)
  return wholeText(bytes, kind, start, end)
}

/** Returns the key of an entry that sends none. */
export const emptyKey = (kind: ProtoKind): string => (kind === 'string' ? '' : kind === 'bool' ? 'false' : '0')
