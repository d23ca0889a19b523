/** The options that say what is read and how it is shown: the same in every command that analyses a capture. */

import { isatty } from 'node:tty'
import { type Command, InvalidArgumentError, Option } from 'commander'
import type { PortOptions } from '../analysis/pipeline.ts'
import { UsageError } from '../base/exit.ts'
import { MOST_FILES } from '../base/frame-files.ts'
import type { Filter } from '../filter/filter.ts'
import { LEVELS, type Level } from '../store/vocabulary.ts'
import { writeError } from '../tui/terminal/stderr.ts'
import type { BatchOptions } from './batch.ts'
import { type DecodeFlags, type Decoding, decodeOptions } from './decode-options.ts'
import { type KeyFlags, type Keys, keyOptions, keysOf } from './key-options.ts'
import { type LiveFlags, liveInput } from './live-options.ts'
import { livePortsOf, type PortFlags, portOptions, portsOf } from './port-options.ts'

export interface ReadingFlags extends LiveFlags, PortFlags, KeyFlags, DecodeFlags {
  read?: string
  filter?: string
  count: number
  redact: boolean
  color: 'auto' | 'always' | 'never'
  quiet: boolean
  failOn?: Level
}

const STDOUT = 1

export const FILE_ARGUMENT = [
  '[file...]',
  'capture file (pcap, pcapng, also gzipped), - for stdin; several are merged by time',
] as const

/** Before the options of the command itself. */
export const sourceOptions = (): readonly Option[] => [
  new Option('-r, --read <file>', 'capture file to read, as tshark and tcpdump name it'),
  ...portOptions(),
  ...keyOptions(),
  ...decodeOptions(),
  new Option(
    '-Y, --filter <expression>',
    "display filter in Wireshark's language; only matching packets. mqtt-sniff fields lists the names. A file is read twice if the filter asks how a handshake ended, for copies or for findings",
  ),
]

export const countOption = (): Option =>
  new Option('-c, --count <n>', 'stop after n MQTT packets').argParser(count).default(Number.POSITIVE_INFINITY, 'all')

/** Behind them. */
export const showingOptions = (): readonly Option[] => [
  new Option('--redact', 'replace user names, passwords and payloads by their length').default(false, 'off'),
  new Option('--color <when>', 'text: use colours; NO_COLOR is obeyed')
    .choices(['auto', 'always', 'never'])
    .default('auto'),
  new Option('-q, --quiet', 'print no summary on stderr').default(false, 'off'),
  new Option('--fail-on <level>', 'exit with 1 if there is a finding of this level or higher').choices(LEVELS),
]

/** Adds options to a command; its help lists them below `heading`. */
export function addOptions(command: Command, heading: string, options: readonly Option[]): void {
  command.optionsGroup(heading)
  for (const option of options) command.addOption(option)
}

export const collect = (value: string, before: readonly string[]): readonly string[] => [...before, value]

function count(text: string): number {
  if (!/^[1-9]\d*$/.test(text)) throw new InvalidArgumentError('not a whole number from 1 up')
  return Number(text)
}

/** What is to be read, and what is needed for it. */
export type Source = Pick<BatchOptions, 'input'> & PortOptions & Keys

/** What is to be read, and on which ports MQTT is spoken there. */
export function sourceOf(names: readonly string[], flags: ReadingFlags): Source {
  const files = flags.read === undefined ? names : [flags.read, ...names]
  if (files.length > MOST_FILES) throw new UsageError(`at most ${MOST_FILES} capture files are read at once`)
  const given = files.length > 1 ? files : files[0]
  const input = liveInput(files[0], livePortsOf(flags), flags) ?? given
  if (input === undefined)
    throw new UsageError('nothing to read: give a capture file, - for stdin, or -i INTERFACE (mqtt-sniff --help)')
  return { input, ...portsOf(flags), ...keysOf(input, flags.keylog, flags.quiet) }
}

/** The display filter, loaded on use: most runs have none. Its hints go to stderr. */
export async function filterOf(
  { filter: text, quiet }: ReadingFlags,
  { filters }: Decoding,
): Promise<Filter | undefined> {
  if (text === undefined) return undefined
  const [{ Filter }, { caret, FilterError }] = await Promise.all([
    import('../filter/filter.ts'),
    import('../filter/error.ts'),
  ])
  try {
    const filter = new Filter(text, filters)
    const told = filter.hints.map(hint => `mqtt-sniff: ${hint.message}\n${caret(filter.text, hint)}\n`)
    if (!quiet) writeError(told.join(''))
    return filter
  } catch (cause) {
    if (!(cause instanceof FilterError)) throw cause
    throw new UsageError(`-Y: ${cause.message}\n${caret(cause.text, cause)}`)
  }
}

export function wantsColor(when: ReadingFlags['color']): boolean {
  if (when !== 'auto') return when === 'always'
  const { NO_COLOR, TERM } = process.env
  // Not by process.stdout: that makes the pipe behind it refuse what does not fit at once.
  return isatty(STDOUT) && (NO_COLOR ?? '') === '' && TERM !== 'dumb'
}
