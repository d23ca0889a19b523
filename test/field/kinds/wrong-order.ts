/** Directions saved in the wrong order: the acknowledgement number tells which segment its sender had seen. */
import { calm, completes, noError, noneAbandoned, silent, tells } from '../claims.ts'
import { kind, times } from '../kind.ts'

kind('wrong-order', {
  'an id is used again in front of its PUBACK: it was free': {
    seen: `
      c: CONNECT
      s: CONNACK
      c: SUBSCRIBE #1 a:1
      s: SUBACK #1 1
      s: PUBLISH q1 #1 a 1
      c: late PUBACK #1
      s: PUBLISH q1 #1 a 22
      c: PUBACK #1
      +1s
      c: bye`,
    right: [calm, completes(2, 'qos1')],
  },
  'CONNACK in front of CONNECT: it is not missed, and CONNECT came first': {
    seen: `
      c: late CONNECT
      s: CONNACK
      c: PUBLISH a 1
      +1s
      c: bye`,
    right: [noError, completes(1, 'connect'), silent(/waits for CONNACK|3\.1\.0-1|3\.2\.0/)],
  },
  'three packets in front of CONNECT: it came first': {
    seen: `
      c: late 3 CONNECT
      s: CONNACK
      c: SUBSCRIBE #1 a:1
      s: SUBACK #1 1
      +1s
      c: bye`,
    right: [calm, completes(1, 'connect'), completes(1, 'subscribe')],
  },
  'SUBACK in front of SUBSCRIBE: it answers it': {
    seen: `
      c: CONNECT
      s: CONNACK
      c: late SUBSCRIBE #1 a:1
      s: SUBACK #1 1
      +1s
      c: bye`,
    right: [calm, completes(1, 'subscribe')],
  },
  'UNSUBACK in front of UNSUBSCRIBE: it answers it': {
    seen: `
      v5
      c: CONNECT
      s: CONNACK
      c: SUBSCRIBE #1 a:1
      s: SUBACK #1 1
      c: late UNSUBSCRIBE #2 a
      s: UNSUBACK #2 0
      +1s
      c: bye`,
    right: [calm, completes(1, 'unsubscribe')],
  },
  'PINGRESP in front of PINGREQ: it answers it': {
    seen: `
      c: CONNECT keepalive=60
      s: CONNACK
      +50s
      c: late PINGREQ
      s: PINGRESP
      +1s
      c: bye`,
    right: [calm, completes(1, 'ping')],
  },
  'QoS 2 with both answers in front of what they answer: whole': {
    seen: `
      c: CONNECT
      s: CONNACK
      c: late PUBLISH q2 #1 a 1
      s: PUBREC #1
      c: late PUBREL #1
      s: PUBCOMP #1
      +1s
      c: bye`,
    right: [calm, completes(1, 'qos2'), noneAbandoned],
  },
  'each of twenty acknowledgements in front of its message: all are whole': {
    seen: `
      c: CONNECT
      s: CONNACK
      c: SUBSCRIBE #1 t:1
      s: SUBACK #1 1
      ${times(20, n => `s: late PUBLISH q1 #${n} t ${n}\nc: PUBACK #${n}`)}
      +1s
      c: bye`,
    right: [calm, completes(20, 'qos1'), noneAbandoned],
  },
  'the next message in front of PUBACK: a Receive Maximum of 1 is kept': {
    seen: `
      v5
      c: CONNECT receive=1
      s: CONNACK
      c: SUBSCRIBE #1 a:1
      s: SUBACK #1 1
      ${times(5, n => `s: PUBLISH q1 #${n} a ${n}\nc: late PUBACK #${n}`)}
      s: PUBLISH q1 #6 a 6
      c: PUBACK #6
      +1s
      c: bye`,
    right: [calm, completes(6, 'qos1')],
  },
  'DISCONNECT in front of the last PUBACK: it had come': {
    seen: `
      c: CONNECT
      s: CONNACK
      c: PUBLISH q1 #1 a 1
      s: late PUBACK #1
      c: DISCONNECT
      c: close
      s: close`,
    right: [calm, completes(1, 'qos1')],
  },
  'two segments of one direction change places: TCP puts them in order': {
    seen: `
      c: CONNECT
      s: CONNACK
      c: SUBSCRIBE #1 a:1
      s: SUBACK #1 1
      s: late PUBLISH q1 #1 a 1
      s: PUBLISH q1 #2 a 2
      c: PUBACK #1
      c: PUBACK #2
      +1s
      c: bye`,
    right: [calm, completes(2, 'qos1')],
  },
  'PUBACK is sent before the message, as its acknowledgement number shows: it acknowledges nothing': {
    seen: `
      c: CONNECT
      s: CONNACK
      c: SUBSCRIBE #1 a:1
      s: SUBACK #1 1
      c: PUBACK #9
      +1s
      s: PUBLISH q1 #9 a 1
      +1s
      c: PUBACK #9
      c: bye`,
    right: [tells(/2\.3\.1-6/, 'warning'), completes(1, 'qos1')],
  },
})
