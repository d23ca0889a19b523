/** What both directions of a TLS connection share: what was agreed on, the keys, and what is known of it. */
import type { CertificateFacts } from '../facts.ts'
import type { KeyStore } from '../keys.ts'
import { MOST_TRIES, type TlsBudget } from './budget.ts'
import type { TlsCrypto } from './crypto.ts'
import { type Accepted, CERTIFICATE, firstCertificate, type Hello, premasterOf, ticketOf } from './hello.ts'
import { bytesOf, masterSecret, TLS_13 } from './schedule.ts'
import { type Suite, suiteOf } from './suites.ts'

/** What is handed in from above. */
export interface TlsParts {
  readonly crypto: TlsCrypto
  readonly keys: KeyStore
  readonly budget: TlsBudget
}

/** One handshake; a connection has more than one if it was renegotiated (RFC 5246 §7.4.1.1). Bytes are latin-1 strings. */
export class Handshake {
  client: Hello | undefined = undefined
  server: Hello | undefined = undefined
  suite: Suite | undefined = undefined
  /** The encrypted premaster secret; '' where it was not exchanged that way. */
  premaster = ''
  /** The master secret that opened records. */
  master: string | undefined = undefined
  /** TLS 1.2: the ticket that the server gave. */
  ticket = ''
  /** True once the server said everything it says in a full handshake. */
  isFull = false

  /** The version agreed on; 0 as long as the answer of the server is not known. */
  get version(): number {
    return this.server?.version ?? 0
  }
}

/** A side of the session, as the session needs it. */
export interface SessionSide {
  /** Number of the frame whose record waits longest; Infinity if none waits. */
  readonly waitsSince: number
  /** True if the last step did not open anything, and nothing has changed since. */
  isBlocked: boolean
  /** Tries to open what waits. True if anything came of it. */
  step(): boolean
}

export class TlsSession {
  /** The name that the client asked for; undefined without one. */
  serverName: string | undefined = undefined
  /** Protocols that the client offers, and the one that was chosen. */
  alpnOffered: readonly string[] | undefined = undefined
  alpn: string | undefined = undefined
  certificate: CertificateFacts | undefined = undefined
  isResumed = false
  /** True if early data was accepted; undefined as long as nobody knows (RFC 8446 §4.2.10). */
  early: boolean | undefined = undefined
  /** True if the records are compressed: they cannot be read. */
  isCompressed = false
  readonly parts: TlsParts
  private readonly handshakes: Handshake[] = []
  private sides: readonly SessionSide[] = []
  private tries = 0
  private isPumping = false
  private waitsFor = ''

  constructor(parts: TlsParts) {
    this.parts = parts
  }

  /** The sides, once they are made. */
  join(sides: readonly [SessionSide, SessionSide]): void {
    this.sides = sides
  }

  /** Returns the handshake with this number, from 0. */
  handshake(number: number): Handshake {
    while (this.handshakes.length <= number) this.handshakes.push(new Handshake())
    return this.handshakes[number] as Handshake
  }

  get first(): Handshake {
    return this.handshake(0)
  }

  /** The random of the first ClientHello, by which secrets of TLS 1.3 are found; '' while it is not known. */
  get random(): string {
    return this.first.client?.random ?? ''
  }

  /** The version of a handshake; where the answer of the server is missing, as the key log has it. */
  versionOf(handshake: Handshake): number {
    if (handshake.version !== 0) return handshake.version
    if (handshake.client?.version !== TLS_13) return 0
    const { random } = handshake.client
    const isThirteen = KINDS_13.some(kind => this.parts.keys.secrets(random, kind).length > 0)
    return isThirteen ? TLS_13 : 0
  }

  /** Takes a ClientHello as the one of this handshake. */
  onClientHello(handshake: Handshake, hello: Hello): void {
    handshake.client = hello
    this.serverName ??= hello.serverName
    this.alpnOffered ??= hello.alpn
    this.wait(hello.random)
    // Asked for at once: who saves the secrets saves them before the frames they open.
    this.parts.keys.secrets(hello.random, 'master')
    this.changed()
  }

