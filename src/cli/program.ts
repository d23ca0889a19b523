/** argv → options → what is asked for. Habits of tcpdump and tshark, so that fingers already know it. */

import { isatty } from 'node:tty'
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander'
import type { Depth } from '../analysis/analysis.ts'
import { byWord } from '../base/by-word.ts'
import { Exit, type ExitCode, UsageError } from '../base/exit.ts'
import { SourceError } from '../capture/sources/file.ts'
import type { Pace } from '../capture/sources/paced.ts'
import { resolveFields, UnknownFieldError } from '../export/columns.ts'
import { CsvExporter } from '../export/csv.ts'
import { FieldsExporter } from '../export/fields.ts'
import { fieldListing } from '../export/listing.ts'
import { NoneExporter } from '../export/none.ts'
import { TextExporter } from '../export/text.ts'
import type { Filter } from '../filter/filter.ts'
import { isOfFanOut, isOfLearnt, isOfSessions } from '../store/facts.ts'
import type { PayloadReader } from '../store/payloads.ts'
import type { Exporter, Write } from '../store/record.ts'
import { hasScreen, type ScreenFlags, screenOptions } from '../tui/run/options.ts'
import { tell, writeError } from '../tui/terminal/stderr.ts'
import { batch } from './batch.ts'
import { asksPayloads, type Decoding, decodeFiles, decodingOf } from './decode-options.ts'
import { addGrab } from './grab.ts'
import { interfaceListing, liveOptions, ringOf } from './live-options.ts'
import {
  addOptions,
  collect,
  countOption,
  FILE_ARGUMENT,
  filterOf,
  type ReadingFlags,
  type Source,
  showingOptions,
  sourceOf,
  sourceOptions,
  wantsColor,
} from './options.ts'
import { paceOf, paceOptions } from './pace-options.ts'
import { addReports } from './report.ts'
import { isSameFile } from './save.ts'
import { addTap } from './tap.ts'

const FORMATS = ['tui', 'text', 'ndjson', 'json', 'fields', 'csv', 'none'] as const
const TIMES = ['r', 'a', 'ad', 'u', 'e', 'd'] as const

interface Options extends ReadingFlags, ScreenFlags {
  listInterfaces?: boolean
  write?: string
  format?: (typeof FORMATS)[number]
  field: readonly string[]
  fieldOption: readonly string[]
  preference: Preferences
  embedKeys: boolean
  pace?: number
  longestPause?: number
  verbose: boolean
  bytes: boolean
  fanOut: boolean
  time: (typeof TIMES)[number]
}

/** Runs the command line; the exit code. */
export async function run(argv: readonly string[], version: string): Promise<ExitCode> {
  let code: ExitCode = Exit.done
  const program = build(version, ended => {
    code = ended
  })
  try {
    await program.parseAsync(argv, { from: 'user' })
    return code
  } catch (cause) {
    if (cause instanceof CommanderError) return cause.exitCode === 0 ? Exit.done : Exit.usage
    if (cause instanceof SourceError) {
      tell(cause.message)
      return Exit.input
    }
    if (!(cause instanceof UsageError || cause instanceof UnknownFieldError)) throw cause
    tell(cause.message)
    return Exit.usage
  }
}

export function build(version: string, end: (code: ExitCode) => void): Command {
  const program = new Command('mqtt-sniff')
    .description('Reads captures of MQTT 3.1, 3.1.1 and 5.0 and shows every control packet.')
    .version(version, '--version')
    .helpOption('-h, --help')
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({
      writeOut: print,
      writeErr: writeError,
      outputError: (text, write) => write(plainError(text)),
    })
    .showHelpAfterError('(mqtt-sniff --help lists the options)')
    .argument(...FILE_ARGUMENT)
    .addHelpText('after', HELP)
  addOptions(program, 'Input:', [...sourceOptions(), ...paceOptions()])
  addOptions(program, 'Output:', outputOptions())
  addOptions(program, 'Live capture:', liveOptions())
  addOptions(program, 'Screens:', screenOptions())
  program.action(async (files: string[], options: Options) => end(await analyse(files, options)))
  addInterfaces(program)
  addReports(program, end)
  addGrab(program, end)
  addTap(program, [...outputOptions(), ...screenOptions()], async (source, options: Options) =>
    end(await show(source, options)),
  )
  program
    .command('fields [text]')
    .description('the names for -Y and -e: type, meaning, section of the specification')
    .addHelpText('after', FIELDS_HELP)
    .action((text: string | undefined) => {
      print(fieldListing(text ?? '', process.stdout.columns ?? WIDE))
    })
  return program
}

