/** The screens as a user meets them: in a pseudo-terminal, from the start of the program to the answer to a key. */
import { readFileSync } from 'node:fs'
import { spawn } from '@lydell/node-pty'
import { INSIDE, onOwnHost, PORT, send } from './live.ts'
import { median } from './measure.ts'

const COLUMNS = 140
const ROWS = 40
const KEYS = 300
const [DOWN, UP] = ['\x1b[6~', '\x1b[5~']
/** Each of them selects another packet; all of them together lead back. */
const MOVES = ['k', 'k', UP, 'k', UP, 'k', 'j', 'j', DOWN, 'j', DOWN, 'j']
const BETWEEN_KEYS_MS = 15
const PATIENCE_MS = 60_000

/** What is sent while keys are pressed, and for how long it warms up. */
export const LIVE_RATE = 20_000
const LIVE_SECONDS = 15
const WARM_MS = 2000

/** What a user waits for, and what it costs meanwhile. */
export interface Answers {
  /** Milliseconds from a key to the frame that answers it. */
  readonly p50: number
  readonly p95: number
  /** Part of one processor. */
  readonly processor: number
  /** Bytes of memory. */
  readonly resident: number
}

/** Milliseconds, and those of a processor: what it takes on a machine without other work, or a little more. */
export interface Taken {
  readonly time: number
  readonly processor: number
}

export interface LoadedResult extends Answers {
  /** From the start of the program to the first rows, and to the last packet read. */
  readonly firstRows: Taken
  readonly loaded: Taken
  /** What it has read by then, and bytes of memory. */
  readonly packets: number
  readonly held: number
}

export interface LiveResult extends Answers {
  readonly perSecond: number
  readonly sent: number
  readonly seen: number
  readonly dropped: number | undefined
}

/** A capture file: how long it takes, then keys. */
export async function measureLoaded(cli: string, file: string): Promise<LoadedResult> {
  const screen = new Screen([process.execPath, cli, '-T', 'tui', '-q', file])
  try {
    const until = async (fits: (seen: string) => boolean): Promise<Taken> => {
      const time = await screen.until(() => fits(screen.seen))
      return { time, processor: processorMs(screen.pid) }
    }
    const firstRows = await until(seen => /CONNECT|PUBLISH/.test(seen))
    const loaded = await until(isLoaded)
    const held = residentOf(screen.pid)
    const packets = Number(/([\d,]+) packets/.exec(titleOf(screen.seen))?.[1]?.replaceAll(',', ''))
    const jumps = MOVES.length
    const answers = await answersOf(screen, [
      'G',
      ...MOVES,
      'g',
      ...MOVES.slice(jumps / 2),
      ...MOVES.slice(0, jumps / 2),
    ])
    return { firstRows, loaded, packets, held, ...answers }
  } finally {
    screen.kill('SIGKILL')
  }
}

/** A live capture: keys while packets come. Why it was not measured. */
export function measureLiveScreens(cli: string, tell: (result: LiveResult) => void): Promise<string | undefined> {
  return onOwnHost(async () => {
    const args = [cli, '-T', 'tui', '-i', 'lo', '-p', String(PORT)]
    const screen = new Screen(['ip', ...INSIDE, process.execPath, ...args])
    try {
      await screen.until(() => screen.seen.includes('capturing on'))
      const sending = send(LIVE_RATE, LIVE_SECONDS)
      await screen.until(() => placeOf(screen.seen) !== undefined)
      await new Promise(resolve => setTimeout(resolve, WARM_MS))
      const answers = await answersOf(screen, MOVES)
      const { sent, ms, clients } = await sending
      screen.kill('SIGINT')
      await screen.until(() => SUMMARY.test(screen.seen))
      const [, seen = '', dropped] = SUMMARY.exec(screen.seen) ?? []
      const lost = dropped === undefined ? undefined : Number(dropped)
      tell({ ...answers, perSecond: Math.round((sent / ms) * 1000), sent, seen: Number(seen) - clients, dropped: lost })
    } finally {
      screen.kill('SIGKILL')
    }
  })
}

const SUMMARY = /\d+ frames? · (\d+) packets?.*?(?:(\d+) dropped by the kernel|drops unknown)/

class Screen {
  /** What it wrote last. */
  seen = ''
  readonly pid: number
  private readonly begun = performance.now()
  private readonly child: ReturnType<typeof spawn>
  private heard: () => void = () => {}

  constructor([program = '', ...args]: readonly string[]) {
    const { CI: _, NODE_ENV: __, ...env } = process.env
    this.child = spawn(program, args, {
      cols: COLUMNS,
      rows: ROWS,
      name: 'xterm-256color',
      env: { ...env, TERM: 'xterm-256color', LANG: 'C.UTF-8' } as Record<string, string>,
    })
    this.pid = this.child.pid
    this.child.onData(text => {
      this.seen = (this.seen + text).slice(-200_000)
      this.heard()
    })
  }

  press(key: string): void {
    this.seen = ''
    this.child.write(key)
  }

  kill(signal: NodeJS.Signals): void {
    try {
      process.kill(this.pid, signal)
    } catch {
      // It has ended.
    }
  }

  /** Milliseconds since the start when it fits. */
  async until(fits: () => boolean): Promise<number> {
    const limit = performance.now() + PATIENCE_MS
    while (!fits()) {
      if (performance.now() > limit) throw new Error('the screens do not answer')
      await new Promise<void>(resolve => {
        const timer = setTimeout(resolve, 50)
        this.heard = () => {
          clearTimeout(timer)
          resolve()
        }
      })
    }
    return performance.now() - this.begun
  }
}

const titleOf = (seen: string): string => /.*(mqtt-sniff.{0,400})/s.exec(seen)?.[1] ?? ''

/** The last title bar tells no percentage any more. */
function isLoaded(seen: string): boolean {
  const title = titleOf(seen)
  return / frames/.test(title) && !/ frames · [^ ]* ?[\d,.]+ (?:%|MB)/.test(title)
}

/** Place of the selected packet, as it was said last: `12 of 3,400`. */
const placeOf = (seen: string): string | undefined => [...seen.matchAll(/([\d,]+) of [\d,]+/g)].at(-1)?.[1]

/** Keys one after the other, each when the one before was answered: another packet is selected. */
async function answersOf(screen: Screen, keys: readonly string[]): Promise<Answers> {
  const answers: number[] = []
  let place = placeOf(screen.seen)
  const [since, used] = [performance.now(), processorMs(screen.pid)]
  for (let at = 0; at < KEYS; at++) {
    await new Promise(resolve => setTimeout(resolve, BETWEEN_KEYS_MS))
    place = placeOf(screen.seen) ?? place
    const sent = performance.now()
    screen.press(keys[at % keys.length] ?? '')
    await screen.until(() => (placeOf(screen.seen) ?? place) !== place)
    answers.push(performance.now() - sent)
  }
  return {
    p50: median(answers),
    p95: answers.toSorted((a, b) => a - b)[Math.floor(answers.length * 0.95)] ?? 0,
    processor: (processorMs(screen.pid) - used) / (performance.now() - since),
    resident: residentOf(screen.pid),
  }
}

/** Processor time of a process: ticks of a hundredth of a second, `proc(5)`, fields 14 and 15. */
function processorMs(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1]?.split(' ') ?? []
  return (Number(fields[11]) + Number(fields[12])) * 10
}

const residentOf = (pid: number): number =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1] ?? 0) * 1024
