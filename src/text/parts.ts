/** Parts of a line with dots between; where they do not fit, on lines below each other. */
import { wrap } from './wrap.ts'

/** Cells of a line if the width of the terminal is unknown. */
const WIDE = 120

export function partLines(parts: readonly string[], width: number | undefined, indent = 0): readonly string[] {
  const words = parts.map((part, at) => (at + 1 < parts.length ? `${part} ·` : part))
  return wrap(words, (width ?? WIDE) - indent)
}
