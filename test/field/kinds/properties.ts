/** Codes, properties and aliases that do not belong where they are: one error, and it names what it is about. */
import { calm, errors, noError, silent, tells, tellsOnce } from '../claims.ts'
import { kind, type Situation } from '../kind.ts'

const OPENED = 'v5\nc: CONNECT id=p\ns: CONNACK aliasMaximum=5'

/** A packet of the client with a fault, and the broker that closes. */
const faulty = (packet: string, answer: string, ...words: readonly RegExp[]): Situation => ({
  seen: `${OPENED}\nc: ${packet}\ns: ${answer}\ns: close`,
  right: [errors(1), ...words.map(pattern => tells(pattern, 'error'))],
})

const refusedConnect = (connect: string, ...words: readonly RegExp[]): Situation => ({
  seen: `v5\nc: ${connect}\ns: CONNACK 0x82\ns: close`,
  right: [errors(1), ...words.map(pattern => tells(pattern, 'error'))],
})

kind('properties', {
  'a topic alias of the connection before is used: an error [MQTT-3.3.2-7]': {
    seen: `
      v5
      c: CONNECT id=mp
      s: CONNACK aliasMaximum=10
      c: PUBLISH alias=1 one/two 1 | PUBLISH alias=1 - 2
      +1s
      s: close
      c: close
      +1s
      c2: CONNECT id=mp
      s2: CONNACK aliasMaximum=10
      c2: PUBLISH alias=1 - 3
      s2: DISCONNECT 0x82
      s2: close`,
    right: [tells(/3\.3\.2-7/, 'error'), errors(1)],
  },
  'a topic alias above the maximum: an error [MQTT-3.2.2-17]': faulty(
    'PUBLISH alias=8 ot/a 1',
    'DISCONNECT 0x94',
    /3\.2\.2-17/,
  ),
  'a topic alias of 0: an error [MQTT-3.3.2-8], which names it': faulty(
    'PUBLISH alias=0 ot/a 1',
    'DISCONNECT 0x94',
    /3\.3\.2-8/,
    /alias.*\b0\b/i,
  ),
  'Session Expiry Interval in PUBLISH: an error, which names it': faulty(
    'PUBLISH expiry=5 a 1',
    'DISCONNECT 0x81',
    /Session Expiry/,
  ),
  'Payload Format Indicator of 2: an error, which names it and its value': faulty(
    'PUBLISH format=2 a 1',
    'DISCONNECT 0x82',
    /Payload Format.*\b2\b/i,
  ),
  'Content Type twice: an error, which names it': faulty(
    'HEX 3010 0001 61 0c 03 0004 74657874 03 0002 6a73',
    'DISCONNECT 0x82',
    /Content Type/i,
  ),
  'Subscription Identifier of 0: an error, which names it': faulty(
    'SUBSCRIBE #1 subid=0 a:1',
    'DISCONNECT 0x82',
    /Subscription Identifier.*\b0\b/i,
  ),
  'Receive Maximum of 0 in CONNECT: an error, which names it and its value': refusedConnect(
    'CONNECT receive=0',
    /Receive Maximum.*\b0\b/i,
  ),
  'Maximum Packet Size of 0 in CONNECT: an error, which names it and its value': refusedConnect(
    'CONNECT maximumSize=0',
    /Maximum Packet Size.*\b0\b/i,
  ),
  'Request Problem Information of 2 in CONNECT: an error, which names it and its value': refusedConnect(
    'CONNECT problem=2',
    /Request Problem Information.*\b2\b/i,
  ),
  'an unknown property: an error, with its number': faulty(
    'HEX 3008 0001 61 02 7e01 7879',
    'DISCONNECT 0x81',
    /0x7e|126/i,
  ),
  'a topic alias of 0 from the broker: an error, which names it': {
    seen: `
      v5
      c: CONNECT id=p aliasMaximum=5
      s: CONNACK
      c: SUBSCRIBE #1 a:0
      s: SUBACK #1 0
      s: PUBLISH alias=0 a 1
      c: DISCONNECT 0x94
      c: close
      s: close`,
    right: [errors(1), tells(/3\.3\.2-8/, 'error')],
  },
  'Topic Alias twice: an error, which names it': faulty(
    'HEX 300b 0001 61 06 23 0001 23 0002 78',
    'DISCONNECT 0x82',
    /Topic Alias stands more than once/,
  ),
  'Will Delay Interval in SUBSCRIBE: an error, which names it and the packet': faulty(
    'HEX 820c 0001 05 18 00000001 0001 61 00',
    'DISCONNECT 0x81',
    /Will Delay Interval.*SUBSCRIBE/,
  ),
  'a Receive Maximum of 0 in CONNACK: an error, which names it, and messages above it are none': {
    seen: `
      v5
      c: CONNECT id=p
      s: CONNACK receive=0
      c: PUBLISH q1 #1 a 1
      s: PUBACK #1
      c: bye`,
    right: [errors(1), tells(/Receive Maximum.*\b0\b/, 'error')],
  },
  'the expiry of a will in two bytes, where it takes four: one error': refusedConnect(
    'HEX 101b 0004 4d515454 05 06 003c 00 0001 64 03 02 003c 0001 77 0004 676f6e65',
  ),
  'CONNACK with a byte behind its last field: one error': {
    seen: `
      c: CONNECT id=w
      s: HEX 2003000000
      c: PINGREQ
      s: PINGRESP
      c: bye`,
    right: [errors(1)],
  },
  'PINGRESP in place of CONNACK: an error [MQTT-3.2.0-1]': {
    seen: `
      c: CONNECT id=curl
      s: PINGRESP
      +100ms
      c: close
      s: close`,
    right: [tells(/3\.2\.0-1/, 'error')],
  },
  'a bridge tries with its own protocol level, is refused, and tries without: told, and no error': {
    seen: `
      c: CONNECT id=br keep level=0x84
      s: CONNACK 1
      s: close
      c: close
      +1s
      c2: CONNECT id=br keep
      s2: CONNACK
      c2: bye`,
    right: [tells(/bridge/i), noError],
  },
  'DISCONNECT of the client with a code of brokers, 0x8B: an error [MQTT-3.14.2-1]': {
    seen: `${OPENED}\nc: DISCONNECT 0x8b\nc: close\ns: close`,
    right: [tells(/3\.14\.2-1/, 'error'), errors(1)],
  },
  'DISCONNECT of the client with 0x8E, Session taken over: an error [MQTT-3.14.2-1]': {
    seen: `${OPENED}\nc: DISCONNECT 0x8e\nc: close\ns: close`,
    right: [tells(/3\.14\.2-1/, 'error'), errors(1)],
  },
  'DISCONNECT of the broker with 0x04, which is for clients: an error [MQTT-3.14.2-1]': {
    seen: `${OPENED}\n+1s\ns: DISCONNECT 0x04\ns: close\nc: close`,
    right: [tells(/3\.14\.2-1/, 'error'), errors(1)],
  },
  'DISCONNECT of the client with a code that both may send: no error': {
    seen: `${OPENED}\nc: DISCONNECT 0x81\nc: close\ns: close`,
    right: [noError, silent(/3\.14\.2-1|disconnect\.sender/)],
  },
  'a Server Reference from the client: told, by its name': {
    seen: `${OPENED}\nc: DISCONNECT 0 reference=x.example\nc: close\ns: close`,
    right: [tells(/Server Reference/)],
  },
  'AUTH of the client with Success, which is for brokers: an error [MQTT-3.15.2-1]': {
    seen: `
      v5
      c: CONNECT method=M
      s: CONNACK method=M
      +1s
      c: AUTH 0 method=M
      s: DISCONNECT 0x82
      s: close`,
    right: [tellsOnce(/3\.15\.2-1/, 'error')],
  },
  'every property where it belongs: nothing to say': {
    seen: `
      v5
      c: CONNECT id=all expiry=60 receive=10 aliasMaximum=5 maximumSize=1000 problem=1 response=1
      s: CONNACK expiry=60 receive=10 aliasMaximum=5 maximumQos=1 retainAvailable=1 maximumSize=1000 wildcards=1 identifiers=1 shared=1 info=r
      c: SUBSCRIBE #1 subid=7 user=a a/#:1
      s: SUBACK #1 1
      c: PUBLISH q1 #2 format=1 messageExpiry=60 contentType=text/plain responseTopic=r/1 correlation=c alias=1 user=u b hello
      s: PUBACK #2 0 reason=fine user=x
      c: DISCONNECT 0 expiry=30 reason=done user=x
      c: close
      s: close`,
    right: [calm],
  },
})
