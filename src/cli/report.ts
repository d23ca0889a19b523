/** The commands that report on a whole capture: argv → report → batch. */

import { randomInt } from 'node:crypto'
import { isatty } from 'node:tty'
import { type Command, Option } from 'commander'
import { type ExitCode, UsageError } from '../base/exit.ts'
import type { Report, ReportOptions } from '../report/report.ts'
import type { PayloadReader } from '../store/payloads.ts'
import type { Write } from '../store/record.ts'
import { tell } from '../tui/terminal/stderr.ts'
import { batch } from './batch.ts'
import { asksPayloads, decodeFiles, decodingOf } from './decode-options.ts'
import { liveOptions } from './live-options.ts'
import {
  addOptions,
  countOption,
  FILE_ARGUMENT,
  filterOf,
  type ReadingFlags,
  showingOptions,
  sourceOf,
  sourceOptions,
  wantsColor,
} from './options.ts'
import { portsOf } from './port-options.ts'

interface Flags extends ReadingFlags {
  format: 'text' | 'ndjson'
  verbose?: boolean
  explain?: boolean
  outputFormat?: string
  newline?: boolean
  allHops?: boolean
}

interface ReportCommand {
  readonly name: string
  readonly description: string
  readonly examples: readonly (readonly [string, string])[]
  readonly options?: () => readonly Option[]
  /** It counts what it tells itself: `-c` is not a number of packets. */
  readonly counts?: boolean
  /** Absent: sessions, and what becomes of messages where a filter or `--fail-on` asks for it. */
  readonly depth?: 'fanout' | 'copies'
  readonly make: (reports: Reports, options: ReportOptions, outputs: Outputs, flags: Flags) => Report
}

interface Outputs {
  readonly write: Write
  readonly writeBytes: (bytes: Uint8Array) => void
  readonly payloads: PayloadReader | undefined
}

/** The module of the reports, which is loaded when one of them is asked for. */
type Reports = typeof import('../report/reports.ts')

const STDOUT = 1
const LARGEST_SEED = 2 ** 31

