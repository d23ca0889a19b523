/** IP datagrams put together from fragments: the first copy of a byte wins, and nothing is complete with a hole. */
import { equalBytes } from '../base/bytes.ts'
import { Skip } from './cursor.ts'

/** RFC 1122 §3.3.2 asks for 60 to 120 s of a host; half a minute is Linux's choice and enough for a capture. */
export const FRAGMENT_SECONDS = 30
/** Bytes and datagrams that may wait; beyond these the oldest datagram is given up and counted. */
export const MOST_FRAGMENT_BYTES = 8 * 1024 * 1024
export const MOST_FRAGMENTED = 4096
/** RFC 791 §3.1: the length field has 16 bits. */
const MOST_DATAGRAM = 65_535

interface Waiting {
  readonly seconds: number
  bytes: Uint8Array
  /** Ranges that have come, sorted and apart from each other: from, to, from, to. */
  readonly ranges: number[]
  /** Size of the whole; -1 until the last fragment has come. */
  size: number
  protocol: number
  conflict: boolean
  done: boolean
}

export class Fragments {
  /** The datagram that the last `add` completed. Not to be kept. */
  whole: Uint8Array = new Uint8Array(0)
  /** True if fragments of the last completed datagram contradict each other. */
  conflict = false
  /** Datagrams dropped unfinished: too old or beyond the limits. */
  dropped = 0
  private readonly waiting = new Map<string, Waiting>()
  private bytes = 0

  /** Takes a fragment; the protocol of the datagram it completes, or why there is none. */
  add(
    key: string,
    offset: number,
    more: boolean,
    protocol: number,
    bytes: Uint8Array,
    start: number,
    end: number,
    seconds: number,
  ): number {
    const size = end - start
    // RFC 791 §3.2: all but the last carry a multiple of 8 bytes.
    if (size === 0 || offset + size > MOST_DATAGRAM || (more && size % 8 !== 0)) return Skip.FragmentBad
    this.expire(seconds)
    const known = this.waiting.get(key)
    if (known?.done === true && isCopy(known, offset, bytes, start, size)) return Skip.FragmentWaiting
    // A finished datagram with other bytes has handed its id on to the next one.
    if (known?.done === true) this.forget(key, known)
    const datagram = known === undefined || known.done ? this.begin(key, seconds) : known
    if (!more && !setSize(datagram, offset + size)) return Skip.FragmentBad
    if (datagram.size >= 0 && offset + size > datagram.size) return refuse(datagram)
    if (offset === 0) datagram.protocol = protocol
    this.fill(datagram, offset, bytes, start, size)
    this.shrink()
    return this.finish(datagram)
  }

  private begin(key: string, seconds: number): Waiting {
    const datagram: Waiting = {
      seconds,
      bytes: new Uint8Array(0),
      ranges: [],
      size: -1,
      protocol: -1,
      conflict: false,
      done: false,
    }
    this.waiting.set(key, datagram)
    return datagram
  }

  private fill(datagram: Waiting, offset: number, bytes: Uint8Array, start: number, size: number): void {
    const end = offset + size
    if (end > datagram.bytes.length) {
      const larger = new Uint8Array(Math.max(end, Math.min(datagram.bytes.length * 2, MOST_DATAGRAM)))
      larger.set(datagram.bytes)
      this.bytes += larger.length - datagram.bytes.length
      datagram.bytes = larger
    }
    let from = offset
    for (let at = 0; at < datagram.ranges.length && from < end; at += 2) {
      const left = datagram.ranges[at] as number
      const right = datagram.ranges[at + 1] as number
      if (right <= from || left >= end) continue
      const low = Math.max(left, from)
      const high = Math.min(right, end)
      if (low > from) put(datagram, from, bytes, start + from - offset, low - from)
      if (!equalBytes(datagram.bytes, low, bytes, start + low - offset, high - low)) datagram.conflict = true
      from = high
    }
    if (from < end) put(datagram, from, bytes, start + from - offset, end - from)
    cover(datagram.ranges, offset, end)
  }

  private finish(datagram: Waiting): number {
    const { ranges, size } = datagram
    if (size < 0 || ranges.length !== 2 || ranges[0] !== 0 || ranges[1] !== size) return Skip.FragmentWaiting
    datagram.done = true
    this.conflict = datagram.conflict
    this.whole = datagram.bytes.subarray(0, size)
    return datagram.protocol
  }

  private expire(seconds: number): void {
    for (const [key, datagram] of this.waiting) {
      if (!(seconds - datagram.seconds > FRAGMENT_SECONDS)) return
      this.forget(key, datagram)
    }
  }

  /** The one just touched may be the oldest, and then it goes too. */
  private shrink(): void {
    for (const [key, datagram] of this.waiting) {
      if (this.bytes <= MOST_FRAGMENT_BYTES && this.waiting.size <= MOST_FRAGMENTED) return
      this.forget(key, datagram)
    }
  }

  private forget(key: string, datagram: Waiting): void {
    this.waiting.delete(key)
    this.bytes -= datagram.bytes.length
    if (!datagram.done) this.dropped++
  }
}

/** The first last fragment decides; one that shrinks or stretches the datagram is refused (CVE-2024-32867). */
function setSize(datagram: Waiting, size: number): boolean {
  const reached = datagram.ranges.at(-1) ?? 0
  if ((datagram.size >= 0 && datagram.size !== size) || reached > size) {
    datagram.conflict = true
    return false
  }
  datagram.size = size
  return true
}

function refuse(datagram: Waiting): number {
  datagram.conflict = true
  return Skip.FragmentBad
}

const isCopy = (datagram: Waiting, offset: number, bytes: Uint8Array, start: number, size: number): boolean =>
  offset + size <= datagram.size && equalBytes(datagram.bytes, offset, bytes, start, size)

function put(datagram: Waiting, at: number, bytes: Uint8Array, start: number, size: number): void {
  datagram.bytes.set(bytes.subarray(start, start + size), at)
}

/** Adds [from, to) to sorted ranges, joining those it touches. */
function cover(ranges: number[], from: number, to: number): void {
  let first = 0
  while (first < ranges.length && (ranges[first + 1] as number) < from) first += 2
  let past = first
  while (past < ranges.length && (ranges[past] as number) <= to) past += 2
  const left = past > first ? Math.min(from, ranges[first] as number) : from
  const right = past > first ? Math.max(to, ranges[past - 1] as number) : to
  ranges.splice(first, past - first, left, right)
}
