/** What is not MQTT and comes to its port is told once and passed over (a client begins with CONNECT: [MQTT-3.1.0-1]). */
import { four, raw, two } from '../../support/hex.ts'
import { noError, reads, shows, tells, that } from '../claims.ts'
import { kind, times } from '../kind.ts'

const line = (text: string): string => `HEX ${raw(`${text}\r\n`)}`

/** Nothing is made of it, and it is told once: as a finding, or as a row of bytes passed over, for each side at most. */
const toldOnce = that('it is told once', verdict => {
  const rows = verdict.text.split('\n').filter(row => / SKIPPED /.test(row)).length
  const grave = verdict.findings.filter(({ level }) => level !== 'note').length
  return grave <= 1 && rows <= 2 && verdict.findings.length <= 2 && rows + verdict.findings.length > 0
})
const isPassedOver = [reads(0), toldOnce]

/** Read Holding Registers of Modbus/TCP, and its answer. */
const modbus = (turn: number): string =>
  `c: HEX ${two(turn)}00000006010300000002\ns: HEX ${two(turn)}0000000701030400ff${two(turn)}`

kind('other-protocols', {
  'Redis, as a person types it: told once and passed over': {
    seen: times(
      20,
      n => `c: ${line(n % 3 === 0 ? `SET key ${n}` : 'PING')}\ns: ${line(n % 3 === 0 ? '+OK' : '+PONG')}`,
    ),
    right: isPassedOver,
  },
  'Redis, as its libraries write it: told once and passed over': {
    seen: times(20, n => `c: HEX ${raw('*2\r\n$3\r\nGET\r\n$3\r\nkey\r\n')}\ns: HEX ${raw(`$2\r\n${10 + n}\r\n`)}`),
    right: isPassedOver,
  },
  'INFO, and an answer of many lines: told once and passed over': {
    seen: `
      c: ${line('INFO')}
      s: HEX ${raw(`$1200\r\n# Server\r\n${'redis_mode:standalone\r\n'.repeat(50)}`)}
      c: ${line('QUIT')}
      s: ${line('+OK')}
      c: close
      s: close`,
    right: isPassedOver,
  },
  'two hundred requests of Modbus: told once and passed over': {
    seen: times(200, modbus),
    right: isPassedOver,
  },
  'Modbus, and the capture begins in the middle: told once and passed over': {
    seen: `c stands\n${times(100, n => modbus(n + 300))}`,
    right: isPassedOver,
  },
  'AMQP: told once and passed over': {
    seen: `
      c: HEX ${raw('AMQP')}00000901
      s: HEX ${raw('AMQP')}00000901
      ${times(10, n => `c: HEX 0100010000000a${four(n)}${'00'.repeat(6)}ce`)}
      c: close
      s: close`,
    right: isPassedOver,
  },
  'mail: told once and passed over': {
    seen: `
      s: ${line('220 mail.example ESMTP')}
      c: ${line('EHLO client.example')}
      s: ${line('250-mail.example')}
      c: ${line('MAIL FROM:<a@example.com>')}
      s: ${line('250 OK')}
      c: ${line('QUIT')}
      s: ${line('221 Bye')}
      c: close
      s: close`,
    right: isPassedOver,
  },
  'zeros: told once and passed over': {
    seen: times(30, () => `c: HEX ${'00'.repeat(64)}\ns: HEX ${'00'.repeat(16)}`),
    right: isPassedOver,
  },
  'TLS on the port of MQTT: it has its name, and nobody erred': {
    seen: `
      c: HEX 16030100c8010000c40303${'5a'.repeat(195)}
      +100ms
      s: HEX 15030100020228
      s: close`,
    right: [reads(0), noError, shows(/TLS/)],
  },
  'HTTP on the port of MQTT: it has its name, and nobody erred': {
    seen: `
      c: HEX ${raw('GET /mqtt HTTP/1.1\r\nHost: broker.example\r\n\r\n')}
      s: HEX ${raw('HTTP/1.1 400 Bad Request\r\n\r\n')}
      s: close`,
    right: [reads(0), noError, shows(/HTTP/)],
  },
  'a client of MQTT that begins with PUBLISH: read, and an error [MQTT-3.1.0-1]': {
    seen: `
      c: PUBLISH q1 #1 site/gate open
      s: PUBACK #1
      c: PINGREQ
      s: PINGRESP
      c: bye`,
    right: [reads(5), tells(/3\.1\.0-1|connect\.missing/, 'error')],
  },
})
