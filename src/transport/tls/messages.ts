/** Puts the messages of a handshake together, which span records and share them (RFC 8446 §5.1). */
import { u8 } from '../../base/bytes.ts'
import { Collector, type TlsBudget } from './budget.ts'

/** Most bytes of one message. Certificate chains have some thousand; a longer message is passed over. */
export const MOST_MESSAGE = 128 * 1024
/** Type and length. */
const HEAD_SIZE = 4

/** Takes one message: its type, and its body, which may not be kept. */
export type OnMessage = (type: number, body: Uint8Array) => void

export class MessageReader {
  private readonly held: Collector
  /** Bytes still to come of a message that is passed over. */
  private left = 0
  private readonly onMessage: OnMessage

  constructor(onMessage: OnMessage, budget: TlsBudget) {
    this.onMessage = onMessage
    this.held = new Collector(budget)
  }

  push(bytes: Uint8Array, start: number, end: number): void {
    let at = start
    while (at < end) at = this.left > 0 ? this.pass(at, end) : this.take(bytes, at, end)
  }

  /** True if no message is under way. */
  get isIdle(): boolean {
    return this.held.have === 0 && this.left === 0
  }

  /** A record is missing: what was collected of a message is worth nothing. */
  restart(): void {
    this.held.clear()
    this.left = 0
  }

  private pass(at: number, end: number): number {
    const size = Math.min(this.left, end - at)
    this.left -= size
    return at + size
  }

  private take(bytes: Uint8Array, at: number, end: number): number {
    const { held } = this
    if (held.have < HEAD_SIZE) return this.takeHead(bytes, at, end)
    const next = held.take(bytes, at, end, this.size)
    if (next < 0) return this.passOver(at)
    if (held.have === this.size) this.finish()
    return next
  }

  private takeHead(bytes: Uint8Array, at: number, end: number): number {
    const next = this.held.take(bytes, at, end, HEAD_SIZE)
    if (next < 0) return end
    if (this.held.have < HEAD_SIZE) return next
    if (this.size > MOST_MESSAGE) return this.passOver(next)
    if (this.size === HEAD_SIZE) this.finish()
    return next
  }

  /** The rest of this message is not kept. */
  private passOver(at: number): number {
    this.left = this.size - this.held.have
    this.held.clear()
    return at
  }

  private finish(): void {
    const message = this.held.finish()
    this.onMessage(u8(message, 0), message.subarray(HEAD_SIZE))
  }

  private get size(): number {
    const head = this.held.bytes
    return HEAD_SIZE + ((u8(head, 1) << 16) | (u8(head, 2) << 8) | u8(head, 3))
  }
}
