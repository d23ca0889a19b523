/** Reads a source into a capture in slices of time, so that the screen is drawn and keys are answered meanwhile. */
import { setImmediate } from 'node:timers/promises'
import type { Document } from '../../analysis/document.ts'
import { LiveError } from '../../capture/sources/backend.ts'
import { openAgain, type Reread, SourceError } from '../../capture/sources/file.ts'
import { type KeyLogs, withKeyLogs } from '../../capture/sources/key-log.ts'
import type { PacketSource } from '../../capture/sources/source.ts'
import { Spool } from '../../capture/sources/spool.ts'
import type { LiveCapture } from './live.ts'

/** Longest time without looking at the keyboard: below what a hand feels. */
const SLICE_MS = 8

/** The first slice: more than a screen shows. The program is still cold, and what is read here is waited for. */
const FIRST_SLICE = 32 * 1024

/** Between two countings of packets a second. */
const RATE_MS = 1000
/** Countings remembered, for the curve in the title. */
const MOST_RATES = 10

interface FollowOptions {
  readonly live?: LiveCapture | undefined
  readonly keyLogs?: KeyLogs | undefined
}

export class Follower {
  state: 'reading' | 'done' | 'failed' = 'reading'
  /** Why it ended, where it did not end by itself. */
  failure: LiveError | SourceError | undefined
  private current: PacketSource
  private readonly document: Document
  /** Packets a second, of a live capture: the last countings. */
  rates: readonly number[] = []
  private counted = 0
  private countedAt = performance.now()
  private spool: Spool | undefined
  private again: Reread | undefined
  private readonly restarts: boolean
  private readonly keyLogs: KeyLogs | undefined
  private isOver = false

  /** With `live`, another source may go on when this one ends; `keyLogs` may bring keys of TLS meanwhile. */
  constructor(source: PacketSource, document: Document, options: FollowOptions = {}) {
    this.restarts = options.live !== undefined
    this.keyLogs = options.keyLogs
    this.current = source
    this.document = document
  }

  get source(): PacketSource {
    return this.current
  }

  get isLive(): boolean {
    return this.source.stop !== undefined
  }

  /** Bytes of the capture that are not kept any more. */
  get droppedBytes(): number {
    return this.spool?.dropped ?? 0
  }

  /** Reads a first slice, and once it can be shown all the rest. */
  async run(shown: Promise<unknown>): Promise<void> {
    try {
      let since = 0
      for await (const chunk of withKeyLogs(this.source, this.keyLogs)) {
        this.keep(chunk)
        let rest = chunk
        if (since === 0) {
          this.document.push(chunk.subarray(0, FIRST_SLICE))
          rest = chunk.subarray(FIRST_SLICE)
          await shown
        }
        if (performance.now() - since >= SLICE_MS) {
          await setImmediate()
          since = performance.now()
        }
        this.document.push(rest)
        if (this.document.done) break
      }
      this.finish('done')
    } catch (cause) {
      if (!(cause instanceof LiveError || cause instanceof SourceError)) throw cause
      this.failure = cause
      this.finish('failed')
    }
  }

  /** A live capture that has ended goes on from another source; what has come stays. */
  goOn(source: PacketSource): Promise<void> {
    this.current = source
    this.failure = undefined
    this.state = 'reading'
    return this.run(Promise.resolve())
  }

  /** Nothing comes any more. */
  conclude(): void {
    if (this.isOver) return
    this.isOver = true
    this.document.end()
  }

  /** Writes all that is kept to a file. */
  save(name: string): void {
    this.spool?.keep(name)
  }

  close(): void {
    this.source.close()
    this.spool?.close()
    this.again?.close()
  }

  /** Counts packets a second; to be called now and then. */
  count(): void {
    if (!this.isLive) return
    const passed = performance.now() - this.countedAt
    if (passed < RATE_MS) return
    const { packets } = this.document.summary
    const rate = Math.round(((packets - this.counted) / passed) * 1000)
    this.rates = [...this.rates, rate].slice(-MOST_RATES)
    this.counted = packets
    this.countedAt = performance.now()
  }

  private finish(state: 'done' | 'failed'): void {
    if (this.state !== 'reading') return
    if (this.restarts) this.document.pause()
    else this.conclude()
    if (this.source.damage !== undefined) this.document.damage(this.source.damage)
    this.state = state
  }

  /** What can be read again is; the rest goes to a temporary file. */
  private keep(chunk: Uint8Array): void {
    if (this.again !== undefined) return
    if (this.spool === undefined && this.source.plain) {
      this.again = openAgain(this.source.name)
      this.document.log = this.again
      return
    }
    this.spool ??= new Spool()
    this.document.log = this.spool
    this.spool.append(chunk)
  }
}