const COMMANDS: readonly ReportCommand[] = [
  {
    name: 'handshakes',
    description:
      'every handshake (QoS 1 and 2, SUBSCRIBE, UNSUBSCRIBE, CONNECT, PING, AUTH) with the latency of each step',
    examples: [
      ['mqtt-sniff handshakes capture.pcapng', 'who answered whom, how fast, and who never did'],
      ['mqtt-sniff handshakes -T ndjson capture.pcapng | jq \'select(.state != "complete")\'', 'what was not finished'],
      ['mqtt-sniff handshakes -i lo', 'live; printed when Ctrl-C ends the capture'],
    ],
    make: (reports, options, { write }) => new reports.HandshakesReport(options, write),
  },
  {
    name: 'sessions',
    description: 'every MQTT connection: client, parameters, counts, and how it ended',
    examples: [
      ['mqtt-sniff sessions capture.pcapng', 'a line each'],
      ['mqtt-sniff sessions -V capture.pcapng', 'a paragraph each: subscriptions, will, limits'],
      ['mqtt-sniff sessions -T ndjson capture.pcapng | jq .end', 'how each ended'],
    ],
    options: () => [new Option('-V, --verbose', 'text: print all facts of each connection').default(false, 'off')],
    make: (reports, options, { write }, flags) =>
      new reports.SessionsReport({ ...options, verbose: flags.verbose === true }, write),
  },
  {
    name: 'findings',
    description: 'violations of the specification and other findings, most severe first',
    examples: [
      ['mqtt-sniff findings --explain capture.pcapng', 'with an explanation of each rule'],
      ['mqtt-sniff findings --fail-on error capture.pcapng', 'for tests: exit with 1 if the specification was broken'],
      ['mqtt-sniff findings -T ndjson capture.pcapng | jq -r .id | sort | uniq -c', 'how often each'],
    ],
    options: () => [
      new Option('--explain', 'add an explanation to each rule').default(false, 'off'),
      new Option('-V, --verbose', 'text: list every place, not only the first ten of each rule').default(false, 'off'),
    ],
    depth: 'fanout',
    make: (reports, options, { write }, { explain, verbose }) =>
      new reports.FindingsReport({ ...options, explain: explain === true, verbose: verbose === true }, write),
  },
  {
    name: 'topics',
    description: 'every topic: messages, rate, bytes, QoS, retained messages, publishers, subscribers',
    examples: [
      ['mqtt-sniff topics capture.pcapng', 'the most used first'],
      [`mqtt-sniff topics -Y 'mqtt.topic like "site/+/#"' capture.pcapng`, 'some of them'],
      [
        "mqtt-sniff topics -T ndjson capture.pcapng | jq -r 'select(.subscribers == 0).topic'",
        'topics without subscribers',
      ],
    ],
    make: (reports, options, { write }) =>
      new reports.TopicsReport({ ...options, seed: randomInt(LARGEST_SEED) }, write),
  },
  {
    name: 'stats',
    description: 'statistics: packet types, rates, sizes, latencies, overhead, busiest topics and clients, losses',
    examples: [
      ['mqtt-sniff stats capture.pcapng', ''],
      ["mqtt-sniff stats -Y 'mqtt.version == 5' capture.pcapng", 'of one version'],
      ['mqtt-sniff stats -T ndjson capture.pcapng | jq .latencies', 'percentiles by kind of exchange'],
    ],
    make: (reports, options, { write }, flags) =>
      new reports.StatsReport({ ...options, seed: randomInt(LARGEST_SEED), ...portsOf(flags) }, write),
  },
  {
    name: 'messages',
    description: 'application messages as mosquitto_sub prints them, each once, without connecting to the broker',
    examples: [
      ['mqtt-sniff messages capture.pcapng', 'topic and payload'],
      [`mqtt-sniff messages -i eth0 -Y 'mqtt.topic like "logging/#"'`, 'live, some topics'],
      ["mqtt-sniff messages -F '%I %t %q %x' capture.pcapng", "mosquitto_sub's format strings"],
    ],
    options: () => [
      new Option(
        '-F, --output-format <format>',
        'text: format string of mosquitto_sub: %t topic, %p payload, %j JSON, @H:@M time, …',
      ),
      new Option('-v, --topics', 'text: print topic and payload (the default)'),
      new Option('-N, --no-newline', 'text: print no newline after a message'),
      new Option('--all-hops', 'print every PUBLISH of a message: to the broker and to each subscriber').default(
        false,
        'off',
      ),
    ],
    counts: true,
    make: makeMessages,
  },
  {
    name: 'fanout',
    description: 'who received each message, how fast, and who did not',
    examples: [
      ['mqtt-sniff fanout capture.pcapng', 'a line a message'],
      ['mqtt-sniff fanout -V capture.pcapng', 'a line a copy, with the latency of the broker'],
      ["mqtt-sniff fanout -T ndjson capture.pcapng | jq 'select(.missing != [])'", 'what did not arrive'],
    ],
    options: () => [new Option('-V, --verbose', 'text: a line for each copy').default(false, 'off')],
    depth: 'copies',
    make: (reports, options, { write }, { verbose }) =>
      new reports.FanOutReport({ ...options, verbose: verbose === true }, write),
  },
  {
    name: 'sparkplug',
    description: 'Sparkplug B: edge nodes, devices, metrics, lost messages, and which rules of the test kit were kept',
    examples: [
      ['mqtt-sniff sparkplug capture.pcapng', 'nodes and devices, and what failed'],
      ['mqtt-sniff sparkplug -V capture.pcapng', 'with metrics, their last values, and every id of the test kit'],
      ['mqtt-sniff sparkplug -T ndjson capture.pcapng | jq \'select(.result == "failed").id\'', 'for tests'],
    ],
    options: () => [
      new Option('-V, --verbose', 'text: print metrics and every id of the test kit').default(false, 'off'),
    ],
    make: (reports, options, { write }, { verbose }) =>
      new reports.SparkplugReport({ ...options, verbose: verbose === true }, write),
  },
]

