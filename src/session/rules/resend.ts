/** Messages that a resumed session has left unacknowledged: both sides resend them (3.1.1 §4.4, MQTT 5 §4.4). */
import { PUBLISH, PUBREL, TYPE_NAMES } from '../../mqtt/spec.ts'
import { otherSide } from '../../net/flow.ts'
import type { Connection } from '../connection.ts'
import type { Exchange } from '../exchange/exchange.ts'
import type { Rule } from '../rules.ts'
import type { Tracker } from '../tracker.ts'
import { seconds } from './seconds.ts'

export const RESEND_RULES = {
  missing: {
    id: 'resend.missing',
    v4: '4.4.0-1',
    v5: '4.4.0-1',
    level: 'warning',
    title: 'Message not resent after resume',
    explanation:
      'The session was resumed, so the sender resends each unanswered PUBLISH and PUBREL. The message may have expired, it may have been resent over a connection outside the capture, or the connection may have ended too soon. Otherwise the sender has lost the message.',
  },
  never: {
    id: 'resend.never',
    v4: '4.4.0-1',
    v5: '4.4.0-1',
    level: 'error',
    title: 'Broker does not resend after resume',
    explanation:
      'The session was resumed when the client took over its own connection, so the broker resends each unanswered PUBLISH and PUBREL. It sent other packets over the new connection, but not this one.',
  },
} as const satisfies Record<string, Rule>

/** Seconds after CONNACK in which a broker with a long queue may be about to resend. */
const PATIENCE_S = 5

/** True if `exchange` came from an earlier connection and its sender has sent nothing of it over `connection`. */
export const isNotResent = (exchange: Exchange, { firstPacket }: Connection): boolean =>
  exchange.resumed > 0 &&
  exchange.resent + exchange.released === 0 &&
  exchange.last < firstPacket &&
  exchange.awaited?.side !== exchange.side

/** Returns who did not resend what: `the broker has not resent PUBLISH of packet 3 (packet id 1) …`. */
export function notResent(exchange: Exchange, connection: Connection, tracker: Tracker): string {
  const who = connection.stream.senderOf(exchange.side) === 'client' ? 'the client' : 'the broker'
  const what = `${TYPE_NAMES[exchange.step === 0 ? PUBLISH : PUBREL]} of packet ${exchange.last} (packet id ${exchange.key})`
  const since = seconds(tracker.now - connection.start)
  return `${who} has not resent ${what} since packet ${connection.connack} resumed the session, ${since}`
}

/** Returns the rule that is broken: an error if the capture holds all that could excuse the sender. */
export const resendRule = (exchange: Exchange, connection: Connection): Rule =>
  isProven(exchange, connection) ? RESEND_RULES.never : RESEND_RULES.missing

/**
 * True if no unseen connection can lie between the two, no Message Expiry Interval can have passed, no late answer came over
 * the earlier one, and the broker had time. A client is never proven wrong: two devices may share its client id.
 */
function isProven(exchange: Exchange, connection: Connection): boolean {
  const { previous, clientSide, start, version } = connection
  if (clientSide === -1 || exchange.side === clientSide || exchange.resumed > 1) return false
  if (previous?.ending?.how !== 'takeover' || previous.clientSide === -1) return false
  const hasTime = connection.peer(otherSide(clientSide)).lastTime - start >= PATIENCE_S
  const isAnswered = previous.peer(previous.clientSide).lastTime >= start
  const mayExpire = version === 5 && exchange.step === 0
  return hasTime && !isAnswered && !mayExpire && previous.isGapless && connection.isGapless
}
