/** SUBSCRIBE and UNSUBSCRIBE, PINGREQ, DISCONNECT and AUTH, and what only a server may send. */
import {
  ack,
  byte,
  connect,
  DISCONNECT,
  filter,
  PINGREQ,
  packet,
  property,
  publish,
  raw,
  sized,
  subscribe,
  text,
  two,
  unsubscribe,
  type Version,
} from '../../support/hex.ts'
import { cuts, flags, GOOD_TEXTS, lengths, longer, TEXTS, UNWANTED_TEXTS } from './mutations.ts'
import { ALL, after, each, NUMBERED, opening, type Sequence } from './sequence.ts'

const FILTERS = [
  '',
  '#',
  '+',
  '/',
  '//',
  '+/+',
  'a/#',
  'a/+/b',
  '/+',
  '+/',
  '/#',
  '#/',
  '#/a',
  'a#',
  '#a',
  'a/#/b',
  'a/b#',
  '##',
  'a+',
  '+a',
  'a/b+',
  'a/+b/c',
  '++',
  '+#',
  'a/+#',
  '$SYS/#',
  '$SYS/+',
  '$x',
  ' ',
  '$share',
  '$share/',
  '$share/g',
  '$share/g/',
  '$share//a',
  '$share/g/a',
  '$share/g/#',
  '$share/+/a',
  '$share/#/a',
  '$share/g+/a',
  '$share/g#/a',
  '$share/g/a/#',
  '$share/g/a#',
  '$shared/g/a',
  '$share/g//',
  'a/'.repeat(190),
  'a/'.repeat(250),
  'x'.repeat(65_535),
]

const short = (topic: string): string => (topic.length > 24 ? `${topic.slice(0, 12)}… (${topic.length})` : topic)

const filters = (version: Version): Sequence[] =>
  FILTERS.flatMap(name => [
    after(version, `SUBSCRIBE to "${short(name)}"`, subscribe(version, filter(name))),
    after(version, `SUBSCRIBE to a and "${short(name)}"`, subscribe(version, filter('a') + filter(name, 1))),
    after(version, `UNSUBSCRIBE from "${short(name)}"`, unsubscribe(version, text(name))),
    after(version, `UNSUBSCRIBE from a and "${short(name)}"`, unsubscribe(version, text('a') + text(name))),
  ])

const options = (version: Version): Sequence[] =>
  Array.from({ length: 256 }, (_, value) => [
    after(version, `SUBSCRIBE with options ${byte(value)}`, subscribe(version, filter('a/b', value))),
    ...(value < 64
      ? [
          after(
            version,
            `SUBSCRIBE to a share with options ${byte(value)}`,
            subscribe(version, filter('$share/g/a', value)),
          ),
        ]
      : []),
    ...(value % 5 === 0
      ? [
          after(
            version,
            `SUBSCRIBE with second options ${byte(value)}`,
            subscribe(version, filter('a/b') + filter('c', value)),
          ),
        ]
      : []),
  ]).flat()

const texts = (version: Version): Sequence[] =>
  [...TEXTS, ...UNWANTED_TEXTS, ...GOOD_TEXTS].flatMap(([what, bytes]) => [
    after(version, `SUBSCRIBE with ${what} in the filter`, subscribe(version, `${sized(bytes)}00`)),
    after(version, `UNSUBSCRIBE with ${what} in the filter`, unsubscribe(version, sized(bytes))),
  ])

