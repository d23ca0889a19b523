/** Puts the messages of a handshake together, which span records and share them (RFC 8446 §5.1). */
import { u8 } from '../../base/bytes.ts'

/** Most bytes of one message. Certificate chains have some thousand; a longer message is passed over. */
export const MOST_MESSAGE = 128 * 1024
/** Type and length. */
const HEAD_SIZE = 4

/** Takes one message: its type, and its body, which may not be kept. */
export type OnMessage = (type: number, body: Uint8Array) => void

export class MessageReader {
  private held = new Uint8Array(0)
  private have = 0
  /** Bytes still to come of a message that is passed over. */
  private left = 0
  private readonly onMessage: OnMessage

  constructor(onMessage: OnMessage) {
    this.onMessage = onMessage
  }

  push(bytes: Uint8Array, start: number, end: number): void {
    let at = start
    while (at < end) at = this.left > 0 ? this.pass(at, end) : this.take(bytes, at, end)
  }

  /** True if no message is under way. */
  get isIdle(): boolean {
    return this.have === 0 && this.left === 0
  }

  /** A record is missing: what was collected of a message is worth nothing. */
  restart(): void {
    this.have = 0
    this.left = 0
  }

  private pass(at: number, end: number): number {
    const size = Math.min(this.left, end - at)
    this.left -= size
    return at + size
  }

  private take(bytes: Uint8Array, at: number, end: number): number {
    if (this.have < HEAD_SIZE) return this.takeHead(bytes, at, end)
    const next = this.copy(bytes, at, end, this.size)
    if (this.have === this.size) this.finish()
    return next
  }

  private takeHead(bytes: Uint8Array, at: number, end: number): number {
    const next = this.copy(bytes, at, end, HEAD_SIZE)
    if (this.have < HEAD_SIZE) return next
    if (this.size > MOST_MESSAGE) {
      this.left = this.size - HEAD_SIZE
      this.have = 0
    } else if (this.size === HEAD_SIZE) this.finish()
    return next
  }

  private finish(): void {
    const type = u8(this.held, 0)
    const body = this.held.subarray(HEAD_SIZE, this.have)
    this.have = 0
    this.onMessage(type, body)
  }

  private get size(): number {
    return HEAD_SIZE + ((u8(this.held, 1) << 16) | (u8(this.held, 2) << 8) | u8(this.held, 3))
  }

  private copy(bytes: Uint8Array, at: number, end: number, size: number): number {
    const stop = Math.min(end, at + size - this.have)
    const needed = this.have + stop - at
    if (this.held.length < needed) {
      const larger = new Uint8Array(Math.max(needed, 2 * this.held.length))
      larger.set(this.held.subarray(0, this.have))
      this.held = larger
    }
    this.held.set(bytes.subarray(at, stop), this.have)
    this.have = needed
    return stop
  }
}
