/** For each rule on behaviour: a conversation that breaks it, what is told then, and one that comes close and does not. */

import { SPARKPLUG_CASES } from './sparkplug-cases.ts'

export interface Case {
  /** Family and name in `FAMILIES`. */
  readonly rule: string
  readonly breaks: string
  /** Packet, level, id. */
  readonly told: string
  readonly keeps: string
  /** Packets of `breaks` that are before the capture. */
  readonly midStream?: number
}

const OPEN = 'c: CONNECT\ns: CONNACK\n'
const OPEN5 = 'v5\nc: CONNECT\ns: CONNACK\n'
/** Subscribed to a/# at QoS 1. */
const SUBSCRIBED = `${OPEN}c: SUBSCRIBE #1 a/#:1\ns: SUBACK #1 1\n`
/** Packet 5 is left without its PUBACK; then the session is resumed, and time passes. */
const UNACKNOWLEDGED =
  'c: CONNECT id=k keep\ns: CONNACK\nc: SUBSCRIBE #1 a/#:1\ns: SUBACK #1 1\ns: PUBLISH q1 #7 a/b x\n'
const RESUMED = 'c2: CONNECT id=k keep\ns2: CONNACK present\n+6s\nc2: PINGREQ\n'
const SUBSCRIBED5 = `${OPEN5}c: SUBSCRIBE #1 a/#:1\ns: SUBACK #1 1\n`

const REFUSALS: readonly Case[] = [
  {
    rule: 'refusals.connection',
    breaks: 'c: CONNECT\ns: CONNACK 5',
    told: '2 note connack.refused',
    keeps: 'c: CONNECT\ns: CONNACK',
  },
  {
    rule: 'refusals.subscription',
    breaks: `${OPEN}c: SUBSCRIBE #1 a:1 b:1\ns: SUBACK #1 1 0x80`,
    told: '4 note suback.refused',
    keeps: `${OPEN}c: SUBSCRIBE #1 a:1 b:2\ns: SUBACK #1 1 0`,
  },
  {
    rule: 'refusals.unsubscription',
    breaks: `${OPEN5}c: UNSUBSCRIBE #1 a\ns: UNSUBACK #1 0x83`,
    told: '4 note unsuback.refused',
    keeps: `${OPEN5}c: UNSUBSCRIBE #1 a\ns: UNSUBACK #1 0x11`,
  },
  {
    rule: 'refusals.message',
    breaks: `${OPEN5}c: PUBLISH q1 #1 a x\ns: PUBACK #1 0x87`,
    told: '4 note ack.refused',
    keeps: `${OPEN5}c: PUBLISH q1 #1 a x\ns: PUBACK #1 0x10`,
  },
  {
    rule: 'refusals.disconnect',
    breaks: `${OPEN5}s: DISCONNECT 0x8b`,
    told: '3 note disconnect.reason',
    keeps: `${OPEN5}c: DISCONNECT 0x04`,
  },
]

const OPENING: readonly Case[] = [
  { rule: 'opening.missing', breaks: 'c: PINGREQ', told: '1 error connect.missing', keeps: 'c: CONNECT\nc: PINGREQ' },
  {
    rule: 'opening.second',
    breaks: `${OPEN}c: CONNECT`,
    told: '3 error MQTT-3.1.0-2',
    keeps: `${OPEN}c: DISCONNECT\nc: close\ns: close\nc2: CONNECT`,
  },
  {
    rule: 'opening.direction',
    breaks: `${OPEN}c: PINGRESP`,
    told: '3 error packet.direction',
    keeps: `${OPEN}c: PINGREQ\ns: PINGRESP`,
  },
  {
    rule: 'opening.direction',
    breaks: `${OPEN}s: DISCONNECT`,
    told: '3 error packet.direction',
    keeps: `${OPEN5}s: DISCONNECT 0x8b`,
  },
  {
    rule: 'opening.connackFirst',
    breaks: 'c: CONNECT\ns: PINGRESP',
    told: '2 error MQTT-3.2.0-1',
    keeps: 'v5\nc: CONNECT method=x\ns: AUTH 0x18 method=x\nc: AUTH 0x18 method=x\ns: CONNACK method=x',
  },
  {
    rule: 'opening.earlyDisconnect',
    breaks: 'v5\nc: CONNECT\ns: DISCONNECT 0x8b',
    told: '2 error MQTT-3.14.0-1',
    keeps: `${OPEN5}s: DISCONNECT 0x8b`,
  },
  {
    rule: 'opening.early',
    breaks: 'v5\nc: CONNECT method=x\nc: PUBLISH a x',
    told: '2 error MQTT-3.1.2-30',
    keeps: 'v5\nc: CONNECT\nc: PUBLISH a x\ns: CONNACK',
  },
  {
    rule: 'opening.afterRefusal',
    breaks: 'c: CONNECT\ns: CONNACK 5\nc: PINGREQ\ns: PINGRESP',
    told: '4 error MQTT-3.1.4-5',
    keeps: 'c: CONNECT\ns: CONNACK 5\nc: PINGREQ\ns: close',
  },
  {
    rule: 'opening.password',
    breaks: 'c: CONNECT password=secret',
    told: '1 note plaintext.password',
    keeps: 'c: CONNECT',
  },
]

