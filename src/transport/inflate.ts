/** Reads compressed messages of one direction: permessage-deflate (RFC 7692 §7.2.2). */
import { concatBytes } from '../base/bytes.ts'

export interface Inflated {
  readonly output: Uint8Array
  /** Bytes read of the input; fewer than it has if the sender closed the stream inside (§7.2.3.4). */
  readonly consumed: number
}

/**
 * Inflates raw DEFLATE data that follows a dictionary; undefined for broken data and beyond `most` bytes. Handed in
 * from above.
 */
export type Inflate = (input: Uint8Array, dictionary: Uint8Array, most: number) => Inflated | undefined

/** Most bytes of one message, compressed or not: beyond it a small capture could take all memory. */
export const MOST_INFLATED = 16 * 1024 * 1024
/** Most bytes that all streams together keep of messages that are not whole, and of windows. Beyond it messages are given up. */
export const MOST_HELD = 128 * 1024 * 1024
/** Bytes that a message may look back at: the largest window of DEFLATE (RFC 1951 §2). */
const WINDOW = 32 * 1024
/** Most closed streams in one message. Senders that close write one or two; each costs a call. */
const MOST_CLOSED = 64

/**
 * Failures in a row after which a direction is given up. zlib lets go of what a failed call held (18 KB) only once the
 * program is back in its event loop, and a direction whose window is lost hardly ever finds it again.
 */
const MOST_FAILED = 64

const NONE = new Uint8Array(0)
/** Bytes that a sender leaves out at the end of each message (§7.2.1). */
const TAIL = Uint8Array.of(0, 0, 0xff, 0xff)

/** Counts what is held by all directions that share it. */
export class HeldBytes {
  held = 0
  private readonly most: number

  constructor(most = MOST_HELD) {
    this.most = most
  }

  /** Reserves `size` bytes; false if they do not fit any more. */
  reserve(size: number): boolean {
    if (this.held + size > this.most) return false
    this.held += size
    return true
  }

  release(size: number): void {
    this.held -= size
  }
}

/** Collects the payload of one message at a time, and inflates it. */
export class MessageInflater {
  private pieces: Uint8Array[] = []
  private size = 0
  private window = NONE
  private isBroken = false
  /** Failures of zlib since the last message that was read. */
  private failed = 0
  private readonly inflate: Inflate
  private readonly held: HeldBytes

  constructor(inflate: Inflate, held: HeldBytes) {
    this.inflate = inflate
    this.held = held
  }

  /** Adds a copy of `bytes[start..end)` to the message. */
  add(bytes: Uint8Array, start: number, end: number): void {
    const size = end - start
    if (this.isBroken || size === 0) return
    if (this.failed >= MOST_FAILED) return this.spoil()
    if (this.size + size > MOST_INFLATED || !this.held.reserve(size)) return this.spoil()
    this.pieces.push(bytes.slice(start, end))
    this.size += size
  }

  /** Something of the message is missing: it cannot be read. */
  spoil(): void {
    this.clear()
    this.isBroken = true
  }

  /**
   * Ends the message. Returns its text; undefined if it cannot be read. Then the window is forgotten: a later message that
   * looks back at less than what came since is read rightly, and for any other one zlib says that it reaches too far.
   */
  finish(keepsWindow: boolean): Uint8Array | undefined {
    const output = this.isBroken ? undefined : this.inflateAll(concatBytes(...this.pieces, TAIL))
    if (output !== undefined) this.failed = 0
    else if (!this.isBroken) this.failed++
    this.clear()
    this.isBroken = false
    this.keep(keepsWindow && output !== undefined ? behind(this.window, output) : NONE)
    return output
  }

  /** Gives back all that is held. */
  close(): void {
    this.clear()
    this.isBroken = false
    this.keep(NONE)
  }

  /** Goes on behind each stream that the sender closed inside the message. */
  private inflateAll(input: Uint8Array): Uint8Array | undefined {
    let output: Uint8Array = NONE
    let at = 0
    for (let closed = 0; at < input.length; closed++) {
      const dictionary = behind(this.window, output)
      const part = this.inflate(input.subarray(at), dictionary, MOST_INFLATED - output.length)
      if (part === undefined || part.consumed === 0 || closed > MOST_CLOSED) return undefined
      output = output.length === 0 ? part.output : concatBytes(output, part.output)
      at += part.consumed
    }
    return output
  }

  private keep(window: Uint8Array<ArrayBuffer>): void {
    this.held.release(this.window.length)
    this.window = this.held.reserve(window.length) ? window : NONE
  }

  private clear(): void {
    this.held.release(this.size)
    this.pieces = []
    this.size = 0
  }
}

/** The last WINDOW bytes of both. */
function behind(window: Uint8Array<ArrayBuffer>, output: Uint8Array): Uint8Array<ArrayBuffer> {
  if (output.length >= WINDOW) return output.slice(-WINDOW)
  if (output.length === 0) return window
  return new Uint8Array(concatBytes(window.subarray(Math.max(0, window.length + output.length - WINDOW)), output))
}
