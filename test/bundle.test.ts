/** The built program: what is loaded when, and what it needs beside itself. */
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const DIST = fileURLToPath(new URL('../dist/', import.meta.url))
const PACKAGE = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
const STATIC = /(?:^|[;}\n])(?:import|export)\s*(?:[^'"`()]*?\bfrom\s*)?["']([\w@./:-]+)["']/g
const ANY = /(?:[}\w]\s*\bfrom\s*|(?:^|[;}\n])import\s*|\bimport\()["'`]([\w@./:-]{2,})["'`]/g

const imports = (file: string, pattern: RegExp): string[] =>
  [...readFileSync(join(DIST, file), 'utf8').matchAll(pattern)].map(([, name]) => name ?? '')

/** The file, and all that is loaded with it. */
function loaded(file: string, known = new Set<string>()): Set<string> {
  if (known.has(file)) return known
  known.add(file)
  for (const name of imports(file, STATIC).filter(name => name.startsWith('.')))
    loaded(relative(DIST, join(DIST, dirname(file), name)), known)
  return known
}

test('captures on other machines are loaded on use', () => {
  const files = readdirSync(join(DIST, 'chunks')).filter(file => file.endsWith('.js'))
  const far = files.filter(file => readFileSync(join(DIST, 'chunks', file), 'utf8').includes('ClearAllForwardings'))
  expect(far.length).toBe(1)
  for (const file of ['cli.js', 'index.js', 'chunks/program.js', 'chunks/start.js'])
    expect(loaded(file)).not.toContain(`chunks/${far[0]}`)
})

test('Ink is loaded by the screens alone', () => {
  expect(readdirSync(join(DIST, 'chunks'))).toContain('ink.js')
  for (const file of ['cli.js', 'index.js', 'chunks/program.js', 'chunks/grab-run.js', 'chunks/start.js']) {
    expect(loaded(file)).not.toContain('chunks/ink.js')
  }
})

test('what is not bundled is a dependency', () => {
  const files = ['cli.js', 'index.js', ...readdirSync(join(DIST, 'chunks')).map(name => `chunks/${name}`)]
  const packages = files
    .filter(file => file.endsWith('.js'))
    .flatMap(file => imports(file, ANY))
    .filter(name => !name.startsWith('.') && !name.startsWith('node:'))
    // A file of a package: `protobufjs/ext/descriptor.js`.
    .map(name => name.split('/')[0])
  expect(new Set(packages)).toEqual(new Set(Object.keys(PACKAGE.dependencies)))
})

test('the licenses of what is bundled lie beside it', () => {
  const text = readFileSync(join(DIST, 'chunks/LICENSES.txt'), 'utf8')
  for (const name of ['ink', 'react', 'react-reconciler', 'scheduler', 'yoga-layout']) {
    expect(text).toMatch(new RegExp(`^${name} \\d+\\.\\d+\\.\\d+$`, 'm'))
  }
})