const CONNACK: readonly Case[] = [
  {
    rule: 'connack.second',
    breaks: `${OPEN5}s: CONNACK`,
    told: '3 error MQTT-3.2.0-2',
    keeps: `${OPEN5}c: DISCONNECT\nc: close\ns: close\n${OPEN5.replaceAll(': ', '2: ')}`,
  },
  {
    rule: 'connack.presentThoughClean',
    breaks: 'c: CONNECT\ns: CONNACK present',
    told: '2 error MQTT-3.2.2-1',
    keeps: 'c: CONNECT keep\ns: CONNACK present',
  },
  {
    rule: 'connack.lost',
    breaks: 'c: CONNECT keep\ns: CONNACK\nc: close\ns: close\nc2: CONNECT keep\ns2: CONNACK',
    told: '4 warning MQTT-3.2.2-2',
    keeps: 'c: CONNECT keep\ns: CONNACK\nc: close\ns: close\nc2: CONNECT keep\ns2: CONNACK present',
  },
  {
    rule: 'connack.lost',
    breaks: 'v5\nc: CONNECT expiry=60\ns: CONNACK\nc: close\ns: close\n+50s\nc2: CONNECT keep\ns2: CONNACK',
    told: '4 warning MQTT-3.2.2-3',
    keeps: 'v5\nc: CONNECT expiry=60\ns: CONNACK\nc: close\ns: close\n+70s\nc2: CONNECT keep\ns2: CONNACK',
  },
  {
    rule: 'connack.expired',
    breaks:
      'v5\nc: CONNECT id=k keep expiry=10\ns: CONNACK\nc: DISCONNECT 0\nc: close\ns: close\n+90s\nc2: CONNECT id=k keep expiry=10\ns2: CONNACK present',
    told: '5 warning MQTT-4.1.0-2',
    keeps:
      'v5\nc: CONNECT id=k keep expiry=10\ns: CONNACK\nc: DISCONNECT 0\nc: close\ns: close\n+20s\nc2: CONNECT id=k keep expiry=10\ns2: CONNACK present',
  },
  {
    rule: 'connack.unexpected',
    breaks: `${OPEN}c: DISCONNECT\nc: close\ns: close\nc2: CONNECT keep\ns2: CONNACK present`,
    told: '5 warning MQTT-3.2.2-3',
    keeps: `${OPEN}c: DISCONNECT\nc: close\ns: close\nc2: CONNECT keep\ns2: CONNACK`,
  },
  {
    rule: 'connack.notAssigned',
    breaks: 'v5\nc: CONNECT id=\ns: CONNACK',
    told: '2 error MQTT-3.2.2-16',
    keeps: 'v5\nc: CONNECT id=\ns: CONNACK assigned=x1',
  },
  {
    rule: 'connack.assignedInVain',
    breaks: 'v5\nc: CONNECT id=me\ns: CONNACK assigned=x1',
    told: '2 warning client_id.assigned_in_vain',
    keeps: 'v5\nc: CONNECT id=\ns: CONNACK assigned=x1',
  },
  {
    rule: 'connack.emptyKept',
    breaks: 'c: CONNECT id= keep\ns: CONNACK',
    told: '2 error MQTT-3.1.3-8',
    keeps: 'c: CONNECT id= keep\ns: CONNACK 2',
  },
  {
    rule: 'connack.levelAccepted',
    breaks: 'c: HEX 100e00044d515454090200000002 6d65\ns: CONNACK',
    told: '2 warning connect.level_accepted',
    keeps: 'c: HEX 100e00044d515454090200000002 6d65\ns: CONNACK 1',
  },
  {
    rule: 'connack.willQos',
    breaks: 'v5\nc: CONNECT will=w:x willQos=2\ns: CONNACK maximumQos=1',
    told: '2 error MQTT-3.2.2-12',
    keeps: 'v5\nc: CONNECT will=w:x willQos=1\ns: CONNACK maximumQos=1',
  },
  {
    rule: 'connack.willRetain',
    breaks: 'v5\nc: CONNECT will=w:x willRetain\ns: CONNACK retainAvailable=0',
    told: '2 error MQTT-3.2.2-13',
    keeps: 'v5\nc: CONNECT will=w:x\ns: CONNACK retainAvailable=0',
  },
  {
    rule: 'connack.responseInformation',
    breaks: 'v5\nc: CONNECT\ns: CONNACK info=x',
    told: '2 error MQTT-3.1.2-28',
    keeps: 'v5\nc: CONNECT response=1\ns: CONNACK info=x',
  },
  {
    rule: 'connack.hybrid',
    breaks: 'v5\nc: CONNECT\ns: HEX 20020000',
    told: '2 error MQTT-2.2.2-1',
    keeps: 'v5\nc: CONNECT\ns: HEX 20020001',
  },
  {
    rule: 'connack.takeover',
    breaks: `${OPEN}c2: CONNECT\ns2: CONNACK`,
    told: '3 note MQTT-3.1.4-2',
    keeps: `${OPEN}c2: CONNECT id=other\ns2: CONNACK`,
  },
]

