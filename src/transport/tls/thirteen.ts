/** The keys of one direction of TLS 1.3 (RFC 8446 §7): early data, handshake, application, and each key update. */
import type { SecretKind } from '../keys.ts'
import { openerOf, Plaintext } from './opener.ts'
import { Keyed, type Protection, type Result } from './protection.ts'
import { bytesOf, nextSecret, TLS_13, trafficKeys } from './schedule.ts'
import type { TlsSession } from './session.ts'
import { type Suite, suitesOfSize } from './suites.ts'

/** Which secret the records are under, in the order in which they follow each other. */
const PHASES = ['early', 'handshake', 'application'] as const
export type Phase = (typeof PHASES)[number]

/** Key updates that are tried where records are missing, of which one may have been such a message. */
const MOST_UPDATES_MISSED = 4

export class Thirteen implements Protection {
  phase: Phase
  private keyed: Keyed | undefined = undefined
  private suite: Suite | undefined = undefined
  private secret: Uint8Array = new Uint8Array(0)
  private slack: number
  private readonly session: TlsSession
  private readonly isClient: boolean

  /** `slack`: at most so many records are missing in front of the first one. */
  constructor(session: TlsSession, isClient: boolean, slack: number) {
    this.slack = slack
    this.session = session
    this.isClient = isClient
    this.phase = isClient && session.first.client?.hasEarlyData === true ? 'early' : 'handshake'
  }

  get isData(): boolean {
    return this.phase !== 'handshake'
  }

  get jumped(): number {
    return this.keyed?.jumped ?? 0
  }

  /** True while records that do not open may still be those of the handshake, whose secrets are not there. */
  get isSearching(): boolean {
    return this.phase !== 'application' || this.keyed === undefined
  }

  open(record: Uint8Array, missing: number, into: Plaintext): Result {
    if (missing > 0) return this.openCut(record, missing, into)
    const { keyed } = this
    if (keyed?.open(record, into)) return 'opened'
    if (keyed !== undefined && this.phase === 'application') return this.openUpdated(keyed, record, into)
    return this.enter(record, into) ? 'opened' : 'wait'
  }

  lose(records: number): void {
    this.slack += records
    this.keyed?.lose(records)
  }

  /** The Finished message of this direction was read: what follows is under the next secret. */
  onFinished(): void {
    if (this.phase === 'handshake') this.leave('application')
  }

  /** The early data is over (RFC 8446 §4.5). */
  onEarlyEnd(): void {
    if (this.phase === 'early') this.leave('handshake')
  }

  /** The sender changes its key (RFC 8446 §4.6.3). */
  onKeyUpdate(): void {
    if (this.phase !== 'application' || this.suite === undefined) return
    this.use(this.suite, nextSecret(this.session.parts.crypto, this.suite, this.secret), 0)
  }

  /** Opens records one after the other as early data. Undefined unless the last of them ends it: then none was accepted. */
  openEarly(records: readonly Uint8Array[], ends: (text: Plaintext) => boolean): readonly Plaintext[] | undefined {
    for (const [suite, secret] of this.candidates('early')) {
      const keyed = this.keyedBy(suite, secret, 0)
      const texts: Plaintext[] = []
      for (const record of records) {
        const text = new Plaintext()
        if (keyed === undefined || !this.session.allow() || !keyed.open(record, text)) break
        if (ends(text)) return texts
        texts.push(text)
      }
    }
    return undefined
  }

  private leave(phase: Phase): void {
    this.phase = phase
    this.keyed = undefined
    this.slack = 0
  }

  private openCut(record: Uint8Array, missing: number, into: Plaintext): Result {
    if (this.phase === 'application' && this.keyed?.openCut(record, missing, into) === true) return 'opened'
    this.lose(1)
    return 'lost'
  }

  /** A record that should open and does not: damage, or the key was changed in a record that is missing. */
  private openUpdated(keyed: Keyed, record: Uint8Array, into: Plaintext): Result {
    const { suite } = this
    const { crypto } = this.session.parts
    let { secret } = this
    for (let update = 0; suite !== undefined && keyed.slack > 0 && update < MOST_UPDATES_MISSED; update++) {
      secret = nextSecret(crypto, suite, secret)
      const updated = this.keyedBy(suite, secret, keyed.slack)
      if (updated === undefined || !this.session.allow() || !updated.open(record, into)) continue
      updated.jumped = Math.max(1, updated.jumped)
      this.keyed = updated
      this.secret = secret
      return 'opened'
    }
    keyed.lose(1)
    return 'lost'
  }

  /** Tries this record as the first one that is open under the secrets of this phase and of the later ones. */
  private enter(record: Uint8Array, into: Plaintext): boolean {
    const from = PHASES.indexOf(this.phase)
    return PHASES.slice(from).some(phase => {
      if (phase === 'early' && this.session.early !== true) return false
      if (phase === this.phase && this.keyed !== undefined) return false
      return this.candidates(phase).some(([suite, secret]) => this.tryFirst(phase, suite, secret, record, into))
    })
  }

  private tryFirst(phase: Phase, suite: Suite, secret: Uint8Array, record: Uint8Array, into: Plaintext): boolean {
    const keyed = this.session.allow() ? this.keyedBy(suite, secret, this.slack) : undefined
    if (keyed === undefined || !keyed.open(record, into)) return false
    this.phase = phase
    this.slack = 0
    this.suite = suite
    this.secret = secret
    this.keyed = keyed
    return true
  }

  /** Suites and secrets that may be those of a phase: without the answer of the server, every suite of that size. */
  private candidates(phase: Phase): readonly (readonly [Suite, Uint8Array])[] {
    const { keys } = this.session.parts
    const chosen = this.session.first.suite
    return keys.secrets(this.session.random, this.kindOf(phase)).flatMap(text => {
      const secret = bytesOf(text)
      const suites = chosen === undefined ? suitesOfSize(secret.length) : [chosen]
      return suites.map(suite => [suite, secret] as const)
    })
  }

  private kindOf(phase: Phase): SecretKind {
    return phase === 'early' ? 'client-early' : `${this.isClient ? 'client' : 'server'}-${phase}`
  }

  private use(suite: Suite, secret: Uint8Array, slack: number): void {
    this.secret = secret
    this.keyed = this.keyedBy(suite, secret, slack)
  }

  private keyedBy(suite: Suite, secret: Uint8Array, slack: number): Keyed | undefined {
    const { crypto } = this.session.parts
    const keys = trafficKeys(crypto, suite, secret)
    const opener = openerOf({ crypto, suite, version: TLS_13, keys, encryptThenMac: false })
    return opener === undefined ? undefined : new Keyed(this.session, opener, slack)
  }
}
