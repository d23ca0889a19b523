/** A length that is written wrong makes everything behind it wrong: one error, and it is on the length (3.1.1 §2.2.3, 5.0 §1.5.5). */
import { raw, text, two } from '../../support/hex.ts'
import { calm, errors, noError, reads, silent, tells } from '../claims.ts'
import { kind } from '../kind.ts'

const TOKEN = text('0d4f1c7e6a2b4985b3d0e91f5c7a8b62')

/** A body behind one byte that holds its length, above 127 as it is. */
const inOneByte = (first: string, body: string): string => `HEX ${first}${(body.length / 2).toString(16)}${body}`

const CONNECT_BODY = `${text('MQTT')}04ce${two(60)}${TOKEN}${text('site/gate/status')}${text('lost')}${TOKEN}${TOKEN}`
const PUBLISH_BODY = `${text('site/gate/status')}${raw('x'.repeat(150))}`
const SUBSCRIBE_BODY = `0001${text(`site/${'gate/'.repeat(26)}a`)}00`

const CASCADE =
  /packet\.direction|ack_flags|session_present|pingreq\.unanswered|malformed\.(trailing|flags)|exchange\.abandoned/

kind('lengths', {
  'a CONNECT of more than 127 bytes has its length in one byte: one error, on the length': {
    seen: `
      c: ${inOneByte('10', CONNECT_BODY)}
      +100ms
      c: reset`,
    right: [errors(1), tells(/length/i, 'error'), silent(CASCADE)],
  },
  'a CONNECT like this, closed by the broker at once: one error, on the length': {
    seen: `
      c: ${inOneByte('10', CONNECT_BODY)}
      s: close
      c: close`,
    right: [errors(1), tells(/length/i, 'error'), silent(CASCADE)],
  },
  'a PUBLISH of more than 127 bytes has its length in one byte: one error, on the length': {
    seen: `
      c: CONNECT
      s: CONNACK
      c: ${inOneByte('30', PUBLISH_BODY)}
      s: close
      c: close`,
    right: [errors(1), tells(/length/i, 'error'), silent(CASCADE)],
  },
  'a SUBSCRIBE of more than 127 bytes has its length in one byte: one error, on the length': {
    seen: `
      c: CONNECT
      s: CONNACK
      c: ${inOneByte('82', SUBSCRIBE_BODY)}
      s: close
      c: close`,
    right: [errors(1), tells(/length/i, 'error'), silent(CASCADE)],
  },
  'an UNSUBSCRIBE of more than 127 bytes, with a packet id above 255, has its length in one byte: one error, on the length':
    {
      seen: `
      c: CONNECT
      s: CONNACK
      c: ${inOneByte('a2', `0234${text(`site/${'gate/'.repeat(26)}a`)}`)}
      s: close
      c: close`,
      right: [errors(1), tells(/length/i, 'error'), silent(CASCADE)],
    },
  'a CONNECT of 5.0 like this: one error, on the length': {
    seen: `
      v5
      c: ${inOneByte('10', `${text('MQTT')}05c2${two(60)}00${TOKEN}${TOKEN}${text('x'.repeat(60))}`)}
      s: close
      c: close`,
    right: [errors(1), tells(/length/i, 'error'), silent(CASCADE)],
  },
  'a CONNECT of 3.1 like this: one error, on the length': {
    seen: `
      c: ${inOneByte('10', `${text('MQIsdp')}03c2${two(60)}${text('a')}${TOKEN}${text('x'.repeat(80))}`)}
      s: close
      c: close`,
    right: [tells(/length/i, 'error'), silent(CASCADE), errors(1)],
  },
  'a CONNECT like this, byte by byte: one error, on the length': {
    seen: `
      ${[...`10${(CONNECT_BODY.length / 2).toString(16)}${CONNECT_BODY}`.matchAll(/../g)].map(([byte]) => `c: HEX ${byte}`).join('\n')}
      s: close
      c: close`,
    right: [errors(1), tells(/length/i, 'error'), silent(CASCADE)],
  },
  'a CONNECT like this of which the half comes: one error, on the length': {
    seen: `
      c: HEX 10${(CONNECT_BODY.length / 2).toString(16)}${CONNECT_BODY.slice(0, CONNECT_BODY.length - 40)}
      s: reset`,
    right: [errors(1), tells(/length/i, 'error'), silent(CASCADE)],
  },
  'packets follow a PUBLISH like this: none is read': {
    seen: `
      c: CONNECT
      s: CONNACK
      c: ${inOneByte('32', `${text('site/gate/status')}0007${raw('x'.repeat(150))}`)} | PINGREQ | PUBLISH q1 #9 a 1
      c: PINGREQ
      c: PUBLISH q1 #8 a 1
      s: close
      c: close`,
    right: [errors(1), tells(/length/i, 'error'), silent(CASCADE), reads(3)],
  },
  'a broker that has its length of a PUBLISH in one byte: one error, on the length': {
    seen: `
      c: CONNECT
      s: CONNACK
      c: SUBSCRIBE #1 site/#
      s: SUBACK #1 0
      s: ${inOneByte('30', PUBLISH_BODY)} | PINGRESP
      c: close
      s: close`,
    right: [errors(1), tells(/length/i, 'error'), silent(CASCADE)],
  },
  'large requests with any packet id: nothing to say': {
    seen: `
      c: CONNECT
      s: CONNACK
      ${[1, 255, 256, 4660, 32896, 65535].map(id => `c: SUBSCRIBE #${id} ${'site/'.repeat(26)}a\ns: SUBACK #${id} 0`).join('\n')}
      c: bye`,
    right: [calm, reads(15)],
  },
  'the length of CONNACK takes more bytes than it needs: told, and no error in 3.1.1': {
    seen: `
      c: CONNECT id=ada
      s: HEX 2082000000
      +1s
      c: close
      s: close`,
    right: [tells(/length/i), noError],
  },
  'the length of CONNACK takes more bytes than it needs in 5.0: an error [MQTT-1.5.5-1]': {
    seen: `
      v5
      c: CONNECT id=ada
      s: HEX 208300000000
      +1s
      c: bye`,
    right: [tells(/1\.5\.5-1/, 'error'), errors(1)],
  },
  'a length goes on for five bytes: one error, on the length': {
    seen: `
      c: CONNECT
      s: CONNACK
      c: HEX 30ffffffff7f0001610000
      s: close
      c: close`,
    right: [errors(1), tells(/length/i, 'error'), silent(CASCADE)],
  },
  'lengths of 128, 16,383 and 16,384 in as many bytes as they need: nothing to say': {
    seen: `
      c: CONNECT
      s: CONNACK
      c: PUBLISH a size=125
      c: PUBLISH a size=16380
      c: PUBLISH a size=16381
      c: bye`,
    right: [calm, reads(6)],
  },
  'a length that is too small by two: the rest is no packet, and one error says so': {
    seen: `
      c: CONNECT
      s: CONNACK
      c: HEX 3003000161 7879
      s: close
      c: close`,
    right: [errors(1)],
  },
})