const PUBLISH: readonly Case[] = [
  {
    rule: 'publish.idInUseClient',
    breaks: `${OPEN}c: PUBLISH q1 #7 a x\nc: PUBLISH q1 #7 b y`,
    told: '4 error MQTT-2.3.1-2',
    keeps: `${OPEN}c: PUBLISH q1 #7 a x\ns: PUBACK #7\nc: PUBLISH q1 #7 b y\ns: PUBACK #7`,
  },
  {
    rule: 'publish.idInUseClient',
    breaks: `${OPEN5}c: PUBLISH q2 #7 a x\ns: PUBREC #7\nc: SUBSCRIBE #7 b`,
    told: '5 error MQTT-2.2.1-3',
    keeps: `${OPEN5}c: PUBLISH q2 #7 a x\ns: PUBREC #7 0x87\nc: SUBSCRIBE #7 b`,
  },
  {
    rule: 'publish.idInUseServer',
    breaks: `${SUBSCRIBED}s: PUBLISH q1 #1 a/b x\ns: PUBLISH q1 #1 a/c x`,
    told: '6 error MQTT-2.3.1-4',
    keeps: `${SUBSCRIBED}s: PUBLISH q1 #1 a/b x\nc: PUBLISH q1 #1 a/c x`,
  },
  {
    rule: 'publish.withoutDup',
    breaks: `${OPEN}c: PUBLISH q1 #7 a x\nc: PUBLISH q1 #7 a x`,
    told: '4 error MQTT-3.3.1-1',
    keeps: `${OPEN}c: PUBLISH q1 #7 a x\nc: PUBLISH q1 #7 dup a x`,
  },
  {
    rule: 'publish.resent',
    breaks: `${OPEN5}c: PUBLISH q1 #7 a x\nc: PUBLISH q1 #7 dup a x`,
    told: '4 error MQTT-4.4.0-1',
    keeps:
      'v5\nc: CONNECT keep expiry=60\ns: CONNACK\nc: PUBLISH q1 #7 a x\nc: close\ns: close\nc2: CONNECT keep expiry=60\ns2: CONNACK present\nc2: PUBLISH q1 #7 dup a x\ns2: PUBACK #7',
  },
  {
    rule: 'publish.retransmit',
    breaks: `${OPEN}c: PUBLISH q1 #7 a x\nc: PUBLISH q1 #7 dup a x`,
    told: '4 note dup.retransmit',
    keeps: `${OPEN}c: PUBLISH q1 #7 a x\nc: PUBLISH q1 #8 a x`,
  },
  {
    rule: 'publish.resendOrder',
    breaks:
      'c: CONNECT keep\ns: CONNACK\nc: PUBLISH q1 #1 a x\nc: PUBLISH q1 #2 a y\nc: close\ns: close\nc2: CONNECT keep\ns2: CONNACK present\nc2: PUBLISH q1 #2 dup a y\nc2: PUBLISH q1 #1 dup a x',
    told: '8 error MQTT-4.6.0-1',
    keeps:
      'c: CONNECT keep\ns: CONNACK\nc: PUBLISH q1 #1 a x\nc: PUBLISH q1 #2 a y\nc: close\ns: close\nc2: CONNECT keep\ns2: CONNACK present\nc2: PUBLISH q1 #1 dup a x\nc2: PUBLISH q1 #2 dup a y',
  },
  {
    rule: 'publish.afterRelease',
    breaks: `${OPEN}c: PUBLISH q2 #7 a x\ns: PUBREC #7\nc: PUBREL #7\nc: PUBLISH q2 #7 dup a x`,
    told: '6 error MQTT-4.3.3-1',
    keeps: `${OPEN}c: PUBLISH q2 #7 a x\nc: PUBLISH q2 #7 dup a x\ns: PUBREC #7\nc: PUBREL #7`,
  },
  {
    rule: 'publish.afterRefusal',
    breaks: `${OPEN5}c: PUBLISH q1 #7 a x\ns: PUBACK #7 0x87\nc: PUBLISH q1 #7 dup a x`,
    told: '5 error MQTT-4.4.0-2',
    keeps: `${OPEN5}c: PUBLISH q1 #7 a x\ns: PUBACK #7 0x10\nc: PUBLISH q1 #7 a x`,
  },
  {
    rule: 'publish.dupFirst',
    breaks: `${OPEN}c: PUBLISH q1 #7 dup a x`,
    told: '3 warning MQTT-4.3.2-1',
    keeps: 'c: CONNECT keep\ns: CONNACK present\nc: PUBLISH q1 #7 dup a x',
  },
  {
    rule: 'publish.dupLostSession',
    breaks:
      'c: CONNECT id=k keep\ns: CONNACK\nc: PUBLISH q1 #7 a x\nc: close\ns: close\nc2: CONNECT id=k keep\ns2: CONNACK\nc2: PUBLISH q1 #7 dup a x',
    told: '6 note dup.session_lost',
    keeps:
      'c: CONNECT id=k keep\ns: CONNACK\nc: PUBLISH q1 #7 a x\nc: close\ns: close\nc2: CONNECT id=k keep\ns2: CONNACK present\nc2: PUBLISH q1 #7 dup a x',
  },
  {
    rule: 'publish.dupForwarded',
    breaks: `${SUBSCRIBED}s: PUBLISH q1 #1 dup a/b x`,
    told: '5 warning MQTT-3.3.1-3',
    keeps: `${SUBSCRIBED}s: PUBLISH q1 #1 a/b x`,
  },
  {
    rule: 'publish.receiveMaximumServer',
    breaks:
      'v5\nc: CONNECT receive=1\ns: CONNACK\nc: SUBSCRIBE #1 a:1\ns: SUBACK #1 1\ns: PUBLISH q1 #1 a x\ns: PUBLISH q1 #2 a y',
    told: '6 error MQTT-3.3.4-9',
    keeps:
      'v5\nc: CONNECT receive=1\ns: CONNACK\nc: SUBSCRIBE #1 a:1\ns: SUBACK #1 1\ns: PUBLISH q1 #1 a x\nc: PUBACK #1\ns: PUBLISH q1 #2 a y\ns: PUBLISH a z',
  },
  {
    rule: 'publish.receiveMaximumClient',
    breaks: 'v5\nc: CONNECT\ns: CONNACK receive=2\nc: PUBLISH q1 #1 a x\nc: PUBLISH q2 #2 a x\nc: PUBLISH q1 #3 a x',
    told: '5 error MQTT-3.3.4-7',
    keeps:
      'v5\nc: CONNECT\ns: CONNACK receive=2\nc: PUBLISH q1 #1 a x\nc: PUBLISH q2 #2 a x\ns: PUBREC #2 0x80\nc: PUBLISH q1 #3 a x',
  },
  {
    rule: 'publish.maximumQos',
    breaks: 'v5\nc: CONNECT\ns: CONNACK maximumQos=0\nc: PUBLISH q1 #1 a x',
    told: '3 error MQTT-3.2.2-11',
    keeps: 'v5\nc: CONNECT\ns: CONNACK maximumQos=1\nc: PUBLISH q1 #1 a x',
  },
  {
    rule: 'publish.retainUnavailable',
    breaks: 'v5\nc: CONNECT\ns: CONNACK retainAvailable=0\nc: PUBLISH retain a x',
    told: '3 error MQTT-3.2.2-14',
    keeps: 'v5\nc: CONNECT\ns: CONNACK retainAvailable=1\nc: PUBLISH retain a x',
  },
  {
    rule: 'publish.identifierFromClient',
    breaks: `${OPEN5}c: PUBLISH a x subid=3`,
    told: '3 error MQTT-3.3.4-6',
    keeps: `${SUBSCRIBED5}s: PUBLISH a/b x subid=3`,
  },
  {
    rule: 'publish.aliasAboveClient',
    breaks: 'v5\nc: CONNECT\ns: CONNACK aliasMaximum=5\nc: PUBLISH a x alias=6',
    told: '3 error MQTT-3.2.2-17',
    keeps: 'v5\nc: CONNECT\ns: CONNACK aliasMaximum=5\nc: PUBLISH a x alias=5',
  },
  {
    rule: 'publish.aliasForbiddenClient',
    breaks: `${OPEN5}c: PUBLISH a x alias=1`,
    told: '3 error MQTT-3.2.2-18',
    keeps: 'v5\nc: CONNECT\ns: CONNACK aliasMaximum=1\nc: PUBLISH a x alias=1',
  },
  {
    rule: 'publish.aliasAboveServer',
    breaks: 'v5\nc: CONNECT aliasMaximum=2\ns: CONNACK\nc: SUBSCRIBE #1 a\ns: SUBACK #1 0\ns: PUBLISH a x alias=3',
    told: '5 error MQTT-3.1.2-26',
    keeps:
      'v5\nc: CONNECT aliasMaximum=2\ns: CONNACK\nc: SUBSCRIBE #1 a\ns: SUBACK #1 0\ns: PUBLISH a x alias=2\ns: PUBLISH - y alias=2',
  },
  {
    rule: 'publish.aliasForbiddenServer',
    breaks: `${SUBSCRIBED5}s: PUBLISH a/b x alias=1`,
    told: '5 error MQTT-3.1.2-27',
    keeps: `${SUBSCRIBED5}s: PUBLISH a/b x`,
  },
  {
    rule: 'publish.dollar',
    breaks: `${OPEN}c: PUBLISH $SYS/x y`,
    told: '3 note topic.dollar',
    keeps: `${OPEN}c: PUBLISH a/$SYS y`,
  },
]

