/**
 * Programs that some tests compare with: tshark, mosquitto and so on. Where one is missing its tests are skipped, and
 * say which one; with `MQTT_SNIFF_REQUIRE_TOOLS=1` (a machine that is meant to have them all) they fail instead.
 */
import { spawnSync } from 'node:child_process'
import { accessSync, constants, existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { expect, test } from 'vitest'

type Tester = (title: string, body: () => void | Promise<void>, timeoutMs?: number) => void

/** System tools often stand outside the path of people who are not root. */
const FOLDERS = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin']

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** What is no program and still may be missing. */
const CONDITIONS: Readonly<Record<string, () => boolean>> = {
  root: () => process.getuid?.() === 0,
  namespaces: () => spawnSync('unshare', ['-n', 'true']).status === 0,
  // Debian's own Python has it.
  pyftpdlib: () => spawnSync('/usr/bin/python3', ['-c', 'import pyftpdlib']).status === 0,
  'the module cap': () => existsSync('node_modules/cap/build/Release/cap.node'),
}

/** The path of a tool; its name if it is not there. */
export const whereIs = (tool: string): string => FOLDERS.map(folder => join(folder, tool)).find(isExecutable) ?? tool

export const hasTool = (tool: string): boolean =>
  CONDITIONS[tool]?.() ?? FOLDERS.some(folder => isExecutable(join(folder, tool)))

/** vitest's `test` where all the tools are there. */
export function needs(...tools: string[]): Tester {
  const missing = tools.filter(tool => !hasTool(tool))
  if (missing.length === 0) return test
  const reason = `needs ${missing.join(', ')}`
  if (process.env.MQTT_SNIFF_REQUIRE_TOOLS === '1') {
    return title => test(`${title} (${reason})`, () => expect.fail(`${reason}: not found in the path`))
  }
  return title => test.skip(`${title} (${reason})`, () => undefined)
}
