/** What mosquitto_sub printed, against what `messages` prints of the same traffic, captured on loopback. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect } from 'vitest'
import { Pipeline } from '../../src/analysis/pipeline.ts'
import { Gate } from '../../src/report/gate.ts'
import { MessagesReport } from '../../src/report/messages.ts'
import { type Checks, Tracker } from '../../src/session/tracker.ts'
import { hasTool, needs } from '../support/tools.ts'
import { concat } from '../support/wire.ts'

const TOOLS = ['mosquitto', 'mosquitto_sub', 'mosquitto_pub', 'tcpdump', 'root']
const NO_CHECKS: Checks = { packet() {}, exchange() {}, ended() {} }
const LOOK_EVERY_MS = 50

const pause = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms))

const freePort = (): Promise<number> =>
  new Promise(resolve => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })

/** The formats compared; each subscriber has one. Times differ: the tool has its own clock. */
const SUBSCRIBERS: readonly (readonly [client: string, args: readonly string[], layout: string | undefined])[] = [
  ['verbose', ['-V', 'mqttv311', '-v'], undefined],
  ['basic', ['-V', 'mqttv311', '-F', '%t|%p|%l|%q|%r|%x|%X|%%'], '%t|%p|%l|%q|%r|%x|%X|%%'],
  ['padded', ['-V', 'mqttv311', '-F', '%20t|%-20t|%.3t|%010l|%-6l|%4m|%04m'], '%20t|%-20t|%.3t|%010l|%-6l|%4m|%04m'],
  [
    'five',
    ['-V', 'mqttv5', '-D', 'subscribe', 'subscription-identifier', '17', '-F', '%A|%C|%D|%E|%F|%R|%S|%P|%m'],
    '%A|%C|%D|%E|%F|%R|%S|%P|%m',
  ],
  [
    'wide',
    ['-V', 'mqttv5', '-F', '%4A|%12C|%05E|%-5E|%3F|%10R|%-10.3R|%5S|'],
    '%4A|%12C|%05E|%-5E|%3F|%10R|%-10.3R|%5S|',
  ],
  ['json', ['-V', 'mqttv5', '-F', '%j'], '%j'],
  ['escapes', ['-V', 'mqttv5', '-F', '%t\\t%p\\e\\a\\v\\\\@@%%'], '%t\\t%p\\e\\a\\v\\\\@@%%'],
]

const PUBLISHED: readonly (readonly string[])[] = [
  ['-t', 'house/hall', '-m', 'on', '-q', '1'],
  ['-t', 'house/hall', '-m', 'on', '-q', '1'],
  ['-t', 'house/münchen', '-m', 'grün "quoted" \\ ok', '-q', '2'],
  ['-t', 'house/empty', '-n'],
  ['-t', 'house/kept', '-m', '{"a": [1, 2, {"b": null}]}', '-q', '2', '-r'],
  ['-t', 'house/long', '-m', 'x'.repeat(300)],
  [
    ...['-V', 'mqttv5', '-t', 'house/five', '-m', 'all of it', '-q', '1'],
    ...['-D', 'publish', 'content-type', 'text/plain', '-D', 'publish', 'message-expiry-interval', '900'],
    ...['-D', 'publish', 'payload-format-indicator', '1', '-D', 'publish', 'response-topic', 're/ply'],
    ...['-D', 'publish', 'correlation-data', 'c0rr', '-D', 'publish', 'user-property', 'k1', 'v1'],
    ...['-D', 'publish', 'user-property', 'k2', 'v 2'],
  ],
]

const home = mkdtempSync(join(tmpdir(), 'messages-'))
const children: ChildProcess[] = []
let port = 0
let capture = new Uint8Array(0) as Uint8Array
const printed = new Map<string, string>()

const run = (program: string, ...args: readonly string[]): ChildProcess => {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  children.push(child)
  return child
}

const ended = (child: ChildProcess): Promise<unknown> => new Promise(resolve => child.once('close', resolve))

async function until(isTrue: () => boolean): Promise<void> {
  for (let tries = 0; !isTrue(); tries++) {
    if (tries > 400) throw new Error('never happened')
    await pause(LOOK_EVERY_MS)
  }
}

