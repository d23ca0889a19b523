/** One connection through the tap: bytes are handed on both ways as they are, then written down as frames. */
import type { Socket } from 'node:net'
import { now, type Side, type Trace } from '../trace.ts'

/** Called once the connection is over on both sides. */
type Over = () => void

/**
 * Hands bytes on between two sockets. A side that takes nothing more holds up the other one, so each direction holds no
 * more than the buffers of two sockets. The end of one direction is passed on alone; a failure of one side resets both.
 */
export class Relay {
  private readonly sockets: readonly [Socket, Socket]
  private readonly trace: Trace
  private readonly over: Over
  private readonly ended: [boolean, boolean] = [false, false]
  private isOver = false

  constructor(client: Socket, broker: Socket, trace: Trace, over: Over) {
    this.sockets = [client, broker]
    this.trace = trace
    this.over = over
    this.follow(0)
    this.follow(1)
  }

  /** Ends both sides at once; nothing of it is written down. */
  close(): void {
    if (this.isOver) return
    this.isOver = true
    for (const socket of this.sockets) socket.destroy()
    this.over()
  }

  private follow(side: Side): void {
    const [from, to] = side === 0 ? this.sockets : [this.sockets[1], this.sockets[0]]
    from.on('data', (chunk: Buffer) => this.forward(side, chunk, from, to))
    to.on('drain', () => from.resume())
    from.on('end', () => this.end(side, to))
    from.on('error', () => this.fail(side))
    from.on('close', () => this.closed(side))
    from.resume()
  }

  /** The only place that bytes pass. They are written down after they were handed on, so nobody waits for the capture. */
  private forward(side: Side, chunk: Buffer, from: Socket, to: Socket): void {
    if (!to.write(chunk)) from.pause()
    this.trace.stream(side, chunk, now())
  }

  private end(side: Side, to: Socket): void {
    if (this.isOver) return
    this.ended[side] = true
    to.end()
    this.trace.finished(side, now())
  }

  private fail(side: Side): void {
    if (this.isOver) return
    this.isOver = true
    this.trace.reset(side, now())
    for (const socket of this.sockets) reset(socket)
    this.over()
  }

  /** Closed without an end is a failure: a TLS connection that was cut, for one. */
  private closed(side: Side): void {
    if (!this.ended[side]) return this.fail(side)
    if (this.isOver || !this.sockets.every(socket => socket.destroyed)) return
    this.isOver = true
    this.over()
  }
}

/** Only a socket of TCP alone can be reset: one of TLS is closed. */
export function reset(socket: Socket): void {
  if ('encrypted' in socket) socket.destroy()
  else socket.resetAndDestroy()
}
