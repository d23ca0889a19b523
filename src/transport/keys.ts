/**
 * The secrets of TLS connections, as key logs hold them (RFC 9850 §2): lines of a label, the random of the ClientHello and a
 * secret. Nothing here opens files or prints: text comes in, secrets are looked up.
 */
import { byWord } from '../base/by-word.ts'

/** Whose records a secret opens; `master` is the one secret of TLS 1.2 and before. */
export type SecretKind =
  | 'master'
  | 'client-early'
  | 'client-handshake'
  | 'server-handshake'
  | 'client-application'
  | 'server-application'

const LABELS = byWord<SecretKind | 'unused'>({
  CLIENT_RANDOM: 'master',
  CLIENT_EARLY_TRAFFIC_SECRET: 'client-early',
  CLIENT_HANDSHAKE_TRAFFIC_SECRET: 'client-handshake',
  SERVER_HANDSHAKE_TRAFFIC_SECRET: 'server-handshake',
  CLIENT_TRAFFIC_SECRET_0: 'client-application',
  SERVER_TRAFFIC_SECRET_0: 'server-application',
  // They open no record.
  EXPORTER_SECRET: 'unused',
  EARLY_EXPORTER_SECRET: 'unused',
  EARLY_EXPORTER_MASTER_SECRET: 'unused',
  ECH_SECRET: 'unused',
  ECH_CONFIG: 'unused',
})

/** The labels that open something, by their kind. */
const LABEL_OF: Readonly<Record<SecretKind, string>> = {
  master: 'CLIENT_RANDOM',
  'client-early': 'CLIENT_EARLY_TRAFFIC_SECRET',
  'client-handshake': 'CLIENT_HANDSHAKE_TRAFFIC_SECRET',
  'server-handshake': 'SERVER_HANDSHAKE_TRAFFIC_SECRET',
  'client-application': 'CLIENT_TRAFFIC_SECRET_0',
  'server-application': 'SERVER_TRAFFIC_SECRET_0',
}

/** Most connections whose secrets are kept, at about 500 bytes each: 64 MB. Beyond it the oldest go, counted as `forgotten`. */
export const MOST_KEYED = 1 << 17
/** Most masters kept by session id, ticket or encrypted premaster, each kind for itself. Beyond it the oldest go. */
const MOST_REMEMBERED = 1024
/** Secrets kept under one label and random: a program that extracts keys too early writes some that open nothing. */
const MOST_ALIKE = 4
/** Bytes of a line that is kept until its end comes. The longest line with a meaning has 250; a longer one is counted as unknown. */
const MOST_LINE = 4096

const RANDOM_DIGITS = 64
const MASTER_DIGITS = 96
/** Hash sizes of TLS 1.3, in hex digits: SHA-256 and SHA-384. */
const SECRET_DIGITS: ReadonlySet<number> = new Set([64, 96])

/** Is called once new secrets of a connection are there. */
export type Waiter = () => void

/** The secrets of one connection, the newest first in each kind. */
interface Secrets {
  readonly kinds: Map<SecretKind, readonly string[]>
  /** True once a connection of the capture asked for them. */
  isAsked: boolean
}

/** All secrets of a capture. Randoms, ids and secrets are latin-1 strings, a character a byte. */
export class KeyStore {
  /** Lines with a secret, lines that open no record, and lines that cannot be read. */
  lines = 0
  unused = 0
  unknown = 0
  /** Connections whose secrets made room for newer ones. */
  forgotten = 0
  /** Connections of the capture that found secrets here. */
  asked = 0
  /** Hears of each secret that a connection of the capture asks for, as a line of a key log with its end. */
  onUsed: ((line: string) => void) | undefined = undefined
  /** True if secrets may still come while something is captured. */
  mayGrow = false
  /** Where more secrets may be found: called once, as soon as a connection misses its own. */
  seek: (() => void) | undefined = undefined
  private readonly most: number
  private readonly connections = new Map<string, Secrets>()
  private readonly masters = new Map<string, string>()
  private readonly premasters = new Map<string, string>()
  private readonly waiters = new Map<string, Set<Waiter>>()
  /** Randoms that somebody waits for and whose secrets came since the last `announce`. */
  private news = new Set<string>()
  /** True if secrets came that are not kept by random: they may be for everybody. */
  private isForAll = false

