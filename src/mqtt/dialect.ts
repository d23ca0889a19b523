/** What one MQTT connection speaks: from its CONNECT, or without one from the bytes of its packets. */
import { u8, u16 } from '../bytes.ts'
import type { RawPacket } from './raw.ts'
import {
  BRIDGE_BIT,
  CONNACK,
  CONNECT,
  PINGREQ,
  PINGRESP,
  SUBACK,
  SUBSCRIBE,
  UNSUBACK,
  UNSUBSCRIBE,
  type Version,
} from './spec.ts'

/** Who sends a type of packet: true is the client, false the server, absent is either. */
const SENT_BY_CLIENT: readonly (boolean | undefined)[] = Array.from({ length: 16 }, (_, type) => {
  if ([CONNECT, SUBSCRIBE, UNSUBSCRIBE, PINGREQ].includes(type)) return true
  return [CONNACK, SUBACK, UNSUBACK, PINGRESP].includes(type) ? false : undefined
})

export class Dialect {
  version: Version = 0
  /** Where the version is from. */
  from: 'connect' | 'bytes' | '' = ''
  /** The CONNECT's protocol level byte as it stands; 0 without CONNECT. */
  level = 0
  /** The server took a CONNECT of 5.0 and answers as 3.1.1. */
  hybrid = false

  /** A bridge's CONNECT (Mosquitto sets the level's highest bit). */
  get bridge(): boolean {
    return (this.level & BRIDGE_BIT) !== 0
  }

  /** The version to read a packet by. Called once for each packet of the flow, in order. */
  versionOf(raw: RawPacket, fromClient: boolean | undefined): Version {
    if (raw.readable <= raw.start) return this.version
    const type = u8(raw.bytes, raw.start) >> 4
    if (type === CONNECT) this.connect(raw)
    if (this.from !== 'connect') return this.version
    const byServer = (fromClient ?? SENT_BY_CLIENT[type]) === false
    if (this.version === 5 && !this.hybrid && type === CONNACK && byServer) this.hybrid = answersAsBefore(raw)
    return this.hybrid && byServer ? 4 : this.version
  }

  /** A later CONNECT begins anew, for the packets behind it. */
  private connect(raw: RawPacket): void {
    const body = bodyOf(raw)
    if (body + 2 > raw.readable) return
    const at = body + 2 + u16(raw.bytes, body)
    if (at >= raw.readable) return
    this.level = u8(raw.bytes, at)
    const level = this.level & ~BRIDGE_BIT
    this.version = level === 3 || level === 4 || level === 5 ? level : 0
    this.from = 'connect'
    this.hybrid = false
  }
}

/** Who must have sent the packet, by its type: true for the client, false for the server, undefined for either. */
export function evidence(raw: RawPacket): boolean | undefined {
  return raw.readable > raw.start ? SENT_BY_CLIENT[u8(raw.bytes, raw.start) >> 4] : undefined
}

/** A CONNACK of two bytes has no property length: no server of 5.0 sends it (MQTT 5 §3.2.2.3). */
const answersAsBefore = (raw: RawPacket): boolean => raw.end - bodyOf(raw) === 2 && !raw.incomplete && !raw.badLength

/** Where the body begins: the framer has found the end of the Remaining Length. */
function bodyOf(raw: RawPacket): number {
  let at = raw.start + 1
  while (at < raw.readable && u8(raw.bytes, at) > 0x7f) at++
  return at + 1
}
