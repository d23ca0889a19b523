/** The examples of docs/library.md, as they stand there, run as programs of their own against the built library. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const ROOT = fileURLToPath(new URL('..', import.meta.url))

function examples(): readonly string[] {
  const page = readFileSync(join(ROOT, 'docs/library.md'), 'utf8')
  return [...page.matchAll(/```js\n([\s\S]*?)```/g)].map(([, code = '']) => code)
}

/** Within the package, so that it is imported by its own name, as a user would. */
function run(code: string): string {
  mkdirSync(join(ROOT, 'build'), { recursive: true })
  const folder = mkdtempSync(join(ROOT, 'build', 'example-'))
  try {
    const file = join(folder, 'example.mjs')
    writeFileSync(file, code)
    return execFileSync(process.execPath, [file], { cwd: ROOT, encoding: 'utf8' })
  } finally {
    rmSync(folder, { recursive: true })
  }
}

test('the examples of the manual run', () => {
  const [packets = '', sessions = '', ...others] = examples().map(run)
  expect(others).toEqual([])
  expect(packets).toContain('PUBLISH')
  expect(packets.trimEnd().split('\n').length).toBeGreaterThan(3)
  expect(sessions).toMatch(/^\d+ qos1 NaN$/m)
  expect(sessions).toMatch(/^qos2 complete \d+ 0\.\d+$/m)
  expect(sessions).toMatch(/^garden-pump fin$/m)
  expect(sessions).toMatch(/^note plaintext\.password the client sends its password unencrypted 5$/m)
})
