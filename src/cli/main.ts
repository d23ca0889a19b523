#!/usr/bin/env node
/** The program's door: answers `--version` at once, everything else in `command.ts`. */
import { readFileSync, writeSync } from 'node:fs'
import * as nodeModule from 'node:module'
import { join } from 'node:path'
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

/** The folder of the user for what may be made again at any time; undefined where the system names none. */
function cacheFolder(): string | undefined {
  const { HOME, LOCALAPPDATA, XDG_CACHE_HOME } = process.env
  return LOCALAPPDATA || XDG_CACHE_HOME || (HOME ? join(HOME, '.cache') : undefined)
}

/**
 * Keeps what Node compiles in the user's cache folder, so that the next start does not compile it again; never in a folder
 * that others may write to. Node has this cache from 22.8 on.
 */
function keepCompiled(): void {
  const { enableCompileCache } = nodeModule as { enableCompileCache?: (folder: string) => unknown }
  const folder = cacheFolder()
  if (folder !== undefined) enableCompileCache?.(process.env.NODE_COMPILE_CACHE ?? join(folder, 'mqtt-sniff'))
}

const argv = process.argv.slice(2)
if (argv.length === 1 && argv[0] === '--version') writeSync(1, `${version()}\n`)
else {
  keepCompiled()
  const [{ run }, { watchForBugs }] = await Promise.all([import('./program.ts'), import('./last-door.ts')])
  watchForBugs(version())
  process.exitCode = await run(argv, version())
}
