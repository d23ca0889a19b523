/** The built program capturing live, a broker of our own, and hosts made for a test. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import mqtt, { type IClientOptions, type MqttClient } from 'mqtt'
import { CaptureReader } from '../../src/capture/reader.ts'

export const CLI = fileURLToPath(new URL('../../dist/cli.js', import.meta.url))

/** A machine may be slow: what takes longer than this has failed. */
const PATIENCE_MS = 30_000
const LOOK_EVERY_MS = 20

export async function until(what: string, isTrue: () => boolean | Promise<boolean>): Promise<void> {
  const began = performance.now()
  while (!(await isTrue())) {
    if (performance.now() - began > PATIENCE_MS) throw new Error(`never happened: ${what}`)
    await new Promise(resolve => setTimeout(resolve, LOOK_EVERY_MS))
  }
}

export interface SniffOptions {
  /** Words in front of the program, such as `ip netns exec NAME`. */
  readonly before?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  readonly stdin?: 'ignore' | 'pipe'
}

/** What a test that failed leaves running. */
const started = new Set<ChildProcess>()
process.once('exit', () => {
  for (const child of started) child.kill('SIGKILL')
})

function watched(child: ChildProcess): ChildProcess {
  started.add(child)
  child.once('close', () => started.delete(child))
  return child
}

export class Sniff {
  out = ''
  errors = ''
  readonly child: ChildProcess
  readonly ended: Promise<number | string>
  private over = false

  constructor(args: readonly string[], options: SniffOptions = {}) {
    const [program = '', ...rest] = [...(options.before ?? []), process.execPath, CLI, ...args]
    const env = { ...process.env, ...options.env }
    this.child = watched(spawn(program, rest, { stdio: [options.stdin ?? 'ignore', 'pipe', 'pipe'], env }))
    this.child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.out += text
    })
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.errors += text
    })
    this.ended = new Promise(resolve => {
      this.child.once('close', (code, signal) => {
        this.over = true
        resolve(code ?? signal ?? -1)
      })
    })
  }

  /** The kernel hands over packets from now on. */
  async ready(): Promise<this> {
    await until(`the capture begins (${this.errors})`, () => /capturing on .* with /.test(this.errors) || this.over)
    if (this.over) throw new Error(`the capture did not begin: ${this.errors}`)
    return this
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal)
  }

  get lines(): readonly string[] {
    return this.out.split('\n').slice(0, -1)
  }

  get records(): readonly Shown[] {
    return this.lines.map(line => JSON.parse(line) as Shown)
  }

  /** Pids of its capture programs. */
  get captures(): readonly number[] {
    return descendants(this.child.pid ?? 0).filter(pid => /^(dumpcap|tcpdump|node)$/.test(nameOf(pid)))
  }
}

/** What the tests read of a record. */
export interface Shown {
  readonly record: string
  readonly type?: string
  readonly from?: string
  readonly src?: string
  readonly dst?: string
  readonly version?: string
  readonly frames?: number
  readonly packets?: number
}

interface Process {
  readonly pid: number
  readonly name: string
  readonly state: string
  readonly parent: number
}

/** /proc/PID/stat: pid (name) state parent. */
export function processes(): readonly Process[] {
  return readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .flatMap(name => {
      try {
        const found = /^(\d+) \((.*)\) (\S) (\d+)/s.exec(readFileSync(`/proc/${name}/stat`, 'utf8'))
        if (found === null) return []
        return [{ pid: Number(found[1]), name: found[2] ?? '', state: found[3] ?? '', parent: Number(found[4]) }]
      } catch {
        return []
      }
    })
}

const nameOf = (pid: number): string => processes().find(one => one.pid === pid)?.name ?? ''

export function descendants(pid: number): readonly number[] {
  const all = processes()
  const found = [pid]
  for (const parent of found) found.push(...all.filter(one => one.parent === parent).map(one => one.pid))
  return found.slice(1)
}

