/** CONNECT, made wrong in every field. */
import {
  byte,
  connect,
  four,
  freshClient,
  PINGREQ,
  packet,
  property,
  raw,
  sized,
  text,
  two,
  type Version,
} from '../../support/hex.ts'
import { cuts, flags, GOOD_TEXTS, lengths, longer, ofFresh, TEXTS, UNWANTED_TEXTS } from './mutations.ts'
import { ALL, each, NUMBERED, opening, type Sequence } from './sequence.ts'

const NAMES = ['MQTT', 'MQIsdp', 'mqtt', 'MQTTX', 'MQT', '', 'MQQT', 'AMQP', 'MQISDP']
const LEVELS = [0, 1, 2, 3, 4, 5, 6, 7, 99, 127, 128, 130, 131, 132, 134, 255]

const protocols = (version: Version): Sequence[] => [
  ...NAMES.map(name => opening(version, `CONNECT with name ${name}`, connect(version, { name: text(name) }))),
  ...LEVELS.map(level => opening(version, `CONNECT with level ${level}`, connect(version, { level }))),
  opening(version, 'CONNECT with a name of 65,535 bytes to come', packet(0x10, `ffff4d515454${byte(version)}02003c00`)),
  opening(version, 'CONNECT with a bad name in UTF-8', connect(version, { name: sized('ff4d5154') })),
]

/** A full CONNECT: will, user name and password. */
export const full = (version: Version): string =>
  connect(version, {
    will: { topic: text('w/t'), payload: text('bye'), properties: property(0x18, four(5)) },
    user: text('me'),
    password: text('secret'),
  })

const shapes = (version: Version): Sequence[] => {
  const mutate = (hex: string) => [...cuts(hex), ...longer(hex), ...lengths(hex)]
  return [
    ...ofFresh(
      () => connect(version),
      hex => [...mutate(hex), ...flags(hex)],
    ).map(mutant => opening(version, `CONNECT ${mutant.what}`, mutant.hex)),
    ...ofFresh(() => full(version), mutate).map(mutant =>
      opening(version, `CONNECT with everything ${mutant.what}`, mutant.hex),
    ),
  ]
}

/** Every value of the connect flags, with the fields they ask for. */
function exactFlags(version: Version): Sequence[] {
  return Array.from({ length: 256 }, (_, value) => {
    const fields =
      ((value & 4) === 0 ? '' : (version === 5 ? '00' : '') + text('w') + text('x')) +
      ((value & 0x80) === 0 ? '' : text('me')) +
      ((value & 0x40) === 0 ? '' : text('pw'))
    return opening(
      version,
      `CONNECT with flags ${value.toString(2).padStart(8, '0')}`,
      connect(version, { exactFlags: value, trailing: fields }),
    )
  })
}

/** Fields that are not flagged, flags without their fields. */
const mismatches = (version: Version): Sequence[] => [
  opening(version, 'CONNECT with user name flag alone', connect(version, { exactFlags: 0x82 })),
  opening(
    version,
    'CONNECT with both flags and one field',
    connect(version, { exactFlags: 0xc2, trailing: text('me') }),
  ),
  opening(version, 'CONNECT with will flag alone', connect(version, { exactFlags: 0x06 })),
  opening(
    version,
    'CONNECT with a will topic alone',
    connect(version, { exactFlags: 0x06, trailing: (version === 5 ? '00' : '') + text('w') }),
  ),
  opening(version, 'CONNECT with user name and no flag', connect(version, { trailing: text('me') })),
  opening(version, 'CONNECT with an empty user name', connect(version, { user: text('') })),
  opening(version, 'CONNECT with an empty password', connect(version, { user: text('me'), password: text('') })),
  opening(
    version,
    'CONNECT with a password of any bytes',
    connect(version, { user: text('me'), password: sized('00ff80') }),
  ),
  opening(version, 'CONNECT with keep alive 0', connect(version, { keepAlive: 0 })),
  opening(version, 'CONNECT with keep alive 65535', connect(version, { keepAlive: 65_535 })),
  opening(version, 'CONNECT with an empty client id, clean', connect(version, { clientId: text('') })),
  opening(version, 'CONNECT with an empty client id, not clean', connect(version, { clientId: text(''), flags: 0 })),
  opening(
    version,
    'CONNECT with a client id of 23 bytes',
    connect(version, { clientId: text(freshClient().padEnd(23, 'x')) }),
  ),
  opening(
    version,
    'CONNECT with a client id of 24 bytes',
    connect(version, { clientId: text(freshClient().padEnd(24, 'x')) }),
  ),
  opening(
    version,
    'CONNECT with a client id of 300 bytes',
    connect(version, { clientId: text(freshClient().padEnd(300, 'x')) }),
  ),
  opening(
    version,
    'CONNECT with a client id of odd characters',
    connect(version, { clientId: text(`${freshClient()} /+#$%`) }),
  ),
  opening(version, 'CONNECT not clean', connect(version, { flags: 0 })),
]

