/** `-Y` on the command line: what is shown, counted and saved; what a wrong expression says. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'

const folder = mkdtempSync(join(tmpdir(), 'mqtt-sniff-filter-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function run(...args: string[]): { code: number | null; out: string; err: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['dist/cli.js', ...args], { encoding: 'utf8' })
  return { code: status, out: stdout, err: stderr }
}

const shown = (...args: string[]): string[] => {
  const { code, out } = run('-q', ...args)
  expect(code).toBe(0)
  return out.split('\n').filter(Boolean)
}

const FRAMES = ['-T', 'fields', '-e', 'frame.number']
const tour = 'samples/tour.pcapng'

test('packets that match are shown, with their numbers in the whole capture', () => {
  const all = shown('-T', 'ndjson', tour).map(line => JSON.parse(line) as { packet?: number; type?: string })
  const numbers = all.filter(({ type }) => type === 'SUBSCRIBE').map(({ packet }) => packet)
  const some = shown('-T', 'ndjson', '-Y', 'subscribe', tour).map(line => JSON.parse(line) as { packet?: number })
  expect(some.filter(one => 'type' in one && one.packet !== undefined).map(({ packet }) => packet)).toEqual(numbers)
})

test('-c counts what is shown', () => {
  expect(shown('-Y', 'mqtt.qos == 2', '-c', '2', ...FRAMES, tour)).toEqual(['69', '75'])
})

test('exchanges are known to a filter whatever is printed', () => {
  expect(shown('-Y', 'mqtt.exchange.latency > 1ms', ...FRAMES, tour).length).toBeGreaterThan(3)
})

test('copies are tied to their messages where somebody asks for it', () => {
  const columns = ['opener', 'role', 'copies', 'expected'].flatMap(name => ['-e', `mqtt.fanout.${name}`])
  const rows = shown('-Y', 'mqtt.fanout.opener == 38', '-T', 'fields', '-e', 'frame.number', ...columns, tour)
  expect(rows).toEqual(['69\t38\tfresh\t\t3', '75\t38\tcopy\t1\t3', '77\t38\tcopy\t2\t3', '78\t38\tcopy\t3\t3'])
  const records = (...args: string[]) =>
    shown('-T', 'ndjson', ...args, tour).map(line => JSON.parse(line) as { packet?: number; fanout?: object })
  expect(records().filter(({ fanout }) => fanout !== undefined)).toEqual([])
  const copy = records('--fan-out').find(({ packet }) => packet === 42)
  expect(copy?.fanout).toEqual({ role: 'copy', opener: 38, latencyMs: 43.589899, copies: 1, expected: 3 })
  expect(shown('-T', 'text', '--fan-out', tour)[41]).toMatch(/ ⇉ 38 after 43\.6 ms$/)
})

test('-w saves the frames of the packets that match, all of those that a packet spans', () => {
  const file = join(folder, 'large.pcapng')
  expect(run('-q', '-Y', 'publish', '-w', file, 'samples/large.pcapng').code).toBe(0)
  const types = shown('-T', 'fields', '-e', 'mqtt.msgtype', '-e', 'mqtt.topic', '-e', 'mqtt.len', file)
  expect(types).toEqual(
    shown(
      '-Y',
      'publish',
      '-T',
      'fields',
      '-e',
      'mqtt.msgtype',
      '-e',
      'mqtt.topic',
      '-e',
      'mqtt.len',
      'samples/large.pcapng',
    ),
  )
})

test('-w saves a frame once, however many packets in it match', () => {
  const file = join(folder, 'tour.pcapng')
  run('-q', '-Y', 'publish', '-w', file, tour)
  const { err } = run('-T', 'none', file)
  const frames = new Set(shown('-Y', 'publish', ...FRAMES, tour))
  expect(err).toContain(`${frames.size} frames`)
})

test('a wrong expression is told at once, with its place', () => {
  const { code, out, err } = run('-Y', 'mqtt.qos == 1 && mqtt.topc == "a"', 'nowhere.pcap')
  expect(code).toBe(2)
  expect(out).toBe('')
  expect(err).toBe(
    [
      'mqtt-sniff: -Y: mqtt.topc is no field; did you mean mqtt.topic?',
      '    mqtt.qos == 1 && mqtt.topc == "a"',
      '                     ^~~~~~~~~',
      '',
    ].join('\n'),
  )
})

test('what may not have been meant is told, and no error', () => {
  const { code, err } = run('-Y', 'not mqtt.dupflag', '-c', '1', tour)
  expect(code).toBe(0)
  expect(err).toContain('write mqtt.dupflag == 0')
  expect(run('-q', '-Y', 'not mqtt.dupflag', '-c', '1', tour).err).toBe('')
})

test('a file is read twice for how it ended; stdin cannot be, and a hint says so', () => {
  const state = 'mqtt.exchange.state == complete'
  const lines = run('-T', 'text', '-Y', `${state} && mqtt.msgtype == CONNECT`, tour)
  expect(lines.out).toContain('CONNECT')
  expect(lines.err).not.toContain('as known at that packet')
  const piped = (...args: string[]) =>
    spawnSync(process.execPath, ['dist/cli.js', ...args, '-'], { encoding: 'utf8', input: readFileSync(tour) })
  const { stdout, stderr } = piped('-T', 'text', '-Y', `${state} && mqtt.msgtype == CONNECT`)
  expect([stdout, stderr.includes('as known at that packet')]).toEqual(['', true])
  expect(piped('-q', '-T', 'text', '-Y', state).stderr).toBe('')
  expect(piped('-T', 'text', '-Y', 'mqtt.qos == 1').stderr).not.toContain('as known at that packet')
})
