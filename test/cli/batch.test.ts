/** The program as it is called, on files. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, test } from 'vitest'
import { Connection, pcapOf } from '../support/wire.ts'

const CLI = fileURLToPath(new URL('../../dist/cli.js', import.meta.url))
const TOUR = fileURLToPath(new URL('../../samples/tour.pcapng', import.meta.url))

const home = mkdtempSync(join(tmpdir(), 'mqtt-sniff-test-'))
afterAll(() => rmSync(home, { recursive: true, force: true }))

const run = (...args: string[]) => spawnSync(process.execPath, [CLI, ...args], { encoding: 'utf8' })

/** More than one chunk of a capture: PINGREQ packets, and segments of a kilobyte behind them. */
function large(): string {
  const frames: Uint8Array[] = []
  const stream = new Connection(frames, 4, 40_000, 1)
  stream.send(true, Uint8Array.of(0xc0, 0))
  const publish = Uint8Array.of(0x30, 0xeb, 0x07, 0, 1, 0x61, ...new Uint8Array(1000))
  for (let count = 0; count < 1000; count++) stream.send(true, publish)
  const name = join(home, 'large.pcap')
  writeFileSync(name, pcapOf(frames))
  return name
}

describe('-c', () => {
  test('stops before the end of an intact file: nothing is damaged', () => {
    const { status, stdout, stderr } = run('-T', 'text', '-c', '3', large())
    expect(status).toBe(0)
    expect(stdout.match(/^ +\d+ /gm)?.map(Number)).toEqual([1, 2, 3])
    expect(stderr).not.toContain('ends inside')
  })

  test('with -w: no frame behind the last packet shown', () => {
    const saved = join(home, 'three.pcapng')
    expect(run('-c', '3', '-w', saved, large()).status).toBe(0)
    const { stdout } = run('-q', '-T', 'fields', '-e', 'frame.number', saved)
    expect(stdout.trimEnd().split('\n')).toEqual(['4', '5', '6'])
  })
})

describe('-w', () => {
  test('never onto the capture that is read', () => {
    const name = join(home, 'self.pcapng')
    writeFileSync(name, readFileSync(TOUR))
    const { status, stderr } = run('-w', name, name)
    expect(status).toBe(2)
    expect(stderr).toContain('would overwrite the input')
    expect(readFileSync(name)).toEqual(readFileSync(TOUR))
  })
})

test.each([
  [['--nope'], "unknown option '--nope'"],
  [['-c', 'x', TOUR], '-c x: not a whole number from 1 up'],
  [['findings', '--nope'], "unknown option '--nope'"],
])('wrong usage is told by name: %j', (args, message) => {
  const { status, stderr } = run(...args)
  expect(status).toBe(2)
  expect(stderr).toContain(`mqtt-sniff: ${message}`)
  expect(stderr).toContain('--help lists the options')
})

describe('stdin that is no capture', () => {
  const CASES = [
    ['text', 'hello\n', 'mqtt-sniff: this is no pcap or pcapng capture: it is text'],
    ['nothing', '', 'mqtt-sniff: '],
  ] as const
  test.each(CASES)('%s is told once, and nothing is printed', (_, input, begin) => {
    for (const args of [[], ['-T', 'text'], ['-T', 'text', '-Y', 'mqtt.exchange.state == open'], ['findings']]) {
      const { status, stdout, stderr } = spawnSync(process.execPath, [CLI, ...args, '-r', '-'], {
        encoding: 'utf8',
        input,
      })
      expect(stdout, args.join(' ')).toBe(args[0] === 'findings' ? 'no findings\n' : '')
      expect(stderr.slice(0, begin.length)).toBe(begin)
      expect([status, stderr.split('\n').length]).toEqual([3, 2])
    }
  })
})
