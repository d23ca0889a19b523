/** Captures made to be slow: for each kind, one of `size` and the command that works hardest on it. */
import { FrameFile } from './framefile.ts'
import * as packets from './packets.ts'
import { End, idOf, packet, publish, suback, subscribe, Traffic, text, times, two, varint } from './traffic.ts'

export interface Hostile {
  readonly args: readonly string[]
  /** So large that it takes about a second. */
  readonly size: number
  make(traffic: Traffic, size: number): void
}

const oneClient =
  (each: (traffic: Traffic, end: End, index: number) => void, version: packets.Version = 4) =>
  (traffic: Traffic, size: number): void => {
    const end = traffic.client('one', version)
    times(size, index => each(traffic, end, index))
  }

/** `size` subscribers, then as many messages, each to a topic of its own. */
const crowd =
  (filtersOf: (index: number) => readonly string[]) =>
  (traffic: Traffic, size: number): void => {
    const publisher = traffic.client('publisher')
    times(size, index => void traffic.subscriber(filtersOf(index)))
    times(size, index => traffic.send(publisher, 0, publish(`t/${index}`)))
  }

const onePacket =
  (property: readonly number[]) =>
  (traffic: Traffic, size: number): void => {
    const end = traffic.client('one', 5)
    const topic = [...text('a'), ...varint(size * property.length)]
    const head = [0x30, ...varint(topic.length + size * property.length + 1), ...topic]
    const bytes = new Uint8Array(head.length + size * property.length + 1).fill(0x78)
    bytes.set(head)
    times(size, index => bytes.set(property, head.length + index * property.length))
    traffic.send(end, 0, bytes)
  }

