import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { CaptureReader } from '../../../src/capture/reader.ts'
import { Spool } from '../../../src/capture/sources/spool.ts'
import { CaptureWriter } from '../../../src/capture/writer.ts'
import { frameOf, pcapOf } from '../../support/net.ts'

const home = mkdtempSync(join(tmpdir(), 'mqtt-sniff-test-'))
afterAll(() => rmSync(home, { recursive: true, force: true }))

const FRAMES = Array.from({ length: 200 }, (_, at) => new Uint8Array(60 + (at % 7)).fill(at))

function pcapng(): Uint8Array {
  const writer = new CaptureWriter([{ link: 1, snaplen: 65535, timeDigits: 6, name: 'eth0' }])
  return Buffer.concat(FRAMES.map((bytes, at) => writer.write(frameOf(bytes, { number: at + 1 })).slice()))
}

/** The first byte of each frame, and what is damaged. */
function read(bytes: Uint8Array): { frames: number[]; damages: number; name: string | undefined } {
  const frames: number[] = []
  const reader = new CaptureReader({
    frame: ({ bytes, start }) => frames.push(bytes[start] ?? -1),
    lost: () => {},
    damage: () => {},
  })
  reader.push(bytes)
  reader.end()
  return { frames, damages: reader.damages, name: reader.interfaces[0]?.name }
}

/** In chunks of odd sizes. */
function fill(spool: Spool, bytes: Uint8Array): void {
  for (let at = 0, size = 1; at < bytes.length; at += size, size = (size * 7 + 3) % 500 || 1)
    spool.append(bytes.subarray(at, at + size))
}

const KINDS: readonly (readonly [string, Uint8Array])[] = [
  ['pcap', pcapOf(FRAMES)],
  ['pcapng', pcapng()],
]

describe('spool', () => {
  for (const [kind, capture] of KINDS) {
    test(`${kind}: every byte can be read at its position, and is kept as it came`, () => {
      const spool = new Spool(1_000_000, home)
      fill(spool, capture)
      expect([spool.size, spool.held, spool.dropped]).toEqual([capture.length, capture.length, 0])
      for (const [at, size] of [
        [0, 24],
        [1, 1],
        [5000, 3000],
        [capture.length - 5, 100],
      ] as const)
        expect(Buffer.from(spool.read(at, size))).toEqual(Buffer.from(capture.subarray(at, at + size)))
      expect(spool.read(capture.length, 5).length).toBe(0)
      const name = join(home, `${kind}-whole`)
      spool.keep(name)
      spool.close()
      expect(readFileSync(name)).toEqual(Buffer.from(capture))
    })

    test(`${kind}: beyond the limit the oldest go, and whole frames are kept`, () => {
      const spool = new Spool(4096, home)
      fill(spool, capture)
      expect(spool.held).toBeLessThanOrEqual(4096)
      expect(spool.dropped + spool.held).toBe(capture.length)
      expect(spool.read(spool.dropped - 1, 10).length).toBe(0)
      const tail = capture.length - 100
      expect(Buffer.from(spool.read(tail, 100))).toEqual(Buffer.from(capture.subarray(tail)))
      const name = join(home, `${kind}-rest`)
      spool.keep(name)
      spool.close()
      const kept = read(readFileSync(name))
      const count = kept.frames.length
      expect(count).toBeGreaterThan(30)
      expect(kept).toEqual({
        frames: FRAMES.slice(-count).map(frame => frame[0]),
        damages: 0,
        name: kind === 'pcapng' ? 'eth0' : undefined,
      })
    })
  }

  test('leaves nothing, however the program ends: its files have no names', () => {
    const parent = mkdtempSync(join(home, 'alone-'))
    const spool = new Spool(1000, parent)
    for (let count = 0; count < 50; count++) spool.append(new Uint8Array(100).fill(count))
    expect(readdirSync(parent)).toEqual([])
    expect(spool.read(spool.size - 1, 1)).toEqual(Uint8Array.of(49))
    spool.close()
    spool.close()
    spool.append(new Uint8Array(10))
    expect(readdirSync(parent)).toEqual([])
  })

  test('a folder that is not there is told at once', () => {
    expect(() => new Spool(1000, join(home, 'missing'))).toThrow(/ENOENT/)
  })

  test('what is kept is for its owner alone', () => {
    const spool = new Spool(1000, home)
    spool.append(new Uint8Array(10))
    const name = join(home, 'kept')
    spool.keep(name)
    expect(statSync(name).mode & 0o077).toBe(0)
    spool.close()
  })
})