/** commander's text in this program's form: `-p 99999: not a port (1 to 65535)`. */
const plainError = (text: string): string =>
  text
    .replace(/^error: option '([^', ]+)[^']*' argument '(.*)' is invalid\. /s, 'error: $1 $2: ')
    .replace(/^error: /, 'mqtt-sniff: ')

/** A reader that has seen enough (`| head`) is no error. */
const print = (text: string): void => void process.stdout.on('error', () => {}).write(text)

function addInterfaces(program: Command): void {
  program
    .command('interfaces')
    .description('the interfaces, and what is missing to capture on them (the same as -D)')
    .addOption(new Option('-T, --format <format>', 'output format').choices(['text', 'ndjson']).default('text'))
    .addHelpText('after', INTERFACES_HELP)
    .action(async ({ format }: { format: 'text' | 'ndjson' }) => {
      print(await interfaceListing(format))
    })
}

const WIDE = 120
const STDIN = 0
const FIELD_OPTIONS = 'header=y|n separator=/t|/s|<c> aggregator=,|/s|<c> quote=d|s|n occurrence=f|l|a bom=y|n'

const HELP = `
Examples:
  mqtt-sniff capture.pcapng                      the screens on a terminal, else one line a packet
  mqtt-sniff -T text capture.pcapng              one line a packet
  mqtt-sniff -T ndjson capture.pcapng | jq .     one JSON record a line
  mqtt-sniff -T fields -e frame.number -e mqtt.topic -e mqtt.msgid capture.pcapng
  mqtt-sniff -V -c 1 capture.pcapng              the first packet, every field explained
  mqtt-sniff -Y 'mqtt.topic like "site/+/#" && mqtt.qos > 0' capture.pcapng
  mqtt-sniff client.pcap broker.pcap.gz          several files, merged by time
  mqtt-sniff --pace 10x capture.pcapng           replay: packets come as they came, ten times as fast
  mqtt-sniff -i eth0 -w seen.pcapng -T text      live; every frame is saved
  mqtt-sniff -i ssh://root@host/eth0             on another machine, with its tcpdump or dumpcap, over your ssh
  mqtt-sniff -i docker://broker/eth0             in a container, with docker exec
  mqtt-sniff -i k8s://iot/broker-0/eth0 --helper-image nicolaka/netshoot    in a pod, with kubectl debug

With -Y packets keep their numbers in the whole capture; -c counts matching packets, -w saves their frames.

Exit codes: 0 done (also after Ctrl-C in a live capture), 1 a finding of the level of --fail-on, 2 wrong usage, 3 the
input could not be read, or only in part (what could be read was printed), 4 no permission or no such interface, 5 an
output file could not be written.

Live captures run dumpcap, else tcpdump (packets are shown up to 1 s later), else the npm module cap (arrival times
instead of the kernel's, frames cut at 65,535 bytes, no count of dropped frames, only as root).

In the screens ? lists the keys and the colour rules. Your own keys and colours are in ~/.config/mqtt-sniff (keys.json,
colors.json; see docs/screens.md).

Each command has its own --help.`

const INTERFACES_HELP = `
Examples:
  mqtt-sniff interfaces             name, state, link type, addresses
  mqtt-sniff interfaces -T ndjson   the same as records, and the programs that capture
  mqtt-sniff -D                     the same, as tshark and tcpdump have it`

const FIELDS_HELP = `
Examples:
  mqtt-sniff fields                 all names
  mqtt-sniff fields topic           names and labels with "topic"
  mqtt-sniff fields mqtt.property   the properties of MQTT 5`

function outputOptions(): readonly Option[] {
  return [
    new Option('-w, --write <file>', 'save the frames as pcapng; without -T, print nothing'),
    new Option(
      '--embed-keys',
      'with -w: save the TLS secrets with the frames; everybody who has the file can read everything',
    ).default(false, 'off'),
    countOption(),
    new Option(
      '-T, --format <format>',
      'output format; tui: the screens, none: the summary only; default: tui on a terminal, else text',
    ).choices(FORMATS),
    new Option(
      '-e, --field <name>',
      'add a column to fields or csv (mqtt-sniff fields lists the names); may be repeated',
    )
      .argParser(collect)
      .default([], 'none'),
    new Option('-E, --field-option <k=v>', `as tshark: ${FIELD_OPTIONS}`).argParser(collect).default([], "tshark's"),
    new Option(
      '-o, --preference <name:value>',
      `as tshark: ${PAYLOAD_PREFERENCE}:TRUE, which moves mqtt.msg to mqtt.msg_text; ${KEY_PREFERENCE}:FILE, the same as --keylog`,
    )
      .argParser(preference)
      .default(NO_PREFERENCES, 'none'),
    new Option('-V, --verbose', 'text: print every field of each packet, explained').default(false, 'off'),
    new Option('-x, --bytes', 'text: print the bytes of each packet').default(false, 'off'),
    new Option(
      '--fan-out',
      'text, ndjson, json: match the copies that a broker delivers to their message, and check them',
    ).default(false, 'off'),
    new Option(
      '-t, --time <kind>',
      'text: time since the first frame (r), time of day (a), with date (ad), UTC (u), Unix time (e), since the previous packet (d)',
    )
      .choices(TIMES)
      .default('r'),
    ...showingOptions(),
  ]
}

