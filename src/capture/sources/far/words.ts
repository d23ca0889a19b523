/** The words of ssh, docker, kubectl, sudo and the capture programs on other machines → one line with what mends it. */
import { type Complaint, type DropCount, LiveError, type Trouble } from '../backend.ts'
import type { Ended } from '../child.ts'
import { dumpcap } from '../dumpcap.ts'
import { causeOf } from '../ending.ts'
import { tcpdump } from '../tcpdump.ts'
import { type Far, placeOf } from './address.ts'
import { CARRIER } from './command.ts'
import { SAYS } from './script.ts'

/** One cause: the line that names it, what is reported, what mends it. `WHERE` is the place, `TARGET` what ssh is given. */
type Cause = readonly [pattern: RegExp, kind: Trouble, what: string, mend: string]

const CAPTURE_THERE = 'ssh TARGET sudo apt-get install -y tcpdump'
const HELPER = '--helper-image nicolaka/netshoot captures beside it'

/** The first that any line matches is the cause. */
const SSH: readonly Cause[] = [
  [
    /REMOTE HOST IDENTIFICATION HAS CHANGED/,
    'permission',
    'the host key of WHERE has changed',
    'if that is right, ssh-keygen -R removes the old one',
  ],
  [
    /Host key verification failed|host key is known/i,
    'permission',
    'the host key of WHERE is not known',
    'ssh TARGET once, and compare it',
  ],
  [
    /Permission denied( \(|, please)/,
    'permission',
    'WHERE refuses the login',
    'ssh TARGET must work without a password',
  ],
  [
    /Too many authentication failures/i,
    'permission',
    'WHERE refuses the login: too many keys',
    'name one in ~/.ssh/config',
  ],
  [/Could not resolve hostname/i, 'interface', 'the host of WHERE is unknown', 'check its name'],
  [/Connection refused/i, 'interface', 'WHERE refuses the connection', 'check the port: ssh://host:port/interface'],
  [
    /Connection timed out|No route to host|Network is unreachable/i,
    'interface',
    'WHERE cannot be reached',
    'check the network',
  ],
  [
    /sudo: .*(password is required|terminal is required|not allowed|not in the sudoers)/i,
    'permission',
    'sudo on WHERE asks for a password',
    'allow it with NOPASSWD there, or log in as root',
  ],
  [
    /sudo: (command not found|not found|Permission denied|No such file)/i,
    'missing',
    'sudo is not installed on WHERE',
    'log in as root: ssh://root@host/interface',
  ],
]

const DOCKER: readonly Cause[] = [
  [
    /permission denied .*(docker|socket)/i,
    'permission',
    'this user may not use docker',
    'sudo usermod -aG docker $USER, then log in again',
  ],
  [
    /Cannot connect to the Docker daemon|daemon (is )?not running/i,
    'missing',
    'the docker daemon does not answer',
    'start it, or check DOCKER_HOST',
  ],
  [/No such container/i, 'interface', 'there is no WHERE', 'docker ps lists them'],
  [/is not running/i, 'down', 'WHERE is not running', 'docker start CONTAINER'],
  [/executable file not found|no such file or directory/i, 'missing', 'there is no shell in WHERE', HELPER],
  [
    /pull access denied|manifest .*unknown|repository .*not exist|not found: manifest/i,
    'missing',
    'the helper image cannot be loaded',
    'check its name',
  ],
]

const KUBECTL: readonly Cause[] = [
  [
    /\(Forbidden\)|is forbidden/i,
    'permission',
    'this user may not run commands in WHERE',
    'kubectl auth can-i create pods/exec',
  ],
  [/must be logged in|Unauthorized/i, 'permission', 'kubectl is not logged in', 'kubectl get pods must work'],
  [/namespaces .*not found/i, 'interface', 'there is no such namespace', 'kubectl get namespaces lists them'],
  [/pods? .*not found|\(NotFound\)/i, 'interface', 'there is no WHERE', 'kubectl get pods -A lists them'],
  [
    /container .*(is not valid|not found)|container not found/i,
    'interface',
    'WHERE has no such container',
    'kubectl describe pod lists them',
  ],
  [
    /connection to the server|Unable to connect|no configuration has been provided|current-context/i,
    'missing',
    'the cluster cannot be reached',
    'kubectl cluster-info must work',
  ],
  [/executable file not found|no such file or directory/i, 'missing', 'there is no shell in WHERE', HELPER],
  [/ErrImagePull|ImagePullBackOff/i, 'missing', 'the helper image cannot be loaded', 'check its name'],
]

const CAUSES: Readonly<Record<Far['kind'], readonly Cause[]>> = { ssh: SSH, docker: DOCKER, k8s: KUBECTL }

/** What the carriers say while all is well, and what says no more than an exit code does. */
const CHATTER =
  /^(Defaulted container|command terminated|Warning: Permanently added|mqtt-sniff: |Unable to find image|\d+ packets?)/

/** Returns the place with its preposition. */
const inside = (far: Far): string => `${far.kind === 'ssh' ? 'on' : 'in'} ${placeOf(far)}`

/** Listens to one capture on another machine. */
export class FarWords {
  /** The capture program there; empty until it is known. */
  program = ''
  private readonly far: Far
  private readonly onDrops: (drops: DropCount) => void
  private readonly complaints: Complaint[] = []
  /** Index of the first cause that a line matched. */
  private cause = Number.POSITIVE_INFINITY
  private hasNone = false
  private last = ''

  constructor(far: Far, onDrops: (drops: DropCount) => void) {
    this.far = far
    this.onDrops = onDrops
  }

  /** Receives each line of stderr. */
  hear(line: string): void {
    if (line === SAYS.none) this.hasNone = true
    if (line.startsWith(SAYS.runs)) this.program = line.slice(SAYS.runs.length) === 'dumpcap' ? 'dumpcap' : 'tcpdump'
    const word = this.program === '' ? undefined : (this.program === 'dumpcap' ? dumpcap : tcpdump).hear(line)
    if (word?.kind === 'drops') return this.onDrops(word)
    if (word !== undefined && this.complaints.length < MOST_COMPLAINTS) this.complaints.push(word)
    const cause = CAUSES[this.far.kind].findIndex(([pattern]) => pattern.test(line))
    if (cause >= 0 && this.program === '') this.cause = Math.min(this.cause, cause)
    if (line.trim() !== '' && !CHATTER.test(line)) this.last = line.trim()
  }

  /** Returns why the capture ended. `hasBegun`: packets could come, so that what came is kept. */
  failure(ended: Ended, hasBegun: boolean): LiveError {
    if (!hasBegun) return this.refusal(ended)
    const how = ended.signal === null ? `code ${ended.code}` : ended.signal
    const said = this.last === '' ? how : `${this.last} (${how})`
    return new LiveError('ended', `the far end is gone: ${this.far.url}: ${said}; what it had delivered is kept`)
  }

  /** Returns what is wrong if text stands where the capture should begin. */
  chatter(bytes: Uint8Array): LiveError {
    const [line = ''] = new TextDecoder().decode(bytes.subarray(0, MOST_QUOTED)).split(/[\r\n]/)
    const what = `something there prints ${JSON.stringify(line)} before the capture`
    return this.error('missing', what, 'a shell must be silent without a terminal (~/.bashrc)')
  }

  private refusal(ended: Ended): LiveError {
    const { far } = this
    const found = CAUSES[far.kind][this.cause]
    if (found !== undefined) return this.error(found[1], this.filled(found[2]), this.filled(found[3]))
    if (this.hasNone)
      return this.error(
        'missing',
        `neither dumpcap nor tcpdump is installed ${inside(far)}`,
        this.filled(far.kind === 'ssh' ? CAPTURE_THERE : HELPER),
      )
    return (
      this.complaint(causeOf(this.complaints)) ??
      this.error(
        'missing',
        this.last || `${CARRIER[far.kind]} ended before the capture began`,
        `code ${ended.code ?? ended.signal}`,
      )
    )
  }

  /** What the capture program there complained about. */
  private complaint(complaint: Complaint | undefined): LiveError | undefined {
    const { device } = this.far
    const place = placeOf(this.far)
    switch (complaint?.kind) {
      case 'permission':
        return this.error(
          'permission',
          `no permission to capture ${inside(this.far)}`,
          this.far.kind === 'k8s' ? HELPER : 'use --sudo',
        )
      case 'interface':
        return this.error('interface', `there is no interface "${device}" on ${place}`, 'ip -br link lists them there')
      case 'down':
        return this.error('down', `${device} is down on ${place}`, `ip link set ${device} up`)
      case 'filter':
        return this.error('filter', 'the capture filter is not valid', complaint.detail)
      default:
        return undefined
    }
  }

  private filled(text: string): string {
    const { far } = this
    const target = far.kind === 'ssh' ? [...(far.port === undefined ? [] : ['-p', far.port]), far.target].join(' ') : ''
    const container = far.kind === 'docker' ? far.container : ''
    return text.replace('WHERE', placeOf(far)).replace('TARGET', target).replace('CONTAINER', container)
  }

  private error(kind: Trouble, what: string, mend: string): LiveError {
    return new LiveError(kind, `${this.far.url}: ${what}${mend === '' ? '' : `: ${mend}`}`)
  }
}

/** Most bytes of a text in place of a capture that are quoted. */
const MOST_QUOTED = 60

/** Most lines of stderr that are remembered. */
const MOST_COMPLAINTS = 20