const texts = (version: Version): Sequence[] =>
  [...TEXTS, ...UNWANTED_TEXTS, ...GOOD_TEXTS].flatMap(([what, bytes]) => [
    opening(
      version,
      `CONNECT with ${what} in the client id`,
      connect(version, { clientId: sized(raw(freshClient()) + bytes) }),
    ),
    opening(version, `CONNECT with ${what} in the user name`, connect(version, { user: sized(bytes) })),
    opening(version, `CONNECT with ${what} in the will topic`, connect(version, { will: { topic: sized(bytes) } })),
    opening(version, `CONNECT with ${what} in the will payload`, connect(version, { will: { payload: sized(bytes) } })),
    opening(
      version,
      `CONNECT with ${what} in the password`,
      connect(version, { user: text('me'), password: sized(bytes) }),
    ),
  ])

const WILL_TOPICS = [
  '',
  '#',
  '+',
  'a/#',
  'a/+/b',
  'a#',
  'a+',
  '/',
  '//',
  '$SYS/x',
  '$share/a/b',
  ' ',
  'a'.repeat(70_000 % 65_536),
  'a/'.repeat(190),
  'a/'.repeat(250),
]

const wills = (version: Version): Sequence[] => [
  ...WILL_TOPICS.map(topic =>
    opening(
      version,
      `CONNECT with will topic ${topic.slice(0, 12)}${topic.length > 12 ? ` (${topic.length})` : ''}`,
      connect(version, { will: { topic: text(topic) } }),
    ),
  ),
  opening(version, 'CONNECT with an empty will payload', connect(version, { will: { payload: text('') } })),
  ...[0, 1, 2, 3].flatMap(qos => [
    opening(version, `CONNECT with will QoS ${qos}`, connect(version, { flags: 2 | (qos << 3), will: {} })),
    opening(
      version,
      `CONNECT with will QoS ${qos} and retain`,
      connect(version, { flags: 0x22 | (qos << 3), will: {} }),
    ),
    opening(version, `CONNECT with will QoS ${qos} and no will`, connect(version, { flags: 2 | (qos << 3) })),
  ]),
  opening(version, 'CONNECT with will retain and no will', connect(version, { flags: 0x22 })),
]

const twice = (version: Version): Sequence[] => [
  opening(version, 'two CONNECT', connect(version), connect(version)),
  opening(version, 'the same CONNECT twice', ...Array<string>(2).fill(connect(version))),
  ...ALL.filter(other => other !== version).map(other =>
    opening(version, `CONNECT, then one of level ${other}`, connect(version), connect(other)),
  ),
  opening(version, 'CONNECT and PINGREQ at once', connect(version) + PINGREQ),
  opening(
    version,
    'CONNECT and PUBLISH at once',
    connect(version) + packet(0x30, `${text('a')}${version === 5 ? '00' : ''}61`),
  ),
]

export const connects: readonly Sequence[] = [
  ...each(ALL, protocols),
  ...each(ALL, shapes),
  ...each(NUMBERED, exactFlags),
  ...exactFlags(3).filter((_, value) => value % 7 === 0 || value < 16),
  ...each(ALL, mismatches),
  ...each(ALL, texts),
  ...each(ALL, wills),
  ...each(ALL, twice),
  opening(5, 'CONNECT of 5.0 without properties', packet(0x10, `${text('MQTT')}0502${two(60)}${text('x1')}`)),
]
