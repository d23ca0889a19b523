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
  'a database that speaks first: told once and passed over': {
    seen: `
      s: HEX 4a0000000a${raw('8.0.36')}00${'11'.repeat(60)}
      c: HEX 2000000185a6ff0900000001${'00'.repeat(23)}
      s: HEX 0700000200000002000000
      ${times(10, () => `c: HEX 0f00000003${raw('select * from t')}`)}
      c: close
      s: close`,
    right: isPassedOver,
  },
  'PostgreSQL: told once and passed over': {
    seen: `
      c: HEX 0000002300030000${raw('user')}00${raw('postgres')}00${raw('database')}0000
      s: HEX 520000000800000000
      ${times(10, () => `c: HEX 5100000010${raw('select 1;')}00`)}
      c: close`,
    right: isPassedOver,
  },
  'noise of which frames are lost: told once and passed over': {
    seen: times(
      40,
      n => `c: ${n % 7 === 0 ? 'lost ' : ''}HEX ${two(n * 1543)}a1b2c3d4e5f6\ns: HEX 7f${two(n * 977)}00`,
    ),
    right: [...isPassedOver, that('no gap is told', verdict => !/ GAP /.test(verdict.text))],
  },
  'Redis, byte by byte: told once and passed over': {
    seen: times(30, n => `c: HEX ${raw('PING\r\n'.charAt(n % 6) || 'P')}`),
    right: isPassedOver,
  },
  'Redis, of which the server alone was captured: told once and passed over': {
    seen: times(10, () => `c: ${line('PING')}\ns: ${line('+PONG')}`),
    hears: 'broker',
    right: [reads(0), noError, that('it is told', verdict => / SKIPPED /.test(verdict.text))],
  },
  'a broker answers with nonsense to CONNECT: that is told of the broker, and CONNECT is read': {
    seen: `
      c: CONNECT id=ada
      s: HEX 00ff00ff
      s: close
      c: close`,
    right: [tells(/malformed/, 'error'), shows(/CONNECT/)],
  },
  'the protocol of a CONNECT has another name: read, and an error on the name': {
    seen: `
      c: HEX 100d00054d515454580402003c0000
      s: close
      c: close`,
    right: [reads(1), tells(/3\.1\.2-1|protocol_name/, 'error')],
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
