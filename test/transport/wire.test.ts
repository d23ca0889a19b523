/** What a stream is, and that nothing of its first bytes is lost on the way to who reads it. */
import { describe, expect, test } from 'vitest'
import { fromHex, hex } from '../../src/base/bytes.ts'
import { type FlowEnd, Frame, NOWHERE, type RunSink, type Side } from '../../src/base/line.ts'
import { Budget, Framer } from '../../src/mqtt/framer.ts'
import { opensAsMqtt } from '../../src/mqtt/opening.ts'
import type { ProxyHead } from '../../src/transport/proxy.ts'
import type { Foreign, OtherProtocol } from '../../src/transport/recognise.ts'
import { type Above, type Role, Wire } from '../../src/transport/wire.ts'
import { Notes } from '../support/traffic.ts'

/** Writes down what one side of a wire tells and is asked for. */
class Note implements Above {
  readonly lines: string[] = []
  sink: RunSink | undefined
  readonly role: Role

  constructor(role: Role = 'unknown') {
    this.role = role
  }

  opens(bytes: Uint8Array, start: number, end: number): boolean | undefined {
    return opensAsMqtt(bytes, start, end, this.role === 'client')
  }

  foreign(protocol: OtherProtocol, frame: Frame): void {
    this.lines.push(`${protocol} @${frame.number}`)
  }

  proxied({ client, size }: ProxyHead, frame: Frame): void {
    this.lines.push(`proxied ${client} by ${size} B @${frame.number}`)
  }

  listen(sink: RunSink): void {
    this.lines.push('listen')
    this.sink = sink
  }

  mqtt(): RunSink {
    this.lines.push('mqtt')
    return {
      run: (bytes, start, end, frame, position) =>
        this.lines.push(`run ${hex(bytes, start, end)} @${frame.number} at ${position}`),
      gap: (size, frame) => this.lines.push(`mqtt gap ${size} @${frame.number}`),
      end: how => this.lines.push(`mqtt end ${how}`),
    }
  }

  skipped(size: number, frame: Frame, foreign: Foreign): void {
    this.lines.push(`skipped ${size} @${frame.number} ${foreign}`)
  }

  gap(size: number, frame: Frame): void {
    this.lines.push(`gap ${size} @${frame.number}`)
  }

  ended(how: FlowEnd): void {
    this.lines.push(`ended ${how}`)
  }
}

/** A wire that is fed like a flow does it: a run a frame, at positions from 100 on, to whoever listens. */
class Fed {
  readonly notes: readonly [Note, Note]
  private readonly wire: Wire
  private readonly frame = new Frame()
  private position = 100

  /** Without roles the start of the stream is not in the capture. */
  constructor(a?: Role, b?: Role) {
    this.notes = [new Note(a), new Note(b)]
    this.wire = new Wire(this.notes)
  }

  run(side: Side, input: string, isPlaced = true): this {
    const bytes = fromHex(`ee${input}ee`)
    this.frame.number++
    this.frame.bytes = bytes
    this.sink(side).run(bytes, 1, bytes.length - 1, this.frame, isPlaced ? this.position : NOWHERE)
    this.position += bytes.length - 2
    // A reader reuses its buffer.
    bytes.fill(0xee)
    return this
  }

  gap(side: Side, size: number): this {
    this.frame.number++
    this.sink(side).gap(size, this.frame)
    return this
  }

  end(side: Side, how: FlowEnd = 'fin'): this {
    this.sink(side).end(how)
    return this
  }

  lines(side: Side): readonly string[] {
    return this.notes[side].lines
  }

  private sink(side: Side): RunSink {
    return this.notes[side].sink ?? this.wire.sides[side]
  }
}