/** A zombie waits for a parent that does not ask; it holds nothing. */
export const isAlive = (pid: number): boolean => processes().some(one => one.pid === pid && one.state !== 'Z')

export function freePort(): Promise<number> {
  return new Promise(resolve => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo
      server.close(() => resolve(port))
    })
  })
}

export function folder(): string {
  return mkdtempSync(join(tmpdir(), 'mqtt-sniff-test-'))
}

export class Broker {
  readonly port: number
  private readonly child: ChildProcess
  private readonly home: string

  private constructor(port: number, child: ChildProcess, home: string) {
    this.port = port
    this.child = child
    this.home = home
  }

  /** A mosquitto of our own, ready for clients. */
  static async start(address = '127.0.0.1', before: readonly string[] = []): Promise<Broker> {
    const port = await freePort()
    const home = folder()
    const config = join(home, 'mosquitto.conf')
    writeFileSync(
      config,
      `listener ${port} ${address}\nallow_anonymous true\npersistence false\nuser root\nlog_type all\n`,
    )
    const [program = '', ...rest] = [...before, 'mosquitto', '-c', config]
    const child = watched(spawn(program, rest, { stdio: ['ignore', 'ignore', 'pipe'], env: withSbin() }))
    let log = ''
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      log += text
    })
    await until(`mosquitto runs (${log})`, () => log.includes('running'))
    return new Broker(port, child, home)
  }

  stop(): void {
    this.child.kill('SIGTERM')
    rmSync(this.home, { recursive: true, force: true })
  }
}