const shapes = (version: Version): Sequence[] => {
  const two_ = subscribe(version, filter('a/b') + filter('c/#', 1))
  const one = unsubscribe(version, text('a/b') + text('c/#'))
  const mutants = (hex: string) => [...cuts(hex), ...longer(hex), ...lengths(hex), ...flags(hex)]
  return [
    ...mutants(two_).map(mutant => after(version, `SUBSCRIBE ${mutant.what}`, mutant.hex)),
    ...mutants(one).map(mutant => after(version, `UNSUBSCRIBE ${mutant.what}`, mutant.hex)),
    after(version, 'SUBSCRIBE without filters', subscribe(version, '')),
    after(version, 'UNSUBSCRIBE without filters', unsubscribe(version, '')),
    ...[0, 1, 65_535].flatMap(id => [
      after(version, `SUBSCRIBE with id ${id}`, subscribe(version, filter('a'), id)),
      after(version, `UNSUBSCRIBE with id ${id}`, unsubscribe(version, text('a'), id)),
    ]),
    after(
      version,
      'SUBSCRIBE to 50 filters',
      subscribe(version, Array.from({ length: 50 }, (_, at) => filter(`t/${at}`)).join('')),
    ),
    after(
      version,
      'SUBSCRIBE twice to the same',
      subscribe(version, filter('a')),
      subscribe(version, filter('a', 1), 2),
    ),
    after(
      version,
      'SUBSCRIBE twice with the same id',
      subscribe(version, filter('a')),
      subscribe(version, filter('b')),
    ),
    after(version, 'SUBSCRIBE and UNSUBSCRIBE', subscribe(version, filter('a')), unsubscribe(version, text('a'), 2)),
    after(version, 'SUBSCRIBE with the same filter twice', subscribe(version, filter('a') + filter('a', 1))),
    after(
      version,
      'SUBSCRIBE and own PUBLISH q1 acknowledged',
      subscribe(version, filter('o/1', 1)),
      publish(version, { flags: 2, topic: text('o/1'), id: 5 }),
      ack(4, 1),
    ),
    after(
      version,
      'SUBSCRIBE and own PUBLISH q2 acknowledged',
      subscribe(version, filter('o/2', 2)),
      publish(version, { flags: 4, topic: text('o/2'), id: 5 }),
      ack(6, 5),
      ack(5, 1),
      ack(7, 1),
    ),
    after(
      version,
      'own PUBLISH q2 answered by PUBACK',
      subscribe(version, filter('o/3', 2)),
      publish(version, { flags: 4, topic: text('o/3'), id: 5 }),
      ack(6, 5),
      ack(4, 1),
    ),
    after(
      version,
      'own PUBLISH q1 answered by PUBREC',
      subscribe(version, filter('o/4', 1)),
      publish(version, { flags: 2, topic: text('o/4'), id: 5 }),
      ack(5, 1),
    ),
    after(
      version,
      'own PUBLISH q1 answered by PUBCOMP',
      subscribe(version, filter('o/5', 1)),
      publish(version, { flags: 2, topic: text('o/5'), id: 5 }),
      ack(7, 1),
    ),
    after(
      version,
      'own PUBLISH q2 answered by PUBCOMP',
      subscribe(version, filter('o/6', 2)),
      publish(version, { flags: 4, topic: text('o/6'), id: 5 }),
      ack(6, 5),
      ack(7, 1),
    ),
    after(
      version,
      'own PUBLISH q1 acknowledged under another id',
      subscribe(version, filter('o/7', 1)),
      publish(version, { flags: 2, topic: text('o/7'), id: 5 }),
      ack(4, 77),
    ),
    after(
      version,
      'own PUBLISH q1 acknowledged twice',
      subscribe(version, filter('o/8', 1)),
      publish(version, { flags: 2, topic: text('o/8'), id: 5 }),
      ack(4, 1),
      ack(4, 1),
    ),
    after(
      version,
      'own PUBLISH q1 never acknowledged',
      subscribe(version, filter('o/9', 1)),
      publish(version, { flags: 2, topic: text('o/9'), id: 5 }),
    ),
    opening(version, 'SUBSCRIBE before CONNECT', subscribe(version, filter('a'))),
    opening(version, 'UNSUBSCRIBE before CONNECT', unsubscribe(version, text('a'))),
  ]
}

