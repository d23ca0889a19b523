/** Who got a message, who should have and did not, and who is owed nothing. */
import { calm, found, noError, noneMissing, silent, tells, tellsTimes, that } from '../claims.ts'
import { kind, times } from '../kind.ts'

const MISSING = /delivery\.missing|did not (get|receive)|got nothing|never (came|got|delivered)|missed/i

const subscriber = (n: number, id: string, filter: string): string => `
  c${n}: CONNECT id=${id}
  s${n}: CONNACK
  c${n}: SUBSCRIBE #1 ${filter}
  s${n}: SUBACK #1 ${filter.split(':')[1] ?? '0'}`

const publisher = (n: number): string => `
  c${n}: CONNECT id=pub
  s${n}: CONNACK`

kind('deliveries', {
  'one of two subscribers gets a message at QoS 1, the other does not in ten seconds: told, with its name': {
    seen: `
      ${subscriber(1, 'one', 'a:1')}
      ${subscriber(2, 'two', 'a:1')}
      ${publisher(3)}
      +5s
      c3: PUBLISH q1 #1 a x
      s3: PUBACK #1
      s: PUBLISH q1 #1 a x
      c: PUBACK #1
      +10s
      c: bye
      c2: bye
      c3: bye`,
    right: [
      noError,
      that('the one that got nothing is named', verdict =>
        found(verdict, MISSING).some(({ client, message }) => client === 'two' || /\btwo\b/.test(message)),
      ),
      that('nobody else is', verdict =>
        found(verdict, MISSING).every(({ client, message }) => client !== 'one' && !/\bone\b/.test(message)),
      ),
    ],
  },
  'the only subscriber does not get a message: told, with the causes it may have': {
    seen: `
      ${subscriber(1, 'lonely', 'a/#:1')}
      ${publisher(2)}
      +5s
      c2: PUBLISH q1 #1 a/b x
      s2: PUBACK #1
      +10s
      c: bye
      c2: bye`,
    right: [noError, tells(MISSING)],
  },
  'a group and a subscriber, and the group alone gets the message: told, with the name of the other one': {
    seen: `
      v5
      ${subscriber(1, 'worker', '$share/g/a:1')}
      ${subscriber(2, 'plain', 'a:1')}
      ${publisher(3)}
      +2s
      c3: PUBLISH q1 #1 a x
      s3: PUBACK #1
      s: PUBLISH q1 #1 a x
      c: PUBACK #1
      +10s
      c: bye
      c2: bye
      c3: bye`,
    right: [noError, tells(/delivery\.missing.*\bplain\b/, 'warning'), silent(/delivery\.missing.*\bworker\b/)],
  },
  'a subscriber lacks a message, and gives the filter up ten seconds later: told': {
    seen: `
      ${subscriber(1, 'sub', 'a:1')}
      ${publisher(2)}
      +2s
      c2: PUBLISH q1 #1 a x
      s2: PUBACK #1
      +10s
      c: UNSUBSCRIBE #2 a
      s: UNSUBACK #2
      c: bye
      c2: bye`,
    right: [noError, tells(MISSING, 'warning')],
  },
  'one of two equal messages comes: told of the other one': {
    seen: `
      ${subscriber(1, 'sub', 'a:1')}
      ${publisher(2)}
      +2s
      c2: PUBLISH q1 #1 a x
      s2: PUBACK #1
      +20s
      c2: PUBLISH q1 #2 a x
      s2: PUBACK #2
      s: PUBLISH q1 #1 a x
      c: PUBACK #1
      +10s
      c: bye
      c2: bye`,
    right: [noError, tells(MISSING, 'warning')],
  },
  'a hundred messages that access rules keep back: told ten times': {
    seen: `
      ${subscriber(1, 'sub', '#:0')}
      ${publisher(2)}
      +2s
      ${times(100, n => `c2: PUBLISH secret/${n} x`)}
      +10s
      c: bye
      c2: bye`,
    right: [noError, tellsTimes(10, MISSING, 'warning')],
  },
  'the capture ends three seconds later: nobody knows yet': {
    seen: `
      ${subscriber(1, 'sub', 'a:1')}
      ${publisher(2)}
      +2s
      c2: PUBLISH q1 #1 a x
      s2: PUBACK #1
      +3s
      c: PINGREQ
      s: PINGRESP`,
    right: [calm, silent(MISSING)],
  },
  'a bridge publishes what its own filter selects: it is owed nothing': {
    seen: `
      c: CONNECT id=br level=0x84
      s: CONNACK
      c: SUBSCRIBE #1 a/#:1
      s: SUBACK #1 1
      +2s
      c: PUBLISH q1 #2 a/b x
      s: PUBACK #2
      +10s
      c: bye`,
    right: [calm, noneMissing, silent(MISSING)],
  },
  'subscribed at once before, and it comes as a stored message: it came': {
    seen: `
      ${publisher(2)}
      ${subscriber(1, 'sub', 'a:1')}
      c2: PUBLISH q1 #1 retain a x
      s2: PUBACK #1
      s: PUBLISH q1 #1 retain a x
      c: PUBACK #1
      +10s
      c: bye
      c2: bye`,
    right: [calm, noneMissing, silent(MISSING)],
  },
  'a copy was cut by the snap length: nobody knows what came': {
    snap: 110,
    seen: `
      v5
      c: CONNECT id=sub
      s: CONNACK
      c: SUBSCRIBE #1 a:1 subid=7
      s: SUBACK #1 1
      ${publisher(2)}
      +2s
      c2: PUBLISH q1 #1 a size=60
      s2: PUBACK #1
      s: PUBLISH q1 #1 subid=7 a size=60
      c: PUBACK #1
      +10s
      c: bye
      c2: bye`,
    right: [calm, noneMissing, silent(MISSING)],
  },
  'QoS 1 comes after UNSUBACK, and was published before it: it was on its way': {
    seen: `
      ${subscriber(1, 'sub', 'a:1')}
      ${publisher(2)}
      +2s
      c2: PUBLISH q1 #1 a x
      c: UNSUBSCRIBE #2 a
      s: UNSUBACK #2
      s2: PUBACK #1
      s: PUBLISH q1 #1 a x
      c: PUBACK #1
      +5s
      c: bye
      c2: bye`,
    right: [calm, silent(/3\.10\.4-2/)],
  },
  'a subscription comes after the message: nothing is owed': {
    seen: `
      ${publisher(2)}
      c2: PUBLISH q1 #1 a x
      s2: PUBACK #1
      ${subscriber(1, 'late', 'a:1')}
      +10s
      c: bye
      c2: bye`,
    right: [calm, noneMissing, silent(MISSING)],
  },
  'No Local: the publisher gets nothing of its own': {
    seen: `
      v5
      c: CONNECT id=self
      s: CONNACK
      c: SUBSCRIBE #1 a:5
      s: SUBACK #1 1
      +2s
      c: PUBLISH q1 #2 a x
      s: PUBACK #2
      +10s
      c: bye`,
    right: [calm, noneMissing, silent(MISSING)],
  },
  'a group shares a subscription: each message has one of them': {
    seen: `
      v5
      ${subscriber(1, 'w1', '$share/g/a:1')}
      ${subscriber(2, 'w2', '$share/g/a:1')}
      ${publisher(3)}
      ${times(4, n => `c3: PUBLISH q1 #${n} a ${n}\ns3: PUBACK #${n}\ns${(n % 2) + 1}: PUBLISH q1 #${n} a ${n}\nc${(n % 2) + 1}: PUBACK #${n}`)}
      +10s
      c: bye
      c2: bye
      c3: bye`,
    right: [calm, noneMissing, silent(MISSING)],
  },
  'the message is larger than the subscriber takes: nothing is owed': {
    seen: `
      v5
      c: CONNECT id=small maximumSize=100
      s: CONNACK
      c: SUBSCRIBE #1 a:1
      s: SUBACK #1 1
      ${publisher(2)}
      +2s
      c2: PUBLISH q1 #1 a size=400
      s2: PUBACK #1
      +10s
      c: bye
      c2: bye`,
    right: [calm, noneMissing, silent(MISSING)],
  },
  'the broker refuses the message: nothing is owed': {
    seen: `
      v5
      ${subscriber(1, 'sub', 'a:1')}
      ${publisher(2)}
      +2s
      c2: PUBLISH q1 #1 a x
      s2: PUBACK #1 0x87
      +10s
      c: bye
      c2: bye`,
    right: [noError, noneMissing, silent(MISSING)],
  },
  'a copy comes after three seconds over a slow link: it came': {
    seen: `
      ${subscriber(1, 'slow', 'a:1')}
      ${publisher(2)}
      +2s
      c2: PUBLISH q1 #1 a x
      s2: PUBACK #1
      +3s
      s: PUBLISH q1 #1 a x
      c: PUBACK #1
      +10s
      c: bye
      c2: bye`,
    right: [calm, noneMissing, silent(MISSING)],
  },
  'a subscriber is away and its session kept: the message waits, and comes': {
    seen: `
      c: CONNECT id=away keep
      s: CONNACK
      c: SUBSCRIBE #1 a:1
      s: SUBACK #1 1
      c: bye
      ${publisher(2)}
      +5s
      c2: PUBLISH q1 #1 a x
      s2: PUBACK #1
      +60s
      c3: CONNECT id=away keep
      s3: CONNACK present
      s3: PUBLISH q1 #1 a x
      c3: PUBACK #1
      +5s
      c3: bye
      c2: bye`,
    right: [calm, noneMissing, silent(MISSING)],
  },
  'a message at one of two brokers of a host: a subscriber at the other is owed nothing': {
    ports: [1883, 1884],
    seen: `
      c to 192.0.2.1:1884
      ${subscriber(1, 'sub', 'a:1')}
      ${publisher(2)}
      +2s
      c2: PUBLISH q1 #1 a x
      s2: PUBACK #1
      +10s
      c: bye
      c2: bye`,
    right: [calm, noneMissing, silent(MISSING)],
  },
  'the capture ends with the message: nobody knows yet': {
    seen: `
      ${subscriber(1, 'sub', 'a:1')}
      ${publisher(2)}
      +2s
      c2: PUBLISH q1 #1 a x
      s2: PUBACK #1`,
    right: [calm, noneMissing, silent(MISSING)],
  },
  'QoS 2 is handed on at PUBREL, and the subscriber has left in between: it gets the message, as it may': {
    seen: `
      ${subscriber(1, 'sub', 'a:1')}
      ${publisher(2)}
      +2s
      c2: PUBLISH q2 #1 a x
      s2: PUBREC #1
      c: UNSUBSCRIBE #2 a
      s: UNSUBACK #2
      +2s
      c2: PUBREL #1
      s: PUBLISH q1 #1 a x
      s2: PUBCOMP #1
      c: PUBACK #1
      +10s
      c: bye
      c2: bye`,
    right: [calm, silent(/3\.10\.4-2/)],
  },
  'QoS 2 is handed on at PUBREL, and the subscriber has left in between: it gets nothing, as it may': {
    seen: `
      ${subscriber(1, 'sub', 'a:1')}
      ${publisher(2)}
      +2s
      c2: PUBLISH q2 #1 a x
      s2: PUBREC #1
      c: UNSUBSCRIBE #2 a
      s: UNSUBACK #2
      +2s
      c2: PUBREL #1
      s2: PUBCOMP #1
      +10s
      c: bye
      c2: bye`,
    right: [calm, noneMissing, silent(MISSING)],
  },
  'a message comes long after UNSUBACK, and was published after it: told': {
    seen: `
      ${subscriber(1, 'sub', 'a:1')}
      ${publisher(2)}
      +2s
      c: UNSUBSCRIBE #2 a
      s: UNSUBACK #2
      +5s
      c2: PUBLISH q1 #1 a x
      s2: PUBACK #1
      s: PUBLISH q1 #1 a x
      c: PUBACK #1
      +5s
      c: bye
      c2: bye`,
    right: [tells(/3\.10\.4-2/)],
  },
  'a message is delivered twenty seconds after it had expired: told [MQTT-3.3.2-5]': {
    seen: `
      v5
      c: CONNECT id=e keep expiry=600
      s: CONNACK
      c: SUBSCRIBE #1 t:1
      s: SUBACK #1 1
      c: bye
      ${publisher(2)}
      c2: PUBLISH q1 #1 messageExpiry=10 t m
      s2: PUBACK #1
      +30s
      c3: CONNECT id=e keep expiry=600
      s3: CONNACK present
      s3: PUBLISH q1 #1 messageExpiry=10 t m
      c3: PUBACK #1
      +2s
      c3: bye
      c2: bye`,
    right: [tells(/3\.3\.2-5/)],
  },
})
