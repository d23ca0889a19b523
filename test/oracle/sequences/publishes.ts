/** PUBLISH and its acknowledgements, made wrong in every field. */
import { ack, byte, packet, property, publish, raw, sized, text, two, type Version } from '../../support/hex.ts'
import { cuts, flags, GOOD_TEXTS, lengths, longer, TEXTS, UNWANTED_TEXTS } from './mutations.ts'
import { ALL, after, each, opening, type Sequence } from './sequence.ts'

const TOPICS = [
  '',
  '/',
  '//',
  'a',
  'a/b',
  '/a',
  'a/',
  ' ',
  '+',
  '#',
  'a/+',
  'a/#',
  'a+b',
  'a#b',
  '$SYS',
  '$SYS/x',
  '$x/y',
  '$share/g/t',
  '$share',
  '$SYS/broker/uptime',
  'a/'.repeat(190),
  'a/'.repeat(250),
  'x'.repeat(65_535),
]

const short = (topic: string): string => (topic.length > 24 ? `${topic.slice(0, 12)}… (${topic.length})` : topic)

const topics = (version: Version): Sequence[] =>
  TOPICS.flatMap(topic =>
    [0, 1, 2].map(qos =>
      after(
        version,
        `PUBLISH q${qos} to "${short(topic)}"`,
        publish(version, { flags: qos << 1, topic: text(topic), id: 9 }),
      ),
    ),
  )

const texts = (version: Version): Sequence[] =>
  [...TEXTS, ...UNWANTED_TEXTS, ...GOOD_TEXTS].flatMap(([what, bytes]) => [
    after(version, `PUBLISH with ${what} in the topic`, publish(version, { topic: sized(bytes) })),
    after(
      version,
      `PUBLISH q1 with ${what} in a level of the topic`,
      publish(version, { flags: 2, topic: sized(`${raw('a/')}${bytes}${raw('/b')}`) }),
    ),
    after(version, `PUBLISH with ${what} in the payload`, publish(version, { payload: bytes })),
  ])

const shapes = (version: Version): Sequence[] =>
  [0, 1, 2].flatMap(qos => {
    const hex = publish(version, { flags: qos << 1, id: 3 })
    return [...cuts(hex), ...longer(hex), ...lengths(hex), ...flags(hex)].map(mutant =>
      after(version, `PUBLISH q${qos} ${mutant.what}`, mutant.hex),
    )
  })

const ids = (version: Version): Sequence[] =>
  [0, 1, 2, 255, 256, 32_768, 65_535].flatMap(id => [
    after(version, `PUBLISH q1 with id ${id}`, publish(version, { flags: 2, id })),
    after(version, `PUBLISH q2 with id ${id}`, publish(version, { flags: 4, id })),
    after(version, `PUBLISH q2 and PUBREL with id ${id}`, publish(version, { flags: 4, id }), ack(6, id)),
    ...[4, 5, 6, 7].map(type => after(version, `type ${type} with id ${id}, never sent`, ack(type, id))),
  ])

/** Acknowledgements of every type, of nothing. */
const acks = (version: Version): Sequence[] =>
  [4, 5, 6, 7].flatMap(type => {
    const hex = ack(type, 7)
    const plain = [...cuts(hex), ...longer(hex), ...lengths(hex), ...flags(hex)]
    const full = ack(type, 7, `00${byte(5)}1f${text('ok')}`)
    const more = version === 5 ? [...cuts(full), ...longer(full)] : []
    return [...plain, ...more].map(mutant => after(version, `type ${type} ${mutant.what}`, mutant.hex))
  })

/** Every reason code in every acknowledgement. */
const codes: Sequence[] = [4, 5, 6, 7].flatMap(type =>
  Array.from({ length: 256 }, (_, code) => [
    after(5, `type ${type} with reason ${byte(code)}`, ack(type, 7, byte(code))),
    ...(code % 16 === 3
      ? [after(5, `type ${type} with reason ${byte(code)} and properties`, ack(type, 7, `${byte(code)}00`))]
      : []),
  ]).flat(),
)

