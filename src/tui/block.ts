/** A screen as boxes in boxes: panes of lines, below or beside each other. Screens make blocks; `draw.ts` hands them to Ink. */

import { fitted, type Line } from './spans.ts'

/** What a mouse does to a pane; places count from its corner. */
export interface Pointer {
  click?(row: number, column: number): unknown
  /** Absent: as the keys of movement. */
  wheel?(lines: number): void
  /** A double click is the key Enter. */
  readonly opens?: boolean
}

/** Cells of the smallest terminal that screens are drawn on. */
export const LEAST_WIDTH = 60
export const LEAST_HEIGHT = 15

export interface Pane {
  readonly kind: 'pane'
  readonly width: number
  readonly height: number
  /** As many as it is high, each as wide as it. */
  readonly lines: readonly Line[]
  /** What a mouse does there. */
  readonly pointer: Pointer | undefined
}

export interface Group {
  readonly kind: 'rows' | 'columns'
  readonly width: number
  readonly height: number
  readonly parts: readonly Block[]
}

export type Block = Pane | Group

/** A pane never exceeds its place, whatever lines it is given. */
export function pane(lines: readonly Line[], width: number, height: number, pointer?: Pointer): Pane {
  const shown: Line[] = []
  for (let at = 0; at < height; at++) shown.push(fitted(lines[at] ?? [], width))
  return { kind: 'pane', width, height, lines: shown, pointer }
}

const sum = (sizes: readonly number[]): number => sizes.reduce((a, b) => a + b, 0)

/** Parts without a size are left out. */
export function rows(...parts: readonly Block[]): Group {
  const kept = parts.filter(({ height }) => height > 0)
  const width = Math.max(0, ...kept.map(part => part.width))
  return { kind: 'rows', width, height: sum(kept.map(part => part.height)), parts: kept }
}

export function columns(...parts: readonly Block[]): Group {
  const kept = parts.filter(({ width }) => width > 0)
  const height = Math.max(0, ...kept.map(part => part.height))
  return { kind: 'columns', width: sum(kept.map(part => part.width)), height, parts: kept }
}

/** The lines of the whole, as a terminal shows them: for tests and for what is no terminal. */
export function flatten(block: Block): readonly Line[] {
  if (block.kind === 'pane') return block.lines
  if (block.kind === 'rows') return block.parts.flatMap(flatten)
  const beside = block.parts.map(part => ({ lines: flatten(part), width: part.width }))
  return Array.from({ length: block.height }, (_, at) =>
    beside.flatMap(({ lines, width }) => fitted(lines[at] ?? [], width)),
  )
}

export interface Hit {
  readonly pane: Pane
  readonly row: number
  readonly column: number
}

/** The pane at a place of a block. */
export function paneAt(block: Block, x: number, y: number): Hit | undefined {
  if (x < 0 || y < 0 || x >= block.width || y >= block.height) return undefined
  if (block.kind === 'pane') return { pane: block, row: y, column: x }
  let [left, top] = [0, 0]
  for (const part of block.parts) {
    const hit = paneAt(part, x - left, y - top)
    if (hit !== undefined) return hit
    if (block.kind === 'rows') top += part.height
    else left += part.width
  }
  return undefined
}
