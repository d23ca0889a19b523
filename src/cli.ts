#!/usr/bin/env node
/** The program's door: answers `--version` at once, everything else in `command.ts`. */
import { readFileSync, writeSync } from 'node:fs'

export function version(): string {
  const about: { version: string } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
  return about.version
}

const argv = process.argv.slice(2)
if (argv.length === 1 && argv[0] === '--version') writeSync(1, `${version()}\n`)
else {
  const { run } = await import('./command.ts')
  process.exitCode = await run(argv, version())
}
