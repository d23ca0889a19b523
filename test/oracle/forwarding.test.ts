/**
 * What a real broker hands on, held against the rules about it: mosquitto with clients of 3.1.1 and 5.0 that subscribe (with
 * overlaps, groups, Retain As Published, No Local, identifiers), publish (retained ones, with properties, equal ones in
 * bursts), leave, and come back to what was kept for them. A broker that keeps the standard is not to be told otherwise.
 */

import mqtt, { type IClientOptions, type MqttClient } from 'mqtt'
import { beforeAll, describe, expect } from 'vitest'
import { ReportAnalysis } from '../../src/analysis/report-analysis.ts'
import type { Frame } from '../../src/base/line.ts'
import { Slot } from '../../src/mqtt/fields.ts'
import { FanOutReport } from '../../src/report/fanouts.ts'
import type { Report } from '../../src/report/report.ts'
import type { Message } from '../../src/session/fanout/message.ts'
import type { Tracker } from '../../src/session/tracker.ts'
import type { Finding, PacketRecord, PlacedFinding } from '../../src/store/record.ts'
import { Broker } from '../support/broker.ts'
import { effort } from '../support/effort.ts'
import { Random } from '../support/random.ts'
import { recordsIn } from '../support/story.ts'
import { captured } from '../support/tcpdump.ts'
import { hasTool, needs } from '../support/tools.ts'

const TOOLS = ['mosquitto', 'tcpdump', 'root']
const test = needs(...TOOLS)

const SEEDS = effort([1], [1, 2, 3])
const CLIENTS = 8
const STEPS = 250
/** An answer on loopback takes a millisecond; acknowledgements that are delayed take 40. */
const SETTLE_MS = 300
const TIME_MS = 120_000

const pause = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms))

const TOPICS = ['a', 'a/b', 'a/b/c', 'd/e', 'd/f', '\ufeffa/b']
const FILTERS = ['#', 'a/#', 'a/+', '+/e', 'd/e', 'd/f', 'a/b/c', '$share/g/d/+', '$share/h/a/b']

class Crowd {
  private readonly clients: (MqttClient | undefined)[] = new Array(CLIENTS).fill(undefined)
  private readonly random: Random
  private readonly port: number
  private published = 0

  constructor(port: number, seed: number) {
    this.port = port
    this.random = new Random(seed)
  }

  async play(): Promise<void> {
    for (let step = 0; step < STEPS; step++) await this.step()
    await pause(SETTLE_MS)
    for (const client of this.clients) await client?.endAsync()
  }

  private async step(): Promise<void> {
    const { random } = this
    const place = random.below(CLIENTS)
    const client = this.clients[place]
    if (client === undefined) this.clients[place] = await this.join(place)
    else if (random.chance(0.04)) await this.leave(place, client)
    else if (random.chance(0.15)) await this.subscribe(place, client)
    else if (random.chance(0.05)) await client.unsubscribeAsync(random.pick(FILTERS))
    else for (let count = random.chance(0.1) ? 5 : 1; count > 0; count--) await this.publish(place, client)
    if (random.chance(0.05)) await pause(random.below(30))
  }

  private version(place: number): 4 | 5 {
    return place % 2 === 0 ? 5 : 4
  }

  private async join(place: number): Promise<MqttClient> {
    const clean = place < 4
    const options: IClientOptions = {
      clientId: `c${place}`,
      protocolVersion: this.version(place),
      clean,
      reconnectPeriod: 0,
      keepalive: 60,
      ...(this.version(place) === 5 && !clean ? { properties: { sessionExpiryInterval: 3600 } } : {}),
    }
    return mqtt.connectAsync(`mqtt://127.0.0.1:${this.port}`, options)
  }

  private async leave(place: number, client: MqttClient): Promise<void> {
    this.clients[place] = undefined
    if (this.random.chance(0.5)) return client.endAsync()
    client.stream.destroy()
    await client.endAsync(true)
  }

  private async subscribe(place: number, client: MqttClient): Promise<void> {
    const { random } = this
    const filter = random.pick(FILTERS)
    const qos = random.below(3) as 0 | 1 | 2
    if (this.version(place) === 4) return void (await client.subscribeAsync(filter, { qos }))
    // 2.0.11 keeps these two of the first subscription to a filter, against [MQTT-3.8.4-3].
    const [rap, nl] = [(place + filter.length) % 4 < 2, (place + filter.length) % 8 === 0]
    await client.subscribeAsync(filter, {
      qos,
      rap,
      rh: random.below(3),
      nl: nl && !filter.startsWith('$share'),
      ...(random.chance(0.5) ? { properties: { subscriptionIdentifier: 1 + place } } : {}),
    })
  }

