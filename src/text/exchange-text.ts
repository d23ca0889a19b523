/**
 * The part of a packet in its exchange and in the fan-out of its message, in words and as JSON, as known at that
 * packet.
 */

import { PUBCOMP, PUBLISH } from '../mqtt/spec.ts'
import type { ExchangeFact, PacketRecord } from '../store/record.ts'
import type { FanOutRole } from '../store/vocabulary.ts'
import { lineDuration, milliseconds } from './units.ts'

const SIGNS: Readonly<Record<FanOutRole, string>> = { fresh: '', copy: '⇉', extra: '⇉', replay: '⟲', again: '' }

/** Returns ` ⇉ 12 after 0.8 ms` for a copy, ` ⟲ 12` for a message that was retained. */
export function fanOutText({ fanOut }: PacketRecord): string {
  if (fanOut === undefined || fanOut.opener === 0 || SIGNS[fanOut.role] === '') return ''
  const { role, opener, latency } = fanOut
  return ` ${SIGNS[role]} ${opener}${Number.isNaN(latency) ? '' : ` after ${lineDuration(latency)}`}`
}

/** `,"fanout":{"role":"copy","opener":12,"latencyMs":0.8,"copies":2,"expected":3}`. */
export function fanOutJson({ fanOut }: PacketRecord): string {
  if (fanOut === undefined) return ''
  const { role, opener, latency, copies, expected } = fanOut
  const first = opener > 0 ? `,"opener":${opener}` : ''
  const latencyMs = Number.isNaN(latency) ? '' : `,"latencyMs":${milliseconds(latency)}`
  const got = copies > 0 ? `,"copies":${copies}` : ''
  return `,"fanout":{"role":"${role}"${first}${latencyMs}${got}${expected < 0 ? '' : `,"expected":${expected}`}}`
}

/**
 * Returns ` ↩ 11 after 0.412 ms` for an answer, with fewer words if the line is `narrow`; ` ↻ 12` for a resent message.
 */
export function answerText(record: PacketRecord, narrow = false): string {
  const { exchange } = record
  if (exchange === undefined) return ''
  if (exchange.answers > 0) {
    const answer = ` ↩ ${exchange.answers}${after(exchange)}`
    return narrow ? answer.replace(' after', '') : answer + inAll(record, exchange)
  }
  return record.type === PUBLISH && exchange.opener !== record.number ? ` ↻ ${exchange.opener}` : ''
}

const after = ({ latency }: ExchangeFact): string => (Number.isNaN(latency) ? '' : ` after ${lineDuration(latency)}`)

/** The last of four steps: what the whole took. */
const inAll = ({ type }: PacketRecord, { total }: ExchangeFact): string =>
  type === PUBCOMP && !Number.isNaN(total) ? `, ${lineDuration(total)} in all` : ''

/** `,"answers":11,"latencyMs":0.412,"exchange":{"opener":8,"state":"complete","totalMs":0.221}`. */
export function exchangeJson({ exchange }: PacketRecord): string {
  if (exchange === undefined) return ''
  const { answers, latency, opener, state, total } = exchange
  const latencyMs = Number.isNaN(latency) ? '' : `,"latencyMs":${milliseconds(latency)}`
  const answer = answers > 0 ? `,"answers":${answers}${latencyMs}` : ''
  const totalMs = state === 'open' || Number.isNaN(total) ? '' : `,"totalMs":${milliseconds(total)}`
  return `${answer},"exchange":{"opener":${opener},"state":"${state}"${totalMs}}`
}
