/** The table of fields of the layers: of a WebSocket frame and of a TLS record. Names are Wireshark's. */
import { defineField, type Field } from '../base/field.ts'

const NOT_SET = { 0: 'Not set', 1: 'Set' }
const FRAME_HEADER = 'RFC 6455 §5.2'
const RECORD_HEADER = 'RFC 8446 §5.1'

type Parts = Omit<Field, 'id' | 'section'>
const websocket = (parts: Parts): Field => defineField({ section: FRAME_HEADER, ...parts })
const tls = (parts: Parts): Field => defineField({ section: RECORD_HEADER, ...parts })

export const WEBSOCKET = websocket({
  name: 'websocket',
  label: 'WebSocket frame',
  kind: 'group',
  explanation: 'Carries a part of the stream through web servers and proxies; MQTT begins and ends anywhere in it.',
})
export const WEBSOCKET_FIN = websocket({
  name: 'websocket.fin',
  label: 'Fin',
  kind: 'flag',
  mask: 0x80,
  values: NOT_SET,
  explanation: 'Set in the last frame of a message.',
})
export const WEBSOCKET_RSV = websocket({
  name: 'websocket.rsv',
  label: 'Reserved bits',
  kind: 'hex',
  mask: 0x70,
  explanation: 'Zero unless an extension uses them: 4 says that the message is compressed (RFC 7692).',
})
export const WEBSOCKET_OPCODE = websocket({
  name: 'websocket.opcode',
  label: 'Opcode',
  kind: 'uint',
  mask: 0x0f,
  values: { 0: 'Continuation', 1: 'Text', 2: 'Binary', 8: 'Connection Close', 9: 'Ping', 10: 'Pong' },
  explanation: 'The kind of the frame. MQTT is carried in binary frames alone.',
})
export const WEBSOCKET_MASK = websocket({
  name: 'websocket.mask',
  label: 'Mask',
  kind: 'flag',
  mask: 0x80,
  values: NOT_SET,
  explanation: 'Set if the payload is masked: always by a client, never by a server.',
})
export const WEBSOCKET_PAYLOAD_LENGTH = websocket({
  name: 'websocket.payload_length',
  label: 'Payload length',
  kind: 'uint',
  mask: 0x7f,
  explanation: 'Bytes of payload; 126 and 127 say that the length follows in two or eight bytes.',
})
export const WEBSOCKET_LENGTH_16 = websocket({
  name: 'websocket.payload_length_ext_16',
  label: 'Extended payload length',
  kind: 'uint',
  explanation: 'Bytes of payload, from 126 to 65,535.',
})
export const WEBSOCKET_LENGTH_64 = websocket({
  name: 'websocket.payload_length_ext_64',
  label: 'Extended payload length',
  kind: 'uint',
  explanation: 'Bytes of payload, from 65,536 on.',
})
export const WEBSOCKET_MASKING_KEY = websocket({
  name: 'websocket.masking_key',
  label: 'Masking key',
  kind: 'bytes',
  explanation: 'The four bytes that the payload is combined with, one after the other, by exclusive or.',
})
/** Announced only if the payload is at hand. */
export const WEBSOCKET_PAYLOAD = websocket({
  name: '',
  label: 'Payload',
  kind: 'bytes',
  secret: true,
  explanation: 'The payload as it is on the wire: masked if there is a key, compressed if that was agreed on.',
})

export const TLS = tls({
  name: 'tls',
  label: 'TLS record',
  kind: 'group',
  explanation: 'Encrypts a part of the stream and protects it from change.',
})
export const TLS_CONTENT_TYPE = tls({
  name: 'tls.record.content_type',
  label: 'Content type',
  kind: 'uint',
  values: { 20: 'Change Cipher Spec', 21: 'Alert', 22: 'Handshake', 23: 'Application Data', 24: 'Heartbeat' },
  explanation: 'The kind of the record. In TLS 1.3 all that is encrypted calls itself application data.',
})
export const TLS_VERSION = tls({
  name: 'tls.record.version',
  label: 'Version',
  kind: 'hex',
  values: { 768: 'SSL 3.0', 769: 'TLS 1.0', 770: 'TLS 1.1', 771: 'TLS 1.2', 772: 'TLS 1.3' },
  explanation: 'The version as records write it: 1.2 also in TLS 1.3, for old machines on the way.',
})
export const TLS_LENGTH = tls({
  name: 'tls.record.length',
  label: 'Length',
  kind: 'uint',
  explanation: 'Bytes of the record behind its header.',
})
/** Announced only if the payload is at hand. */
export const TLS_PAYLOAD = tls({
  name: '',
  label: 'Content',
  kind: 'bytes',
  secret: true,
  explanation: 'The content as it is on the wire, encrypted.',
})

/** The fields that `walkUnit` announces and that filters and columns know, in the order in which people read them. */
export const UNIT_FIELDS: readonly Field[] = [
  TLS,
  TLS_CONTENT_TYPE,
  TLS_VERSION,
  TLS_LENGTH,
  WEBSOCKET,
  WEBSOCKET_FIN,
  WEBSOCKET_RSV,
  WEBSOCKET_OPCODE,
  WEBSOCKET_MASK,
  WEBSOCKET_PAYLOAD_LENGTH,
  WEBSOCKET_LENGTH_16,
  WEBSOCKET_LENGTH_64,
  WEBSOCKET_MASKING_KEY,
]

const ofHandshake = (parts: Parts): Field => defineField({ section: 'RFC 8446 §4.1', ...parts })

export const TLS_SERVER_NAME = ofHandshake({
  name: 'tls.handshake.extensions_server_name',
  label: 'Server name',
  kind: 'text',
  secret: true,
  explanation: 'The name of the server that the client asked for, on each packet of the connection.',
})
export const TLS_CIPHER_SUITE = ofHandshake({
  name: 'tls.handshake.ciphersuite',
  label: 'Cipher suite',
  kind: 'text',
  explanation: 'The cipher suite that the server chose, by its name, on each packet of the connection.',
})
export const TLS_ALPN = ofHandshake({
  name: 'tls.handshake.extensions_alpn_str',
  label: 'ALPN protocol',
  kind: 'text',
  explanation: 'The protocol that the server chose of those that the client offered, on each packet of the connection.',
})

/** All of the layers, in the order in which people read them. */
export const TRANSPORT_FIELDS: readonly Field[] = [...UNIT_FIELDS, TLS_SERVER_NAME, TLS_CIPHER_SUITE, TLS_ALPN]
