/** A capture in memory: its rows, who answers whom, what was found and counted. Bytes come in; it has no clock and no terminal. */

import type { FrameFiles } from '../base/frame-files.ts'
import { Histogram } from '../base/histogram.ts'
import { Frame } from '../base/line.ts'
import type { ByteLog } from '../capture/log.ts'
import type { Damage } from '../capture/reader.ts'
import { unreadLines } from '../export/text.ts'
import { CONNACK } from '../mqtt/spec.ts'
import { Rules } from '../report/rules.ts'
import type { Connection } from '../session/connection.ts'
import type { Exchange } from '../session/exchange/exchange.ts'
import type { Expiry, RuleFinding } from '../session/finding.ts'
import type { Tracker, TrackerSink } from '../session/tracker.ts'
import { Copies } from '../store/copies.ts'
import { findingsOf } from '../store/findings.ts'
import { Links } from '../store/links.ts'
import { AUTO_CHOOSER, PayloadReader } from '../store/payloads.ts'
import type {
  ExchangeFact,
  FanOutFact,
  Finding,
  PacketRecord,
  PlacedFinding,
  Side,
  Stream,
  Summary,
  TrackerFacts,
} from '../store/record.ts'
import { type Moment, type Row, Store } from '../store/store.ts'
import type { ExchangeKind, ExchangeState } from '../store/vocabulary.ts'
import { duration } from '../text/units.ts'
import type { Foreign } from '../transport/recognise.ts'
import { Analysis } from './analysis.ts'
import { Broken } from './broken.ts'
import { ByRule } from './by-rule.ts'
import { type Hole, Holes, holeText } from './holes.ts'
import { Incidents } from './incidents.ts'
import { Journal } from './journal.ts'
import { type PortOptions, portOptionsOf } from './pipeline.ts'

/** Packets kept of a live capture: about 150 MB of rows. Beyond it a quarter goes, the oldest, and is counted. */
export const MOST_LIVE_ROWS = 2_000_000
const FORGOTTEN_PART = 4

/** Messages whose copies are waited for: beside the rows there is less room than in a report. */
const MOST_WAITING = 4096

/** Sessions that are over and still listed; the oldest go first. */
const MOST_ENDED = 10_000

export interface DocumentOptions extends PortOptions {
  /** Its clients are ourselves. */
  readonly isOurs?: boolean
  readonly seed?: number
  /** Decodes payloads; absent: by the built-in rules alone. */
  readonly payloads?: PayloadReader
  /** Rows kept; absent: all that the store takes. */
  readonly mostRows?: number
  /** Milliseconds since 1970, for the journal. */
  readonly now?: () => number
}

/** Most TLS connections kept that nothing opened: each keeps its stream in memory. Further ones are only counted, in the summary. */
const MOST_SEALED = 1000

export class Document implements TrackerSink {
  readonly store = new Store()
  readonly links = new Links(this.store)
  readonly copies = new Copies(this.store)
  readonly byRule = new ByRule()
  readonly holes = new Holes()
  readonly incidents = new Incidents(this)
  readonly broken = new Broken()
  readonly journal: Journal
  /** Seconds that whole exchanges took, by kind. */
  readonly latencies = new Map<ExchangeKind, Histogram>()
  readonly past: Connection[] = []
  /** TLS connections that nothing opened, the first MOST_SEALED of them. */
  readonly sealedStreams: Stream[] = []
  /** Of the exchanges that are over. */
  readonly outcomes: Record<ExchangeState, number> = { open: 0, complete: 0, refused: 0, abandoned: 0 }
  repeats = 0
  /** Which of several files each frame came from; undefined if there is one. */
  readonly files: FrameFiles | undefined
  /** Decodes payloads for details and filters. */
  readonly payloads: PayloadReader
  /** Where the bytes of rows are read again. */
  log: ByteLog = { read: () => new Uint8Array(0) }
  /** Hears that the oldest rows went. */
  onForget: (count: number) => void = () => {}
  /** Hears that everything has come: what was open is decided. */
  onEnd: () => void = () => {}
  first: Moment | undefined
  private readonly rules = new Rules()
  /** More sessions ended than are listed. */
  private isFull = false
  private readonly analysis: Analysis
  readonly mostRows: number
  private readonly isOurs: boolean

