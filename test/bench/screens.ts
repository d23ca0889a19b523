/** The screens as a user meets them: in a pseudo-terminal, from the start of the program to the answer to a key. */
import { readFileSync } from 'node:fs'
import { spawn } from '@lydell/node-pty'
import { median } from './measure.ts'

const COLUMNS = 140
const ROWS = 40
const KEYS = 300
/** Each of them changes the screen. */
const KEYS_IN_TURN = ['G', 'k', 'k', '\x1b[5~', 'k', '\x1b[5~', 'k', 'g', 'j', 'j', '\x1b[6~', 'j', '\x1b[6~', 'j']
const BETWEEN_KEYS_MS = 15
const PATIENCE_MS = 60_000

export interface ScreenResult {
  /** Milliseconds from the start of the program to the first rows, and to the last packet read. */
  readonly firstRows: number
  readonly loaded: number
  /** From a key to the frame that answers it. */
  readonly p50: number
  readonly p95: number
  /** Bytes of memory when all is read. */
  readonly resident: number
}

/** Moves down and up, and measures each answer by the bytes that come. */
export async function measureScreens(cli: string, file: string): Promise<ScreenResult> {
  const { CI: _, NODE_ENV: __, ...env } = process.env
  const begun = performance.now()
  const child = spawn(process.execPath, [cli, '-T', 'tui', '-q', file], {
    cols: COLUMNS,
    rows: ROWS,
    name: 'xterm-256color',
    env: { ...env, TERM: 'xterm-256color', LANG: 'C.UTF-8' } as Record<string, string>,
  })
  let seen = ''
  let heard: () => void = () => {}
  child.onData(text => {
    seen = (seen + text).slice(-200_000)
    heard()
  })
  const until = async (fits: () => boolean): Promise<number> => {
    const limit = performance.now() + PATIENCE_MS
    while (!fits()) {
      if (performance.now() > limit) throw new Error('the screens do not answer')
      await new Promise<void>(resolve => {
        const timer = setTimeout(resolve, 50)
        heard = () => {
          clearTimeout(timer)
          resolve()
        }
      })
    }
    return performance.now() - begun
  }
  try {
    const firstRows = await until(() => /CONNECT|PUBLISH/.test(seen))
    const loaded = await until(() => isLoaded(seen))
    const resident = residentOf(child.pid)
    const answers = await answersTo(child, until)
    return {
      firstRows,
      loaded,
      p50: median(answers),
      p95: answers.toSorted((a, b) => a - b)[Math.floor(answers.length * 0.95)] ?? 0,
      resident,
    }
  } finally {
    child.kill('SIGKILL')
  }
}

/** The last title bar tells no percentage any more. */
function isLoaded(seen: string): boolean {
  const title = seen.lastIndexOf('mqtt-sniff')
  return (
    title >= 0 &&
    / frames/.test(seen.slice(title, title + 400)) &&
    !/ frames · [^ ]* ?[\d,.]+ (?:%|MB)/.test(seen.slice(title, title + 400))
  )
}

type Child = ReturnType<typeof spawn>

async function answersTo(child: Child, until: (fits: () => boolean) => Promise<number>): Promise<number[]> {
  const answers: number[] = []
  let count = 0
  child.onData(() => {
    count++
  })
  for (let at = 0; at < KEYS; at++) {
    await new Promise(resolve => setTimeout(resolve, BETWEEN_KEYS_MS))
    const before = count
    const sent = performance.now()
    child.write(KEYS_IN_TURN[at % KEYS_IN_TURN.length] ?? 'j')
    await until(() => count > before)
    answers.push(performance.now() - sent)
  }
  return answers
}

function residentOf(pid: number): number {
  try {
    return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * 1024
  } catch {
    return Number.NaN
  }
}
