/** Receive Maximum begins anew with each connection (5.0 §4.9). */
import { calm, noError, silent, tells } from '../claims.ts'
import { kind, times } from '../kind.ts'

const RESUMED = 'keep expiry=300'

kind('receive-maximum', {
  'PUBREL of a resumed session does not count against that of the client': {
    seen: `
      v5
      c: CONNECT id=rm ${RESUMED} receive=2
      s: CONNACK
      c: SUBSCRIBE #1 a:2
      s: SUBACK #1 2
      s: PUBLISH q2 #1 a 1 | PUBLISH q2 #2 a 2
      c: PUBREC #1 | PUBREC #2
      s: PUBREL #1 | PUBREL #2
      c: reset
      +2s
      c2: CONNECT id=rm ${RESUMED} receive=2
      s2: CONNACK present
      s2: PUBREL #1 | PUBREL #2
      s2: PUBLISH q1 #3 a 3
      c2: PUBCOMP #1 | PUBCOMP #2 | PUBACK #3
      +2s
      c2: bye`,
    right: [noError],
  },
  'PUBREL of a resumed session does not count against that of the broker': {
    seen: `
      v5
      c: CONNECT id=rm ${RESUMED}
      s: CONNACK receive=1
      c: PUBLISH q2 #1 a 1
      s: PUBREC #1
      c: reset
      +2s
      c2: CONNECT id=rm ${RESUMED}
      s2: CONNACK present receive=1
      c2: PUBREL #1 | PUBLISH q1 #2 a 2
      s2: PUBCOMP #1 | PUBACK #2
      +2s
      c2: bye`,
    right: [noError],
  },
  'a message sent again in a resumed session counts: with a new one it is one too many': {
    seen: `
      v5
      c: CONNECT id=rm ${RESUMED} receive=1
      s: CONNACK
      c: SUBSCRIBE #1 a:1
      s: SUBACK #1 1
      s: PUBLISH q1 #1 a 1
      c: reset
      +2s
      c2: CONNECT id=rm ${RESUMED} receive=1
      s2: CONNACK present
      s2: PUBLISH q1 #1 dup a 1
      s2: PUBLISH q1 #2 a 2
      c2: PUBACK #1 | PUBACK #2
      +2s
      c2: bye`,
    right: [tells(/3\.3\.4-9/, 'error')],
  },
  'a message that waits in the session and is not sent again yet does not count': {
    seen: `
      v5
      c: CONNECT id=rm ${RESUMED} receive=10
      s: CONNACK
      c: SUBSCRIBE #1 a:1
      s: SUBACK #1 1
      ${times(5, n => `s: PUBLISH q1 #${n} a ${n}`)}
      c: reset
      +2s
      c2: CONNECT id=rm ${RESUMED} receive=2
      s2: CONNACK present
      s2: PUBLISH q1 #1 dup a 1 | PUBLISH q1 #2 dup a 2
      c2: PUBACK #1 | PUBACK #2
      s2: PUBLISH q1 #3 dup a 3 | PUBLISH q1 #4 dup a 4
      c2: PUBACK #3 | PUBACK #4
      s2: PUBLISH q1 #5 dup a 5
      c2: PUBACK #5
      +2s
      c2: bye`,
    right: [noError],
  },
  'two messages at once against a Receive Maximum of 1, answered with 0x97: the client exceeded it': {
    seen: `
      v5
      c: CONNECT id=rm
      s: CONNACK receive=1
      c: PUBLISH q2 #1 a 1 | PUBLISH q2 #2 a 2
      s: PUBREC #1
      s: PUBREC #2 0x97
      c: PUBREL #1
      s: PUBCOMP #1
      +1s
      c: bye`,
    right: [tells(/3\.3\.4-7/, 'error'), tells(/receive[ -]maximum/i)],
  },
  'PUBREC does not free a place, PUBCOMP does: one too many': {
    seen: `
      v5
      c: CONNECT id=rm
      s: CONNACK receive=1
      c: PUBLISH q2 #1 a 1
      s: PUBREC #1
      c: PUBLISH q2 #2 a 2
      s: PUBREC #2
      c: PUBREL #1 | PUBREL #2
      s: PUBCOMP #1 | PUBCOMP #2
      +1s
      c: bye`,
    right: [tells(/3\.3\.4-7/, 'error')],
  },
  'PUBREC with a refusal frees its place': {
    seen: `
      v5
      c: CONNECT id=rum
      s: CONNACK receive=1
      ${times(3, n => `c: PUBLISH q2 #${n} no x\ns: PUBREC #${n} 0x87`)}
      c: PUBLISH q2 #4 ok x
      s: PUBREC #4
      c: PUBREL #4
      s: PUBCOMP #4
      c: bye`,
    right: [noError],
  },
  'messages at QoS 0 do not count': {
    seen: `
      v5
      c: CONNECT
      s: CONNACK receive=1
      c: PUBLISH q1 #1 a 1
      ${times(5, n => `c: PUBLISH a ${n}`)}
      s: PUBACK #1
      c: bye`,
    right: [calm],
  },
  'without a property it is 65,535: three hundred at once are allowed': {
    seen: `
      v5
      c: CONNECT
      s: CONNACK
      ${times(300, n => `c: PUBLISH q1 #${n} a ${n}`)}
      ${times(300, n => `s: PUBACK #${n}`)}
      c: bye`,
    right: [calm],
  },
  'PUBACK and the next message cross on the wire: the sender had a place': {
    seen: `
      v5
      c: CONNECT
      s: CONNACK receive=2
      c: PUBLISH q1 #1 a 1
      c: PUBLISH q1 #2 a 2
      s: PUBACK #1
      c: PUBLISH q1 #3 a 3
      s: PUBACK #2 | PUBACK #3
      c: bye`,
    right: [calm],
  },
  '3.1.1 has no Receive Maximum: any number may be under way': {
    seen: `
      c: CONNECT
      s: CONNACK
      ${times(50, n => `c: PUBLISH q1 #${n} a ${n}`)}
      ${times(50, n => `s: PUBACK #${n}`)}
      c: bye`,
    right: [calm, silent(/receive[ -]maximum/i)],
  },
})
