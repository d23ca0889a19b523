/** How a connection ends: DISCONNECT and what follows it, answers that never came, a broker that goes on regardless. */
import { Slot } from '../../mqtt/fields.ts'
import { DISCONNECT, PropertyId, Reason, reasonName, SERVER_REASONS, TYPE_NAMES } from '../../mqtt/spec.ts'
import { otherSide } from '../../net/flow.ts'
import type { Side } from '../../store/record.ts'
import type { Connection } from '../connection.ts'
import type { Details } from '../details.ts'
import type { Exchange } from '../exchange/exchange.ts'
import type { Rule } from '../rules.ts'
import type { Context, Tracker } from '../tracker.ts'
import { causeOfNone } from './busy.ts'
import { isNotResent, notResent, resendRule } from './resend.ts'

export const ENDING_RULES = {
  afterDisconnect: {
    id: 'disconnect.not_last',
    v4: '3.14.4-2',
    v5: '3.14.4-1',
    level: 'error',
    title: 'Packet after DISCONNECT',
    explanation: 'DISCONNECT is the last packet that its sender sends over a connection.',
  },
  expiryOfServer: {
    id: 'session_expiry.from_broker',
    v5: '3.14.2-2',
    level: 'error',
    title: 'Session Expiry Interval from broker',
    explanation: 'Only the client may change the Session Expiry Interval in DISCONNECT.',
  },
  expiryRaised: {
    id: 'session_expiry.raised',
    level: 'error',
    title: 'Session Expiry Interval raised from 0',
    explanation:
      'A client that connected with Session Expiry Interval 0 must not raise it in DISCONNECT: a protocol error.',
  },
  codeOfOther: {
    id: 'disconnect.sender',
    v5: '3.14.2-1',
    level: 'error',
    title: 'DISCONNECT code of the wrong side',
    explanation:
      'Some reason codes are for brokers only (server busy, session taken over), and one is for clients only (disconnect with will message).',
  },
  referenceOfClient: {
    id: 'server_reference.from_client',
    level: 'warning',
    title: 'Server Reference from client',
    explanation:
      'A broker uses a Server Reference to send its client to another server. From a client it has no meaning.',
  },
  abandoned: {
    id: 'exchange.abandoned',
    level: 'warning',
    title: 'No answer',
    explanation: 'The connection ended, or the packet id was used again, before the answer came.',
  },
  open: {
    id: 'exchange.open',
    level: 'note',
    title: 'Unanswered when the capture ends',
    explanation: 'The answer may have come after the end of the capture.',
  },
  unansweredPing: {
    id: 'pingreq.unanswered',
    v4: '3.12.4-1',
    v5: '3.12.4-1',
    level: 'warning',
    title: 'PINGREQ not answered',
    explanation: 'The broker answers each PINGREQ with PINGRESP. A client that gets none takes the broker for dead.',
  },
  stillServed: {
    id: 'client.twice',
    v4: '3.1.4-2',
    v5: '3.1.4-3',
    level: 'warning',
    title: 'Old connection used after takeover',
    explanation: 'When a client id connects again, the broker closes the older connection.',
  },
  notClosed: {
    id: 'connack.not_closed',
    v4: '3.2.2-5',
    v5: '3.2.2-7',
    level: 'warning',
    title: 'Connection open after refusal',
    explanation: 'After refusing a connection the broker closes it.',
  },
  left: {
    id: 'disconnect.not_closed',
    v4: '3.14.4-1',
    v5: '3.14.4-2',
    level: 'warning',
    title: 'Connection open after DISCONNECT',
    explanation: 'The sender of a DISCONNECT closes the connection. The specification does not say how soon.',
  },
  tolerated: {
    id: 'violation.tolerated',
    v4: '4.8.0-1',
    v5: '4.13.1-1',
    level: 'warning',
    title: 'Malformed packet tolerated',
    explanation: 'The receiver of a malformed packet closes the connection. This broker kept the connection open.',
  },
  gap: {
    id: 'capture.gap',
    level: 'note',
    title: 'Bytes missing or unreadable',
    explanation:
      'These bytes were not captured, or they hold no readable packet. Packets that seem to be missing may have been among them, so later findings about this connection are more careful.',
  },
  midStream: {
    id: 'capture.mid_stream',
    level: 'note',
    title: 'Capture begins in mid-stream',
    explanation: 'The connection was open before the capture began, so its CONNECT is missing.',
  },
} as const satisfies Record<string, Rule>

