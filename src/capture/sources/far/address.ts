/** Interfaces of other machines as they are typed after `-i`: `ssh://…`, `docker://…`, `k8s://…`, checked name by name. */
import { UsageError } from '../../../base/exit.ts'

/** A host that ssh logs in to. `target` is what ssh is given: the host, with the user in front if one is named. */
export interface SshFar {
  readonly kind: 'ssh'
  readonly url: string
  readonly device: string
  readonly target: string
  readonly port: string | undefined
}

export interface DockerFar {
  readonly kind: 'docker'
  readonly url: string
  readonly device: string
  readonly container: string
}

export interface PodFar {
  readonly kind: 'k8s'
  readonly url: string
  readonly device: string
  /** Undefined: the namespace of kubectl's own context. */
  readonly namespace: string | undefined
  readonly pod: string
  /** Undefined: the pod's default container. */
  readonly container: string | undefined
}

/** One interface of another machine. `url` is as typed, `device` is the name that the interface has there. */
export type Far = SshFar | DockerFar | PodFar

const SCHEME = /^(ssh|docker|k8s):\/\//

/** True if `name` means an interface of another machine. No interface of Linux has a slash in its name. */
export const isFar = (name: string): boolean => SCHEME.test(name)

/** Most characters of any name; host names and names of pods end at 253. */
const LONGEST_NAME = 253

/** Every name begins with a letter, a digit, a dot or an underscore: with a dash it would be an option. */
const DEVICE = /^[A-Za-z0-9_.][A-Za-z0-9_.:@%-]*$/
const USER = /^[A-Za-z0-9_.][A-Za-z0-9_.@-]*$/
const HOST = /^[A-Za-z0-9_.][A-Za-z0-9_.-]*$/
/** RFC 4291 §2.2 with a zone, RFC 4007 §11. */
const IPV6 = /^[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*(%[A-Za-z0-9_.-]+)?$/
const CONTAINER = /^[A-Za-z0-9][A-Za-z0-9_.-]*$/
const POD = /^[A-Za-z0-9][A-Za-z0-9.-]*$/
const IMAGE = /^[A-Za-z0-9][A-Za-z0-9_.:/@-]*$/

const SHAPES = {
  ssh: 'ssh://[user@]host[:port]/interface',
  docker: 'docker://container/interface',
  k8s: 'k8s://[namespace/]pod[:container]/interface',
} as const

/** Parses an interface of another machine. Throws a UsageError that names the part that is refused. */
export function parseFar(url: string): Far {
  const kind = (SCHEME.exec(url)?.[1] ?? 'ssh') as Far['kind']
  const rest = url.slice(`${kind}://`.length)
  const slash = rest.lastIndexOf('/')
  if (slash < 1) throw new UsageError(`-i ${url}: use ${SHAPES[kind]}`)
  const where = rest.slice(0, slash)
  const device = checked(url, 'interface', DEVICE, rest.slice(slash + 1))
  if (kind === 'ssh') return ssh(url, where, device)
  return kind === 'docker'
    ? { kind, url, device, container: checked(url, 'container', CONTAINER, where) }
    : pod(url, where, device)
}

function ssh(url: string, where: string, device: string): SshFar {
  const at = where.lastIndexOf('@')
  const user = at < 0 ? '' : `${checked(url, 'user', USER, where.slice(0, at))}@`
  const { host, port } = hostAndPort(url, where.slice(at + 1))
  return { kind: 'ssh', url, device, target: user + host, port }
}

function hostAndPort(url: string, text: string): { readonly host: string; readonly port: string | undefined } {
  const bracketed = /^\[(.*)\](?::(.*))?$/s.exec(text)
  if (bracketed !== null)
    return { host: checked(url, 'host', IPV6, bracketed[1] ?? ''), port: portOf(url, bracketed[2]) }
  const [name = '', port, ...more] = text.split(':')
  if (more.length > 0) throw new UsageError(`-i ${url}: put an IPv6 address in brackets: ssh://[2001:db8::1]/eth0`)
  return { host: checked(url, 'host', HOST, name), port: portOf(url, port) }
}

const LARGEST_PORT = 65_535

function portOf(url: string, text: string | undefined): string | undefined {
  if (text === undefined) return undefined
  if (/^[1-9]\d{0,4}$/.test(text) && Number(text) <= LARGEST_PORT) return text
  throw new UsageError(`-i ${url}: not a port (1 to ${LARGEST_PORT})`)
}

function pod(url: string, where: string, device: string): PodFar {
  const slash = where.indexOf('/')
  const namespace = slash < 0 ? undefined : checked(url, 'namespace', POD, where.slice(0, slash))
  const [name = '', container, ...more] = where.slice(slash + 1).split(':')
  if (more.length > 0) throw new UsageError(`-i ${url}: use ${SHAPES.k8s}`)
  return {
    kind: 'k8s',
    url,
    device,
    namespace,
    pod: checked(url, 'pod', POD, name),
    container: container === undefined ? undefined : checked(url, 'container', POD, container),
  }
}

function checked(url: string, part: string, allowed: RegExp, text: string): string {
  if (allowed.test(text) && text.length <= LONGEST_NAME) return text
  throw new UsageError(`-i ${url}: the name of the ${part} is not allowed: ${JSON.stringify(text)}`)
}

/** Returns the name of an image. Throws a UsageError if it is none. */
export function checkedImage(image: string): string {
  if (IMAGE.test(image) && image.length <= LONGEST_NAME) return image
  throw new UsageError(`--helper-image: not the name of an image: ${JSON.stringify(image)}`)
}

/** Returns the place in words, as messages name it. */
export function placeOf(far: Far): string {
  if (far.kind === 'ssh') return far.target
  return far.kind === 'docker' ? `container ${far.container}` : `pod ${far.pod}`
}
