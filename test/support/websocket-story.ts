/** MQTT in WebSocket as a capture: the opening handshake and frames, on a port that nobody named. */
import { text } from './capture.ts'
import { Story, type Talk } from './story.ts'
import { frameOf } from './websocket.ts'

export const PORT = 8083
const KEY = Uint8Array.of(0x37, 0xfa, 0x21, 0x3d)
const BINARY = 0x82

export const request = (protocol = 'mqtt', path = '/mqtt'): Uint8Array =>
  text(
    `GET ${path} HTTP/1.1\r\nHost: broker.example\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
      `Sec-WebSocket-Protocol: ${protocol}\r\n\r\n`,
  )
export const answer = (protocol = 'mqtt'): Uint8Array =>
  text(
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Protocol: ${protocol}\r\n\r\n`,
  )

/** One frame of the client, masked, around packets. */
export const masked = (payload: Uint8Array, first = BINARY): Uint8Array => frameOf(first, payload, KEY)
/** One frame of the server around packets. */
export const plain = (payload: Uint8Array, first = BINARY): Uint8Array => frameOf(first, payload)

/** A connection in a story whose WebSocket is open. */
export const opened = (story: Story, port = PORT): Talk =>
  story.join({ serverPort: port }).say(request()).hear(answer())

export const CONNECT_A = Uint8Array.of(0x10, 13, 0, 4, 0x4d, 0x51, 0x54, 0x54, 4, 2, 0, 60, 0, 1, 0x61)
export const CONNACK = Uint8Array.of(0x20, 2, 0, 0)
/** PUBLISH of `x` to `t`, QoS 0. */
export const PUBLISH = Uint8Array.of(0x30, 4, 0, 1, 0x74, 0x78)

/** CONNECT, CONNACK and a PUBLISH of each side, each in a frame of its own. */
export function simple(port = PORT): Story {
  const story = new Story()
  opened(story, port).say(masked(CONNECT_A)).hear(plain(CONNACK)).say(masked(PUBLISH)).hear(plain(PUBLISH))
  return story
}
