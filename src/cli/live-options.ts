/** The options of a live capture: what they mean, and the list of what can be captured on. */

import { InvalidArgumentError, Option } from 'commander'
import { byWord } from '../base/by-word.ts'
import { UsageError } from '../base/exit.ts'
import { BACKENDS, type BackendName } from '../capture/sources/backend.ts'
import { checkedImage, isFar, parseFar } from '../capture/sources/far/address.ts'
import { type Device, devices } from '../capture/sources/interfaces.ts'
import type { Autostop } from '../capture/sources/live.ts'
import { type Right, rightsOf, WITHOUT_RIGHTS } from '../capture/sources/rights.ts'
import { type Column, Table } from '../text/table.ts'
import type { BatchOptions } from './batch.ts'
import type { Ring } from './save.ts'
import { isTap, tapInterface } from './tap-place.ts'

export interface LiveFlags {
  interface: readonly string[]
  captureFilter?: string
  snaplen?: number
  bufferSize?: number
  backend?: BackendName | 'auto'
  lowLatency: boolean
  sudo: boolean
  helperImage?: string
  autostop: Autostop
  ringBuffer: Partial<Ring>
}

/** The largest snap length of libpcap. */
const LARGEST_SNAPLEN = 262_144
const LARGEST_BUFFER_MIB = 2047
/** dumpcap's kB. */
const KB = 1000

export function liveOptions(): readonly Option[] {
  return [
    new Option(
      '-i, --interface <name>',
      'capture on this interface; may be repeated; any: all of them (-D lists them). Of another machine: ssh://[user@]host[:port]/eth0, docker://container/eth0, k8s://[namespace/]pod[:container]/eth0',
    )
      .argParser((name: string, before: readonly string[]) => [...before, name])
      .default([], 'none'),
    new Option('-D, --list-interfaces', 'list the interfaces and exit'),
    new Option(
      '-f, --capture-filter <bpf>',
      "capture filter in libpcap's language (default: the TCP ports of -p, else those that brokers use)",
    ),
    new Option('-s, --snaplen <bytes>', `most bytes captured of a frame (default: ${LARGEST_SNAPLEN})`).argParser(
      within(LARGEST_SNAPLEN),
    ),
    new Option('-B, --buffer-size <MiB>', "size of the kernel's buffer (default: 64)").argParser(
      within(LARGEST_BUFFER_MIB),
    ),
    new Option(
      '--backend <name>',
      'capture program (default: auto, the first that is installed and permitted)',
    ).choices(['auto', ...BACKENDS]),
    new Option('--low-latency', 'show each packet at once, with tcpdump; for slow links').default(false, 'off'),
    new Option('--sudo', 'capture as root on other machines: with sudo -n over ssh, as user 0 in containers').default(
      false,
      'off',
    ),
    new Option(
      '--helper-image <image>',
      'docker and k8s: capture with the programs of this image, in the network of the container',
    ),
    new Option('-a, --autostop <condition>', 'stop after duration:SECONDS, packets:N (frames) or filesize:kB (of -w)')
      .argParser(autostop)
      .default({}, 'never'),
    new Option('-b, --ring-buffer <rule>', 'with -w: begin a new file after filesize:kB, keep files:N of them')
      .argParser(ringBuffer)
      .default({}, 'one file'),
  ]
}

function whole(text: string): number {
  if (!/^[1-9]\d{0,11}$/.test(text)) throw new InvalidArgumentError('not a whole number from 1 up')
  return Number(text)
}

function within(most: number): (text: string) => number {
  return text => {
    const value = whole(text)
    if (value > most) throw new InvalidArgumentError(`more than ${most}`)
    return value
  }
}

const RULE_VALUES: Readonly<Record<string, string>> = byWord({
  duration: 'SECONDS',
  packets: 'N',
  filesize: 'kB',
  files: 'N',
})

/** Splits `name:value`; throws an InvalidArgumentError if the name is not one of `names`. */
function rule(text: string, names: readonly string[]): readonly [string, string] {
  const [name = '', value = ''] = text.split(/:(.*)/s)
  if (!names.includes(name))
    throw new InvalidArgumentError(`use ${names.map(known => `${known}:${RULE_VALUES[known]}`).join(', ')}`)
  return [name, value]
}

function autostop(text: string, before: Autostop): Autostop {
  const [name, value] = rule(text, ['duration', 'packets', 'filesize'])
  if (name === 'duration') return { ...before, seconds: seconds(value) }
  return name === 'packets' ? { ...before, frames: whole(value) } : { ...before, bytes: whole(value) * KB }
}

/** Of a timer: 24 days. */
const MOST_SECONDS = 2_147_483

function seconds(text: string): number {
  const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : 0
  if (value <= 0 || value > MOST_SECONDS)
    throw new InvalidArgumentError(`not a number of seconds above 0, up to ${MOST_SECONDS}`)
  return value
}

function ringBuffer(text: string, before: Partial<Ring>): Partial<Ring> {
  const [name, value] = rule(text, ['filesize', 'files'])
  return name === 'files' ? { ...before, files: whole(value) } : { ...before, fileSize: whole(value) * KB }
}

