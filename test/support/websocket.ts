/** WebSocket frames written, and one direction of the layer under test with all that it reports. */
import { concatBytes } from '../../src/base/bytes.ts'
import { Frame, NOWHERE } from '../../src/base/line.ts'
import { hexText } from '../../src/base/strings.ts'
import { HeldBytes, type Inflate } from '../../src/transport/inflate.ts'
import { WebSocketStream } from '../../src/transport/upgrade.ts'
import { WebSocketSide } from '../../src/transport/websocket.ts'
import { inflateRaw } from '../../src/transport/zlib.ts'

/** Writes a frame; a key masks it. `first` is the whole first byte. */
export function frameOf(first: number, payload: Uint8Array, key?: Uint8Array): Uint8Array {
  const mask = key === undefined ? 0 : 0x80
  const { length } = payload
  const size =
    length < 126
      ? [mask | length]
      : length < 0x10000
        ? [mask | 126, length >> 8, length & 255]
        : [mask | 127, 0, 0, 0, 0, length >>> 24, (length >> 16) & 255, (length >> 8) & 255, length & 255]
  const body = key === undefined ? payload : payload.map((byte, at) => byte ^ (key[at & 3] ?? 0))
  return concatBytes(Uint8Array.of(first, ...size), key ?? new Uint8Array(0), body)
}

/** One direction, and what came out of it: `G4` is a gap of four bytes, `|` a boundary, other entries are hex. */
export class Reading {
  readonly stream = new WebSocketStream()
  readonly held = new HeldBytes()
  readonly events: string[] = []
  readonly faults: string[] = []
  readonly units: string[] = []
  readonly positions: number[] = []
  skipped = 0
  ended = ''
  readonly side: WebSocketSide
  private readonly frame = new Frame()

  constructor(
    isClient: boolean,
    deflate: 'takeover' | 'alone' | 'none' | 'unknown' = 'none',
    inflate: Inflate | null = inflateRaw,
  ) {
    const keeps = deflate === 'takeover'
    if (deflate !== 'unknown')
      this.stream.deflate = deflate === 'none' ? null : { clientTakeover: keeps, serverTakeover: keeps }
    this.side = new WebSocketSide({
      stream: this.stream,
      isClient,
      inflate: inflate ?? undefined,
      held: this.held,
      keep: () => NOWHERE,
      next: {
        run: (bytes, start, end, _frame, position) => {
          if (start >= end || end > bytes.length) throw new Error('a run without bytes, or beyond them')
          this.positions.push(position)
          this.onBytes(hexText(bytes, start, end))
        },
        gap: size => this.events.push(`G${size}`),
        boundary: () => this.events.push('|'),
        end: how => (this.ended = how),
      },
      sink: {
        fault: (code, offset) => this.faults.push(`${code}@${offset}`),
        skipped: size => (this.skipped += size),
        unit: ({ position, headerSize, size, header }) =>
          this.units.push(`${position}+${headerSize}+${size} ${hexText(header, 0, 2)}`),
      },
    })
  }

  /** Gives bytes in runs of `step`; the first byte stands at `position`. */
  give(bytes: Uint8Array, step = bytes.length, position = 0): this {
    for (let at = 0; at < bytes.length; at += step) {
      const end = Math.min(bytes.length, at + step)
      this.frame.number++
      this.side.run(bytes, at, end, this.frame, position + at)
    }
    return this
  }

  gap(size: number): this {
    this.side.gap(size, this.frame)
    return this
  }

  /** All payload as hex, without boundaries. */
  get payload(): string {
    return this.events.filter(event => event !== '|').join('')
  }

  /** Neighbouring runs are joined, so that cuts do not show. */
  private onBytes(hex: string): void {
    const last = this.events.at(-1)
    if (last === undefined || /^[G|]/.test(last)) this.events.push(hex)
    else this.events[this.events.length - 1] = last + hex
  }
}
