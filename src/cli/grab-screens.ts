/**
 * A grab on the screens: what our own connections say and hear is a capture under way. The only way from the screens to
 * the network; who only looks on never comes here.
 */

import { endpointText } from '../base/address.ts'
import { type ExitCode, worse } from '../base/exit.ts'
import type { Frame } from '../base/line.ts'
import type { PacketSource } from '../capture/sources/source.ts'
import type { Target } from '../capture/sources/target.ts'
import { CaptureWriter } from '../capture/writer.ts'
import type { FailureCode } from '../grab/failure.ts'
import type { Grabbed } from '../grab/grab.ts'
import type { GrabSettings } from '../grab/settings.ts'
import { count } from '../text/numbers.ts'
import type { ScreenFlags } from '../tui/run/options.ts'
import { start } from '../tui/run/start.ts'
import type { Active } from '../tui/status.ts'
import { tell } from '../tui/terminal/stderr.ts'
import { type GrabRun, grabAll, type Onlooker } from './grab-run.ts'

/** Shows the grabs from their first packet on; they end when they end, and the screens stay until somebody leaves. */
export async function grabOnScreens(run: GrabRun, flags: ScreenFlags): Promise<ExitCode> {
  const view = new GrabView(run)
  const grabs = grabAll({ ...run, onlooker: view }).finally(() => view.over())
  const shown = await onScreens(view, flags).finally(() => view.close())
  const code = await grabs
  for (const words of view.told) tell(words)
  return worse(shown, code)
}

const onScreens = (view: GrabView, { theme, ascii, mouse }: ScreenFlags): Promise<ExitCode> =>
  start({ input: { source: view, active: view }, ports: view.ports, theme, ascii, mouse, quiet: false })

/** Bytes that wait to be shown: beyond it our connections wait too. */
const MOST_WAITING = 1_000_000

/** Words for the log and for the end; a file of targets may have any number of wrong ones. */
const MOST_TOLD = 1000

class GrabView implements PacketSource, Onlooker, Active {
  // A capture under way
  readonly name: string
  readonly size = undefined
  readonly plain = false
  readonly damage = undefined
  read = 0
  // What we do
  readonly broker: string
  readonly subscriptions: readonly string[]
  ending: string | undefined
  readonly said: string[] = []
  /** All of it. */
  readonly told: string[] = []
  readonly ports = new Set<number>()
  private readonly settings: GrabSettings
  private readonly controller = new AbortController()
  private readonly writer = new CaptureWriter()
  private waiting: Uint8Array[]
  private waitingSize = 0
  private isOver = false
  private readonly wakes: (() => void)[] = []
  private done = 0
  private answered = 0
  private last: Grabbed | undefined

  constructor({ targets, file, settings }: GrabRun) {
    const [first] = targets
    const isOne = targets.length === 1 && file === undefined && first !== undefined
    this.broker = isOne ? endpoint(first) : 'brokers'
    this.name = this.broker
    this.subscriptions = settings.filters
    this.settings = settings
    this.waiting = [this.writer.start().slice()]
  }

  // From the grabs

  get signal(): AbortSignal {
    return this.controller.signal
  }

  began(target: Target): void {
    this.ports.add(target.port)
  }

  frame(frame: Frame): void {
    const bytes = this.writer.write(frame).slice()
    this.waiting.push(bytes)
    this.waitingSize += bytes.length
    this.changed()
  }

  async room(): Promise<void> {
    while (this.waitingSize > MOST_WAITING && !this.isOver) await this.change()
  }

  grabbed(grabbed: Grabbed): void {
    this.done++
    if (grabbed.connected) this.answered++
    this.last = grabbed
  }

  say(words: string): void {
    if (this.told.length >= MOST_TOLD) return
    this.told.push(words)
    this.said.push(words)
  }

  over(): void {
    this.isOver = true
    const { last, done, answered, settings } = this
    if (done === 1 && last !== undefined) {
      this.ending = reason(last, settings)
      const { count, topics } = last.received
      const more = last.failure === undefined ? messages(count, topics.length) : last.failure.message
      this.say(`the grab of ${endpoint(last.target)} ended: ${this.ending} (${more})`)
    } else {
      // Where none was begun, something was said.
      this.ending = done === 0 ? (this.told.at(-1) ?? 'no target') : `${answered} of ${done} answered`
      if (done > 0) this.say(`the grabs ended: ${this.ending}`)
    }
    this.changed()
  }

  // For the screens

  async *[Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    while (!this.isOver || this.waiting.length > 0) {
      const bytes = Buffer.concat(this.waiting)
      this.waiting = []
      this.waitingSize = 0
      this.read += bytes.length
      this.changed()
      yield bytes
      if (this.waiting.length === 0 && !this.isOver) await this.change()
    }
  }

  stop(): void {
    this.controller.abort()
  }

  /** Nobody looks any more: what still comes is not kept. */
  close(): void {
    this.isOver = true
    this.controller.abort()
    this.changed()
  }

  private change(): Promise<void> {
    return new Promise(resolve => this.wakes.push(resolve))
  }

  private changed(): void {
    for (const wake of this.wakes.splice(0)) wake()
  }
}

const endpoint = ({ host, port }: Target): string => endpointText(host, port)

const messages = (received: number, topics: number): string =>
  `${count(received, 'message')} of ${count(topics, 'topic')}`

const FAILURES: Readonly<Record<FailureCode, string>> = {
  dns: 'no such name',
  files: 'no file handle',
  refused: 'refused',
  unreachable: 'unreachable',
  timeout: 'no CONNACK in time',
  tls: 'no TLS',
  websocket: 'no WebSocket',
  not_mqtt: 'no MQTT',
  protocol: 'protocol error',
  closed: 'no CONNACK',
  reset: 'broke off',
  interrupted: 'stopped',
  internal: 'a bug of ours',
}

/** Why a grab ended, in few words. */
function reason({ failure, limit }: Grabbed, { durationMs, maxMessages, maxBytes }: GrabSettings): string {
  if (failure !== undefined) return FAILURES[failure.code]
  switch (limit) {
    case 'messages':
      return count(maxMessages, 'message')
    case 'bytes':
      return count(maxBytes, 'byte')
    case 'duration':
      return `${durationMs / 1000} s are over`
    default:
      return 'broker closed'
  }
}
