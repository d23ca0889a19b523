/** What a live capture is asked for, and what it is for those who read it. */
import type { BackendName } from './backend.ts'
import type { PacketSource } from './source.ts'

export interface LiveOptions {
  readonly interfaces: readonly string[]
  /** Undefined: the packets of the ports. */
  readonly filter: string | undefined
  /** Undefined: all ports, but for that of the remote login that this program was started in. */
  readonly ports: ReadonlySet<number> | undefined
  readonly snaplen: number | undefined
  readonly bufferMiB: number | undefined
  readonly backend: BackendName | 'auto'
  readonly lowLatency: boolean
  /** Interfaces of other machines are captured with the rights of root there. */
  readonly sudo: boolean
  /** The image whose programs capture beside a container; undefined: those inside the container. */
  readonly helperImage: string | undefined
  /** End after so many frames. */
  readonly frames: number | undefined
  /** Aborted once nobody waits for the capture any more: what has not begun by then ends. */
  readonly abandoned?: AbortSignal
  /** Hears of what the user should know, a line each. */
  readonly tell: (message: string) => void
  /** Hears, once, that the kernel hands over packets from now on. */
  readonly began: (message: string) => void
}

/** A choice of what to capture, before anybody is there to hear of it. */
export type LiveInput = Omit<LiveOptions, 'tell' | 'began' | 'frames' | 'abandoned'>

/** What the capturing machine dropped, once it has said so. */
export interface Drops {
  frames: number
  /** Loopback was among the interfaces: its count, doubled by the system, was halved. */
  halved: boolean
  /** `any` includes loopback, whose part is counted twice: an upper bound. */
  atMost: boolean
}

/** A live capture: of this machine, of another one, or of several together. */
export interface Live extends PacketSource {
  /** Undefined until the capture program has reported it, and if it cannot. */
  readonly drops: Drops | undefined
  /** Interfaces that are gone or down: the capture goes on when they are back. */
  readonly absent: readonly string[]
  /** True once a part of the capture has ended by itself and the rest went on. */
  readonly isPartial: boolean
  stop(): void
}
