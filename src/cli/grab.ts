/** The command line of `grab`: argv → settings. */

import { randomUUID } from 'node:crypto'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { type ExitCode, UsageError } from '../base/exit.ts'
import { readReason } from '../base/system-reason.ts'
import { readSmallFile } from '../capture/sources/small-file.ts'
import { parseTarget, type Target, TargetError } from '../capture/sources/target.ts'
import {
  DEFAULT_PORT,
  DURATION_MS,
  type GrabSettings,
  MAX_BYTES,
  MAX_MESSAGES,
  type ProtocolVersion,
  protocolOf,
} from '../grab/settings.ts'
import { filterFault } from '../mqtt/topic.ts'
import { hasScreen, type ScreenFlags, screenOptions } from '../tui/run/options.ts'
import { tell } from '../tui/terminal/stderr.ts'
import { addOptions } from './options.ts'

interface Options extends ScreenFlags {
  tls: boolean
  ca?: string
  insecure: boolean
  ws?: string
  username?: string
  password?: string
  passwordFile?: string
  mqttVersion: ProtocolVersion
  topic: readonly string[]
  clientId?: string
  duration: number
  maxMessages: number
  maxBytes: number
  jobId?: string
  originClientId?: string
  country?: string
  targets?: string
  concurrency: number
  pretty: boolean
  pcap?: string
  tui: boolean
}

const HELP = `
Connect only to brokers that you are allowed to test. It sends CONNECT, SUBSCRIBE, acknowledgements, PINGREQ and
DISCONNECT; it never publishes, follows no redirect and accepts single hosts only.

Examples:
  mqtt-sniff grab localhost                                    the first 100 messages of 30 seconds, as one line of JSON
  mqtt-sniff grab --tls --ca ca.pem -u me --password-file secret broker.example -t 'home/#' --pretty
  mqtt-sniff grab --targets hosts.txt --concurrency 64 --pcap grab.pcapng | jq -c '[.host, .result.data.num_events]'
  mqtt-sniff grab --tui localhost -t '$SYS/#' --duration 300   in the screens instead; q ends it

Exit codes: 0 an event was printed for every target (or the screens were shown), 2 wrong usage, 3 the targets could not
be read, 5 an output file could not be written, 130 stopped by Ctrl-C (targets in progress are printed as they are).`

/** `end` hears of the exit code. */
export function addGrab(program: Command, end: (code: ExitCode) => void): void {
  const command = program
    .command('grab')
    .description('connect to brokers, listen within limits, and print one JSON event for each')
    .argument('[target...]', 'host[:port]; an IPv6 address with a port as [::1]:1883')
    .addHelpText('after', HELP)
  addOptions(command, 'Connection:', connectionOptions())
  addOptions(command, 'Limits:', limitOptions())
  addOptions(command, 'Targets and output:', outputOptions())
  addOptions(command, 'Screens:', screenOptions())
  command.action(async (targets: string[], options: Options) => end(await start(targets, options)))
}

const connectionOptions = (): readonly Option[] => [
  new Option('--tls', 'TLS, on port 8883 unless another is named').default(false, 'off'),
  new Option('--ca <file>', "with --tls: trust these authorities (PEM) instead of the system's"),
  new Option('--insecure', 'with --tls: trust any certificate; the event says so').default(false, 'off'),
  new Option('--ws <path>', 'MQTT in a WebSocket of this path, such as /mqtt; port 80, with --tls 443'),
  new Option('-V, --mqtt-version <version>', 'the version to speak').choices(['3.1', '3.1.1', '5']).default('3.1.1'),
  new Option('-t, --topic <filter>', 'subscribe to this; may be repeated').argParser(collect).default([], '#'),
  new Option('-u, --username <name>', 'the user name'),
  new Option(
    '-P, --password <text>',
    'the password; everyone on the machine can see it: use --password-file or MQTT_PASSWORD instead',
  ),
  new Option('--password-file <file>', 'read the password from this file'),
  new Option('--client-id <id>', 'the client id; a random one for each target unless given'),
]