const PAYLOAD_PREFERENCE = 'mqtt.show_msg_as_text'

const KEY_PREFERENCE = 'tls.keylog_file'

/** What was said with `-o`. */
interface Preferences {
  readonly payloads: 'bytes' | 'text'
  readonly keylog: readonly string[]
}

const NO_PREFERENCES: Preferences = { payloads: 'bytes', keylog: [] }

function preference(text: string, before: Preferences): Preferences {
  const file = /^tls\.keylog_file\s*:\s*(.+)$/.exec(text)?.[1]
  if (file !== undefined) return { ...before, keylog: [...before.keylog, file] }
  const rule = /^mqtt\.show_msg_as_text\s*:\s*(true|false)$/i.exec(text)
  if (rule === null)
    throw new InvalidArgumentError(`use ${PAYLOAD_PREFERENCE}:TRUE or :FALSE, or ${KEY_PREFERENCE}:FILE`)
  return { ...before, payloads: rule[1]?.toLowerCase() === 'true' ? 'text' : 'bytes' }
}

async function analyse(files: readonly string[], options: Options): Promise<ExitCode> {
  if (options.listInterfaces === true) {
    print(await interfaceListing(options.format === 'ndjson' ? 'ndjson' : 'text'))
    return Exit.done
  }
  const source = sourceOf(files, { ...options, keylog: [...options.keylog, ...options.preference.keylog] })
  return show(source, options)
}

/** Shows a source on the screens or prints it, as the options ask. */
async function show(source: Source, options: Options): Promise<ExitCode> {
  if (options.redact && options.write !== undefined)
    throw new UsageError('--redact and -w cannot be combined: saved frames cannot be redacted')
  const { input } = source
  const inputs = typeof input === 'string' ? [input] : 'interfaces' in input || 'listen' in input ? [] : input
  const { write } = options
  if (write !== undefined && inputs.some(name => isSameFile(name, write)))
    throw new UsageError(`-w ${options.write} would overwrite the input: choose another name`)
  if (options.embedKeys && options.write === undefined) throw new UsageError('--embed-keys needs -w')
  if (options.embedKeys && options.filter !== undefined)
    throw new UsageError('--embed-keys and -Y cannot be combined: the secrets would also open what is left out')
  if (options.redact && options.bytes)
    throw new UsageError('--redact and -x cannot be combined: bytes cannot be redacted')
  const pace = paceOf(options, inputs.length > 0)
  const isOwn = wantsScreens(options) || asksPayloads(options.filter, options.field)
  const decoding = decodingOf(options, isOwn, await decodeFiles(options, isOwn))
  const filter = await filterOf(options, decoding)
  if (wantsScreens(options)) return screens({ ...source, pace }, options, decoding)
  const exporter = await chooseExporter(options, decoding)
  return batch({
    ...source,
    pace,
    filter,
    depth: depthOf(options, filter),
    failOn: options.failOn,
    count: options.count,
    write: options.write,
    embedKeys: options.embedKeys,
    ring: ringOf(options, options.write),
    autostop: options.autostop,
    quiet: options.quiet,
    showsLearnt: options.field.some(isOfLearnt),
    exporter,
  })
}

/** What only lines can do asks for lines. */
function wantsScreens({ format, write, redact, verbose, bytes, count, failOn }: Options): boolean {
  if (format !== undefined && format !== 'tui') return false
  const asksForLines =
    write !== undefined || redact || verbose || bytes || Number.isFinite(count) || failOn !== undefined
  if (asksForLines && format === 'tui')
    throw new UsageError('-T tui cannot be combined with -w, -c, -V, -x, --redact or --fail-on')
  return !asksForLines && (isatty(STDIN) || format === 'tui') && hasScreen()
}

/** Loaded on use, and what draws them is loaded there. */
async function screens(
  source: Source & { readonly pace: Pace | undefined },
  options: Options,
  { filters: payloads }: Decoding,
): Promise<ExitCode> {
  const { start } = await import('../tui/run/start.ts')
  const { filter, autostop, theme, ascii, mouse, quiet } = options
  return start({ ...source, payloads, filter, autostop, theme, ascii, mouse, quiet })
}

