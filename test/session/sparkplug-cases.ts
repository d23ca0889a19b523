/** For each rule on Sparkplug B: a conversation that breaks it, and one that comes close and does not (see `rules.ts`). */
import { double, inner, string, whole } from '../support/protobuf.ts'
import type { Case } from './rules.ts'

const CONNECT = 'c: CONNECT id=n will=spBv1.0/g/NDEATH/n:bdSeq:8=0 willQos=1\ns: CONNACK\n'
const SUBSCRIBED = 'c: SUBSCRIBE #1 spBv1.0/g/NCMD/n:1 spBv1.0/g/DCMD/n/+:1\ns: SUBACK #1 1 1\n'
/** The metrics of an NBIRTH that no rule is about. */
const BORN = 'bdSeq:8=0 Node_Control/Rebirth:11=false'
const NBIRTH = `c: PUBLISH spBv1.0/g/NBIRTH/n seq=0 ${BORN} temp:10@1=21.5\n`
/** Packet 5 is the NBIRTH. */
const OPEN = `${CONNECT}${SUBSCRIBED}${NBIRTH}`
/** Packet 6 is the DBIRTH. */
const DEVICE = `${OPEN}c: PUBLISH spBv1.0/g/DBIRTH/n/d seq=1 level:3@2=5\n`
const NDATA = 'c: PUBLISH spBv1.0/g/NDATA/n'
const DDATA = 'c: PUBLISH spBv1.0/g/DDATA/n/d'
const TCK = 'tck-id-'

const node = (birth: string, connect = CONNECT): string =>
  `${connect}${SUBSCRIBED}c: PUBLISH spBv1.0/g/NBIRTH/n seq=0 ${birth}`

const ENVELOPE: readonly Case[] = [
  {
    rule: 'sparkplug.withoutDevice',
    breaks: `${OPEN}c: PUBLISH spBv1.0/g/DBIRTH/n seq=1`,
    told: `6 error ${TCK}topic-structure-namespace-device-id-associated-message-types`,
    keeps: DEVICE,
  },
  {
    rule: 'sparkplug.withDevice',
    breaks: `${OPEN}c: PUBLISH spBv1.0/g/NDATA/n/d seq=1`,
    told: `6 error ${TCK}topic-structure-namespace-device-id-non-associated-message-types`,
    keeps: `${OPEN}${NDATA} seq=1`,
  },
  ...(
    [
      ['nbirth', `${CONNECT}${SUBSCRIBED}c: PUBLISH retain spBv1.0/g/NBIRTH/n seq=0 ${BORN}`, 5, OPEN],
      ['dbirth', `${OPEN}c: PUBLISH q1 #2 spBv1.0/g/DBIRTH/n/d seq=1`, 6, DEVICE],
      ['ndata', `${OPEN}c: PUBLISH q1 #2 spBv1.0/g/NDATA/n seq=1`, 6, `${OPEN}${NDATA} seq=1`],
      ['ddata', `${DEVICE}c: PUBLISH retain spBv1.0/g/DDATA/n/d seq=2`, 7, `${DEVICE}${DDATA} seq=2`],
      [
        'ddeath',
        `${DEVICE}c: PUBLISH q2 #2 spBv1.0/g/DDEATH/n/d seq=2`,
        7,
        `${DEVICE}c: PUBLISH spBv1.0/g/DDEATH/n/d seq=2`,
      ],
      [
        'ncmd',
        'c: CONNECT\ns: CONNACK\nc: PUBLISH q1 #2 spBv1.0/g/NCMD/n x:3=1',
        3,
        'c: CONNECT\ns: CONNACK\nc: PUBLISH spBv1.0/g/NCMD/n x:3=1',
      ],
      [
        'dcmd',
        'c: CONNECT\ns: CONNACK\nc: PUBLISH retain spBv1.0/g/DCMD/n/d x:3=1',
        3,
        'c: CONNECT\ns: CONNACK\nc: PUBLISH spBv1.0/g/DCMD/n/d x:3=1',
      ],
    ] as const
  ).map(([type, breaks, packet, keeps]) => ({
    rule: `sparkplug.${type}`,
    breaks,
    told: `${packet} error ${TCK}topics-${type}-mqtt`,
    keeps,
  })),
  {
    rule: 'sparkplug.birthPayload',
    breaks: `${CONNECT}${SUBSCRIBED}c: PUBLISH spBv1.0/g/NBIRTH/n raw:55.49`,
    told: `5 error ${TCK}message-flow-edge-node-birth-publish-nbirth-payload`,
    keeps: OPEN,
  },
  {
    rule: 'sparkplug.malformed',
    breaks: `${OPEN}${NDATA} raw:{"a":1}`,
    told: '6 error sparkplug.malformed',
    keeps: `${OPEN}${NDATA} seq=1 temp:=1`,
  },
]

