/** An ssh server on loopback with keys, ports and configuration of its own, and an ssh in the path that knows it alone. */
import { type ChildProcess, spawn } from 'node:child_process'
import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { descendants, folder, freePort, isAlive, processes, run, until, watched } from './live.ts'
import { whereIs } from './tools.ts'

/** Hosts that ssh knows, by what is special there. */
const HOSTS = ['farbox', 'poorbox', 'emptybox', 'sudobox', 'otherkey', 'refused', 'closed', 'mute'] as const

export class Sshd {
  /** One for each host; the first is that of `farbox`. */
  readonly ports: readonly number[]
  /** Environment in which `ssh` is ours. */
  readonly env: Readonly<Record<string, string>>
  private readonly home: string
  private readonly child: ChildProcess
  private readonly mute: Server

  private constructor(home: string, ports: readonly number[], child: ChildProcess, mute: Server) {
    this.mute = mute
    this.home = home
    this.ports = ports
    this.child = child
    this.env = { PATH: `${join(home, 'bin')}:${process.env.PATH}` }
  }

  static async start(): Promise<Sshd> {
    const home = folder()
    const ports: number[] = []
    for (const _ of HOSTS) ports.push(await freePort())
    for (const key of ['host', 'user', 'stranger'])
      run('ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f', join(home, key))
    writeFileSync(join(home, 'authorized'), readFileSync(join(home, 'user.pub')))
    writeFileSync(join(home, 'sshd_config'), serverOptions(home, ports))
    writeFileSync(join(home, 'ssh_config'), clientOptions(home, ports))
    const key = (name: string): string =>
      readFileSync(join(home, `${name}.pub`), 'utf8')
        .split(' ')
        .slice(0, 2)
        .join(' ')
    const known = HOSTS.map(
      (name, at) => `[127.0.0.1]:${ports[at]} ${key(name === 'otherkey' ? 'stranger' : 'host')}\n`,
    )
    writeFileSync(join(home, 'known'), known.join(''))
    mkdirSync(join(home, 'bin'))
    writeFileSync(join(home, 'bin/ssh'), `#!/bin/sh\nexec ${whereIs('ssh')} -F '${home}/ssh_config' "$@"\n`)
    chmodSync(join(home, 'bin/ssh'), 0o755)
    mkdirSync(join(home, 'few'))
    writeFileSync(join(home, 'few/sh'), '#!/bin/sh\nexec /bin/sh "$@"\n')
    chmodSync(join(home, 'few/sh'), 0o755)
    mkdirSync(join(home, 'sudo'))
    writeFileSync(join(home, 'sudo/sudo'), SUDO)
    chmodSync(join(home, 'sudo/sudo'), 0o755)
    // Where the server of Debian drops its rights.
    mkdirSync('/run/sshd', { recursive: true })
    const child = watched(spawn(whereIs('sshd'), ['-D', '-e', '-f', join(home, 'sshd_config')], { stdio: 'ignore' }))
    const mute = createServer(socket => socket.on('error', () => {}))
    mute.listen(ports.at(-1), '127.0.0.1')
    const sshd = new Sshd(home, ports, child, mute)
    await until('sshd listens', () => answers(ports[0] ?? 0))
    return sshd
  }

  /** Pids of what runs there now, of this name or of any. */
  running(name?: RegExp): readonly number[] {
    const below = new Set(descendants(this.child.pid ?? 0))
    return processes()
      .filter(one => below.has(one.pid) && one.state !== 'Z' && (name === undefined || name.test(one.name)))
      .map(({ pid }) => pid)
  }

  /** Waits until neither a login nor a program of one is left. `pids`: what must be gone, too. */
  async isEmpty(pids: readonly number[] = []): Promise<void> {
    await until('nothing is left', () => this.running().length === 0 && !pids.some(isAlive))
  }

  stop(): void {
    this.child.kill()
    this.mute.close()
    rmSync(this.home, { recursive: true, force: true })
  }
}

const answers = (port: number): Promise<boolean> =>
  new Promise(resolve => {
    const socket = connect(port, '127.0.0.1')
    socket.once('error', () => resolve(false))
    socket.once('connect', () => resolve(socket.destroy().destroyed))
  })

/** A stand-in: like sudo it hands on nothing of the environment, and it knows no other option than `-n`. */
const SUDO = '#!/bin/sh\n[ "$1 $2" = "-n sh" ] || exit 99\nshift\nexec env -i PATH=/usr/bin:/bin "$@"\n'

/** `poorbox` has no rights, `emptybox` no programs, `sudobox` a stand-in for sudo; `closed` does not listen, `mute` never answers. */
function serverOptions(home: string, ports: readonly number[]): string {
  const [, poor, empty, sudo] = ports
  const listening = ports.slice(0, -2).map(port => `ListenAddress 127.0.0.1:${port}`)
  return [
    ...listening,
    `HostKey ${home}/host`,
    `AuthorizedKeysFile ${home}/authorized`,
    'StrictModes no',
    'UsePAM no',
    'PidFile none',
    'PermitRootLogin yes',
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication no',
    `Match LocalPort ${poor}`,
    '  ForceCommand exec setpriv --reuid 65534 --regid 65534 --clear-groups sh -c "$SSH_ORIGINAL_COMMAND"',
    `Match LocalPort ${empty}`,
    `  ForceCommand PATH=${home}/few exec /bin/sh -c "$SSH_ORIGINAL_COMMAND"`,
    `Match LocalPort ${sudo}`,
    `  ForceCommand PATH=${home}/sudo:$PATH exec /bin/sh -c "$SSH_ORIGINAL_COMMAND"`,
    '',
  ].join('\n')
}

function clientOptions(home: string, ports: readonly number[]): string {
  const host = (name: string, at: number): string =>
    [
      `Host ${name}`,
      ' HostName 127.0.0.1',
      ` Port ${ports[at]}`,
      ' User root',
      ` IdentityFile ${home}/${name === 'refused' ? 'stranger' : 'user'}`,
      ' IdentitiesOnly yes',
      ` UserKnownHostsFile ${home}/known`,
      ' GlobalKnownHostsFile none',
      '',
    ].join('\n')
  return HOSTS.map(host).join('')
}
