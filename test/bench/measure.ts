/** Runs programs in turns and measures them from outside. */
import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'

export interface Command {
  /** As it is shown. */
  readonly title: string
  readonly program: string
  readonly args: readonly string[]
}

export interface Measured {
  /** Milliseconds from start to exit, one for each round. */
  readonly times: number[]
  /** The largest resident set of all rounds, in bytes; undefined where the system does not tell. */
  peak: number | undefined
  /** Why there is nothing to show. */
  failed: string | undefined
  /** What it printed, where it is short; longer output goes to /dev/null. */
  readonly output: string[]
}

/** The system keeps the highest mark, so asking late misses only what is gained after the last time. */
const ASK_EVERY_MS = 10

export const median = (numbers: readonly number[]): number => {
  const sorted = numbers.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  return ((sorted[middle] ?? Number.NaN) + (sorted[sorted.length - 1 - middle] ?? Number.NaN)) / 2
}

/** Each command once, then each again: what slows the machine for a while slows all of them. */
export async function runInTurns(commands: readonly Command[], rounds: number): Promise<Measured[]> {
  const results: Measured[] = commands.map(() => ({ times: [], peak: undefined, failed: undefined, output: [] }))
  for (let round = 0; round < rounds; round++) {
    for (const [index, command] of commands.entries()) {
      const result = results[index]
      if (result !== undefined && result.failed === undefined) await runOnce(command, result)
    }
  }
  return results
}

function runOnce({ program, args }: Command, result: Measured): Promise<void> {
  const prints = args.some(arg => /(line|filter|frames)\.js$/.test(arg))
  return new Promise(resolve => {
    const started = process.hrtime.bigint()
    const child = spawn(program, args, { stdio: ['ignore', prints ? 'pipe' : 'ignore', 'ignore'] })
    let output = ''
    child.stdout?.on('data', text => {
      output += text
    })
    const ask = (): void => {
      const peak = peakOf(child.pid)
      if (peak !== undefined && peak > (result.peak ?? 0)) result.peak = peak
    }
    const timer = setInterval(ask, ASK_EVERY_MS)
    child.on('error', error => {
      clearInterval(timer)
      result.failed = error.message
      resolve()
    })
    child.on('close', code => {
      clearInterval(timer)
      result.times.push(Number(process.hrtime.bigint() - started) / 1e6)
      if (code !== 0) result.failed = `exit ${code}`
      if (prints) result.output.push(output)
      resolve()
    })
  })
}

/** VmHWM of /proc, which Linux has; elsewhere nothing tells without a program of its own. */
function peakOf(pid: number | undefined): number | undefined {
  const file = `/proc/${pid}/status`
  if (pid === undefined || !existsSync(file)) return undefined
  try {
    const kilobytes = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync(file, 'latin1'))?.[1]
    return kilobytes === undefined ? undefined : Number(kilobytes) * 1024
  } catch {
    return undefined
  }
}