const limitOptions = (): readonly Option[] => [
  new Option('--duration <seconds>', 'stop this long after the start').argParser(seconds).default(DURATION_MS, '30'),
  new Option('--max-messages <n>', 'stop after this many messages').argParser(count).default(MAX_MESSAGES),
  new Option('--max-bytes <n>', 'stop after this many received bytes').argParser(bytes).default(MAX_BYTES),
]

const outputOptions = (): readonly Option[] => [
  new Option('--targets <file>', 'more targets, one a line, # for comments; - for stdin'),
  new Option('--concurrency <n>', 'targets at the same time').argParser(lanes).default(64),
  new Option('--pretty', 'indented over many lines, for people').default(false, 'off'),
  new Option('--pcap <file>', 'save the traffic as pcapng, with the content of TLS and WebSocket in clear text'),
  new Option('--job-id <text>', 'job_id of the events').default(undefined, 'client- and a random UUID'),
  new Option('--origin-client-id <text>', 'client_id of the events').default(undefined, 'null'),
  new Option('--country <text>', 'country of the events').default(undefined, 'null'),
  new Option('--tui', 'watch it in the screens, which stay open at the end; print no event').default(false, 'off'),
]

const collect = (value: string, before: readonly string[]): readonly string[] => [...before, value]

/** A timer holds no more: 24 days. */
const MOST_SECONDS = 2_000_000
/** What one broker may fill: this much is held of each that is under way. */
const MOST_BYTES = 1_000_000_000
/** Each takes a file handle. */
const MOST_LANES = 1000

function seconds(text: string): number {
  const number = /^\d+(\.\d+)?$/.test(text) ? Number(text) : 0
  if (number <= 0 || number > MOST_SECONDS) throw new InvalidArgumentError('not a number of seconds')
  return number * 1000
}

const count = (text: string): number => whole(text, Number.MAX_SAFE_INTEGER)
const bytes = (text: string): number => whole(text, MOST_BYTES)
const lanes = (text: string): number => whole(text, MOST_LANES)

function whole(text: string, most: number): number {
  const number = /^[1-9]\d*$/.test(text) ? Number(text) : 0
  if (number < 1 || number > most) throw new InvalidArgumentError(`not a whole number from 1 to ${most}`)
  return number
}

async function start(names: readonly string[], options: Options): Promise<ExitCode> {
  if (options.tui && !hasScreen()) throw new UsageError('--tui needs a terminal')
  if (options.tui && options.pretty)
    throw new UsageError('--pretty and --tui cannot be combined: --tui prints no events')
  if (names.length === 0 && options.targets === undefined)
    throw new UsageError('nothing to grab: give a target, or --targets FILE')
  const settings = await settingsOf(options)
  const defaultPort = DEFAULT_PORT[protocolOf(settings)]
  const run = {
    settings,
    targets: names.map(name => target(name, defaultPort)),
    ...(options.targets === undefined ? {} : { file: options.targets }),
    defaultPort,
    concurrency: options.concurrency,
    pretty: options.pretty,
    ...(options.pcap === undefined ? {} : { pcap: options.pcap }),
  }
  // Loaded on use: no other command needs TLS or WebSockets.
  if (options.tui) return (await import('./grab-screens.ts')).grabOnScreens(run, options)
  return (await import('./grab-run.ts')).grabAll(run)
}

function target(name: string, defaultPort: number): Target {
  try {
    return parseTarget(name, defaultPort)
  } catch (cause) {
    if (cause instanceof TargetError) throw new UsageError(cause.message)
    throw cause
  }
}

