/** `--keylog`: where the keys of TLS connections come from. */
import { statSync } from 'node:fs'
import { Option } from 'commander'
import { UsageError } from '../base/exit.ts'
import { SourceError } from '../capture/sources/file.ts'
import { KeyLogError, KeyLogs } from '../capture/sources/key-log.ts'
import { scanSecrets } from '../capture/sources/secrets.ts'
import { KeyLogReader, KeyStore } from '../transport/keys.ts'
import { tell } from '../tui/terminal/stderr.ts'

export interface KeyFlags {
  keylog: readonly string[]
}

/** The keys of a run, and the files that may bring more of them. */
export interface Keys {
  readonly keys: KeyStore
  readonly keyLogs: KeyLogs
}

export const keyOptions = (): readonly Option[] => [
  new Option(
    '--keylog <file>',
    'decrypt TLS with the secrets in this file (SSLKEYLOGFILE format); may be repeated, and may grow during a capture. Secrets inside a pcapng file are used without this option',
  )
    .argParser((name: string, before: readonly string[]) => [...before, name])
    .default([], 'none'),
]

/**
 * Returns the keys for a capture. A file is read with all of them at hand; while something is captured they may still come.
 * Throws a UsageError for what is no file, a SourceError for what cannot be read.
 */
export function keysOf(input: unknown, names: readonly string[], quiet: boolean): Keys {
  const keys = new KeyStore()
  const keyLogs = new KeyLogs(names, () => new KeyLogReader(keys))
  const files = typeof input === 'string' ? [input] : Array.isArray(input) ? (input as readonly string[]) : []
  const isFile = files.length > 0 && !files.includes('-')
  try {
    if (isFile) keyLogs.readAll()
    else for (const line of keyLogs.begin()) if (!quiet) tell(line)
  } catch (cause) {
    if (!(cause instanceof KeyLogError)) throw cause
    throw cause.isUnusable ? new UsageError(`--keylog: ${cause.message}`) : new SourceError('EKEYLOG', cause.message)
  }
  keys.mayGrow = !isFile && names.length > 0
  if (isFile)
    keys.seek = () => {
      for (const file of files) seekIn(file, keys)
    }
  return { keys, keyLogs }
}

/** Secrets may stand behind the frames they open. */
function seekIn(name: string, keys: KeyStore): void {
  if (statSync(name, { throwIfNoEntry: false })?.isFile() !== true) return
  scanSecrets(name, text => {
    const reader = new KeyLogReader(keys)
    reader.push(text)
    reader.end()
  })
}
