/** The built program in a pseudo-terminal, and what a person would see there. */
import { spawn } from '@lydell/node-pty'
import headless from '@xterm/headless'

export const PROGRAM = process.env.MQTT_SNIFF_PROGRAM ?? new URL('../../dist/cli.js', import.meta.url).pathname

const POLL_MS = 20
/** Of a machine that is busy with seven other things. */
const PATIENCE_MS = 40_000

export interface Ended {
  readonly code: number
  readonly signal: number
}

export class Pty {
  /** Everything the program wrote. */
  raw = ''
  ended: Ended | undefined
  readonly pid: number
  private readonly process: ReturnType<typeof spawn>
  readonly terminal: InstanceType<typeof headless.Terminal>
  private parsed: Promise<void> = Promise.resolve()

  constructor(
    args: readonly string[],
    columns = 80,
    rows = 24,
    env: Record<string, string> = {},
    command = process.execPath,
  ) {
    const { CI: _ci, NO_COLOR: _no, COLORFGBG: _bg, NODE_ENV: _node, ...rest } = process.env
    const all = { ...rest, TERM: 'xterm-256color', LANG: 'C.UTF-8', XDG_CONFIG_HOME: '/nonexistent', ...env }
    this.terminal = new headless.Terminal({ cols: columns, rows, allowProposedApi: true })
    const own = command === process.execPath ? [PROGRAM, ...args] : [...args]
    this.process = spawn(command, own, {
      cols: columns,
      rows,
      env: all as Record<string, string>,
      name: all.TERM ?? 'xterm-256color',
    })
    this.pid = this.process.pid
    this.process.onData(text => {
      this.raw += text
      this.parsed = new Promise(resolve => this.terminal.write(text, resolve))
    })
    this.process.onExit(({ exitCode, signal }) => {
      this.ended = { code: exitCode, signal: signal ?? 0 }
    })
  }

  /** One after the other, as fingers do. */
  keys(...texts: readonly string[]): void {
    for (const text of texts) this.process.write(text)
  }

  resize(columns: number, rows: number): void {
    this.terminal.resize(columns, rows)
    this.process.resize(columns, rows)
  }

  /** Nobody reads what the program writes. */
  stall(): void {
    this.process.pause()
  }

  /** Somebody reads again. */
  read(): void {
    this.process.resume()
  }

  kill(signal: NodeJS.Signals): void {
    process.kill(this.pid, signal)
  }

  lines(): readonly string[] {
    const { active } = this.terminal.buffer
    return Array.from({ length: this.terminal.rows }, (_, at) =>
      (active.getLine(active.viewportY + at)?.translateToString(true, 0, this.terminal.cols) ?? '').trimEnd(),
    )
  }

  text(): string {
    return `${this.lines().join('\n')}\n`
  }

  /** The alternate screen is on. */
  get isAlternate(): boolean {
    return this.terminal.buffer.active.type === 'alternate'
  }

  /** Waits until the screen fits; says what it showed instead. */
  async until(fits: string | RegExp | (() => boolean)): Promise<void> {
    const test =
      typeof fits === 'function'
        ? fits
        : (): boolean => (typeof fits === 'string' ? this.text().includes(fits) : fits.test(this.text()))
    for (let waited = 0; waited < PATIENCE_MS; waited += POLL_MS) {
      await this.parsed
      if (test()) return
      await new Promise(resolve => setTimeout(resolve, POLL_MS))
    }
    throw new Error(`waited in vain for ${fits}; the screen is\n${this.text()}`)
  }

  async end(): Promise<Ended> {
    await this.until(() => this.ended !== undefined)
    await this.parsed
    return this.ended ?? { code: -1, signal: 0 }
  }

  /** Whatever became of the test. */
  close(): void {
    if (this.ended === undefined) this.process.kill('SIGKILL')
    this.terminal.dispose()
  }
}
