/** The same frame more than once, or the same stream on both sides of a translation: one conversation, each message once. */
import { brings, type Claim, calm, completes, found, noError, reads, silent, tells, that } from '../claims.ts'
import { kind, times } from '../kind.ts'
import { any, bothSidesOfRouter, bridgeAndCable, translated, unnumberedTwice, vlanAndUntagged } from '../points.ts'

const TALK = `
  c: CONNECT id=a keepalive=10 will=w:off
  s: CONNACK
  c: SUBSCRIBE #1 t/#:2
  s: SUBACK #1 2
  ${times(
    3,
    n => `
      c: PUBLISH q2 #${n} t/a ${n}
      s: PUBREC #${n}
      c: PUBREL #${n}
      s: PUBCOMP #${n}
      s: PUBLISH q2 #${n} t/a ${n}
      c: PUBREC #${n}
      s: PUBREL #${n}
      c: PUBCOMP #${n}
      +9s
      c: PINGREQ
      s: PINGRESP`,
  )}
  c: bye`

const AGAIN = `
  c: CONNECT id=a
  s: CONNACK
  c: PUBLISH q1 #1 a 1
  +1s
  c: again
  s: PUBACK #1
  c: bye`

const retransmits = (count: number): Claim =>
  that(`${count} retransmissions`, verdict => {
    const { retransmissions = 0 } = verdict.stats.tcp as { retransmissions?: number }
    return retransmissions === count
  })

const once = [calm, brings('t/a 1', 't/a 2', 't/a 3'), completes(6, 'qos2')]
const TWICE = /twice|same conversation|same stream|copy of|translat|\bNAT\b/i

kind('copies-of-frames', {
  'a VLAN and an untagged port, both mirrored: no retransmissions, each message once': {
    seen: TALK,
    point: vlanAndUntagged,
    right: [...once, retransmits(0)],
  },
  'the cable of a container and its bridge: no retransmissions, each message once': {
    seen: TALK,
    point: bridgeAndCable,
    right: [...once, retransmits(0)],
  },
  "Linux' any, where a frame leaves one interface and enters another: no retransmissions, each message once": {
    seen: TALK,
    link: 113,
    point: any,
    right: [...once, retransmits(0)],
  },
  'both sides of a router: no retransmissions, each message once': {
    seen: TALK,
    point: bothSidesOfRouter,
    right: [...once, retransmits(0)],
  },
  'copies that come after the answers: no retransmissions, each message once': {
    seen: TALK,
    echo: 3,
    right: [...once, retransmits(0)],
  },
  'frames without identification, twice: no retransmissions, each message once': {
    seen: TALK,
    point: unnumberedTwice,
    right: [...once, retransmits(0)],
  },
  'TCP sends a segment without identification again after a second: one retransmission': {
    seen: AGAIN,
    point: ip => unnumberedTwice(ip).slice(1),
    right: [calm, retransmits(1), brings('a 1')],
  },
  'copies of a retransmission: one retransmission': {
    seen: AGAIN,
    point: bridgeAndCable,
    right: [calm, retransmits(1), brings('a 1')],
  },
  'copies that come after a reset: nothing is said of data after it': {
    seen: `
      c: CONNECT id=a
      s: CONNACK
      c: PUBLISH a 1
      c: reset`,
    echo: 3,
    right: [calm, retransmits(0), silent(/data_after_rst/), brings('a 1')],
  },
  'a snap length, and frames twice: no retransmissions': {
    seen: TALK,
    point: vlanAndUntagged,
    snap: 64,
    right: [retransmits(0), noError],
  },
  'TCP sends a segment again, with another identification: one retransmission, and one message': {
    seen: AGAIN,
    right: [calm, retransmits(1), brings('a 1'), completes(1, 'qos1')],
  },
  'the address of the broker is translated, and both sides are captured: told, each message once': {
    seen: TALK,
    point: translated({ server: '198.51.100.2' }),
    right: [...once, tells(TWICE)],
  },
  'both addresses and the port are translated, and both sides are captured: told, each message once': {
    seen: TALK,
    point: translated({ client: { host: '198.51.100.9', port: 61_234 }, server: '198.51.100.2' }),
    right: [...once, tells(TWICE)],
  },
  'an address is translated, and the capture begins in the middle: told, each message once': {
    seen: `c stands\n${TALK}`,
    point: translated({ server: '198.51.100.2' }),
    right: [...once, tells(TWICE)],
  },
  'an address is translated, and a snap length cuts: told, each packet once': {
    seen: TALK,
    point: translated({ client: { host: '198.51.100.9', port: 61_234 }, server: '198.51.100.2' }),
    snap: 66,
    right: [tells(TWICE), reads(35)],
  },
  'an address is translated, and the broker resets: told, each message once': {
    seen: `
      c: CONNECT id=a
      s: CONNACK
      c: PUBLISH a 1
      s: reset`,
    point: translated({ server: '198.51.100.2' }),
    right: [calm, tells(TWICE), brings('a 1')],
  },
  'two clients with the same sequence numbers that say different things: two conversations': {
    // The second connection of a stage begins 1,000 numbers behind the first one: one of them at another host is made equal.
    seen: `
      c from 192.0.2.21:50001
      c2 from 192.0.2.22:50002
      c: CONNECT id=one
      s: CONNACK
      c2: CONNECT id=two
      s2: CONNACK
      c: PUBLISH q1 #1 t 1
      s: PUBACK #1
      c2: PUBLISH q1 #1 t 2
      s2: PUBACK #1
      c: bye
      c2: bye`,
    right: [calm, brings('t 1', 't 2'), that('nobody calls them one', verdict => found(verdict, TWICE).length === 0)],
  },
})