/** Of every packet of a side that has sent DISCONNECT. */
export function checkAfterDisconnect({ record, connection }: Context, tracker: Tracker): void {
  const message = `${TYPE_NAMES[record.type]} after the DISCONNECT of the same side`
  tracker.report(ENDING_RULES.afterDisconnect, connection, record.number, message)
}

/** Most characters shown of a server that is named. */
const MOST_REFERENCE = 100

export function checkDisconnect(context: Context, tracker: Tracker): void {
  const { record, connection, details } = context
  if (record.version !== 5 || details === undefined || connection.clientSide === -1) return
  const { packet, number } = record
  const byClient = record.side === connection.clientSide
  const code = packet.has(Slot.reason) ? packet.value(Slot.reason) : 0
  if (byClient ? SERVER_REASONS.includes(code) : code === Reason.disconnectWithWill) {
    const name = `${reasonName(DISCONNECT, code)} (0x${code.toString(16).padStart(2, '0')})`
    const message = `${name} from the ${byClient ? 'client' : 'broker'}, but it is for ${byClient ? 'brokers' : 'clients'} only`
    tracker.report(ENDING_RULES.codeOfOther, connection, number, message)
  }
  const reference = details.texts.get(PropertyId.serverReference)
  if (byClient && reference !== undefined) {
    const message = `the client names a server in its DISCONNECT, Server Reference ${reference.slice(0, MOST_REFERENCE)}`
    tracker.report(ENDING_RULES.referenceOfClient, connection, number, message)
  }
  checkExpiry(context, details, byClient, tracker)
}

/** The Session Expiry Interval of a DISCONNECT. */
function checkExpiry({ record, connection }: Context, details: Details, byClient: boolean, tracker: Tracker): void {
  const { number } = record
  const expiry = details.properties.get(PropertyId.sessionExpiryInterval)
  if (expiry === undefined) return
  if (!byClient) {
    tracker.report(ENDING_RULES.expiryOfServer, connection, number, `Session Expiry Interval ${expiry} from the broker`)
  } else if (connection.connect > 0 && connection.askedExpiry === 0 && expiry > 0) {
    const message = `Session Expiry Interval ${expiry} s, in CONNECT it was 0`
    tracker.report(ENDING_RULES.expiryRaised, connection, number, message)
  }
}

/** Seconds in which packets that were on their way may still come. */
const IN_FLIGHT = 1

/** Checks packets of a connection whose client has connected again. */
export function checkTakenOver({ record, connection, time }: Context, tracker: Tracker): void {
  const { ruleState: state, ending } = connection
  if (state.stillServed || record.type === DISCONNECT || record.side === connection.clientSide) return
  if (ending === undefined || !(time - ending.time > IN_FLIGHT)) return
  state.stillServed = true
  const message = `${TYPE_NAMES[record.type]} to a client that has connected again`
  tracker.report(ENDING_RULES.stillServed, connection, record.number, message)
}

const WHO = { client: 'the client', server: 'the broker', unknown: 'the peer' } as const

const secondsSince = (since: number, now: number): string => `${Math.round((now - since) * 1000) / 1000} s`

/** An exchange that is no longer open and was not answered. */
export function checkAbandoned(exchange: Exchange, connection: Connection, tracker: Tracker): void {
  const { awaited } = exchange
  if (exchange.state !== 'abandoned' || awaited === undefined || isRightlyUnanswered(exchange, connection)) return
  const rule = ruleFor(exchange, connection)
  const message = isNotResent(exchange, connection)
    ? notResent(exchange, connection, tracker)
    : waitsFor(exchange, awaited, connection, tracker)
  tracker.report(rule, connection, exchange.opener, message)
}

