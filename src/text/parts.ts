/** Parts of a line with dots between; where they do not fit, on lines below each other. */
import { wrap } from './wrap.ts'

/** Where no terminal says how wide it is. */
const WIDE = 120

export function partLines(parts: readonly string[], width: number | undefined, indent = 0): readonly string[] {
  const words = parts.map((part, at) => (at + 1 < parts.length ? `${part} ·` : part))
  return wrap(words, (width ?? WIDE) - indent)
}
