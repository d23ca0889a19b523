/** What is said of a topic: its last message, who listens, and what is retained. */
import type { Document } from '../../analysis/document.ts'
import type { TopicNode } from '../../analysis/topic-tree.ts'
import type { History } from '../../analysis/topic-values.ts'
import { FIRST_FAILURE } from '../../mqtt/spec.ts'
import { matchesFilter } from '../../mqtt/topic.ts'
import type { Connection, Will } from '../../session/connection.ts'
import type { Subscription } from '../../session/session.ts'
import type { Row } from '../../store/store.ts'
import { nameOfClient } from '../../text/client.ts'
import { sanitize } from '../../text/sanitize.ts'
import { duration } from '../../text/units.ts'
import { spreadLine } from './sparkline.ts'
import { clientName, infoText } from './words.ts'

/** Listeners that are named; further ones are counted. */
const MOST_LISTENERS = 8
/** Clients whose subscriptions are looked at for each picture: of more nobody waits for the answer. */
const MOST_ASKED = 5000

/** `12 from lamp: hall/lamp "on" 2 B`; `to` where the broker sends it. */
export function lastText(document: Document, row: Row, width: number): string {
  const { store } = document
  const isDelivered = store.stream(row).senderOf(store.side(row)) === 'server'
  return `${store.number(row)} ${isDelivered ? 'to' : 'from'} ${clientName(document, row)}: ${infoText(document, row, width)}`
}

/** The message that is retained at this very topic; empty if there is none. A will that was published last may be it. */
export function retainedText(document: Document, { kept, last }: TopicNode, width: number): string {
  const [row, lastRow] = [document.store.rowOf(kept), document.store.rowOf(last)]
  if (kept === 0 || row < 0) return ''
  if (!isOfUnseen(document, lastRow)) return lastText(document, row, width)
  const will = willIn(document, lastRow)
  if (will === undefined) return `${lastText(document, row, width)}, or what packet ${last} brought`
  return lastText(document, will.retain ? lastRow : row, width)
}

/** A copy of a message whose publisher was not seen, as a will is. */
function isOfUnseen({ copies }: Document, row: Row): boolean {
  const fact = row < 0 ? undefined : copies.fact(row)
  return fact?.role === 'copy' && Number.isNaN(fact.latency)
}

/** The will that a copy delivers; undefined if it is none that the capture shows. */
function willIn({ store, copies, past, tracker }: Document, row: Row): Will | undefined {
  const packets = [store.number(row), copies.fact(row)?.opener ?? 0]
  for (const { will } of [...tracker.connected, ...past]) {
    if (will !== undefined && will.packet > 0 && packets.includes(will.packet)) return will
  }
  return undefined
}

const encoder = new TextEncoder()
const SLASH = 0x2f

/** The filter takes the topic, or, of a branch, something below it. */
function fits(filter: Uint8Array, topic: Uint8Array, isBranch: boolean): boolean {
  if (matchesFilter(filter, 0, filter.length, topic, 0, topic.length)) return true
  return isBranch && slashesOf(filter).some(end => matchesFilter(filter, 0, end, topic, 0, topic.length))
}

/** Where the levels of a filter end, but for the last. */
function slashesOf(filter: Uint8Array): readonly number[] {
  const ends: number[] = []
  for (let at = filter.indexOf(SLASH); at >= 0; at = filter.indexOf(SLASH, at + 1)) ends.push(at)
  return ends
}

/** Clients with a subscription that fits, each once: as its connection that stands has it, else its last one. */
export function listeners(document: Document, { path, children }: TopicNode): string {
  const asked = new Set<string | number>()
  const found: string[] = []
  const name = encoder.encode(path)
  for (const connection of [...document.tracker.connected, ...document.past.toReversed()]) {
    const key = connection.clientId || connection.number
    if (asked.has(key)) continue
    if (asked.size >= MOST_ASKED) break
    asked.add(key)
    const filter = filterFor(connection, name, children.size > 0)
    if (filter !== undefined) found.push(`${nameOfClient(connection.stream)} (${sanitize(filter)})`)
  }
  if (found.length === 0) return 'nobody at the end, as far as the capture shows'
  const more = found.length - MOST_LISTENERS
  return `${found.slice(0, MOST_LISTENERS).join(', ')}${more > 0 ? `, and ${more} more` : ''}`
}

/** The first filter of a client that selects the topic. */
function filterFor({ session }: Connection, topic: Uint8Array, isBranch: boolean): string | undefined {
  for (const subscription of session.subscriptions.values()) {
    const { filter, pattern } = subscription
    if (pattern !== undefined && isGranted(subscription) && fits(pattern, topic, isBranch)) return filter
  }
  return undefined
}

/** False for a filter that the broker refused, and had not granted before. */
const isGranted = ({ granted, before }: Subscription): boolean => (granted ?? 0) < FIRST_FAILURE || before >= 0

/** Digits of a difference: subtracting doubles makes more of them than were sent. */
const DIGITS = 12
const shortened = (value: number): string => `${Number(value.toPrecision(DIGITS))}`

/** `temperature 21.4, +0.3 to packet 88, 12.0 s before`, and how many more values the payload has. */
export function valueText(document: Document, { path, paths, rows, values }: History, key: string): string {
  const [last, before] = [values.at(-1), values.at(-2)]
  const [lastRow, rowBefore] = [rows.at(-1), rows.at(-2)]
  const name = path === '' ? '' : `${sanitize(path)} `
  const others = paths.length > 1 ? `   ${key} shows another of ${paths.length} values` : ''
  if (last === undefined || before === undefined || lastRow === undefined || rowBefore === undefined)
    return `${name}${last ?? ''}${others}`
  const change = last - before
  const since = duration(document.between(rowBefore, lastRow))
  const than = `packet ${document.store.number(rowBefore)}, ${since} before`
  return `${name}${last}, ${change === 0 ? 'the same as in' : `${change > 0 ? '+' : ''}${shortened(change)} to`} ${than}${others}`
}

/** The values as columns, the newest at the right, and between which they are. */
export function historyText({ values }: History, width: number): string {
  if (values.length < 2) return ''
  const [least, most] = [Math.min(...values), Math.max(...values)]
  const words = least === most ? ` always ${least}` : ` ${least} to ${most}`
  const room = Math.max(1, width - words.length - WORDS)
  return `${spreadLine(values.slice(-room))}${words}, ${values.length} messages`
}

/** Cells of the words behind the range. */
const WORDS = 26
