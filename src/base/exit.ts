/** Exit codes: a contract with scripts. Where several apply, the order is that of `worse`. */
export const Exit = {
  done: 0,
  /** `--fail-on` met. */
  failed: 1,
  usage: 2,
  /** The input could not be read, or only in part. */
  input: 3,
  /** No permission, or no such interface. */
  permission: 4,
  /** An output file could not be written. */
  output: 5,
  /** A fault of this program itself (EX_SOFTWARE of sysexits). */
  bug: 70,
} as const

/** 128 + the signal's number, as shells have it. */
export const Signalled = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const

export type ExitCode = (typeof Exit)[keyof typeof Exit] | (typeof Signalled)[keyof typeof Signalled]

const SIGNALLED: readonly number[] = Object.values(Signalled)
const GRAVITY: readonly number[] = [
  Exit.done,
  ...SIGNALLED,
  Exit.failed,
  Exit.input,
  Exit.output,
  Exit.permission,
  Exit.usage,
  Exit.bug,
]

/** Returns the more severe of two exit codes. */
export const worse = (a: ExitCode, b: ExitCode): ExitCode => (GRAVITY.indexOf(b) > GRAVITY.indexOf(a) ? b : a)

/** An error in the command line. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}