const DEATH: readonly Case[] = [
  {
    rule: 'sparkplug.noWill',
    breaks: node(BORN, 'c: CONNECT id=n\ns: CONNACK\n'),
    told: `1 error ${TCK}message-flow-edge-node-birth-publish-will-message`,
    keeps: OPEN,
  },
  {
    rule: 'sparkplug.willTopic',
    breaks: node(BORN, 'c: CONNECT id=n will=last:words willQos=1\ns: CONNACK\n'),
    told: `1 error ${TCK}message-flow-edge-node-birth-publish-will-message-topic`,
    keeps: OPEN,
  },
  {
    rule: 'sparkplug.willPayload',
    breaks: node(BORN, 'c: CONNECT id=n will=spBv1.0/g/NDEATH/n:raw:dead willQos=1\ns: CONNACK\n'),
    told: `1 error ${TCK}message-flow-edge-node-birth-publish-will-message-payload`,
    keeps: OPEN,
  },
  {
    rule: 'sparkplug.willBdSeq',
    breaks: node(BORN, 'c: CONNECT id=n will=spBv1.0/g/NDEATH/n:x:8=0 willQos=1\ns: CONNACK\n'),
    told: `1 error ${TCK}message-flow-edge-node-birth-publish-will-message-payload-bdSeq`,
    keeps: OPEN,
  },
  {
    rule: 'sparkplug.willQos',
    breaks: node(BORN, 'c: CONNECT id=n will=spBv1.0/g/NDEATH/n:bdSeq:8=0\ns: CONNACK\n'),
    told: `1 error ${TCK}payloads-ndeath-will-message-qos`,
    keeps: OPEN,
  },
  {
    rule: 'sparkplug.willRetain',
    breaks: node(BORN, 'c: CONNECT id=n will=spBv1.0/g/NDEATH/n:bdSeq:8=0 willQos=1 willRetain\ns: CONNACK\n'),
    told: `1 error ${TCK}payloads-ndeath-will-message-retain`,
    keeps: OPEN,
  },
  {
    rule: 'sparkplug.birthBdSeq',
    breaks: node('Node_Control/Rebirth:11=false'),
    told: `5 error ${TCK}topics-nbirth-bdseq-included`,
    keeps: OPEN,
  },
  {
    rule: 'sparkplug.bdSeqMatching',
    breaks: node('bdSeq:8=1 Node_Control/Rebirth:11=false'),
    told: `5 error ${TCK}topics-nbirth-bdseq-matching`,
    keeps: OPEN,
  },
  ...(['bdSeqIncrement', 'bdSeqRestart'] as const).map(rule => {
    const [first, then, good] = rule === 'bdSeqIncrement' ? [4, 6, 5] : [4, 0, 5]
    const again = (bdSeq: number): string =>
      `${node(`bdSeq:8=${first} Node_Control/Rebirth:11=false`, CONNECT.replace('8=0', `8=${first}`))}\nc: reset\n` +
      `c2: CONNECT id=n will=spBv1.0/g/NDEATH/n:bdSeq:8=${bdSeq} willQos=1\ns2: CONNACK\n` +
      `c2: PUBLISH spBv1.0/g/NBIRTH/n seq=0 bdSeq:8=${bdSeq} Node_Control/Rebirth:11=false`
    return {
      rule: `sparkplug.${rule}`,
      breaks: again(then),
      told:
        rule === 'bdSeqIncrement' ? `6 warning ${TCK}topics-nbirth-bdseq-increment` : '6 note sparkplug.bdseq_restart',
      keeps: again(good),
    }
  }),
  {
    rule: 'sparkplug.disconnect311',
    breaks: `${OPEN}c: DISCONNECT`,
    told: `6 error ${TCK}payloads-ndeath-will-message-publisher-disconnect-mqtt311`,
    keeps: `${OPEN}c: PUBLISH spBv1.0/g/NDEATH/n bdSeq:8=0\nc: DISCONNECT`,
  },
  {
    rule: 'sparkplug.disconnect50',
    breaks: `v5\n${OPEN}c: DISCONNECT`,
    told: `6 error ${TCK}payloads-ndeath-will-message-publisher-disconnect-mqtt50`,
    keeps: `v5\n${OPEN}c: DISCONNECT 0x04`,
  },
]

