/** The commands that report on a whole capture: argv → report → batch. */
import { type Command, Option } from 'commander'
import { batch } from './batch.ts'
import { liveOptions } from './capturing.ts'
import type { ExitCode } from './exit.ts'
import {
  countOption,
  FILE_ARGUMENT,
  filterOf,
  type ReadingFlags,
  showingOptions,
  sourceOf,
  sourceOptions,
  wantsColor,
} from './reading.ts'
import { FindingsReport } from './report/findings.ts'
import { HandshakesReport } from './report/handshakes.ts'
import type { Report, ReportOptions } from './report/report.ts'
import { SessionsReport } from './report/sessions.ts'
import type { Write } from './store/record.ts'

interface Flags extends ReadingFlags {
  format: 'text' | 'ndjson'
  verbose?: boolean
  explain?: boolean
}

interface ReportCommand {
  readonly name: string
  readonly description: string
  readonly examples: readonly (readonly [string, string])[]
  readonly options?: () => readonly Option[]
  readonly make: (options: ReportOptions, write: Write, flags: Flags) => Report
}

const COMMANDS: readonly ReportCommand[] = [
  {
    name: 'handshakes',
    description:
      'every exchange: QoS 1 and 2, SUBSCRIBE, UNSUBSCRIBE, CONNECT, PING and AUTH, with the latency of each step',
    examples: [
      ['mqtt-sniff handshakes capture.pcapng', 'who answered whom, how fast, and who never did'],
      ['mqtt-sniff handshakes -T ndjson capture.pcapng | jq \'select(.state != "complete")\'', 'what was not finished'],
      ['mqtt-sniff handshakes -i lo', 'live; printed when Ctrl-C ends the capture'],
    ],
    make: (options, write) => new HandshakesReport(options, write),
  },
  {
    name: 'sessions',
    description: 'every MQTT connection: who, what was agreed on, what was sent, how it ended and who ended it',
    examples: [
      ['mqtt-sniff sessions capture.pcapng', 'a line each'],
      ['mqtt-sniff sessions -V capture.pcapng', 'a paragraph each: subscriptions, will, limits'],
      ['mqtt-sniff sessions -T ndjson capture.pcapng | jq .end', 'how each ended'],
    ],
    options: () => [new Option('-V, --verbose', 'text: all that is known of each').default(false, 'off')],
    make: (options, write, flags) => new SessionsReport({ ...options, verbose: flags.verbose === true }, write),
  },
  {
    name: 'findings',
    description: 'everything that is remarked on: what breaks the standard and what is worth a look, the gravest first',
    examples: [
      ['mqtt-sniff findings --explain capture.pcapng', 'with what each rule is for'],
      ['mqtt-sniff findings --fail-on error capture.pcapng', 'for tests: exit 1 if the standard is broken'],
      ['mqtt-sniff findings -T ndjson capture.pcapng | jq -r .id | sort | uniq -c', 'how often each'],
    ],
    options: () => [
      new Option('--explain', 'say once what each rule is for').default(false, 'off'),
      new Option('-V, --verbose', 'text: every place, not the first ten of each rule').default(false, 'off'),
    ],
    make: (options, write, { explain, verbose }) =>
      new FindingsReport({ ...options, explain: explain === true, verbose: verbose === true }, write),
  },
]

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
  const format = new Option('-T, --format <format>', 'aligned for people, or a record a line')
    .choices(['text', 'ndjson'])
    .default('text')
  const live = liveOptions().filter(option => !WITHOUT.includes(option.attributeName()))
  const own = [countOption(), format, ...(report.options?.() ?? [])]
  for (const option of [...sourceOptions(), ...own, ...showingOptions(), ...live]) command.addOption(option)
  command.action(async (file: string | undefined, flags: Flags) => end(await run(report, file, flags)))
}

function examples({ examples: lines }: ReportCommand): string {
  const width = Math.max(...lines.map(([line]) => (line.length > 50 ? 0 : line.length)))
  const told = lines.map(([line, meaning]) => `  ${line.padEnd(width)}   ${meaning}\n`)
  return `\nExamples:\n${told.join('')}`
}

async function run(report: ReportCommand, file: string | undefined, flags: Flags): Promise<ExitCode> {
  const { format, redact, count, autostop, quiet, failOn } = flags
  const options = { format, redact, color: wantsColor(flags.color), width: widthOf() }
  return batch({
    ...sourceOf(file, { ...flags, ringBuffer: {} }),
    filter: await filterOf(flags),
    track: true,
    failOn,
    count,
    write: undefined,
    autostop,
    quiet,
    exporter: write => report.make(options, write, flags),
  })
}

/** Of the terminal, or as `COLUMNS` says; undefined where nothing tells. */
function widthOf(): number | undefined {
  if (process.stdout.isTTY) return process.stdout.columns
  const columns = Number(process.env.COLUMNS)
  return Number.isInteger(columns) && columns > 0 ? columns : undefined
}
