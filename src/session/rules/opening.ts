/** How a conversation begins: CONNECT first, CONNACK next, each once, and each from its side. */
import { AUTH, CONNACK, CONNECT, DISCONNECT, TYPE_NAMES } from '../../mqtt/spec.ts'
import { isMisdirected } from '../direction.ts'
import type { Rule } from '../rules.ts'
import type { Context, Tracker } from '../tracker.ts'

export const OPENING = {
  missing: {
    id: 'connect.missing',
    v4: '3.1.0-1',
    v5: '3.1.0-1',
    level: 'error',
    title: 'First packet is not CONNECT',
    explanation:
      'The first packet of a client is CONNECT. Without it the broker knows neither the client nor the version, and closes the connection.',
  },
  second: {
    id: 'connect.second',
    v4: '3.1.0-2',
    v5: '3.1.0-2',
    level: 'error',
    title: 'Second CONNECT',
    explanation: 'A client sends one CONNECT over a connection. The broker closes the connection after a second one.',
  },
  direction: {
    id: 'packet.direction',
    level: 'error',
    title: 'Packet from the wrong side',
    explanation:
      'Clients send CONNECT, SUBSCRIBE, UNSUBSCRIBE and PINGREQ; brokers send CONNACK, SUBACK, UNSUBACK and PINGRESP. Before 5.0 only clients send DISCONNECT.',
  },
  connackFirst: {
    id: 'connack.first',
    v4: '3.2.0-1',
    v5: '3.2.0-1',
    level: 'error',
    title: 'First broker packet is not CONNACK',
    explanation: 'The first packet of the broker is CONNACK. In 5.0 AUTH may come before it.',
  },
  earlyDisconnect: {
    id: 'disconnect.before_connack',
    v5: '3.14.0-1',
    level: 'error',
    title: 'Broker DISCONNECT before CONNACK',
    explanation: 'A broker refuses a client with CONNACK. DISCONNECT ends a connection that was accepted.',
  },
  early: {
    id: 'connect.before_authentication',
    v5: '3.1.2-30',
    level: 'error',
    title: 'Packet during authentication',
    explanation:
      'A client that names an authentication method sends only AUTH and DISCONNECT until it receives CONNACK.',
  },
  afterRefusal: {
    id: 'connack.after_refusal',
    v4: '3.1.4-5',
    v5: '3.1.4-6',
    level: 'error',
    title: 'Broker packet after refusal',
    explanation: 'After refusing a connection the broker processes no further packet and closes the connection.',
  },
  password: {
    id: 'plaintext.password',
    level: 'note',
    title: 'Password in clear text',
    explanation: 'The password was sent unencrypted, so everybody who can capture can read it. Use TLS (port 8883).',
  },
} as const satisfies Record<string, Rule>

/** Of every packet as long as the broker has not let the client in. */
export function checkOpening(context: Context, tracker: Tracker): void {
  const { record, connection } = context
  if (!connection.isGapless || connection.clientSide === -1) return
  if (record.side === connection.clientSide) clientOpens(context, tracker)
  else serverOpens(context, tracker)
}

function clientOpens({ record, connection }: Context, tracker: Tracker): void {
  const { type, number } = record
  const name = TYPE_NAMES[type]
  if (connection.peer(record.side).packets === 0) {
    if (type !== CONNECT)
      tracker.report(OPENING.missing, connection, number, `the client begins with ${name}, not CONNECT`)
  } else if (connection.authMethod !== undefined && type !== AUTH && type !== DISCONNECT && type !== CONNECT) {
    tracker.report(
      OPENING.early,
      connection,
      number,
      `${name} while the authentication ${connection.authMethod} is under way`,
    )
  }
}

function serverOpens({ record, connection }: Context, tracker: Tracker): void {
  const { type, number } = record
  const name = TYPE_NAMES[type]
  if (connection.connackCode > 0) {
    if (type === DISCONNECT || type === CONNACK) return
    tracker.report(OPENING.afterRefusal, connection, number, `${name} after the connection was refused`)
  } else if (connection.connect > 0 && connection.peer(record.side).packets === 0 && type !== CONNACK) {
    if (type === AUTH) return
    if (type !== DISCONNECT) tracker.report(OPENING.connackFirst, connection, number, `the broker begins with ${name}`)
    else if (record.version === 5)
      tracker.report(OPENING.earlyDisconnect, connection, number, 'DISCONNECT before CONNACK')
  }
}

/** Types that only one side may send. */
export function checkDirection({ record, connection }: Context, tracker: Tracker): void {
  if (!isMisdirected(record) || (connection.connect === 0 && connection.stream.midStream)) return
  const who = record.side === connection.clientSide ? 'client' : 'broker'
  tracker.report(OPENING.direction, connection, record.number, `${TYPE_NAMES[record.type]} from the ${who}`)
}

export function checkConnect({ record, connection, details }: Context, tracker: Tracker): void {
  if (details?.hasPassword === true) {
    tracker.report(OPENING.password, connection, record.number, 'the client sends its password unencrypted')
  }
  if (connection.connect === 0 || connection.missesBytes || record.side !== connection.clientSide) return
  const message = `a second CONNECT, after packet ${connection.connect}`
  tracker.report(OPENING.second, connection, record.number, message)
}
