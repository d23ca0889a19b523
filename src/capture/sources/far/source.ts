/** Captures on other machines: one child each, which is the user's own ssh, docker or kubectl. */
import { u32le } from '../../../base/bytes.ts'
import type { Damage } from '../../damage.ts'
import { pcapKind, SECTION } from '../../detect.ts'
import { type Backend, BUFFER_MIB, LiveError } from '../backend.ts'
import { captureFilter } from '../bpf.ts'
import { CaptureChild, type Ended } from '../child.ts'
import { dumpcap } from '../dumpcap.ts'
import type { Drops, Live, LiveOptions } from '../live-capture.ts'
import { find } from '../rights.ts'
import { tcpdump } from '../tcpdump.ts'
import { type Far, isFar, parseFar, placeOf } from './address.ts'
import { BEAT_EVERY_MS, CARRIER, type FarWanted, farCommand, needsBeats } from './command.ts'
import { END, GO } from './script.ts'
import { Several } from './several.ts'
import { FarWords } from './words.ts'

/** Bytes that tell pcap and pcapng from anything else. */
const MAGIC_SIZE = 4

const MIB = 1024 * 1024

/** Milliseconds that the last packets have for their way from the other machine, beside the kernel's own delay there. */
const WAY_MS = 500

/** The package that has the local program. */
const MEND = {
  ssh: 'apt-get install -y openssh-client',
  docker: 'https://docs.docker.com/engine/install',
  k8s: 'https://kubernetes.io/docs/tasks/tools',
} as const

/**
 * Opens captures on other machines, and on this one with `local` if interfaces of both are named; all of them have begun
 * when it returns. Throws a LiveError, and leaves nothing running, if one of them cannot begin.
 */
export async function farSource(options: LiveOptions, local: (options: LiveOptions) => Promise<Live>): Promise<Live> {
  const names = [...new Set(options.interfaces)]
  const far = names.filter(isFar).map(name => new FarSource(parseFar(name), options))
  const near = names.filter(name => !isFar(name))
  const close = (): void => {
    for (const source of far) source.close()
  }
  options.abandoned?.addEventListener('abort', close, { once: true })
  try {
    const sources = near.length === 0 ? far : [await local({ ...options, interfaces: near }), ...far]
    await Promise.all(far.map(source => source.begin()))
    const [only] = sources
    return sources.length === 1 && only !== undefined ? only : new Several(sources, options)
  } catch (cause) {
    close()
    throw cause
  }
}

/** True unless the first bytes are not those of a capture: a shell may greet whoever logs in. */
function beginsCapture(bytes: Uint8Array): boolean {
  return bytes.length < MAGIC_SIZE || u32le(bytes, 0) === SECTION || pcapKind(bytes, 0) !== undefined
}

export class FarSource implements Live {
  readonly name: string
  readonly size = undefined
  readonly plain = false
  readonly damage: Damage | undefined = undefined
  readonly absent: readonly string[] = []
  readonly isPartial = false
  read = 0
  drops: Drops | undefined
  private readonly far: Far
  private readonly options: LiveOptions
  private readonly words: FarWords
  private child: CaptureChild | undefined
  private chunks: AsyncGenerator<Uint8Array> | undefined
  private first: Uint8Array | undefined
  private beats: NodeJS.Timeout | undefined
  private stopping = false

  constructor(far: Far, options: LiveOptions) {
    this.far = far
    this.options = options
    this.name = far.url
    this.words = new FarWords(far, drops => this.count(drops.kernel, drops.own))
  }

  /** Starts the capture and waits for its first bytes, which come when the interface is open. Throws a LiveError. */
  async begin(): Promise<void> {
    const { far, options } = this
    if (options.abandoned?.aborted === true) throw new LiveError('ended', `${far.url}: no longer wanted`)
    const carrier = find(CARRIER[far.kind])
    if (carrier?.runs !== true)
      throw new LiveError('missing', `${CARRIER[far.kind]} is not installed: ${MEND[far.kind]}`)
    const child = new CaptureChild(farCommand(far, this.wanted(), carrier.path), this.patience(), this.hear, END)
    this.child = child
    child.say(GO)
    if (needsBeats(far, options.helperImage)) this.beats = setInterval(() => child.say(GO), BEAT_EVERY_MS)
    this.chunks = child.chunks()
    const { value, done } = await this.chunks.next()
    if (done === true) throw this.failure(await child.ended)
    if (!beginsCapture(value)) throw this.words.chatter(value)
    this.first = value
  }

  private readonly hear = (line: string): void => this.words.hear(line)

  private wanted(): FarWanted {
    const { ports, filter, snaplen, bufferMiB, lowLatency, frames, sudo, helperImage: image } = this.options
    // The script for ssh leaves the login out by itself.
    const byDefault = (tagged: boolean): string =>
      ports === undefined && this.far.kind === 'ssh' ? 'tcp' : captureFilter(ports, tagged, {})
    return {
      ...{ snaplen, bufferMiB, lowLatency, frames, sudo, image },
      filter: filter ?? byDefault(false),
      tagged: filter ?? byDefault(true),
      programs: this.programs(),
    }
  }

  private programs(): readonly Backend[] {
    const { backend, lowLatency } = this.options
    const all = lowLatency ? [tcpdump, dumpcap] : [dumpcap, tcpdump]
    return backend === 'auto' ? all : all.filter(({ name }) => name === backend)
  }

  private patience(): { readonly settleMs: number; readonly heldBytes: number } {
    const wanted = { ...this.wanted(), interfaces: [] }
    const settleMs = WAY_MS + Math.max(...this.programs().map(program => program.settleMs(wanted)))
    return { settleMs, heldBytes: (this.options.bufferMiB ?? BUFFER_MIB) * MIB }
  }

  /** As on this machine: the kernel counts each frame of loopback twice. */
  private count(kernel: number, own: number): void {
    const halved = this.far.device === 'lo'
    const frames = own + (halved ? Math.round(kernel / 2) : kernel)
    this.drops = { frames: (this.drops?.frames ?? 0) + frames, halved, atMost: this.far.device === 'any' }
  }

  /** Ends the capture when the other machine has sent what it holds; called again, at once. */
  stop(): void {
    if (this.stopping) return this.close()
    this.stopping = true
    this.child?.stop()
  }

  close(): void {
    this.stopping = true
    clearInterval(this.beats)
    this.child?.kill()
  }

  /** A chunk is valid for good. Throws a LiveError if the other end goes away. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    const { chunks, first, child } = this
    if (chunks === undefined || first === undefined || child === undefined) return
    try {
      this.options.began(
        `capturing on ${this.name} with ${this.words.program}; the times are by the clock of ${placeOf(this.far)}`,
      )
      this.read += first.length
      yield first
      for await (const chunk of chunks) {
        this.read += chunk.length
        yield chunk
      }
      this.conclude(await child.ended)
    } finally {
      this.close()
    }
  }

  private conclude(ended: Ended): void {
    // Only a number of frames ends a capture program with success by itself.
    const isAsked = this.stopping || (ended.code === 0 && this.options.frames !== undefined)
    if (!isAsked) throw this.failure(ended)
  }

  private failure(ended: Ended): LiveError {
    return this.words.failure(ended, this.first !== undefined)
  }
}