  /** Most messages are like no other; some come again and again. */
  private async publish(place: number, client: MqttClient): Promise<void> {
    const { random } = this
    const payload = random.chance(0.15) ? 'alive' : random.chance(0.05) ? '' : `message ${++this.published}`
    const properties = {
      ...(random.chance(0.5) ? { contentType: 'text/plain' } : {}),
      ...(random.chance(0.5) ? { responseTopic: 're/ply' } : {}),
      ...(random.chance(0.5) ? { correlationData: Buffer.from([1, 0, this.published & 255]) } : {}),
      ...(random.chance(0.5) ? { payloadFormatIndicator: true } : {}),
      ...(random.chance(0.5) ? { messageExpiryInterval: 100 } : {}),
      ...(random.chance(0.5) ? { userProperties: { one: ['1', '2'], two: 'x' } } : {}),
    }
    await client.publishAsync(random.pick(TOPICS), payload, {
      qos: random.below(3) as 0 | 1 | 2,
      retain: random.chance(0.25),
      ...(this.version(place) === 5 ? { properties } : {}),
    })
  }
}

/** What crossed the loopback meanwhile. */
async function recorded(seed: number): Promise<{ readonly port: number; readonly capture: Uint8Array }> {
  const broker = await Broker.start()
  try {
    const capture = await captured(`tcp port ${broker.port}`, async () => {
      await new Crowd(broker.port, seed).play()
      await pause(SETTLE_MS)
    })
    return { port: broker.port, capture }
  } finally {
    broker.stop()
  }
}

interface Heard {
  readonly packets: number
  readonly tied: number
  readonly strangers: readonly number[]
  readonly fromBroker: readonly string[]
  readonly rows: readonly Row[]
}

interface Row {
  readonly packet: number
  readonly missing: readonly unknown[]
}

const decoder = new TextDecoder()

/** Of equal messages at several QoS within a moment nobody can tell which copy is of which. */
function isLikeOthers({ packet, raw }: PacketRecord): boolean {
  const payload = decoder.decode(raw.bytes.subarray(packet.start(Slot.payload), packet.end(Slot.payload)))
  return !payload.startsWith('message')
}

/** Hears what the report hears. */
class Told implements Report {
  packets = 0
  tied = 0
  /** Messages of the broker that were tied to nothing, though every client is in the capture. */
  readonly strangers: number[] = []
  readonly fromBroker: string[] = []
  private readonly report: FanOutReport

  constructor(report: FanOutReport) {
    this.report = report
  }

  follow(tracker: Tracker): void {
    this.report.follow(tracker)
  }

  begin(first: Frame): void {
    this.report.begin(first)
  }

  packet(record: PacketRecord): void {
    this.report.packet(record)
    this.packets++
    const byBroker = record.stream.senderOf(record.side) === 'server'
    if (record.fanOut?.role === 'copy') this.tied++
    if (byBroker && record.fanOut?.role === 'fresh' && !isLikeOthers(record)) this.strangers.push(record.number)
    if (byBroker) for (const finding of record.ruleFindings) this.note(record.number, finding)
  }

  message(message: Message): void {
    this.report.message(message)
  }

  finding(finding: PlacedFinding): void {
    if (finding.level === 'error') this.note(finding.packet, finding)
  }

  gap(): void {}
  skipped(): void {}
  damage(): void {}

  finish(): void {
    this.report.finish()
  }

  private note(number: number, { level, id, message }: Finding): void {
    if (level !== 'note') this.fromBroker.push(`${number} ${level} ${id} ${message}`)
  }
}

function heard(capture: Uint8Array, port: number): Heard {
  let text = ''
  const options = { format: 'ndjson', color: false, width: undefined, redact: false, verbose: false } as const
  const report = new Told(
    new FanOutReport(options, more => {
      text += more
    }),
  )
  const analysis = new ReportAnalysis(report, {
    depth: 'copies',
    count: Number.POSITIVE_INFINITY,
    ports: new Set([port]),
  })
  analysis.push(capture)
  analysis.finish(analysis.end())
  const { packets, tied, strangers, fromBroker } = report
  return { packets, tied, strangers, fromBroker, rows: recordsIn(text) as unknown as readonly Row[] }
}

describe.each(SEEDS)('what mosquitto hands on, crowd %i', seed => {
  let all: Heard | undefined

  beforeAll(async () => {
    if (!TOOLS.every(hasTool)) return
    const { port, capture } = await recorded(seed)
    all = heard(capture, port)
  }, TIME_MS)

  test('it is a crowd', () => {
    expect(all?.packets).toBeGreaterThan(500)
    expect(all?.tied).toBeGreaterThan(200)
  })

  test('breaks no rule', () => {
    expect(all?.fromBroker).toEqual([])
  })

  test('is tied to what was published', () => {
    expect(all?.strangers).toEqual([])
  })

  test('misses nobody', () => {
    expect(all?.rows.filter(({ missing }) => missing.length > 0)).toEqual([])
  })
})
