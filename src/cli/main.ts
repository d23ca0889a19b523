#!/usr/bin/env node
/** The program's door: answers `--version` at once, everything else in `command.ts`. */
import { readFileSync, writeSync } from 'node:fs'
import { setFlagsFromString } from 'node:v8'

/**
 * V8 lets a heap grow to four times what lives in it before it tidies up: of a million connections 0.4 GB are kept, and
 * 1.7 GB were held. In time this costs nothing that could be measured (`npm run bench -- crowd`).
 */
setFlagsFromString('--heap-growing-percent=50')

export function version(): string {
  const about: { version: string } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
  return about.version
}

const argv = process.argv.slice(2)
if (argv.length === 1 && argv[0] === '--version') writeSync(1, `${version()}\n`)
else {
  const [{ run }, { watchForBugs }] = await Promise.all([import('./program.ts'), import('./last-door.ts')])
  watchForBugs(version())
  process.exitCode = await run(argv, version())
}
