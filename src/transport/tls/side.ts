/**
 * One direction of TLS: records in, what the application sent out. Records whose key is not known yet are kept and opened
 * later, in the order of their frames; a record that does not open is never handed on.
 */
import { u8 } from '../../base/bytes.ts'
import { type FlowEnd, Frame, type RunSink, timeOf } from '../../base/line.ts'
import { Unit, type UnitSink } from '../unit.ts'
import { MOST_SLACK, type Waiting } from './budget.ts'
import { type Held, HeldRecords, type TlsRecord } from './held.ts'
import * as message from './hello.ts'
import { MessageReader } from './messages.ts'
import { HEADER_SIZE, Plaintext } from './opener.ts'
import type { Protection } from './protection.ts'
import { ALERT, APPLICATION_DATA, CHANGE_CIPHER_SPEC, HANDSHAKE, type RecordListener, RecordReader } from './records.ts'
import { TLS_13 } from './schedule.ts'
import type { Handshake, SessionSide, TlsSession } from './session.ts'
import { Thirteen } from './thirteen.ts'
import { Twelve } from './twelve.ts'

/** Whom one direction reports to. */
export interface TlsSink extends UnitSink {
  /** `size` bytes up to `frame` are no records. */
  skipped(size: number, frame: Frame): void
  /** The records of this direction are not opened any more, or never were. */
  closed(): void
}

/** What a direction is made of. */
export interface TlsSideParts {
  readonly session: TlsSession
  readonly next: RunSink
  readonly sink: TlsSink
  /** Keeps what was opened. Returns its position, or NOWHERE. */
  readonly keep: (bytes: Uint8Array, start: number, end: number) => number
}

/** Records in a row that do not open, after which a direction is given up. */
const MOST_FAILED = 64
/** Fewest bytes of a sealed record: header, content type, and the tag of TLS_AES_128_CCM_8_SHA256 (RFC 8446 §5.2, §B.4). */
const LEAST_RECORD = 14
/** Where the body of a record's first handshake message begins, and fewest bytes of a hello: version, random, session id. */
const HELLO_AT = HEADER_SIZE + 4
const LEAST_HELLO = 2 + 32 + 1
/** Renegotiations that are followed. */
const MOST_HANDSHAKES = 64

const isIn = (frame: Frame, position: number): boolean =>
  position >= frame.position && position < frame.position + (frame.end - frame.start)

export class TlsSide implements RunSink, RecordListener, SessionSide, Waiting {
  isBlocked = false
  /** True once a record was opened, and once the direction is over. */
  isOpen = false
  hasEnded = false
  /** Records and their bytes, those with headers in the capture. */
  records = 0
  bytes = 0
  largest = 0
  /** Unix seconds of the first and the last record. */
  firstTime = Number.NaN
  lastTime = Number.NaN
  /** Level and description of the last alert that could be read; undefined without one. */
  alert: { readonly level: number; readonly description: number } | undefined = undefined
  private readonly parts: TlsSideParts
  private readonly session: TlsSession
  private readonly reader: RecordReader
  private readonly unit = new Unit('tls')
  private readonly messages: MessageReader
  private readonly plain = new Plaintext()
  /** What opens records; undefined while they are in the clear. */
  private protection: Protection | undefined = undefined
  private isClient: boolean | undefined = undefined
  /** Number of the handshake that this direction is in. */
  private index = 0
  private hasHello = false
  private readonly held: HeldRecords
  private failed = 0
  private slack = 0
  /** True behind a gap, until a record opens: what looks like a record may be none. */
  private isUnsure = false
  private isClosed = false

  constructor(parts: TlsSideParts) {
    this.parts = parts
    this.session = parts.session
    const { budget } = parts.session.parts
    this.reader = new RecordReader(this, budget)
    this.held = new HeldRecords(
      size => budget.reserve(this, size),
      () => budget.release(this),
    )
    this.messages = new MessageReader((type, body) => this.onMessage(type, body), budget)
  }

  run(bytes: Uint8Array, start: number, end: number, frame: Frame, position: number): void {
    this.reader.run(bytes, start, end, frame, position)
  }

  gap(size: number, frame: Frame): void {
    this.reader.gap(size, frame)
  }

  end(how: FlowEnd): void {
    this.hasEnded = true
    this.reader.end()
    // Nothing of a stream that has to make room for others is kept.
    if (this.isWaiting && how === 'evicted') this.giveUp()
    if (this.isWaiting) this.hold({ kind: 'end', how, frame: new Frame() }, 0)
    else this.finish(how)
  }

