/** A mosquitto that raw bytes are sent to, and what it made of them. */
import { connect as dial, type Socket } from 'node:net'
import { fromHex } from '../../src/base/bytes.ts'
import { varintSize, varintValue } from '../../src/mqtt/properties.ts'
import { PINGREQ } from '../support/hex.ts'
import type { Sequence } from './sequences/sequence.ts'

/** What went over the wire, in order. */
export interface Piece {
  readonly fromClient: boolean
  readonly bytes: Uint8Array
}

export interface Answer {
  readonly sequence: Sequence
  readonly pieces: readonly Piece[]
  /** The broker closed the connection. After a DISCONNECT that is what it does anyway. */
  readonly closed: boolean
  /** It closed, and nobody had asked it to. */
  readonly rejected: boolean
}

/** An answer on the loopback takes well under a millisecond; what is not answered by then will not be. */
const PATIENCE_MS = 60
/** In answer to the PINGREQ at the end something comes in all but a few cases: a packet that waits for more bytes. */
const LAST_PATIENCE_MS = 1500
/** Behind an answer more may come, such as a PUBLISH behind a PUBACK. */
const SETTLE_MS = 3
const AT_ONCE = 32

const PINGRESP = 13
const DISCONNECT = 14

class Talk {
  readonly pieces: Piece[] = []
  closed = false
  private readonly socket: Socket
  private received: Uint8Array = new Uint8Array(0)
  private wake: () => void = () => {}

  constructor(socket: Socket) {
    this.socket = socket
    socket.setNoDelay(true)
    socket.on('data', bytes => {
      this.pieces.push({ fromClient: false, bytes: new Uint8Array(bytes) })
      this.received = Buffer.concat([this.received, bytes])
      this.wake()
    })
    socket.on('error', () => {})
    socket.on('close', () => this.end())
    socket.on('end', () => this.end())
  }

  send(hex: string): void {
    if (this.closed) return
    const bytes = fromHex(hex)
    this.pieces.push({ fromClient: true, bytes })
    this.socket.write(bytes)
  }

  /** Until `enough`, the close, or the end of patience. */
  async wait(enough: () => boolean, patienceMs: number): Promise<void> {
    const until = performance.now() + patienceMs
    while (!enough() && !this.closed) {
      const left = until - performance.now()
      if (left <= 0) return
      await new Promise<void>(resolve => {
        const timer = setTimeout(resolve, left)
        this.wake = () => {
          clearTimeout(timer)
          resolve()
        }
      })
    }
  }

  /** Whole packets received so far, as first byte and body. */
  get packets(): { readonly type: number; readonly body: Uint8Array }[] {
    const found: { type: number; body: Uint8Array }[] = []
    const bytes = this.received
    for (let at = 0; at + 2 <= bytes.length; ) {
      const size = varintSize(bytes, at + 1, bytes.length)
      if (size <= 0) break
      const start = at + 1 + size
      const end = start + varintValue(bytes, at + 1, size)
      if (end > bytes.length) break
      found.push({ type: (bytes[at] ?? 0) >> 4, body: bytes.subarray(start, end) })
      at = end
    }
    return found
  }

  /** A DISCONNECT was sent, and the broker has not said that anything was wrong with it. */
  get left(): boolean {
    const isLeaving = this.pieces.some(({ fromClient, bytes }) => fromClient && (bytes[0] ?? 0) >> 4 === DISCONNECT)
    return isLeaving && !this.packets.some(({ type }) => type === DISCONNECT)
  }

  close(): void {
    this.socket.destroy()
  }

  private end(): void {
    this.closed = true
    this.wake()
  }
}

/** A packet that is not answered at QoS 0 and the like: do not wait for it. */
const isAnswered = (hex: string): boolean => {
  const first = Number.parseInt(hex.slice(0, 2), 16)
  return [1, 8, 10, 12, 6].includes(first >> 4) || (first >> 4 === 3 && (first & 6) !== 0) || first >> 4 === 5
}

async function ask(port: number, sequence: Sequence): Promise<Answer> {
  const socket = dial(port, '127.0.0.1')
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve)
    socket.once('error', reject)
  })
  const talk = new Talk(socket)
  for (const hex of sequence.packets) {
    const before = talk.pieces.length + 1
    talk.send(hex)
    if (isAnswered(hex)) await talk.wait(() => talk.pieces.length > before, PATIENCE_MS)
    await talk.wait(() => false, SETTLE_MS)
  }
  const pongs = (): number => talk.packets.filter(({ type }) => type === PINGRESP).length
  const had = pongs()
  talk.send(PINGREQ)
  await talk.wait(() => pongs() > had, LAST_PATIENCE_MS)
  const { closed } = talk
  talk.close()
  return { sequence, pieces: talk.pieces, closed, rejected: closed && !talk.left }
}

/** Every sequence over a connection of its own, some at once. */
export async function askAll(port: number, sequences: readonly Sequence[]): Promise<Answer[]> {
  const answers: Answer[] = []
  const queue = [...sequences.entries()]
  const worker = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      answers[next[0]] = await ask(port, next[1])
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
  return answers
}
