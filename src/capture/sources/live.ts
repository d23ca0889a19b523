/** Live capture: a capture program, watched, restarted when its interface comes back, its words put into one line. */

import type { Damage } from '../damage.ts'
import {
  type Backend,
  type BackendName,
  BUFFER_MIB,
  type Complaint,
  LiveError,
  type Trouble,
  type Wanted,
} from './backend.ts'
import { captureFilter } from './bpf.ts'
import { CaptureChild, type Ended, type Patience } from './child.ts'
import { dumpcap } from './dumpcap.ts'
import { causeOf, failure } from './ending.ts'
import { ANY, devices, hasTags, isLoopback, nearestInterface, stateOf } from './interfaces.ts'
import { CAP_LIMITS, libpcap } from './libpcap.ts'
import type { Drops, Live, LiveOptions } from './live-capture.ts'
import { type Right, rightOf, rightsOf, WITHOUT_RIGHTS } from './rights.ts'
import { tcpdump } from './tcpdump.ts'

/** `-a`: a live capture ends after so much; whatever is absent sets no limit. */
export interface Autostop {
  readonly seconds?: number
  readonly frames?: number
  /** Of the capture itself in the screens, of the file it is saved to elsewhere. */
  readonly bytes?: number
}

const PROGRAMS: Readonly<Record<BackendName, Backend>> = { dumpcap, tcpdump, cap: libpcap }

const MIB = 1024 * 1024

/** How often interfaces are looked at. Also the pause before a program is started again. */
const WATCH_EVERY_MS = 500

/** A capture on interfaces of this machine. Opens nothing yet: what is wrong with the choice itself is thrown here, the rest when it is read. */
export async function localSource(options: LiveOptions): Promise<LiveSource> {
  const names = [...new Set(options.interfaces)]
  for (const name of names) checkName(name)
  const right = await choose(options, names[0] ?? '')
  if (right.backend !== 'dumpcap' && names.length > 1) {
    const rest = right.backend === 'cap' ? '' : ' (-i any watches all)'
    throw new LiveError('usage', `${right.backend} watches one interface at a time${rest}; several need dumpcap`)
  }
  if (right.backend === 'cap') options.tell(CAP_LIMITS)
  if (right.backend === 'dumpcap' && options.lowLatency)
    options.tell('dumpcap has no --low-latency: it delivers within 250 ms')
  return new LiveSource({ ...options, interfaces: names }, PROGRAMS[right.backend], right.program)
}

function checkName(name: string): void {
  if (stateOf(name) !== 'gone') return
  const names = devices().map(device => device.name)
  const other = nearestInterface(name, names)
  const hint = other === undefined ? '' : `; did you mean ${other}?`
  throw new LiveError('interface', `there is no interface "${name}"${hint} (mqtt-sniff -D lists them)`)
}

/** The backend asked for, or the first that is there and permitted. */
async function choose(options: LiveOptions, name: string): Promise<Right> {
  if (options.backend !== 'auto') {
    const right = await rightOf(options.backend, name)
    if (right.state !== 'ready') throw refusal(right)
    return right
  }
  const rights = await rightsOf(name)
  const ready = rights.filter(right => right.state === 'ready')
  const quick = options.lowLatency ? ready.find(right => right.backend === 'tcpdump') : undefined
  const right = quick ?? ready[0]
  if (right === undefined) throw refusal(rights.find(one => one.state === 'forbidden') ?? rights[0])
  return right
}

function refusal(right: Right | undefined): LiveError {
  const kind: Trouble = right?.state === 'forbidden' ? 'permission' : 'missing'
  return new LiveError(
    kind,
    right === undefined ? 'nothing here can capture' : `${right.why}: ${right.mend}; ${WITHOUT_RIGHTS}`,
  )
}

export class LiveSource implements Live {
  readonly isPartial = false
  readonly name: string
  readonly size = undefined
  readonly plain = false
  readonly damage: Damage | undefined = undefined
  read = 0
  /** Undefined until the program has said it, and where it cannot. */
  drops: Drops | undefined
  private readonly options: LiveOptions
  private readonly backend: Backend
  private readonly program: string
  private child: CaptureChild | undefined
  private covered: readonly string[] = []
  private readonly states = new Map<string, string>()
  private complaints: Complaint[] = []
  private stopping = false
  private restarting = false
  private wake: () => void = () => {}

  constructor(options: LiveOptions, backend: Backend, program: string) {
    this.options = options
    this.backend = backend
    this.program = program
    this.name = options.interfaces.join(', ')
    for (const name of options.interfaces) this.states.set(name, stateOf(name))
  }

  /** Interfaces that are gone or down: the capture goes on when they are back. */
  get absent(): readonly string[] {
    return [...this.states].filter(([, state]) => state === 'gone' || state === 'down').map(([name]) => name)
  }