  // From the reader of records

  record(bytes: Uint8Array, missing: number, frame: Frame, position: number): void {
    this.count(bytes.length - HEADER_SIZE + missing, timeOf(frame))
    if (this.isClosed) return
    const record: TlsRecord = { kind: 'record', bytes, missing, frame, position }
    if (this.isWaiting) this.holdRecord(record, true)
    else if (!this.consume(record)) this.holdRecord(record, false)
  }

  lost(size: number, frame: Frame): void {
    if (this.isClosed) return
    if (this.isWaiting) this.hold({ kind: 'lost', size, frame: frame.copy() }, frame.end - frame.start)
    else this.lose(size)
  }

  skipped(size: number, frame: Frame): void {
    if (!this.isClosed) this.parts.sink.skipped(size, frame)
  }

  // From the session

  get waitsSince(): number {
    return this.held.first?.frame.number ?? Number.POSITIVE_INFINITY
  }

  /** Takes the first that waits; where records of the handshake cannot be opened, the first that can be. */
  step(): boolean {
    const { held } = this
    for (let at = held.begin; at < held.end; at++) {
      const one = held.at(at)
      if (one.kind !== 'record') {
        if (at > held.begin) continue
        held.leave(at)
        if (one.kind === 'end') this.finish(one.how)
        else this.lose(one.size)
        return true
      }
      if (this.tryHeld(one, at)) return true
      if (!this.isSkipping) break
    }
    this.isBlocked = true
    return false
  }

  giveUp(): void {
    if (this.isClosed) return
    const { last } = this.held
    const { frame } = this.held.first ?? { frame: new Frame() }
    this.held.clear()
    this.messages.restart()
    this.isClosed = true
    if (this.isOpen) this.parts.next.gap(0, frame)
    this.parts.sink.closed()
    if (last?.kind === 'end') this.finish(last.how)
  }

  /** Nobody wants what is in the records: they are counted from now on. */
  close(): void {
    this.held.clear()
    this.reader.end()
    this.messages.restart()
    this.isClosed = true
    this.protection = undefined
  }

  private count(size: number, time: number): void {
    if (this.records++ === 0) this.firstTime = time
    this.lastTime = time
    this.bytes += size
    if (size > this.largest) this.largest = size
  }

  /** Whose direction this is, as its first message says. */
  get role(): 'client' | 'server' | 'unknown' {
    return this.isClient === undefined ? 'unknown' : this.isClient ? 'client' : 'server'
  }

  private get handshake(): Handshake {
    return this.session.handshake(this.index)
  }

  // Waiting

  private get isWaiting(): boolean {
    return this.held.first !== undefined
  }

  /** True where records may be skipped that no key opens, because a later one may be under a key that is there. */
  private get isSkipping(): boolean {
    return this.protection instanceof Thirteen && this.protection.isSearching
  }

  private holdRecord(record: TlsRecord, isBehind: boolean): void {
    const held = { ...record, bytes: Uint8Array.from(record.bytes), frame: record.frame.copy() }
    this.hold(held, held.bytes.length + held.frame.end)
    if (isBehind && this.isSkipping && this.isWaiting) this.tryHeld(held, this.held.end - 1)
  }

  private hold(held: Held, size: number): void {
    if (!this.held.push(held, size)) return
    if (!this.session.hasTries) this.giveUp()
  }

  /** Tries to open what is held at this index; what stands before it and did not open goes. */
  private tryHeld(held: TlsRecord, at: number): boolean {
    const before = this.protection instanceof Thirteen ? this.protection.phase : undefined
    const passed = before === 'early' && at > this.held.begin ? this.held.until(at) : undefined
    if (!this.consume(held, passed)) return false
    this.held.leave(at)
    return true
  }

  // Records

  /** Reads a record. False if its key is not known yet. `passed`: early data that nobody could open in its turn. */
  private consume(record: TlsRecord, passed?: readonly Held[]): boolean {
    const type = u8(record.bytes, 0)
    const isSealed = this.protection !== undefined && (type === APPLICATION_DATA || this.protection instanceof Twelve)
    if (!isSealed && type !== APPLICATION_DATA && type !== CHANGE_CIPHER_SPEC) return this.readClear(type, record)
    const version = this.session.versionOf(this.handshake)
    if (!isSealed && !this.hasHello && version === 0) return this.abandon()
    if (version === 0) return false
    if (this.session.isCompressed) return this.abandon()
    if (!isSealed && type === CHANGE_CIPHER_SPEC) return this.changeCipher(version)
    this.protection ??= this.protect(version)
    return this.openSealed(this.protection, record, passed)
  }

