/** Connections that end without a word of MQTT: what the wire shows between two packets. */

import type { Capture } from '../../analysis/document.ts'
import type { Connection, Ending } from '../../session/connection.ts'
import type { Row } from '../../store/store.ts'
import type { Stream } from '../../store/stream.ts'
import type { EndingKind } from '../../store/vocabulary.ts'
import { nameOfClient } from './words.ts'

export interface Closing {
  /** Seconds since the first frame. */
  readonly time: number
  readonly text: string
}

/** DISCONNECT and a refusal are packets; how TCP ends behind them is of no interest. */
const WORDS: Readonly<Partial<Record<EndingKind, string>>> = {
  fin: 'connection closed',
  rst: 'connection reset',
  takeover: 'connection ended: the client is back on another one',
}

const BY: Readonly<Record<Ending['by'], string>> = { client: ' by the client', server: ' by the broker', unknown: '' }

/** Of the connections of these rows, in order of time; rows that are a long way apart hide none. */
export function closingsOf({ past, store }: Capture, rows: readonly Row[]): readonly Closing[] {
  const shown = new Set<Stream>(rows.map(row => store.stream(row)))
  return past
    .filter(({ stream }) => shown.has(stream))
    .flatMap(closing)
    .sort((a, b) => a.time - b.time)
}

function closing({ ending, stream }: Connection): readonly Closing[] {
  const words = ending === undefined ? undefined : WORDS[ending.how]
  if (ending === undefined || words === undefined) return []
  return [{ time: ending.time, text: `${nameOfClient(stream)}: ${words}${BY[ending.by]}` }]
}

/** Seconds from the first frame to a row, as sessions count. */
export const timeOf = ({ store, first }: Capture, row: Row): number =>
  first === undefined ? Number.NaN : store.nanosSince(row, first) / 1e9
