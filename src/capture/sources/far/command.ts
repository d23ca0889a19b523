/** Command lines of ssh, docker and kubectl that capture on another machine. Nothing is started here. */
import type { Backend, Wanted } from '../backend.ts'
import type { Far } from './address.ts'
import { CAPTURE_SCRIPT, LOGIN_SCRIPT, quoted } from './script.ts'

export interface FarWanted extends Pick<Wanted, 'snaplen' | 'bufferMiB' | 'lowLatency' | 'frames'> {
  /** The capture filter, and the same for interfaces with VLAN tags. Each is one line. */
  readonly filter: string
  readonly tagged: string
  /** The capture programs, the preferred one first. */
  readonly programs: readonly Backend[]
  /** With the rights of root there. */
  readonly sudo: boolean
  /** Containers: the image whose programs capture; undefined: those of the container. */
  readonly image: string | undefined
}

/** The local program that reaches the other machine. */
export const CARRIER = { ssh: 'ssh', docker: 'docker', k8s: 'kubectl' } as const

/** Seconds of silence after which a debug container ends: its stdin stays open when kubectl dies. */
const BEAT_LIMIT_SECONDS = 60
/** Milliseconds between two lines that say that somebody is still here. */
export const BEAT_EVERY_MS = 15_000

/** True for a debug container of Kubernetes, which nothing but silence ends when kubectl dies. */
export const needsBeats = (far: Far, image: string | undefined): boolean => far.kind === 'k8s' && image !== undefined

/**
 * Options of ssh. No question, no terminal, nothing forwarded, no connection left open for others; an end that is
 * silent for 45 s has gone. The rest is the user's own configuration.
 */
const SSH = [
  ...['-T', '-a', '-x', '-o', 'BatchMode=yes', '-o', 'ControlMaster=no', '-o', 'RemoteCommand=none'],
  ...['-o', 'ClearAllForwardings=yes', '-o', 'LogLevel=INFO', '-o', 'ConnectTimeout=20'],
  ...['-o', 'ServerAliveInterval=15', '-o', 'ServerAliveCountMax=3'],
]

/** Returns the command line; its first word is `carrier`, the path of the local program. */
export function farCommand(far: Far, wanted: FarWanted, carrier: string): readonly string[] {
  const { image, sudo } = wanted
  const script = ['-c', CAPTURE_SCRIPT, 'sh', '', ...scriptArguments(far, wanted)]
  if (far.kind === 'ssh') return [carrier, ...SSH, ...sshPort(far.port), '--', far.target, loginLine(far, wanted)]
  if (far.kind === 'docker') {
    if (image === undefined)
      return [carrier, 'exec', '-i', ...(sudo ? ['-u', '0'] : []), far.container, 'sh', ...script]
    const joined = ['--net', `container:${far.container}`, '-u', '0', '--cap-add', 'NET_RAW', '--entrypoint', 'sh']
    return [carrier, 'run', '--rm', '-i', ...joined, image, ...script]
  }
  const namespace = far.namespace === undefined ? [] : ['-n', far.namespace]
  const { pod, container } = far
  if (image === undefined) {
    const inside = container === undefined ? [] : ['-c', container]
    return [carrier, 'exec', '-i', ...namespace, pod, ...inside, '--', 'sh', ...script]
  }
  const target = container === undefined ? [] : [`--target=${container}`]
  const helper = ['--profile=netadmin', `--image=${image}`, ...target]
  return [carrier, 'debug', '-q', '-i', ...namespace, pod, ...helper, '--', 'sh', ...script]
}

const sshPort = (port: string | undefined): readonly string[] => (port === undefined ? [] : ['-p', port])

/** One line for the login shell there. */
function loginLine(far: Far, wanted: FarWanted): string {
  const words = [CAPTURE_SCRIPT, wanted.sudo ? 'sudo -n' : '', ...scriptArguments(far, wanted)]
  return ['exec sh -c', quoted(LOGIN_SCRIPT), 'sh', ...words.map(quoted)].join(' ')
}

/** Arguments of CAPTURE_SCRIPT behind the first. */
function scriptArguments(far: Far, wanted: FarWanted): readonly string[] {
  const { filter, tagged, programs, image } = wanted
  const [first = '', second = ''] = programs.map(program => programWords(program, far.device, wanted))
  return [filter, tagged, first, second, far.device, needsBeats(far, image) ? String(BEAT_LIMIT_SECONDS) : '']
}

/** The words of a capture program without its filter, joined by blanks: the script splits them there. */
function programWords(program: Backend, device: string, wanted: FarWanted): string {
  const words = program.command(program.name, { ...wanted, interfaces: [{ name: device, filter: '' }] })
  const wrong = words.find(word => !/^[A-Za-z0-9_.:@%=-]+$/.test(word))
  if (wrong !== undefined) throw new Error(`a word that a shell would read: ${wrong}`)
  return words.join(' ')
}
