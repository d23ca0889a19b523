/** The one door to stderr: names of files and of interfaces, and what a capture says, are harmless behind it. */
import { harmless } from '../../text/sanitize.ts'

/** Writes lines to stderr as they are, but for what would act on a terminal. */
export const writeError = (lines: string): void => void process.stderr.write(harmless(lines))

/** Writes a message to stderr, with the program's name in front. */
export const tell = (message: string): void => writeError(`mqtt-sniff: ${message}\n`)
