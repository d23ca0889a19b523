/** A mouse: reports → what was done where. Nothing needs it; all it does, keys do too. */

export interface Mouse {
  readonly kind: 'click' | 'double' | 'wheel'
  /** Cells from the left and from the top, from 0 on. */
  readonly x: number
  readonly y: number
  /** Of a wheel: lines, up is negative. */
  readonly lines: number
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