export const HOSTILE: Readonly<Record<string, Hostile>> = {
  'subscribers of everything': { args: ['fanout'], size: 20_000, make: crowd(() => ['#']) },
  'subscribers of everything and of their own': {
    args: ['findings'],
    size: 10_000,
    make: crowd(index => ['#', `t/${index}`]),
  },
  'a filter of their own for each subscriber': { args: ['fanout'], size: 15_000, make: crowd(index => [`t/${index}`]) },
  'groups of one member': { args: ['fanout'], size: 20_000, make: crowd(index => [`$share/g${index}/#`]) },
  'a message after each subscriber': {
    args: ['findings'],
    size: 15_000,
    make: (traffic, size) => {
      const publisher = traffic.client('publisher')
      times(size, index => {
        traffic.subscriber(['#'])
        traffic.send(publisher, 0, publish(`t/${index}`))
      })
    },
  },
  'filters that branch at each level': {
    args: ['fanout'],
    size: 20_000,
    make: (traffic, size) => {
      const DEPTH = 12
      const branch = (bits: number): string =>
        Array.from({ length: DEPTH }, (_, at) => ((bits >> at) & 1 ? '+' : 'a')).join('/')
      traffic.subscriber(Array.from({ length: 1000 }, (_, index) => branch(index)))
      const publisher = traffic.client('publisher')
      times(size, index => traffic.send(publisher, 0, publish(`${branch(0)}${index === 0 ? '' : index}`)))
    },
  },
  'ports and addresses that differ alike': {
    args: ['-T', 'none'],
    size: 400_000,
    make: (traffic, size) =>
      times(size, index =>
        traffic.syn(Object.assign(new End(0), { port: index & 0xffff, host: (index & 0xffff) ^ 0x1234 })),
      ),
  },
  'ports and addresses that count up together': {
    args: ['-T', 'none'],
    size: 400_000,
    make: (traffic, size) =>
      times(size, index => traffic.syn(Object.assign(new End(0), { port: index & 0xffff, host: index }))),
  },
  'one packet of empty User Properties': { args: ['-T', 'text'], size: 1_000_000, make: onePacket([0x26, 0, 0, 0, 0]) },
  'one packet of faults': { args: ['-V'], size: 1_000_000, make: onePacket([0x26, 0, 1, 1, 0, 0]) },
  'aliases that nobody set': {
    args: ['findings'],
    size: 300_000,
    make: oneClient(
      (traffic, end, index) => traffic.send(end, 0, packet(0x30, [0, 0, 3, 0x23, ...two(idOf(index)), 0x78])),
      5,
    ),
  },
  'packet ids that nobody answers': {
    args: ['handshakes'],
    size: 200_000,
    make: oneClient((traffic, end, index) => traffic.send(end, 0, publish('a', 2, idOf(index)))),
  },
  'PUBRECs without PUBREL': {
    args: ['findings'],
    size: 200_000,
    make: oneClient((traffic, end, index) => {
      traffic.send(end, 0, publish('a', 4, idOf(index)))
      traffic.send(end, 1, packet(0x50, two(idOf(index))))
    }),
  },
  'answers to nothing': {
    args: ['findings'],
    size: 300_000,
    make: oneClient((traffic, end, index) => traffic.send(end, 1, packet(0x40, two(idOf(index))))),
  },
  'the same message again and again': {
    args: ['findings'],
    size: 300_000,
    make: oneClient((traffic, end) => traffic.send(end, 0, publish('a', 10, 7))),
  },
  'topics of one message': {
    args: ['topics'],
    size: 300_000,
    make: oneClient((traffic, end, index) => traffic.send(end, 0, publish(`topic/${index}`))),
  },
  'retained topics of one message': {
    args: ['findings'],
    size: 300_000,
    make: oneClient((traffic, end, index) => traffic.send(end, 0, publish(`topic/${index}`, 1))),
  },
  'equal messages of one topic': {
    args: ['fanout'],
    size: 200_000,
    make: (traffic, size) => {
      const subscriber = traffic.subscriber(['#'])
      const publisher = traffic.client('publisher')
      times(size, () => {
        traffic.send(publisher, 0, publish('a'))
        traffic.send(subscriber, 1, publish('a'))
      })
    },
  },
  'a filter more with each SUBSCRIBE': {
    args: ['findings'],
    size: 30_000,
    make: oneClient((traffic, end, index) => {
      traffic.send(end, 0, subscribe([`f/${index}`], idOf(index)))
      traffic.send(end, 1, suback(1, idOf(index)))
    }),
  },
  'a filter taken and given up': {
    args: ['findings'],
    size: 60_000,
    make: oneClient((traffic, end, index) => {
      traffic.send(end, 0, subscribe(['f'], idOf(index)))
      traffic.send(end, 1, suback(1, idOf(index)))
      traffic.send(end, 0, packet(0xa2, [...two(idOf(index)), ...text('f')]))
      traffic.send(end, 1, packet(0xb0, two(idOf(index))))
    }),
  },
  'one client id that is taken over for ever': {
    args: ['findings'],
    size: 60_000,
    make: (traffic, size) => times(size, () => void traffic.client('twin')),
  },
  'connections that end at once': {
    args: ['sessions'],
    size: 60_000,
    make: (traffic, size) => times(size, () => void traffic.client()),
  },
  'PINGREQs without an answer': {
    args: ['findings'],
    size: 300_000,
    make: oneClient((traffic, end) => traffic.send(end, 0, packets.pingreq())),
  },
  'one byte a segment': {
    args: ['-T', 'none'],
    size: 60_000,
    make: oneClient((traffic, end) => {
      for (const byte of publish('a/b', 0, 1, 'payload')) traffic.send(end, 0, [byte])
    }),
  },
  'segments from the last to the first': {
    args: ['-T', 'none'],
    size: 400_000,
    make: oneClient((traffic, end, index) => {
      const message = publish('a/b', 0, 1, 'payload')
      const GROUP = 64
      traffic.sendAhead(end, message, (GROUP - 1 - (index % GROUP)) * message.length)
      if (index % GROUP === GROUP - 1) traffic.skip(end, GROUP * message.length)
    }),
  },
  'every second segment is missing': {
    args: ['-T', 'text'],
    size: 200_000,
    make: oneClient((traffic, end) => {
      traffic.skip(end, 10)
      traffic.send(end, 0, publish('a/b', 0, 1, 'payload'))
    }),
  },
  'segments that overlap': {
    args: ['-T', 'none'],
    size: 300_000,
    make: oneClient((traffic, end) => {
      const message = publish('a/b', 0, 1, 'payload')
      traffic.sendAhead(end, [...message, ...message.slice(0, 5)], 0)
      traffic.send(end, 0, message)
    }),
  },
  'bytes that are no packet': {
    args: ['-T', 'text'],
    size: 200_000,
    make: oneClient((traffic, end, index) => traffic.send(end, 0, [0xff, 0xff, index & 255, 0x0f, 0xff])),
  },
  'a pattern that others search for ever': {
    args: ['-Y', 'mqtt.topic matches "^(a+)+$"'],
    size: 200_000,
    make: oneClient((traffic, end) => traffic.send(end, 0, publish(`${'a'.repeat(60)}b`))),
  },
}

/** Writes the capture of a kind. */
export function makeHostile(path: string, { make }: Hostile, size: number): void {
  const file = new FrameFile(path)
  make(new Traffic(file), size)
  file.close()
}
