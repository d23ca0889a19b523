/** What stands behind the snap length is unknown: no id, alias, filter or topic there is judged. */
import { calm, completes, noneMissing, silent, tells } from '../claims.ts'
import { kind, times } from '../kind.ts'

/** Longer than what is left of a frame of 96 bytes behind the headers. */
const LONG = 'plant/hall-nine/line-seventeen/cell-three/robot-000000000042/joint-six/torque'

kind('snap-length', {
  'payloads go on behind it: they are read as far as they go, and nothing is wrong': {
    snap: 96,
    seen: `
      c: CONNECT id=snap
      s: CONNACK
      ${times(3, n => `c: PUBLISH q1 #${n} a size=600\ns: PUBACK #${n}\n+5s`)}
      c: bye`,
    right: [calm, completes(3, 'qos1')],
  },
  'topics reach behind it: ids, aliases, filters and the Receive Maximum are judged by nobody': {
    snap: 96,
    seen: `
      v5
      c: CONNECT id=snap aliasMaximum=5 receive=2
      s: CONNACK aliasMaximum=5
      c: SUBSCRIBE #1 ${LONG}:1 ${LONG}/x:2
      s: SUBACK #1 1 2
      c: PUBLISH q1 #1 alias=1 ${LONG} 1
      s: PUBACK #1
      c: PUBLISH q1 #2 alias=1 - 2
      s: PUBACK #2
      s: PUBLISH q1 #1 alias=2 ${LONG} 1
      c: PUBACK #1
      s: PUBLISH q1 #2 alias=2 - 2
      c: PUBACK #2
      s: PUBLISH q2 #3 ${LONG}/x 2
      c: PUBREC #3
      s: PUBREL #3
      c: PUBCOMP #3
      +2s
      c: bye`,
    right: [calm],
  },
  'three filters reach behind it: the number of codes in SUBACK is right': {
    snap: 96,
    seen: `
      c: CONNECT
      s: CONNACK
      c: SUBSCRIBE #1 a:1 ${LONG}:1 b/#:0
      s: SUBACK #1 1 1 0
      +2s
      c: bye`,
    right: [calm, silent(/3\.8\.4-5/)],
  },
  'filters of UNSUBSCRIBE reach behind it: the number of codes in UNSUBACK is right': {
    snap: 96,
    seen: `
      v5
      c: CONNECT
      s: CONNACK
      c: SUBSCRIBE #1 ${LONG}:1 b/#:0
      s: SUBACK #1 1 0
      c: UNSUBSCRIBE #2 ${LONG} b/#
      s: UNSUBACK #2 0 0
      c: bye`,
    right: [calm, silent(/3\.11\.3-1/)],
  },
  'a filter behind it: messages on its topics are not without a subscription': {
    snap: 96,
    seen: `
      c: CONNECT
      s: CONNACK
      c: SUBSCRIBE #1 a/with/a/name/that/takes/all/the/room/there/is:1 b/#:1
      s: SUBACK #1 1 1
      +2s
      s: PUBLISH q1 #1 b/1 x
      c: PUBACK #1
      c: bye`,
    right: [calm],
  },
  'the client id reaches behind it: it is neither empty nor missing': {
    snap: 96,
    seen: `
      v5
      c: CONNECT id=a-client-with-a-name-that-is-longer-than-any-frame-of-this-capture keep expiry=100
      s: CONNACK
      c: PUBLISH a 1
      c: bye`,
    right: [calm, silent(/client id|3\.1\.3|3\.2\.2-16/i)],
  },
  'the will is behind it: what is published of it is no will after DISCONNECT': {
    snap: 96,
    seen: `
      c: CONNECT id=watch
      s: CONNACK
      c: SUBSCRIBE #1 state/#:1
      s: SUBACK #1 1
      c2: CONNECT id=d will=state/of-the-device-with-the-long-name-000017:gone willQos=1
      s2: CONNACK
      +5s
      c2: reset
      s: PUBLISH q1 #1 state/of-the-device-with-the-long-name-000017 gone
      c: PUBACK #1
      +3s
      c: bye`,
    right: [calm, silent(/3\.14\.4-3/)],
  },
  'ids of messages at QoS 2 are behind it: the answers are no answers to nothing': {
    snap: 96,
    seen: `
      c: CONNECT
      s: CONNACK
      c: SUBSCRIBE #1 #:2
      s: SUBACK #1 2
      c: PUBLISH q2 #7 ${LONG} 1
      s: PUBREC #7
      c: PUBREL #7
      s: PUBCOMP #7
      s: PUBLISH q2 #3 ${LONG} 1
      c: PUBREC #3
      s: PUBREL #3
      c: PUBCOMP #3
      c: bye`,
    right: [calm, silent(/2\.3\.1-6/)],
  },
  'ids are behind it, one message at a time: a Receive Maximum of 1 is kept': {
    snap: 96,
    seen: `
      v5
      c: CONNECT receive=1
      s: CONNACK receive=1
      c: SUBSCRIBE #1 plant/#:1
      s: SUBACK #1 1
      ${times(10, n => `c: PUBLISH q1 #${n} ${LONG} ${n}\ns: PUBACK #${n}\ns: PUBLISH q1 #${n} ${LONG} ${n}\nc: PUBACK #${n}`)}
      c: bye`,
    right: [calm],
  },
  'half a topic is no topic: nobody subscribed to that half, and nobody needs to': {
    snap: 96,
    seen: `
      c: CONNECT
      s: CONNACK
      c: SUBSCRIBE #1 plant/+/line-seventeen/cell-three/#:0
      s: SUBACK #1 0
      +2s
      s: PUBLISH ${LONG} 1
      c: bye`,
    right: [calm],
  },
  'Topic Alias Maximum is behind it in CONNACK: aliases are not forbidden': {
    snap: 96,
    seen: `
      v5
      c: CONNECT response=1
      s: CONNACK info=a-response-information-that-takes-all-of-the-room aliasMaximum=10
      c: PUBLISH alias=1 a/b 1
      c: PUBLISH alias=1 - 2
      c: bye`,
    right: [calm, silent(/alias/i, 'error')],
  },
  'payloads behind it differ for all we know: a copy is a copy, and nobody altered it': {
    snap: 96,
    seen: `
      v5
      c: CONNECT id=sub
      s: CONNACK
      c: SUBSCRIBE #1 a:1
      s: SUBACK #1 1
      c2: CONNECT id=pub
      s2: CONNACK
      c2: PUBLISH q1 #1 user=cell a size=300
      s2: PUBACK #1
      s: PUBLISH q1 #1 user=cell a size=300
      c: PUBACK #1
      +3s
      c2: bye
      c: bye`,
    right: [calm, noneMissing],
  },
  'six bytes of each packet: nothing is known, and nothing is wrong': {
    snap: 60,
    seen: `
      v5
      c: CONNECT id=tiny keep expiry=60 receive=2
      s: CONNACK aliasMaximum=3
      c: SUBSCRIBE #1 a/b/c:1 d/e:2
      s: SUBACK #1 1 2
      c: PUBLISH q1 #1 alias=1 a/b/c hello
      s: PUBACK #1
      s: PUBLISH q2 #1 a/b/c hello
      c: PUBREC #1
      s: PUBREL #1
      c: PUBCOMP #1
      c: PUBLISH q1 #2 alias=1 - hello
      s: PUBACK #2
      c: bye`,
    right: [calm],
  },
  'no byte of each packet: nothing is known, and nothing is wrong': {
    snap: 54,
    seen: `
      v5
      c: CONNECT id=tiny keep expiry=60 receive=2
      s: CONNACK aliasMaximum=3
      c: SUBSCRIBE #1 a/b/c:1 d/e:2
      s: SUBACK #1 1 2
      c: PUBLISH q1 #1 alias=1 a/b/c hello
      s: PUBACK #1
      s: PUBLISH q2 #1 a/b/c hello
      c: PUBREC #1
      s: PUBREL #1
      c: PUBCOMP #1
      c: PUBLISH q1 #2 alias=1 - hello
      s: PUBACK #2
      c: bye`,
    right: [calm],
  },
  'one byte of each packet: nothing is known, and nothing is wrong': {
    snap: 55,
    seen: `
      v5
      c: CONNECT id=tiny keep expiry=60 receive=2
      s: CONNACK aliasMaximum=3
      c: SUBSCRIBE #1 a/b/c:1 d/e:2
      s: SUBACK #1 1 2
      c: PUBLISH q1 #1 alias=1 a/b/c hello
      s: PUBACK #1
      s: PUBLISH q2 #1 a/b/c hello
      c: PUBREC #1
      s: PUBREL #1
      c: PUBCOMP #1
      c: PUBLISH q1 #2 alias=1 - hello
      s: PUBACK #2
      c: bye`,
    right: [calm],
  },
  'two bytes of each packet: nothing is known, and nothing is wrong': {
    snap: 56,
    seen: `
      v5
      c: CONNECT id=tiny keep expiry=60 receive=2
      s: CONNACK aliasMaximum=3
      c: SUBSCRIBE #1 a/b/c:1 d/e:2
      s: SUBACK #1 1 2
      c: PUBLISH q1 #1 alias=1 a/b/c hello
      s: PUBACK #1
      s: PUBLISH q2 #1 a/b/c hello
      c: PUBREC #1
      s: PUBREL #1
      c: PUBCOMP #1
      c: PUBLISH q1 #2 alias=1 - hello
      s: PUBACK #2
      c: bye`,
    right: [calm],
  },
  'four bytes of each packet: nothing is known, and nothing is wrong': {
    snap: 58,
    seen: `
      v5
      c: CONNECT id=tiny keep expiry=60 receive=2
      s: CONNACK aliasMaximum=3
      c: SUBSCRIBE #1 a/b/c:1 d/e:2
      s: SUBACK #1 1 2
      c: PUBLISH q1 #1 alias=1 a/b/c hello
      s: PUBACK #1
      s: PUBLISH q2 #1 a/b/c hello
      c: PUBREC #1
      s: PUBREL #1
      c: PUBCOMP #1
      c: PUBLISH q1 #2 alias=1 - hello
      s: PUBACK #2
      c: bye`,
    right: [calm],
  },
  'eight bytes of each packet: nothing is known, and nothing is wrong': {
    snap: 62,
    seen: `
      v5
      c: CONNECT id=tiny keep expiry=60 receive=2
      s: CONNACK aliasMaximum=3
      c: SUBSCRIBE #1 a/b/c:1 d/e:2
      s: SUBACK #1 1 2
      c: PUBLISH q1 #1 alias=1 a/b/c hello
      s: PUBACK #1
      s: PUBLISH q2 #1 a/b/c hello
      c: PUBREC #1
      s: PUBREL #1
      c: PUBCOMP #1
      c: PUBLISH q1 #2 alias=1 - hello
      s: PUBACK #2
      c: bye`,
    right: [calm],
  },
  'twelve bytes of each packet: nothing is known, and nothing is wrong': {
    snap: 66,
    seen: `
      v5
      c: CONNECT id=tiny keep expiry=60 receive=2
      s: CONNACK aliasMaximum=3
      c: SUBSCRIBE #1 a/b/c:1 d/e:2
      s: SUBACK #1 1 2
      c: PUBLISH q1 #1 alias=1 a/b/c hello
      s: PUBACK #1
      s: PUBLISH q2 #1 a/b/c hello
      c: PUBREC #1
      s: PUBREL #1
      c: PUBCOMP #1
      c: PUBLISH q1 #2 alias=1 - hello
      s: PUBACK #2
      c: bye`,
    right: [calm],
  },
  'six bytes of each packet of 3.1.1: nothing is known, and nothing is wrong': {
    snap: 60,
    seen: `
      v4
      c: CONNECT id=tiny keep
      s: CONNACK
      c: SUBSCRIBE #1 a/b/c:1 d/e:2
      s: SUBACK #1 1 2
      c: PUBLISH q1 #1 a/b/c hello
      s: PUBACK #1
      s: PUBLISH q2 #1 a/b/c hello
      c: PUBREC #1
      s: PUBREL #1
      c: PUBCOMP #1
      c: PUBLISH q1 #2 a hello
      s: PUBACK #2
      c: bye`,
    right: [calm],
  },
  'a fault in front of it is one: packet id 0': {
    snap: 96,
    seen: `
      c: CONNECT
      s: CONNACK
      c: PUBLISH q1 #0 a size=600
      s: close`,
    right: [tells(/2\.3\.1-1|packet id is 0/, 'error')],
  },
})
