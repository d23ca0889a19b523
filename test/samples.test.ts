/** Each sample prints its golden text (`vitest -u` writes them anew: read the difference before you commit it). */
import { execFileSync } from 'node:child_process'
import { readdirSync, statSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const names = readdirSync(`${ROOT}/samples`).filter(name => name.endsWith('.pcapng'))
const STORIES = 14

const run = (...args: string[]): string =>
  execFileSync(process.execPath, [`${ROOT}/dist/cli.js`, '-q', ...args], { cwd: ROOT, encoding: 'utf8' })

describe('samples', () => {
  test('there are enough of them, and they are small', () => {
    expect(names.length).toBeGreaterThanOrEqual(STORIES)
    const large = names.filter(name => statSync(`${ROOT}/samples/${name}`).size > 50_000)
    expect(large).toEqual(['large.pcapng'])
  })

  test.each(names)('%s', async name => {
    await expect(run(`samples/${name}`)).toMatchFileSnapshot(`../samples/${name.replace('.pcapng', '.txt')}`)
  })

  test('every field explained', async () => {
    await expect(run('-V', '-x', '-c', '12', 'samples/mqtt5.pcapng')).toMatchFileSnapshot('golden/mqtt5-details.txt')
  })
})
