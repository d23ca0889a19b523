/**
 * The way back into a stream: after a gap, a start in mid-stream or a length that cannot be, the next byte may be any
 * byte of a packet. A candidate is accepted if the evidence is enough; a doubtful one is not reported as a packet.
 *
 * What speaks for an offset is added up in bits (a power of two: how rarely random bytes look like that): the packets
 * that begin there and follow each other without a break, that it is the start of a run (clients write one packet per
 * send), and that the last packet ends where the run ends.
 */
import { u8 } from '../base/bytes.ts'
import { LOOK, look, NO, nextHead, PART, seen } from './plausible.ts'
import { DISCONNECT } from './spec.ts'

/** Bits that decide. A payload of 3 MB has 2^21.5 offsets, so a wrong packet appears in one of 300,000 such payloads. */
export const ENOUGH = 40
/** Bits of evidence: for the start of a run, for the end of a run, for packets that fill a run exactly. */
const START_BITS = 12
const END_BITS = 8
const FILLED_BITS = 26
/** Bytes of a run below which its start and end are not evidence. */
const LEAST_RUN = 16
/** Bits of evidence for a packet like the previous one: a pattern repeats itself. */
const REPEATED_BITS = 2
/** Most bits of evidence of a ping or an acknowledgement. */
const LITTLE_BITS = 14
/** Packets looked at from one offset, so that the work stays linear. */
const MOST_CHAIN = 8
/** A candidate this small is waited for in any case. */
const LITTLE = 256
/** Waiting for the end of a candidate makes blind for what begins within it: each bit doubles the size waited for. */
const patience = (bits: number): number => Math.max(LITTLE, 2 ** (bits - 4))

/** Results of a search: no packet; too little evidence up to `at`; a packet begins at `at`; more bytes must decide. */
export type Verdict = 'nothing' | 'weak' | 'packet' | 'wait'

/** Result of the last search; scratch, made once. */
export const found = {
  at: 0,
  /** Bits of evidence for the offset, without the packet that begins there. */
  bits: 0,
  /** Bits that speak for it besides, if what begins there ends where a run ends. */
  atEnd: 0,
}

/** The first packet of a chain; scratch, made once. */
const first = { size: 0, bits: 0 }

/** The bits for a start and for an end of a run of this size. */
const startBits = (size: number): number => (size < LEAST_RUN ? 0 : START_BITS)
const endBits = (size: number): number => (size < LEAST_RUN ? 0 : END_BITS)

/**
 * Looks for a packet in `bytes[start..end)`: a run (`isStart`) or the rest of one. `bits` speak for its first byte already;
 * `isMessage` says that a message of the layer below begins there, which counts in a small run as well.
 * 'nothing' and 'weak' have passed over all of it; 'weak' says that `found.bits` speak for the next run's first byte.
 */
export function search(
  bytes: Uint8Array,
  start: number,
  end: number,
  bits: number,
  isStart: boolean,
  isMessage = false,
): Verdict {
  const size = end - start
  const forStart = isMessage ? START_BITS : startBits(size)
  let at = start
  let before = isStart ? bits + forStart : bits
  let atEnd = isStart ? FILLED_BITS - forStart : endBits(size)
  while (at < end) {
    const verdict = judge(bytes, at, end, before, atEnd)
    if (verdict === 'packet') return isStart && at === start ? verdict : withoutTail(at)
    if (verdict === 'wait') {
      found.at = at
      found.bits = before
      found.atEnd = atEnd
      return verdict
    }
    before = verdict === 'weak' ? found.bits : 0
    if (verdict === 'weak' && found.at === end) return 'weak'
    at = verdict === 'weak' ? found.at : nextHead(bytes, at + 1, end)
    atEnd = endBits(size)
  }
  return 'nothing'
}

/**
 * Skips the first packet in the middle of a run if it is small and weak evidence. It may be the tail of a payload, and
 * the packets real from the second one on: numbers that end in c0 00 are common.
 */
function withoutTail(at: number): Verdict {
  found.at = first.bits > LITTLE_BITS ? at : at + first.size
  found.bits = ENOUGH
  return 'packet'
}

/** Judges the packets from `at`, one after the other, to the end of the bytes or until the evidence is enough. */
function judge(bytes: Uint8Array, at: number, end: number, bits: number, atEnd: number): Verdict {
  const kind = look(bytes, at, end)
  if (kind === NO) return 'nothing'
  if (kind === PART) return isWorthwhile(bits, end - at) ? 'wait' : 'nothing'
  first.size = seen.size
  first.bits = seen.bits
  const verdict = chain(bytes, at, at + seen.size, end, bits + seen.bits, atEnd, seen.versions)
  if (verdict === 'packet') found.at = at
  return verdict
}

/**
 * The packet of which `head[0..readable)` is there became whole at `at` of the run `bytes[start..end)`: is it one?
 * `atEnd` bits speak for it if the last packet ends where the run does.
 */
export function confirm(
  head: Uint8Array,
  readable: number,
  bytes: Uint8Array,
  start: number,
  at: number,
  end: number,
  bits: number,
  atEnd: number,
): Verdict {
  if (look(head, 0, readable) === NO) return 'nothing'
  return chain(bytes, -1, at, end, bits + seen.bits, Math.max(atEnd, endBits(end - start)), seen.versions)
}

/** `seen` is the beginning of a packet of which `visible` bytes are there. */
export const isWorthwhile = (bits: number, visible: number): boolean =>
  (!seen.decided && visible < LOOK) || seen.size <= patience(bits + seen.bits)

/**
 * Judges the bytes at `at`, after a packet that begins at `before`, with `bits` for all so far. 'weak' leaves in
 * `found` the offset to go on from and the evidence for it.
 */
function chain(
  bytes: Uint8Array,
  before: number,
  at: number,
  end: number,
  bits: number,
  atEnd: number,
  versions: number,
): Verdict {
  let previous = before
  for (let count = 1; count < MOST_CHAIN && at < end; count++) {
    const kind = look(bytes, at, end)
    versions &= seen.versions
    if (kind === NO || versions === 0 || isLast(bytes, previous)) return 'nothing'
    if (kind === PART) return decide(at, bits, seen.bits)
    bits += isRepeated(bytes, previous, at, seen.size) ? REPEATED_BITS : seen.bits
    previous = at
    at += seen.size
  }
  return decide(at, bits, at === end ? atEnd : 0)
}

function decide(at: number, bits: number, more: number): Verdict {
  found.at = at
  found.bits = bits
  return bits + more >= ENOUGH ? 'packet' : 'weak'
}

/** True if the packet is a DISCONNECT, which no packet follows (MQTT 5 §3.14.4). */
const isLast = (bytes: Uint8Array, at: number): boolean => at >= 0 && u8(bytes, at) >> 4 === DISCONNECT

/** The same two bytes again. */
const isRepeated = (bytes: Uint8Array, previous: number, at: number, size: number): boolean =>
  size === 2 && bytes[previous] === bytes[at] && bytes[previous + 1] === bytes[at + 1]