  constructor(options: DocumentOptions) {
    this.files = options.files
    this.payloads = options.payloads ?? new PayloadReader(AUTO_CHOOSER, () => undefined)
    const seed = options.seed ?? 0
    this.analysis = new Analysis(this, {
      ...portOptionsOf(options),
      seed,
      depth: 'fanout',
      mostMessages: MOST_WAITING,
    })
    this.journal = new Journal(options.now ?? (() => 0))
    this.isOurs = options.isOurs === true
    this.mostRows = options.mostRows ?? Number.POSITIVE_INFINITY
  }

  push(chunk: Uint8Array): void {
    this.analysis.push(chunk)
    const { rows } = this.store
    if (rows > this.mostRows) this.forget(rows - this.mostRows + Math.floor(this.mostRows / FORGOTTEN_PART))
  }

  /** It may go on later. */
  pause(): void {
    this.analysis.pause()
  }

  end(): void {
    this.analysis.end()
    for (const line of unreadLines(this.summary)) this.journal.add('unread', 'warning', line)
    this.onEnd()
  }

  get tracker(): Tracker {
    return this.analysis.tracker
  }

  get summary(): Summary {
    return this.analysis.summary
  }

  get interfaces(): Analysis['interfaces'] {
    return this.analysis.interfaces
  }

  get done(): boolean {
    return this.analysis.done
  }

  /** The record of a row with all that was made out about it, as it ended. */
  record(row: Row): PacketRecord {
    return this.store.load(row, this.log).add(this.facts(row))
  }

  /** The facts that the tracker made out about a row: for filters, too. */
  facts(row: Row): TrackerFacts {
    return new RowFacts(this, row)
  }

  /** Findings on the packet: on its bytes and on its behaviour. */
  findings(record: PacketRecord): readonly Finding[] {
    return findingsOf(record)
  }

  /** We sent it ourselves. */
  isSentByUs(row: Row): boolean {
    return this.isOurs && this.store.stream(row).senderOf(this.store.side(row)) === 'client'
  }

  /** Seconds that passed between two rows: what the clock of the capture stepped is not counted. */
  passed(from: Row, to: Row): number {
    return this.store.passedBetween(from, to)
  }

  /** Seconds between two rows, as the clock of the capture shows them. */
  between(from: Row, to: Row): number {
    return this.store.secondsBetween(from, to)
  }

  /** The moment `time` seconds after the first frame, as a frame without bytes would have it. */
  stampAt(time: number): Frame {
    const { first } = this
    const frame = new Frame()
    if (first === undefined || Number.isNaN(time)) frame.seconds = Number.NaN
    else {
      const nanos = first.nanos + Math.round(time * 1e9)
      frame.seconds = first.seconds + Math.floor(nanos / 1e9)
      frame.nanos = nanos - Math.floor(nanos / 1e9) * 1e9
    }
    return frame
  }

  // From the tracker

  begin(first: Frame): void {
    this.first = { seconds: first.seconds, nanos: first.nanos }
    this.store.clock(this.first, this.tracker.steps)
  }

  packet(record: PacketRecord): void {
    const row = this.store.append(record)
    if (row < 0) return
    const { links, byRule } = this
    links.append(record, row)
    this.copies.append(record, row)
    if (record.exchange !== undefined && !links.isAnswer(row) && links.opener(row) !== record.number) {
      this.repeats++
      this.broken.add(links.opener(row))
    }
    if (record.type === CONNACK) this.incidents.answered(record)
    for (const finding of findingsOf(record)) {
      links.mark(row, finding.level)
      // Behaviour was told by `finding` before.
      if (!record.ruleFindings.includes(finding)) byRule.add(finding, record.number, this.rules.of(finding))
    }
  }

  ruleFinding(found: RuleFinding): void {
    const { rule, packet, time, message } = found
    this.byRule.keep(found, packet)
    // What became true later is listed where that was, and marks no packet.
    if (time !== undefined) {
      const text = `at ${duration(time)}: ${message}`
      return this.byRule.add({ ...found, message: text }, this.incidents.packetAt(time), rule)
    }
    this.byRule.add(found, packet, rule)
    const row = this.store.rowOf(packet)
    if (row >= 0) this.links.mark(row, found.level)
  }

