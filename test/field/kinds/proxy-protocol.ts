/** A load balancer puts a PROXY head in front of CONNECT: it is stepped over, and its addresses are facts (HAProxy's PROXY protocol, 2.1 and 2.2). */
import { raw } from '../../support/hex.ts'
import { calm, describes, noError, reads, shows, tells, that } from '../claims.ts'
import { kind } from '../kind.ts'

const TALK = `
  s: CONNACK
  c: PUBLISH a 1
  +1s
  c: bye`

const SIGNATURE = '0d0a0d0a000d0a515549540a'
const CLIENT = '198.51.100.7'
/** 198.51.100.7:56324 → 192.0.2.1:1883. */
const IP4 = 'c6336407 c0000201 dc04 075b'.replaceAll(' ', '')
const IP6 = `20010db8${'0'.repeat(23)}7${'20010db8'}${'0'.repeat(23)}1dc04075b`

const isRead = that('CONNECT behind it is read', verdict => verdict.sessions.some(({ client }) => client === 'px'))
const knows = (address: string) =>
  that(`${address} is a fact of the connection`, verdict => JSON.stringify(verdict.sessions).includes(address))

/** A display filter on the address shows each packet of the connection, on screens and in text. */
const isFound = (address: string, packets: number) =>
  that(`a filter finds ${address}`, async verdict => {
    const filter = `mqtt.client_address == "${address}"`
    const { printed } = await verdict.ran(filter)
    return verdict.shown(filter).length === packets && printed.split('\n').length === packets + 1
  })

const first = (head: string): string => `c: HEX ${head} | CONNECT id=px\n${TALK}`

kind('proxy-protocol', {
  'version 1 with IPv4 in front of CONNECT: stepped over, and the client has its address': {
    seen: first(raw(`PROXY TCP4 ${CLIENT} 192.0.2.1 56324 1883\r\n`)),
    right: [
      isRead,
      noError,
      knows(CLIENT),
      isFound(`${CLIENT}:56324`, 4),
      describes('px', /from 198\.51\.100\.7:56324 as the PROXY head says/),
    ],
  },
  'version 1 with IPv6: stepped over, and the client has its address': {
    seen: first(raw('PROXY TCP6 2001:db8::7 2001:db8::1 56324 1883\r\n')),
    right: [isRead, calm, knows('2001:db8::7')],
  },
  'version 1 that knows no addresses: stepped over': {
    seen: first(raw('PROXY UNKNOWN\r\n')),
    right: [isRead, calm],
  },
  'version 1 in a segment of its own: stepped over': {
    seen: `
      c: HEX ${raw(`PROXY TCP4 ${CLIENT} 192.0.2.1 56324 1883\r\n`)}
      c: CONNECT id=px
      ${TALK}`,
    right: [isRead, calm, knows(CLIENT)],
  },
  'version 2 with IPv4: stepped over, and the client has its address': {
    seen: first(`${SIGNATURE}2111000c${IP4}`),
    right: [isRead, calm, knows(CLIENT)],
  },
  'version 2 with IPv6: stepped over, and the client has its address': {
    seen: first(`${SIGNATURE}21210024${IP6}`),
    right: [isRead, calm, knows('2001:db8::7')],
  },
  'version 2 of the balancer itself (LOCAL): stepped over': {
    seen: first(`${SIGNATURE}20000000`),
    right: [isRead, calm],
  },
  'version 2 with more facts behind the addresses: stepped over with them': {
    // PP2_TYPE_AUTHORITY and PP2_TYPE_UNIQUE_ID.
    seen: first(`${SIGNATURE}2111001f${IP4}020006${raw('broker')}050007${raw('conn-17')}`),
    right: [isRead, calm, knows(CLIENT)],
  },
  'version 2 of a UNIX socket: stepped over, and its path is the address': {
    seen: first(`${SIGNATURE}213100d8${raw('/run/app').padEnd(216, '0')}${raw('/run/mqtt').padEnd(216, '0')}`),
    right: [isRead, calm, knows('/run/app')],
  },
  'version 2, and the SYN was not captured: stepped over': {
    seen: `c stands\n${first(`${SIGNATURE}2111000c${IP4}`)}`,
    right: [isRead, calm, knows(CLIENT)],
  },
  'two balancers: the address is that of the client behind both': {
    seen: first(
      raw('PROXY TCP4 203.0.113.5 192.0.2.1 1000 1883\r\n') + raw(`PROXY TCP4 ${CLIENT} 203.0.113.5 56324 1883\r\n`),
    ),
    right: [isRead, calm, knows(CLIENT)],
  },
  'the head comes byte by byte: stepped over': {
    seen: `
      ${[...raw('PROXY TCP4 198.51.100.7 192.0.2.1 5 6\r\n').matchAll(/../g)].map(([byte]) => `c: HEX ${byte}`).join('\n')}
      c: CONNECT id=px
      ${TALK}`,
    right: [isRead, calm, knows(CLIENT)],
  },
  'a family that does not exist: told, and CONNECT is read': {
    seen: first(raw('PROXY TCP5 1 2 3 4\r\n')),
    right: [isRead, noError, tells(/PROXY/, 'warning')],
  },
  'version 2 whose addresses do not fit into its length: told, and CONNECT is read': {
    seen: first(`${SIGNATURE}21110004c6336407`),
    right: [isRead, noError, tells(/PROXY/, 'warning')],
  },
  'a line that never ends: told, and nothing behind it is read': {
    seen: `
      c: HEX ${raw(`PROXY TCP4 ${'9'.repeat(200)}`)}
      s: close
      c: close`,
    right: [reads(0), noError, tells(/PROXY/, 'warning')],
  },
  'TLS behind the head: it has its name, and nobody erred': {
    seen: `
      c: HEX ${raw(`PROXY TCP4 ${CLIENT} 192.0.2.1 56324 1883\r\n`)}16030100c8010000c40303${'5a'.repeat(195)}
      s: HEX 15030100020228
      s: close`,
    right: [reads(0), noError, shows(/TLS/)],
  },
  'version 2 cut in the middle by a segment: stepped over': {
    seen: `
      c: cut 9 HEX ${SIGNATURE}2111000c${IP4} | CONNECT id=px
      ${TALK}`,
    right: [isRead, calm, knows(CLIENT)],
  },
})