/** Bodies for every type, so that a packet in the wrong direction is at least of the right form. */
const BODIES: readonly (readonly [string, number, (version: Version) => readonly string[]])[] = [
  ['RESERVED', 0, () => ['', '0001', raw('abcd')]],
  ['CONNACK', 2, version => [version === 5 ? '000000' : '0000', version === 5 ? '008000' : '0005', '']],
  ['SUBACK', 9, version => [`0001${version === 5 ? '00' : ''}00`, `0001${version === 5 ? '00' : ''}80`, '']],
  ['UNSUBACK', 11, version => [version === 5 ? '00010000' : '0001', '']],
  ['PINGRESP', 13, () => ['', '00']],
  ['PINGREQ', 12, () => ['', '00', '0000', raw('ping')]],
  ['DISCONNECT', 14, () => ['', '00', '0000', '04', '80', raw('bye')]],
  ['AUTH', 15, () => ['', '00', '18', '19', `18${byte(4)}15${text('x')}`, `1800`, `19${byte(4)}15${text('x')}`]],
]

const bodies = (version: Version): Sequence[] =>
  BODIES.flatMap(([name, type, make]) =>
    make(version).flatMap(body => [
      after(version, `${name} with body ${body}`, packet(type << 4, body)),
      opening(version, `${name} with body ${body} before CONNECT`, packet(type << 4, body)),
      ...(body === make(version)[0]
        ? [...flags(packet(type << 4, body)), ...lengths(packet(type << 4, body))].map(mutant =>
            after(version, `${name} ${mutant.what}`, mutant.hex),
          )
        : []),
    ]),
  )

const reasons: Sequence[] = Array.from({ length: 256 }, (_, code) => [
  after(5, `DISCONNECT with reason ${byte(code)}`, packet(0xe0, byte(code))),
  after(5, `AUTH with reason ${byte(code)}`, packet(0xf0, byte(code))),
  ...(code % 16 === 1
    ? [after(5, `DISCONNECT with reason ${byte(code)} and properties`, packet(0xe0, `${byte(code)}00`))]
    : []),
]).flat()

const endings = (version: Version): Sequence[] => [
  after(version, 'PINGREQ', PINGREQ),
  after(version, 'PINGREQ twice', PINGREQ, PINGREQ),
  after(version, 'DISCONNECT and PINGREQ at once', DISCONNECT + PINGREQ),
  after(version, 'DISCONNECT and PUBLISH at once', DISCONNECT + publish(version)),
  after(version, 'DISCONNECT twice', DISCONNECT, DISCONNECT),
  after(version, 'DISCONNECT and CONNECT', DISCONNECT, connect(version)),
  after(version, 'nothing'),
  after(version, 'a packet that never ends', `30${two(0x7f)}`.slice(0, 4) + text('a/b')),
  after(version, 'a first byte alone', '30'),
  after(version, 'a packet of 268,435,455 bytes begun', `30ffffff7f${text('a/b')}`),
  after(version, 'noise', 'ffffffffffff'),
  opening(version, 'nothing at all'),
  opening(version, 'noise', raw('hello, is this a broker?\r\n')),
  opening(version, 'HTTP', raw('GET / HTTP/1.1\r\nHost: x\r\n\r\n')),
  opening(version, 'zeros', '0000000000000000'),
]

const longReason: Sequence[] = ['', '1f', `1f${two(5)}61`].map(properties =>
  after(5, `DISCONNECT with properties ${properties}`, packet(0xe0, `00${byte(properties.length / 2)}${properties}`)),
)

const full = packet(0xe0, `00${byte(6)}${property(0x1f, text('bye'))}`)

export const requests: readonly Sequence[] = [
  ...each(ALL, filters),
  ...each(NUMBERED, options),
  ...options(3).filter((_, at) => at % 11 === 0 || at < 16),
  ...each(ALL, texts),
  ...each(ALL, shapes),
  ...each(ALL, bodies),
  ...reasons,
  ...each(ALL, endings),
  ...longReason,
  ...[...cuts(full), ...longer(full)].map(mutant => after(5, `DISCONNECT ${mutant.what}`, mutant.hex)),
]