  private protect(version: number): Protection {
    const isClient = this.isClient === true
    if (version >= TLS_13) return new Thirteen(this.session, isClient, this.slack)
    return new Twelve(this.session, this.handshake, isClient, Math.max(1, this.slack))
  }

  /** In TLS 1.3 a ChangeCipherSpec means nothing (RFC 8446 §5). */
  private changeCipher(version: number): boolean {
    if (version >= TLS_13) return true
    if (this.isClient === false && !this.handshake.isFull) this.session.isResumed = true
    this.protection = new Twelve(this.session, this.handshake, this.isClient === true, 0)
    this.slack = 0
    return true
  }

  private readClear(type: number, { bytes, missing }: TlsRecord): boolean {
    if (missing > 0) this.readCut(type, bytes)
    else if (type === HANDSHAKE) this.messages.push(bytes, HEADER_SIZE, bytes.length)
    else if (type === ALERT) this.readAlert(bytes, HEADER_SIZE, bytes.length)
    return true
  }

  /** A hello that is cut still says in its first bytes what the keys are found by. */
  private readCut(type: number, bytes: Uint8Array): void {
    const isFirst = type === HANDSHAKE && this.messages.isIdle
    this.messages.restart()
    if (isFirst && bytes.length >= HELLO_AT + LEAST_HELLO)
      this.onHello(u8(bytes, HEADER_SIZE), bytes.subarray(HELLO_AT))
  }

  private openSealed(protection: Protection, record: TlsRecord, passed: readonly Held[] | undefined): boolean {
    const result = protection.open(record.bytes, record.missing, this.plain)
    if (result === 'wait') return false
    if (result === 'lost') this.loseRecord(protection, record)
    else {
      if (passed !== undefined) this.readPassed(passed)
      this.deliver(protection, record)
    }
    return true
  }

  private deliver(protection: Protection, record: TlsRecord): void {
    const { plain } = this
    this.isOpen = true
    this.isUnsure = false
    this.failed = 0
    if (protection.jumped > 0 && protection.isData) {
      this.messages.restart()
      this.parts.next.gap(0, record.frame)
    }
    this.report(record)
    this.read(plain, record.frame)
    if (record.missing > 0 && plain.type === APPLICATION_DATA)
      this.parts.next.gap(this.missingOf(protection, record, plain), record.frame)
  }

  /** Reports a record whose data comes next. One out of several frames is in several pieces. */
  private report({ bytes, missing, frame, position }: TlsRecord): void {
    const there = isIn(frame, position) ? bytes.length : HEADER_SIZE
    const size = bytes.length - HEADER_SIZE + missing
    this.parts.sink.unit(this.unit.take(bytes, HEADER_SIZE, size, frame.number).place(position, there))
  }

  /** Bytes of data that a cut record does not show; 0 where nobody knows, because it may be padded. */
  private missingOf(protection: Protection, { bytes, missing }: TlsRecord, plain: Plaintext): number {
    const { suite } = this.handshake
    if (!(protection instanceof Twelve) || suite?.mode !== 'aead') return 0
    const whole = bytes.length + missing - HEADER_SIZE - suite.tagSize - (suite.isNonceExplicit ? 8 : 0)
    return Math.max(0, whole - (plain.end - plain.start))
  }

  private loseRecord(protection: Protection, { bytes, frame }: TlsRecord): void {
    if (protection.isData && this.isOpen && u8(bytes, 0) === APPLICATION_DATA) this.parts.next.gap(0, frame)
    this.messages.restart()
    if (this.isUnsure) this.reader.lose()
    if (++this.failed >= MOST_FAILED || !this.session.hasTries) this.giveUp()
  }

  private lose(size: number): void {
    const records = size === 0 ? MOST_SLACK : Math.min(MOST_SLACK, 1 + Math.floor(size / LEAST_RECORD))
    this.isUnsure = true
    this.messages.restart()
    this.slack += records
    this.protection?.lose(records)
  }

