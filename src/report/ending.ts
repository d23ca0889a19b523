/** How a session ended, and who ended it, in words. */
import { CONNACK, DISCONNECT, Reason, reasonName, TYPE_NAMES } from '../mqtt/spec.ts'
import type { Connection } from '../session/connection.ts'
import { duration } from '../text/units.ts'
import { codeText } from './exchange-row.ts'

/** A broker gives up on a client that was silent for one and a half times its keep alive (MQTT 5 §3.1.2.10). */
const PATIENCE = 1.5

/** The broker closed on a client that had been silent for too long, or says that this is why. */
export function isKeepAliveExceeded(connection: Connection): boolean {
  const { ending, allowedSilence = 0, clientSide } = connection
  if (ending === undefined || ending.by === 'client' || clientSide === -1) return false
  if (ending.how === 'disconnect') return ending.code === Reason.keepAliveTimeout
  if (allowedSilence === 0 || (ending.how !== 'fin' && ending.how !== 'rst')) return false
  return ending.time - connection.peer(clientSide).lastTime >= allowedSilence * PATIENCE
}

/** What its reason code says; undefined where it has none. */
export function endReason({ ending, version }: Connection): string | undefined {
  if (ending === undefined || ending.code < 0) return undefined
  if (ending.how === 'refused') return codeText(CONNACK, ending.code, version)
  return reasonName(DISCONNECT, ending.code)
}

const WHO = { client: 'client', server: 'broker', unknown: '' } as const

/** `client: DISCONNECT`, `broker: closed, keep alive exceeded`, `open`. */
export function endText(connection: Connection): string {
  const { ending } = connection
  if (ending === undefined) return 'open'
  const who = WHO[ending.by]
  const words = `${who === '' ? '' : `${who}: `}${how(connection)}`
  return isKeepAliveExceeded(connection) ? `${words}, keep alive exceeded` : words
}

/**
 * What came before an end without DISCONNECT: `30.0 ms after PUBLISH (packet 3) of the client`, `no PUBACK for packet 3`, and how
 * long the client was silent if that was longer than its keep alive. Empty for other ends.
 */
export function lastWords({ ending, allowedSilence = 0 }: Connection): readonly string[] {
  const facts = ending?.circumstances
  if (facts === undefined || facts.packet === 0) return []
  const { type, packet, from, after, unanswered, silence } = facts
  const sender = from === 'unknown' ? '' : ` of the ${WHO[from]}`
  const isSilent = allowedSilence > 0 && silence > allowedSilence
  return [
    `${duration(after)} after ${TYPE_NAMES[type]} (packet ${packet})${sender}`,
    ...unanswered.map(one => `no ${TYPE_NAMES[one.type]} for packet ${one.packet}`),
    ...(isSilent ? [`client silent for ${duration(silence)}, keep alive ${allowedSilence} s`] : []),
  ]
}

function how(connection: Connection): string {
  const { ending } = connection
  const reason = endReason(connection)
  switch (ending?.how) {
    case 'disconnect':
      return reason === undefined || ending.code === 0 ? 'DISCONNECT' : `DISCONNECT, ${reason}`
    case 'refused':
      return `refused, ${reason ?? 'reserved code'}`
    case 'takeover':
      return 'taken over'
    case 'fin':
      return 'closed'
    case 'rst':
      return 'reset'
    case 'reuse':
      return 'port used anew'
    case 'evicted':
      return 'no longer followed'
    default:
      return 'open'
  }
}
