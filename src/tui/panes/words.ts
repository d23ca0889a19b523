/** What a row of the list says: each column as text, ready to be shown. */

import type { Document } from '../../analysis/document.ts'
import type { Ghost, Incident } from '../../diagram/incident.ts'
import { PUBLISH, PublishFlag, TYPE_NAMES } from '../../mqtt/spec.ts'
import type { Row } from '../../store/store.ts'
import type { Level } from '../../store/vocabulary.ts'
import { cut } from '../../text/cells.ts'
import { nameOfClient } from '../../text/client.ts'
import { info } from '../../text/info.ts'
import { quoted, sanitize } from '../../text/sanitize.ts'
import { lineDuration, shortDuration } from '../../text/units.ts'
import type { Token } from '../theme.ts'

export const typeName = (type: number): string => TYPE_NAMES[type] ?? TYPE_NAMES[0]

/** `D1R`: sent again, quality of service, retain. Other types have no such flags: their bits are fixed. */
export function flagsText({ store }: Document, row: Row): string {
  if (store.type(row) !== PUBLISH) return ''
  const byte = store.firstByte(row)
  return `${(byte & PublishFlag.dup) !== 0 ? 'D' : '-'}${store.qos(row)}${(byte & PublishFlag.retain) !== 0 ? 'R' : '-'}`
}

/** What each type says, in plain words: the sender speaks. */
export const SAYS: readonly string[] = [
  'A reserved type: nobody may send it.',
  'CONNECT: "May I come in? This is my name, and so often you will hear of me."',
  'CONNACK: "Come in", or why not.',
  'PUBLISH: a message on a topic. At QoS 0 nobody answers; at QoS 1 and 2 the packet id ties the answers to it.',
  'PUBACK: "I have the message; you may forget it." The last word at QoS 1. If it gets lost, the message may come twice.',
  'PUBREC: "I have stored the message and its id; do not send it again." The second of four steps at QoS 2.',
  'PUBREL: "I will not send it again; you may forget the id." The third of four steps: releases the message.',
  'PUBCOMP: "Done; the id is free again." The last of four steps: the message was delivered exactly once.',
  'SUBSCRIBE: "Send me what fits these topic filters, at this quality at most."',
  'SUBACK: one code for each filter: the quality that is granted, or a refusal.',
  'UNSUBSCRIBE: "No more of these, please."',
  'UNSUBACK: "They are taken off the list."',
  'PINGREQ: "I am still here. Are you?" Sent when a client has nothing else to say for as long as its keep alive.',
  'PINGRESP: "I am here."',
  'DISCONNECT: "I leave in good order": the will is not published.',
  'AUTH: a step of an authentication with several.',
]

export const levelToken = (level: Level): Token =>
  level === 'error' ? 'bad' : level === 'warning' ? 'caution' : 'note'

/** In front of a packet of which the capture does not hold all bytes. */
export const CUT = '◐'

/** The sign of what lies between packets, by kind. */
export const INCIDENT_SIGNS: Readonly<Record<Incident['kind'], string>> = {
  gap: '░',
  skipped: '░',
  closing: '╳',
  takeover: '⇄',
  expired: '◇',
  ghost: '┄',
}

/** What stands in place of the time of a packet that never came. */
export const ghostTime = ({ isUnseen }: Ghost, isLate: boolean): string =>
  isUnseen ? 'unseen' : isLate ? 'late' : 'never'

/** Colour of what lies between packets. */
export const incidentToken = (incident: Incident): Token =>
  incident.kind === 'expired' ? levelToken(incident.level) : INCIDENT_TOKENS[incident.kind]

const INCIDENT_TOKENS: Readonly<Record<Incident['kind'], Token>> = {
  gap: 'caution',
  skipped: 'caution',
  closing: 'dim',
  takeover: 'caution',
  expired: 'caution',
  ghost: 'caution',
}

/** Who sends to whom: `1→B` is the client of connection 1 to its broker. `name`: of the connection, to stand there. */
export function directionText(document: Document, row: Row, name: string): string {
  const { store } = document
  if (document.isSentByUs(row)) return `${name}»B`
  const sender = store.stream(row).senderOf(store.side(row))
  if (sender === 'unknown') return `${name}→?`
  return sender === 'client' ? `${name}→B` : `B→${name}`
}

/** As said in the CONNECT, else the address of the client. */
export const clientName = ({ store }: Document, row: Row): string => nameOfClient(store.stream(row))

/** Where the packet stands in its exchange; below the last one of an exchange that was abandoned stands what never came. */
export function bracket({ links }: Document, row: Row): string {
  if (links.opener(row) === 0) return ' '
  const isLast = links.next(row) < 0
  const state = links.state(row)
  if (links.before(row) < 0) return isLast ? (state === 'open' ? '╷' : '┌') : '┌'
  return isLast && (state === 'complete' || state === 'refused') ? '└' : '│'
}

/** `+75µs`, and what the whole took where this ends it; of an exchange that nobody ends, that. */
export function exchangeWords(document: Document, row: Row, withLatency: boolean): string {
  const { links, store } = document
  const answered = links.answers(row)
  if (answered >= 0) {
    const text = withLatency ? `+${shortDuration(document.passed(answered, row))}` : ''
    const isWhole = links.next(row) < 0 && links.state(row) === 'complete' && links.kind(row) === 'qos2'
    if (!isWhole) return text
    const opener = store.rowOf(links.opener(row))
    return `${text}${text === '' ? '' : ' '}QoS 2 done in ${shortDuration(document.passed(opener, row))}`
  }
  const opener = links.opener(row)
  return opener !== 0 && opener !== store.number(row) ? `again, first in ${opener}` : ''
}

/** The same, and that no answer came: where no row of its own says so. */
export function answerWords(document: Document, row: Row): string {
  const { links } = document
  const words = exchangeWords(document, row, true)
  const isLeft = links.opener(row) !== 0 && links.next(row) < 0 && links.state(row) === 'abandoned'
  return isLeft && words === '' ? 'never answered' : words
}

/** `(Q1, id 2, retain)` in front has columns of its own in the list. */
const IN_COLUMNS = /^\((?:Q\d|id )[^)]*\) ?/

/** Cells of what is taken away again. */
const IN_FRONT = 16

/** What matters of the packet, in the words of its type. */
export const infoText = (document: Document, row: Row, room: number): string =>
  info(document.record(row), false, room + IN_FRONT).replace(IN_COLUMNS, '')

export const nameOf = (text: string, most: number): string => quoted(cut(sanitize(text), most))

export { lineDuration }
