/** Traffic without a broker, and hosts with cables between them, made for a test. */
import { connect, createServer, type Server, type Socket } from 'node:net'
import { run } from './live.ts'

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
    await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', resolve))
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
