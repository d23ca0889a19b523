/** Words to packets: one packet of a conversation as hex. What is to be wrong can be written as wrong. */
import {
  ack,
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
  type Version,
  varint,
} from './hex.ts'
import { sparkplug } from './sparkplug.ts'

/** Properties by name: `receive=10`. */
const PROPERTIES: Readonly<Record<string, (value: string) => string>> = {
  format: value => property(0x01, byte(Number(value))),
  messageExpiry: value => property(0x02, four(Number(value))),
  contentType: value => property(0x03, text(value)),
  responseTopic: value => property(0x08, text(value)),
  correlation: value => property(0x09, text(value)),
  subid: value => property(0x0b, varint(Number(value))),
  expiry: value => property(0x11, four(Number(value))),
  assigned: value => property(0x12, text(value)),
  serverKeepAlive: value => property(0x13, two(Number(value))),
  method: value => property(0x15, text(value)),
  problem: value => property(0x17, byte(Number(value))),
  delay: value => property(0x18, four(Number(value))),
  response: value => property(0x19, byte(Number(value))),
  info: value => property(0x1a, text(value)),
  data: value => property(0x16, text(value)),
  reference: value => property(0x1c, text(value)),
  reason: value => property(0x1f, text(value)),
  receive: value => property(0x21, two(Number(value))),
  aliasMaximum: value => property(0x22, two(Number(value))),
  alias: value => property(0x23, two(Number(value))),
  maximumQos: value => property(0x24, byte(Number(value))),
  retainAvailable: value => property(0x25, byte(Number(value))),
  user: value => property(0x26, text(value) + text(value)),
  /** Several: `users=a,b`. */
  users: value =>
    value
      .split(',')
      .map(one => property(0x26, text(one) + text('x')))
      .join(''),
  maximumSize: value => property(0x27, four(Number(value))),
  wildcards: value => property(0x28, byte(Number(value))),
  identifiers: value => property(0x29, byte(Number(value))),
  shared: value => property(0x2a, byte(Number(value))),
}

/** The words of a line, sorted: `#7`, `name=value`, and the rest in order. */
class Words {
  readonly rest: string[] = []
  id = 0
  private readonly values = new Map<string, string>()

