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
    title: 'No CONNECT first',
    explanation:
      'The first packet of a client is CONNECT: before it the broker knows neither who is there nor which version is spoken, and closes the connection.',
  },
  second: {
    id: 'connect.second',
    v4: '3.1.0-2',
    v5: '3.1.0-2',
    level: 'error',
    title: 'Second CONNECT',
    explanation:
      'A client sends CONNECT once over a connection. The broker treats another one as a violation and closes the connection.',
  },
  direction: {
    id: 'packet.direction',
    level: 'error',
    title: 'Packet from the wrong side',
    explanation:
      'CONNECT, SUBSCRIBE, UNSUBSCRIBE and PINGREQ come from clients; CONNACK, SUBACK, UNSUBACK and PINGRESP from brokers. Until 5.0 only clients send DISCONNECT.',
  },
  connackFirst: {
    id: 'connack.first',
    v4: '3.2.0-1',
    v5: '3.2.0-1',
    level: 'error',
    title: 'Broker does not begin with CONNACK',
    explanation: 'The first packet of the broker is CONNACK; in 5.0 AUTH may come before it.',
  },
  earlyDisconnect: {
    id: 'disconnect.before_connack',
    v5: '3.14.0-1',
    level: 'error',
    title: 'DISCONNECT of the broker before CONNACK',
    explanation: 'A broker that does not take a client in says so in CONNACK; DISCONNECT ends what has begun.',
  },
  early: {
    id: 'connect.before_authentication',
    v5: '3.1.2-30',
    level: 'error',
    title: 'Packet before the authentication is over',
    explanation:
      'A client that names an authentication method sends nothing but AUTH and DISCONNECT until the CONNACK has come.',
  },
  afterRefusal: {
    id: 'connack.after_refusal',
    v4: '3.1.4-5',
    v5: '3.1.4-6',
    level: 'error',
    title: 'Broker answers although it has refused',
    explanation: 'After a CONNACK that refuses the broker processes nothing more and closes the connection.',
  },
  password: {
    id: 'plaintext.password',
    level: 'note',
    title: 'Password in clear text',
    explanation:
      'The password crossed the wire unencrypted, so whoever can capture can read it. TLS (port 8883) is the remedy.',
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
    tracker.report(OPENING.password, connection, record.number, 'the password is readable for everyone on the way')
  }
  if (connection.connect === 0 || connection.missesBytes || record.side !== connection.clientSide) return
  const message = `CONNECT again, after that of packet ${connection.connect}`
  tracker.report(OPENING.second, connection, record.number, message)
}
