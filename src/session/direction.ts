/** Which side may send what: MQTT 5 §2.1.2, MQTT 3.1.1 §2.2.1. */
import {
  CONNACK,
  CONNECT,
  DISCONNECT,
  PINGREQ,
  PINGRESP,
  SUBACK,
  SUBSCRIBE,
  UNSUBACK,
  UNSUBSCRIBE,
} from '../mqtt/spec.ts'
import type { PacketRecord } from '../store/record.ts'

/** By type: 1 for what only clients send, 2 for what only servers send. */
const SENDER = Uint8Array.from({ length: 16 }, (_, type) => {
  if ([CONNECT, SUBSCRIBE, UNSUBSCRIBE, PINGREQ].includes(type)) return 1
  return [CONNACK, SUBACK, UNSUBACK, PINGRESP].includes(type) ? 2 : 0
})

/** The packet comes from the side that must not send it. Until 5.0 only clients send DISCONNECT. */
export function isMisdirected({ type, side, version, stream }: PacketRecord): boolean {
  if (stream.client === -1) return false
  const sender = side === stream.client ? 1 : 2
  const only = type === DISCONNECT && (version === 3 || version === 4) ? 1 : (SENDER[type] ?? 0)
  return only !== 0 && only !== sender
}