const SEQUENCE: readonly Case[] = [
  {
    rule: 'sparkplug.missing',
    breaks: `${OPEN}${NDATA} temp:=1`,
    told: `6 error ${TCK}payloads-sequence-num-always-included`,
    keeps: `${OPEN}${NDATA} seq=1 temp:=1\nc: PUBLISH spBv1.0/g/NDEATH/n bdSeq:8=0`,
  },
  {
    rule: 'sparkplug.incrementing',
    breaks: `${DEVICE}${DDATA} seq=1 @2=6`,
    told: `7 error ${TCK}payloads-sequence-num-incrementing`,
    keeps: `${DEVICE}${DDATA} seq=2 @2=6\n${NDATA} seq=3 @1=1`,
  },
  {
    rule: 'sparkplug.incrementing',
    breaks: `${node(BORN).replace('seq=0', 'seq=255')}\n${NDATA} seq=1`,
    told: `6 error ${TCK}payloads-sequence-num-incrementing`,
    keeps: `${node(BORN).replace('seq=0', 'seq=255')}\n${NDATA} seq=0`,
  },
  {
    rule: 'sparkplug.incrementing',
    breaks: `${OPEN}${NDATA} seq=2`,
    told: `6 error ${TCK}payloads-sequence-num-incrementing`,
    keeps: `${OPEN}c: lost PUBLISH spBv1.0/g/NDATA/n seq=1\n${NDATA} seq=9`,
  },
  {
    rule: 'sparkplug.birthRange',
    breaks: node(BORN).replace('seq=0', 'seq=256'),
    told: `5 error ${TCK}payloads-nbirth-seq`,
    keeps: node(BORN).replace('seq=0', 'seq=255'),
  },
  {
    rule: 'sparkplug.birthNotZero',
    breaks: node(BORN).replace('seq=0', 'seq=7'),
    told: `5 note ${TCK}topics-nbirth-seq-num`,
    keeps: OPEN,
  },
  {
    rule: 'sparkplug.death',
    breaks: `${OPEN}c: PUBLISH spBv1.0/g/NDEATH/n seq=1 bdSeq:8=0`,
    told: `6 error ${TCK}payloads-ndeath-seq`,
    keeps: `${OPEN}c: PUBLISH spBv1.0/g/NDEATH/n bdSeq:8=0`,
  },
  {
    rule: 'sparkplug.nodeCommand',
    breaks: 'c: CONNECT\ns: CONNACK\nc: PUBLISH spBv1.0/g/NCMD/n seq=0 x:3=1',
    told: `3 error ${TCK}payloads-ncmd-seq`,
    keeps: 'c: CONNECT\ns: CONNACK\nc: PUBLISH spBv1.0/g/NCMD/n x:3=1',
  },
  {
    rule: 'sparkplug.deviceCommand',
    breaks: 'c: CONNECT\ns: CONNACK\nc: PUBLISH spBv1.0/g/DCMD/n/d seq=0 x:3=1',
    told: `3 error ${TCK}payloads-dcmd-seq`,
    keeps: 'c: CONNECT\ns: CONNACK\nc: PUBLISH spBv1.0/g/DCMD/n/d x:3=1',
  },
  {
    rule: 'sparkplug.deviceBeforeNode',
    breaks: `${CONNECT}${SUBSCRIBED}c: PUBLISH spBv1.0/g/DBIRTH/n/d seq=0`,
    told: `5 error ${TCK}message-flow-device-birth-publish-nbirth-wait`,
    keeps: DEVICE,
  },
  {
    rule: 'sparkplug.nodeDataOrder',
    breaks: `${CONNECT}${SUBSCRIBED}${NDATA} seq=0`,
    told: `5 error ${TCK}payloads-ndata-order`,
    keeps: `${OPEN}${NDATA} seq=1`,
  },
  {
    rule: 'sparkplug.deviceDataOrder',
    breaks: `${OPEN}${DDATA} seq=1 level:=1`,
    told: `6 error ${TCK}payloads-ddata-order`,
    keeps: `${DEVICE}${DDATA} seq=2 level:=1`,
  },
  {
    rule: 'sparkplug.deviceDataOrder',
    breaks: `${DEVICE}c: PUBLISH spBv1.0/g/DDEATH/n/d seq=2\n${DDATA} seq=3 level:=1`,
    told: `8 error ${TCK}payloads-ddata-order`,
    keeps: `${OPEN}c: lost PUBLISH spBv1.0/g/DBIRTH/n/d seq=1\n${DDATA} seq=2 level:=1`,
  },
  {
    rule: 'sparkplug.notSubscribed',
    breaks: `${CONNECT}c: SUBSCRIBE #1 spBv1.0/g/NCMD/n:0\ns: SUBACK #1 0\n${NBIRTH}`,
    told: `5 error ${TCK}message-flow-edge-node-ncmd-subscribe`,
    keeps: `${CONNECT}c: SUBSCRIBE #1 spBv1.0/#:1\ns: SUBACK #1 1\n${NBIRTH}`,
  },
]

