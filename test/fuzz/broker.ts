/** A broker that keeps to the specification and a few clients, as a script of who sends what when; made from a seed. */
import type { Random } from '../support/random.ts'
import {
  connect,
  disconnect,
  packet,
  pingreq,
  pingresp,
  puback,
  pubcomp,
  publish,
  pubrec,
  pubrel,
  suback,
  subscribe,
  unsuback,
  unsubscribe,
} from '../support/story.ts'

/** One packet, or the beginning or the end of a TCP connection. */
export interface Line {
  /** Number of the TCP connection. */
  readonly talk: number
  readonly fromClient: boolean
  readonly bytes: Uint8Array
  readonly ends: boolean
  /** Seconds since the capture began. */
  readonly at: number
}

const NOTHING = new Uint8Array(0)
const TOPICS = ['a/b', 'a/c', 'x', 'x/y/z', '$SYS/x']
const FILTERS = ['#', '+/b', 'a/#', 'a/b', 'x', 'x/+/z', '$SYS/#']
const PAYLOADS = ['', '1', '2', 'same', 'x'.repeat(300)]
const EXPIRY = [0x11, 0, 0, 0x0e, 0x10]

interface Queued {
  readonly topic: string
  readonly payload: string
  readonly qos: number
}

interface Client {
  readonly name: string
  readonly version: 4 | 5
  readonly clean: boolean
  /** Its TCP connection now; -1 while it is away. */
  talk: number
  hasSession: boolean
  readonly filters: Map<string, number>
  readonly queued: Queued[]
  lastId: number
  lastBrokerId: number
}

/** MQTT 5 §4.7.1, for the filters above. */
export function takes(filter: string, topic: string): boolean {
  if (topic.startsWith('$') && !filter.startsWith('$')) return false
  const levels = topic.split('/')
  const parts = filter.split('/')
  const isRest = parts.at(-1) === '#'
  if (isRest) parts.pop()
  if (isRest ? levels.length < parts.length : levels.length !== parts.length) return false
  return parts.every((part, index) => part === '+' || part === levels[index])
}

export class Broker {
  readonly lines: Line[] = []
  private readonly random: Random
  private readonly clients: readonly Client[]
  private talks = 0
  private now = 0

  constructor(random: Random) {
    this.random = random
    this.clients = Array.from({ length: 2 + random.below(3) }, (_, index) => ({
      name: `c${index}`,
      version: random.pick([4, 5] as const),
      clean: random.chance(0.6),
      talk: -1,
      hasSession: false,
      filters: new Map(),
      queued: [],
      lastId: 0,
      lastBrokerId: 0,
    }))
  }

  /** So many steps of anybody, until all have left. */
  play(steps: number): readonly Line[] {
    for (let left = steps; left > 0; left--) {
      this.now += this.random.pick([0, 0.001, 0.02, 0.3, 2])
      this.step(this.random.pick(this.clients))
    }
    // Whoever is to get a message has time for it.
    this.now += 5
    for (const client of this.clients) if (client.talk !== -1) this.leave(client)
    return this.lines
  }

  private step(client: Client): void {
    if (client.talk === -1) return this.enter(client)
    const steps = [this.ask, this.giveUp, this.ping, this.leave, this.say, this.say, this.say, this.say]
    this.random.pick(steps).call(this, client)
  }

  private say(client: Client): void {
    this.send(client, {
      topic: this.random.pick(TOPICS),
      payload: this.random.pick(PAYLOADS),
      qos: this.random.below(3),
    })
  }

  private enter(client: Client): void {
    const { version, clean, name } = client
    client.talk = this.talks++
    const properties = version === 5 && !clean ? EXPIRY : []
    this.client(client, connect(name, { version, clean, properties }))
    const present = client.hasSession && !clean
    this.broker(client, packet(0x20, [present ? 1 : 0, 0, ...(version === 5 ? [0] : [])]))
    client.hasSession = !clean
    for (const message of client.queued.splice(0)) this.hand(client, message)
  }

  private leave(client: Client): void {
    this.client(client, disconnect())
    this.lines.push({ talk: client.talk, fromClient: true, bytes: NOTHING, ends: true, at: this.now })
    client.talk = -1
    if (client.clean) client.filters.clear()
  }

  private ask(client: Client): void {
    const filter = this.random.pick(FILTERS)
    const qos = this.random.below(3)
    const id = this.idOf(client)
    this.client(client, subscribe(id, [[filter, qos]], client.version === 5))
    this.broker(client, suback(id, [qos], client.version === 5))
    client.filters.set(filter, qos)
  }

  private giveUp(client: Client): void {
    const filter = this.random.pick([...client.filters.keys(), 'x'])
    const id = this.idOf(client)
    const isFive = client.version === 5
    this.client(
      client,
      isFive ? packet(0xa2, [id >> 8, id & 255, 0, 0, filter.length], bytesOf(filter)) : unsubscribe(id, filter),
    )
    this.broker(
      client,
      isFive ? packet(0xb0, [id >> 8, id & 255, 0, client.filters.has(filter) ? 0 : 0x11]) : unsuback(id),
    )
    client.filters.delete(filter)
  }

  private ping(client: Client): void {
    this.client(client, pingreq())
    this.broker(client, pingresp())
  }

  /** From its publisher to the broker, and to everybody who asked for it. */
  private send(client: Client, message: Queued): void {
    const id = message.qos === 0 ? 0 : this.idOf(client)
    this.client(client, this.packetOf(client, message, id))
    if (message.qos === 1) this.broker(client, puback(id))
    if (message.qos === 2) {
      this.broker(client, pubrec(id))
      this.client(client, pubrel(id))
      this.broker(client, pubcomp(id))
    }
    for (const subscriber of this.clients) this.forward(subscriber, message)
  }

  private forward(subscriber: Client, { topic, payload, qos }: Queued): void {
    const granted = [...subscriber.filters].filter(([filter]) => takes(filter, topic)).map(([, most]) => most)
    if (granted.length === 0) return
    const message = { topic, payload, qos: Math.min(qos, Math.max(...granted)) }
    if (subscriber.talk !== -1) this.hand(subscriber, message)
    else if (message.qos > 0) subscriber.queued.push(message)
  }

  private hand(subscriber: Client, message: Queued): void {
    const id = message.qos === 0 ? 0 : ++subscriber.lastBrokerId
    this.now += 0.001
    this.broker(subscriber, this.packetOf(subscriber, message, id))
    if (message.qos === 1) this.client(subscriber, puback(id))
    if (message.qos < 2) return
    this.client(subscriber, pubrec(id))
    this.broker(subscriber, pubrel(id))
    this.client(subscriber, pubcomp(id))
  }

  private packetOf({ version }: Client, { topic, payload, qos }: Queued, id: number): Uint8Array {
    return publish(topic, payload, { qos, id, ...(version === 5 ? { properties: [] } : {}) })
  }

  private idOf(client: Client): number {
    return ++client.lastId
  }

  private client({ talk }: Client, bytes: Uint8Array): void {
    this.lines.push({ talk, fromClient: true, bytes, ends: false, at: this.now })
  }

  private broker({ talk }: Client, bytes: Uint8Array): void {
    this.lines.push({ talk, fromClient: false, bytes, ends: false, at: this.now })
  }
}

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)