  constructor(most = MOST_KEYED) {
    this.most = most
  }

  /** Number of connections that have secrets. */
  get size(): number {
    return this.connections.size
  }

  /** Returns the secrets of one kind, the newest first; none if there are none. */
  secrets(random: string, kind: SecretKind): readonly string[] {
    const secrets = this.connections.get(random)
    if (secrets === undefined) return NONE
    if (!secrets.isAsked) this.ask(random, secrets)
    return secrets.kinds.get(kind) ?? NONE
  }

  private ask(random: string, secrets: Secrets): void {
    secrets.isAsked = true
    this.asked++
    for (const [kind, alike] of secrets.kinds)
      for (const secret of alike.toReversed()) this.report(random, kind, secret)
  }

  private report(random: string, kind: SecretKind, secret: string): void {
    this.onUsed?.(`${LABEL_OF[kind]} ${digits(random)} ${digits(secret)}\n`)
  }

  /** A master secret that was found in another way opened the connection with this random. */
  learn(random: string, master: string): void {
    this.add(random, 'master', master)
    this.secrets(random, 'master')
  }

  /** Returns the master secret of a session that is resumed by this id or ticket. */
  masterOf(session: string): string | undefined {
    return this.masters.get(session)
  }

  /** Remembers the master secret of a session, for the connections that resume it. */
  remember(session: string, master: string): void {
    if (session !== '') keep(this.masters, session, master)
  }

  /** Returns the premaster secret whose encrypted form begins with these 8 bytes. */
  premasterOf(encrypted: string): string | undefined {
    return this.premasters.get(encrypted.slice(0, 8))
  }

  /** Has `waiter` called as soon as secrets for this random come. */
  wait(random: string, waiter: Waiter): void {
    if (!this.connections.has(random)) this.seekOnce()
    const waiters = this.waiters.get(random)
    if (waiters === undefined) this.waiters.set(random, new Set([waiter]))
    else waiters.add(waiter)
  }

  /** Looks for more secrets where there may be some, the first time that any are missed. */
  private seekOnce(): void {
    const { seek } = this
    this.seek = undefined
    seek?.()
  }

  stopWaiting(random: string, waiter: Waiter): void {
    const waiters = this.waiters.get(random)
    waiters?.delete(waiter)
    if (waiters?.size === 0) this.waiters.delete(random)
  }

  /** Takes one line without its end. Who waits hears of it with `announce`. */
  line(text: string): void {
    const words = text.trim().split(/\s+/)
    if (words[0] === '' || words[0]?.startsWith('#')) return
    const result = this.take(words)
    if (result === 'unused') this.unused++
    else if (result) this.lines++
    else this.unknown++
  }

  /** Tells those who wait that secrets came. Called between frames, once the text at hand is read: their packets come out then. */
  announce(): void {
    const { news, isForAll } = this
    if (news.size === 0 && !isForAll) return
    this.news = new Set()
    this.isForAll = false
    const randoms = isForAll ? [...this.waiters.keys()] : news
    for (const random of randoms) for (const waiter of [...(this.waiters.get(random) ?? [])]) waiter()
  }

  private take(words: readonly string[]): boolean | 'unused' {
    const [label = '', first = '', second = ''] = words
    if (label.toUpperCase() === 'RSA') return this.takeRsa(words)
    const kind = words.length === 3 ? LABELS[label.toUpperCase()] : undefined
    if (kind === undefined || kind === 'unused') return kind ?? false
    const isSized = kind === 'master' ? second.length === MASTER_DIGITS : SECRET_DIGITS.has(second.length)
    if (first.length !== RANDOM_DIGITS || !isSized || !isHex(first) || !isHex(second)) return false
    this.add(latin1(first), kind, latin1(second))
    return true
  }