function subscribe(client: string, args: readonly string[]): Promise<unknown> {
  const all = ['-p', `${port}`, '-i', client, '-t', 'house/#', '-q', '2', '-C', `${PUBLISHED.length}`, ...args]
  const child = run('mosquitto_sub', ...all)
  child.stdout
    ?.setEncoding('utf8')
    .on('data', (text: string) => printed.set(client, (printed.get(client) ?? '') + text))
  return ended(child)
}

async function record(): Promise<void> {
  port = await freePort()
  const file = join(home, 'all.pcap')
  const tcpdump = run(
    'tcpdump',
    '-i',
    'lo',
    '-s',
    '8192',
    '-B',
    '16384',
    '-U',
    '--immediate-mode',
    '-w',
    file,
    `tcp port ${port}`,
  )
  let said = ''
  tcpdump.stderr?.on('data', chunk => {
    said += chunk
  })
  await until(() => said.includes('listening'))
  const broker = run('mosquitto', '-v', '-p', `${port}`)
  let log = ''
  for (const stream of [broker.stdout, broker.stderr]) stream?.on('data', chunk => (log += chunk))
  await until(() => log.includes('running'))
  const subscribers = SUBSCRIBERS.map(([client, args]) => subscribe(client, args))
  await until(() => (log.match(/Sending SUBACK/g) ?? []).length === SUBSCRIBERS.length)
  for (const args of PUBLISHED) execFileSync('mosquitto_pub', ['-p', `${port}`, '-i', 'publisher', ...args])
  await Promise.all(subscribers)
  broker.kill()
  await ended(broker)
  // The last frames may still be in the kernel's buffer.
  await pause(500)
  tcpdump.kill('SIGINT')
  await ended(tcpdump)
  capture = new Uint8Array(readFileSync(file))
}

/** What `messages` prints of the packets of one client, or of all. */
function told(layout: string | undefined, client?: string): string {
  const parts: Uint8Array[] = []
  const write = (text: string): void => void parts.push(new TextEncoder().encode(text))
  const report = new MessagesReport(
    {
      format: 'text',
      layout,
      terminal: false,
      joined: false,
      allHops: false,
      redact: false,
      most: Number.POSITIVE_INFINITY,
      seed: 3,
      writeBytes: bytes => void parts.push(bytes.slice()),
      tell: () => {},
    },
    write,
  )
  const matches =
    client === undefined
      ? undefined
      : (packet: { stream: { clientId: string | undefined } }) => packet.stream.clientId === client
  const tracker = new Tracker(new Gate(report, { matches, most: Number.POSITIVE_INFINITY }), NO_CHECKS)
  report.follow(tracker)
  const pipeline = new Pipeline(tracker, { ports: new Set([port]) })
  pipeline.push(capture)
  pipeline.end()
  return new TextDecoder().decode(concat(...parts))
}

/** At QoS 2 the tool prints when the last step has come, we when the first has. */
const sorted = (text = ''): readonly string[] => text.split('\n').sort()

describe('messages and mosquitto_sub', () => {
  beforeAll(async () => {
    if (TOOLS.every(hasTool)) await record()
  })

  afterAll(() => {
    for (const child of children) if (child.exitCode === null) child.kill('SIGKILL')
    rmSync(home, { recursive: true, force: true })
  })

  needs(...TOOLS)('the same lines, though every message crossed the wire eight times', () => {
    expect(printed.get('verbose')).toBeDefined()
    expect(sorted(told(undefined))).toEqual(sorted(printed.get('verbose')))
  })

  for (const [client, , layout] of SUBSCRIBERS) {
    needs(...TOOLS)(`-F as ${client} asked for it`, () => {
      // Their tool fills up by bytes, not by characters.
      const ascii = (text = ''): string => (client === 'padded' ? text.replace(/^.*münchen.*\n/gm, '') : text)
      // Their tool writes its own time, and a Z before the zone, against its manual.
      const timeless = (text = ''): string => text.replace(/"tst":"[^"]*"/g, '"tst":""')
      expect(sorted(ascii(timeless(told(layout, client))))).toEqual(sorted(ascii(timeless(printed.get(client)))))
    })
  }
})
