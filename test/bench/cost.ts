/**
 * What hostile captures cost, in processor time: a kind is measured at three sizes, each twice the one before, of which the
 * smallest takes LEAST_MS, however fast the machine is.
 */
import { spawn } from 'node:child_process'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { HOSTILE, type Hostile, makeHostile } from './hostile.ts'

/** Processor time of the smallest size, without what the start of the program takes. */
const LEAST_MS = 1000
/** The smallest size is this part of the one in the table at least: below it, what has a limit has not come to it. */
const FIRST_TRY = 1 / 2
/** A size that took little is made this many times larger at most, as its time tells little about larger ones. */
const MOST_STEP = 8
const MOST_TRIES = 5
/** A kind that takes less at so many times its size in the table has a limit of its own: more of it costs nothing. */
const MOST_SIZE = 2
const SIZES = [1, 2, 4] as const
/** Each size is measured so many times, and the least time counts. */
const RUNS = 2

export interface Cost {
  /** Milliseconds of processor time of all threads. */
  readonly ms: number
  /** The largest resident set, in bytes. */
  readonly peak: number
}

export interface KindCost {
  readonly title: string
  /** How many of what the kind counts were in the smallest capture. */
  readonly size: number
  readonly costs: readonly Cost[]
  /** The largest ratio of a size to the one before it. */
  readonly step: number
}

/** Tells at its end, on descriptor 3, what the process took. */
const TELLER = `data:text/javascript,${encodeURIComponent(`
import { writeSync } from 'node:fs'
process.on('exit', () => {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage()
  writeSync(3, JSON.stringify({ ms: (userCPUTime + systemCPUTime) / 1000, peak: maxRSS * 1024 }))
})`)}`

/** Runs the program once. */
export function costOnce(cli: string, args: readonly string[]): Promise<Cost> {
  return new Promise((resolve, reject) => {
    const stdio = ['ignore', 'ignore', 'ignore', 'pipe'] as const
    const child = spawn(process.execPath, ['--import', TELLER, cli, ...args], { stdio: [...stdio] })
    let told = ''
    child.stdio[3]?.on('data', text => {
      told += text
    })
    child.on('error', reject)
    child.on('close', code => {
      if (code === 0 && told !== '') resolve(JSON.parse(told) as Cost)
      else reject(new Error(`${args.join(' ')}: exit ${code}`))
    })
  })
}

async function costOf(cli: string, args: readonly string[]): Promise<Cost> {
  const costs: Cost[] = []
  for (let run = 0; run < RUNS; run++) costs.push(await costOnce(cli, args))
  return { ms: Math.min(...costs.map(({ ms }) => ms)), peak: Math.max(...costs.map(({ peak }) => peak)) }
}

export class CostBench {
  private readonly cli: string
  private readonly folder: string
  private start = 0

  constructor(cli: string, folder: string) {
    this.cli = cli
    this.folder = folder
  }

  /** The kinds whose name holds one of `words`; all of them without words. */
  static kinds(words: readonly string[]): readonly string[] {
    const names = Object.keys(HOSTILE)
    return words.length === 0 ? names : names.filter(name => words.some(word => name.includes(word)))
  }

  async measure(kind: string): Promise<KindCost | undefined> {
    const hostile = HOSTILE[kind]
    if (hostile === undefined) return undefined
    if (this.start === 0) this.start = (await this.at({ ...hostile, args: ['-T', 'none'] }, 0, costOf)).ms
    const size = await this.sizeOf(hostile)
    const costs: Cost[] = []
    for (const times of SIZES) costs.push(await this.at(hostile, size * times, costOf))
    const steps = costs.slice(1).map(({ ms }, index) => this.net(ms) / this.net(costs[index]?.ms ?? Number.NaN))
    return { title: `${kind} (${hostile.args.join(' ')})`, size, costs, step: Math.max(...steps) }
  }

  private net(ms: number): number {
    return ms - this.start
  }

  /** The size that takes LEAST_MS. */
  private async sizeOf(hostile: Hostile): Promise<number> {
    let size = Math.ceil(hostile.size * FIRST_TRY)
    for (let left = MOST_TRIES; left > 0; left--) {
      const ms = this.net((await this.at(hostile, size, costOnce)).ms)
      if (ms >= LEAST_MS) break
      const wanted = size * Math.min(MOST_STEP, (LEAST_MS * 1.1) / Math.max(ms, 1))
      size = Math.ceil(Math.min(wanted, hostile.size * MOST_SIZE))
    }
    return size
  }

  private async at(hostile: Hostile, size: number, cost: typeof costOf): Promise<Cost> {
    const file = join(this.folder, 'hostile.pcap')
    makeHostile(file, hostile, size)
    try {
      return await cost(this.cli, [...hostile.args, file])
    } finally {
      rmSync(file)
    }
  }
}