  /** Takes a ServerHello, which is no retry, as the one of this handshake. */
  onServerHello(handshake: Handshake, hello: Hello): void {
    handshake.server = hello
    handshake.suite = suiteOf(hello.suite)
    this.alpn ??= hello.alpn?.[0]
    if (hello.isCompressed) this.isCompressed = true
    if (hello.version >= TLS_13 && hello.hasPreSharedKey) this.isResumed = true
    this.changed()
  }

  onAccepted({ alpn, hasEarlyData }: Accepted): void {
    this.alpn ??= alpn?.[0]
    this.decideEarly(hasEarlyData)
  }

  decideEarly(isAccepted: boolean): void {
    if (this.early !== undefined) return
    this.early = isAccepted
    this.changed()
  }

  /** Takes a message that says something about the connection and nothing about its keys. */
  onFact(type: number, body: Uint8Array, handshake: Handshake): void {
    if (type !== CERTIFICATE || this.certificate !== undefined) return
    const der = firstCertificate(body, this.versionOf(handshake) >= TLS_13)
    if (der !== undefined) this.certificate = this.parts.crypto.certificate(der)
  }

  onTicket(handshake: Handshake, body: Uint8Array): void {
    handshake.ticket = ticketOf(body)
    this.remember(handshake)
  }

  onKeyExchange(handshake: Handshake, body: Uint8Array): void {
    handshake.premaster = premasterOf(body)
  }

  /** Returns the master secrets that may be those of a handshake, the likeliest first. */
  masters(handshake: Handshake): readonly string[] {
    const { keys } = this.parts
    const { client, server, ticket } = handshake
    if (client === undefined || server === undefined) return []
    const logged = keys.secrets(client.random, 'master')
    if (logged.length > 0) return logged
    const resumed = keys.masterOf(server.sessionId) ?? keys.masterOf(client.ticket) ?? keys.masterOf(ticket)
    return resumed === undefined ? this.exchanged(handshake) : [resumed]
  }

  /** This master secret opened records: who resumes the session needs it again. */
  opened(handshake: Handshake, master: string): void {
    handshake.master = master
    this.parts.keys.learn(handshake.client?.random ?? '', master)
    this.remember(handshake)
  }

  /** Allows one more try to open a record. */
  allow(): boolean {
    return this.tries++ < MOST_TRIES && this.parts.budget.allow()
  }

  get hasTries(): boolean {
    return this.tries < MOST_TRIES
  }

  /** Something became known: what waits may be opened now, in the order of its frames over both directions. */
  readonly changed = (): void => {
    for (const side of this.sides) side.isBlocked = false
    if (this.isPumping) return
    this.isPumping = true
    while (this.stepFirst()) {}
    this.isPumping = false
  }

  /** Nobody waits any more: both directions are over. */
  close(): void {
    this.parts.keys.stopWaiting(this.waitsFor, this.changed)
    this.waitsFor = ''
  }

  private stepFirst(): boolean {
    const waiting = this.sides.filter(side => !side.isBlocked && side.waitsSince !== Number.POSITIVE_INFINITY)
    waiting.sort((a, b) => a.waitsSince - b.waitsSince)
    return waiting.some(side => side.step())
  }

  private wait(random: string): void {
    this.close()
    this.waitsFor = random
    this.parts.keys.wait(random, this.changed)
  }

  private exchanged(handshake: Handshake): readonly string[] {
    const { client, server, suite, premaster, version } = handshake
    const secret = premaster === '' ? undefined : this.parts.keys.premasterOf(premaster)
    if (client === undefined || server === undefined || suite === undefined || secret === undefined) return []
    const randoms = { client: bytesOf(client.random), server: bytesOf(server.random) }
    const master = masterSecret(this.parts.crypto, version, suite, bytesOf(secret), randoms)
    return [String.fromCharCode(...master)]
  }

  private remember({ master, server, ticket }: Handshake): void {
    if (master === undefined) return
    this.parts.keys.remember(server?.sessionId ?? '', master)
    this.parts.keys.remember(ticket, master)
  }
}

const KINDS_13 = ['client-handshake', 'server-handshake', 'client-application', 'server-application'] as const
