/** How far the reading is: what the title bar says. */
export interface Status {
  readonly state: 'reading' | 'done' | 'failed'
  readonly isLive: boolean
  /** Of the source. */
  readonly name: string
  /** `42 %`, `12 MB`; empty when all has been read. */
  readonly progress: string
  /** Packets a second, of a live capture; undefined elsewhere. */
  readonly rate: number | undefined
  /** Frames that the kernel dropped; undefined where nobody says. */
  readonly dropped: number | undefined
  /** Why the reading ended before its time. */
  readonly failure: string | undefined
}
