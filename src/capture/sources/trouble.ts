/** Exit codes for sources that cannot be read. */
import { Exit, type ExitCode } from '../../base/exit.ts'
import type { LiveError, Trouble } from './backend.ts'
import { SourceError } from './file.ts'

const PERMISSION: readonly Trouble[] = ['permission', 'interface', 'down', 'missing']
const USAGE: readonly Trouble[] = ['filter', 'usage']

export function exitOf(cause: SourceError | LiveError): ExitCode {
  if (cause instanceof SourceError) return Exit.input
  if (PERMISSION.includes(cause.kind)) return Exit.permission
  return USAGE.includes(cause.kind) ? Exit.usage : Exit.input
}
