/** Reads the messages of a handshake that say what was agreed on (RFC 8446 §4, RFC 5246 §7.4). */
import { equalBytes, fromHex, u8, u16 } from '../../base/bytes.ts'

/** Message types (RFC 8446 §4, RFC 5246 §7.4). */
export const CLIENT_HELLO = 1
export const SERVER_HELLO = 2
export const NEW_SESSION_TICKET = 4
export const END_OF_EARLY_DATA = 5
export const ENCRYPTED_EXTENSIONS = 8
export const CERTIFICATE = 11
export const SERVER_HELLO_DONE = 14
export const CLIENT_KEY_EXCHANGE = 16
export const FINISHED = 20
export const KEY_UPDATE = 24

/** Extensions (the registry of TLS ExtensionType values). */
const SERVER_NAME = 0
const ALPN = 16
const ENCRYPT_THEN_MAC = 22
const SESSION_TICKET = 35
const PRE_SHARED_KEY = 41
const EARLY_DATA = 42
const SUPPORTED_VERSIONS = 43

/** The random of a ServerHello that asks for another ClientHello (RFC 8446 §4.1.3). */
const RETRY = fromHex('CF21AD74E59A6111BE1D8C021E65B891C2A211167ABB8C5E079E09E2C8A8339C')

/** The contents of a ClientHello or a ServerHello. Bytes are latin-1 strings, a character a byte. */
export interface Hello {
  readonly random: string
  readonly sessionId: string
  /** The version that was chosen, or the highest that is offered. */
  readonly version: number
  /** The suite that was chosen; 0 in a ClientHello. */
  readonly suite: number
  /** True if records are compressed, which nobody has done for years and nobody here reads. */
  readonly isCompressed: boolean
  /** True for a HelloRetryRequest. */
  readonly isRetry: boolean
  /** The name of the server that the client asks for; undefined if it names none. */
  readonly serverName: string | undefined
  /** Protocols that are offered, or the one that was chosen; undefined without the extension. */
  readonly alpn: readonly string[] | undefined
  readonly encryptThenMac: boolean
  readonly hasEarlyData: boolean
  readonly hasPreSharedKey: boolean
  /** The ticket of a session that the client resumes; '' without one. */
  readonly ticket: string
}

/** Reads bytes one after the other; behind the end everything is empty, and `isBroken` says so. */
class Cursor {
  isBroken = false
  at: number
  readonly end: number
  private readonly bytes: Uint8Array

  constructor(bytes: Uint8Array, at = 0, end = bytes.length) {
    this.bytes = bytes
    this.at = at
    this.end = end
  }

  get isDone(): boolean {
    return this.at >= this.end || this.isBroken
  }

  number(size: 1 | 2 | 3): number {
    const at = this.take(size)
    if (at < 0) return 0
    let value = 0
    for (let index = 0; index < size; index++) value = (value << 8) | u8(this.bytes, at + index)
    return value
  }

  text(size: number): string {
    const at = this.take(size)
    let text = ''
    if (at >= 0) for (let index = at; index < at + size; index++) text += String.fromCharCode(u8(this.bytes, index))
    return text
  }

  /** Returns a cursor of the next bytes, which have their length in front. */
  part(lengthSize: 1 | 2 | 3): Cursor {
    const size = this.number(lengthSize)
    const at = this.take(size)
    return at < 0 ? new Cursor(this.bytes, 0, 0) : new Cursor(this.bytes, at, at + size)
  }

  /** The same of which the end may be missing. */
  partThere(lengthSize: 1 | 2 | 3): Cursor {
    const size = this.number(lengthSize)
    return this.isBroken
      ? new Cursor(this.bytes, 0, 0)
      : new Cursor(this.bytes, this.at, Math.min(this.end, this.at + size))
  }

  rest(): Uint8Array {
    return this.bytes.subarray(this.at, this.end)
  }

  private take(size: number): number {
    const { at } = this
    if (this.isBroken || at + size > this.end) {
      this.isBroken = true
      return -1
    }
    this.at = at + size
    return at
  }
}

