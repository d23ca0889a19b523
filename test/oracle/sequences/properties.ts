/** Every property of MQTT 5 in every packet a client sends: where it belongs and where not, twice, cut, out of range. */
import {
  ack,
  block,
  byte,
  connect,
  filter,
  four,
  packet,
  property,
  publish,
  raw,
  sized,
  subscribe,
  text,
  two,
  unsubscribe,
  varint,
} from '../../support/hex.ts'
import { TEXTS } from './mutations.ts'
import { after, opening, type Sequence } from './sequence.ts'

type Kind = 'byte' | 'two' | 'four' | 'varint' | 'text' | 'binary' | 'pair'

/** MQTT 5 §2.2.2.2, written down once more. */
const PROPERTIES: readonly (readonly [number, Kind, string])[] = [
  [0x01, 'byte', '01'],
  [0x02, 'four', four(60)],
  [0x03, 'text', text('text/plain')],
  [0x08, 'text', text('re/ply')],
  [0x09, 'binary', text('id')],
  [0x0b, 'varint', varint(7)],
  [0x11, 'four', four(30)],
  [0x12, 'text', text('assigned')],
  [0x13, 'two', two(10)],
  [0x15, 'text', text('method')],
  [0x16, 'binary', text('data')],
  [0x17, 'byte', '01'],
  [0x18, 'four', four(5)],
  [0x19, 'byte', '01'],
  [0x1a, 'text', text('info')],
  [0x1c, 'text', text('other')],
  [0x1f, 'text', text('because')],
  [0x21, 'two', two(10)],
  [0x22, 'two', two(10)],
  [0x23, 'two', two(1)],
  [0x24, 'byte', '01'],
  [0x25, 'byte', '01'],
  [0x26, 'pair', text('k') + text('v')],
  [0x27, 'four', four(1000)],
  [0x28, 'byte', '01'],
  [0x29, 'byte', '01'],
  [0x2a, 'byte', '01'],
]

const MIXED: readonly (readonly [number, string])[] = [
  [0x01, '02'],
  [0x01, 'ff'],
  [0x02, four(0)],
  [0x02, four(0xffffffff)],
  [0x08, text('a/+')],
  [0x08, text('a/#')],
  [0x08, text('#')],
  [0x08, text('')],
  [0x03, text('')],
  [0x09, text('')],
  [0x0b, varint(0)],
  [0x0b, varint(268_435_455)],
  [0x0b, '8080808001'],
  [0x0b, '8100'],
  [0x11, four(0)],
  [0x11, four(0xffffffff)],
  [0x15, text('')],
  [0x17, '00'],
  [0x17, '02'],
  [0x18, four(0)],
  [0x18, four(0xffffffff)],
  [0x19, '00'],
  [0x19, '02'],
  [0x19, 'ff'],
  [0x21, two(0)],
  [0x21, two(1)],
  [0x21, two(65_535)],
  [0x22, two(0)],
  [0x22, two(65_535)],
  [0x23, two(0)],
  [0x23, two(10)],
  [0x23, two(11)],
  [0x23, two(65_535)],
  [0x26, text('') + text('')],
  [0x27, four(0)],
  [0x27, four(1)],
  [0x27, four(20)],
  [0x27, four(0xffffffff)],
]

interface Place {
  readonly name: string
  readonly make: (properties: string) => Sequence
}

/** `make` is given the block with its length, so that this may be wrong too. */
const PLACES: readonly (readonly [string, (block: string) => readonly string[], boolean])[] = [
  ['CONNECT', block_ => [rawConnect(block_)], true],
  ['the will', block_ => [willConnect(block_)], true],
  ['PUBLISH', block_ => [packet(0x30, text('a/b') + block_ + raw('x'))], false],
  ['PUBLISH q1', block_ => [packet(0x32, text('a/b') + two(3) + block_ + raw('x'))], false],
  ['SUBSCRIBE', block_ => [packet(0x82, two(1) + block_ + filter('a'))], false],
  ['UNSUBSCRIBE', block_ => [packet(0xa2, two(1) + block_ + text('a'))], false],
  ['PUBACK', block_ => [packet(0x40, `${two(1)}00${block_}`)], false],
  ['PUBREC', block_ => [packet(0x50, `${two(1)}00${block_}`)], false],
  ['PUBREL', block_ => [packet(0x62, `${two(1)}00${block_}`)], false],
  ['PUBREL of a PUBLISH', block_ => [publish(5, { flags: 4 }), packet(0x62, `${two(1)}00${block_}`)], false],
  ['PUBCOMP', block_ => [packet(0x70, `${two(1)}00${block_}`)], false],
  ['DISCONNECT', block_ => [packet(0xe0, `00${block_}`)], false],
  ['AUTH', block_ => [packet(0xf0, `18${block_}`)], false],
]

let made = 0
const rawConnect = (block_: string): string => packet(0x10, `${text('MQTT')}0502003c${block_}${text(`p${++made}`)}`)
const willConnect = (block_: string): string =>
  packet(0x10, `${text('MQTT')}0506003c00${text(`p${++made}`)}${block_}${text('w')}${text('x')}`)

const places: readonly Place[] = PLACES.map(([name, make, isOpening]) => ({
  name,
  make: (properties: string) =>
    (isOpening ? opening : after)(5, `${name} with properties ${properties.slice(0, 60)}`, ...make(properties)),
}))

