import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { afterAll, describe, expect, test } from 'vitest'
import { Frame } from '../../../src/base/line.ts'
import type { Damage } from '../../../src/capture/damage.ts'
import { CaptureReader } from '../../../src/capture/reader.ts'
import { openMerged } from '../../../src/capture/sources/merged.ts'
import { CaptureWriter } from '../../../src/capture/writer.ts'
import { needs } from '../../support/tools.ts'

const home = mkdtempSync(join(tmpdir(), 'mqtt-sniff-merged-'))
afterAll(() => rmSync(home, { recursive: true }))
const sample = (name: string): string => fileURLToPath(new URL(`../../../samples/${name}.pcapng`, import.meta.url))

/** A capture of frames of one byte, at these seconds; NaN: no time. */
function file(name: string, frames: readonly (readonly [seconds: number, byte: number])[], more = ''): string {
  const writer = new CaptureWriter([{ link: 1, snaplen: 0, timeDigits: 9, name: `if-${name}` }])
  const pieces = [writer.start().slice()]
  for (const [seconds, byte] of frames) {
    const frame = new Frame()
    Object.assign(frame, { bytes: Uint8Array.of(byte), start: 0, end: 1, wireSize: 1, link: 1, timeDigits: 9, port: 0 })
    frame.seconds = Math.floor(seconds)
    frame.nanos = Math.round((seconds % 1) * 1e9) || 0
    pieces.push(writer.write(frame).slice())
  }
  const path = join(home, name)
  writeFileSync(path, Buffer.concat([...pieces, Buffer.from(more, 'hex')]))
  return path
}

interface Read {
  readonly frames: readonly string[]
  readonly told: readonly string[]
  readonly damages: readonly Damage[]
}

/** Each frame as its byte, its file and its interface. */
async function read(...names: string[]): Promise<Read> {
  const told: string[] = []
  const damages: Damage[] = []
  const frames: string[] = []
  const source = await openMerged(names, message => told.push(message))
  source.onDamage = damage => damages.push(damage)
  const reader = new CaptureReader({
    frame: ({ number, bytes, start, port }) => {
      const name = source.files.nameOf(number)?.replace(/.*\//, '')
      frames.push(`${bytes[start]} ${name} ${reader.interfaces[port]?.name}`)
    },
    lost: () => {},
    damage: damage => damages.push(damage),
  })
  for await (const chunk of source) reader.push(chunk)
  reader.end()
  return { frames, told, damages }
}

describe('frames of several files', () => {
  test('by time; of the same time in the order of the files', async () => {
    const a = file('a', [
      [1, 1],
      [3, 3],
      [5, 5],
    ])
    const b = file('b', [
      [2, 2],
      [3, 30],
      [4, 4],
    ])
    const { frames, told, damages } = await read(a, b)
    expect(frames).toEqual(['1 a if-a', '2 b if-b', '3 a if-a', '30 b if-b', '4 b if-b', '5 a if-a'])
    expect([told, damages]).toEqual([[], []])
  })

  test('the same file twice, an empty one, and one that is gzipped', async () => {
    const a = file('a', [
      [1, 1],
      [2, 2],
    ])
    const none = file('none', [])
    const packed = join(home, 'b.gz')
    writeFileSync(packed, gzipSync(readFileSync(file('b', [[1.5, 9]]))))
    const { frames } = await read(a, none, a, packed)
    expect(frames.map(line => Number.parseInt(line, 10))).toEqual([1, 1, 9, 2, 2])
  })

  test('a frame without a time comes at once', async () => {
    const { frames } = await read(
      file('a', [
        [5, 5],
        [Number.NaN, 6],
        [7, 7],
      ]),
      file('b', [[6, 60]]),
    )
    expect(frames.map(line => Number.parseInt(line, 10))).toEqual([5, 6, 60, 7])
  })

  test('a file that is not in time order is reported once, and keeps its order', async () => {
    const { frames, told } = await read(
      file('a', [
        [1, 1],
        [5, 5],
        [2, 2],
        [3, 3],
      ]),
      file('b', [
        [4, 4],
        [6, 6],
      ]),
    )
    expect(frames.map(line => Number.parseInt(line, 10))).toEqual([1, 4, 5, 2, 3, 6])
    expect(told).toHaveLength(1)
    expect(told[0]).toMatch(/a is not in time order: its frame 3 is 3\.000000 s earlier than a frame before it/)
  })

  test('damage of one file has its name; the others are read to their end', async () => {
    const { frames, damages } = await read(file('a', [[1, 1]], '06000000 40000000'), file('b', [[2, 2]]))
    expect(frames.map(line => Number.parseInt(line, 10))).toEqual([1, 2])
    expect(damages.map(({ message }) => message.replace(home, ''))).toEqual([
      expect.stringMatching(/^\/a: the capture ends inside a block/),
    ])
  })
})

test('a file that cannot be opened is an error, whichever it is', async () => {
  await expect(openMerged([file('a', []), join(home, 'missing')], () => {})).rejects.toThrow('missing: no such file')
  copyFileSync(fileURLToPath(import.meta.url), join(home, 'text'))
  await expect(openMerged([join(home, 'text'), file('a', [])], () => {})).rejects.toThrow(/cannot read .*text/)
})

needs('mergecap')('beside mergecap: the same packets, in the same order', () => {
  const cli = fileURLToPath(new URL('../../../dist/cli.js', import.meta.url))
  const run = (...files: string[]): string =>
    execFileSync(process.execPath, [cli, '-q', '-T', 'text', ...files], { encoding: 'utf8' })
  for (const names of [
    ['qos1', 'qos2', 'tour'],
    ['tour', 'tls', 'websocket', 'will'],
  ]) {
    const files = names.map(sample)
    const merged = join(home, 'merged.pcapng')
    execFileSync('mergecap', ['-w', merged, ...files])
    expect(run(...files)).toBe(run(merged))
  }
})
