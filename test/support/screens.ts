/** The screens without a terminal: a sample loaded, keys pressed, the lines read. */
import { readFileSync } from 'node:fs'
import { Document } from '../../src/analysis/document.ts'
import { MemoryLog } from '../../src/capture/log.ts'
import type { Rule } from '../../src/payload/rules.ts'
import { nodeCrypto } from '../../src/transport/tls/node-crypto.ts'
import { inflateRaw } from '../../src/transport/zlib.ts'
import { App } from '../../src/tui/app.ts'
import { flatten } from '../../src/tui/block.ts'
import type { Host } from '../../src/tui/context.ts'
import { Keys } from '../../src/tui/keys.ts'
import { Model } from '../../src/tui/model.ts'
import { type Line, textOf } from '../../src/tui/spans.ts'
import type { Active, Status } from '../../src/tui/status.ts'
import type { Mouse } from '../../src/tui/terminal/mouse.ts'

export const sample = (name: string): string => new URL(`../../samples/${name}.pcapng`, import.meta.url).pathname

/** Notes what it is asked to do. */
export class TestHost implements Host {
  readonly asked: string[] = []
  status: Status

  constructor(name: string, active: Active | undefined) {
    const rest = {
      isLive: false,
      progress: '',
      rates: [],
      absent: [],
      forgottenBytes: 0,
      isUnsaved: false,
      restarts: false,
      isStarting: false,
      dropped: undefined,
      failure: undefined,
      active,
    }
    this.status = { state: 'done', name, ...rest }
  }

  quit(): void {
    this.asked.push('quit')
  }
  suspend(): void {
    this.asked.push('suspend')
  }
  redraw(): void {
    this.asked.push('redraw')
  }
  copy(text: string): void {
    this.asked.push(`copy ${text}`)
  }
  save(request: string): Promise<string> {
    this.asked.push(`save ${request}`)
    return Promise.resolve('saved')
  }
  saveRule({ topic, decoder }: Rule): Promise<string> {
    this.asked.push(`rule ${topic} ${decoder.name}`)
    return Promise.resolve('Written')
  }
  replay(how: string): void {
    this.asked.push(`replay ${how}`)
  }

  startStop(): void {
    this.asked.push('start-stop')
  }
  saveBytes(request: string): Promise<string> {
    this.asked.push(`save bytes ${request}`)
    return Promise.resolve('saved')
  }
}

export interface ScreensOptions {
  /** Of connections of our own. */
  readonly active?: Active
  /** Of a capture that goes on, see `push`. */
  readonly mostRows?: number
}

export class Screens {
  readonly host: TestHost
  readonly app: App
  readonly document: Document
  private readonly log = new MemoryLog()

  constructor(bytes: Uint8Array, name: string, keys = new Keys(), { active, mostRows }: ScreensOptions = {}) {
    this.document = new Document({
      ports: new Set([1883, 8083, 8883]),
      inflate: inflateRaw,
      crypto: nodeCrypto,
      isOurs: active !== undefined,
      ...(mostRows && { mostRows }),
    })
    this.document.log = this.log
    this.log.append(bytes)
    this.document.push(bytes)
    if (mostRows === undefined) this.document.end()
    this.host = new TestHost(name, active)
    this.app = new App(new Model(this.document), this.host, { theme: 'mono', ascii: false, keys })
    this.settle()
  }

  static of(name: string): Screens {
    return new Screens(readFileSync(sample(name)), `${name}.pcapng`)
  }

  /** More bytes of the capture. */
  push(bytes: Uint8Array): this {
    this.log.append(bytes)
    this.document.push(bytes)
    this.settle()
    return this
  }

  /** As if the sample were what we say and hear ourselves. */
  static ofGrab(subscriptions: readonly string[], ending?: string): Screens {
    const name = 'broker.example:1883'
    const active = { broker: name, subscriptions, ending, said: [] }
    return new Screens(readFileSync(sample('qos2')), name, new Keys(), { active })
  }

  /** Names of keys, or characters; `text:` in front types all that follows. */
  press(...keys: readonly string[]): this {
    for (const key of keys) {
      if (key.startsWith('text:')) for (const text of key.slice(5)) this.app.key({ name: text, text })
      else this.app.key(key.length === 1 ? { name: key, text: key } : { name: key })
      this.settle()
    }
    return this
  }

  /** Cells from the left and from the top, from 0 on, of the screen as it was read last. */
  mouse(kind: Mouse['kind'], x: number, y: number, lines = 0): this {
    this.app.key({ name: 'mouse', mouse: { kind, x, y, lines } })
    this.settle()
    return this
  }

  spans(width = 80, height = 24): readonly Line[] {
    return flatten(this.app.block(width, height))
  }

  lines(width = 80, height = 24): readonly string[] {
    return this.spans(width, height).map(spans => textOf(spans).trimEnd())
  }

  text(width = 80, height = 24): string {
    return `${this.lines(width, height).join('\n')}\n`
  }

  private settle(): void {
    this.app.model.advance(() => true)
    const outcome = this.app.model.takeOutcome()
    if (outcome === 'nothing') this.app.say('Not found further on')
  }
}
