/** Valid traffic: nothing to say. */
import { brings, calm, completes, tells } from '../claims.ts'
import { kind, times } from '../kind.ts'

kind('valid', {
  'MQTT 3.1 with all kinds of packets': {
    seen: `
      v3
      c: CONNECT id=old keepalive=60
      s: CONNACK
      c: SUBSCRIBE #1 a/#:2
      s: SUBACK #1 2
      c: PUBLISH q2 #2 a/b 1
      s: PUBREC #2
      c: PUBREL #2
      s: PUBCOMP #2
      s: PUBLISH q1 #1 a/b 1
      c: PUBACK #1
      c: UNSUBSCRIBE #3 a/#
      s: UNSUBACK #3
      c: PINGREQ
      s: PINGRESP
      c: bye`,
    right: [calm],
  },
  'a shared subscription of two workers': {
    seen: `
      v5
      ${[1, 2].map(n => `c${n}: CONNECT id=w${n}\ns${n}: CONNACK\nc${n}: SUBSCRIBE #1 $share/g/j/#:1\ns${n}: SUBACK #1 1`).join('\n')}
      c3: CONNECT id=pub
      s3: CONNACK
      ${times(8, n => {
        const to = (n % 2) + 1
        return `c3: PUBLISH q1 #${n} j/${n} ${n}\ns${to}: PUBLISH q1 #${n} j/${n} ${n}\ns3: PUBACK #${n}\nc${to}: PUBACK #${n}`
      })}
      +5s
      c: bye
      c2: bye
      c3: bye`,
    right: [calm],
  },
  'overlapping subscriptions with identifiers, once in one copy and once in two': {
    seen: `
      v5
      c: CONNECT id=s
      s: CONNACK
      c2: CONNECT id=p
      s2: CONNACK
      c: SUBSCRIBE #1 subid=1 a/#:1
      s: SUBACK #1 1
      c: SUBSCRIBE #2 subid=2 a/+:2
      s: SUBACK #2 2
      c2: PUBLISH q1 #1 a/b 1
      s: HEX 320d 0003 612f62 0001 04 0b01 0b02 31
      s2: PUBACK #1
      c: PUBACK #1
      +1s
      c2: PUBLISH q1 #1 a/b 2
      s: PUBLISH q1 #1 subid=1 a/b 2
      s: PUBLISH q1 #2 subid=2 a/b 2
      s2: PUBACK #1
      c: PUBACK #1 | PUBACK #2
      +5s
      c: bye
      c2: bye`,
    right: [calm],
  },
  'topic aliases both ways, bound and bound anew': {
    seen: `
      v5
      c: CONNECT id=al aliasMaximum=5
      s: CONNACK aliasMaximum=5
      c: SUBSCRIBE #1 #:0
      s: SUBACK #1 0
      c: PUBLISH alias=1 a/1 1 | PUBLISH alias=1 - 2 | PUBLISH alias=1 a/2 3 | PUBLISH alias=1 - 4
      s: PUBLISH alias=2 a/1 1 | PUBLISH alias=2 - 2 | PUBLISH alias=1 a/2 3 | PUBLISH alias=1 - 4
      +2s
      c: bye`,
    right: [calm, brings('a/1 1', 'a/1 2', 'a/2 3', 'a/2 4')],
  },
  'authentication before CONNACK and once more later': {
    seen: `
      v5
      c: CONNECT id=au method=SCRAM
      s: AUTH 0x18 method=SCRAM data=n
      c: AUTH 0x18 method=SCRAM data=r
      s: CONNACK method=SCRAM
      c: PUBLISH a b
      +3s
      c: AUTH 0x19 method=SCRAM data=x
      s: AUTH 0x18 method=SCRAM
      c: PUBLISH a b
      c: AUTH 0x18 method=SCRAM
      s: AUTH 0 method=SCRAM
      +1s
      c: bye`,
    right: [calm],
  },
  'three messages at QoS 2, each at another step as the connection breaks': {
    seen: `
      v5
      c: CONNECT id=q2 keep expiry=300
      s: CONNACK
      c: PUBLISH q2 #1 a 1 | PUBLISH q2 #2 a 2 | PUBLISH q2 #3 a 3
      s: PUBREC #1 | PUBREC #2
      c: PUBREL #1
      c: reset
      +3s
      c2: CONNECT id=q2 keep expiry=300
      s2: CONNACK present
      c2: PUBREL #1 | PUBREL #2 | PUBLISH q2 #3 dup a 3
      s2: PUBCOMP #1 0x92 | PUBCOMP #2 | PUBREC #3
      c2: PUBREL #3
      s2: PUBCOMP #3
      +1s
      c2: bye`,
    right: [calm],
  },
  'the broker goes on in a resumed session where it had stopped': {
    seen: `
      c: CONNECT id=k keep
      s: CONNACK
      c: SUBSCRIBE #1 a:2
      s: SUBACK #1 2
      s: PUBLISH q2 #1 a 1 | PUBLISH q1 #2 a 2
      c: PUBREC #1
      s: PUBREL #1
      c: reset
      +5s
      c2: CONNECT id=k keep
      s2: CONNACK present
      s2: PUBREL #1 | PUBLISH q1 #2 dup a 2
      c2: PUBCOMP #1 | PUBACK #2
      +2s
      c2: bye`,
    right: [calm],
  },
  'a resumed subscription is replaced by one of a lower QoS, with messages under way': {
    seen: `
      c: CONNECT id=p keep
      s: CONNACK
      c: SUBSCRIBE #1 q/#:1
      s: SUBACK #1 1
      +5s
      c: bye
      +30s
      c2: CONNECT id=p keep
      s2: CONNACK present
      s2: PUBLISH q1 #1 q/1 1
      c2: PUBACK #1
      c2: SUBSCRIBE #2 q/#:0
      s2: PUBLISH q1 #2 q/1 2
      s2: SUBACK #2 0
      s2: PUBLISH q1 #3 q/1 3
      c2: PUBACK #2 | PUBACK #3
      s2: PUBLISH q/1 4
      +2s
      c2: bye`,
    right: [calm],
  },
  'a request and its response over two topics': {
    seen: `
      v5
      c: CONNECT id=q
      s: CONNACK
      c2: CONNECT id=r
      s2: CONNACK
      c: SUBSCRIBE #1 rsp/q:1
      s: SUBACK #1 1
      c2: SUBSCRIBE #1 req:1
      s2: SUBACK #1 1
      c: PUBLISH q1 #2 responseTopic=rsp/q correlation=c1 req ?
      s2: PUBLISH q1 #1 responseTopic=rsp/q correlation=c1 req ?
      s: PUBACK #2
      c2: PUBACK #1
      c2: PUBLISH q1 #2 correlation=c1 rsp/q !
      s: PUBLISH q1 #1 correlation=c1 rsp/q !
      s2: PUBACK #2
      c: PUBACK #1
      +3s
      c: bye
      c2: bye`,
    right: [calm],
  },
  'a stored message comes with each new subscription': {
    seen: `
      v5
      c: CONNECT id=rh
      s: CONNACK
      c: SUBSCRIBE #1 r/1:1
      s: SUBACK #1 1
      s: PUBLISH q1 #1 retain r/1 v
      c: PUBACK #1
      +5s
      c: SUBSCRIBE #2 r/1:1
      s: PUBLISH q1 #2 retain r/1 v
      s: SUBACK #2 1
      c: PUBACK #2
      +5s
      c: bye`,
    right: [calm],
  },
  'UNSUBSCRIBE with messages under way': {
    seen: `
      c: CONNECT id=un
      s: CONNACK
      c: SUBSCRIBE #1 a/#:1
      s: SUBACK #1 1
      s: PUBLISH q1 #1 a/1 1
      c: UNSUBSCRIBE #2 a/#
      s: PUBLISH q1 #2 a/1 2
      s: UNSUBACK #2
      c: PUBACK #1 | PUBACK #2
      +1s
      c: bye`,
    right: [calm],
  },
  'a capture that begins with answers': {
    seen: `
      c stands
      c: PUBACK #7 | PUBREC #8
      s: PUBREL #8
      c: PUBCOMP #8
      s: PUBCOMP #3 | SUBACK #4 0 1 | UNSUBACK #5 | PINGRESP
      c: bye`,
    right: [calm],
  },
  'the same two ports serve a second connection': {
    seen: `
      c: CONNECT id=r
      s: CONNACK
      c: PUBLISH a 1
      c: bye
      +1s
      c: anew
      c: CONNECT id=r
      s: CONNACK
      c: PUBLISH a 2
      c: bye`,
    right: [calm, completes(2, 'connect'), brings('a 1', 'a 2')],
  },
  'three hundred clients of both versions, and three messages each': {
    seen: `
      ${times(300, n => `v${4 + (n % 2)}\nc${n}: CONNECT id=c${n} keepalive=60\ns${n}: CONNACK`)}
      ${times(3, turn => `${times(300, n => `v${4 + (n % 2)}\nc${n}: PUBLISH q1 #${turn} x/${n} 1\ns${n}: PUBACK #${turn}`)}\n+20s`)}
      ${times(300, n => `c${n}: bye`)}`,
    right: [calm, completes(900, 'qos1')],
  },
  'the same id in both directions, and ids from 65,535 on to 1': {
    seen: `
      c: CONNECT
      s: CONNACK
      c: SUBSCRIBE #65534 a:1
      s: SUBACK #65534 1
      c: PUBLISH q1 #65535 a 1
      s: PUBLISH q1 #65535 a 1
      c: PUBACK #65535
      s: PUBACK #65535
      c: PUBLISH q1 #1 a 2
      s: PUBLISH q1 #1 a 2
      s: PUBACK #1
      c: PUBACK #1
      +1s
      c: bye`,
    right: [calm],
  },
  'a bridge with its will, its state and a filter of everything': {
    seen: `
      c: CONNECT id=site.bridge keep level=0x84 keepalive=60 will=$SYS/broker/connection/site.bridge/state:0 willQos=1 willRetain
      s: CONNACK
      c: PUBLISH q1 #1 retain $SYS/broker/connection/site.bridge/state 1
      s: PUBACK #1
      c: SUBSCRIBE #2 site/#:1
      s: SUBACK #2 1
      s: PUBLISH q1 #1 site/a 1
      c: PUBACK #1
      c: PUBLISH q1 #3 site/b 2
      s: PUBACK #3
      +50s
      c: PINGREQ
      s: PINGRESP
      +1s
      c: bye`,
    right: [calm, tells(/bridge/i, 'note')],
  },
})
