/** Which capture programs are here, whether this user may capture with them, and the command that mends it if not. */
import { execFile } from 'node:child_process'
import { accessSync, constants, existsSync, readFileSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { userInfo } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { BACKENDS, type BackendName } from './backend.ts'
import { dumpcap } from './dumpcap.ts'
import { tcpdump } from './tcpdump.ts'

export interface Right {
  readonly backend: BackendName
  /** `missing` here, `unbuilt` (cap installed without its native part), `forbidden` for this user. */
  readonly state: 'ready' | 'missing' | 'unbuilt' | 'forbidden'
  /** Where the program is. */
  readonly program: string
  /** Why not, and the exact command that mends it; empty where it is ready. */
  readonly why: string
  readonly mend: string
}

/** What captures where no program may. */
export const WITHOUT_RIGHTS = 'or, without rights, a proxy before the broker: mqtt-sniff tap --help'

/** Programs for the administrator often stand outside the path of others. */
const ALSO = ['/usr/local/sbin', '/usr/sbin', '/sbin']

const PACKAGE = { dumpcap: 'wireshark-common', tcpdump: 'tcpdump' } as const

/** A program that does not answer is not asked for longer than this; loading its libraries takes tens of milliseconds. */
const PATIENCE_MS = 10_000

const ROOT = 0
const isRoot = (): boolean => process.geteuid?.() === ROOT
const sudo = (command: string): string => (isRoot() ? command : `sudo ${command}`)

const folders = (): readonly string[] => [...(process.env.PATH ?? '').split(delimiter).filter(Boolean), ...ALSO]

/** The first file of that name in the path, one that may be run before one that may not. */
export function find(name: string): { readonly path: string; readonly runs: boolean } | undefined {
  const there = folders()
    .map(folder => join(folder, name))
    .filter(path => existsSync(path))
  const runs = there.find(isExecutable)
  const path = runs ?? there[0]
  return path === undefined ? undefined : { path, runs: runs !== undefined }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    return false
  }
}

/** Asked of the program itself, on an interface: it opens it and tells its link types. */
export async function rightOf(backend: BackendName, name: string): Promise<Right> {
  if (backend === 'cap') return capRight()
  const found = find(backend)
  if (found === undefined) {
    const why = `${backend} is not installed`
    return { backend, state: 'missing', program: '', why, mend: sudo(`apt-get install -y ${PACKAGE[backend]}`) }
  }
  const program = found.path
  if (found.runs && (await opens(backend, program, name)))
    return { backend, state: 'ready', program, why: '', mend: '' }
  const why = `${backend} may not capture for this user`
  return { backend, state: 'forbidden', program, why, mend: mendFor(backend, program, found.runs) }
}

export const rightsOf = (name: string): Promise<readonly Right[]> =>
  Promise.all(BACKENDS.map(backend => rightOf(backend, name)))

/** False only where the answer speaks of permission: what else may be wrong is told when the capture begins. */
function opens(backend: 'dumpcap' | 'tcpdump', program: string, name: string): Promise<boolean> {
  const { hear } = backend === 'dumpcap' ? dumpcap : tcpdump
  return new Promise(resolve => {
    // The language of messages is not ours to choose for the user, but these are read by a program.
    const env = { ...process.env, LC_ALL: 'C' }
    execFile(program, ['-L', '-i', name], { timeout: PATIENCE_MS, env }, (_error, _out, errors) => {
      const words = errors.split('\n').map(line => hear(line)?.kind)
      resolve(!(words.includes('permission') || /could not be obtained.*not permitted/i.test(errors)))
    })
  })
}

/** Never rights for node itself: every script run by it would have them. */
function mendFor(backend: 'dumpcap' | 'tcpdump', program: string, runs: boolean): string {
  const user = userInfo().username
  if (!runs) return `sudo usermod -aG ${groupOf(program)} ${user} (then log in again)`
  if (backend === 'tcpdump') return `sudo setcap cap_net_raw,cap_net_admin=eip ${program}`
  if (existsSync('/var/lib/dpkg/info/wireshark-common.config') && !inGroup('wireshark')) {
    return `sudo dpkg-reconfigure wireshark-common (answer yes), then sudo usermod -aG wireshark ${user} and log in again`
  }
  return `sudo setcap cap_net_raw,cap_net_admin=eip ${program}`
}

/** /etc/group: name, password, number, members. */
function groups(): readonly (readonly string[])[] {
  try {
    return readFileSync('/etc/group', 'utf8')
      .split('\n')
      .map(line => line.split(':'))
  } catch {
    return []
  }
}

function groupOf(program: string): string {
  const number = String(statSync(program).gid)
  return groups().find(group => group[2] === number)?.[0] ?? 'wireshark'
}

function inGroup(name: string): boolean {
  const number = groups().find(group => group[0] === name)?.[2]
  return number !== undefined && (process.getgroups?.() ?? []).includes(Number(number))
}

/** Folder of the module `cap`; undefined where it is not installed. */
export function capFolder(): string | undefined {
  try {
    return dirname(createRequire(import.meta.url).resolve('cap/package.json'))
  } catch {
    return undefined
  }
}

function capRight(): Right {
  const about = { backend: 'cap', program: process.execPath } as const
  const folder = capFolder()
  if (folder === undefined) {
    return { ...about, state: 'missing', why: 'the module cap is not installed', mend: 'npm install cap' }
  }
  if (!existsSync(join(folder, 'build/Release/cap.node'))) {
    const why = 'the module cap is installed without its native part'
    return {
      ...about,
      state: 'unbuilt',
      why,
      mend: `${sudo('apt-get install -y libpcap-dev g++ make')} && npm rebuild cap`,
    }
  }
  if (mayOpenSockets()) return { ...about, state: 'ready', why: '', mend: '' }
  const why = 'the module cap captures inside node, which has no right to'
  return { ...about, state: 'forbidden', why, mend: sudo('apt-get install -y wireshark-common') }
}

const CAP_NET_RAW = 13n

function mayOpenSockets(): boolean {
  try {
    const effective = /^CapEff:\s*([0-9a-f]+)/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '0'
    return ((BigInt(`0x${effective}`) >> CAP_NET_RAW) & 1n) === 1n
  } catch {
    return isRoot()
  }
}
