/** Extended authentication: MQTT 5 §4.12. */
import { Slot } from '../../mqtt/fields.ts'
import { CONNACK, PropertyId, Reason } from '../../mqtt/spec.ts'
import type { Rule } from '../rules.ts'
import type { Context, Tracker } from '../tracker.ts'

export const AUTH_RULES = {
  uninvitedServer: {
    id: 'auth.uninvited_by_broker',
    v5: '4.12.0-6',
    level: 'error',
    title: 'Broker authenticates without method',
    explanation:
      'If the client names no authentication method in CONNECT, the broker sends no AUTH and no method in CONNACK.',
  },
  uninvitedClient: {
    id: 'auth.uninvited',
    v5: '4.12.0-7',
    level: 'error',
    title: 'AUTH without method in CONNECT',
    explanation: 'A client that names no authentication method in CONNECT sends no AUTH.',
  },
  continueServer: {
    id: 'auth.code_of_broker',
    v5: '4.12.0-2',
    level: 'error',
    title: 'Wrong AUTH code before CONNACK',
    explanation: 'Before CONNACK each AUTH has the code 0x18 (continue); CONNACK then gives the result.',
  },
  continueClient: {
    id: 'auth.code_of_client',
    v5: '4.12.0-3',
    level: 'error',
    title: 'Wrong AUTH code before CONNACK',
    explanation: 'Before CONNACK each AUTH has the code 0x18 (continue).',
  },
  method: {
    id: 'auth.method',
    v5: '4.12.0-5',
    level: 'error',
    title: 'Authentication method changed',
    explanation: 'All AUTH packets and the accepting CONNACK name the authentication method of the CONNECT.',
  },
  reauthenticate: {
    id: 'auth.reauthenticate',
    v5: '4.12.1-1',
    level: 'error',
    title: 'Re-authentication with another method',
    explanation: 'A client that re-authenticates uses the authentication method of its CONNECT.',
  },
  sender: {
    id: 'auth.sender',
    v5: '3.15.2-1',
    level: 'error',
    title: 'AUTH code of the wrong side',
    explanation: 'Only the broker sends the code 0x00 (success). Only the client sends 0x19 (re-authenticate).',
  },
} as const satisfies Record<string, Rule>

const shown = (code: number): string => `0x${code.toString(16).padStart(2, '0')}`

export function checkAuth(context: Context, tracker: Tracker): void {
  const { record, connection } = context
  if (record.version !== 5 || connection.connect === 0 || connection.clientSide === -1) return
  const byClient = record.side === connection.clientSide
  const { number } = record
  if (connection.authMethod === undefined) {
    const rule = byClient ? AUTH_RULES.uninvitedClient : AUTH_RULES.uninvitedServer
    return tracker.report(rule, connection, number, 'AUTH, but the CONNECT names no authentication method')
  }
  const code = record.packet.has(Slot.reason) ? record.packet.value(Slot.reason) : Reason.success
  checkCode(context, code, byClient, tracker)
  const method = context.details?.texts.get(PropertyId.authenticationMethod)
  if (method === undefined || method === connection.authMethod) return
  const rule = code === Reason.reauthenticate ? AUTH_RULES.reauthenticate : AUTH_RULES.method
  tracker.report(
    rule,
    connection,
    number,
    `the authentication method is ${method}, in CONNECT it was ${connection.authMethod}`,
  )
}

function checkCode({ record, connection }: Context, code: number, byClient: boolean, tracker: Tracker): void {
  if (connection.connack === 0 && code !== Reason.continueAuthentication) {
    const rule = byClient ? AUTH_RULES.continueClient : AUTH_RULES.continueServer
    tracker.report(rule, connection, record.number, `the code is ${shown(code)} before CONNACK`)
  } else if (code === (byClient ? Reason.success : Reason.reauthenticate)) {
    const who = byClient ? 'client' : 'broker'
    tracker.report(AUTH_RULES.sender, connection, record.number, `${shown(code)} from the ${who}`)
  }
}

/** The method in an accepting CONNACK. */
export function checkAuthConnack({ record, connection, details }: Context, tracker: Tracker): void {
  if (
    record.type !== CONNACK ||
    record.version !== 5 ||
    connection.connect === 0 ||
    record.side === connection.clientSide
  )
    return
  const { packet, number } = record
  if (!packet.has(Slot.reason) || packet.malformed || connection.connackCode !== -1) return
  const isNamed = details?.identifiers.has(PropertyId.authenticationMethod) === true
  const method = details?.texts.get(PropertyId.authenticationMethod)
  if (connection.authMethod === undefined) {
    if (!isNamed) return
    tracker.report(
      AUTH_RULES.uninvitedServer,
      connection,
      number,
      `the CONNACK names the method ${method}, the CONNECT none`,
    )
  } else if (packet.value(Slot.reason) === 0 && method !== connection.authMethod) {
    const named = method === undefined ? 'no method' : `the method ${method}`
    tracker.report(
      AUTH_RULES.method,
      connection,
      number,
      `the CONNACK names ${named}, the CONNECT ${connection.authMethod}`,
    )
  }
}
