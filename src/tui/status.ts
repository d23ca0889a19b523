/** What we ourselves do on the network. */
export interface Active {
  /** Whom we talk to. */
  readonly broker: string
  readonly subscriptions: readonly string[]
  /** Why it ended, once it has. */
  readonly ending: string | undefined
  /** Said one after the other; taken out as it is read. */
  readonly said: string[]
}

/** How far the reading is: what the title bar says. */
export interface Status {
  readonly state: 'reading' | 'done' | 'failed'
  readonly isLive: boolean
  /** Of the source. */
  readonly name: string
  /** `42 %`, `12 MB`; empty when all has been read. */
  readonly progress: string
  /** Packets a second, of a live capture: the last countings. */
  readonly rates: readonly number[]
  /** A live capture of our own: it can be stopped and started again. */
  readonly restarts: boolean
  /** A live capture is on its way, and the kernel hands over nothing so far. */
  readonly isStarting: boolean
  /** Interfaces that are gone or down: the capture goes on when they are back. */
  readonly absent: readonly string[]
  /** Bytes of the oldest packets that are not kept any more. */
  readonly forgottenBytes: number
  /** A live capture has packets that are in no file. */
  readonly isUnsaved: boolean
  /** Frames that the kernel dropped; undefined where nobody says. */
  readonly dropped: number | undefined
  /** Why the reading ended before its time. */
  readonly failure: string | undefined
  /** Undefined where we only look on. */
  readonly active: Active | undefined
}
