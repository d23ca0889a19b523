/** The example of the README, as it stands there, run as a program of its own against the built library. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const ROOT = fileURLToPath(new URL('..', import.meta.url))

function example(): string {
  const readme = readFileSync(join(ROOT, 'README.md'), 'utf8')
  const code = /## As a library[\s\S]*?```js\n([\s\S]*?)```/.exec(readme)?.[1]
  if (code === undefined) throw new Error('README.md has no example under "As a library"')
  return code
}

test('the example of the README runs', () => {
  // Within the package, so that it is imported by its own name, as a user would.
  const folder = mkdtempSync(join(ROOT, 'dist', 'example-'))
  try {
    const file = join(folder, 'example.mjs')
    writeFileSync(file, example())
    const output = execFileSync(process.execPath, [file], { cwd: ROOT, encoding: 'utf8' })
    expect(output).toContain('PUBLISH')
    expect(output.trimEnd().split('\n').length).toBeGreaterThan(3)
  } finally {
    rmSync(folder, { recursive: true })
  }
})
