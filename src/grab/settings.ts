/** What a grab is told: the same for all of its targets. */

/** As `-V` has it. */
export type ProtocolVersion = '3.1' | '3.1.1' | '5'

export interface GrabSettings {
  readonly version: ProtocolVersion
  readonly tls: boolean
  /** Authorities in PEM that stand in for the system's. */
  readonly ca?: string
  /** The server's certificate is not looked at. */
  readonly insecure: boolean
  /** Path of a WebSocket; absent: MQTT straight on the connection. */
  readonly wsPath?: string
  readonly username?: string
  readonly password?: Uint8Array
  /** Absent: a random one for each target. */
  readonly clientId?: string
  readonly filters: readonly string[]
  /** The limits: from the start of a grab, PUBLISH packets, bytes received from the broker (after TLS). */
  readonly durationMs: number
  readonly maxMessages: number
  readonly maxBytes: number
  /** For `origin` of the event. */
  readonly jobId: string
  readonly originClientId: string | null
  readonly country: string | null
}

/** The documented limits. */
export const DURATION_MS = 30_000
export const MAX_MESSAGES = 100
export const MAX_BYTES = 9_000_000

/** The documented name of what the connection carries. */
export type Protocol = 'mqtt' | 'mqtts' | 'ws' | 'wss'

export function protocolOf(settings: GrabSettings): Protocol {
  if (settings.wsPath === undefined) return settings.tls ? 'mqtts' : 'mqtt'
  return settings.tls ? 'wss' : 'ws'
}

/** IANA: mqtt, secure-mqtt, http, https. */
export const DEFAULT_PORT: Readonly<Record<Protocol, number>> = { mqtt: 1883, mqtts: 8883, ws: 80, wss: 443 }
