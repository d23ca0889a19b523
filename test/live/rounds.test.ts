/** Random faults, many times over: no capture program is left, no file is unreadable, and none is there but what was asked for. */
import { existsSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect } from 'vitest'
import { effort } from '../support/effort.ts'
import { Line } from '../support/hosts.ts'
import { contents, folder, freePort, isAlive, killStarted, Sniff, until } from '../support/live.ts'
import { Random } from '../support/random.ts'
import { needs } from '../support/tools.ts'

afterAll(killStarted)

/** 1,000 in `.ci/long`. */
const ROUNDS = Number(process.env.MQTT_SNIFF_ROUNDS ?? effort(12, 100))
const SEED = Number(process.env.MQTT_SNIFF_SEED ?? 1)
const AT_ONCE = 6

const home = folder()
/** Where the program stands and has its temporary files. */
const scratch = folder()
afterAll(() => {
  for (const each of [home, scratch]) rmSync(each, { recursive: true, force: true })
})

const nameOf = (number: number): string => `${number}.pcapng`

/** What happens to a capture, and the exit codes that may follow: a fault may meet one that is just ending. */
const FAULTS: Readonly<Record<string, { readonly codes: readonly unknown[]; strike(sniff: Sniff): void }>> = {
  'the capture program is killed': {
    codes: [3],
    strike: sniff => {
      for (const pid of sniff.captures) kill(pid, 'SIGKILL')
    },
  },
  'the capture program is told to end': {
    codes: [3],
    strike: sniff => {
      for (const pid of sniff.captures) kill(pid, 'SIGTERM')
    },
  },
  'the capture program is stopped, then the program is killed': {
    codes: ['SIGKILL'],
    strike: sniff => {
      for (const pid of sniff.captures) kill(pid, 'SIGSTOP')
      sniff.signal('SIGKILL')
    },
  },
  'the program is killed': { codes: ['SIGKILL'], strike: sniff => sniff.signal('SIGKILL') },
  'Ctrl-C': { codes: [0], strike: sniff => sniff.signal('SIGINT') },
  'Ctrl-C and again': {
    codes: [0, 130, 'SIGINT'],
    strike: sniff => {
      sniff.signal('SIGINT')
      setTimeout(() => sniff.signal('SIGINT'), 30)
    },
  },
  'the terminal goes': { codes: [129], strike: sniff => sniff.signal('SIGHUP') },
  'told to end': { codes: [143], strike: sniff => sniff.signal('SIGTERM') },
  'nobody reads': { codes: [0], strike: sniff => void sniff.child.stdout?.destroy() },
}

function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch {
    // It ended by itself.
  }
}

async function round(number: number): Promise<void> {
  const random = new Random(SEED * 1_000_003 + number)
  const backend = random.pick(['dumpcap', 'tcpdump'])
  const [name, fault] = random.pick(Object.entries(FAULTS))
  const full = random.chance(0.1)
  const file = full ? '/dev/full' : join(home, nameOf(number))
  const port = await freePort()
  const args = ['-i', 'lo', '-p', String(port), '--backend', backend, '-T', 'text', '-w', file]
  const sniff = await new Sniff(args, { cwd: scratch, env: { TMPDIR: scratch } }).ready()
  const pids = sniff.captures
  const line = await Line.open(port)
  await line.send(random.below(200))
  fault.strike(sniff)
  // What is printed into a closed pipe ends it: packets go on until it has ended.
  const more = setInterval(() => void line.send(1), 20)
  const code = await sniff.ended
  clearInterval(more)
  const round = `round ${number}, seed ${SEED}: ${backend}, ${name}${full ? ', disk full' : ''}`
  expect([round, [...fault.codes, ...(full ? [5] : [])]]).toEqual([round, expect.arrayContaining([code])])
  await until(`${round}: ${pids} end`, () => !pids.some(isAlive))
  expect(pids.length).toBe(1)
  if (!full && existsSync(file)) expect([round, contents(file).damages]).toEqual([round, 0])
  line.close()
}

describe('rounds', () => {
  needs('root', 'dumpcap', 'tcpdump')(
    `${ROUNDS} random faults leave nothing behind`,
    async () => {
      let next = 0
      const worker = async (): Promise<void> => {
        while (next < ROUNDS) await round(next++)
      }
      await Promise.all(Array.from({ length: AT_ONCE }, worker))
      const wanted = new Set(Array.from({ length: ROUNDS }, (_, number) => nameOf(number)))
      expect(readdirSync(home).filter(name => !wanted.has(name))).toEqual([])
      expect(readdirSync(scratch)).toEqual([])
    },
    ROUNDS * 3000,
  )
})