describe('MQTT', () => {
  test('is handed on from its first run on, and the wire is out of the way', () => {
    const fed = new Fed().run(0, '100c').run(0, '0004').gap(0, 7).end(0)
    expect(fed.lines(0)).toEqual([
      'mqtt',
      'listen',
      'run 100c @1 at 100',
      'run 0004 @2 at 102',
      'mqtt gap 7 @3',
      'mqtt end fin',
    ])
  })

  test('what could still be something else is handed on later, run by run, from its own frames', () => {
    const fed = new Fed().run(0, '50').run(0, '55', false).run(0, '5421')
    expect(fed.lines(0)).toEqual(['mqtt', 'listen', 'run 50 @1 at 100', 'run 55 @2 at -1', 'run 5421 @3 at 102'])
  })

  test('nothing else comes before a gap or the end', () => {
    const gap = new Fed().run(0, '50').gap(0, 3).run(0, '474554202f')
    expect(gap.lines(0)).toEqual(['mqtt', 'listen', 'run 50 @1 at 100', 'mqtt gap 3 @2', 'run 474554202f @3 at 101'])
    const end = new Fed().run(0, '16').run(0, '03').end(0, 'rst')
    expect(end.lines(0)).toEqual(['mqtt', 'listen', 'run 16 @1 at 100', 'run 03 @2 at 101', 'mqtt end rst'])
    expect(new Fed().gap(1, 0).lines(1)).toEqual(['mqtt', 'listen', 'mqtt gap 0 @1'])
    expect(new Fed().end(1).lines(1)).toEqual(['mqtt', 'listen', 'mqtt end fin'])
  })

  test('byte by byte the same packets, at the same positions', () => {
    const input = '5002 0007 5302 4855 160301aabbcc'
    const bytes = fromHex(input)
    for (const step of [1, 2, 3, bytes.length]) {
      const notes = new Notes()
      const framer = new Framer(notes, new Budget(), false)
      const ends = Object.assign(new Note(), { mqtt: () => framer })
      let sink = new Wire([Object.assign(ends, { listen: (next: RunSink) => (sink = next) }), ends]).sides[0]
      for (let at = 0; at < bytes.length; at += step)
        sink.run(bytes, at, Math.min(bytes.length, at + step), new Frame(), at)
      expect(notes.lines).toEqual(['50020007', '53024855', '160301aabb'])
      expect(notes.places).toEqual([
        [0, 4],
        [4, 4],
        [8, 5],
      ])
    }
  })
})

describe('M29: what is no MQTT', () => {
  test.each([
    ['tls', '16030102000100'],
    ['tls', '1703030020aabb'],
    ['http', '474554202f20485454502f312e31'],
    ['http', '504f5354202f78'],
    ['http', '485454502f312e31'],
    ['ssh', '5353482d322e302d'],
  ])('%s', (name, input) => {
    for (const step of [2, 4, 200]) {
      const fed = new Fed()
      let frames = 0
      for (let at = 0; at < input.length; at += step, frames++) fed.run(0, input.slice(at, at + step))
      fed.run(0, 'c000')
      const [first = ''] = fed.lines(0)
      expect(first).toMatch(new RegExp(`^${name} @`))
      expect(fed.lines(0)).toEqual([first, 'listen'])
      fed.end(0)
      const skipped = `skipped ${input.length / 2 + 2} @${frames + 1} ${name}`
      expect(fed.lines(0)).toEqual([first, 'listen', skipped, 'ended fin'])
    }
  })

  test('it is told once, whatever is missing of it, and MQTT never comes back', () => {
    const fed = new Fed().run(1, '5353482d').run(1, '3007').gap(1, 5).gap(1, 6).run(1, 'c000').end(1, 'capture')
    expect(fed.lines(1)).toEqual(['ssh @1', 'listen', 'skipped 8 @5 ssh', 'ended capture'])
  })
})

test('each direction is what it begins with', () => {
  const fed = new Fed().run(0, '1603010200').run(1, '2002').run(0, 'aa').run(1, '0000').end(0).end(1)
  expect(fed.lines(0)).toEqual(['tls @1', 'listen', 'skipped 6 @3 tls', 'ended fin'])
  expect(fed.lines(1)).toEqual(['mqtt', 'listen', 'run 2002 @2 at 105', 'run 0000 @4 at 108', 'mqtt end fin'])
})

