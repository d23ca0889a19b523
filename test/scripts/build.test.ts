/** `npm run build` in a small project of its own, which has this one's tools. */
import { type ExecFileException, execFile } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, test } from 'vitest'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const folders: string[] = []
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true })
})

function put(project: string, name: string, text: string): void {
  mkdirSync(join(project, name, '..'), { recursive: true })
  writeFileSync(join(project, name), text)
}

function project(hasTools = true): string {
  const folder = mkdtempSync(join(tmpdir(), 'mqtt-sniff-build-'))
  folders.push(folder)
  for (const name of ['build.js', 'bundle.js']) cpSync(join(ROOT, 'scripts', name), join(folder, 'scripts', name))
  for (const name of ['tsconfig.json', 'package-lock.json']) cpSync(join(ROOT, name), join(folder, name))
  put(folder, 'package.json', '{ "type": "module" }')
  put(folder, 'src/cli/main.ts', "import { one } from '../index.ts'\nconsole.log(one)\n")
  put(folder, 'src/index.ts', 'export const one: number = 1\n')
  put(folder, 'src/capture/sources/capchild.ts', 'console.log(2)\n')
  if (hasTools) symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'))
  return folder
}

interface Ended {
  readonly code: number
  readonly out: string
}

const run = (folder: string, ...args: string[]): Promise<Ended> =>
  new Promise(resolve => {
    execFile(process.execPath, args, { cwd: folder }, (error: ExecFileException | null, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code), out: stdout + stderr }),
    )
  })
const build = (folder: string, ...args: string[]): Promise<Ended> => run(folder, 'scripts/build.js', ...args)

const GOOD: Ended = { code: 0, out: '' }

test('the programs and the declarations, once; anew after a change, without what was there before', async () => {
  const folder = project()
  expect(await build(folder)).toEqual(GOOD)
  expect(readdirSync(join(folder, 'dist')).sort()).toEqual(['.made-from', 'chunks', 'cli.js', 'index.d.ts', 'index.js'])
  expect(await run(folder, 'dist/cli.js')).toEqual({ code: 0, out: '1\n' })
  expect(readFileSync(join(folder, 'dist/index.d.ts'), 'utf8')).toContain('one: number')

  const made = statSync(join(folder, 'dist')).ino
  put(folder, 'dist/stale.js', '')
  expect(await build(folder)).toEqual(GOOD)
  expect(statSync(join(folder, 'dist')).ino).toBe(made)

  put(folder, 'src/index.ts', 'export const one: number = 3\n')
  expect(await build(folder)).toEqual(GOOD)
  expect(await run(folder, 'dist/cli.js')).toEqual({ code: 0, out: '3\n' })
  expect(existsSync(join(folder, 'dist/stale.js'))).toBe(false)

  // What cannot be built is said, and what was built stays.
  put(folder, 'src/index.ts', "export const one: number = 'text'\n")
  const { code, out } = await build(folder)
  expect(code).toBe(1)
  expect(out).toContain("src/index.ts(1,14): error TS2322: Type 'string' is not assignable to type 'number'")
  expect(await run(folder, 'dist/cli.js')).toEqual({ code: 0, out: '3\n' })
  expect(readdirSync(join(folder, 'build'))).toEqual([])
})

test('several at once, and what a build that was killed left behind', async () => {
  const folder = project()
  put(folder, 'build/lock', '999999999')
  put(folder, 'build/dist-999999999/cli.js', '')
  expect(await Promise.all([build(folder), build(folder), build(folder)])).toEqual([GOOD, GOOD, GOOD])
  expect(await run(folder, 'dist/cli.js')).toEqual({ code: 0, out: '1\n' })
  expect(readdirSync(join(folder, 'build'))).toEqual([])
})

test('without the tools', async () => {
  const folder = project(false)
  expect(await build(folder)).toEqual({ code: 1, out: 'build: rolldown and typescript not installed: npm ci\n' })
  expect(await build(folder, '--if-possible')).toEqual(GOOD)
  expect(existsSync(join(folder, 'dist'))).toBe(false)
})
