/** What stands behind the findings on WebSocket: a title and an explanation for each, by its id. */
import { byWord } from '../base/by-word.ts'
import type { WebSocketFault } from '../transport/websocket-faults.ts'
import type { RuleText } from './tcp-texts.ts'

const text = (title: string, explanation: string): RuleText => ({ title, explanation })

const OF_MQTT: Readonly<Record<string, RuleText>> = byWord({
  'MQTT-6.0.0-1': text(
    'MQTT in a text frame',
    'MQTT is bytes, and a text frame may hold UTF-8 alone: software on the way may change or refuse it. MQTT must be sent in binary frames, and a receiver of anything else must close the connection.',
  ),
  'MQTT-6.0.0-3': text(
    'Subprotocol mqtt not offered',
    'The client must list "mqtt" in the field Sec-WebSocket-Protocol, so that the server knows what is spoken. Many brokers refuse a client without it.',
  ),
  'MQTT-6.0.0-4': text(
    'Subprotocol mqtt not chosen',
    'The server must answer with the subprotocol "mqtt". A browser closes the connection if it offered a subprotocol and the server chose none.',
  ),
})

const OF_WEBSOCKET: Readonly<Record<string, RuleText>> = byWord<RuleText>({
  unmasked: text(
    'Frame without a mask',
    'A client must mask every frame, so that what it sends cannot be taken for a request by a proxy on the way. A server closes such a connection.',
  ),
  masked: text(
    'Masked frame of a server',
    'A server must not mask its frames, and a client must close the connection.',
  ),
  reserved: text(
    'Reserved bit set',
    'A bit of the header is set that belongs to an extension which was not agreed on. The receiver must close the connection.',
  ),
  opcode: text(
    'Reserved opcode',
    'The opcode of the frame has no meaning yet. The receiver must close the connection.',
  ),
  length: text(
    'Length longer than needed',
    'The length of a frame must take as few bytes as it can. Some receivers close the connection.',
  ),
  huge: text(
    'Impossible length',
    'The length of the frame is beyond 2^53 bytes, more than anything has. Nothing behind it can be read before the next frame is found.',
  ),
  control_fragment: text('Fragmented control frame', 'Close, Ping and Pong must come in one frame.'),
  control_length: text('Control frame too long', 'The payload of Close, Ping and Pong is at most 125 bytes.'),
  close_length: text(
    'Close frame with one byte',
    'The payload of a Close frame is empty, or begins with a status code of two bytes.',
  ),
  after_close: text('Data behind the Close frame', 'A side that has sent a Close frame must not send any more data.'),
  interleaved: text(
    'Message inside a message',
    'A new message begins while another one is not complete. Fragments of two messages must not be mixed.',
  ),
  continuation: text('Continuation of nothing', 'A continuation frame came, and no message was under way.'),
  deflate: text(
    'Compressed message not readable',
    'The message cannot be inflated: its bytes are damaged, or it needs earlier messages that are not in the capture. Its MQTT is missing here.',
  ),
  compressed: text(
    'Compressed message not read',
    'The message is compressed, and nothing here can inflate it. Nobody did anything wrong.',
  ),
} satisfies Readonly<Record<Exclude<WebSocketFault, MqttFault>, RuleText>>)

type MqttFault = 'text' | 'not_offered' | 'not_chosen'

/** Returns the text behind the id of a finding on WebSocket; undefined for other ids. */
export const webSocketText = (id: string): RuleText | undefined =>
  OF_MQTT[id] ?? (id.startsWith('websocket.') ? OF_WEBSOCKET[id.slice(10)] : undefined)