const ACKNOWLEDGE: readonly Case[] = [
  {
    rule: 'acknowledge.stray',
    breaks: `${OPEN}c: PUBACK #9`,
    told: '3 warning MQTT-2.3.1-6',
    keeps: 'c: CONNECT keep\ns: CONNACK present\nc: PUBACK #9',
  },
  {
    rule: 'acknowledge.stray',
    breaks: `${OPEN5}c: PUBREL #9\ns: PUBCOMP #8 0x92`,
    told: '4 warning MQTT-2.2.1-5',
    keeps: 'v5\nc: CONNECT keep\ns: CONNACK present\nc: PUBREL #9\ns: PUBCOMP #9 0x92',
  },
  {
    rule: 'acknowledge.strayAnswer',
    breaks: `${OPEN}s: SUBACK #9 0`,
    told: '3 warning MQTT-2.3.1-7',
    keeps: `${OPEN}c: SUBSCRIBE #9 a\ns: SUBACK #9 0`,
  },
  {
    rule: 'acknowledge.strayPong',
    breaks: `${OPEN}c: PINGREQ\ns: PINGRESP\ns: PINGRESP`,
    told: '5 warning pingresp.stray',
    keeps: `${OPEN}c: PINGREQ\nc: PINGREQ\ns: PINGRESP\ns: PINGRESP`,
  },
  {
    rule: 'acknowledge.wrongKind',
    breaks: `${OPEN}c: PUBLISH q2 #7 a x\ns: PUBACK #7`,
    told: '4 error MQTT-3.3.4-1',
    keeps: `${OPEN}c: PUBLISH q1 #7 a x\ns: PUBACK #7`,
  },
  {
    rule: 'acknowledge.releaseTooEarly',
    breaks: `${OPEN}c: PUBLISH q2 #7 a x\nc: PUBREL #7\n+1s\ns: PUBREC #7`,
    told: '4 error MQTT-4.3.3-1',
    // Both directions of a capture in the wrong order.
    keeps: `${OPEN}c: PUBLISH q2 #7 a x\nc: PUBREL #7\ns: PUBREC #7\ns: PUBCOMP #7`,
  },
  {
    rule: 'acknowledge.completeTooEarly',
    breaks: `${OPEN5}c: PUBLISH q2 #7 a x\ns: PUBCOMP #7\ns: close\nc: close`,
    told: '4 error MQTT-4.3.3-11',
    keeps: `${OPEN5}c: PUBLISH q2 #7 a x\ns: PUBREC #7\nc: PUBREL #7\ns: PUBCOMP #7\ns: close\nc: close`,
  },
  {
    rule: 'acknowledge.ackOrder',
    breaks: `${SUBSCRIBED}s: PUBLISH q1 #1 a/b x\ns: PUBLISH q1 #2 a/b y\nc: PUBACK #2\nc: PUBACK #1`,
    told: '8 error MQTT-4.6.0-2',
    keeps: `${SUBSCRIBED}s: PUBLISH q1 #2 a/b x\ns: PUBLISH q1 #1 a/b y\nc: PUBACK #2\nc: PUBACK #1`,
  },
  {
    rule: 'acknowledge.receivedOrder',
    breaks: `${OPEN}c: SUBSCRIBE #1 a:2\ns: SUBACK #1 2\ns: PUBLISH q2 #1 a x\ns: PUBLISH q2 #2 a y\nc: PUBREC #2\nc: PUBREC #1`,
    told: '8 error MQTT-4.6.0-3',
    keeps: `${OPEN}c: SUBSCRIBE #1 a:2\ns: SUBACK #1 2\ns: PUBLISH q2 #1 a x\ns: PUBLISH q1 #2 a y\nc: PUBACK #2\nc: PUBREC #1`,
  },
  {
    rule: 'acknowledge.releaseOrder',
    breaks: `${OPEN}c: PUBLISH q2 #1 a x\nc: PUBLISH q2 #2 a x\ns: PUBREC #1\ns: PUBREC #2\nc: PUBREL #2\nc: PUBREL #1`,
    told: '8 error MQTT-4.6.0-4',
    keeps: `${OPEN}c: PUBLISH q2 #1 a x\nc: PUBLISH q2 #2 a x\ns: PUBREC #2\ns: PUBREC #1\nc: PUBREL #2\nc: PUBREL #1`,
  },
  {
    rule: 'acknowledge.notReleased',
    breaks: 'c: CONNECT keep\ns: CONNACK present\ns: PUBREC #9\ns: PUBREC #9',
    told: '4 warning MQTT-4.3.3-1',
    keeps: 'c: CONNECT keep\ns: CONNACK present\ns: PUBREC #9\nc: PUBREL #9\ns: PUBREC #9',
  },
  {
    rule: 'acknowledge.releaseAgain',
    breaks: `${OPEN5}c: PUBLISH q2 #1 a x\ns: PUBREC #1\nc: PUBREL #1\nc: PUBREL #1`,
    told: '6 warning pubrel.again',
    keeps: `${OPEN5}c: PUBLISH q2 #1 a x\ns: PUBREC #1\nc: PUBREL #1\ns: PUBCOMP #1`,
  },
]

/** So many attempts of a client, each with `parts` behind its CONNECT. */
const attempts = (count: number, parts: (n: number) => string): string =>
  Array.from({ length: count }, (_, at) => parts(at + 1)).join('\n')
const refusedAttempts = (count: number, pause: string, end = ''): string =>
  attempts(
    count,
    n => `c${n}: CONNECT id=k\ns${n}: CONNACK 3\n${end.replaceAll('N', `${n}`)}s${n}: close\nc${n}: close\n+${pause}`,
  )
const returning = (count: number, pause: string): string =>
  [
    attempts(count, n => `c${n}: CONNECT id=k${n}\ns${n}: CONNACK`),
    attempts(count, n => `s${n}: close\nc${n}: close`),
    '+3s',
    attempts(count, n => `c${n + count}: CONNECT id=k${n}\ns${n + count}: CONNACK\n+${pause}`),
  ].join('\n')

const RECONNECTS: readonly Case[] = [
  {
    rule: 'reconnects.series',
    breaks: refusedAttempts(5, '5s'),
    told: '9 note reconnect.series',
    keeps: refusedAttempts(4, '5s'),
  },
  {
    rule: 'reconnects.busy',
    breaks: refusedAttempts(6, '100ms'),
    told: '11 warning reconnect.busy',
    keeps: refusedAttempts(6, '5s'),
  },
  {
    rule: 'reconnects.storm',
    breaks: returning(20, '20ms'),
    told: '41 warning reconnect.storm',
    keeps: returning(20, '900ms'),
  },
]

const REQUESTS: readonly Case[] = [
  {
    rule: 'requests.wildcard',
    breaks: 'v5\nc: CONNECT\ns: CONNACK wildcards=0\nc: SUBSCRIBE #1 a/+',
    told: '3 error subscribe.wildcard_unavailable',
    keeps: 'v5\nc: CONNECT\ns: CONNACK wildcards=0\nc: SUBSCRIBE #1 a/b',
  },
  {
    rule: 'requests.shared',
    breaks: 'v5\nc: CONNECT\ns: CONNACK shared=0\nc: SUBSCRIBE #1 $share/g/a',
    told: '3 error subscribe.share_unavailable',
    keeps: 'v5\nc: CONNECT\ns: CONNACK shared=1\nc: SUBSCRIBE #1 $share/g/a',
  },
  {
    rule: 'requests.identifier',
    breaks: 'v5\nc: CONNECT\ns: CONNACK identifiers=0\nc: SUBSCRIBE #1 a subid=1',
    told: '3 error subscribe.identifier_unavailable',
    keeps: 'v5\nc: CONNECT\ns: CONNACK identifiers=0\nc: SUBSCRIBE #1 a',
  },
  {
    rule: 'requests.codes',
    breaks: `${OPEN}c: SUBSCRIBE #1 a b\ns: SUBACK #1 0`,
    told: '4 error MQTT-3.8.4-5',
    keeps: `${OPEN}c: SUBSCRIBE #1 a b\ns: SUBACK #1 0 0x80`,
  },
  {
    rule: 'requests.unsubackCodes',
    breaks: `${OPEN5}c: UNSUBSCRIBE #1 a\ns: UNSUBACK #1 0 0`,
    told: '4 error MQTT-3.11.3-1',
    keeps: `${OPEN5}c: UNSUBSCRIBE #1 a\ns: UNSUBACK #1 0x11`,
  },
  {
    rule: 'requests.granted',
    breaks: `${OPEN}c: SUBSCRIBE #1 a:1\ns: SUBACK #1 2`,
    told: '4 warning suback.granted_more',
    keeps: `${OPEN}c: SUBSCRIBE #1 a:1\ns: SUBACK #1 0`,
  },
]

