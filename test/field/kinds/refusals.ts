/** Refusals are what people look for first: codes from 0x80 on are among the findings, in words, and are nobody's error. */
import { calm, noError, silent, tells } from '../claims.ts'
import { kind, type Situation } from '../kind.ts'

const refused = (seen: string, words: RegExp): Situation => ({ seen, right: [tells(words), noError] })

const entered = (version: 4 | 5, rest: string): string =>
  `v${version}\nc: CONNECT id=robot\ns: CONNACK\n${rest}\n+1s\nc: bye`

kind('refusals', {
  'CONNACK with return code 5 in 3.1.1: told as not authorized': refused(
    'c: CONNECT id=x password=wrong\ns: CONNACK 5\ns: close\nc: close',
    /not authori[sz]ed/i,
  ),
  'CONNACK with return code 4 in 3.1.1: told as a bad user name or password': refused(
    'c: CONNECT id=x password=wrong\ns: CONNACK 4\ns: close\nc: close',
    /bad user ?name or password/i,
  ),
  'CONNACK with 0x87 in 5.0 and a reason: told as not authorized, with the reason': refused(
    'v5\nc: CONNECT id=x\ns: CONNACK 0x87 reason=by-rule-17\ns: close\nc: close',
    /not authori[sz]ed.*by-rule-17/i,
  ),
  'CONNACK with 0x9C and a Server Reference: told, with the reference': refused(
    'v5\nc: CONNECT id=x\ns: CONNACK 0x9c reference=other.example:1883\ns: close\nc: close',
    /use another server.*other\.example:1883/i,
  ),
  'CONNACK with return code 3 in 3.1.1, again and again: told as unavailable': refused(
    [1, 2, 3].map(n => `c${n}: CONNECT id=x\ns${n}: CONNACK 3\ns${n}: close\nc${n}: close\n+5s`).join('\n'),
    /unavailable/i,
  ),
  'SUBACK with 0x80 for the second of two filters in 3.1.1: told, with the filter': refused(
    entered(4, 'c: SUBSCRIBE #1 a:1 secret/#:1\ns: SUBACK #1 1 0x80'),
    /refus.*secret\/#|secret\/#.*refus/i,
  ),
  'SUBACK with 0x87 in 5.0: told as not authorized': refused(
    entered(5, 'c: SUBSCRIBE #1 secret/#:1\ns: SUBACK #1 0x87'),
    /not authori[sz]ed|0x87/i,
  ),
  'SUBACK with 0x9E, Shared Subscriptions not supported: told': refused(
    entered(5, 'c: SUBSCRIBE #1 $share/g/a:1\ns: SUBACK #1 0x9e'),
    /shared subscriptions not supported|0x9e/i,
  ),
  'UNSUBACK with 0x83: told': refused(
    entered(5, 'c: SUBSCRIBE #1 a:1\ns: SUBACK #1 1\nc: UNSUBSCRIBE #2 a\ns: UNSUBACK #2 0x83'),
    /implementation specific|0x83/i,
  ),
  'PUBACK with 0x87: told as not authorized': refused(
    entered(5, 'c: PUBLISH q1 #7 secret/x 1\ns: PUBACK #7 0x87'),
    /not authori[sz]ed|0x87/i,
  ),
  'PUBACK with 0x97 and a reason: told as a quota': refused(
    entered(5, 'c: PUBLISH q1 #7 a 1\ns: PUBACK #7 0x97 reason=too-much'),
    /quota exceeded|0x97/i,
  ),
  'PUBREC with 0x91: told': refused(
    entered(5, 'c: PUBLISH q2 #29 ok x\ns: PUBREC #29 0x91'),
    /packet identifier in use|0x91/i,
  ),
  'PUBREC of the client with 0x99: told': refused(
    entered(5, 'c: SUBSCRIBE #1 a:2\ns: SUBACK #1 2\ns: PUBLISH q2 #3 format=1 a x\nc: PUBREC #3 0x99'),
    /payload format invalid|0x99/i,
  ),
  'AUTH ends in CONNACK with 0x8C, Bad authentication method: told': refused(
    'v5\nc: CONNECT id=x method=M\ns: CONNACK 0x8c\ns: close\nc: close',
    /bad authentication method|0x8c/i,
  ),
  'the broker ends the connection with 0x98, Administrative action: told': refused(
    'v5\nc: CONNECT id=x\ns: CONNACK\n+5s\ns: DISCONNECT 0x98\ns: close\nc: close',
    /administrative action|0x98/i,
  ),
  'no matching subscribers, 0x10: no refusal': {
    seen: entered(
      5,
      `c: PUBLISH q1 #1 t x
       s: PUBACK #1 0x10
       c: PUBLISH q1 #2 t x
       s: HEX 400400021000
       c: PUBLISH q1 #3 t x
       s: PUBACK #3 0x10 reason=No-matching-subscribers`,
    ),
    right: [calm, silent(/refus/i)],
  },
  'a lower QoS is granted than asked for: no refusal': {
    seen: entered(4, 'c: SUBSCRIBE #1 a:2\ns: SUBACK #1 0'),
    right: [calm, silent(/refus/i)],
  },
  'PUBCOMP with 0x92, Packet Identifier not found, after a resumed session: no refusal of a message': {
    seen: `
      v5
      c: CONNECT id=q2 keep expiry=300
      s: CONNACK
      c: PUBLISH q2 #1 a 1
      s: PUBREC #1
      c: PUBREL #1
      c: reset
      +3s
      c2: CONNECT id=q2 keep expiry=300
      s2: CONNACK present
      c2: PUBREL #1
      s2: PUBCOMP #1 0x92
      +1s
      c2: bye`,
    right: [calm],
  },
})
