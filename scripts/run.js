/**
 * `node scripts/run.js NAME …`: bundles the programs of test/NAME into a folder of their own, starts `run` of them with
 * the words that follow, and ends as it ends. Node 20 runs no TypeScript.
 */
import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { join, parse } from 'node:path'
import { fileURLToPath } from 'node:url'
import { bundle } from './bundle.js'

process.chdir(fileURLToPath(new URL('..', import.meta.url)))
const [name = '', ...args] = process.argv.slice(2)
const programs = readdirSync(`test/${name}`).filter(file => /^(?!.*\.test).*\.ts$/.test(file))

mkdirSync('build', { recursive: true })
const folder = mkdtempSync(`build/${name}-`)
process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
// The program has the same signals of the terminal, and ends by them.
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => {})

await bundle(folder, Object.fromEntries(programs.map(file => [parse(file).name, `test/${name}/${file}`])), {
  sourcemap: args.includes('--coverage'),
})
const child = spawn(process.execPath, [join(folder, 'run.js'), ...args], { stdio: 'inherit' })
child.once('close', code => process.exit(code ?? 1))
