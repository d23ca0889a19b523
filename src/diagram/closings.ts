/** How connections end without a packet: what TCP, or the client's next connection, shows between two packets. */
import type { Connection } from '../session/connection.ts'
import type { Row, Store } from '../store/store.ts'
import type { Stream } from '../store/stream.ts'
import type { EndingKind, Sender } from '../store/vocabulary.ts'
import { nameOfClient } from '../text/client.ts'

/** DISCONNECT and a refusing CONNACK are packets: how TCP ends after them is no entry. */
type How = Extract<EndingKind, 'fin' | 'rst' | 'takeover'>

export interface Closing {
  readonly kind: 'closing'
  /** Seconds since the first frame. */
  readonly time: number
  readonly stream: Stream
  readonly how: How
  readonly by: Sender
}

const WORDS: Readonly<Record<How, string>> = {
  fin: 'connection closed',
  rst: 'connection reset',
  takeover: 'connection ended: the client is back on another one',
}

const BY: Readonly<Record<Sender, string>> = { client: ' by the client', server: ' by the broker', unknown: '' }

/** Returns the ends of the connections of `rows`, in order of time; rows that are a long way apart hide none. */
export function closingsOf(store: Store, past: readonly Connection[], rows: readonly Row[]): readonly Closing[] {
  const shown = new Set<Stream>(rows.map(row => store.stream(row)))
  return past
    .filter(({ stream }) => shown.has(stream))
    .flatMap(closing)
    .sort((a, b) => a.time - b.time)
}

function closing({ ending, stream }: Connection): readonly Closing[] {
  if (ending === undefined || !isBare(ending.how)) return []
  return [{ kind: 'closing', time: ending.time, stream, how: ending.how, by: ending.by }]
}

const isBare = (how: EndingKind): how is How => how in WORDS

/** `kitchen: connection closed by the client`; sanitised. */
export const closingText = ({ stream, how, by }: Closing): string => `${nameOfClient(stream)}: ${WORDS[how]}${BY[by]}`