describe('M26: the start of a stream is in the capture', () => {
  const redis = '50494e470d0a'
  const pong = '2b504f4e470d0a'

  test('a client that begins with no packet is passed over, and so is its server', () => {
    const fed = new Fed('client', 'server').run(0, redis).run(1, pong).run(0, redis).end(0).end(1)
    expect(fed.lines(0)).toEqual(['other @1', 'listen', 'skipped 12 @3 other', 'ended fin'])
    expect(fed.lines(1)).toEqual(['listen', 'skipped 7 @2 other', 'ended fin'])
  })

  test('a server that speaks first is told once', () => {
    const banner = '323230206d61696c0d0a'
    const fed = new Fed('client', 'server').run(1, banner).run(0, '45484c4f20610d0a').end(0).end(1)
    expect(fed.lines(1)[0]).toBe('other @1')
    expect(fed.lines(0)).toEqual(['listen', 'skipped 8 @2 other', 'ended fin'])
  })

  test('the verdict waits for the bytes that tell, and does not depend on cuts', () => {
    const connect = '100c00044d5154540402003c0000'
    for (const step of [2, 4, 6, 10, 200]) {
      const fed = new Fed('client', 'server')
      for (let at = 0; at < connect.length; at += step) fed.run(0, connect.slice(at, at + step))
      expect(fed.lines(0)[0]).toBe('mqtt')
      const runs = fed.lines(0).filter(line => line.startsWith('run'))
      expect(runs.map(line => line.split(' ')[1]).join('')).toBe(connect)
    }
  })

  test('the server of a client of MQTT may begin as it likes, and one of TLS is TLS', () => {
    const fed = new Fed('client', 'server').run(0, '100c00044d5154540402003c0000').run(1, '00ff')
    expect(fed.lines(1)).toEqual(['mqtt', 'listen', 'run 00ff @2 at 114'])
    const tls = new Fed('client', 'server').run(0, '1603010200').run(1, 'c000').end(1)
    expect(tls.lines(1)).toEqual(['listen', 'skipped 2 @2 tls', 'ended fin'])
  })

  test('what was held and tells nothing is read as MQTT at the end, unless the client is known', () => {
    expect(new Fed('client', 'server').run(0, '10').end(0).lines(0)).toEqual([
      'mqtt',
      'listen',
      'run 10 @1 at 100',
      'mqtt end fin',
    ])
    const fed = new Fed('client', 'server').run(1, '30').run(0, redis).end(1)
    expect(fed.lines(1)).toEqual(['listen', 'skipped 1 @1 other', 'ended fin'])
  })
})

describe('a PROXY head', () => {
  const head = hex(new TextEncoder().encode('PROXY TCP4 198.51.100.7 192.0.2.1 5000 1883\r\n'))
  const connect = '100c00044d5154540402003c0000'

  test.each([2, 10, 60, 94, 400])('is stepped over, in pieces of %s characters too', step => {
    const fed = new Fed('client', 'server')
    const all = head + connect
    for (let at = 0; at < all.length; at += step) fed.run(0, all.slice(at, at + step))
    const lines = fed.lines(0).filter(line => line !== 'listen')
    expect(lines[0]).toMatch(/^proxied 198\.51\.100\.7:5000 by 45 B @/)
    expect(lines[1]).toBe('mqtt')
    const runs = lines.slice(2)
    expect(runs.map(line => line.split(' ')[1]).join('')).toBe(connect)
    expect(runs[0]).toMatch(/at 145$/)
  })

  test('two balancers: two heads, and TLS behind them', () => {
    const fed = new Fed('client', 'server').run(0, `${head}${head}1603010200`).end(0)
    expect(fed.lines(0).filter(line => !/listen/.test(line))).toEqual([
      'proxied 198.51.100.7:5000 by 45 B @1',
      'proxied 198.51.100.7:5000 by 45 B @1',
      'tls @1',
      'skipped 5 @1 tls',
      'ended fin',
    ])
  })

  test('a head with a gap, or that never ends', () => {
    const gap = new Fed().run(0, head.slice(0, 40)).gap(0, 9).lines(0)
    expect(gap.slice(1)).toEqual(['skipped 20 @1 ', 'mqtt', 'listen', 'mqtt gap 9 @2'])
    const end = new Fed().run(0, head.slice(0, 40)).end(0).lines(0)
    expect(end.slice(1)).toEqual(['skipped 20 @1 ', 'mqtt', 'listen', 'mqtt end fin'])
  })

  test('brokers send none', () => {
    expect(new Fed('client', 'server').run(1, head).lines(1)[0]).toBe('other @1')
  })
})