  /** `RSA <premaster, encrypted> <premaster>`, or `RSA Session-ID:<id> Master-Key:<master>`, as Wireshark reads them. */
  private takeRsa(words: readonly string[]): boolean {
    const [, first = '', second = ''] = words
    if (words.length !== 3) return false
    const id = /^session-id:((?:[0-9a-f]{2}){1,32})$/i.exec(first)?.[1]
    const master = /^master-key:([0-9a-f]{96})$/i.exec(second)?.[1]
    if (id !== undefined && master !== undefined) keep(this.masters, latin1(id), latin1(master))
    else if (/^[0-9a-f]{16}$/i.test(first) && /^[0-9a-f]{96}$/i.test(second))
      keep(this.premasters, latin1(first), latin1(second))
    else return false
    this.isForAll = true
    return true
  }

  private add(random: string, kind: SecretKind, secret: string): void {
    const secrets: Secrets = this.connections.get(random) ?? { kinds: new Map(), isAsked: false }
    const alike = secrets.kinds.get(kind) ?? NONE
    if (alike[0] === secret) return
    secrets.kinds.set(kind, [secret, ...alike.filter(other => other !== secret)].slice(0, MOST_ALIKE))
    if (!this.connections.has(random) && this.connections.size >= this.most) this.forgetOldest()
    this.connections.set(random, secrets)
    if (secrets.isAsked) this.report(random, kind, secret)
    if (this.waiters.has(random)) this.news.add(random)
  }

  private forgetOldest(): void {
    for (const random of this.connections.keys()) {
      this.connections.delete(random)
      this.forgotten++
      return
    }
  }
}

const NONE: readonly string[] = []

const isHex = (text: string): boolean => /^[0-9a-fA-F]+$/.test(text)

function keep(map: Map<string, string>, key: string, value: string): void {
  map.delete(key)
  map.set(key, value)
  if (map.size <= MOST_REMEMBERED) return
  for (const oldest of map.keys()) {
    map.delete(oldest)
    return
  }
}

/** Returns the hex digits of a string of bytes. */
const digits = (text: string): string =>
  Array.from(text, character => character.charCodeAt(0).toString(16).padStart(2, '0')).join('')

/** Returns the bytes of hex digits as a string, a character a byte. */
function latin1(digits: string): string {
  let text = ''
  for (let at = 0; at < digits.length; at += 2)
    text += String.fromCharCode(Number.parseInt(digits.slice(at, at + 2), 16))
  return text
}

/** Cuts one key log into lines; the text may grow and come in pieces cut anywhere. */
export class KeyLogReader {
  private rest = ''
  /** True while the line under way is longer than any that is read. */
  private isTooLong = false
  private readonly store: KeyStore

  constructor(store: KeyStore) {
    this.store = store
  }

  /** Takes the next bytes, and tells who waits for what they hold. */
  push(bytes: Uint8Array): void {
    const decoder = new TextDecoder('latin1')
    const lines = (this.rest + decoder.decode(bytes)).split(/\r\n|\n|\r/)
    const last = lines.pop() ?? ''
    for (const line of lines) this.take(line)
    this.rest = last
    if (last.length > MOST_LINE) {
      this.isTooLong = true
      this.rest = ''
    }
    this.store.announce()
  }

  /** No more text: a last line without an end counts as well. */
  end(): void {
    this.take(this.rest)
    this.restart()
    this.store.announce()
  }

  /** The file was replaced or cut short: what comes next is its beginning. */
  restart(): void {
    this.rest = ''
    this.isTooLong = false
  }

  private take(line: string): void {
    if (this.isTooLong || line.length > MOST_LINE) this.store.unknown++
    else this.store.line(line)
    this.isTooLong = false
  }
}