  exchange(exchange: Exchange, connection: Connection): void {
    this.incidents.left(exchange, connection)
    this.outcomes[exchange.state]++
    this.broken.ended(exchange)
    this.links.ended(exchange.opener, exchange.state)
    if (exchange.state !== 'complete') return
    const latencies = this.latencies.get(exchange.kind) ?? new Histogram()
    this.latencies.set(exchange.kind, latencies)
    latencies.add(exchange.total)
  }

  connection(connection: Connection): void {
    this.incidents.ended(connection)
    this.past.push(connection)
    if (this.past.length <= MOST_ENDED) return
    if (!this.isFull) this.journal.add('limit', 'note', `The ${MOST_ENDED} sessions that ended last are listed`)
    this.isFull = true
    this.past.shift()
  }

  expired(expiry: Expiry): void {
    this.incidents.expired(expiry)
  }

  gap(stream: Stream, side: Side, size: number, frame: Frame): void {
    this.hole({ kind: 'gap', stream, side, size, foreign: '', before: this.following }, frame)
  }

  skipped(stream: Stream, side: Side, size: number, frame: Frame, foreign: Foreign): void {
    this.hole({ kind: 'skipped', stream, side, size, foreign, before: this.following }, frame)
  }

  damage(damage: Damage): void {
    const message = `at byte ${damage.at}: ${damage.message}`
    this.journal.add('damage', 'warning', `The capture is damaged ${message}`, this.following)
    const title = 'The capture file is damaged'
    this.byRule.add({ id: 'capture.damage', level: 'warning', message, offset: 0 }, this.following, {
      title,
      explanation: message,
    })
  }

  sealed(stream: Stream): void {
    if (this.sealedStreams.length < MOST_SEALED) this.sealedStreams.push(stream)
  }

  finding(finding: PlacedFinding): void {
    // What is said late of a packet came as a finding.
    if (finding.frame !== undefined)
      this.byRule.add(finding, this.following, this.rules.of(finding) ?? { title: finding.message, explanation: '' })
  }

  /** A finding of its own tells the first of a session. */
  private hole(hole: Hole, frame: Frame): void {
    this.holes.add(hole)
    this.incidents.hole(hole, frame)
    this.journal.add(hole.kind, 'note', `${hole.stream.flow.endpoint(hole.side)}: ${holeText(hole)}`, hole.before)
  }

  /** What lies between two packets is shown at the later one. */
  private get following(): number {
    return this.store.base + this.store.rows + 1
  }

  private forget(count: number): void {
    const { store, links, copies, byRule, broken, holes, incidents } = this
    links.forget(count)
    copies.forget(count)
    store.forget(count)
    byRule.forget(store.base)
    holes.forget(store.base)
    incidents.forget(store.base)
    broken.forget(store.base)
    this.onForget(count)
  }

  /** What the packet is in its exchange, as it ended. */
  exchangeFact(row: Row): ExchangeFact | undefined {
    const { links, store } = this
    const opener = links.opener(row)
    if (opener === 0) return undefined
    const answered = links.answers(row)
    return {
      opener,
      kind: links.kind(row),
      state: links.state(row),
      answers: answered < 0 ? 0 : store.number(answered),
      latency: this.passed(answered, row),
      total: this.passed(store.rowOf(opener), row),
    }
  }
}

/** What is known of one row beyond its bytes, each made out when it is asked for. */
class RowFacts implements TrackerFacts {
  private readonly document: Document
  private readonly row: Row

  constructor(document: Document, row: Row) {
    this.document = document
    this.row = row
  }

  get exchange(): ExchangeFact | undefined {
    return this.document.exchangeFact(this.row)
  }

  get ruleFindings(): readonly Finding[] {
    const { byRule, store } = this.document
    return byRule.of(store.number(this.row))
  }

  get fanOut(): FanOutFact | undefined {
    return this.document.copies.fact(this.row)
  }
}
