/** A mouse: reports → what was done where, and which pane is meant. Nothing needs it; all it does, keys do too. */
import type { Block, Pane } from '../block.ts'
import type { Key } from './input.ts'

export interface Mouse {
  readonly kind: 'click' | 'double' | 'wheel'
  /** Cells from the left and from the top, from 0 on. */
  readonly x: number
  readonly y: number
  /** Of a wheel: lines, up is negative. */
  readonly lines: number
}

/** What a mouse does to a pane; places count from its corner. */
export interface Pointer {
  click?(row: number, column: number): unknown
  /** Absent: as the keys of movement. */
  wheel?(lines: number): void
  /** A double click is the key Enter. */
  readonly opens?: boolean
}

/** Reports on, in decimal numbers without a limit (xterm's modes 1000 and 1006). */
export const MOUSE_ON = '\x1b[?1000h\x1b[?1006h'
export const MOUSE_OFF = '\x1b[?1006l\x1b[?1000l'

/** `ESC [ < button ; column ; row M`, with m for the release. */
const REPORT = /^<(\d+);(\d+);(\d+)M$/
/** Bits of the button: with Shift, Alt or Ctrl it is the same. */
const MODIFIERS = 4 | 8 | 16
const LEFT = 0
const WHEEL_UP = 64
const WHEEL_DOWN = 65
/** A notch of the wheel. */
const WHEEL_LINES = 3

/** The body of a report; undefined for what nobody uses: releases, other buttons. */
export function mouseOf(body: string): Mouse | undefined {
  const [button, column, row] = REPORT.exec(body)?.slice(1).map(Number) ?? []
  if (button === undefined || column === undefined || row === undefined) return undefined
  const place = { x: column - 1, y: row - 1 }
  switch (button & ~MODIFIERS) {
    case LEFT:
      return { kind: 'click', ...place, lines: 0 }
    case WHEEL_UP:
      return { kind: 'wheel', ...place, lines: -WHEEL_LINES }
    case WHEEL_DOWN:
      return { kind: 'wheel', ...place, lines: WHEEL_LINES }
    default:
      return undefined
  }
}

/** Notches of a wheel that come together are one of many lines: a touchpad makes dozens, and each would be drawn. */
export function gathered(keys: readonly Key[]): readonly Key[] {
  const all: Key[] = []
  for (const key of keys) {
    const { mouse: before } = all.at(-1) ?? {}
    const { mouse } = key
    if (mouse?.kind === 'wheel' && before?.kind === 'wheel' && mouse.x === before.x && mouse.y === before.y)
      all[all.length - 1] = { ...key, mouse: { ...mouse, lines: before.lines + mouse.lines } }
    else all.push(key)
  }
  return all
}

/** Between the clicks of a double one. */
const DOUBLE_MS = 400

/** Knows a second click on the same cell. */
export class Clicks {
  private readonly now: () => number
  private last = { x: -1, y: -1, at: 0 }

  constructor(now = (): number => performance.now()) {
    this.now = now
  }

  count(mouse: Mouse): Mouse {
    if (mouse.kind !== 'click') return mouse
    const { x, y } = mouse
    const at = this.now()
    const isDouble = this.last.x === x && this.last.y === y && at - this.last.at < DOUBLE_MS
    // A third click begins anew.
    this.last = isDouble ? { x: -1, y: -1, at } : { x, y, at }
    return isDouble ? { ...mouse, kind: 'double' } : mouse
  }
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
