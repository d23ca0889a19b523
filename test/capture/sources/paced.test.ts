import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { Frame } from '../../../src/base/line.ts'
import { CaptureReader } from '../../../src/capture/reader.ts'
import { type Pace, type PaceClock, PacedSource } from '../../../src/capture/sources/paced.ts'
import { open, type PacketSource } from '../../../src/capture/sources/source.ts'
import { CaptureWriter } from '../../../src/capture/writer.ts'

/** A clock that moves when it is told to. */
class FakeClock implements PaceClock {
  private time = 0
  private calls: { readonly at: number; readonly call: () => void }[] = []

  now(): number {
    return this.time
  }

  after(ms: number, call: () => void): () => void {
    const entry = { at: this.time + ms, call }
    this.calls.push(entry)
    return () => {
      this.calls = this.calls.filter(one => one !== entry)
    }
  }

  /** Moves on to a time, calling what is due on the way at its time. */
  async to(time: number): Promise<void> {
    for (;;) {
      await settled()
      const next = this.calls.filter(({ at }) => at <= time).sort((a, b) => a.at - b.at)[0]
      if (next === undefined) break
      this.time = Math.max(this.time, next.at)
      this.calls = this.calls.filter(one => one !== next)
      next.call()
    }
    this.time = time
    await settled()
  }
}

/** Lets everything happen that waits for nothing but its turn. */
const settled = (): Promise<void> => new Promise(resolve => setImmediate(() => setImmediate(resolve)))

function capture(...seconds: number[]): PacketSource {
  const writer = new CaptureWriter()
  const pieces = [writer.start().slice()]
  for (const [index, time] of seconds.entries()) {
    const frame = new Frame()
    Object.assign(frame, { bytes: Uint8Array.of(index), end: 1, wireSize: 1, link: 1, timeDigits: 9 })
    frame.seconds = Math.floor(time)
    frame.nanos = Math.round((time % 1) * 1e9) || 0
    pieces.push(writer.write(frame).slice())
  }
  const bytes = Buffer.concat(pieces)
  return {
    name: 'fake',
    size: bytes.length,
    read: 0,
    plain: false,
    damage: undefined,
    close() {},
    async *[Symbol.asyncIterator]() {
      yield bytes
    },
  }
}

interface Playing {
  readonly source: PacedSource
  readonly clock: FakeClock
  /** `index@ms` of each frame. */
  readonly came: string[]
  readonly told: string[]
  readonly over: Promise<void>
}

function play(source: PacketSource, pace: Pace): Playing {
  const clock = new FakeClock()
  const told: string[] = []
  const came: string[] = []
  const paced = new PacedSource(source, pace, message => told.push(message), clock)
  const reader = new CaptureReader({
    frame: ({ bytes, start }) => void came.push(`${bytes[start]}@${Math.round(clock.now())}`),
    lost: () => {},
    damage: () => {},
  })
  const run = async (): Promise<void> => {
    for await (const chunk of paced) reader.push(chunk)
  }
  return { source: paced, clock, came, told, over: run() }
}

describe('frames at their time', () => {
  test.each([
    [1, ['0@0', '1@1000', '2@1500', '3@4000']],
    [0.5, ['0@0', '1@2000', '2@3000', '3@8000']],
    [10, ['0@0', '1@100', '2@150', '3@400']],
  ])('%sx', async (factor, expected) => {
    const { clock, came, over } = play(capture(100, 101, 101.5, 104), { factor })
    await clock.to(20_000)
    await over
    expect(came).toEqual(expected)
  })

  test('none comes before its time', async () => {
    const { clock, came, source } = play(capture(1, 2), { factor: 1 })
    await clock.to(999)
    expect(came).toEqual(['0@0'])
    await clock.to(1000)
    expect(came).toEqual(['0@0', '1@1000'])
    source.close()
  })

  test('steps of the clock back, or over an hour ahead, count as nothing; so do frames without a time', async () => {
    const { clock, came, over } = play(capture(100, 50, 51, 10_000, 10_001, Number.NaN), { factor: 1 })
    await clock.to(10_000)
    await over
    expect(came).toEqual(['0@0', '1@0', '2@1000', '3@1000', '4@2000', '5@2000'])
  })

  test('long pauses are cut, and reported', async () => {
    const { clock, came, told, over } = play(capture(0, 41, 42), { factor: 1, longestPause: 2 })
    await clock.to(10_000)
    await over
    expect(came).toEqual(['0@0', '1@2000', '2@3000'])
    expect(told).toEqual(['a pause of 41.0 s was cut to 2 s'])
  })
})

describe('while it runs', () => {
  test('faster and slower: the rest of a pause at the new pace', async () => {
    const { clock, came, source, over } = play(capture(0, 10, 20), { factor: 1 })
    await clock.to(5000)
    source.scale(2)
    await clock.to(8000)
    source.scale(0.25)
    await clock.to(60_000)
    await over
    // At 7.5 s the second frame; then 0.5 s at 2x, and 9 s of the capture at 0.5x.
    expect(came).toEqual(['0@0', '1@7500', '2@26000'])
  })

  test('held: nothing comes but steps, and time stands still', async () => {
    const { clock, came, source, over } = play(capture(0, 1, 2, 3), { factor: 1 })
    await clock.to(500)
    source.hold()
    await clock.to(9000)
    expect(came).toEqual(['0@0'])
    source.step()
    await clock.to(9500)
    expect(came).toEqual(['0@0', '1@9000'])
    source.hold()
    await clock.to(20_000)
    await over
    expect(came).toEqual(['0@0', '1@9000', '2@10500', '3@11500'])
  })

  test('a stop ends it', async () => {
    const { clock, came, source, over } = play(capture(0, 1), { factor: 1 })
    await clock.to(500)
    source.stop()
    await over
    expect(came).toEqual(['0@0'])
  })
})

test('every frame of a sample comes, whole and in order', async () => {
  const name = fileURLToPath(new URL('../../../samples/tour.pcapng', import.meta.url))
  const frames: string[][] = [[], []]
  const readerOf = (list: string[]) =>
    new CaptureReader({
      frame: ({ bytes, start, end, seconds, nanos, wireSize, link }) =>
        void list.push(
          `${seconds}.${nanos} ${wireSize} ${link} ${Buffer.from(bytes.subarray(start, end)).toString('hex')}`,
        ),
      lost: () => {},
      damage: () => {},
    })
  const [plain, paced] = frames.map(readerOf)
  for await (const chunk of await open(name)) plain?.push(chunk)
  for await (const chunk of new PacedSource(await open(name), { factor: 1000 }, () => {})) paced?.push(chunk)
  expect(frames[1]).toEqual(frames[0])
  expect(frames[0]?.length).toBeGreaterThan(100)
})

test('rows and findings are those of the file read at once', () => {
  const cli = fileURLToPath(new URL('../../../dist/cli.js', import.meta.url))
  const run = (...words: string[]): string =>
    execFileSync(process.execPath, [cli, '-q', ...words], { encoding: 'utf8' })
  for (const name of ['tour', 'tls', 'malformed', 'lost']) {
    const file = fileURLToPath(new URL(`../../../samples/${name}.pcapng`, import.meta.url))
    for (const format of ['text', 'ndjson'])
      expect(run('-T', format, '--pace', '1024x', file)).toBe(run('-T', format, file))
  }
})
