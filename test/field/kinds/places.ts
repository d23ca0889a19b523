/** Where a finding stands: at the field that it is about, and at no field where it is about a packet or a conversation. */
import { raw } from '../../support/hex.ts'
import { type Claim, calm, describes, silent, tells, that } from '../claims.ts'
import { kind, times } from '../kind.ts'

/** A mark inside the fixed header, down to the remaining length. */
const MARKED = /Fixed header\n(?:(?!\s+Remaining length).*\n)*?\s+[✗!i] [A-Za-z]/

const unmarked: Claim = that('no flag is marked', verdict => !MARKED.test(verdict.details))
const marked: Claim = that('the flags are marked', verdict => MARKED.test(verdict.details))

kind('places', {
  'a SUBSCRIBE whose id is in use: its flags 0010 are right, and have no mark': {
    seen: `
      c: CONNECT
      s: CONNACK
      c: SUBSCRIBE #1 a:1
      c: SUBSCRIBE #1 b:1
      s: SUBACK #1 1`,
    right: [tells(/2\.3\.1-2/, 'error'), unmarked],
  },
  'a message above the Receive Maximum: its flags are right, and have no mark': {
    seen: `
      v5
      c: CONNECT
      s: CONNACK receive=1
      c: PUBLISH q1 #1 a 1
      c: PUBLISH q1 #2 a 2
      s: PUBACK #1 | PUBACK #2`,
    right: [tells(/3\.3\.4-7/, 'error'), unmarked],
  },
  'a second CONNECT: its flags are right, and have no mark': {
    seen: `
      c: CONNECT
      s: CONNACK
      c: CONNECT
      s: close`,
    right: [tells(/3\.1\.0-2/, 'error'), unmarked],
  },
  'an answer to nothing: its flags are right, and have no mark': {
    seen: `
      c: CONNECT
      s: CONNACK
      c: PUBACK #9
      c: bye`,
    right: [tells(/2\.3\.1-6/), unmarked],
  },
  'a SUBSCRIBE with flags 0000: they are marked': {
    seen: `
      c: CONNECT
      s: CONNACK
      c: HEX 8006 0001 0001 61 00
      s: close`,
    right: [tells(/3\.8\.1-1/, 'error'), marked],
  },
  'a CONNECT whose TCP handshake was not captured: the start of a connection': {
    seen: `
      c stands
      c: CONNECT id=begun
      s: CONNACK
      c: PUBLISH q1 #1 a 1
      s: PUBACK #1
      c: bye`,
    right: [calm, silent(/mid.?stream|stood before/i), describes('begun', /CONNECT is packet 1/)],
  },
  'a CONNECT whose TCP handshake was not captured, and an alias that nobody set: an error': {
    seen: `
      v5
      c stands
      c: CONNECT id=begun
      s: CONNACK aliasMaximum=5
      c: PUBLISH alias=1 - 1
      s: DISCONNECT 0x82
      s: close`,
    right: [silent(/mid.?stream|stood before/i), tells(/3\.3\.2-7/, 'error')],
  },
  'no CONNECT, and no TCP handshake: a connection that stood before': {
    seen: `
      c stands
      ${times(3, n => `c: PUBLISH q1 #${n} a ${n}\ns: PUBACK #${n}`)}
      c: bye`,
    right: [calm, tells(/mid.?stream|stood before/i, 'note')],
  },
  'the rest of a packet from before the capture, then a CONNECT on new ports: one stood, one begins': {
    seen: `
      c stands
      c: HEX ${raw('the end of something')}
      ${times(4, n => `c: PUBLISH q1 #${n} a ${n}\ns: PUBACK #${n}`)}
      c2: CONNECT id=begun
      s2: CONNACK
      c2: bye
      c: bye`,
    right: [
      calm,
      that('one note', verdict => verdict.findings.filter(({ id }) => id === 'capture.mid_stream').length === 1),
    ],
  },
})