const withSbin = (): NodeJS.ProcessEnv => ({ ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` })

export const run = (program: string, ...args: string[]): string =>
  execFileSync(program, args, { encoding: 'utf8', env: withSbin(), stdio: ['ignore', 'pipe', 'pipe'] })

/** One client's packets in order, as its library says it sent and received them. */
export interface Talk {
  readonly port: number
  readonly sent: string[]
  readonly received: string[]
}

export interface TalkOptions {
  readonly port: number
  readonly host?: string
  readonly version: 3 | 4 | 5
  readonly qos: 0 | 1 | 2
  readonly messages: number
  readonly size?: number
}

/** Connects, subscribes, publishes to itself, and leaves when everything has come back. */
export async function talk({
  port,
  host = '127.0.0.1',
  version,
  qos,
  messages,
  size = 20,
}: TalkOptions): Promise<Talk> {
  const options: IClientOptions = {
    protocolVersion: version,
    ...(version === 3 ? { protocolId: 'MQIsdp' } : {}),
    clientId: `c${version}${qos}x${Math.random().toString(16).slice(2, 8)}`,
    reconnectPeriod: 0,
    // Or its CONNECT is gone before anybody can listen.
    manualConnect: true,
  }
  const client = mqtt.connect(`mqtt://${host}:${port}`, options)
  const sent: string[] = []
  const received: string[] = []
  client.on('packetsend', packet => sent.push(packet.cmd.toUpperCase()))
  client.on('packetreceive', packet => received.push(packet.cmd.toUpperCase()))
  client.connect()
  await connected(client)
  const localPort = (client.stream as unknown as { localPort: number }).localPort
  const topic = `t/${options.clientId}`
  let came = 0
  client.on('message', () => {
    came++
  })
  await client.subscribeAsync(topic, { qos })
  for (let at = 0; at < messages; at++) await client.publishAsync(topic, 'x'.repeat(size), { qos })
  await until('all messages came back', () => came === messages)
  await settled(sent, received, qos, messages)
  await client.endAsync()
  return { port: localPort, sent, received }
}

const connected = (client: MqttClient): Promise<void> =>
  new Promise((resolve, reject) => {
    client.once('connect', () => resolve())
    client.once('error', reject)
  })

/** The last acknowledgement of QoS 2 comes after the message. */
async function settled(
  sent: readonly string[],
  received: readonly string[],
  qos: number,
  messages: number,
): Promise<void> {
  if (qos < 2) return
  const count = (list: readonly string[], type: string) => list.filter(one => one === type).length
  await until(
    'every exchange is over',
    () => count(sent, 'PUBCOMP') === messages && count(received, 'PUBCOMP') === messages,
  )
}

/** The packets shown for a client, by who sent them. */
export function shown(
  records: readonly Shown[],
  port: number,
): { readonly sent: string[]; readonly received: string[] } {
  const packets = records.filter(record => record.record === 'packet')
  const types = (list: readonly Shown[]): string[] => list.map(record => record.type ?? '')
  return {
    sent: types(packets.filter(record => record.src?.endsWith(`:${port}`) === true)),
    received: types(packets.filter(record => record.dst?.endsWith(`:${port}`) === true)),
  }
}

/** CONNECT of MQTT 3.1.1, client id "a", clean session. */
const CONNECT = Buffer.from('100d00044d51545404020000000161', 'hex')
const PINGREQ = Buffer.from('c000', 'hex')

/** A listener that reads and answers nothing, and a client that sends it small packets: traffic without a broker. */
export class Line {
  readonly port: number
  sent = 0
  private readonly server: Server
  private readonly client: Socket

  private constructor(port: number, server: Server, client: Socket) {
    this.port = port
    this.server = server
    this.client = client
  }

  /** With its CONNECT sent. */
  static async open(port: number): Promise<Line> {
    const server = createServer(socket => socket.on('error', () => {}).resume())
    await new Promise<void>(resolve => server.listen(port, '127.0.0.1', resolve))
    const client = connect(port, '127.0.0.1').setNoDelay(true)
    client.on('error', () => {})
    await new Promise<void>(resolve => client.once('connect', resolve))
    const line = new Line(port, server, client)
    await line.write(CONNECT)
    return line
  }

  /** PINGREQs, each in a segment of its own as far as the system allows. */
  async send(count: number): Promise<void> {
    for (let at = 0; at < count; at++) await this.write(PINGREQ)
  }

  close(): void {
    this.client.destroy()
    this.server.close()
  }

  private write(bytes: Uint8Array): Promise<void> {
    this.sent++
    return new Promise(resolve => this.client.write(bytes, () => setImmediate(resolve)))
  }
}

/** A host of its own (`ip netns`), removed with all that is in it. */
export class Host {
  readonly name: string
  readonly before: readonly string[]
  private static made = 0

  constructor() {
    this.name = `mqs${process.pid}x${Host.made++}`
    run('ip', 'netns', 'add', this.name)
    this.before = ['ip', 'netns', 'exec', this.name]
    this.run('ip', 'link', 'set', 'lo', 'up')
  }

  run(...command: readonly string[]): string {
    const [program = '', ...rest] = [...this.before, ...command]
    return run(program, ...rest)
  }

  /** A cable between two hosts; 192.0.2.0/24 is for documentation, and these hosts see no other network. */
  static connect(a: Host, b: Host, name: string): void {
    a.run('ip', 'link', 'add', name, 'type', 'veth', 'peer', 'name', name, 'netns', b.name)
    for (const [host, address] of [[a, '192.0.2.1/24'] as const, [b, '192.0.2.2/24'] as const]) {
      host.run('ip', 'addr', 'add', address, 'dev', name)
      host.run('ip', 'link', 'set', name, 'up')
    }
  }

  remove(): void {
    for (const pid of run('ip', 'netns', 'pids', this.name).split('\n').filter(Boolean)) kill(Number(pid))
    run('ip', 'netns', 'del', this.name)
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It ended by itself.
  }
}

/** What a saved capture holds, read without the program: frames, and places that are damaged. */
export function contents(file: string): { readonly frames: number; readonly damages: number } {
  const reader = new CaptureReader({ frame: () => {}, lost: () => {}, damage: () => {} })
  reader.push(readFileSync(file))
  reader.end()
  return { frames: reader.frames, damages: reader.damages }
}