const SIZE: readonly Case[] = [
  {
    rule: 'size.ofServer',
    breaks: 'v5\nc: CONNECT\ns: CONNACK maximumSize=20\nc: PUBLISH a 12345678901234567890',
    told: '3 error MQTT-3.2.2-15',
    keeps: 'v5\nc: CONNECT\ns: CONNACK maximumSize=30\nc: PUBLISH a 12345678901234567890',
  },
  {
    rule: 'size.ofClient',
    breaks:
      'v5\nc: CONNECT maximumSize=20\ns: CONNACK\nc: SUBSCRIBE #1 a\ns: SUBACK #1 0\ns: PUBLISH a 12345678901234567890',
    told: '5 error MQTT-3.1.2-24',
    keeps: 'v5\nc: CONNECT maximumSize=20\ns: CONNACK\nc: SUBSCRIBE #1 a\ns: SUBACK #1 0\ns: PUBLISH a 123',
  },
  {
    rule: 'size.problems',
    breaks: 'v5\nc: CONNECT problem=0\ns: CONNACK\nc: PUBLISH q1 #1 a x\ns: PUBACK #1 0x87 reason=no',
    told: '4 error MQTT-3.1.2-29',
    keeps:
      'v5\nc: CONNECT problem=0\ns: CONNACK reason=yes\nc: PUBLISH q1 #1 a x\ns: PUBACK #1 0x87\ns: DISCONNECT 0x8b reason=why',
  },
]

const KEEPALIVE: readonly Case[] = [
  {
    rule: 'keepalive.exceeded',
    breaks: 'c: CONNECT keepalive=60\ns: CONNACK\n+50s\nc: ack\n+45s\nc: PINGREQ',
    told: '3 error MQTT-3.1.2-23',
    keeps: 'c: CONNECT keepalive=60\ns: CONNACK\n+59s\nc: PINGREQ\ns: PINGRESP\n+59s\nc: PUBLISH a x',
  },
  {
    rule: 'keepalive.exceeded',
    breaks: 'v5\nc: CONNECT keepalive=60\ns: CONNACK serverKeepAlive=10\n+12s\nc: ack\n+4s\ns: close\nc: close',
    told: '1 error MQTT-3.1.2-20',
    keeps: 'v5\nc: CONNECT keepalive=10\ns: CONNACK serverKeepAlive=60\n+16s\ns: close\nc: close',
  },
  {
    rule: 'keepalive.late',
    breaks: 'c: CONNECT keepalive=60\ns: CONNACK\n+65s\nc: PINGREQ',
    told: '3 warning keepalive.late',
    keeps: 'c: CONNECT keepalive=60\ns: CONNACK\n+60500ms\nc: PINGREQ',
  },
  {
    rule: 'keepalive.notEnforced',
    breaks: 'c: CONNECT keepalive=10\ns: CONNACK\n+60s\nc: PINGREQ\ns: PINGRESP',
    told: '4 error MQTT-3.1.2-24',
    keeps: 'c: CONNECT keepalive=10\ns: CONNACK\n+60s\nc: PINGREQ\ns: reset',
  },
  {
    rule: 'keepalive.clock',
    breaks: 'c: CONNECT keepalive=10\ns: CONNACK\n+61s\nc: PINGREQ\ns: PINGRESP',
    told: '4 warning keepalive.clock',
    keeps: 'c: CONNECT keepalive=10\ns: CONNACK\n+30s\nc: ack\n+31s\nc: PINGREQ\ns: reset',
  },
  {
    rule: 'keepalive.unreachable',
    breaks: 'c: CONNECT keepalive=60\ns: CONNACK\n+95s\ns: reset',
    told: '1 warning MQTT-3.1.2-23',
    keeps: 'c: CONNECT keepalive=60\ns: CONNACK\n+75s\ns: reset',
  },
  {
    rule: 'keepalive.timeout',
    breaks: 'v5\nc: CONNECT keepalive=60\ns: CONNACK\n+95s\ns: DISCONNECT 0x8d',
    told: '3 warning keepalive.timeout',
    keeps: 'v5\nc: CONNECT keepalive=60\ns: CONNACK\n+75s\ns: DISCONNECT 0x8b',
  },
]

const AUTH: readonly Case[] = [
  {
    rule: 'auth.uninvitedServer',
    breaks: 'v5\nc: CONNECT\ns: AUTH 0x18 method=x',
    told: '2 error MQTT-4.12.0-6',
    keeps: 'v5\nc: CONNECT method=x\ns: AUTH 0x18 method=x',
  },
  {
    rule: 'auth.uninvitedServer',
    breaks: 'v5\nc: CONNECT\ns: CONNACK method=x',
    told: '2 error MQTT-4.12.0-6',
    keeps: 'v5\nc: CONNECT method=x\ns: CONNACK method=x',
  },
  {
    rule: 'auth.uninvitedClient',
    breaks: `${OPEN5}c: AUTH 0x19 method=x`,
    told: '3 error MQTT-4.12.0-7',
    keeps: 'v5\nc: CONNECT method=x\ns: CONNACK method=x\nc: AUTH 0x19 method=x',
  },
  {
    rule: 'auth.continueServer',
    breaks: 'v5\nc: CONNECT method=x\ns: AUTH 0x00 method=x',
    told: '2 error MQTT-4.12.0-2',
    keeps: 'v5\nc: CONNECT method=x\ns: AUTH 0x18 method=x',
  },
  {
    rule: 'auth.continueClient',
    breaks: 'v5\nc: CONNECT method=x\nc: AUTH 0x19 method=x',
    told: '2 error MQTT-4.12.0-3',
    keeps: 'v5\nc: CONNECT method=x\ns: AUTH 0x18 method=x\nc: AUTH 0x18 method=x',
  },
  {
    rule: 'auth.method',
    breaks: 'v5\nc: CONNECT method=x\ns: CONNACK method=y',
    told: '2 error MQTT-4.12.0-5',
    keeps: 'v5\nc: CONNECT method=x\ns: CONNACK 0x8c',
  },
  {
    rule: 'auth.reauthenticate',
    breaks: 'v5\nc: CONNECT method=x\ns: CONNACK method=x\nc: AUTH 0x19 method=y',
    told: '3 error MQTT-4.12.1-1',
    keeps: 'v5\nc: CONNECT method=x\ns: CONNACK method=x\nc: AUTH 0x19 method=x\ns: AUTH 0 method=x',
  },
  {
    rule: 'auth.sender',
    breaks: 'v5\nc: CONNECT method=x\ns: CONNACK method=x\ns: AUTH 0x19 method=x',
    told: '3 error MQTT-3.15.2-1',
    keeps: 'v5\nc: CONNECT method=x\ns: CONNACK method=x\nc: AUTH 0x19 method=x\ns: AUTH 0 method=x',
  },
]

