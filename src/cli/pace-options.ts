/** `--pace`: files whose packets come as they came, for eyes. */
import { InvalidArgumentError, Option } from 'commander'
import { UsageError } from '../base/exit.ts'
import { FASTEST, type Pace, SLOWEST } from '../capture/sources/paced.ts'

export interface PaceFlags {
  pace?: number
  longestPause?: number
}

export const paceOptions = (): readonly Option[] => [
  new Option('--pace <factor>', 'replay files as they were captured: 1x, 0.5x, 10x').argParser(factor),
  new Option('--longest-pause <seconds>', 'with --pace: cut longer pauses, such as 2s').argParser(pause),
]

function factor(text: string): number {
  const value = /^\d+(?:\.\d+)?x?$/.test(text) ? Number.parseFloat(text) : 0
  if (value < SLOWEST || value > FASTEST) throw new InvalidArgumentError(`use 1x, 0.5x, 10x, at most ${FASTEST}x`)
  return value
}

function pause(text: string): number {
  const value = /^\d+(?:\.\d+)?s?$/.test(text) ? Number.parseFloat(text) : 0
  if (value <= 0) throw new InvalidArgumentError('use seconds above 0, such as 2s')
  return value
}

/** Returns the pace; undefined without one. Throws a UsageError for a live capture, which has a pace of its own. */
export function paceOf({ pace, longestPause }: PaceFlags, isOfFiles: boolean): Pace | undefined {
  if (pace === undefined && longestPause === undefined) return undefined
  if (pace === undefined) throw new UsageError('--longest-pause needs --pace')
  if (!isOfFiles) throw new UsageError('--pace is for capture files, not for -i')
  return { factor: pace, longestPause }
}
