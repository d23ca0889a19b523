/** The door of the screens: opens what is to be seen, then puts it on the terminal. */

import type { ExitCode } from '../../base/exit.ts'
import { LiveError } from '../../capture/sources/backend.ts'
import { SourceError } from '../../capture/sources/file.ts'
import type { LiveInput } from '../../capture/sources/live-capture.ts'
import { MergedSource, openInput } from '../../capture/sources/merged.ts'
import { type Pace, paced } from '../../capture/sources/paced.ts'
import type { PacketSource } from '../../capture/sources/source.ts'
import type { TapInput } from '../../capture/sources/tap/options.ts'
import { exitOf } from '../../capture/sources/trouble.ts'
import type { Active } from '../status.ts'
import { tell } from '../terminal/stderr.ts'
import { LiveCapture } from './live.ts'
import { Run, type RunOptions } from './run.ts'

export interface StartOptions extends Omit<RunOptions, 'source' | 'live' | 'active' | 'said'> {
  /** A file's name, `-` for stdin; several files; what to capture, a tap, or what we say and hear ourselves. */
  readonly input: string | readonly string[] | LiveInput | TapInput | Own
  /** Hands on the frames of files at their time. */
  readonly pace?: Pace | undefined
}

interface Own {
  readonly source: PacketSource
  readonly active: Active
}

export async function start(options: StartOptions): Promise<ExitCode> {
  try {
    const { input, autostop } = options
    const ascii = options.ascii || !isUtf8(process.env)
    if (typeof input === 'object' && 'active' in input) {
      const { source, active } = input
      return await new Run({ ...options, source, active, ascii, said: active.said }).start()
    }
    const said: string[] = []
    const say = (message: string): void => void said.push(message)
    const live =
      typeof input === 'string' || !('interfaces' in input || 'listen' in input)
        ? undefined
        : new LiveCapture({ ...input, frames: autostop?.frames, tell: say, began: say })
    const file = live === undefined ? await openInput(input as string | readonly string[], say) : undefined
    const files = file instanceof MergedSource ? file.files : undefined
    const source = file === undefined ? await (live as LiveCapture).open() : paced(file, options.pace, say)
    const run = new Run({ ...options, source, live, ascii, said, files })
    return await run.start()
  } catch (cause) {
    if (!(cause instanceof SourceError || cause instanceof LiveError)) throw cause
    tell(cause.message)
    return exitOf(cause)
  }
}

/** POSIX: the first of these that is set and not empty decides. None of them says nothing, and terminals of today have UTF-8. */
function isUtf8({ LC_ALL, LC_CTYPE, LANG }: NodeJS.ProcessEnv): boolean {
  const locale = [LC_ALL, LC_CTYPE, LANG].find(value => value !== undefined && value !== '')
  return locale === undefined || /utf-?8/i.test(locale)
}
