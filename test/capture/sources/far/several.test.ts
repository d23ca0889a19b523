import { describe, expect, test } from 'vitest'
import { CaptureReader, type Interface } from '../../../../src/capture/reader.ts'
import { LiveError } from '../../../../src/capture/sources/backend.ts'
import { Several } from '../../../../src/capture/sources/far/several.ts'
import type { Drops, Live } from '../../../../src/capture/sources/live-capture.ts'

/** A pcap file by hand: its header, then records of one byte at these seconds. */
const HEADER = 'd4c3b2a1 02000400 00000000 00000000 00000400 01000000'
const record = (second: string, byte: string): string => `${second}000000 00000000 01000000 01000000 ${byte}`
const bytes = (...hex: string[]): Uint8Array => Uint8Array.from(Buffer.from(hex.join('').replaceAll(' ', ''), 'hex'))

interface Given {
  readonly drops?: Drops
  readonly failure?: Error
  readonly absent?: readonly string[]
}

class Played implements Live {
  readonly size = undefined
  readonly plain = false
  readonly damage = undefined
  readonly isPartial = false
  readonly read = 0
  readonly drops: Drops | undefined
  readonly absent: readonly string[]
  stops = 0
  closes = 0
  readonly name: string
  private readonly chunks: readonly Uint8Array[]
  private readonly given: Given
  constructor(name: string, chunks: readonly Uint8Array[], given: Given = {}) {
    this.name = name
    this.chunks = chunks
    this.given = given
    this.drops = given.drops
    this.absent = given.absent ?? []
  }
  stop(): void {
    this.stops++
  }
  close(): void {
    this.closes++
  }
  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    yield* this.chunks
    if (this.given.failure !== undefined) throw this.given.failure
  }
}

interface Read {
  readonly frames: readonly string[]
  readonly interfaces: readonly Interface[]
  readonly told: readonly string[]
  readonly failure: unknown
  readonly several: Several
}

/** Reads all of it: each frame as its interface, second and byte. */
async function read(sources: readonly Live[], frames?: number): Promise<Read> {
  const told: string[] = []
  const seen: string[] = []
  const several = new Several(sources, { frames, tell: message => told.push(message) })
  const reader = new CaptureReader({
    frame: frame => seen.push(`${reader.interfaces[frame.port]?.name} ${frame.seconds} ${frame.bytes[frame.start]}`),
    lost: () => {},
    damage: ({ message }) => told.push(message),
  })
  let failure: unknown
  try {
    for await (const chunk of several) reader.push(chunk)
  } catch (cause) {
    failure = cause
  }
  reader.end()
  return { frames: seen.sort(), interfaces: reader.interfaces, told, failure, several }
}

const A = bytes(HEADER, record('05', 'aa'), record('06', 'ab'))
const B = bytes(HEADER, record('01', 'ba'))
const FAR = 'ssh://b/eth0'
const gone = new LiveError('ended', 'the far end is gone')

describe('several captures as one', () => {
  test('the frames of each, under the name of its interface', async () => {
    const { frames, interfaces, told } = await read([new Played('eth1', [A]), new Played(FAR, [B])])
    expect(frames).toEqual(['eth1 5 170', 'eth1 6 171', 'ssh://b/eth0 1 186'])
    expect([interfaces.length, told]).toEqual([2, []])
  })

  test('cut byte by byte', async () => {
    const cut = [...A].map(byte => Uint8Array.of(byte))
    const { frames, told } = await read([new Played('eth1', cut), new Played(FAR, [B])])
    expect([frames.length, told]).toEqual([3, []])
  })

  test('nothing came: still a capture, though an empty one', async () => {
    expect(await read([new Played('eth1', []), new Played(FAR, [])])).toMatchObject({ frames: [], told: [] })
  })

  test('one fails: told, the others go on; the last one is thrown', async () => {
    const one = await read([new Played(FAR, [B], { failure: gone }), new Played('eth1', [A, A.subarray(24)])])
    expect(one.told).toEqual(['the far end is gone; the other captures go on'])
    expect([one.frames.length, one.failure, one.several.isPartial]).toEqual([5, undefined, true])
    const only = await read([new Played(FAR, [B], { failure: gone })])
    expect([only.frames.length, only.failure, only.told]).toEqual([1, gone, []])
  })

  test('a fault of ours is thrown', async () => {
    const fault = new TypeError('ours')
    expect((await read([new Played(FAR, [B], { failure: fault })])).failure).toBe(fault)
  })

  test('a record that is cut off is damage of the capture it is in', async () => {
    const { told } = await read([new Played('eth1', [A]), new Played(FAR, [B.subarray(0, -1)])])
    expect(told.length).toBe(1)
    expect(told[0]).toMatch(/^ssh:\/\/b\/eth0: /)
  })

  test('a number of frames counts all of them, and ends all', async () => {
    const sources = [new Played('eth1', [A]), new Played(FAR, [B])]
    const { frames } = await read(sources, 2)
    expect([frames.length, ...sources.map(({ closes }) => closes)]).toEqual([2, 1, 1])
  })

  test('drops, absent interfaces and stop are those of all', () => {
    const drops = { frames: 3, halved: false, atMost: true }
    const sources = [
      new Played('eth1', [], { drops, absent: ['eth1'] }),
      new Played(FAR, [], { drops: { frames: 4, halved: true, atMost: false } }),
    ]
    const several = new Several(sources, { frames: undefined, tell: () => {} })
    several.stop()
    expect(several.drops).toEqual({ frames: 7, halved: true, atMost: true })
    expect([several.absent, several.name]).toEqual([['eth1'], 'eth1, ssh://b/eth0'])
    expect(sources.map(({ stops }) => stops)).toEqual([1, 1])
    expect(new Several([new Played('a', [])], { frames: undefined, tell: () => {} }).drops).toBeUndefined()
  })
})