const ENDING: readonly Case[] = [
  {
    rule: 'ending.afterDisconnect',
    breaks: `${OPEN}c: DISCONNECT\nc: PUBLISH a x`,
    told: '4 error MQTT-3.14.4-2',
    keeps: `${SUBSCRIBED5}c: DISCONNECT\ns: PUBLISH a/b x`,
  },
  {
    rule: 'ending.expiryOfServer',
    breaks: `${OPEN5}s: DISCONNECT 0x8b expiry=5`,
    told: '3 error MQTT-3.14.2-2',
    keeps: 'v5\nc: CONNECT expiry=9\ns: CONNACK\nc: DISCONNECT expiry=5',
  },
  {
    rule: 'ending.expiryRaised',
    breaks: `${OPEN5}c: DISCONNECT 0 expiry=5`,
    told: '3 error session_expiry.raised',
    keeps: `${OPEN5}c: DISCONNECT 0 expiry=0`,
  },
  {
    rule: 'ending.codeOfOther',
    breaks: `${OPEN5}c: DISCONNECT 0x8b`,
    told: '3 error MQTT-3.14.2-1',
    keeps: `${OPEN5}s: DISCONNECT 0x8b`,
  },
  {
    rule: 'ending.referenceOfClient',
    breaks: `${OPEN5}c: DISCONNECT 0 reference=x`,
    told: '3 warning server_reference.from_client',
    keeps: `${OPEN5}s: DISCONNECT 0x9c reference=x`,
  },
  {
    rule: 'ending.abandoned',
    breaks: `${OPEN}c: PUBLISH q1 #7 a x\nc: close\ns: close`,
    told: '3 warning exchange.abandoned',
    keeps: `${OPEN}c: PUBLISH q1 #7 a x`,
  },
  {
    rule: 'resend.missing',
    breaks: `${UNACKNOWLEDGED}c: close\ns: close\n${RESUMED}s2: PINGRESP\nc2: close\ns2: close`,
    told: '5 warning MQTT-4.4.0-1',
    keeps: `${UNACKNOWLEDGED}c: close\ns: close\n${RESUMED}s2: PUBLISH q1 #7 dup a/b x\nc2: PUBACK #7\nc2: close\ns2: close`,
  },
  {
    rule: 'resend.never',
    breaks: `${UNACKNOWLEDGED}${RESUMED}s2: PINGRESP\nc2: close\ns2: close`,
    told: '5 error MQTT-4.4.0-1',
    keeps: `${UNACKNOWLEDGED}${RESUMED}s2: PUBLISH q1 #7 dup a/b x\nc2: PUBACK #7\nc2: close\ns2: close`,
  },
  {
    rule: 'ending.open',
    breaks: `${OPEN}c: PUBLISH q1 #7 a x`,
    told: '3 note exchange.open',
    keeps: `${OPEN}c: PUBLISH q1 #7 a x\ns: PUBACK #7`,
  },
  {
    rule: 'ending.unansweredPing',
    breaks: `${OPEN}c: PINGREQ\n+30s\nc: close\ns: close`,
    told: '3 warning MQTT-3.12.4-1',
    keeps: `${OPEN}c: PINGREQ\ns: PINGRESP\n+30s\nc: close\ns: close`,
  },
  {
    rule: 'ending.stillServed',
    breaks: `${SUBSCRIBED}c2: CONNECT\ns2: CONNACK\n+5s\ns: PUBLISH a/b x`,
    told: '7 warning MQTT-3.1.4-2',
    keeps: `${SUBSCRIBED}c2: CONNECT\ns2: CONNACK\ns: PUBLISH a/b x\ns: close`,
  },
  {
    rule: 'ending.notClosed',
    breaks: 'c: CONNECT\ns: CONNACK 5\n+60s\nc2: CONNECT id=other',
    told: '2 warning MQTT-3.2.2-5',
    keeps: 'c: CONNECT\ns: CONNACK 5\ns: close\nc: close\n+60s\nc2: CONNECT id=other',
  },
  {
    rule: 'ending.tolerated',
    breaks: `${OPEN}c: HEX c10100\n+2s\nc: PINGREQ\ns: PINGRESP`,
    told: '5 warning MQTT-4.8.0-1',
    keeps: `${OPEN}c: HEX c10100\ns: close`,
  },
  {
    rule: 'ending.gap',
    breaks: `${OPEN}c: lost PUBLISH a x\nc: PUBLISH a y\n+10s\nc: PUBLISH a z`,
    told: '2 note capture.gap',
    keeps: `${OPEN}c: PUBLISH a y`,
  },
  {
    rule: 'ending.midStream',
    breaks: `${OPEN}c: PINGREQ\ns: PINGRESP\nc: PINGREQ\ns: PINGRESP`,
    midStream: 2,
    told: '1 note capture.mid_stream',
    keeps: `${OPEN}c: PINGREQ\ns: PINGRESP`,
  },
  {
    rule: 'ending.left',
    breaks: `${OPEN}c: DISCONNECT\n+20s\nc2: CONNECT id=b\ns2: CONNACK`,
    told: '3 warning MQTT-3.14.4-1',
    keeps: `${OPEN}c: DISCONNECT\ns: close\n+20s\nc2: CONNECT id=b\ns2: CONNACK`,
  },
  {
    rule: 'ending.left',
    breaks: `${OPEN5}s: DISCONNECT 0x8b\n+20s\nc2: CONNECT id=b\ns2: CONNACK`,
    told: '3 warning MQTT-3.14.4-2',
    keeps: `${OPEN5}s: DISCONNECT 0x8b\n+2s\nc2: CONNECT id=b\ns2: CONNACK`,
  },
]

/** A message of 3,000 bytes in three parts, and PINGREQ under way. */
const stuck = (time: string): string =>
  `${OPEN}c: SUBSCRIBE #1 a:0\ns: SUBACK #1 0\nc: PINGREQ\ns: over ${time} PUBLISH a size=3000\ns: PINGRESP`
const idle = (pauses: readonly number[]): string => {
  const all = pauses.map((pause, at) => ({ pause, at: at + 1 }))
  const opened = all.map(({ at }) => `c${at}: CONNECT id=i${at} keepalive=600\ns${at}: CONNACK\n+9s`)
  return `${opened.join('\n')}\n+80s\n${all.map(({ pause, at }) => `+${pause}s\ns${at}: reset`).join('\n')}`
}

const LINK: readonly Case[] = [
  { rule: 'busy.stuck', breaks: stuck('6s'), told: '7 note pingresp.stuck', keeps: stuck('600ms') },
  {
    rule: 'idle.timeout',
    breaks: idle([9, 9, 9]),
    told: '2 warning idle.timeout',
    keeps: idle([9, 20, 40]),
  },
]

