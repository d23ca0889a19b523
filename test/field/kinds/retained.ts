/** Retained messages: a stored copy has RETAIN 1, a live message has 0, unless a bridge or Retain As Published wants it (3.1.1 §3.3.1.3, 5.0 §3.3.1.3). */
import { calm, noError, noneMissing, silent, tells, that } from '../claims.ts'
import { kind, times } from '../kind.ts'

/** A message is stored and its publisher gone, for five seconds. */
const stored = (id = 'pub'): string => `
  c: CONNECT id=${id}
  s: CONNACK
  c: PUBLISH q1 #1 retain abc xyz
  s: PUBACK #1
  c: bye
  +5s`

/** A subscriber for five seconds, then a message with RETAIN 1 for which it asked with these options. */
const live = (options: string, retain: string): string => `
  c: CONNECT id=sub
  s: CONNACK
  c: SUBSCRIBE #1 abc:${options}
  s: SUBACK #1 1
  +5s
  c2: CONNECT id=pub
  s2: CONNACK
  c2: PUBLISH q1 #1 retain abc xyz
  s2: PUBACK #1
  s: PUBLISH q1 #1 ${retain} abc xyz
  c: PUBACK #1
  +5s
  c2: bye
  c: bye`

const gotIt = that('fanout: the subscriber got the message', verdict =>
  verdict.fanOut.some(
    ({ copies, missing }) => (copies as unknown[]).length === 1 && (missing as unknown[]).length === 0,
  ),
)