/** A value field of a metric as a whole payload: name a, time, type, value. */
const valued = (type: number, value: string): string =>
  `hex:${whole(1, 1) + inner(2, string(1, 'a') + whole(3, 1) + whole(4, type) + value) + whole(3, 1)}`
const dataSet = (columns: number, types: number): string =>
  valued(16, inner(17, whole(1, 1) + string(2, 'x').repeat(columns) + whole(3, 10).repeat(types)))
const template = (isDefinition: number): string => valued(19, inner(18, string(4, 'T') + whole(5, isDefinition)))
const properties = (keys: number): string =>
  valued(10, double(13, 1) + inner(9, string(1, 'k').repeat(keys) + inner(2, whole(1, 3) + whole(3, 1))))
const born = (hex: string): string => `${OPEN}c: PUBLISH spBv1.0/g/DBIRTH/n/d ${hex}`

const METRICS: readonly Case[] = [
  {
    rule: 'sparkplug.rebirthMetric',
    breaks: node('bdSeq:8=0'),
    told: `5 error ${TCK}topics-nbirth-rebirth-metric`,
    keeps: OPEN,
  },
  {
    rule: 'sparkplug.rebirthMetric',
    breaks: node('bdSeq:8=0 Node_Control/Rebirth:11=true'),
    told: `5 error ${TCK}topics-nbirth-rebirth-metric`,
    keeps: OPEN,
  },
  {
    rule: 'sparkplug.rebirthAlias',
    breaks: node('bdSeq:8=0 Node_Control/Rebirth:11@9=false'),
    told: `5 error ${TCK}operational-behavior-data-commands-rebirth-name-aliases`,
    keeps: OPEN,
  },
  {
    rule: 'sparkplug.aliasUniqueness',
    breaks: node(`${BORN} a:3@1=1 b:3@1=1`),
    told: `5 error ${TCK}payloads-alias-uniqueness`,
    keeps: node(`${BORN} a:3@1=1 b:3@2=1`),
  },
  {
    rule: 'sparkplug.aliasUniqueness',
    breaks: `${OPEN}c: PUBLISH spBv1.0/g/DBIRTH/n/d seq=1 level:3@1=5`,
    told: `6 error ${TCK}payloads-alias-uniqueness`,
    keeps: `${DEVICE}c: PUBLISH spBv1.0/g/DBIRTH/n/d seq=2 height:3@2=5`,
  },
  {
    rule: 'sparkplug.aliasUnknown',
    breaks: `${OPEN}${NDATA} seq=1 @7=1`,
    told: '6 warning sparkplug.alias_unknown',
    keeps: `${OPEN}c: lost PUBLISH spBv1.0/g/DBIRTH/n/d seq=1 x:3@7=1\n${NDATA} seq=2 @7=1`,
  },
  {
    rule: 'sparkplug.aliasBefore',
    breaks: `${OPEN}${NDATA} seq=1 @1=1`,
    midStream: 5,
    told: '1 note sparkplug.birth_unseen',
    keeps: `${OPEN}${NDATA} seq=1 @1=1`,
  },
  {
    rule: 'sparkplug.name',
    breaks: `${OPEN}${NDATA} seq=1 =1`,
    told: `6 error ${TCK}payloads-name-requirement`,
    keeps: `${OPEN}${NDATA} seq=1 @1=1`,
  },
  {
    rule: 'sparkplug.type',
    breaks: node(`${BORN} a:=1`),
    told: `5 error ${TCK}payloads-metric-datatype-req`,
    keeps: `${OPEN}${NDATA} seq=1 temp:=1`,
  },
  {
    rule: 'sparkplug.typeValue',
    breaks: node(`${BORN} a:35=1`),
    told: `5 error ${TCK}payloads-metric-datatype-value`,
    keeps: node(`${BORN} a:34=null`),
  },
  {
    rule: 'sparkplug.typeNotRequired',
    breaks: `${OPEN}${NDATA} seq=1 temp:10=1`,
    told: `6 note ${TCK}payloads-metric-datatype-not-req`,
    keeps: `${OPEN}${NDATA} seq=1 temp:=1`,
  },
  {
    rule: 'sparkplug.timestamp',
    breaks: `${OPEN}${NDATA} seq=1 temp:=1!`,
    told: `6 error ${TCK}payloads-name-birth-data-requirement`,
    keeps: 'c: CONNECT\ns: CONNACK\nc: PUBLISH spBv1.0/g/NCMD/n x:3=1!',
  },
  {
    rule: 'sparkplug.keys',
    breaks: born(properties(2)),
    told: `6 error ${TCK}payloads-propertyset-keys-array-size`,
    keeps: born(properties(1)),
  },
  {
    rule: 'sparkplug.columns',
    breaks: born(dataSet(2, 1)),
    told: `6 error ${TCK}payloads-dataset-column-num-headers`,
    keeps: born(dataSet(1, 1)),
  },
  {
    rule: 'sparkplug.types',
    breaks: born(dataSet(1, 0)),
    told: `6 error ${TCK}payloads-dataset-types-num`,
    keeps: born(dataSet(1, 1)),
  },
  {
    rule: 'sparkplug.definition',
    breaks: born(template(1)),
    told: `6 error ${TCK}payloads-template-definition-nbirth-only`,
    keeps: born(template(0)),
  },
  {
    rule: 'sparkplug.nameCase',
    breaks: node(`${BORN} Temp:3=1 temp:3=1`),
    told: `5 warning ${TCK}case-sensitivity-metric-names`,
    keeps: node(`${BORN} Temp:3=1 temp2:3=1`),
  },
  {
    rule: 'sparkplug.idCase',
    breaks: `${OPEN}c: PUBLISH spBv1.0/g/DBIRTH/n/Pump seq=1\nc: PUBLISH spBv1.0/g/DBIRTH/n/pump seq=2`,
    told: `7 warning ${TCK}case-sensitivity-sparkplug-ids`,
    keeps: `${OPEN}c: PUBLISH spBv1.0/g/DBIRTH/n/Pump seq=1\nc: PUBLISH spBv1.0/g/DBIRTH/n/Pump2 seq=2`,
  },
]

