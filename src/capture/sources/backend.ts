/** What the programs that capture have in common: what they are asked for, and what their words mean. */

export const BACKENDS = ['dumpcap', 'tcpdump', 'cap'] as const
export type BackendName = (typeof BACKENDS)[number]

/** What to capture, for one start of a program. */
export interface Wanted {
  /** With the capture filter of each: what is valid on one link type is refused on another. */
  readonly interfaces: readonly { readonly name: string; readonly filter: string }[]
  /** Undefined: the backend's own habit. */
  readonly snaplen: number | undefined
  readonly bufferMiB: number | undefined
  readonly lowLatency: boolean
  /** The program ends by itself after so many frames. */
  readonly frames: number | undefined
}

export const SNAPLEN = 262_144
export const BUFFER_MIB = 64

/** Why a capture did not begin, or ended before it was told to. */
export type Trouble = 'permission' | 'interface' | 'filter' | 'down' | 'gone' | 'missing' | 'usage' | 'ended'

/** What a line of a program's stderr says, as far as it matters. */
export type Word = Complaint | DropCount

export interface Complaint {
  readonly kind: Trouble
  /** In the program's words; may be empty. */
  readonly detail: string
}

/** Frames dropped on an interface (where the program names it), by the kernel and by the program itself. */
export interface DropCount {
  readonly kind: 'drops'
  readonly name: string | undefined
  readonly kernel: number
  readonly own: number
}

export interface Backend {
  readonly name: BackendName
  /**
   * How long the kernel may keep a packet before it hands it over: waited before the program is told to stop, because
   * what is still in a block that is not full is lost then.
   */
  settleMs(wanted: Wanted): number
  /** Program and arguments; captures go to its stdout. */
  command(program: string, wanted: Wanted): readonly string[]
  hear(line: string): Word | undefined
}

/** The capture cannot go on, or not begin. The message is one line and says what mends it where that is known. */
export class LiveError extends Error {
  override readonly name = 'LiveError'
  readonly kind: Trouble

  constructor(kind: Trouble, message: string) {
    super(message)
    this.kind = kind
  }
}
