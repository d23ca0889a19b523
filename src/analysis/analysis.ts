/** Plugs the line once: bytes of a capture → packets → sessions, exchanges and findings → a sink. */
import type { Interface } from '../capture/reader.ts'
import { Findings } from '../session/findings.ts'
import { Forwarding } from '../session/forwarding.ts'
import { Tracker, type TrackerSink } from '../session/tracker.ts'
import type { Summary } from '../store/record.ts'
import { Pipeline, type PipelineOptions } from './pipeline.ts'

/**
 * How much is made out beside the packets themselves: nothing; sessions, exchanges and findings; the same with copies tied
 * to their messages, and checks of what a broker hands on; the same, each message with the copies that it had.
 */
export type Depth = 'packets' | 'sessions' | 'fanout' | 'copies'

export interface FollowOptions {
  /** Absent: sessions. */
  readonly depth?: Exclude<Depth, 'packets'> | undefined
  /** Of the hash of flows and of fingerprints: random in programs, so that no capture can aim at them, fixed in tests. */
  readonly seed?: number
  /** Messages whose copies are waited for; absent: as many as `fanout/` keeps by itself. */
  readonly mostMessages?: number
}

export interface AnalysisOptions extends PipelineOptions, FollowOptions {}

/** What stands behind a pipeline and makes out sessions and findings, with its checks plugged. */
export function follower(sink: TrackerSink, { depth = 'sessions', seed = 0, mostMessages }: FollowOptions): Tracker {
  const findings = new Findings()
  if (depth === 'sessions') return new Tracker(sink, findings)
  const limit = mostMessages === undefined ? {} : { mostMessages }
  return new Tracker(sink, new Forwarding(findings, { keepsCopies: depth === 'copies', seed, ...limit }))
}

/** A capture analysed as its bytes come. `sink` hears of everything in order; whoever wants packets alone takes a `Pipeline`. */
export class Analysis {
  readonly tracker: Tracker
  private readonly pipeline: Pipeline

  constructor(sink: TrackerSink, options: AnalysisOptions = {}) {
    this.tracker = follower(sink, options)
    this.pipeline = new Pipeline(this.tracker, options)
  }

  /** The next bytes of the capture, cut anywhere; their memory may be used again after the call. */
  push(chunk: Uint8Array): void {
    this.pipeline.push(chunk)
  }

  /** Before `end`, where the capture goes on but nobody wants more of it. */
  stop(): void {
    this.pipeline.stop()
  }

  /** The capture pauses, and may go on with another file behind this one: see `Pipeline`. */
  pause(): void {
    this.pipeline.pause()
  }

  /** No more bytes: what waits is handed on, and what is still open is told to be so. */
  end(): Summary {
    const summary = this.pipeline.end()
    this.tracker.finish()
    return summary
  }

  /** Counters as of now. */
  get summary(): Summary {
    return this.pipeline.summary
  }

  get interfaces(): readonly Interface[] {
    return this.pipeline.interfaces
  }

  /** True once nothing more will be read, whatever comes. */
  get done(): boolean {
    return this.pipeline.done
  }
}
