/**
 * `npm run build`: dist/ made from src, where anything it depends on has changed since it was last made. It is made in a
 * folder of its own and put in place whole, so that several builds, tests and programs may run at the same time. With
 * `--if-possible` (as `prepare`, after each npm ci) it does nothing where the tools that build are not installed.
 */
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

process.chdir(fileURLToPath(new URL('..', import.meta.url)))

/** Kept in dist: the hash of what it was made from. */
const STAMP = 'dist/.made-from'
/** What dist is made from, beside src. */
const OTHERS = ['scripts/build.js', 'scripts/bundle.js', 'tsconfig.json', 'package-lock.json']
const WORKSHOP = 'build'
const LOCK = join(WORKSHOP, 'lock')
/** No build takes this long: a lock as old as this was left behind. */
const LONGEST_MS = 120_000
const POLL_MS = 50

const filesBelow = folder =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath ?? entry.path, entry.name))
    .sort()

function hashOfInputs() {
  const hash = createHash('sha256').update(process.version)
  for (const file of [...filesBelow('src'), ...OTHERS]) {
    const bytes = readFileSync(file)
    hash.update(`\0${file}\0${bytes.length}\0`).update(bytes)
  }
  return hash.digest('hex')
}

const isMadeFrom = hash => existsSync(STAMP) && readFileSync(STAMP, 'utf8') === hash

function isAlive(pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error.code === 'EPERM'
  }
}

/** True where the lock is there, and held by a build that goes on. */
function isLocked() {
  try {
    return isAlive(Number(readFileSync(LOCK, 'utf8'))) && Date.now() - statSync(LOCK).mtimeMs < LONGEST_MS
  } catch {
    return false
  }
}

function tryLock() {
  try {
    writeFileSync(LOCK, String(process.pid), { flag: 'wx' })
    return true
  } catch {
    return false
  }
}

/**
 * The lock only saves work: two builds that both hold it (because a third died, at the same moment) make two folders, and
 * the later one stays.
 */
async function lock() {
  while (!tryLock()) {
    if (isLocked()) await sleep(POLL_MS)
    else rmSync(LOCK, { force: true })
  }
}

/** Puts the folder where dist is. The name dist is missing between two calls of the system, and not longer. */
function putInPlace(folder) {
  const old = `${folder}-old`
  for (;;) {
    if (existsSync('dist')) renameSync('dist', old)
    try {
      renameSync(folder, 'dist')
      return rmSync(old, { recursive: true, force: true })
    } catch (error) {
      if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error
      rmSync(old, { recursive: true, force: true })
    }
  }
}

/** Folders of builds that were ended half way. */
function sweep() {
  for (const name of readdirSync(WORKSHOP)) {
    const pid = /^dist-(\d+)(-old)?$/.exec(name)?.[1]
    if (pid !== undefined && !isAlive(Number(pid))) rmSync(join(WORKSHOP, name), { recursive: true, force: true })
  }
}

async function make(hash) {
  sweep()
  const folder = join(WORKSHOP, `dist-${process.pid}`)
  rmSync(folder, { recursive: true, force: true })
  const { makeAll } = await import('./bundle.js')
  try {
    await makeAll(folder)
    writeFileSync(join(folder, '.made-from'), hash)
    putInPlace(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function build() {
  if (isMadeFrom(hashOfInputs())) return
  const missing = ['rolldown', 'typescript'].filter(name => !existsSync(`node_modules/${name}`))
  if (missing.length > 0) {
    if (process.argv.includes('--if-possible')) return
    throw new Error(`${missing.join(' and ')} not installed: npm ci`)
  }
  mkdirSync(WORKSHOP, { recursive: true })
  await lock()
  try {
    const hash = hashOfInputs()
    if (!isMadeFrom(hash)) await make(hash)
  } finally {
    rmSync(LOCK, { force: true })
  }
}

try {
  await build()
} catch (error) {
  console.error(`build: ${error.message}`)
  process.exitCode = 1
}
