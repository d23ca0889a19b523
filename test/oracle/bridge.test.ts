/**
 * Two real brokers with a bridge between them, and a crowd that does not behave: clients of both are killed, connections are
 * cut and reset, sessions are resumed, and one broker is killed at last. Both brokers keep the standard, so no finding on them
 * or their clients is an error.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import mqtt, { type MqttClient } from 'mqtt'
import { beforeAll, describe, expect } from 'vitest'
import { Analysis } from '../../src/analysis/analysis.ts'
import type { Connection } from '../../src/session/connection.ts'
import type { TrackerSink } from '../../src/session/tracker.ts'
import { findingsOf } from '../../src/store/findings.ts'
import type { Finding, PacketRecord, PlacedFinding } from '../../src/store/record.ts'
import { Broker } from '../support/broker.ts'
import { freePort, watched, withSbin } from '../support/live.ts'
import { Random } from '../support/random.ts'
import { captured } from '../support/tcpdump.ts'
import { hasTool, needs } from '../support/tools.ts'

const TOOLS = ['mosquitto', 'mosquitto_pub', 'mosquitto_sub', 'tcpdump', 'root']
const test = needs(...TOOLS)

const SEED = 7
const STEPS = 240
const PUBLISHERS = 4
const SUBSCRIBERS = 6
/** Step at which the broker with the bridge is killed. */
const KILL_AT = 200
const SETTLE_MS = 400
const TIME_MS = 120_000

const pause = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms))

class Crowd {
  private readonly publishers: (MqttClient | undefined)[] = new Array(PUBLISHERS).fill(undefined)
  private readonly subscribers: ChildProcess[] = []
  private readonly random = new Random(SEED)
  private readonly core: Broker
  private readonly edge: Broker
  private isEdgeUp = true
  private published = 0

  constructor(core: Broker, edge: Broker) {
    this.core = core
    this.edge = edge
  }

  async play(): Promise<void> {
    for (let place = 0; place < SUBSCRIBERS; place++) this.subscribe(place)
    await pause(SETTLE_MS)
    for (let step = 0; step < STEPS; step++) {
      if (step === KILL_AT) this.killEdge()
      await this.step()
    }
    await pause(SETTLE_MS)
    for (const subscriber of this.subscribers) subscriber.kill('SIGTERM')
    for (const client of this.publishers) await client?.endAsync(true)
    await pause(SETTLE_MS)
  }

  private killEdge(): void {
    this.isEdgeUp = false
    this.edge.kill()
  }

  private async step(): Promise<void> {
    const { random } = this
    const place = random.below(PUBLISHERS)
    const turn = random.below(16)
    if (turn === 0) this.replace(random.below(SUBSCRIBERS))
    else if (turn === 1) await this.cut(place)
    else if (turn === 2) this.publishOnce()
    else await this.publish(place)
    if (random.chance(0.3)) await pause(random.below(30))
  }

  /** Half of the clients are at each broker, while both are up. */
  private portOf(place: number): number {
    return this.isEdgeUp && place % 2 === 1 ? this.edge.port : this.core.port
  }

  private start(program: string, place: number, ...more: readonly string[]): ChildProcess {
    const args = ['-h', '127.0.0.1', '-p', `${this.portOf(place)}`, ...more]
    return watched(spawn(program, args, { stdio: 'ignore', env: withSbin() }))
  }

  private subscribe(place: number): void {
    const own = ['-i', `sub${place}`, '-q', `${place % 3}`, '-t', place < 3 ? '#' : 'a/#']
    this.subscribers[place] = this.start('mosquitto_sub', place, ...own, ...(place % 2 === 0 ? ['-c'] : ['-V', '5']))
  }

  /** The subscriber is killed, and comes back under its name. */
  private replace(place: number): void {
    this.subscribers[place]?.kill('SIGKILL')
    this.subscribe(place)
  }

