/** A recorded TLS connection as a pcap of TCP segments. */
import { ACK, ethernet, ip4, PSH, pcapOf, SYN, tcp } from './net.ts'
import type { Piece } from './tls.ts'

const CLIENT = 40_000
/** Bytes of a segment. */
const MOST = 1400

export function tlsCapture(pieces: readonly Piece[], port: number): Uint8Array {
  const next: [number, number] = [100, 500]
  const frames: Uint8Array[] = []
  const send = (side: 0 | 1, flags: number, data: Uint8Array): void => {
    const ends = side === 0 ? { from: CLIENT, to: port } : { from: port, to: CLIENT }
    const addresses = [
      [192, 0, 2, 1],
      [192, 0, 2, 2],
    ]
    const [source, target] = side === 0 ? addresses : addresses.toReversed()
    const segment = tcp({ ...ends, seq: next[side], ack: next[1 - side] ?? 0, flags, data })
    frames.push(ethernet(ip4(segment, { source: source ?? [], target: target ?? [], id: frames.length + 1 })))
    next[side] += data.length + (flags & SYN ? 1 : 0)
  }
  send(0, SYN, new Uint8Array(0))
  send(1, SYN | ACK, new Uint8Array(0))
  for (const { side, bytes } of pieces)
    for (let at = 0; at < bytes.length; at += MOST) send(side, PSH | ACK, bytes.subarray(at, at + MOST))
  return pcapOf(frames)
}