const DELIVERY: readonly Case[] = [
  {
    rule: 'delivery.unmatched',
    breaks: `${SUBSCRIBED}s: PUBLISH b x`,
    told: '5 warning MQTT-3.3.2-3',
    keeps: `${SUBSCRIBED}s: PUBLISH a x\ns: PUBLISH a/b/c y`,
  },
  {
    rule: 'delivery.dollar',
    breaks: `${OPEN}c: SUBSCRIBE #1 #\ns: SUBACK #1 0\ns: PUBLISH $SYS/x y`,
    told: '5 warning MQTT-4.7.2-1',
    keeps: `${OPEN}c: SUBSCRIBE #1 # $SYS/#\ns: SUBACK #1 0 0\ns: PUBLISH $SYS/x y`,
  },
  {
    rule: 'delivery.givenUp',
    breaks: `${SUBSCRIBED}c: UNSUBSCRIBE #2 a/#\ns: UNSUBACK #2\ns: PUBLISH a/b x`,
    told: '7 warning MQTT-3.10.4-2',
    keeps: `${SUBSCRIBED}c: UNSUBSCRIBE #2 a/#\ns: PUBLISH a/b x\ns: UNSUBACK #2`,
  },
  {
    rule: 'delivery.qos',
    breaks: `${SUBSCRIBED}s: PUBLISH q2 #1 a/b x`,
    told: '5 error MQTT-3.8.4-6',
    keeps: `${OPEN}c: SUBSCRIBE #1 a/#:1 a/b:2\ns: SUBACK #1 1 2\ns: PUBLISH q2 #1 a/b x`,
  },
  {
    rule: 'delivery.retainedUnwanted',
    breaks: `${OPEN5}c: SUBSCRIBE #1 a:20\ns: SUBACK #1 0\ns: PUBLISH retain a x`,
    told: '5 error MQTT-3.3.1-11',
    keeps: `${OPEN5}c: SUBSCRIBE #1 a:28\ns: SUBACK #1 0\ns: PUBLISH retain a x`,
  },
  {
    rule: 'delivery.retainedAgain',
    breaks: `${OPEN5}${'c: SUBSCRIBE #1 a:10\ns: SUBACK #1 0\ns: PUBLISH retain a x\n'.repeat(2)}`,
    told: '8 warning MQTT-3.3.1-10',
    keeps: `${OPEN5}${'c: SUBSCRIBE #1 a:00\ns: SUBACK #1 0\ns: PUBLISH retain a x\n'.repeat(2)}`,
  },
  {
    rule: 'delivery.retainKept',
    breaks: `${SUBSCRIBED}+90s\ns: PUBLISH retain a/b x`,
    told: '5 warning MQTT-3.3.1-9',
    keeps: `${SUBSCRIBED}s: PUBLISH retain a/b x`,
  },
]

/** A publisher's message, and seven seconds in which the subscriber may get it. */
const published = (copy: string): string =>
  `${SUBSCRIBED}c2: CONNECT id=p\ns2: CONNACK\nc2: PUBLISH q1 #1 a/b x\ns2: PUBACK #1\n${copy}\n+7s\nc: PINGREQ\ns: PINGRESP`
const MISSING: readonly Case[] = [
  {
    rule: 'missing.copy',
    breaks: published(''),
    told: '7 warning delivery.missing',
    keeps: published('s: PUBLISH q1 #1 a/b x\nc: PUBACK #1'),
  },
]

const IDENTIFIED = `${OPEN5}c: SUBSCRIBE #1 a/#:4 subid=3\ns: SUBACK #1 0\n`
const ECHO: readonly Case[] = [
  {
    rule: 'echo.identifierMissing',
    breaks: `${IDENTIFIED}s: PUBLISH a/b x`,
    told: '5 error MQTT-3.3.4-3',
    keeps: `${IDENTIFIED}s: PUBLISH a/b x subid=3`,
  },
  {
    rule: 'echo.identifierForeign',
    breaks: `${IDENTIFIED}s: PUBLISH a/b x subid=4`,
    told: '5 warning MQTT-3.3.4-4',
    keeps: `${IDENTIFIED}c: SUBSCRIBE #2 a/b subid=4\ns: SUBACK #2 0\ns: PUBLISH a/b x subid=4`,
  },
  {
    rule: 'echo.ownMessage',
    breaks: `${IDENTIFIED}c: PUBLISH a/b x\ns: PUBLISH a/b x subid=3`,
    told: '6 warning MQTT-3.8.3-3',
    keeps: `${IDENTIFIED}c: PUBLISH a/b x\ns: PUBLISH a/b y subid=3`,
  },
]

const STORED = `${OPEN}c: PUBLISH retain a x\n+5s\n`
const RETAINED: readonly Case[] = [
  {
    rule: 'retained.missing',
    breaks: `${STORED}c2: CONNECT id=b\ns2: CONNACK\nc2: SUBSCRIBE #1 a\ns2: SUBACK #1 0\n+5s\nc2: DISCONNECT\nc2: close\ns2: close`,
    told: '6 warning MQTT-3.3.1-6',
    keeps: `${STORED}c2: CONNECT id=b\ns2: CONNACK\nc2: SUBSCRIBE #1 a\ns2: SUBACK #1 0\ns2: PUBLISH retain a x\n+5s\nc2: DISCONNECT\nc2: close\ns2: close`,
  },
  {
    rule: 'retained.notAgain',
    breaks: `${STORED}c2: CONNECT id=b\ns2: CONNACK\nc2: SUBSCRIBE #1 a\ns2: SUBACK #1 0\ns2: PUBLISH retain a x\nc2: SUBSCRIBE #2 a\ns2: SUBACK #2 0\n+5s\nc2: DISCONNECT\nc2: close\ns2: close`,
    told: '9 warning MQTT-3.8.4-3',
    // Before the SUBACK is early enough.
    keeps: `${STORED}c2: CONNECT id=b\ns2: CONNACK\nc2: SUBSCRIBE #1 a\ns2: SUBACK #1 0\ns2: PUBLISH retain a x\nc2: SUBSCRIBE #2 a\ns2: PUBLISH retain a x\ns2: SUBACK #2 0\n+5s\nc2: DISCONNECT\nc2: close\ns2: close`,
  },
  {
    rule: 'retained.cleared',
    breaks: `${STORED}c: PUBLISH retain a\n+5s\nc2: CONNECT id=b\ns2: CONNACK\nc2: SUBSCRIBE #1 a\ns2: SUBACK #1 0\ns2: PUBLISH retain a x`,
    told: '9 warning MQTT-3.3.1-10',
    keeps: `${STORED}c2: CONNECT id=b\ns2: CONNACK\nc2: SUBSCRIBE #1 a\ns2: SUBACK #1 0\ns2: PUBLISH retain a x`,
  },
]

/** Connection 2 is subscribed to a, connection 1 publishes: packets 7 and, at the earliest, 8. */
const heard = (options: string, version = 'v5'): string =>
  `${version}\nc2: CONNECT id=sub\ns2: CONNACK\nc2: SUBSCRIBE #1 a:${options}\ns2: SUBACK #1 0\n${version}\nc: CONNECT id=pub\ns: CONNACK\n`
const HEARD = heard('0')

/** The same, published and handed on, with these properties. */
const handedOn = (sent: string, came: string): string => `${HEARD}c: PUBLISH a x ${sent}\ns2: PUBLISH a x ${came}`