  /** What was passed over was early data; if its end stands in it, the server accepted it. */
  private readPassed(passed: readonly Held[]): void {
    const protection = this.protection as Thirteen
    const records = passed.filter(held => held.kind === 'record')
    const { type, bytes, start, end } = this.plain
    const isEnd = (text: Plaintext): boolean =>
      text.type === HANDSHAKE && text.end > text.start && u8(text.bytes, text.start) === message.END_OF_EARLY_DATA
    const texts =
      this.session.early === undefined
        ? protection.openEarly(
            records.map(held => held.bytes),
            isEnd,
          )
        : undefined
    for (const [at, text] of (texts ?? []).entries()) {
      const record = records[at]
      if (record === undefined) continue
      this.report(record)
      this.read(text, record.frame)
    }
    if (this.session.early === true) this.parts.next.gap(0, passed[0]?.frame ?? new Frame())
    this.session.early ??= texts !== undefined
    Object.assign(this.plain, { type, bytes, start, end })
  }

  private read({ type, bytes, start, end }: Plaintext, frame: Frame): void {
    if (type === APPLICATION_DATA) this.handOn(bytes, start, end, frame)
    else if (type === HANDSHAKE) this.messages.push(bytes, start, end)
    else if (type === ALERT) this.readAlert(bytes, start, end)
    else if (type === CHANGE_CIPHER_SPEC && this.protection instanceof Twelve)
      this.protection = new Twelve(this.session, this.handshake, this.isClient === true, 0)
  }

  private handOn(bytes: Uint8Array, start: number, end: number, frame: Frame): void {
    if (start === end) return
    const { next, keep } = this.parts
    next.boundary?.()
    next.run(bytes, start, end, frame, keep(bytes, start, end))
  }

  private readAlert(bytes: Uint8Array, start: number, end: number): void {
    if (end - start >= 2) this.alert = { level: u8(bytes, start), description: u8(bytes, start + 1) }
  }

  /** Nobody can open these records: the beginning of the connection is not in the capture, or they are compressed. */
  private abandon(): boolean {
    this.giveUp()
    return true
  }

  private finish(how: FlowEnd): void {
    if (!this.isClosed) this.parts.sink.closed()
    this.isClosed = true
    this.messages.restart()
    this.parts.next.end(how)
  }

  // Messages of the handshake

  private onMessage(type: number, body: Uint8Array): void {
    const { protection, session } = this
    if (this.onHello(type, body)) return
    if (protection instanceof Thirteen) return this.onSealedMessage(protection, type, body)
    if (type === message.NEW_SESSION_TICKET) session.onTicket(this.handshake, body)
    else if (type === message.SERVER_HELLO_DONE) this.handshake.isFull = true
    else if (type === message.CLIENT_KEY_EXCHANGE) session.onKeyExchange(this.handshake, body)
    else if (this.isClient === false) session.onFact(type, body, this.handshake)
  }

  /** Takes a message if it is a hello; returns false for others. */
  private onHello(type: number, body: Uint8Array): boolean {
    if (type === message.CLIENT_HELLO) this.onClientHello(body)
    else if (type === message.SERVER_HELLO) this.onServerHello(body)
    return type === message.CLIENT_HELLO || type === message.SERVER_HELLO
  }

  private onSealedMessage(protection: Thirteen, type: number, body: Uint8Array): void {
    if (type === message.FINISHED) protection.onFinished()
    else if (type === message.END_OF_EARLY_DATA) protection.onEarlyEnd()
    else if (type === message.KEY_UPDATE) protection.onKeyUpdate()
    else if (type === message.ENCRYPTED_EXTENSIONS) this.session.onAccepted(message.readAccepted(body))
    else if (this.isClient === false) this.session.onFact(type, body, this.handshake)
  }

  private onClientHello(body: Uint8Array): void {
    const hello = message.readHello(body, true)
    if (hello === undefined || this.isClient === false) return
    this.isClient = true
    const before = this.hasHello ? this.handshake.client : undefined
    // The same random: the answer to a HelloRetryRequest.
    if (before !== undefined && before.random !== hello.random) this.index = Math.min(this.index + 1, MOST_HANDSHAKES)
    this.hasHello = true
    this.session.onClientHello(this.handshake, hello)
  }

  private onServerHello(body: Uint8Array): void {
    const hello = message.readHello(body, false)
    if (hello === undefined || this.isClient === true) return
    this.isClient = false
    if (hello.isRetry) return this.session.decideEarly(false)
    if (this.hasHello) this.index = Math.min(this.index + 1, MOST_HANDSHAKES)
    this.hasHello = true
    this.session.onServerHello(this.handshake, hello)
  }
}