  /** Ends it when everything the kernel holds has come; called again, at once. */
  stop(): void {
    if (this.stopping) return this.close()
    this.stopping = true
    if (!this.restarting) this.child?.stop()
    this.wake()
  }

  close(): void {
    this.stopping = true
    this.child?.kill()
    this.wake()
  }

  /** A chunk is valid for good. Throws a LiveError where the capture ends by itself. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    const watch = setInterval(() => this.watch(), WATCH_EVERY_MS)
    try {
      for (let first = true; !this.stopping; first = false) {
        if (!first && !(await this.waitForInterface())) break
        yield* this.capture(first)
      }
    } finally {
      clearInterval(watch)
      this.close()
    }
  }

  /** One life of the program. */
  private async *capture(first: boolean): AsyncGenerator<Uint8Array> {
    this.restarting = false
    this.complaints = []
    const wanted = this.wanted(first)
    const command = this.backend.command(this.program, wanted)
    const child = new CaptureChild(command, this.patience(wanted), line => this.hear(line))
    this.child = child
    for await (const chunk of child.chunks()) {
      // The head of the file: written when the interface is open.
      if (this.read === 0) this.options.began(`capturing on ${this.name} with ${this.backend.name}`)
      this.read += chunk.length
      yield chunk
    }
    this.conclude(await child.ended)
  }

  private patience(wanted: Wanted): Patience {
    const heldBytes = (wanted.bufferMiB ?? BUFFER_MIB) * MIB * wanted.interfaces.length
    return { settleMs: this.backend.settleMs(wanted), heldBytes }
  }

  /** Later on what is up has to do: one that is down would end the capture on the others. */
  private wanted(first: boolean): Wanted {
    const { options } = this
    this.covered = options.interfaces.filter(name => first || ['up', 'unknown'].includes(stateOf(name)))
    const { snaplen, bufferMiB, lowLatency, frames, ports } = options
    const interfaces = this.covered.map(name => ({
      name,
      filter: options.filter ?? captureFilter(ports, hasTags(name), process.env),
    }))
    return { interfaces, snaplen, bufferMiB, lowLatency, frames }
  }

  private hear(line: string): void {
    const word = this.backend.hear(line)
    if (word?.kind === 'drops') this.count(word.name, word.kernel, word.own)
    else if (word !== undefined && this.complaints.length < MOST_COMPLAINTS) this.complaints.push(word)
  }

  /** On loopback the kernel counts each frame twice, going out and coming in; what the program dropped it counts once. */
  private count(name: string | undefined, kernel: number, own: number): void {
    const of = name ?? this.covered[0] ?? ''
    const halved = isLoopback(of)
    const drops = this.drops ?? { frames: 0, halved: false, atMost: false }
    drops.frames += own + (halved ? Math.round(kernel / 2) : kernel)
    drops.halved ||= halved
    drops.atMost ||= of === ANY
    this.drops = drops
  }

  /** Throws unless the end was asked for, or the interface is only gone for now. */
  private conclude(ended: Ended): void {
    if (this.stopping || this.restarting) return
    const cause = causeOf(this.complaints)
    if (cause?.kind === 'gone' && this.covered.some(one => stateOf(one) !== 'unknown')) return
    // Only a number of frames ends it by itself; anything else was somebody's doing.
    if (cause === undefined && ended.code === 0 && this.options.frames !== undefined) {
      this.stopping = true
      return
    }
    const { filter } = this.options
    throw failure(cause, { ...ended, program: this.backend.name, where: this.covered.join(', '), filter })
  }

  /** Tells of interfaces that go and come; starts the program anew where one came back that it does not watch. */
  private watch(): void {
    for (const [name, before] of this.states) {
      const now = stateOf(name)
      if (now === before) continue
      this.states.set(name, now)
      this.options.tell(now === 'up' ? `${name} is up again` : `${name} is ${now}: the capture goes on when it is up`)
      if (now === 'up') this.comeBack(name)
    }
  }

  private comeBack(name: string): void {
    this.wake()
    if (this.stopping || this.covered.includes(name)) return
    this.restarting = true
    this.child?.stop()
  }

  /** False where the end was asked for meanwhile. */
  private async waitForInterface(): Promise<boolean> {
    do {
      await new Promise<void>(resolve => {
        const timer = setTimeout(resolve, WATCH_EVERY_MS)
        this.wake = () => {
          clearTimeout(timer)
          resolve()
        }
      })
    } while (!this.stopping && !this.options.interfaces.some(name => stateOf(name) === 'up'))
    return !this.stopping
  }
}

/** Lines of a program's stderr that are remembered; it may say as much as it likes. */
const MOST_COMPLAINTS = 20