/** Sessions, and copies of messages, cost time: where nothing of them is to be seen, they are left out. */
function depthOf(options: Options, filter: Filter | undefined): Depth {
  if (!follows(options) && filter?.ofSessions !== true) return 'packets'
  return tiesCopies(options) || filter?.ofFanOut === true ? 'fanout' : 'sessions'
}

function follows({ format, write, field, failOn, fanOut }: Options): boolean {
  if (failOn !== undefined || fanOut) return true
  switch (format) {
    case 'none':
      return false
    case 'fields':
    case 'csv':
      return field.some(isOfSessions)
    default:
      return format !== undefined || write === undefined
  }
}

const tiesCopies = ({ fanOut, failOn, field }: Options): boolean =>
  fanOut || failOn !== undefined || field.some(isOfFanOut)

/** Checks the options of the format at once, so that a wrong one is told before anything is read. */
async function chooseExporter(options: Options, decoding: Decoding): Promise<(write: Write) => Exporter> {
  const format = options.format ?? (options.write === undefined ? 'text' : 'none')
  const { redact } = options
  const columns = format === 'fields' || format === 'csv'
  if (columns && options.field.length === 0)
    throw new UsageError(`-T ${format} needs a column: add -e NAME (mqtt-sniff fields lists the names)`)
  if (!columns && options.field.length > 0) throw new UsageError('-e needs -T fields or -T csv')
  switch (format) {
    case 'none':
      return () => new NoneExporter()
    case 'ndjson':
    case 'json':
      return chooseJson(format, redact, decoding.output)
    case 'fields':
    case 'csv':
      return chooseColumns(format, options, decoding.filters)
    default:
      return write =>
        new TextExporter(
          {
            time: options.time,
            color: wantsColor(options.color),
            verbose: options.verbose,
            bytes: options.bytes,
            redact,
            payloads: decoding.output,
            ...(process.stdout.isTTY ? { columns: process.stdout.columns } : {}),
          },
          write,
        )
  }
}

/** Loaded on use, as the text form is asked for most. */
async function chooseJson(
  format: 'ndjson' | 'json',
  redact: boolean,
  payloads: PayloadReader | undefined,
): Promise<(write: Write) => Exporter> {
  const { JsonExporter, NdjsonExporter } = await import('../export/ndjson.ts')
  return write =>
    format === 'json' ? new JsonExporter({ redact, payloads }, write) : new NdjsonExporter({ redact, payloads }, write)
}

function chooseColumns(format: 'fields' | 'csv', options: Options, reader: PayloadReader): (write: Write) => Exporter {
  const columns = resolveFields(options.field, reader)
  const { quote, ...layout } = columnLayout(options.fieldOption)
  const { redact, preference } = options
  const { payloads } = preference
  if (format === 'csv') return write => new CsvExporter({ ...layout, columns, redact, payloads }, write)
  const quotes = quote === undefined ? {} : { quote }
  return write => new FieldsExporter({ ...layout, ...quotes, columns, redact, payloads }, write)
}

interface ColumnLayout {
  header?: boolean
  bom?: boolean
  separator?: string
  aggregator?: string
  quote?: string
  occurrence?: 'f' | 'l' | 'a'
}

const QUOTES: Readonly<Record<string, string>> = byWord({ d: '"', s: "'", n: '' })

/** `-E` as tshark has it: `/t` is a tab, `/s` a space, any other character itself. */
function columnLayout(rules: readonly string[]): ColumnLayout {
  const layout: ColumnLayout = {}
  for (const rule of rules) {
    const [name, value] = [rule.slice(0, rule.indexOf('=')), rule.slice(rule.indexOf('=') + 1)]
    if (name === 'header' || name === 'bom') layout[name] = yesOrNo(rule, value)
    else if (name === 'separator' || name === 'aggregator') layout[name] = character(rule, value)
    else if (name === 'quote' && QUOTES[value] !== undefined) layout.quote = QUOTES[value]
    else if (name === 'occurrence' && (value === 'f' || value === 'l' || value === 'a')) layout.occurrence = value
    else throw new UsageError(`-E ${rule}: use ${FIELD_OPTIONS}`)
  }
  return layout
}

function yesOrNo(rule: string, value: string): boolean {
  if (value !== 'y' && value !== 'n') throw new UsageError(`-E ${rule}: use y or n`)
  return value === 'y'
}

function character(rule: string, value: string): string {
  if (value === '/t') return '\t'
  if (value === '/s') return ' '
  if ([...value].length !== 1) throw new UsageError(`-E ${rule}: use one character, /t or /s`)
  return value
}
