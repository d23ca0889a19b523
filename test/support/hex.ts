/** Packets as hex text, put together by hand: neither our decoder nor a library vouches for what a test sends. */
export type Version = 3 | 4 | 5

export const byte = (value: number): string => (value & 255).toString(16).padStart(2, '0')
export const two = (value: number): string => byte(value >> 8) + byte(value)
export const four = (value: number): string => two(value >>> 16) + two(value & 0xffff)

/** The bytes of text in UTF-8. */
export const raw = (value: string): string => Buffer.from(value, 'utf8').toString('hex')
/** Bytes behind their two-byte length. */
export const sized = (bytes: string): string => two(bytes.length / 2) + bytes
export const text = (value: string): string => sized(raw(value))

export function varint(value: number): string {
  let digits = ''
  let rest = value
  do {
    const more = rest > 127
    digits += byte((rest & 127) | (more ? 128 : 0))
    rest = Math.floor(rest / 128)
  } while (rest > 0)
  return digits
}

/** Fixed header and body. */
export const packet = (first: number, body = ''): string => byte(first) + varint(body.length / 2) + body

/** A property block: its length, and the properties. */
export const block = (properties: string): string => varint(properties.length / 2) + properties

/** A property block in 5.0, nothing before. */
const props = (version: Version, properties: string): string => (version === 5 ? block(properties) : '')

export interface Will {
  readonly topic?: string
  readonly payload?: string
  readonly properties?: string
}

export interface Connect {
  readonly name?: string
  readonly level?: number
  readonly flags?: number
  readonly keepAlive?: number
  readonly properties?: string
  readonly clientId?: string
  readonly will?: Will
  readonly user?: string
  readonly password?: string
  /** Connect flags as they are, whatever is there. */
  readonly exactFlags?: number
  readonly trailing?: string
  readonly first?: number
}

let clients = 0

/** Each sequence has a client of its own, or the broker ends the one before. */
export const freshClient = (): string => `c${String(++clients).padStart(5, '0')}`

const CLEAN = 2

/** Strings are hex of whole fields (with their lengths), so that they may be wrong. */
export function connect(version: Version, parts: Connect = {}): string {
  const { will, user, password } = parts
  const flags =
    (parts.flags ?? CLEAN) |
    (will === undefined ? 0 : 4) |
    (user === undefined ? 0 : 0x80) |
    (password === undefined ? 0 : 0x40)
  return packet(
    parts.first ?? 0x10,
    (parts.name ?? text(version === 3 ? 'MQIsdp' : 'MQTT')) +
      byte(parts.level ?? version) +
      byte(parts.exactFlags ?? flags) +
      two(parts.keepAlive ?? 60) +
      props(version, parts.properties ?? '') +
      (parts.clientId ?? text(freshClient())) +
      (will === undefined ? '' : willOf(version, will)) +
      (user ?? '') +
      (password ?? '') +
      (parts.trailing ?? ''),
  )
}

const willOf = (version: Version, will: Will): string =>
  props(version, will.properties ?? '') + (will.topic ?? text('will')) + (will.payload ?? text('gone'))

export interface Publish {
  readonly flags?: number
  readonly topic?: string
  readonly id?: number
  readonly properties?: string
  readonly payload?: string
}

export const publish = (version: Version, parts: Publish = {}): string =>
  packet(
    0x30 | (parts.flags ?? 0),
    (parts.topic ?? text('a/b')) +
      (((parts.flags ?? 0) & 6) === 0 ? '' : two(parts.id ?? 1)) +
      props(version, parts.properties ?? '') +
      (parts.payload ?? raw('hi')),
  )

/** PUBACK (4), PUBREC (5), PUBREL (6), PUBCOMP (7); `rest`: what follows the packet id. */
export const ack = (type: number, id: number, rest = '', flags = type === 6 ? 2 : 0): string =>
  packet((type << 4) | flags, two(id) + rest)

export const subscribe = (version: Version, filters: string, id = 1, properties = '', flags = 2): string =>
  packet(0x80 | flags, two(id) + props(version, properties) + filters)

export const filter = (name: string, options = 0): string => text(name) + byte(options)

export const unsubscribe = (version: Version, filters: string, id = 1, properties = '', flags = 2): string =>
  packet(0xa0 | flags, two(id) + props(version, properties) + filters)

export const PINGREQ = 'c000'
export const DISCONNECT = 'e000'

/** A property: identifier and the hex of its value. */
export const property = (id: number, value: string): string => byte(id) + value