const order = (version: Version): Sequence[] => [
  after(version, 'PUBLISH q1 twice with the same id', publish(version, { flags: 2 }), publish(version, { flags: 2 })),
  after(
    version,
    'PUBLISH q1 twice with the same id at once',
    publish(version, { flags: 2 }) + publish(version, { flags: 2 }),
  ),
  after(version, 'PUBLISH q1 and again with DUP', publish(version, { flags: 2 }), publish(version, { flags: 10 })),
  after(version, 'PUBLISH q2 and again with DUP', publish(version, { flags: 4 }), publish(version, { flags: 12 })),
  after(version, 'PUBLISH q2 twice with the same id', publish(version, { flags: 4 }), publish(version, { flags: 4 })),
  after(
    version,
    'PUBLISH q2 with another payload under the same id',
    publish(version, { flags: 4 }),
    publish(version, { flags: 4, payload: raw('other') }),
  ),
  after(
    version,
    'PUBLISH q2, another topic under the same id',
    publish(version, { flags: 4 }),
    publish(version, { flags: 4, topic: text('x/y') }),
  ),
  after(version, 'PUBLISH q1 with DUP from the start', publish(version, { flags: 10 })),
  after(version, 'PUBLISH q2 with DUP from the start', publish(version, { flags: 12 })),
  after(version, 'PUBLISH q2, PUBREL twice', publish(version, { flags: 4 }), ack(6, 1), ack(6, 1)),
  after(version, 'PUBLISH q2, PUBCOMP from the client', publish(version, { flags: 4 }), ack(7, 1)),
  after(version, 'PUBLISH q2, PUBACK from the client', publish(version, { flags: 4 }), ack(4, 1)),
  after(version, 'PUBLISH q2, PUBREC from the client', publish(version, { flags: 4 }), ack(5, 1)),
  after(version, 'PUBLISH q1, PUBREL from the client', publish(version, { flags: 2 }), ack(6, 1)),
  after(
    version,
    'PUBLISH q1, then q2 with the same id',
    publish(version, { flags: 2 }),
    publish(version, { flags: 4 }),
    ack(6, 1),
  ),
  after(version, 'retained PUBLISH', publish(version, { flags: 1 })),
  after(version, 'empty retained PUBLISH', publish(version, { flags: 1, payload: '' })),
  after(version, 'PUBLISH without payload', publish(version, { payload: '' })),
  after(version, 'PUBLISH of 100 kB', publish(version, { payload: '61'.repeat(100_000) })),
  opening(version, 'PUBLISH before CONNECT', publish(version)),
  opening(version, 'PUBACK before CONNECT', ack(4, 1)),
]

/** Packets of one version in a connection of another. */
const others: Sequence[] = [
  after(4, 'PUBLISH of 5.0', publish(5, { properties: property(1, '01') })),
  after(5, 'PUBLISH of 3.1.1', publish(4)),
  after(5, 'PUBLISH of 3.1.1 without payload', publish(4, { payload: '' })),
  after(5, 'PUBLISH q1 of 3.1.1', publish(4, { flags: 2 })),
  after(4, 'PUBACK of 5.0', ack(4, 1, '0000')),
  after(5, 'PUBLISH with a topic and nothing else', packet(0x30, text('a/b'))),
  after(5, 'PUBLISH with a topic length beyond the end', packet(0x30, `${two(10)}${raw('a/b')}`)),
  after(4, 'PUBLISH with a topic length beyond the end', packet(0x30, `${two(10)}${raw('a/b')}`)),
]

export const publishes: readonly Sequence[] = [
  ...each(ALL, topics),
  ...each(ALL, texts),
  ...each(ALL, shapes),
  ...each(ALL, ids),
  ...each(ALL, acks),
  ...codes,
  ...each(ALL, order),
  ...others,
]
