/** A line of the packet list between its packets: a sign in place of a number, the time, and what happened. */
import type { Document } from '../../analysis/document.ts'
import { type Ghost, ghostWords, type Incident, incidentText } from '../../diagram/incident.ts'
import { isLate } from '../../diagram/ladder.ts'
import { padEnd, padStart } from '../../text/cells.ts'
import { nameOfClient } from '../../text/client.ts'
import { GLYPHS } from '../../text/paint.ts'
import { shortDuration } from '../../text/units.ts'
import { type Line, span } from '../spans.ts'
import { CLIENT_WIDTH, type Columns, DELTA_WIDTH, FLAGS_WIDTH, ID_WIDTH, TYPE_WIDTH } from './list-columns.ts'
import type { RowTimes } from './row-times.ts'
import { ghostTime, INCIDENT_SIGNS, incidentToken, typeName } from './words.ts'

export function incidentLine(document: Document, incident: Incident, columns: Columns, times: RowTimes): Line {
  const token = incidentToken(incident)
  const late = incident.kind === 'ghost' && isLate(document, incident)
  const time = incident.kind === 'ghost' ? ghostTime(incident, late) : times.at(incident.time)
  return [
    span(' '),
    span(incident.kind === 'expired' ? GLYPHS[incident.level] : ' ', token),
    span(padStart(INCIDENT_SIGNS[incident.kind], columns.number), token),
    span(` ${padStart(time, columns.time)} `, 'dim'),
    ...(incident.kind === 'ghost' ? ghost(document, incident, columns, late) : [span(incidentText(incident), token)]),
  ]
}

/** In the columns of the packet that never came. */
function ghost(
  document: Document,
  incident: Ghost,
  { isWide, direction, length, file }: Columns,
  isLate: boolean,
): Line {
  const { stream, side, wait, type, id } = incident
  const token = incidentToken(incident)
  const client = isWide ? '' : `${document.store.idOfStream(stream) + 1}`
  const way = stream.senderOf(side) === 'server' ? `B→${client}` : `${client}→B`
  return [
    span(padStart(shortDuration(wait), DELTA_WIDTH), 'dim'),
    span(file === 0 ? '' : ' '.repeat(file + 1)),
    span(`${isWide ? ` ${padEnd(nameOfClient(stream), CLIENT_WIDTH)}` : ''} ${padEnd(way, direction)} `),
    span(padEnd(typeName(type), TYPE_WIDTH + (isWide ? FLAGS_WIDTH + 1 : 0)), token),
    span(` ${padStart('-', length)} ${padStart(id === 0 ? '-' : `${id}`, ID_WIDTH)} `, 'dim'),
    span(`${INCIDENT_SIGNS.ghost} ${' '.repeat(isWide ? DELTA_WIDTH + 1 : 0)}`, token),
    span(ghostWords(incident, isLate), token),
  ]
}