const ASKED = `${OPEN}s: PUBLISH q1 #1 spBv1.0/g/NCMD/n Node_Control/Rebirth:11=true\nc: PUBACK #1\n`
const REBORN = `c: PUBLISH spBv1.0/g/NBIRTH/n seq=0 ${BORN}\n`

const REBIRTH: readonly Case[] = [
  {
    rule: 'sparkplug.stops',
    breaks: `${ASKED}+6s\n${NDATA} seq=1 @1=1`,
    told: `8 error ${TCK}operational-behavior-data-commands-rebirth-action-1`,
    keeps: `${ASKED}${NDATA} seq=1 @1=1\n${REBORN}+6s\n${NDATA} seq=1`,
  },
  {
    rule: 'sparkplug.births',
    breaks: `${ASKED}+11s\nc: PINGREQ\ns: PINGRESP\nc: bye`,
    told: `6 warning ${TCK}operational-behavior-data-commands-rebirth-action-2`,
    keeps: `${ASKED}+2s\n${REBORN}+11s\nc: PINGREQ\ns: PINGRESP`,
  },
  {
    rule: 'sparkplug.sameBdSeq',
    breaks: `${ASKED}${REBORN.replace('8=0', '8=1')}`,
    told: `8 error ${TCK}operational-behavior-data-commands-rebirth-action-3`,
    keeps: `${ASKED}${REBORN}`,
  },
]

