/** TLS connections that nothing opened: which of them may be MQTT, and when they are reported. */
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { Pipeline, type PipelineOptions } from '../../src/analysis/pipeline.ts'
import { SealedFlows, SealedPorts } from '../../src/analysis/sealed.ts'
import { Flow } from '../../src/net/flow.ts'
import { Segment } from '../../src/net/segment.ts'
import type { PlacedFinding } from '../../src/store/record.ts'
import { Stream } from '../../src/store/stream.ts'
import { type TlsFacts, wrapped } from '../../src/transport/facts.ts'
import { KeyLogReader, KeyStore } from '../../src/transport/keys.ts'
import { nodeCrypto } from '../../src/transport/tls/node-crypto.ts'
import { tlsCapture } from '../support/tls-capture.ts'
import { readSessions } from '../support/tls-sessions.ts'
import { TLS } from '../support/transport.ts'

function flowOf(index: number, port: number): Flow {
  const segment = new Segment()
  segment.sourcePort = 40_000
  segment.targetPort = port
  return new Flow(index, segment)
}

const facts = (tls: Partial<TlsFacts>) =>
  wrapped(undefined, { layers: ['tls'], tls: { ...TLS, alpn: undefined, alpnOffered: undefined, ...tls } })

describe('which connections may be MQTT', () => {
  test.each([
    ['on a port of MQTT in TLS', 8883, {}, true],
    ['on a port that the user named', 4711, {}, true],
    ['by what the client offers', 443, { alpnOffered: ['mqtt'] }, true],
    ['by what the server chose', 443, { alpn: 'x-amzn-mqtt-ca' }, true],
    ['on the port of HTTPS', 443, { alpn: 'http/1.1', alpnOffered: ['h2', 'http/1.1'] }, false],
  ])('%s', (_name, port, tls, isOurs) => {
    const reported: number[] = []
    const sealed = new SealedFlows(
      named => named === 4711,
      flow => reported.push(flow.index),
    )
    const flow = flowOf(7, port)
    sealed.add(flow, facts(tls), () => {})
    sealed.end(flow, false)
    expect(reported).toEqual(isOurs ? [7] : [])
  })
})

describe('when they are reported', () => {
  const sealedOf = (reported: number[]): SealedFlows =>
    new SealedFlows(
      () => true,
      flow => reported.push(flow.index),
    )

  test('let go, what is kept of them is given back; one that was opened is forgotten', () => {
    const reported: number[] = []
    const closed: number[] = []
    const sealed = sealedOf(reported)
    for (const [index, keys] of [
      [1, 'found'],
      [2, 'none'],
    ] as const) {
      sealed.add(flowOf(index, 1), facts({ keys }), () => closed.push(index))
      sealed.letGo(flowOf(index, 1))
    }
    sealed.letGo(flowOf(3, 1))
    sealed.finish()
    expect([reported, closed]).toEqual([[2], [1, 2]])
  })

  test('once, at their end; not if they were opened', () => {
    const reported: number[] = []
    const sealed = sealedOf(reported)
    for (const index of [1, 2]) sealed.add(flowOf(index, 1), facts({}), () => {})
    sealed.remove(flowOf(1, 1))
    for (const index of [1, 2, 2]) sealed.end(flowOf(index, 1), false)
    sealed.finish()
    expect(reported).toEqual([2])
  })

  test('at the end of the capture while keys may still come, but for the oldest of more than 1,024', () => {
    const reported: number[] = []
    const closed: number[] = []
    const sealed = sealedOf(reported)
    for (let index = 0; index < 1026; index++) {
      sealed.add(flowOf(index, 1), facts({}), () => closed.push(index))
      sealed.end(flowOf(index, 1), true)
    }
    expect(reported).toEqual([0, 1])
    // Keys that come now open nothing that was reported as sealed.
    expect(closed).toEqual([0, 1])
    sealed.remove(flowOf(2, 1))
    sealed.finish()
    expect(reported).toHaveLength(1025)
    expect(reported).not.toContain(2)
  })
})

