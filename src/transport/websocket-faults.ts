/** What breaks the rules of WebSocket and of MQTT over it: a code, where the rule is written, and a sentence for people. */

interface Rule {
  /** The section of an RFC, or the statement of MQTT. */
  readonly section: string
  readonly text: string
}

export const WEBSOCKET_FAULTS = {
  unmasked: { section: 'RFC 6455 §5.1', text: 'a frame of the client is not masked' },
  masked: { section: 'RFC 6455 §5.1', text: 'a frame of the server is masked' },
  reserved: { section: 'RFC 6455 §5.2', text: 'a frame sets a reserved bit that no agreed extension uses' },
  opcode: { section: 'RFC 6455 §5.2', text: 'the opcode of a frame is reserved' },
  length: { section: 'RFC 6455 §5.2', text: 'the length of a frame takes more bytes than it needs' },
  huge: { section: 'RFC 6455 §5.2', text: 'the length of a frame is beyond what can be counted' },
  control_fragment: { section: 'RFC 6455 §5.5', text: 'a control frame is fragmented' },
  control_length: { section: 'RFC 6455 §5.5', text: 'the payload of a control frame is longer than 125 bytes' },
  close_length: { section: 'RFC 6455 §5.5.1', text: 'the payload of a Close frame is one byte: no status code fits' },
  after_close: { section: 'RFC 6455 §5.5.1', text: 'a data frame follows the Close frame' },
  interleaved: { section: 'RFC 6455 §5.4', text: 'a message begins before the one before it is complete' },
  continuation: { section: 'RFC 6455 §5.4', text: 'a continuation frame continues no message' },
  text: { section: 'MQTT-6.0.0-1', text: 'MQTT is sent in a text frame; only binary frames may carry it' },
  not_offered: { section: 'MQTT-6.0.0-3', text: 'the client does not offer the subprotocol mqtt' },
  not_chosen: { section: 'MQTT-6.0.0-4', text: 'the server does not choose the subprotocol mqtt' },
  deflate: { section: 'RFC 7692 §7.2.2', text: 'a compressed message cannot be inflated' },
  compressed: { section: 'RFC 7692 §7.2.2', text: 'a compressed message is not read: nothing here can inflate it' },
} as const satisfies Readonly<Record<string, Rule>>

/** Codes of what may be the fault of this program, or of bytes that were not captured. */
const DOUBTFUL: ReadonlySet<string> = new Set(['deflate', 'compressed'])

/** True if the rule is broken for sure. */
export const isBreach = (code: WebSocketFault): boolean => !DOUBTFUL.has(code)

/** The code of a fault. */
export type WebSocketFault = keyof typeof WEBSOCKET_FAULTS