const placed = (place: Place): Sequence[] => [
  ...PROPERTIES.map(([id, , value]) => place.make(block(property(id, value)))),
  ...PROPERTIES.map(([id, , value]) => place.make(block(property(id, value) + property(id, value)))),
  ...MIXED.map(([id, value]) => place.make(block(property(id, value)))),
]

const broken = (place: Place): Sequence[] => [
  ...[0, 4, 5, 0x0a, 0x0c, 0x10, 0x14, 0x1b, 0x1d, 0x20, 0x2b, 0x7e, 0x7f, 0x80, 0xff].map(id =>
    place.make(block(property(id, '00'))),
  ),
  // An identifier in two bytes, which one byte would have held.
  place.make(block(`a600${text('k')}${text('v')}`)),
  // A block longer or shorter than its properties.
  place.make(`01`),
  place.make(`0126`),
  place.make(`7f26${text('k')}${text('v')}`),
  place.make(`0626${text('k')}${text('v')}`),
  place.make(`0826${text('k')}${text('v')}`),
  place.make(`ffffff7f`),
  place.make(`ffffffff01`),
  place.make(`8000`),
  place.make(`800026`),
  place.make(`80`),
  place.make(''),
  place.make('00'),
  ...TEXTS.slice(0, 9).flatMap(([, bytes]) => [
    place.make(block(property(0x26, sized(bytes) + text('v')))),
    place.make(block(property(0x26, text('k') + sized(bytes)))),
  ]),
  place.make(block(property(0x26, text('k')))),
  place.make(block(property(0x26, '0005'))),
]

/** Texts in properties that a client may send. */
const texts: Sequence[] = TEXTS.flatMap(([, bytes]) => [
  ...[0x03, 0x08].flatMap(id =>
    places
      .filter(({ name }) => name === 'PUBLISH' || name === 'the will')
      .map(place => place.make(block(property(id, sized(bytes))))),
  ),
  ...places.filter(({ name }) => name === 'CONNECT').map(place => place.make(block(property(0x15, sized(bytes))))),
  ...places
    .filter(({ name }) => name === 'PUBACK' || name === 'DISCONNECT')
    .map(place => place.make(block(property(0x1f, sized(bytes))))),
])

const cutValues: Sequence[] = places.flatMap(place =>
  PROPERTIES.map(([id, , value]) => place.make(block(byte(id) + value.slice(0, value.length - 2)))),
)

const aliases: Sequence[] = [
  after(
    5,
    'alias set and used',
    publish(5, { properties: property(0x23, two(1)) }),
    publish(5, { topic: text(''), properties: property(0x23, two(1)) }),
  ),
  after(5, 'alias used before it is set', publish(5, { topic: text(''), properties: property(0x23, two(1)) })),
  after(5, 'alias 10, the highest', publish(5, { properties: property(0x23, two(10)) })),
  after(5, 'alias 11, above the highest', publish(5, { properties: property(0x23, two(11)) })),
  after(5, 'empty topic and no alias', publish(5, { topic: text('') })),
  after(
    5,
    'alias set anew',
    publish(5, { properties: property(0x23, two(1)) }),
    publish(5, { topic: text('c'), properties: property(0x23, two(1)) }),
  ),
  after(
    5,
    'another alias than the one set',
    publish(5, { properties: property(0x23, two(1)) }),
    publish(5, { topic: text(''), properties: property(0x23, two(2)) }),
  ),
]

const limits: Sequence[] = [
  opening(5, 'Session Expiry from 0 to 10', connect(5), packet(0xe0, `00${block(property(0x11, four(10)))}`)),
  opening(
    5,
    'Session Expiry from 20 to 10',
    connect(5, { properties: property(0x11, four(20)) }),
    packet(0xe0, `00${block(property(0x11, four(10)))}`),
  ),
  opening(
    5,
    'Session Expiry from 20 to 0',
    connect(5, { properties: property(0x11, four(20)) }),
    packet(0xe0, `00${block(property(0x11, four(0)))}`),
  ),
  opening(5, 'authentication data without method', connect(5, { properties: property(0x16, text('x')) })),
  opening(5, 'authentication method unknown to the broker', connect(5, { properties: property(0x15, text('x')) })),
  after(
    5,
    'thirty QoS 2 messages at once',
    Array.from({ length: 30 }, (_, at) => publish(5, { flags: 4, id: at + 1 })).join(''),
  ),
  after(
    5,
    'twenty QoS 2 messages at once',
    Array.from({ length: 20 }, (_, at) => publish(5, { flags: 4, id: at + 1 })).join(''),
  ),
  after(5, 'a payload that is no UTF-8', publish(5, { properties: property(1, '01'), payload: 'ff' })),
  after(5, 'a payload that is UTF-8', publish(5, { properties: property(1, '01'), payload: raw('größer') })),
  opening(
    5,
    'a will payload that is no UTF-8',
    connect(5, { will: { properties: property(1, '01'), payload: sized('ff') } }),
  ),
  after(5, 'Subscription Identifier in SUBSCRIBE', subscribe(5, filter('a'), 1, property(0x0b, varint(1)))),
  after(5, 'Subscription Identifier 0', subscribe(5, filter('a'), 1, property(0x0b, varint(0)))),
  after(5, 'User Property in UNSUBSCRIBE', unsubscribe(5, text('a'), 1, property(0x26, text('a') + text('b')))),
  after(5, 'PUBREL with reason 92', publish(5, { flags: 4 }), ack(6, 1, '92')),
]

export const properties: readonly Sequence[] = [
  ...places.flatMap(placed),
  ...places.flatMap(broken),
  ...texts,
  ...cutValues,
  ...aliases,
  ...limits,
]