test('they are counted by port, of the first 64 ports', () => {
  const ports = new SealedPorts()
  expect(ports.list).toBeUndefined()
  for (let port = 1; port <= 70; port++) ports.add(new Stream(flowOf(port, port), 0))
  ports.add(new Stream(flowOf(99, 2), 0))
  expect(ports.list).toHaveLength(64)
  expect(ports.list?.slice(0, 2)).toEqual([
    { port: 1, connections: 1 },
    { port: 2, connections: 2 },
  ])
})

describe('a whole capture', () => {
  const session = readSessions().find(({ name }) => name === '1.0')
  if (session === undefined) throw new Error('no such session')

  function read(port: number, keyLog = '', mayGrow = false) {
    const keys = new KeyStore()
    keys.mayGrow = mayGrow
    new KeyLogReader(keys).push(new TextEncoder().encode(`${keyLog}\n`))
    const sealed: string[] = []
    const findings: string[] = []
    const pipeline = new Pipeline(
      {
        packet: () => {},
        gap: () => {},
        skipped: () => {},
        damage: () => {},
        finding: ({ id, level }: PlacedFinding) => findings.push(`${level} ${id}`),
        sealed: ({ transport }) => sealed.push(`${transport?.tls?.version} ${transport?.tls?.keys}`),
      },
      { crypto: nodeCrypto, keys },
    )
    pipeline.push(tlsCapture(session?.pieces ?? [], port))
    const summary = pipeline.end()
    return { sealed, findings, ports: summary.sealed }
  }

  test('without keys: the connection, and what is to be said of it', () => {
    expect(read(8883)).toEqual({
      sealed: ['1.0 none'],
      // The capture claims to be older than the certificate.
      findings: ['note tls.sealed', 'warning tls.version', 'warning tls.certificate_expired'],
      ports: [{ port: 8883, connections: 1 }],
    })
  })

  test('the same while keys may still come', () => {
    expect(read(8883, '', true)).toEqual(read(8883))
  })

  test('on another port nothing is said', () => {
    expect(read(443)).toEqual({ sealed: [], findings: [], ports: undefined })
  })

  test('opened, and no MQTT inside: nothing is said', () => {
    expect(read(8883, session.keyLog)).toEqual({ sealed: [], findings: [], ports: undefined })
  })
})

describe('on ports that are named', () => {
  function counts(options: PipelineOptions): number[] {
    let packets = 0
    let sealed = 0
    const nothing = (): void => {}
    const pipeline = new Pipeline(
      { packet: () => packets++, gap: nothing, skipped: nothing, damage: nothing, sealed: () => sealed++ },
      { crypto: nodeCrypto, ...options },
    )
    const bytes = readFileSync(`samples/${options.keys === undefined ? 'tls' : 'tls-nokeys'}.pcapng`)
    pipeline.push(bytes)
    const { skippedBytes, connections } = pipeline.end()
    return [packets, sealed, connections, skippedBytes]
  }

  test.each([
    ['a port of TLS', { ports: new Set([8883]) }, [21, 0, 2, 0]],
    ['both ports', { ports: new Set([1883, 8883]) }, [25, 0, 3, 0]],
    ['TLS by name', { ports: new Set([8883]), wrappedPorts: new Set([8883]) }, [21, 0, 2, 0]],
    ['nothing opens it', { ports: new Set([8883]), keys: new KeyStore() }, [0, 3, 3, 0]],
  ] as const)('%s', (_name, options, wanted) => {
    expect(counts(options)).toEqual(wanted)
  })

  test('without a library of ciphers TLS is another protocol', () => {
    const [packets, sealed, , skipped] = counts({ ports: new Set([8883]), crypto: undefined })
    expect([packets, sealed]).toEqual([0, 0])
    expect(skipped).toBeGreaterThan(3000)
  })
})