/** Returns what did not come, from whom and since when. */
function waitsFor(
  exchange: Exchange,
  { side, type }: NonNullable<Exchange['awaited']>,
  connection: Connection,
  tracker: Tracker,
): string {
  const who = WHO[connection.stream.senderOf(side)]
  const id = exchange.key > 0 && exchange.key < 0x10000 ? ` (packet id ${exchange.key})` : ''
  const cause = causeOfNone(exchange, connection)
  const why = cause === '' ? '' : `, ${cause}`
  return `waits for ${TYPE_NAMES[type]}${id} from ${who} since packet ${exchange.last}, ${secondsSince(exchange.lastTime, tracker.now)}${why}`
}

/** After a malformed packet of the client the broker closes, and answers nothing more (MQTT 5 §4.13.1, 3.1.1 §4.8). */
const isRightlyUnanswered = ({ last, awaited }: Exchange, { malformed, clientSide }: Connection): boolean =>
  malformed > 0 && last >= malformed && awaited?.side !== clientSide

function ruleFor(exchange: Exchange, connection: Connection): Rule {
  const isCut =
    connection.peer(0).ended === 'capture' || connection.peer(1).ended === 'capture' || connection.missesBytes
  if (isCut) return ENDING_RULES.open
  if (isNotResent(exchange, connection)) return resendRule(exchange, connection)
  return exchange.kind === 'ping' ? ENDING_RULES.unansweredPing : ENDING_RULES.abandoned
}

/** Seconds a side is given to close. */
const TIME_TO_CLOSE = 5

export function checkEnd(connection: Connection, tracker: Tracker): void {
  if (connection.missesBytes || connection.clientSide === -1) return
  for (const side of [0, 1] as const) checkLeft(connection, side, tracker)
  const { ending } = connection
  if (ending?.how !== 'refused') return
  const broker = connection.peer(otherSide(connection.clientSide))
  const since = tracker.now - ending.time
  if (broker.ended !== 'capture' || !(since > TIME_TO_CLOSE)) return
  const message = `the broker refused with code ${ending.code} and has kept the connection open for ${Math.round(since)} s`
  tracker.report(ENDING_RULES.notClosed, connection, broker.lastPacket, message)
}

/** Neither side has closed by the end of the capture, though this one has said that it goes. */
function checkLeft(connection: Connection, side: Side, tracker: Tracker): void {
  const { disconnected, lastTime, lastPacket } = connection.peer(side)
  const isOpen = connection.peer(0).ended === 'capture' && connection.peer(1).ended === 'capture'
  const since = tracker.now - lastTime
  if (!disconnected || !isOpen || !(since > TIME_TO_CLOSE)) return
  const who = WHO[connection.stream.senderOf(side)]
  const message = `${who} has not closed ${Math.round(since)} s after its last packet`
  tracker.report(ENDING_RULES.left, connection, lastPacket, message)
}

/** Of packets of the broker, once the client has sent a malformed one. */
export function checkTolerated({ record, connection, time }: Context, tracker: Tracker): void {
  const { ruleState: state } = connection
  if (state.tolerated || record.type === DISCONNECT || connection.missesBytes) return
  if (!(time - connection.malformedTime > IN_FLIGHT)) return
  state.tolerated = true
  const message = `${TYPE_NAMES[record.type]} after packet ${connection.malformed} of the client, which is malformed`
  tracker.report(ENDING_RULES.tolerated, connection, record.number, message)
}

/** Once for each direction. */
export function reportGap(connection: Connection, side: Side, size: number, tracker: Tracker): void {
  if (connection.hasGapOf(side)) return
  const last = Math.max(connection.peer(0).lastPacket, connection.peer(1).lastPacket)
  const many = size === 0 ? 'an unknown number of bytes' : `${size} bytes`
  const who = WHO[connection.stream.senderOf(side)]
  tracker.report(ENDING_RULES.gap, connection, last, `after this packet ${many} of ${who} are missing or unreadable`)
}

export function reportMidStream({ record, connection }: Context, tracker: Tracker): void {
  tracker.report(
    ENDING_RULES.midStream,
    connection,
    record.number,
    'the connection was open before its first captured packet',
  )
}
