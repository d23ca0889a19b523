/** A live capture that can be started again: one source after the other, with what all of them have dropped. */
import { liveSource } from '../../capture/sources/choose.ts'
import type { Live, LiveOptions } from '../../capture/sources/live-capture.ts'
import type { TapOptions } from '../../capture/sources/tap/options.ts'

export class LiveCapture {
  private readonly options: LiveOptions | TapOptions
  private readonly ending = new AbortController()
  private source: Live | undefined
  /** By the sources before; undefined where none of them could say it. */
  private droppedBefore: number | undefined

  constructor(options: LiveOptions | TapOptions) {
    this.options = options
  }

  /** The source before has ended. Throws a LiveError where the choice itself is wrong by now. */
  async open(): Promise<Live> {
    const source = await liveSource({ ...this.options, abandoned: this.ending.signal })
    this.droppedBefore = this.dropped
    this.source = source
    return source
  }

  /** Frames that the kernel dropped so far, where somebody counts them. */
  get dropped(): number | undefined {
    const now = this.source?.drops?.frames
    return now === undefined ? this.droppedBefore : now + (this.droppedBefore ?? 0)
  }

  get absent(): readonly string[] {
    return this.source?.absent ?? []
  }

  /** True once nobody waits for a capture any more. */
  get isClosed(): boolean {
    return this.ending.signal.aborted
  }

  /** Ends a capture that is about to begin, as one on another machine may be for a while. */
  close(): void {
    this.ending.abort()
  }
}
