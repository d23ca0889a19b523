/** The packets we send: CONNECT, SUBSCRIBE, answers, PINGREQ and DISCONNECT, and never anything else. */
import mqttPacket, { type IConnectPacket, type Packet } from 'mqtt-packet'
import { PUBACK, PUBCOMP, PUBREC, Reason } from '../mqtt/spec.ts'
import type { GrabSettings, ProtocolVersion } from './settings.ts'

export const LEVELS = { '3.1': 3, '3.1.1': 4, '5': 5 } as const

/** Half a minute is what a grab takes as documented. */
export const KEEP_ALIVE_S = 30
/** At QoS 0 a busy broker drops messages, and some brokers refuse QoS 2. */
const WANTED_QOS = 1
/** Of the only SUBSCRIBE. */
export const SUBSCRIBE_ID = 1
export type Answer = typeof PUBACK | typeof PUBREC | typeof PUBCOMP
const ANSWERS = { [PUBACK]: 'puback', [PUBREC]: 'pubrec', [PUBCOMP]: 'pubcomp' } as const

export class Outgoing {
  private readonly version: ProtocolVersion

  constructor(version: ProtocolVersion) {
    this.version = version
  }

  connect(settings: GrabSettings, clientId: string): Uint8Array {
    const { username, password } = settings
    const packet: IConnectPacket = {
      cmd: 'connect',
      protocolId: this.version === '3.1' ? 'MQIsdp' : 'MQTT',
      protocolVersion: LEVELS[this.version],
      clean: true,
      keepalive: KEEP_ALIVE_S,
      clientId,
      ...(username === undefined ? {} : { username }),
      ...(password === undefined ? {} : { password: Buffer.from(password) }),
    }
    return this.bytes(packet)
  }

  subscribe(filters: readonly string[]): Uint8Array {
    const subscriptions = filters.map(topic => ({ topic, qos: WANTED_QOS }) as const)
    return this.bytes({ cmd: 'subscribe', messageId: SUBSCRIBE_ID, subscriptions })
  }

  answer(type: Answer, id: number, isKnown = true): Uint8Array {
    const reason = isKnown || this.version !== '5' ? {} : { reasonCode: Reason.packetIdNotFound }
    return this.bytes({ cmd: ANSWERS[type], messageId: id, ...reason })
  }

  pingreq(): Uint8Array {
    return this.bytes({ cmd: 'pingreq' })
  }

  disconnect(): Uint8Array {
    return this.bytes({ cmd: 'disconnect' })
  }

  private bytes(packet: Packet): Uint8Array {
    return mqttPacket.generate(packet, { protocolVersion: LEVELS[this.version] })
  }
}
