/** A broker of our own, real clients, and what their library says they sent. */
import { type ChildProcess, spawn } from 'node:child_process'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import mqtt, { type IClientOptions, type MqttClient } from 'mqtt'
import { folder, freePort, type Shown, until, watched, withSbin } from './live.ts'

export class Broker {
  readonly port: number
  private readonly child: ChildProcess
  private readonly home: string

  private constructor(port: number, child: ChildProcess, home: string) {
    this.port = port
    this.child = child
    this.home = home
  }

  /** A mosquitto of our own, ready for clients; `lines` are more lines of its listener's configuration, `named` its port. */
  static async start(
    address = '127.0.0.1',
    before: readonly string[] = [],
    lines: readonly string[] = [],
    named?: number,
  ): Promise<Broker> {
    const port = named ?? (await freePort())
    const home = folder()
    const config = join(home, 'mosquitto.conf')
    writeFileSync(
      config,
      `listener ${port} ${address}\nallow_anonymous true\npersistence false\nuser root\nlog_type all\n${lines.join('\n')}\n`,
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

  /** Ends it at once, without a word to its clients. */
  kill(): void {
    this.child.kill('SIGKILL')
  }

  stop(): void {
    this.child.kill('SIGTERM')
    rmSync(this.home, { recursive: true, force: true })
  }
}

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
