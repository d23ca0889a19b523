/** The options that say what is read and how it is shown: the same in every command that analyses a capture. */

import { isatty } from 'node:tty'
import { InvalidArgumentError, Option } from 'commander'
import type { PortOptions } from '../analysis/pipeline.ts'
import { UsageError } from '../base/exit.ts'
import type { Filter } from '../filter/filter.ts'
import { LEVELS, type Level } from '../store/vocabulary.ts'
import { writeError } from '../tui/terminal/stderr.ts'
import type { BatchOptions } from './batch.ts'
import { type KeyFlags, type Keys, keyOptions, keysOf } from './key-options.ts'
import { type LiveFlags, liveInput } from './live-options.ts'
import { livePortsOf, type PortFlags, portOptions, portsOf } from './port-options.ts'

export interface ReadingFlags extends LiveFlags, PortFlags, KeyFlags {
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
  '[file]',
  'pcap or pcapng, .gz of either; - for stdin, which may still be growing',
] as const

/** Before the options of the command itself. */
export const sourceOptions = (): readonly Option[] => [
  new Option('-r, --read <file>', 'the capture to read, as tshark and tcpdump have it'),
  ...portOptions(),
  ...keyOptions(),
  new Option(
    '-Y, --filter <expression>',
    "only the packets that match; Wireshark's language (mqtt-sniff fields). A file is read twice where it asks how an exchange ended, for copies or findings",
  ),
]

export const countOption = (): Option =>
  new Option('-c, --count <n>', 'stop after n control packets')
    .argParser(count)
    .default(Number.POSITIVE_INFINITY, 'all')

/** Behind them. */
export const showingOptions = (): readonly Option[] => [
  new Option('--redact', 'user names, passwords and payloads are replaced by their length').default(false, 'off'),
  new Option('--color <when>', 'text: colours; NO_COLOR is obeyed')
    .choices(['auto', 'always', 'never'])
    .default('auto'),
  new Option('-q, --quiet', 'no summary on stderr').default(false, 'off'),
  new Option('--fail-on <level>', 'exit 1 where a remark of this level or above was made').choices(LEVELS),
]

export const collect = (value: string, before: readonly string[]): readonly string[] => [...before, value]

function count(text: string): number {
  if (!/^[1-9]\d*$/.test(text)) throw new InvalidArgumentError('A number from 1 on is needed.')
  return Number(text)
}

/** What is to be read, and what is needed for it. */
export type Source = Pick<BatchOptions, 'input'> & PortOptions & Keys

/** What is to be read, and on which ports MQTT is spoken there. */
export function sourceOf(file: string | undefined, flags: ReadingFlags): Source {
  if (file !== undefined && flags.read !== undefined) throw new UsageError('name one capture: as [file] or with -r')
  const input = liveInput(file ?? flags.read, livePortsOf(flags), flags) ?? file ?? flags.read
  if (input === undefined)
    throw new UsageError('name a capture to read, - for stdin, or an interface with -i (mqtt-sniff --help)')
  return { input, ...portsOf(flags), ...keysOf(input, flags.keylog, flags.quiet) }
}

/** The display filter, loaded on use: most runs have none. Its hints go to stderr. */
export async function filterOf({ filter: text, quiet }: ReadingFlags): Promise<Filter | undefined> {
  if (text === undefined) return undefined
  const [{ Filter }, { caret, FilterError }] = await Promise.all([
    import('../filter/filter.ts'),
    import('../filter/error.ts'),
  ])
  try {
    const filter = new Filter(text)
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