async function settingsOf(options: Options): Promise<GrabSettings> {
  const { tls, insecure, ws, username, clientId } = options
  if (!tls && (insecure || options.ca !== undefined)) throw new UsageError('--ca and --insecure need --tls')
  if (ws !== undefined && !/^\/[\x21-\x7e]*$/.test(ws))
    throw new UsageError('--ws: a path begins with / and has no blanks')
  const password = passwordOf(options)
  if (password !== undefined && username === undefined && options.mqttVersion !== '5')
    throw new UsageError('a password needs a user name (-u) before MQTT 5 [MQTT-3.1.2-22]')
  return {
    version: options.mqttVersion,
    tls,
    insecure,
    ...(options.ca === undefined ? {} : { ca: await authorities(options.ca) }),
    ...(ws === undefined ? {} : { wsPath: ws }),
    ...(username === undefined ? {} : { username: short('-u', username) }),
    ...(password === undefined ? {} : { password }),
    ...(clientId === undefined ? {} : { clientId: short('--client-id', clientId) }),
    filters: filtersOf(options.topic),
    durationMs: options.duration,
    maxMessages: options.maxMessages,
    maxBytes: options.maxBytes,
    jobId: options.jobId ?? `client-${randomUUID()}`,
    originClientId: options.originClientId ?? null,
    country: options.country ?? null,
  }
}

/** Texts and binaries of a packet have a length of two bytes: MQTT 5 §1.5.4, §1.5.6. */
const LONGEST = 65_535

function short(option: string, text: string): string {
  if (Buffer.byteLength(text) > LONGEST) throw new UsageError(`${option}: more than ${LONGEST} bytes`)
  if (text.includes('\0')) throw new UsageError(`${option}: contains U+0000 [MQTT-1.5.3-2]`)
  return text
}

/** A SUBSCRIBE with so many filters is far from what any broker allows. */
const MOST_FILTERS = 1000

function filtersOf(topics: readonly string[]): readonly string[] {
  if (topics.length > MOST_FILTERS) throw new UsageError(`-t: more than ${MOST_FILTERS} filters`)
  for (const topic of topics) {
    const filter = Buffer.from(short('-t', topic))
    if (filter.length === 0) throw new UsageError('-t: a filter has at least one character [MQTT-4.7.3-1]')
    if (filterFault(filter, 0, filter.length) !== 0)
      throw new UsageError(`-t ${topic}: + fills a level, # the last one [MQTT-4.7.1-2] [MQTT-4.7.1-3]`)
  }
  return topics.length === 0 ? ['#'] : topics
}

function passwordOf(options: Options): Uint8Array | undefined {
  const { password, passwordFile, username } = options
  if (password !== undefined && passwordFile !== undefined)
    throw new UsageError('-P and --password-file cannot be combined')
  const bytes = password === undefined ? secretOf(passwordFile, username) : Buffer.from(password)
  if (password !== undefined) {
    tell('warning: everyone on this machine can see a password given with -P; use --password-file or MQTT_PASSWORD')
  }
  if (bytes !== undefined && bytes.length > LONGEST) throw new UsageError(`the password has more than ${LONGEST} bytes`)
  return bytes
}

/** The variable counts only with a user name, for it may stand there for other programs. */
function secretOf(file: string | undefined, username: string | undefined): Uint8Array | undefined {
  if (file !== undefined)
    return Buffer.from(
      contents('--password-file', file)
        .toString('latin1')
        .replace(/\r?\n$/, ''),
      'latin1',
    )
  const { MQTT_PASSWORD } = process.env
  return username === undefined || MQTT_PASSWORD === undefined ? undefined : Buffer.from(MQTT_PASSWORD)
}

/** Bytes of a file of certificates; those that come with browsers and systems have some 200 kB. */
const MOST_CERTIFICATE_BYTES = 4 * 1024 * 1024

async function authorities(file: string): Promise<string> {
  const ca = contents('--ca', file, MOST_CERTIFICATE_BYTES).toString('latin1')
  const { createSecureContext } = await import('node:tls')
  try {
    if (!ca.includes('-----BEGIN CERTIFICATE-----')) throw new Error('there is no certificate in PEM')
    createSecureContext({ ca })
  } catch (cause) {
    throw new UsageError(`--ca ${file}: ${(cause as Error).message}`)
  }
  return ca
}

function contents(option: string, file: string, most?: number): Buffer {
  try {
    return readSmallFile(file, most)
  } catch (cause) {
    throw new UsageError(`cannot read ${option} ${file}: ${readReason(cause)}`)
  }
}