kind('retained', {
  'a stored message comes with RETAIN 0: told, and not that it never came': {
    seen: `
      ${stored()}
      c2: CONNECT id=sub
      s2: CONNACK
      c2: SUBSCRIBE #1 abc:1
      s2: SUBACK #1 1
      s2: PUBLISH q1 #1 abc xyz
      c2: PUBACK #1
      +5s
      c2: bye`,
    right: [tells(/3\.3\.1-8/), silent(/never delivered|did not come/)],
  },
  'a stored message comes with RETAIN 0 in front of SUBACK: told, and not that it never came': {
    seen: `
      ${stored()}
      c2: CONNECT id=sub
      s2: CONNACK
      c2: SUBSCRIBE #1 abc:1
      s2: PUBLISH q1 #1 abc xyz
      s2: SUBACK #1 1
      c2: PUBACK #1
      +5s
      c2: bye`,
    right: [silent(/never delivered|did not come/)],
  },
  'a stored message comes with RETAIN 0 to a client that was there before it: told, and not that it never came': {
    seen: `
      c2: CONNECT id=sub
      s2: CONNACK
      ${stored()}
      c2: SUBSCRIBE #1 abc:1
      s2: SUBACK #1 1
      s2: PUBLISH q1 #1 abc xyz
      c2: PUBACK #1
      +5s
      c2: bye`,
    right: [tells(/3\.3\.1-8/, 'warning'), silent(/never delivered|did not come/), noError],
  },
  'published half a second after SUBSCRIBE, with RETAIN 1: it may have been stored, nothing to say': {
    seen: live('1', 'retain').replace('+5s', '+500ms'),
    right: [calm],
  },
  'a live message with RETAIN 1 comes at once: it is a copy, and nobody lacks it': {
    seen: live('1', 'retain'),
    right: [noneMissing, gotIt, noError],
  },
  'a bridge subscribes, and gets what was stored before: nothing to say': {
    seen: `
      ${stored()}
      c2: CONNECT id=site.bridge keep level=0x84
      s2: CONNACK
      c2: SUBSCRIBE #1 #:1
      s2: SUBACK #1 1
      s2: PUBLISH q1 #1 retain abc xyz
      c2: PUBACK #1
      +5s
      c2: bye`,
    right: [calm],
  },
  'Retain Handling 1 and the same filter again, and the first copy comes again with DUP: nothing to say': {
    seen: `
      v5
      c: CONNECT id=rh keep expiry=300
      s: CONNACK
      c: SUBSCRIBE #1 r/1:11
      s: SUBACK #1 1
      s: PUBLISH q1 #1 retain r/1 v
      c: reset
      +2s
      c2: CONNECT id=rh keep expiry=300
      s2: CONNACK present
      c2: SUBSCRIBE #2 r/1:11
      s2: SUBACK #2 1
      s2: PUBLISH q1 #1 dup retain r/1 v
      c2: PUBACK #1
      +5s
      c2: bye`,
    right: [noError, silent(/3\.3\.1-10/)],
  },
  'Retain Handling 0, then 2 at once: what the first SUBSCRIBE asked for comes, nothing to say': {
    seen: `
      v5
      c: CONNECT
      s: CONNACK
      c: SUBSCRIBE #1 r/1:1
      c: SUBSCRIBE #2 r/1:21
      s: SUBACK #1 1
      s: SUBACK #2 1
      s: PUBLISH q1 #1 retain r/1 v
      c: PUBACK #1
      +5s
      c: bye`,
    right: [calm],
  },
  'QoS 2, then 0 at once: what came under way at QoS 2 is no error': {
    seen: `
      c: CONNECT
      s: CONNACK
      c: SUBSCRIBE #1 r/1:2
      c: SUBSCRIBE #2 r/1:0
      s: SUBACK #1 2
      s: SUBACK #2 0
      s: PUBLISH q2 #1 retain r/1 v
      c: PUBREC #1
      s: PUBREL #1
      c: PUBCOMP #1
      +5s
      c: bye`,
    right: [calm],
  },
  'a stored message never comes: told once': {
    seen: `
      ${stored()}
      c2: CONNECT id=sub
      s2: CONNACK
      c2: SUBSCRIBE #1 abc:1
      s2: SUBACK #1 1
      +9s
      c2: bye`,
    right: [tells(/3\.3\.1-6/, 'warning'), noError],
  },
  'a stored message comes in front of SUBACK: it came': {
    seen: `
      ${stored()}
      c2: CONNECT id=sub
      s2: CONNACK
      c2: SUBSCRIBE #1 abc:1
      s2: PUBLISH q1 #1 retain abc xyz
      s2: SUBACK #1 1
      c2: PUBACK #1
      +5s
      c2: bye`,
    right: [calm],
  },
  'stored before the capture began: nobody has to have seen its publisher': {
    seen: `
      c: CONNECT
      s: CONNACK
      c: SUBSCRIBE #1 #:1
      s: SUBACK #1 1
      ${times(3, n => `s: PUBLISH q1 #${n} retain t/${n} v\nc: PUBACK #${n}`)}
      +5s
      c: bye`,
    right: [calm],
  },
  'cleared by an empty message: later subscribers get nothing': {
    seen: `
      ${stored()}
      c2: CONNECT id=pub
      s2: CONNACK
      c2: PUBLISH q1 #1 retain abc
      s2: PUBACK #1
      c2: bye
      +5s
      c3: CONNECT id=sub
      s3: CONNACK
      c3: SUBSCRIBE #1 abc:1
      s3: SUBACK #1 1
      +9s
      c3: bye`,
    right: [calm],
  },
  'cleared, and still delivered five seconds later: told': {
    seen: `
      ${stored()}
      c2: CONNECT id=pub
      s2: CONNACK
      c2: PUBLISH q1 #1 retain abc
      s2: PUBACK #1
      c2: bye
      +5s
      c3: CONNECT id=sub
      s3: CONNACK
      c3: SUBSCRIBE #1 abc:1
      s3: SUBACK #1 1
      s3: PUBLISH q1 #1 retain abc xyz
      c3: PUBACK #1
      +5s
      c3: bye`,
    right: [tells(/3\.3\.1-10/)],
  },
  'a live message with RETAIN 1, five seconds after SUBSCRIBE: told': {
    seen: live('1', 'retain'),
    right: [tells(/3\.3\.1-9/)],
  },
  'a live message with RETAIN 1 in 5.0: told': {
    seen: `v5\n${live('1', 'retain')}`,
    right: [tells(/3\.3\.1-12/)],
  },
  'a live message with RETAIN 1 and Retain As Published: as it was asked for': {
    seen: `v5\n${live('9', 'retain')}`,
    right: [calm, noneMissing, gotIt],
  },
  'a live message with RETAIN 0 in spite of Retain As Published: told': {
    seen: `v5\n${live('9', '')}`,
    right: [tells(/3\.3\.1-13/)],
  },
  'a bridge gets a live message with RETAIN 1: it is meant to, and it got the message': {
    seen: `
      c: CONNECT id=site.bridge keep level=0x84
      s: CONNACK
      c: SUBSCRIBE #1 site/#:1
      s: SUBACK #1 1
      +70s
      c2: CONNECT id=p
      s2: CONNACK
      c2: PUBLISH q1 #1 retain site/1 v
      s2: PUBACK #1
      s: PUBLISH q1 #1 retain site/1 v
      c: PUBACK #1
      +5s
      c2: bye
      c: bye`,
    right: [silent(/3\.3\.1-9/), gotIt],
  },
  'a bridge gets a live message with RETAIN 1 within seconds of its SUBSCRIBE: it is meant to, and it got the message':
    {
      seen: `
      c: CONNECT id=site.bridge keep level=0x84
      s: CONNACK
      c: SUBSCRIBE #1 site/#:1
      s: SUBACK #1 1
      +5s
      c2: CONNECT id=p
      s2: CONNACK
      c2: PUBLISH q1 #1 retain site/1 v
      s: PUBLISH q1 #1 retain site/1 v
      s2: PUBACK #1
      c: PUBACK #1
      +5s
      c2: bye
      c: bye`,
      right: [calm, gotIt],
    },
  'Retain Handling 1, and the same filter again: the stored message comes once more, told': {
    seen: `
      v5
      c: CONNECT
      s: CONNACK
      ${times(2, n => `c: SUBSCRIBE #${n} r/1:11\ns: SUBACK #${n} 1\ns: PUBLISH q1 #${n} retain r/1 v\nc: PUBACK #${n}\n+5s`)}
      c: bye`,
    right: [tells(/3\.3\.1-10/)],
  },
  'Retain Handling 1, unsubscribed in between: the subscription is new, and the message comes': {
    seen: `
      v5
      c: CONNECT
      s: CONNACK
      c: SUBSCRIBE #1 r/1:11
      s: SUBACK #1 1
      s: PUBLISH q1 #1 retain r/1 v
      c: PUBACK #1
      +3s
      c: UNSUBSCRIBE #2 r/1
      s: UNSUBACK #2 0
      +3s
      c: SUBSCRIBE #3 r/1:11
      s: SUBACK #3 1
      s: PUBLISH q1 #2 retain r/1 v
      c: PUBACK #2
      +3s
      c: bye`,
    right: [calm],
  },
  'Retain Handling 1 on a subscription that a resumed session has: a stored message all the same, told': {
    seen: `
      v5
      c: CONNECT id=rh keep expiry=300
      s: CONNACK
      c: SUBSCRIBE #1 r/1:11
      s: SUBACK #1 1
      s: PUBLISH q1 #1 retain r/1 v
      c: PUBACK #1
      c: bye
      +5s
      c2: CONNECT id=rh keep expiry=300
      s2: CONNACK present
      c2: SUBSCRIBE #2 r/1:11
      s2: SUBACK #2 1
      s2: PUBLISH q1 #2 retain r/1 v
      c2: PUBACK #2
      +5s
      c2: bye`,
    right: [tells(/3\.3\.1-10/)],
  },
  'Retain Handling 2, and a stored message comes: an error [MQTT-3.3.1-11]': {
    seen: `
      v5
      c: CONNECT
      s: CONNACK
      c: SUBSCRIBE #1 r/1:21
      s: SUBACK #1 1
      s: PUBLISH q1 #1 retain r/1 v
      c: PUBACK #1
      +5s
      c: bye`,
    right: [tells(/3\.3\.1-11/, 'error')],
  },
  'subscribed once more after UNSUBSCRIBE, and the stored message does not come again: told': {
    seen: `
      v5
      ${stored()}
      c2: CONNECT id=s
      s2: CONNACK
      c2: SUBSCRIBE #1 abc:0
      s2: SUBACK #1 0
      s2: PUBLISH retain abc xyz
      +5s
      c2: UNSUBSCRIBE #2 abc
      s2: UNSUBACK #2 0
      +5s
      c2: SUBSCRIBE #3 abc:0
      s2: SUBACK #3 0
      +9s
      c2: bye`,
    right: [tells(/3\.3\.1-9|3\.8\.4-4/), noError],
  },
  'a stored message is sent again after a reconnect and a new SUBSCRIBE, with DUP: as it should be': {
    seen: `
      c: CONNECT id=r keep
      s: CONNACK
      c: SUBSCRIBE #1 r:1
      s: SUBACK #1 1
      s: PUBLISH q1 #1 retain r v
      c: reset
      +2s
      c2: CONNECT id=r keep
      s2: CONNACK present
      c2: SUBSCRIBE #2 r:1
      s2: PUBLISH q1 #1 dup retain r v
      s2: SUBACK #2 1
      s2: PUBLISH q1 #2 retain r v
      c2: PUBACK #1
      c2: PUBACK #2
      +2s
      c2: bye`,
    right: [calm],
  },
  'a stored message is not acknowledged, the client subscribes again, and it comes with DUP: no fault of the broker': {
    seen: `
      c: CONNECT id=r
      s: CONNACK
      c: SUBSCRIBE #1 r:1
      s: SUBACK #1 1
      s: PUBLISH q1 #1 retain r v
      +20s
      c: SUBSCRIBE #2 r:1
      s: SUBACK #2 1
      s: PUBLISH q1 #1 dup retain r v
      c: PUBACK #1
      +2s
      c: bye`,
    right: [calm],
  },
})
