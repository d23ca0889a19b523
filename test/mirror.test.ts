/** Each file of src has its test under its own name at the mirrored path, or is an exception that is needed. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { COVERED, STORIES } from './mirror-exceptions.ts'

const SRC = fileURLToPath(new URL('../src/', import.meta.url))
const TEST = fileURLToPath(new URL('./', import.meta.url))

const names = (folder: string, ending: string): readonly string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map(name => name.replaceAll('\\', '/'))
    .filter(name => name.endsWith(ending))
    .map(name => name.slice(0, -ending.length))

const files = new Set(names(SRC, '.ts'))
const tests = new Set(names(TEST, '.test.ts'))
const excepted = Object.values(COVERED).flat()

/** Whether something of the file runs: a file of types alone has nothing to test. */
function runs(name: string): boolean {
  const text = readFileSync(`${SRC}${name}.ts`, 'utf8')
  return /^(export )?(async |abstract )*(function|class|const|let)\b|^export \{|^import '/m.test(text)
}

/** All files that a test reaches: by the paths in it, which are imports and programs of their own, and by running the built program. */
function reached(from: string): ReadonlySet<string> {
  const seen = new Set<string>()
  const next = [from]
  for (let path = next.pop(); path !== undefined; path = next.pop()) {
    if (seen.has(path) || !existsSync(path)) continue
    seen.add(path)
    const text = readFileSync(path, 'utf8')
    for (const [, to = ''] of text.matchAll(/'(\.[^']+\.ts)'/g)) {
      next.push(resolve(dirname(path), to))
    }
    if (text.includes('dist/cli.js')) next.push(`${SRC}cli/main.ts`)
  }
  return seen
}

describe('tests mirror src', () => {
  test('each file has its test, or an exception', () => {
    const known = new Set(excepted)
    const missing = [...files].filter(name => runs(name) && !tests.has(name) && !known.has(name))
    expect(missing).toEqual([])
  })

  test('each test has its file, or a story', () => {
    expect([...tests].filter(name => !files.has(name) && !Object.hasOwn(STORIES, name))).toEqual([])
  })

  test('no exception is there that is not needed, or twice', () => {
    expect(excepted.filter(name => !files.has(name) || tests.has(name) || !runs(name))).toEqual([])
    expect(excepted.filter((name, at) => excepted.indexOf(name) !== at)).toEqual([])
    expect(Object.keys(STORIES).filter(name => !tests.has(name) || files.has(name))).toEqual([])
  })

  test('the test of an exception reaches its files', () => {
    const lost = Object.entries(COVERED).flatMap(([name, covered]) => {
      const reach = reached(`${TEST}${name}.test.ts`)
      return covered.filter(file => !reach.has(`${SRC}${file}.ts`)).map(file => `${name}: ${file}`)
    })
    expect(lost).toEqual([])
  })
})
