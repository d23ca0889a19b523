/** Behaviour of the broker that is worth telling, as seen during the grab: each kind once, with its count. */

import type { Version } from '../mqtt/spec.ts'
import type { Finding } from '../store/record.ts'
import type { Level } from '../store/vocabulary.ts'

export interface Kind {
  /** Own id; the specification's statements for MQTT 3.1.1 and 5.0 stand in for it where there are any. */
  readonly id: string
  readonly v4?: string
  readonly v5?: string
  readonly level: Level
  readonly message: string
}

export const SEEN = {
  beforeConnack: {
    id: 'connack.not_first',
    v4: '3.2.0-1',
    v5: '3.2.0-1',
    level: 'error',
    message: 'a packet came before the CONNACK',
  },
  connackAgain: { id: 'connack.repeated', v5: '3.2.0-2', level: 'error', message: 'another CONNACK came' },
  /** MQTT 5 §3.8.4 and MQTT 3.1.1 §3.8.4 allow it. */
  beforeSuback: { id: 'publish.before_suback', level: 'note', message: 'a PUBLISH came before the SUBACK' },
  afterDisconnect: {
    id: 'disconnect.not_last',
    v5: '3.14.4-1',
    level: 'error',
    message: 'a packet came after the DISCONNECT',
  },
  afterRefusal: {
    id: 'connack.refusal_not_last',
    v4: '3.2.2-5',
    v5: '3.2.2-7',
    level: 'error',
    message: 'a packet came after the CONNACK that refused the connection',
  },
  direction: { id: 'packet.direction', level: 'error', message: 'only clients send packets of this type' },
  alias: {
    id: 'alias.unsolicited',
    v5: '3.1.2-27',
    level: 'error',
    message: 'a topic alias, although the CONNECT allowed none',
  },
  idReused: {
    id: 'packet_id.reused',
    v4: '2.3.1-4',
    v5: '2.2.1-4',
    level: 'error',
    message: 'a new message has the packet id of one that is still under way',
  },
  duplicate: { id: 'publish.repeated', level: 'note', message: 'a message under way was sent again' },
  unknownPubrel: {
    id: 'pubrel.unknown',
    v4: '2.3.1-6',
    v5: '2.2.1-5',
    level: 'error',
    message: 'a PUBREL for no message under way',
  },
  ack: {
    id: 'ack.unexpected',
    v4: '2.3.1-6',
    v5: '2.2.1-5',
    level: 'error',
    message: 'an acknowledgement of a PUBLISH that was never sent',
  },
  suback: {
    id: 'suback.unexpected',
    v4: '2.3.1-7',
    v5: '2.2.1-6',
    level: 'error',
    message: 'a SUBACK or UNSUBACK for no request',
  },
  pingresp: { id: 'pingresp.unexpected', level: 'warning', message: 'a PINGRESP without PINGREQ' },
  auth: {
    id: 'auth.unexpected',
    v5: '4.12.0-6',
    level: 'error',
    message: 'an AUTH, although the CONNECT named no method',
  },
  subscriptionRefused: { id: 'suback.refused', level: 'warning', message: 'the broker refused a topic filter' },
  disconnect: { id: 'disconnect.received', level: 'note', message: 'the broker sent a DISCONNECT' },
  reference: {
    id: 'server.reference',
    level: 'note',
    message: 'the broker points to another server, which is not followed',
  },
  incomplete: { id: 'capture.incomplete', level: 'note', message: 'the grab ends before the last packet does' },
  notKept: { id: 'payload.not_kept', level: 'note', message: 'of a packet over 16 MiB only the beginning is kept' },
  textFrame: {
    id: 'websocket.text',
    v4: '6.0.0-1',
    v5: '6.0.0-1',
    level: 'error',
    message: 'a WebSocket frame of text, where only binary ones may come',
  },
} as const satisfies Readonly<Record<string, Kind>>

export interface CountedFinding {
  readonly id: string
  readonly level: Level
  readonly message: string
  /** The first packet from the broker that shows it, counted from 1; 0: none of them. */
  readonly packet: number
  count: number
}

export class Findings {
  /** By kind: kinds are a closed list, so a flood of them is a number that grows. */
  private readonly found = new Map<string, CountedFinding>()

  get all(): readonly CountedFinding[] {
    return [...this.found.values()]
  }

  see(kind: Kind, version: Version, packet: number, detail = ''): void {
    if (this.again(kind.id)) return
    const statement = version === 5 ? kind.v5 : version === 4 ? kind.v4 : undefined
    const id = statement === undefined ? kind.id : `MQTT-${statement}`
    this.found.set(kind.id, { id, level: kind.level, message: kind.message + detail, packet, count: 1 })
  }

  /** What the bytes of a packet say against it. */
  note(finding: Finding, packet: number): void {
    const { id, level, message } = finding
    const key = `${id} ${message}`
    if (!this.again(key)) this.found.set(key, { id, level, message, packet, count: 1 })
  }

  private again(key: string): boolean {
    const known = this.found.get(key)
    if (known !== undefined) known.count++
    return known !== undefined
  }
}
