/** The terminal while a screen is on it, and given back whole on every way out. */
import { openSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { ReadStream } from 'node:tty'
import { Signalled } from '../../base/exit.ts'
import { gathered, type Key, Keyboard } from './input.ts'
import { Clicks, MOUSE_OFF, MOUSE_ON } from './mouse.ts'
import { FrameScreen } from './screen.ts'

/** Alternate screen, no wrapping at the right end, no cursor, pastes marked. */
const OPEN = '\x1b[?1049h\x1b[?7l\x1b[?25l\x1b[?2004h\x1b[2J'
const CLOSE = `${MOUSE_OFF}\x1b[0m\x1b[?2004l\x1b[?7h\x1b[?25h\x1b[?1049l`

/** Which colour the background has (OSC 11); the attributes behind it tell that there is no answer to the first. */
const ASK = '\x1b]11;?\x1b\\\x1b[c'
/** It would print the question. */
const CANNOT_BE_ASKED = 'linux'

/** An answer that has not come by then does not hold up the key Esc any more; later it is still no key. */
const ANSWER_MS = 1000
/** On leaving: an answer that comes after it would be typed into the shell. */
const LAST_ANSWER_MS = 200
const STEP_MS = 5
/** Still running so long after being told to stop: nothing will stop us. */
const UNSTOPPED_MS = 100

type Signal = keyof typeof Signalled
/** Ctrl-C comes as a key; the others from outside. */
const ENDING = Object.keys(Signalled) as Signal[]

export interface Listener {
  key(key: Key): void
  /** Draw again: another size, back from a stop, or more is taken. */
  redraw(): void
  /** Asked from outside to end; the terminal is given back already. */
  signal(signal: Signal): void
}

export interface TerminalOptions {
  /** For the colour of the background, which comes as a key. */
  readonly asks: boolean
  /** It reports what the mouse does, which comes as keys; without it the mouse is the terminal's own. */
  readonly mouse: boolean
}

export class Terminal {
  readonly screen: FrameScreen
  private readonly input: ReadStream
  private readonly output = process.stdout
  private readonly keyboard = new Keyboard()
  private listener: Listener | undefined
  private timer: NodeJS.Timeout | undefined
  private asked: NodeJS.Timeout | undefined
  private unstopped: NodeJS.Timeout | undefined
  private isOpen = false
  private readonly clicks = new Clicks()
  private readonly asks: boolean
  private readonly mouse: boolean

  constructor({ asks, mouse }: TerminalOptions) {
    this.asks = asks && process.env.TERM !== CANNOT_BE_ASKED
    this.mouse = mouse
    this.screen = new FrameScreen(this.output)
    // A capture may come on stdin: then keys come from the terminal itself.
    this.input = process.stdin.isTTY ? process.stdin : new ReadStream(openSync('/dev/tty', 'r+'))
  }

  open(listener: Listener): void {
    this.listener = listener
    this.enter()
    this.input.setEncoding('utf8')
    this.input.on('data', this.hear)
    this.input.on('end', this.hangUp).on('error', this.hangUp)
    // Not by the output's own event: of two changes at once that end where they began it says nothing, and the screen is torn.
    process.on('SIGWINCH', this.resize)
    this.output.on('error', this.hangUp)
    this.screen.on('taken', () => listener.redraw())
    for (const signal of ENDING) process.on(signal, this.end)
    process.on('SIGTSTP', this.suspend).on('SIGCONT', this.resume)
    process.on('exit', this.leave)
  }

  /** Waits a moment for what the terminal was asked and has not answered. */
  async answered(): Promise<void> {
    for (let waited = 0; this.keyboard.isAsked && waited < LAST_ANSWER_MS; waited += STEP_MS) await delay(STEP_MS)
  }

  /** Waits until it has taken all that was written: what is said behind it would else come before. */
  given(): Promise<void> {
    return new Promise(resolve => this.output.write('', () => resolve()))
  }

  /** For good. */
  close(): void {
    this.leave()
    this.input.off('data', this.hear).off('end', this.hangUp)
    process.off('SIGWINCH', this.resize)
    for (const signal of ENDING) process.off(signal, this.end)
    process.off('SIGTSTP', this.suspend).off('SIGCONT', this.resume)
    process.off('exit', this.leave)
    this.input.pause()
    this.input.unref()
  }

  /** Raw bytes for the terminal itself: the clipboard. */
  send(text: string): void {
    if (this.isOpen) this.output.write(text)
  }

  /** As the shell's own programs do on Ctrl-Z: the terminal is given back, and taken again with `fg`. */
  readonly suspend = (): void => {
    this.leave()
    process.off('SIGTSTP', this.suspend)
    // The whole group, as the terminal itself would: a parent such as npm has to stop too.
    process.kill(0, 'SIGTSTP')
    // Where no shell could go on with us (a terminal opened for this program alone) the system lets us run.
    this.unstopped = setTimeout(this.resume, UNSTOPPED_MS)
  }

  private readonly resume = (): void => {
    clearTimeout(this.unstopped)
    if (!process.listeners('SIGTSTP').includes(this.suspend)) process.on('SIGTSTP', this.suspend)
    this.enter()
    this.resize()
  }

  /** A moment later: the output learns its new size from the same signal. */
  private readonly resize = (): void => {
    setImmediate(() => {
      if (!this.isOpen) return
      this.screen.resized()
      this.listener?.redraw()
    })
  }

  private readonly hear = (text: string | Buffer): void => {
    clearTimeout(this.timer)
    this.tell(this.keyboard.push(String(text)))
    const { patience } = this.keyboard
    if (patience > 0) this.timer = setTimeout(() => this.tell(this.keyboard.flush()), patience)
  }

  private tell(keys: readonly Key[]): void {
    for (const key of gathered(keys)) {
      const { mouse } = key
      this.listener?.key(mouse === undefined ? key : { ...key, mouse: this.clicks.count(mouse) })
    }
  }

  private readonly end = (signal: Signal): void => {
    this.leave()
    this.listener?.signal(signal)
  }

  /** Nobody is there any more. */
  private readonly hangUp = (): void => this.end('SIGHUP')

  private enter(): void {
    if (this.isOpen) return
    this.isOpen = true
    this.screen.isAway = false
    this.input.setRawMode(true)
    this.input.resume()
    unblock(this.output)
    this.output.write(this.mouse ? OPEN + MOUSE_ON : OPEN)
    this.screen.invalidate()
    if (this.asks) this.ask()
  }

  /** Nobody waits for the answer: what is drawn until then is drawn again. */
  private ask(): void {
    this.output.write(ASK)
    this.keyboard.isAsked = true
    clearTimeout(this.asked)
    this.asked = setTimeout(() => {
      this.keyboard.isAsked = false
    }, ANSWER_MS).unref()
  }

  private readonly leave = (): void => {
    clearTimeout(this.unstopped)
    if (!this.isOpen) return
    this.isOpen = false
    this.screen.isAway = true
    try {
      this.output.write(CLOSE)
      this.input.setRawMode(false)
    } catch {
      // The terminal itself is gone: there is nothing to give back.
    }
  }
}

/** Node lets a write to a terminal block: one that does not read would stop the capture, too. Only the handle has the switch. */
function unblock(output: NodeJS.WriteStream): void {
  const { _handle: handle } = output as { _handle?: { setBlocking?(blocks: boolean): void } }
  handle?.setBlocking?.(false)
}
