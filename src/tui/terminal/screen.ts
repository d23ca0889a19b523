/**
 * Between Ink and the terminal. Ink lays out and hands over every frame as one text; a character of it costs so much there
 * that coloured rows never pass through it: a row goes in as one sentinel character and is put in its place here. Then the
 * rows that differ from the last frame are written, in one piece.
 */
import { EventEmitter } from 'node:events'

/** What of a terminal is needed. */
export interface Output {
  readonly columns: number | undefined
  readonly rows: number | undefined
  /** Says when the terminal has taken all of it. */
  write(text: string, taken: () => void): unknown
}

/** A cell from the left and from the top, from 0 on. */
export interface Caret {
  readonly x: number
  readonly y: number
}

/** Characters of a private plane stand for rows; captured text never holds them, it is sanitised. */
const FIRST_SENTINEL = 0xf0000
const SLOTS = 8192
const SENTINEL = /([\u{f0000}-\u{f1fff}])( *)/gu

/** Of a terminal that does not say. */
const COLUMNS = 80
const ROWS = 24

const ESCAPE = '\x1b'
/** Nothing of a frame is shown before all of it has come (synchronized output; terminals without it ignore it). */
const BEGIN = `${ESCAPE}[?2026h`
const END = `${ESCAPE}[?2026l`
const HIDE = `${ESCAPE}[?25l`
const SHOW = `${ESCAPE}[?25h`

interface Bound {
  readonly text: string
  readonly width: number
}

const EMPTY: Bound = { text: '', width: 1 }

export class FrameScreen extends EventEmitter {
  /** Ink asks. */
  readonly isTTY = true
  /** Where the terminal's own cursor stands: input methods and magnifiers go by it. Undefined: it is hidden. */
  caret: Caret | undefined
  /** The terminal is given back for now: whatever is drawn stays here. */
  isAway = false
  frames = 0
  /** Milliseconds until the terminal had taken the last frame. */
  lastWriteMs = 0
  /** It has not taken the last frame yet, and is given no other: `taken` says when it is time for one. */
  isWaiting = false
  /** The screen as it stands, row by row. */
  shown: string[] = []
  private readonly output: Output
  private readonly now: () => number
  private readonly bound: Bound[] = new Array(SLOTS).fill(EMPTY)
  private next = 0
  private isOwed = false
  /** What was said last of the cursor; empty where nothing is known. */
  private placed = ''

  constructor(output: Output, now: () => number = () => performance.now()) {
    super()
    this.output = output
    this.now = now
  }

  get columns(): number {
    return this.output.columns || COLUMNS
  }

  get rows(): number {
    return this.output.rows || ROWS
  }

  /** One character for a styled row of so many cells. It holds for this frame: slots are used again. */
  bind(text: string, width: number): string {
    const slot = this.next
    this.next = (slot + 1) % SLOTS
    this.bound[slot] = { text, width }
    return String.fromCodePoint(FIRST_SENTINEL + slot)
  }

  /** Nothing is known of what the terminal shows: the next frame is written whole. */
  invalidate(): void {
    this.shown = []
    this.placed = ''
  }

  /** The size has changed. */
  resized(): void {
    this.invalidate()
    this.emit('resize')
  }

  /** A frame as Ink hands it over; its own escape sequences (the cursor) are none of ours. */
  write(frame: string): boolean {
    if (this.isAway || frame.startsWith(ESCAPE) || frame === '') return true
    if (this.isWaiting) {
      this.isOwed = true
      return true
    }
    const lines = frame.split('\n')
    let text = ''
    for (let at = 0; at < Math.min(lines.length, this.rows); at++) {
      const line = this.expand(lines[at] ?? '')
      if (line === this.shown[at]) continue
      this.shown[at] = line
      text += `${ESCAPE}[${at + 1};1H${ESCAPE}[0m${ESCAPE}[K${line}`
    }
    this.frames++
    const place = this.caret === undefined ? HIDE : `${ESCAPE}[${this.caret.y + 1};${this.caret.x + 1}H${SHOW}`
    // Writing rows moves it.
    const isDue = place !== this.placed || (text !== '' && place !== HIDE)
    if (text !== '' || isDue) this.send(BEGIN + text + (isDue ? place : '') + END)
    this.placed = place
    return true
  }

  private expand(line: string): string {
    return line.replace(SENTINEL, (_, sentinel: string, blanks: string) => {
      const { text, width } = this.bound[(sentinel.codePointAt(0) ?? FIRST_SENTINEL) - FIRST_SENTINEL] ?? EMPTY
      return text + blanks.slice(width - 1)
    })
  }

  private send(text: string): void {
    const before = this.now()
    this.isWaiting = true
    this.output.write(text, () => {
      this.lastWriteMs = this.now() - before
      this.isWaiting = false
      if (!this.isOwed) return
      this.isOwed = false
      this.emit('taken')
    })
  }
}
