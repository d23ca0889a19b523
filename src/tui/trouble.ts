/** Exit codes of sources that cannot be read. */
import type { LiveError, Trouble } from '../capture/backend.ts'
import { SourceError } from '../capture/file.ts'
import { Exit, type ExitCode } from '../exit.ts'

const PERMISSION: readonly Trouble[] = ['permission', 'interface', 'down', 'missing']
const USAGE: readonly Trouble[] = ['filter', 'usage']

export function exitOf(cause: SourceError | LiveError): ExitCode {
  if (cause instanceof SourceError) return Exit.input
  if (PERMISSION.includes(cause.kind)) return Exit.permission
  return USAGE.includes(cause.kind) ? Exit.usage : Exit.input
}
