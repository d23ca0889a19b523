/** Nobody reads what is printed: every command ends as it would otherwise, without a fault of the program. */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'

const CLI = fileURLToPath(new URL('../../dist/cli.js', import.meta.url))
const sample = (name: string): string => fileURLToPath(new URL(`../../samples/${name}.pcapng`, import.meta.url))

/** The exit code of the program behind a shell's redirection. */
const codeOf = (args: readonly string[], redirection: string): number | null =>
  spawnSync('bash', ['-c', `"$0" "$@" ${redirection}; exit "\${PIPESTATUS[0]}"`, process.execPath, CLI, ...args]).status

const COMMANDS: readonly (readonly [readonly string[], number])[] = [
  [['--nope'], 2],
  [['missing.pcap'], 3],
  [['fields'], 0],
  [['--help'], 0],
  [['-T', 'text', sample('large')], 0],
  [['findings', sample('malformed')], 0],
]

describe.each([
  ['a pipe that closes at once', '2>&1 | true'],
  ['stderr on a full disk', '2>/dev/full >/dev/null'],
  ['no stderr at all', '2>&- >/dev/null'],
])('%s', (_, redirection) => {
  test.each(COMMANDS)('%j ends with code %i', (args, code) => {
    expect(codeOf(args, redirection)).toBe(code)
  })
})
