/** Collects the head of an HTTP message, which may come in pieces, and reads it (RFC 9112 §2 to §6). */
import { u8 } from '../base/bytes.ts'
import { latin1Text } from '../base/strings.ts'

/** Most bytes of a head. Servers take 8 to 16 KiB; a longer one is not a WebSocket handshake. */
export const MOST_HEAD = 16 * 1024
const FIRST_SIZE = 512
const LINE_FEED = 0x0a
const CARRIAGE_RETURN = 0x0d

/** A head that is whole. */
export class HttpHead {
  /** The start line, cut at blanks: method, target, version; or version, status, reason. */
  readonly words: readonly string[]
  private readonly fields = new Map<string, string>()

  constructor(text: string) {
    const [first = '', ...lines] = text.split('\n')
    this.words = first.trim().split(/ +/)
    for (const line of lines) this.add(line)
  }

  /** Status code of an answer; 0 if there is none. */
  get status(): number {
    const word = this.words[1] ?? ''
    return /^\d{3}$/.test(word) ? Number(word) : 0
  }

  /** The value of a field by its name in lower case; several lines of one name are one list (RFC 9110 §5.2). */
  field(name: string): string | undefined {
    return this.fields.get(name)
  }

  /** The entries of a field that is a list; empty if the field is absent. */
  list(name: string): readonly string[] {
    const value = this.field(name) ?? ''
    return value
      .split(',')
      .map(entry => entry.trim())
      .filter(entry => entry !== '')
  }

  /** True if the message asks for, or agrees to, WebSocket (RFC 6455 §4.1). */
  get isWebSocket(): boolean {
    return this.list('upgrade').some(entry => entry.toLowerCase() === 'websocket')
  }

  /** True if the body comes in chunks (RFC 9112 §7.1). */
  get isChunked(): boolean {
    return this.list('transfer-encoding').at(-1)?.toLowerCase() === 'chunked'
  }

  /** Bytes of the body as Content-Length says; undefined if it is absent or no number. */
  get bodySize(): number | undefined {
    const value = this.list('content-length')[0] ?? ''
    return /^\d{1,15}$/.test(value) ? Number(value) : undefined
  }

  private add(line: string): void {
    const colon = line.indexOf(':')
    if (colon <= 0) return
    const name = line.slice(0, colon).trim().toLowerCase()
    const value = line.slice(colon + 1).trim()
    const before = this.fields.get(name)
    this.fields.set(name, before === undefined ? value : `${before}, ${value}`)
  }
}

/** Collects lines up to MOST_HEAD bytes. */
export class HeadReader {
  private bytes = new Uint8Array(0)
  private size = 0

  get isEmpty(): boolean {
    return this.size === 0
  }

  /** True if no more bytes are taken: the limit is reached. */
  get isFull(): boolean {
    return this.size >= MOST_HEAD
  }

  /** True if a line ends with the last byte taken. */
  get endsLine(): boolean {
    return this.size > 0 && this.bytes[this.size - 1] === LINE_FEED
  }

  /** True if the last line taken is empty, which ends a head; a line may end with LF alone (RFC 9112 §2.2). */
  get endsHead(): boolean {
    if (!this.endsLine) return false
    const before = this.bytes[this.size - 2] === CARRIAGE_RETURN ? this.size - 3 : this.size - 2
    return before < 0 || this.bytes[before] === LINE_FEED
  }

  /** Takes bytes up to the next line end or the limit. Returns the index after the last byte taken. */
  takeLine(bytes: Uint8Array, start: number, end: number): number {
    const feed = bytes.subarray(start, end).indexOf(LINE_FEED)
    const wanted = feed === -1 ? end : start + feed + 1
    const stop = Math.min(wanted, start + MOST_HEAD - this.size)
    this.reserve(stop - start)
    for (let at = start; at < stop; at++) this.bytes[this.size++] = u8(bytes, at)
    return stop
  }

  /** Returns what was taken as text, and forgets it. */
  text(): string {
    const text = latin1Text(this.bytes.subarray(0, this.size))
    this.clear()
    return text
  }

  clear(): void {
    this.bytes = new Uint8Array(0)
    this.size = 0
  }

  private reserve(more: number): void {
    const needed = this.size + more
    if (needed <= this.bytes.length) return
    const larger = new Uint8Array(Math.max(FIRST_SIZE, needed, this.bytes.length * 2))
    larger.set(this.bytes)
    this.bytes = larger
  }
}
