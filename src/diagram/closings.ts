/** How connections end without a packet: what TCP, or the client's next connection, shows between two packets. */
import { TYPE_NAMES } from '../mqtt/spec.ts'
import type { Circumstances, Connection } from '../session/connection.ts'
import type { Row, Store } from '../store/store.ts'
import type { Stream } from '../store/stream.ts'
import type { EndingKind, Sender } from '../store/vocabulary.ts'
import { nameOfClient } from '../text/client.ts'
import { shortDuration } from '../text/units.ts'

/** DISCONNECT and a refusing CONNACK are packets: how TCP ends after them is no entry. */
type How = Extract<EndingKind, 'fin' | 'rst' | 'takeover'>

export interface Closing {
  readonly kind: 'closing'
  /** Seconds since the first frame. */
  readonly time: number
  readonly stream: Stream
  readonly how: How
  readonly by: Sender
  /** Number and type of the last packet, and the seconds since; undefined for a takeover. */
  readonly after?: Circumstances | undefined
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
  return [
    {
      kind: 'closing',
      time: ending.shown ?? ending.time,
      stream,
      how: ending.how,
      by: ending.by,
      after: ending.circumstances,
    },
  ]
}

const isBare = (how: EndingKind): how is How => how in WORDS

/** `kitchen: connection closed by the client`; sanitised. */
export function closingText({ stream, how, by, after }: Closing): string {
  const since =
    after === undefined || after.packet === 0 ? '' : ` ${shortDuration(after.after)} after ${TYPE_NAMES[after.type]}`
  const open = (after?.unanswered ?? []).map(({ type }) => `, no ${TYPE_NAMES[type]}`)
  return `${nameOfClient(stream)}: ${WORDS[how]}${BY[by]}${since}${[...new Set(open)].join('')}`
}
