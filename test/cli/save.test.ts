/** Saved frames: one file, or a ring of them. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { CaptureReader } from '../../src/capture/reader.ts'
import { OutputError } from '../../src/cli/output.ts'
import { isSameFile, Saver } from '../../src/cli/save.ts'
import { frameOf } from '../support/net.ts'

const home = mkdtempSync(join(tmpdir(), 'mqtt-sniff-test-'))
afterAll(() => rmSync(home, { recursive: true, force: true }))

const INTERFACES = [{ link: 1, snaplen: 65535, timeDigits: 6, name: 'eth0' }]

function read(file: string): { frames: number[]; damages: number } {
  const frames: number[] = []
  const sink = { frame: ({ bytes, start }: { bytes: Uint8Array; start: number }) => frames.push(bytes[start] ?? -1) }
  const reader = new CaptureReader({ ...sink, lost: () => {}, damage: () => {} } as never)
  reader.push(readFileSync(file))
  reader.end()
  return { frames, damages: reader.damages }
}

const frame = (value: number) => frameOf(new Uint8Array(100).fill(value), { number: value + 1 })

describe('save', () => {
  test('a file is a capture before the first frame, and holds every frame', async () => {
    const name = join(home, 'one.pcapng')
    const saver = new Saver(name, INTERFACES)
    await saver.drain(false)
    expect(read(name)).toEqual({ frames: [], damages: 0 })
    for (let at = 0; at < 20; at++) {
      saver.frame(frame(at))
      if (at % 3 === 0) await saver.drain(false)
    }
    await saver.drain(true)
    expect(read(name)).toEqual({ frames: Array.from({ length: 20 }, (_, at) => at), damages: 0 })
    expect(saver.written).toBe(readFileSync(name).length)
  })

  test('a ring keeps the newest files, each a capture of its own', async () => {
    const folder = mkdtempSync(join(home, 'ring-'))
    const saver = new Saver(join(folder, 'ring.pcapng'), INTERFACES, { fileSize: 1000, files: 3 })
    for (let at = 0; at < 100; at++) {
      saver.frame(frame(at))
      // Several files may begin between two drains.
      if (at % 25 === 0) await saver.drain(false)
    }
    await saver.drain(true)
    const names = readdirSync(folder).sort()
    expect(names.length).toBe(3)
    for (const name of names) expect(name).toMatch(/^ring_\d{5}_20231114221320\.pcapng$/)
    const all = names.map(name => read(join(folder, name)))
    expect(all.map(one => one.damages)).toEqual([0, 0, 0])
    const frames = all.flatMap(one => one.frames)
    expect(frames).toEqual(Array.from({ length: frames.length }, (_, at) => 100 - frames.length + at))
  })

  test('a write that fails is told once, and nothing more is written', async () => {
    const saver = new Saver('/dev/full', INTERFACES)
    await expect(saver.drain(false)).rejects.toThrow(OutputError)
    saver.frame(frame(1))
    await saver.drain(true)
    expect([saver.failed, saver.written]).toEqual([true, 0])
  })

  test.each([
    ['in a folder that is not there', join(home, 'nowhere', 'x.pcapng')],
    ['below a file', join(home, 'file', 'x.pcapng')],
    ['too long', join(home, 'x'.repeat(300))],
    ['of a folder', home],
  ])('a name that cannot be opened is told at once: %s', (_, name) => {
    writeFileSync(join(home, 'file'), '')
    expect(() => new Saver(name, INTERFACES)).toThrow(OutputError)
    expect(isSameFile(join(home, 'file'), name)).toBe(false)
  })

  test('what is saved is for its owner alone, files of a ring too', async () => {
    const folder = mkdtempSync(join(home, 'mine-'))
    for (const ring of [undefined, { fileSize: 300, files: 9 }]) {
      const saver = new Saver(join(folder, 'x.pcapng'), INTERFACES, ring)
      for (let at = 0; at < 10; at++) saver.frame(frame(at))
      await saver.drain(true)
    }
    const modes = readdirSync(folder).map(name => statSync(join(folder, name)).mode & 0o777)
    expect(modes.length).toBeGreaterThan(3)
    expect(new Set(modes)).toEqual(new Set([0o600]))
  })
})