/** What of the batch's options a live capture decides; refuses what has no meaning without one. */
export function liveInput(
  file: string | undefined,
  ports: ReadonlySet<number> | undefined,
  flags: LiveFlags,
): BatchOptions['input'] | undefined {
  const { interface: interfaces, captureFilter: filter, snaplen, bufferSize: bufferMiB, backend, lowLatency } = flags
  const { sudo, helperImage } = flags
  if (interfaces.length === 0) {
    const live = { '-f': filter, '-s': snaplen, '-B': bufferMiB, '--backend': backend, '--low-latency': lowLatency }
    const far = { '--sudo': sudo, '--helper-image': helperImage }
    const given = Object.entries({ ...live, ...far, '-a': Object.keys(flags.autostop).length > 0 })
    const wrong = given.find(([, value]) => value !== undefined && value !== false)
    if (wrong !== undefined) throw new UsageError(`${wrong[0]} needs -i: it is for live captures only`)
    return undefined
  }
  if (file !== undefined) throw new UsageError('a capture file and -i cannot be combined')
  const [tap] = interfaces.filter(isTap)
  if (tap !== undefined) {
    if (interfaces.length > 1) throw new UsageError('tap:// and other interfaces cannot be combined')
    return tapInterface(tap)
  }
  checkFar(flags)
  return { interfaces, filter, ports, snaplen, bufferMiB, backend: backend ?? 'auto', lowLatency, sudo, helperImage }
}

const isControl = (sign: string): boolean => sign < ' ' || sign === '\x7f'

/** Throws a UsageError for what no other machine may be given, before anything is started. */
function checkFar({ interface: names, captureFilter = '', backend, sudo, helperImage }: LiveFlags): void {
  const kinds = names.filter(isFar).map(name => parseFar(name).kind)
  if (helperImage !== undefined) checkedImage(helperImage)
  if (helperImage !== undefined && !kinds.some(kind => kind !== 'ssh'))
    throw new UsageError('--helper-image needs -i docker://… or -i k8s://…')
  if (sudo && kinds.length === 0)
    throw new UsageError('--sudo is for other machines: it needs -i ssh://… or -i docker://…')
  if (sudo && kinds.includes('k8s'))
    throw new UsageError('--sudo and k8s:// cannot be combined: --helper-image captures as root there')
  if (kinds.length === 0) return
  if (backend === 'cap') throw new UsageError('--backend cap captures on this machine only')
  if ([...captureFilter].some(isControl)) throw new UsageError('-f: a filter for another machine is one line')
}

export function ringOf(flags: LiveFlags, write: string | undefined): Ring | undefined {
  const { fileSize, files } = flags.ringBuffer
  if (fileSize === undefined && files === undefined) return undefined
  if (write === undefined) throw new UsageError('-b needs -w with a file name')
  if (fileSize === undefined)
    throw new UsageError('-b files:N needs -b filesize:kB, which says when the next file begins')
  return { fileSize, files: files ?? Number.POSITIVE_INFINITY }
}

/** Rights are asked for on an interface that is up: the answer is the same for all. */
export async function interfaceListing(format: 'text' | 'ndjson'): Promise<string> {
  const list = devices()
  const asked = list.find(device => device.loopback) ?? list.find(device => device.state === 'up') ?? list[0]
  const rights = await rightsOf(asked?.name ?? '')
  const may = rights.some(right => right.state === 'ready')
  return format === 'ndjson' ? asRecords(list, rights, may) : asText(list, rights, may)
}

function asRecords(list: readonly Device[], rights: readonly Right[], may: boolean): string {
  const records = [
    ...list.map(({ name, addresses, link, state }) => ({
      record: 'interface',
      name,
      state,
      link,
      addresses,
      capture: may,
    })),
    ...rights.map(({ backend, state, why, mend }) => {
      const mended = state === 'ready' ? {} : { why, mend }
      return { record: 'backend', name: backend, state, ...mended }
    }),
  ]
  return records.map(record => `${JSON.stringify(record)}\n`).join('')
}

/** Name, state, link and addresses, without titles. */
const COLUMNS: readonly Column[] = Array.from({ length: 4 }, () => ({ title: '' }))

function asText(list: readonly Device[], rights: readonly Right[], may: boolean): string {
  const rows = list.map(({ name, state, link, addresses }) => [name, state, link, addresses.join(' ')])
  const ready = rights.filter(right => right.state === 'ready').map(right => right.backend)
  const verdict = may ? `This user may capture, with ${ready.join(', ')}.` : 'This user may not capture:'
  const reasons = rights
    .filter(right => right.state !== 'ready' && (!may || right.state !== 'missing'))
    .map(right => `  ${right.why}: ${right.mend}`)
  let listed = ''
  new Table(COLUMNS, { width: undefined, color: false }, text => {
    listed += text
  }).print(rows)
  return `${[listed, verdict, ...(may ? [] : [...reasons, `  ${WITHOUT_RIGHTS}`])].join('\n')}\n`
}