  constructor(words: readonly string[]) {
    for (const word of words) {
      const pair = /^(\w+)=(.*)$/.exec(word)
      if (/^#\d+$/.test(word)) this.id = Number(word.slice(1))
      else if (pair !== null) this.values.set(pair[1] ?? '', pair[2] ?? '')
      else this.rest.push(word)
    }
  }

  value(name: string): string | undefined {
    return this.values.get(name)
  }

  /** Whether the word is there; it is taken away. */
  take(word: string): boolean {
    const at = this.rest.indexOf(word)
    if (at >= 0) this.rest.splice(at, 1)
    return at >= 0
  }

  properties(...names: readonly string[]): string {
    const among = names.length > 0 ? names : Object.keys(PROPERTIES)
    return among
      .map(name => (this.values.has(name) ? (PROPERTIES[name]?.(this.values.get(name) ?? '') ?? '') : ''))
      .join('')
  }
}

const block = (properties: string): string => varint(properties.length / 2) + properties

type Maker = (words: Words, version: Version) => string

const ackMaker =
  (type: number): Maker =>
  (words, version) => {
    const code = words.rest[0]
    const properties = words.properties()
    if (version !== 5 || (code === undefined && properties === '')) return ack(type, words.id)
    return ack(type, words.id, byte(Number(code ?? 0)) + (properties === '' ? '' : block(properties)))
  }

/** `topic:options`, the options in hex. */
const filters = (words: Words): string =>
  words.rest
    .map(word => filter(word.replace(/:[0-9a-f]+$/, ''), Number.parseInt(/:([0-9a-f]+)$/.exec(word)?.[1] ?? '0', 16)))
    .join('')

const codes = (words: Words): string => words.rest.map(code => byte(Number(code))).join('')

const coded =
  (first: number): Maker =>
  (words, version) => {
    const properties = words.properties()
    if (version !== 5 || (words.rest.length === 0 && properties === '')) return packet(first)
    return packet(first, byte(Number(words.rest[0] ?? 0)) + (properties === '' ? '' : block(properties)))
  }

function connectMaker(words: Words, version: Version): string {
  const will = words.value('will')?.split(':')
  const qos = Number(words.value('willQos') ?? 0)
  const retain = words.take('willRetain') ? 0x20 : 0
  const password = words.value('password')
  const level = words.value('level')
  return connect(version, {
    ...(level === undefined ? {} : { level: Number(level) }),
    clientId: text(words.value('id') ?? 'me'),
    flags: (words.take('keep') ? 0 : 2) | (will === undefined ? 0 : (qos << 3) | retain),
    keepAlive: Number(words.value('keepalive') ?? 0),
    properties: words.properties('expiry', 'method', 'problem', 'response', 'receive', 'aliasMaximum', 'maximumSize'),
    ...(will === undefined
      ? {}
      : { will: { topic: text(will[0] ?? ''), payload: willPayload(will), properties: words.properties('delay') } }),
    ...(password === undefined ? {} : { user: text('user'), password: sized(raw(password)) }),
  })
}

/** A will on a topic of Sparkplug is words of its payload, separated by commas. */
function willPayload([topic = '', ...payload]: readonly string[]): string {
  if (!isSparkplug(topic)) return text(payload.join(':'))
  return sized(sparkplug(payload.join(':').split(',')))
}

const isSparkplug = (topic: string): boolean => /^spBv1\.0\/(?!STATE\/)/.test(topic)

function publishMaker(words: Words, version: Version): string {
  const flags = (words.take('dup') ? 8 : 0) | (words.take('retain') ? 1 : 0)
  const qos = words.take('q1') ? 1 : words.take('q2') ? 2 : 0
  const [topic = 'a', ...payload] = words.rest
  return publish(version, {
    flags: flags | (qos << 1),
    id: words.id,
    topic: text(topic === '-' ? '' : topic),
    properties: words.properties(),
    payload:
      '78'.repeat(Number(words.value('size') ?? 0)) +
      (isSparkplug(topic) ? sparkplug(payload, words.value('seq')) : raw(payload.join(' '))),
  })
}

function connackMaker(words: Words, version: Version): string {
  const present = words.take('present') ? '01' : '00'
  return packet(0x20, present + byte(Number(words.rest[0] ?? 0)) + (version === 5 ? block(words.properties()) : ''))
}

const MAKERS: Readonly<Record<string, Maker>> = {
  CONNECT: connectMaker,
  CONNACK: connackMaker,
  PUBLISH: publishMaker,
  PUBACK: ackMaker(4),
  PUBREC: ackMaker(5),
  PUBREL: ackMaker(6),
  PUBCOMP: ackMaker(7),
  SUBSCRIBE: (words, version) => subscribe(version, filters(words), words.id, words.properties()),
  SUBACK: (words, version) =>
    packet(0x90, two(words.id) + (version === 5 ? block(words.properties()) : '') + codes(words)),
  UNSUBSCRIBE: (words, version) => unsubscribe(version, words.rest.map(text).join(''), words.id, words.properties()),
  UNSUBACK: (words, version) =>
    packet(0xb0, two(words.id) + (version === 5 ? block(words.properties()) + codes(words) : '')),
  PINGREQ: () => packet(0xc0),
  PINGRESP: () => packet(0xd0),
  DISCONNECT: coded(0xe0),
  AUTH: coded(0xf0),
  HEX: words => words.rest.join(''),
}

/** `PUBLISH q1 #7 a/b hello` in the version given. */
export function packetOf(line: string, version: Version): string {
  const [type = '', ...words] = line.split(/\s+/)
  const make = MAKERS[type]
  if (make === undefined) throw new Error(`no such packet: ${line}`)
  return make(new Words(words), version)
}