const FORWARD: readonly Case[] = [
  {
    rule: 'forward.format',
    breaks: handedOn('format=1', ''),
    told: '8 warning MQTT-3.3.2-4',
    // Left out is the same as 0.
    keeps: handedOn('format=0', ''),
  },
  {
    rule: 'forward.responseTopic',
    breaks: handedOn('responseTopic=r', 'responseTopic=q'),
    told: '8 warning MQTT-3.3.2-15',
    keeps: handedOn('responseTopic=r', 'responseTopic=r alias=1'),
  },
  {
    rule: 'forward.correlation',
    breaks: handedOn('correlation=1', ''),
    told: '8 warning MQTT-3.3.2-16',
    // Two messages that look the same: nobody can tell which one it is.
    keeps: `${HEARD}c: PUBLISH a x correlation=1\nc: PUBLISH a x correlation=2\ns2: PUBLISH a x correlation=2`,
  },
  {
    rule: 'forward.users',
    breaks: handedOn('users=p,q', 'users=p'),
    told: '8 warning MQTT-3.3.2-17',
    keeps: handedOn('users=p,q', 'users=p,q subid=1'),
  },
  {
    rule: 'forward.userOrder',
    breaks: handedOn('users=p,q', 'users=q,p'),
    told: '8 warning MQTT-3.3.2-18',
    keeps: handedOn('users=p,q', 'users=p,q'),
  },
  {
    rule: 'forward.contentType',
    breaks: handedOn('contentType=text', 'contentType=html'),
    told: '8 warning MQTT-3.3.2-20',
    // Before 5.0 there is nothing to hand on.
    keeps: `v4\nc2: CONNECT id=sub\ns2: CONNACK\nc2: SUBSCRIBE #1 a\ns2: SUBACK #1 0\nv5\nc: CONNECT id=pub\ns: CONNACK\nc: PUBLISH a x contentType=text\nv4\ns2: PUBLISH a x`,
  },
  {
    rule: 'forward.expiry',
    breaks: `${HEARD}c: PUBLISH a x messageExpiry=60\n+20s\ns2: PUBLISH a x messageExpiry=60`,
    told: '8 warning MQTT-3.3.2-6',
    keeps: `${HEARD}c: PUBLISH a x messageExpiry=60\n+20s\ns2: PUBLISH a x messageExpiry=39`,
  },
  {
    rule: 'forward.expired',
    breaks: `${HEARD}c: PUBLISH a x messageExpiry=5\n+20s\ns2: PUBLISH a x messageExpiry=0`,
    told: '8 warning MQTT-3.3.2-5',
    keeps: `${HEARD}c: PUBLISH a x messageExpiry=5\n+6s\ns2: PUBLISH a x messageExpiry=0`,
  },
  {
    rule: 'forward.retainFlag',
    breaks: `${heard('8')}c: PUBLISH retain a x\ns2: PUBLISH a x`,
    told: '8 warning MQTT-3.3.1-13',
    keeps: `${heard('8')}c: PUBLISH retain a x\ns2: PUBLISH retain a x\nc: PUBLISH a y\ns2: PUBLISH a y`,
  },
  {
    rule: 'forward.retainedFlag',
    breaks: `${STORED}c2: CONNECT id=b\ns2: CONNACK\nc2: SUBSCRIBE #1 a\ns2: SUBACK #1 0\ns2: PUBLISH a x`,
    told: '8 warning MQTT-3.3.1-8',
    keeps: `${STORED}c2: CONNECT id=b\ns2: CONNACK\nc2: SUBSCRIBE #1 a\ns2: SUBACK #1 0\ns2: PUBLISH retain a x\nc: PUBLISH a x\ns2: PUBLISH a x`,
  },
  {
    rule: 'forward.mark',
    breaks: `${SUBSCRIBED}c2: CONNECT id=b\ns2: CONNACK\nc2: HEX 30080005efbbbf612f79\ns: PUBLISH a/ y`,
    told: '8 warning MQTT-1.5.3-3',
    keeps: `${OPEN}c: SUBSCRIBE #1 #\ns: SUBACK #1 0\nc2: CONNECT id=b\ns2: CONNACK\nc2: HEX 30080005efbbbf612f79\ns: HEX 30080005efbbbf612f79`,
  },
]

const ORDER: readonly Case[] = [
  {
    rule: 'order.delivery',
    breaks: `${HEARD}c: PUBLISH a x\nc: PUBLISH a y\ns2: PUBLISH a y\ns2: PUBLISH a x`,
    told: '10 warning MQTT-4.6.0-5',
    keeps: `${HEARD}c: PUBLISH a x\nc: PUBLISH a y\ns2: PUBLISH a x\ns2: PUBLISH a y`,
  },
  {
    rule: 'order.delivery',
    breaks: `${heard('0', 'v4')}c: PUBLISH a x\nc: PUBLISH a y\ns2: PUBLISH a y\ns2: PUBLISH a x`,
    told: '10 warning MQTT-4.6.0-6',
    // Of two clients each has an order of its own.
    keeps: `${HEARD}c3: CONNECT id=p2\ns3: CONNACK\nc: PUBLISH a x\nc3: PUBLISH a y\ns2: PUBLISH a y\ns2: PUBLISH a x`,
  },
  {
    rule: 'order.delivery',
    breaks: `${HEARD}c: PUBLISH a x\nc: PUBLISH a y\nc: PUBLISH a z\ns2: PUBLISH a x\ns2: PUBLISH a z\ns2: PUBLISH a y`,
    told: '12 warning MQTT-4.6.0-5',
    // Another QoS, another order.
    keeps: `${HEARD}c: PUBLISH q1 #1 a x\nc: PUBLISH a y\ns2: PUBLISH a y\ns2: PUBLISH a x`,
  },
]

const WATCHED = `${SUBSCRIBED}c2: CONNECT id=b will=a/w:gone\ns2: CONNACK\n+10s\n`
const WILL: readonly Case[] = [
  {
    rule: 'will.fired',
    breaks: `${WATCHED}c2: reset\ns: PUBLISH a/w gone`,
    told: '7 note will.fired',
    keeps: `${WATCHED}c2: PUBLISH a/w gone\ns: PUBLISH a/w gone`,
  },
  {
    rule: 'will.notFired',
    breaks: `${WATCHED}c2: reset\n+20s\nc: DISCONNECT\nc: close\ns: close`,
    told: '5 warning MQTT-3.1.2-8',
    keeps: `${WATCHED}c2: DISCONNECT\nc2: close\ns2: close\n+20s\nc: DISCONNECT\nc: close\ns: close`,
  },
  {
    rule: 'will.afterDisconnect',
    breaks: `${WATCHED}c2: DISCONNECT\nc2: close\ns2: close\ns: PUBLISH a/w gone`,
    told: '8 warning MQTT-3.14.4-3',
    keeps: `${WATCHED}c2: DISCONNECT\nc2: close\ns2: close\ns: PUBLISH a/w back`,
  },
]

export const CASES: readonly Case[] = [
  ...OPENING,
  ...CONNACK,
  ...PUBLISH,
  ...ACKNOWLEDGE,
  ...RECONNECTS,
  ...REQUESTS,
  ...REFUSALS,
  ...SIZE,
  ...KEEPALIVE,
  ...AUTH,
  ...ENDING,
  ...LINK,
  ...DELIVERY,
  ...ECHO,
  ...MISSING,
  ...RETAINED,
  ...FORWARD,
  ...ORDER,
  ...WILL,
  ...SPARKPLUG_CASES,
]