/** Reads the body of a ClientHello, which may be cut behind its random, or of a whole ServerHello; undefined if it is not one. */
export function readHello(body: Uint8Array, isClient: boolean): Hello | undefined {
  const cursor = new Cursor(body)
  const legacy = cursor.number(2)
  const randomAt = cursor.at
  const random = cursor.text(32)
  const sessionId = restText(cursor.part(1))
  const suite = isClient ? 0 : cursor.number(2)
  if (isClient) cursor.part(2)
  const compression = isClient ? 0 : cursor.number(1)
  if (isClient) cursor.part(1)
  if (random.length < 32 || sessionId.length > 32 || (!isClient && cursor.isBroken)) return undefined
  const list = cursor.isDone ? undefined : isClient ? cursor.partThere(2) : cursor.part(2)
  if (!isClient && cursor.isBroken) return undefined
  const extensions = readExtensions(list)
  const versions = extensions.get(SUPPORTED_VERSIONS)
  return {
    random,
    sessionId,
    version: versions === undefined ? legacy : isClient ? highest(new Cursor(versions).part(1)) : u16Of(versions),
    suite,
    isCompressed: compression !== 0,
    isRetry: !isClient && equalBytes(body, randomAt, RETRY, 0, 32),
    serverName: serverNameOf(extensions.get(SERVER_NAME)),
    alpn: alpnOf(extensions.get(ALPN)),
    encryptThenMac: extensions.has(ENCRYPT_THEN_MAC),
    hasEarlyData: extensions.has(EARLY_DATA),
    hasPreSharedKey: extensions.has(PRE_SHARED_KEY),
    ticket: restText(new Cursor(extensions.get(SESSION_TICKET) ?? NONE)),
  }
}

/** What EncryptedExtensions says (RFC 8446 §4.3.1). */
export interface Accepted {
  readonly alpn: readonly string[] | undefined
  readonly hasEarlyData: boolean
}

export function readAccepted(body: Uint8Array): Accepted {
  const extensions = readExtensions(new Cursor(body).part(2))
  return { alpn: alpnOf(extensions.get(ALPN)), hasEarlyData: extensions.has(EARLY_DATA) }
}

/** Returns the first certificate of a Certificate message; undefined if there is none. */
export function firstCertificate(body: Uint8Array, isThirteen: boolean): Uint8Array | undefined {
  const cursor = new Cursor(body)
  if (isThirteen) cursor.part(1)
  const first = cursor.part(3).part(3).rest()
  return first.length === 0 ? undefined : first
}

/** Returns the ticket of a NewSessionTicket of TLS 1.2 (RFC 5077 §3.3). */
export function ticketOf(body: Uint8Array): string {
  const cursor = new Cursor(body)
  cursor.text(4)
  return restText(cursor.part(2))
}

/** Returns the encrypted premaster secret of a ClientKeyExchange with RSA (RFC 5246 §7.4.7.1). */
export const premasterOf = (body: Uint8Array): string => restText(new Cursor(body).part(2))

const NONE = new Uint8Array(0)

const restText = (cursor: Cursor): string => cursor.text(cursor.end - cursor.at)

function readExtensions(list: Cursor | undefined): ReadonlyMap<number, Uint8Array> {
  const extensions = new Map<number, Uint8Array>()
  while (list !== undefined && !list.isDone) {
    const type = list.number(2)
    const data = list.part(2)
    if (!list.isBroken) extensions.set(type, data.rest())
  }
  return extensions
}

/** The highest version of a list; those that are no version at all (RFC 8701) stand in it as well. */
function highest(list: Cursor): number {
  let best = 0
  while (!list.isDone) {
    const version = list.number(2)
    if (version >> 8 === 3 && version > best) best = version
  }
  return best
}

const u16Of = (bytes: Uint8Array): number => (bytes.length < 2 ? 0 : u16(bytes, 0))

function serverNameOf(data: Uint8Array | undefined): string | undefined {
  if (data === undefined || data.length === 0) return undefined
  const list = new Cursor(data).part(2)
  while (!list.isDone) {
    const type = list.number(1)
    const name = restText(list.part(2))
    if (type === 0 && !list.isBroken) return name
  }
  return undefined
}

function alpnOf(data: Uint8Array | undefined): readonly string[] | undefined {
  if (data === undefined) return undefined
  const list = new Cursor(data).part(2)
  const names: string[] = []
  while (!list.isDone) {
    const name = restText(list.part(1))
    if (!list.isBroken) names.push(name)
  }
  return names
}
