/** The package as npm would ship it: installed without development dependencies, it runs, and its types stand alone. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const DEPENDENCIES = Object.keys(JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')).dependencies)
const TIMEOUT_MS = 120_000

let folder = ''
let files: readonly string[] = []

/** The tarball is unpacked where npm would install it, and beside it what package.json depends on at run time: nothing else. */
beforeAll(() => {
  mkdirSync(join(ROOT, 'build'), { recursive: true })
  folder = mkdtempSync(join(ROOT, 'build', 'package-'))
  const packed = execFileSync('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder], {
    cwd: ROOT,
    encoding: 'utf8',
  })
  const [{ filename, files: listed }] = JSON.parse(packed)
  files = listed.map(({ path }: { path: string }) => path)
  const modules = join(folder, 'node_modules')
  mkdirSync(join(modules, 'mqtt-sniff'), { recursive: true })
  execFileSync('tar', ['-xzf', join(folder, filename), '-C', join(modules, 'mqtt-sniff'), '--strip-components=1'])
  for (const name of DEPENDENCIES) symlinkSync(join(ROOT, 'node_modules', name), join(modules, name), 'junction')
}, TIMEOUT_MS)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const program = (...words: string[]): string =>
  execFileSync(process.execPath, [join(folder, 'node_modules/mqtt-sniff/dist/cli.js'), ...words], { encoding: 'utf8' })

test('it starts, and reads a sample', () => {
  expect(program('--version')).toMatch(/^\d+\.\d+\.\d+/)
  expect(program('-q', '-T', 'text', join(folder, 'node_modules/mqtt-sniff/samples/qos1.pcapng'))).toContain('PUBACK')
})

test('it holds nothing that only this repository needs', () => {
  const needless = files.filter(name =>
    /^(src\/.*\.ts|test|scripts|build)|\.(mjs|sh|map)$|^samples\/.*\.txt$/.test(name),
  )
  expect(needless).toEqual([])
  expect(files).toContain('dist/index.d.ts')
  expect(files.length).toBeLessThan(250)
})

test('nothing runs when it is installed', () => {
  const { scripts } = JSON.parse(readFileSync(join(folder, 'node_modules/mqtt-sniff/package.json'), 'utf8'))
  for (const name of ['preinstall', 'install', 'postinstall']) expect(scripts[name]).toBeUndefined()
})

test(
  'its types are complete',
  () => {
    const source = `import { Analysis, CaptureReader, Filter, open, Pipeline, type PipelineOptions, Store, walk } from 'mqtt-sniff'
export const all = [Analysis, CaptureReader, Filter, open, Pipeline, Store, walk]
export const options: PipelineOptions = {}
`
    writeFileSync(join(folder, 'user.ts'), source)
    const compilerOptions = {
      strict: true,
      module: 'nodenext',
      target: 'es2022',
      noEmit: true,
      types: ['node'],
      typeRoots: ['../../node_modules/@types'],
    }
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['user.ts'] }))
    writeFileSync(join(folder, 'package.json'), '{"type":"module"}')
    execFileSync(process.execPath, [join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', folder], { encoding: 'utf8' })
  },
  TIMEOUT_MS,
)