const STATE = 'spBv1.0/STATE/h'
const OFFLINE = '{"online":false,"timestamp":7}'
const HOST_BEHIND = ' willQos=1 willRetain\ns: CONNACK\n'
const online = (words = 'q1 #1 retain', payload = '{"online":true,"timestamp":7}'): string =>
  `c: PUBLISH ${words} ${STATE} ${payload}\n`
const host = (will = `${STATE}:${OFFLINE}`, behind = HOST_BEHIND): string =>
  `c: CONNECT id=h ${will === '' ? '' : `will=${will}`}${behind}`
const GOOD_HOST = `${host()}${online()}`
const connect = `${TCK}operational-behavior-host-application-connect`

const HOST: readonly Case[] = [
  {
    rule: 'sparkplug.hostWill',
    breaks: `c: CONNECT id=h\ns: CONNACK\n${online()}`,
    told: `1 error ${connect}-will`,
    keeps: GOOD_HOST,
  },
  {
    rule: 'sparkplug.hostWillTopic',
    breaks: `${host('last:x')}${online()}`,
    told: `1 error ${connect}-will-topic`,
    keeps: GOOD_HOST,
  },
  {
    rule: 'sparkplug.hostWillPayload',
    breaks: `${host(`${STATE}:OFFLINE`)}${online()}`,
    told: `1 error ${connect}-will-payload`,
    keeps: GOOD_HOST,
  },
  {
    rule: 'sparkplug.hostWillQos',
    breaks: `${host(undefined, ' willRetain\ns: CONNACK\n')}${online()}`,
    told: `1 error ${connect}-will-qos`,
    keeps: GOOD_HOST,
  },
  {
    rule: 'sparkplug.hostWillRetained',
    breaks: `${host(undefined, ' willQos=1\ns: CONNACK\n')}${online()}`,
    told: `1 error ${connect}-will-retained`,
    keeps: GOOD_HOST,
  },
  {
    rule: 'sparkplug.hostBirthQos',
    breaks: `${host()}${online('retain')}`,
    told: `3 error ${connect}-birth-qos`,
    keeps: GOOD_HOST,
  },
  {
    rule: 'sparkplug.hostBirthRetained',
    breaks: `${host()}${online('q1 #1')}`,
    told: `3 error ${connect}-birth-retained`,
    keeps: GOOD_HOST,
  },
  {
    rule: 'sparkplug.hostBirthPayload',
    breaks: `${host()}${online(undefined, '{"online":"true","timestamp":7}')}`,
    told: `3 error ${connect}-birth-payload`,
    keeps: GOOD_HOST,
  },
  {
    rule: 'sparkplug.hostBirthPayload',
    breaks: `${host()}${online(undefined, '{"online":true,"timestamp":8}')}`,
    told: `3 error ${connect}-birth-payload`,
    keeps: GOOD_HOST,
  },
  {
    rule: 'sparkplug.hostDelivered',
    breaks: `${GOOD_HOST}s: PUBLISH ${STATE} ${OFFLINE}\n+11s\nc: PINGREQ\ns: PINGRESP\nc: bye`,
    told: `4 warning ${TCK}message-flow-hid-sparkplug-state-message-delivered`,
    keeps: `${GOOD_HOST}s: PUBLISH ${STATE} ${OFFLINE}\n${online()}+11s\nc: PINGREQ\ns: PINGRESP\nc: bye`,
  },
]

/** Births of more metrics than are remembered. */
const many = (births: number): string =>
  Array.from({ length: births }, (_, device) => {
    const metrics = Array.from({ length: 5000 }, (_, index) =>
      inner(2, string(1, `m${index}`) + whole(3, 1) + whole(4, 3)),
    )
    return `c: PUBLISH spBv1.0/g/DBIRTH/n/d${device} hex:${metrics.join('')}${whole(3, device + 1)}\n`
  }).join('')

const LIMITS: readonly Case[] = [
  {
    rule: 'sparkplug.tooMany',
    breaks: `${OPEN}${many(20)}`,
    told: '25 note sparkplug.too_many',
    keeps: `${OPEN}${many(19)}`,
  },
]

export const SPARKPLUG_CASES: readonly Case[] = [
  ...ENVELOPE,
  ...DEATH,
  ...SEQUENCE,
  ...METRICS,
  ...REBIRTH,
  ...HOST,
  ...LIMITS,
]