/** Bytes go to a terminal only after they were made harmless. */
function makeMessages(
  { MessagesReport }: Reports,
  { format, redact }: ReportOptions,
  { write, writeBytes, payloads }: Outputs,
  flags: Flags,
): Report {
  return new MessagesReport(
    {
      format,
      redact,
      layout: flags.outputFormat,
      terminal: isatty(STDOUT),
      joined: flags.newline === false,
      allHops: flags.allHops === true,
      most: flags.count,
      seed: randomInt(LARGEST_SEED),
      writeBytes,
      payloads,
      tell,
    },
    write,
  )
}

/** Not all options of a live capture have a meaning where nothing is saved. */
const WITHOUT = ['ringBuffer', 'listInterfaces']

/** `end` hears of the exit code. */
export function addReports(program: Command, end: (code: ExitCode) => void): void {
  for (const report of COMMANDS) addReport(program, report, end)
}

function addReport(program: Command, report: ReportCommand, end: (code: ExitCode) => void): void {
  const command = program
    .command(report.name)
    .description(report.description)
    .argument(...FILE_ARGUMENT)
    .addHelpText('after', examples(report))
  const format = new Option('-T, --format <format>', 'text: aligned columns; ndjson: one record a line')
    .choices(['text', 'ndjson'])
    .default('text')
  const live = liveOptions().filter(option => !WITHOUT.includes(option.attributeName()))
  const own = [countOption(), format, ...(report.options?.() ?? [])]
  addOptions(command, 'Input:', sourceOptions())
  addOptions(command, 'Output:', [...own, ...showingOptions()])
  addOptions(command, 'Live capture:', live)
  command.action(async (files: string[], flags: Flags) => {
    refuseBefore(program, report.name)
    end(await run(report, files, flags))
  })
}

/** What stands before the command is an option of reading packets, and would do nothing here. */
function refuseBefore(program: Command, name: string): void {
  const given = program.options.find(option => program.getOptionValueSource(option.attributeName()) === 'cli')
  if (given === undefined) return
  throw new UsageError(`${given.short ?? given.long} before ${name}: put options after the command`)
}

function examples({ examples: lines }: ReportCommand): string {
  const width = Math.max(...lines.map(([line]) => (line.length > 50 ? 0 : line.length)))
  const told = lines.map(([line, meaning]) => `  ${line.padEnd(width)}   ${meaning}`.trimEnd())
  return `\nExamples:\n${told.join('\n')}`
}

async function run(report: ReportCommand, files: readonly string[], flags: Flags): Promise<ExitCode> {
  const { format, redact, count, autostop, quiet, failOn } = flags
  const reports = await import('../report/reports.ts')
  if (flags.outputFormat !== undefined) checkFormat(reports, flags.outputFormat, format)
  const options = { format, redact, color: wantsColor(flags.color), width: widthOf() }
  const isOwn = asksPayloads(flags.filter)
  const decoding = decodingOf(flags, isOwn, await decodeFiles(flags, isOwn))
  const filter = await filterOf(flags, decoding)
  return batch({
    ...sourceOf(files, { ...flags, ringBuffer: {} }),
    filter,
    depth: report.depth ?? (failOn !== undefined || filter?.ofFanOut === true ? 'fanout' : 'sessions'),
    failOn,
    count: report.counts === true ? Number.POSITIVE_INFINITY : count,
    write: undefined,
    autostop,
    quiet,
    exporter: (write, writeBytes) =>
      report.make(reports, options, { write, writeBytes, payloads: decoding.output }, flags),
  })
}

/** At once, so that a wrong one is told before anything is read. */
function checkFormat({ FormatError, parseFormat }: Reports, text: string, format: Flags['format']): void {
  if (format !== 'text') throw new UsageError('-F needs -T text')
  try {
    parseFormat(text, { redact: false, clean: word => word })
  } catch (cause) {
    if (!(cause instanceof FormatError)) throw cause
    throw new UsageError(`-F: ${cause.message}\n  ${text}\n  ${' '.repeat(cause.at)}^`)
  }
}

/** Of the terminal, or as `COLUMNS` says; undefined where nothing tells. */
function widthOf(): number | undefined {
  if (process.stdout.isTTY) return process.stdout.columns
  const columns = Number(process.env.COLUMNS)
  return Number.isInteger(columns) && columns > 0 ? columns : undefined
}