  private publishOnce(): void {
    const place = this.random.below(2)
    this.start('mosquitto_pub', place, '-t', 'a/once', '-q', `${place + 1}`, '-m', `once ${++this.published}`)
  }

  /** The connection ends without DISCONNECT: by FIN, or by RST. */
  private async cut(place: number): Promise<void> {
    const client = this.publishers[place]
    if (client === undefined) return
    this.publishers[place] = undefined
    const stream = client.stream as typeof client.stream & { resetAndDestroy?: () => void }
    if (this.random.chance(0.5)) stream.resetAndDestroy?.()
    stream.destroy()
    await client.endAsync(true)
  }

  private async publish(place: number): Promise<void> {
    try {
      const client = this.publishers[place] ?? (await this.join(place))
      this.publishers[place] = client
      const qos = this.random.below(3) as 0 | 1 | 2
      const retain = this.random.chance(0.1)
      // Nobody waits for the last ones: they are under way when the connection is cut.
      const sent = client.publishAsync(`a/${place}`, `message ${++this.published}`, { qos, retain }).catch(() => {})
      if (this.random.chance(0.8)) await Promise.race([sent, pause(SETTLE_MS)])
    } catch {
      // The broker is gone: the next one comes to the other.
      this.publishers[place] = undefined
    }
  }

  private async join(place: number): Promise<MqttClient> {
    const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${this.portOf(place)}`, {
      clientId: `pub${place}`,
      protocolVersion: place < 2 ? 4 : 5,
      clean: place % 2 === 0,
      reconnectPeriod: 0,
      ...(place === 3 ? { properties: { sessionExpiryInterval: 600 } } : {}),
    })
    return client.on('error', () => {})
  }
}

/** What is said of the capture. */
class Said implements TrackerSink {
  packets = 0
  bridges = 0
  readonly endings = new Set<string>()
  readonly errors: string[] = []

  packet(record: PacketRecord): void {
    this.packets++
    for (const finding of findingsOf(record)) this.note(record.number, finding)
  }

  connection({ isBridge, ending }: Connection): void {
    if (isBridge) this.bridges++
    if (ending !== undefined) this.endings.add(ending.how)
  }

  finding(finding: PlacedFinding): void {
    this.note(finding.packet, finding)
  }

  gap(): void {}
  skipped(): void {}
  damage(): void {}

  private note(packet: number, { level, id, message }: Finding): void {
    if (level === 'error') this.errors.push(`${packet} ${id} ${message}`)
  }
}

async function playedBy(): Promise<Said> {
  const core = await Broker.start()
  const bridge = ['connection up', `address 127.0.0.1:${core.port}`, 'topic # both 2', 'restart_timeout 1']
  const port = await freePort()
  const said = new Said()
  const analysis = new Analysis(said, { depth: 'copies', ports: new Set([core.port, port]) })
  // The bridge connects as soon as its broker is there.
  const play = async (): Promise<void> => {
    const edge = await Broker.start('127.0.0.1', [], bridge, port)
    try {
      await new Crowd(core, edge).play()
    } finally {
      edge.stop()
    }
  }
  try {
    analysis.push(await captured(`tcp port ${core.port} or tcp port ${port}`, play))
  } finally {
    core.stop()
  }
  analysis.end()
  return said
}

describe('two brokers, a bridge, and clients that are killed', () => {
  let said: Said | undefined

  beforeAll(async () => {
    if (TOOLS.every(hasTool)) said = await playedBy()
  }, TIME_MS)

  test('all of it happened', () => {
    expect(said?.packets).toBeGreaterThan(500)
    expect(said?.bridges).toBeGreaterThan(0)
    // A killed client ends with FIN, or with RST if it had not read all: the kernel decides.
    expect([...(said?.endings ?? [])].filter(how => how === 'fin' || how === 'rst')).not.toEqual([])
  })

  test('no finding is an error', () => {
    expect(said?.errors).toEqual([])
  })
})
