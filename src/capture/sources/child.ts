/** A capture program as a child: its output as chunks, its words line by line, and an end that loses nothing. */
import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process'
import type { Readable } from 'node:stream'

/**
 * Runs the program given behind it, and ends it when our end of its stdin closes, as it does however this process dies:
 * by TERM, which one that is stopped gets with CONT only, and by KILL a second later.
 * The program takes the shell's place, so its pid, its signals and its exit code are its own; the watcher beside it has
 * nothing of its output open, so that its end is seen at once.
 */
const WATCH = '(cat <&3 >/dev/null 2>&1; kill $$; kill -CONT $$; sleep 1; kill -KILL $$) >/dev/null 2>&1 &'
const GUARD = `exec 3<&0; ${WATCH} exec "$@" </dev/null 3<&-`

/** The same for a program that listens on its stdin: what the watcher waits for is an end of its own. */
const GUARD_OF_LISTENER = `${WATCH} exec "$@" 3<&-`

/** Milliseconds that a listener has to end after the last word, and after each chunk that still comes then. */
const LISTENER_ENDS_MS = 12_000

/** What a stream hands over at once when more is waiting. */
const FULL_CHUNK = 64 * 1024

/** Of a line on stderr; what follows is dropped. Paths and filters are shorter. */
const LONGEST_LINE = 2000

export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/** What must have passed before the program is told to stop, so that nothing the kernel took is lost. */
export interface Patience {
  /** How long the kernel may keep a packet before it hands it over. */
  readonly settleMs: number
  /** Bytes that may wait in the kernel: once so many have come, all that were there have. */
  readonly heldBytes: number
}

export class CaptureChild {
  /** How it ended, known after the last chunk. */
  readonly ended: Promise<Ended>
  readonly pid: number | undefined
  private readonly process: ChildProcess
  private readonly patience: Patience
  private readonly lastWord: string | undefined
  private stopping: NodeJS.Timeout | undefined
  private interrupted = false
  private readSinceStop = 0
  /** The reader is waiting for bytes, not busy with some. */
  private awaited = true
  private over = false

  /**
   * `hear` gets each line of stderr. With `lastWord` the program listens on its stdin and ends when it reads this word
   * there; without, SIGINT ends it.
   */
  constructor(command: readonly string[], patience: Patience, hear: (line: string) => void, lastWord?: string) {
    this.patience = patience
    this.lastWord = lastWord
    const guard = lastWord === undefined ? GUARD : GUARD_OF_LISTENER
    const stdio: StdioOptions = ['pipe', 'pipe', 'pipe', ...(lastWord === undefined ? [] : (['pipe'] as const))]
    // In a process group of its own, or Ctrl-C would reach it before what it holds is read.
    const child: ChildProcess = spawn('/bin/sh', ['-c', guard, 'sh', ...command], { detached: true, stdio })
    this.process = child
    this.pid = child.pid
    for (const pipe of child.stdio) pipe?.on('error', () => {})
    if (child.stderr !== null) new Lines(child.stderr, hear)
    child.once('exit', () => this.afterExit())
    this.ended = new Promise((resolve, reject) => {
      child.once('error', reject)
      child.once('close', (code, signal) => resolve({ code, signal }))
    })
    // Whoever stops reading early does not ask.
    this.ended.catch(() => {})
  }

  /** Its output. Nothing is read ahead but what a stream holds (64 KiB), so a slow reader slows the program. */
  async *chunks(): AsyncGenerator<Uint8Array> {
    const { stdout } = this.process
    if (stdout === null) return
    try {
      for await (const chunk of stdout) {
        this.awaited = false
        this.postpone(chunk, stdout.readableLength)
        yield chunk
        this.awaited = true
      }
    } catch (cause) {
      // What kill() cut short.
      if (!this.over) throw cause
    }
  }

  /** Ends it when what the kernel holds has been handed over; called again, at once. */
  stop(): void {
    if (this.stopping !== undefined) return this.kill()
    this.stopping = setTimeout(() => this.interrupt(), this.patience.settleMs)
  }

  private interrupt(): void {
    if (!this.awaited) return void this.stopping?.refresh()
    this.interrupted = true
    if (this.lastWord === undefined) return this.signal('SIGINT')
    this.process.stdin?.end(this.lastWord)
    this.stopping = setTimeout(() => this.kill(), LISTENER_ENDS_MS)
  }

  /** Writes to the stdin of a program that listens there. */
  say(words: string): void {
    if (!this.interrupted && !this.over) this.process.stdin?.write(words)
  }

  /** While more waits than is read, the kernel's part of it waits, too: the time begins anew with each chunk. */
  private postpone(chunk: Uint8Array, waiting: number): void {
    if (this.stopping === undefined) return
    if (this.interrupted) return void (this.lastWord !== undefined && this.stopping.refresh())
    this.readSinceStop += chunk.length
    const behind = waiting > 0 || chunk.length >= FULL_CHUNK
    if (behind && this.readSinceStop < this.patience.heldBytes) this.stopping.refresh()
  }

  /** Ends it now, whatever it still holds. */
  kill(): void {
    if (this.over) return
    this.over = true
    clearTimeout(this.stopping)
    this.signal('SIGKILL')
    this.process.stdout?.destroy()
  }

  private signal(signal: NodeJS.Signals): void {
    const { exitCode, signalCode } = this.process
    if (exitCode !== null || signalCode !== null) return
    this.process.kill(signal)
    // A program that is stopped would get it when somebody lets it go on.
    this.process.kill('SIGCONT')
  }

  /** The watcher is left: the group's number stays taken while it lives, so nobody else can be meant. */
  private afterExit(): void {
    clearTimeout(this.stopping)
    if (this.pid === undefined) return
    try {
      process.kill(-this.pid, 'SIGKILL')
    } catch {
      // It had gone already.
    }
  }
}

/** Cuts a stream into lines, each handed on when it is whole; however much comes, one line is held. */
class Lines {
  private line = ''
  private readonly hear: (line: string) => void

  constructor(stream: Readable, hear: (line: string) => void) {
    this.hear = hear
    stream.setEncoding('utf8')
    stream.on('data', (text: string) => this.take(text))
    stream.on('end', () => this.flush())
    stream.on('error', () => {})
  }

  private take(text: string): void {
    const pieces = text.split(/[\r\n]/)
    const last = pieces.pop() ?? ''
    for (const piece of pieces) {
      this.add(piece)
      this.flush()
    }
    this.add(last)
  }

  private add(piece: string): void {
    if (this.line.length < LONGEST_LINE) this.line = (this.line + piece).slice(0, LONGEST_LINE)
  }

  private flush(): void {
    if (this.line !== '') this.hear(this.line)
    this.line = ''
  }
}
