/** Brokers that misbehave on purpose, and what a grab of them says, each event held against the schema. */
import { setMaxListeners } from 'node:events'
import { readFileSync } from 'node:fs'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { expect } from 'vitest'
import type { Target } from '../../src/capture/sources/target.ts'
import { eventText } from '../../src/grab/event.ts'
import { grab, type Surroundings } from '../../src/grab/grab.ts'
import { DEFAULT_PORT, type GrabSettings, protocolOf } from '../../src/grab/settings.ts'
import { Timeslice } from '../../src/grab/timeslice.ts'

export interface Finding {
  readonly id: string
  readonly level: string
  readonly message: string
  readonly packet: number
  readonly count: number
}

export interface Event {
  readonly origin: Readonly<Record<string, unknown>> & { readonly ts: number }
  readonly target: { readonly ip: string | null; readonly port: number }
  readonly result: {
    readonly data: {
      readonly connected: boolean
      readonly auth: boolean
      readonly messages: readonly Readonly<Record<string, string>>[]
      readonly connack: Readonly<Record<string, unknown>> | null
      readonly num_events: number
      readonly num_topics: number
      readonly bytes_captured: number
      readonly topics: readonly string[]
    }
  }
  readonly host: string
  readonly protocol: string
  readonly version: string
  readonly insecure?: true
  readonly findings: readonly Finding[]
  readonly limit: string | null
  readonly error?: { readonly code: string; readonly message: string; readonly firstBytes?: string }
}

const SCHEMA = new URL('../../src/grab/event.schema.json', import.meta.url)
const ajv = new Ajv2020({ strict: true, strictRequired: false, strictTypes: false, allowUnionTypes: true })
const validate = ajv.compile(JSON.parse(readFileSync(SCHEMA, 'utf8')))

/** Bytes that a terminal may act on: none of them may stand in an event. */
const HARMFUL = /[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\u061c\ufeff]/

const TOP = ['origin', 'target', 'result', 'host', 'protocol', 'version', 'insecure', 'findings', 'limit', 'error']
const ORIGIN = ['type', 'job_id', 'client_id', 'module', 'country', 'ts']
const DATA = ['connected', 'auth', 'messages', 'connack', 'num_events', 'num_topics', 'bytes_captured', 'topics']

/** The event of one line: what the schema says, with the keys in the documented order and nothing harmful in it. */
export function eventOf(line: string): Event {
  expect(line).not.toMatch(HARMFUL)
  const event = JSON.parse(line) as Event
  if (!validate(event)) expect.fail(`${ajv.errorsText(validate.errors)}\n${line.slice(0, 2000)}`)
  const { data } = event.result
  expect(Object.keys(event)).toEqual(TOP.filter(key => key in event))
  expect(Object.keys(event.origin)).toEqual(ORIGIN)
  expect(Object.keys(event.target)).toEqual(['ip', 'port'])
  expect(Object.keys(data)).toEqual(DATA)
  expect(data.num_events).toBe(data.messages.length)
  expect(data.num_topics).toBe(data.topics.length)
  expect(new Set(data.messages.map(({ topic, topicEncoding }) => `${topicEncoding} ${topic}`)).size).toBe(
    data.num_topics,
  )
  return event
}

export const SETTINGS: GrabSettings = {
  version: '3.1.1',
  tls: false,
  insecure: false,
  filters: ['#'],
  durationMs: 400,
  maxMessages: 100,
  maxBytes: 9_000_000,
  jobId: 'client-test',
  originClientId: null,
  country: null,
}

export function surroundings(signal = new AbortController().signal): Surroundings {
  setMaxListeners(0, signal)
  return { timeslice: new Timeslice(), signal }
}

export async function grabOf(
  at: number | Target,
  settings: Partial<GrabSettings> = {},
  around = surroundings(),
): Promise<Event> {
  const all = { ...SETTINGS, ...settings }
  const target = typeof at === 'number' ? { host: '127.0.0.1', port: at } : at
  const grabbed = await grab(target, all, around)
  const event = eventOf([...eventText(grabbed, all)].join(''))
  expect(event.protocol).toBe(protocolOf(all))
  expect(DEFAULT_PORT[protocolOf(all)]).toBeGreaterThan(0)
  return event
}

/** A server on this machine, gone when the test is. */
export class Fake implements AsyncDisposable {
  readonly port: number
  /** Connections so far. */
  connections = 0
  private readonly server: Server
  private readonly sockets = new Set<Socket>()

  private constructor(server: Server) {
    this.server = server
    this.port = (server.address() as AddressInfo).port
  }

  static async start(each: (socket: Socket) => void): Promise<Fake> {
    const server = createServer({ noDelay: true })
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    const fake = new Fake(server)
    server.on('connection', socket => {
      fake.connections++
      fake.sockets.add(socket)
      socket.on('error', () => {}).on('close', () => fake.sockets.delete(socket))
      each(socket)
    })
    return fake
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.sockets) socket.destroy()
    await new Promise(resolve => this.server.close(resolve))
  }
}

/** Says so as soon as something (the CONNECT) has come. What comes is gathered in `heard`. */
export function answering(answer: (socket: Socket) => void, heard: Buffer[] = []): (socket: Socket) => void {
  return socket => {
    socket.on('data', bytes => heard.push(bytes))
    socket.once('data', () => answer(socket))
  }
}

export const saying = (...bytes: readonly Uint8Array[]): ((socket: Socket) => void) =>
  answering(socket => void socket.write(Buffer.concat(bytes)))

export const ids = (event: Event): readonly string[] => event.findings.map(finding => finding.id)

export const wait = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms))

// What brokers say, by hand

export const CONNACK = Uint8Array.of(0x20, 2, 0, 0)
/** MQTT 5, no properties. */
export const CONNACK5 = Uint8Array.of(0x20, 3, 0, 0, 0)
export const SUBACK = Uint8Array.of(0x90, 3, 0, 1, 1)
export const SUBACK5 = Uint8Array.of(0x90, 4, 0, 1, 0, 1)
/** QoS 0, topic `a`, payload `b`. */
export const PUBLISH = Uint8Array.of(0x30, 4, 0, 1, 0x61, 0x62)
export const PUBLISH5 = Uint8Array.of(0x30, 5, 0, 1, 0x61, 0, 0x62)
