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
    title: 'Authentication without method in CONNECT',
    explanation: 'Where the client named no authentication method, the broker sends no AUTH, and no method in CONNACK.',
  },
  uninvitedClient: {
    id: 'auth.uninvited',
    v5: '4.12.0-7',
    level: 'error',
    title: 'AUTH without method in CONNECT',
    explanation: 'A client that named no authentication method in CONNECT sends no AUTH.',
  },
  continueServer: {
    id: 'auth.code_of_broker',
    v5: '4.12.0-2',
    level: 'error',
    title: 'AUTH before CONNACK with another code than 0x18',
    explanation: 'Until the CONNACK each AUTH says 0x18, continue; the CONNACK then says how it ended.',
  },
  continueClient: {
    id: 'auth.code_of_client',
    v5: '4.12.0-3',
    level: 'error',
    title: 'AUTH before CONNACK with another code than 0x18',
    explanation: 'Until the CONNACK each AUTH says 0x18, continue.',
  },
  method: {
    id: 'auth.method',
    v5: '4.12.0-5',
    level: 'error',
    title: 'Another authentication method',
    explanation: 'All AUTH packets and the accepting CONNACK name the method of the CONNECT.',
  },
  reauthenticate: {
    id: 'auth.reauthenticate',
    v5: '4.12.1-1',
    level: 'error',
    title: 'Re-authentication with another method',
    explanation: 'A client that authenticates again uses the method of its CONNECT.',
  },
  sender: {
    id: 'auth.sender',
    v5: '3.15.2-1',
    level: 'error',
    title: 'AUTH code of the other side',
    explanation: 'Only the broker says 0x00, success; only the client asks with 0x19 to authenticate again.',
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
    return tracker.report(rule, connection, number, 'AUTH, and the CONNECT names no authentication method')
  }
  const code = record.packet.has(Slot.reason) ? record.packet.value(Slot.reason) : Reason.success
  checkCode(context, code, byClient, tracker)
  const method = context.details?.texts.get(PropertyId.authenticationMethod)
  if (method === undefined || method === connection.authMethod) return
  const rule = code === Reason.reauthenticate ? AUTH_RULES.reauthenticate : AUTH_RULES.method
  tracker.report(rule, connection, number, `the method is ${method}, that of the CONNECT is ${connection.authMethod}`)
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
