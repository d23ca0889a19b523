/** The last door: what nobody has caught is a fault of this program, and is told in one line. */
import { Exit } from '../base/exit.ts'
import { tell } from '../tui/terminal/stderr.ts'

/** With this variable set, the places in the program are told too. */
const TRACE = 'MQTT_SNIFF_TRACE'

/** Returns the message that tells people of a fault of the program, and how to report it. */
export function bugReport(cause: unknown, version: string, withTrace: boolean): string {
  const what = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause)
  const trace = withTrace && cause instanceof Error ? `\n${cause.stack}` : ''
  const more = withTrace ? '' : `; with ${TRACE}=1 it prints where`
  return `this is a fault of mqtt-sniff ${version}, not of the capture: ${what}. Please report this line and the command${more}${trace}`
}

/**
 * From here on an exception that nobody catches ends the program with one line and code 70. That nobody reads stderr any
 * more is none: a pipe was closed, a terminal hung up, a disk is full.
 */
export function watchForBugs(version: string): void {
  process.stderr.on('error', () => {})
  const end = (cause: unknown): never => {
    // Behind whoever restores the terminal: on the screen that goes nobody could read it.
    process.once('exit', () => tell(bugReport(cause, version, process.env[TRACE] !== undefined)))
    process.exit(Exit.bug)
  }
  process.on('uncaughtException', end).on('unhandledRejection', end)
}
