/** The built program capturing live, and what a test of it needs: processes, ports, folders, saved captures. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { cpSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { CaptureReader } from '../../src/capture/reader.ts'

export const CLI = fileURLToPath(new URL('../../dist/cli.js', import.meta.url))

/** A machine may be slow: what takes longer than this has failed. */
const PATIENCE_MS = 30_000
const LOOK_EVERY_MS = 20

export async function until(what: string, isTrue: () => boolean | Promise<boolean>): Promise<void> {
  const began = performance.now()
  while (!(await isTrue())) {
    if (performance.now() - began > PATIENCE_MS) throw new Error(`never happened: ${what}`)
    await new Promise(resolve => setTimeout(resolve, LOOK_EVERY_MS))
  }
}

export interface SniffOptions {
  /** Words in front of the program, such as `ip netns exec NAME`. */
  readonly before?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  readonly stdin?: 'ignore' | 'pipe'
  /** The program instead of the one in dist, and the folder it is started in. */
  readonly program?: string
  readonly cwd?: string
}

/** What a test that failed leaves running. */
const started = new Set<ChildProcess>()
export function killStarted(): void {
  for (const child of started) child.kill('SIGKILL')
}

export function watched(child: ChildProcess): ChildProcess {
  started.add(child)
  child.once('close', () => started.delete(child))
  return child
}

export class Sniff {
  out = ''
  errors = ''
  readonly child: ChildProcess
  readonly ended: Promise<number | string>
  private over = false

  constructor(args: readonly string[], options: SniffOptions = {}) {
    const [program = '', ...rest] = [...(options.before ?? []), process.execPath, options.program ?? CLI, ...args]
    const env = { ...process.env, ...options.env }
    const stdio = [options.stdin ?? 'ignore', 'pipe', 'pipe'] as const
    this.child = watched(spawn(program, rest, { stdio: [...stdio], env, cwd: options.cwd }))
    this.child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.out += text
    })
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.errors += text
    })
    this.ended = new Promise(resolve => {
      this.child.once('close', (code, signal) => {
        this.over = true
        resolve(code ?? signal ?? -1)
      })
    })
  }

  /** The kernel hands over packets from now on. */
  async ready(): Promise<this> {
    await until(`the capture begins (${this.errors})`, () => /capturing on .* with /.test(this.errors) || this.over)
    if (this.over) throw new Error(`the capture did not begin: ${this.errors}`)
    return this
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal)
  }

  get lines(): readonly string[] {
    return this.out.split('\n').slice(0, -1)
  }

  get records(): readonly Shown[] {
    return this.lines.map(line => JSON.parse(line) as Shown)
  }

  /** Pids of its capture programs. */
  get captures(): readonly number[] {
    return descendants(this.child.pid ?? 0).filter(pid => /^(dumpcap|tcpdump|node)$/.test(nameOf(pid)))
  }
}

/** What the tests read of a record. */
export interface Shown {
  readonly record: string
  readonly type?: string
  readonly from?: string
  readonly src?: string
  readonly dst?: string
  readonly version?: string
  readonly frames?: number
  readonly packets?: number
}

interface Process {
  readonly pid: number
  readonly name: string
  readonly state: string
  readonly parent: number
}

/** /proc/PID/stat: pid (name) state parent. */
export function processes(): readonly Process[] {
  return readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .flatMap(name => {
      try {
        const found = /^(\d+) \((.*)\) (\S) (\d+)/s.exec(readFileSync(`/proc/${name}/stat`, 'utf8'))
        if (found === null) return []
        return [{ pid: Number(found[1]), name: found[2] ?? '', state: found[3] ?? '', parent: Number(found[4]) }]
      } catch {
        return []
      }
    })
}

const nameOf = (pid: number): string => processes().find(one => one.pid === pid)?.name ?? ''

export function descendants(pid: number): readonly number[] {
  const all = processes()
  const found = [pid]
  for (const parent of found) found.push(...all.filter(one => one.parent === parent).map(one => one.pid))
  return found.slice(1)
}

/** A zombie waits for a parent that does not ask; it holds nothing. */
export const isAlive = (pid: number): boolean => processes().some(one => one.pid === pid && one.state !== 'Z')

/** Below those that the system gives to clients, one of which may take a port between its choice and its use. */
const PORTS = { first: 10_000, count: 20_000 }

export async function freePort(): Promise<number> {
  for (;;) {
    const port = PORTS.first + Math.floor(Math.random() * PORTS.count)
    if (await isFree(port)) return port
  }
}

const isFree = (port: number): Promise<boolean> =>
  new Promise(resolve => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, () => server.close(() => resolve(true)))
  })

export function folder(): string {
  return mkdtempSync(join(tmpdir(), 'mqtt-sniff-test-'))
}

/** A copy of the program, and of the packages it needs, that every user can read: the path to start it by. */
export function readableCopy(): string {
  const copy = folder()
  const root = fileURLToPath(new URL('../..', import.meta.url))
  const packages = run('npm', 'ls', '--prefix', root, '--omit=dev', '--omit=optional', '--all', '--parseable')
  const below = packages.split('\n').flatMap(path => (path.startsWith(`${root}node_modules/`) ? [path] : []))
  for (const path of [`${root}dist`, `${root}package.json`, ...below])
    cpSync(path, join(copy, path.slice(root.length)), { recursive: true })
  run('chmod', '-R', 'a+rX', copy)
  return join(copy, 'dist/cli.js')
}

export const withSbin = (): NodeJS.ProcessEnv => ({ ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` })

export const run = (program: string, ...args: string[]): string =>
  execFileSync(program, args, { encoding: 'utf8', env: withSbin(), stdio: ['ignore', 'pipe', 'pipe'] })

/** What a saved capture holds, read without the program: frames, and places that are damaged. */
export function contents(file: string): { readonly frames: number; readonly damages: number } {
  const reader = new CaptureReader({ frame: () => {}, lost: () => {}, damage: () => {} })
  reader.push(readFileSync(file))
  reader.end()
  return { frames: reader.frames, damages: reader.damages }
}
