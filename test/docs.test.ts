/**
 * What README and manual say one can type is typed: each command runs, each option exists, each filter compiles, each link
 * leads to a file. Commands that need another machine, other rights or a broker have their options checked alone.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Filter } from '../src/filter/filter.ts'
import { needs } from './support/tools.ts'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const CLI = join(ROOT, 'dist/cli.js')
const PAGES = ['README.md', ...readdirSync(join(ROOT, 'docs')).map(name => `docs/${name}`)].filter(name =>
  name.endsWith('.md'),
)
const TIMEOUT_MS = 120_000

/** Commands that are not run, by what they would need. */
const ELSEWHERE =
  /ssh|docker|kubectl|k8s:|nsenter|\bsudo\b|apt-get|npm |mqtt-sniff (grab|tap|lab)|mosquitto|editcap|-i |<|…/
/** What the pages call a capture, and what stands for it here. */
const FILES = {
  'capture.pcapng': 'tour.pcapng',
  'damaged.pcap': 'lost.pcapng',
  'client.pcap': 'qos1.pcapng',
  'broker.pcap': 'qos2.pcapng',
  'monday.pcapng': 'qos0.pcapng',
  'tuesday.pcap.gz': 'qos1.pcapng',
  'wednesday.pcapng': 'qos2.pcapng',
}

const textOf = (page: string): string => readFileSync(join(ROOT, page), 'utf8')

/** Command lines of all blocks of code, without their comments. */
const commandsOf = (page: string): readonly string[] =>
  [...textOf(page).matchAll(/```(?:sh)?\n([\s\S]*?)```/g)]
    .flatMap(([, block = '']) => block.split('\n'))
    .map(line => line.replace(/\s+#\s.*$/, '').trim())
    .filter(line => !line.startsWith('$') && /(^|\| )mqtt-sniff /.test(line))

const runnable = (command: string): boolean => !ELSEWHERE.test(command)

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'mqtt-sniff-docs-'))
  writeFileSync(join(folder, 'mqtt-sniff'), `#!/bin/sh\nexec '${process.execPath}' '${CLI}' "$@"\n`)
  chmodSync(join(folder, 'mqtt-sniff'), 0o755)
  for (const [name, sample] of Object.entries(FILES)) copyFileSync(join(ROOT, 'samples', sample), join(folder, name))
  writeFileSync(join(folder, 'keys.txt'), '')
  symlinkSync(join(ROOT, 'samples'), join(folder, 'samples'), 'junction')
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** The same command stands on several pages. */
const known = new Map<string, string>()

function run(command: string): string {
  const before = known.get(command)
  const outcome = before ?? outcomeOf(command)
  known.set(command, outcome)
  return outcome
}

function outcomeOf(command: string): string {
  const { status, stderr } = spawnSync('sh', ['-c', command.replace(/--pace \S+/, '--pace 1000x')], {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, PATH: `${folder}:${process.env.PATH}` },
  })
  return /^mqtt-sniff: (?!.*(hint|note):)/m.test(stderr) || (status ?? 9) > 1 ? `${command}: ${status} ${stderr}` : ''
}

/** Blocks that show a command behind `$` and what it prints. */
const dialoguesOf = (page: string): readonly (readonly [string, string])[] =>
  [...textOf(page).matchAll(/```\n\$ (.*)\n([\s\S]*?)```/g)].map(([, command = '', output = '']) => [command, output])

/** The summary on stderr, which pages leave out. */
const SUMMARY = /^\d[\d,]* frames · .*\n/m

test.each(PAGES.filter(page => dialoguesOf(page).length > 0))('dialogues of %s', page => {
  const env = { ...process.env, PATH: `${folder}:${process.env.PATH}` }
  for (const [command, output] of dialoguesOf(page)) {
    const { stdout } = spawnSync('sh', ['-c', `${command} 2>&1`], { cwd: folder, encoding: 'utf8', env })
    expect(stdout.replace(SUMMARY, '')).toBe(output)
  }
})

describe('commands run', () => {
  for (const page of PAGES.filter(name => commandsOf(name).some(runnable)))
    needs('sh', 'jq')(
      page,
      () => expect(commandsOf(page).filter(runnable).map(run).filter(Boolean)).toEqual([]),
      TIMEOUT_MS,
    )
})

const helps = new Map<string, string>()
function helpOf(command: string): string {
  const known = helps.get(command)
  if (known !== undefined) return known
  const help = execFileSync(process.execPath, [CLI, ...command.split(' ').filter(Boolean), '--help'], {
    encoding: 'utf8',
  })
  helps.set(command, help)
  return help
}

/** Each call of the program in a line: the command's name, and its options. */
const callsOf = (line: string): readonly { readonly command: string; readonly options: readonly string[] }[] =>
  line.split(/ (?:\||\|\||&|&&) |; /).flatMap(part => {
    const [, words] = /^mqtt-sniff (.*)$/.exec(part.replace(/'[^']*'|"[^"]*"/g, 'x')) ?? []
    if (words === undefined) return []
    const [, command = ''] = /^([a-z]+)( |$)/.exec(words) ?? []
    return [{ command, options: [...words.matchAll(/(?<= |^)--?[A-Za-z][a-z-]*/g)].map(([name]) => name) }]
  })

describe('options exist', () => {
  test.each(PAGES.filter(page => commandsOf(page).length > 0))('%s', page => {
    const unknown = commandsOf(page)
      .flatMap(callsOf)
      .flatMap(({ command, options }) =>
        options.filter(option => !new RegExp(`(^|\\s)${option}(,|\\s)`, 'm').test(helpOf(command))),
      )
    expect(unknown).toEqual([])
  })
})

describe('filters compile', () => {
  test('the examples of the table of operators', () => {
    const [, table = ''] =
      /\| to write \| example \| means \|\n\|---\|---\|---\|\n([\s\S]*?)\n\n/.exec(textOf('docs/filters.md')) ?? []
    const cells = table.split('\n').map(row => row.replaceAll('\\|', '¦').split('|')[2] ?? '')
    const examples = cells.flatMap(cell =>
      [...cell.matchAll(/`([^`]+)`/g)].map(([, text = '']) => text.replaceAll('¦', '|')),
    )
    expect(examples.length).toBeGreaterThan(15)
    for (const example of examples) expect(() => new Filter(example), example).not.toThrow()
  })

  test.each(PAGES)('-Y in %s', page => {
    const quoted = [...textOf(page).matchAll(/-Y '([^']*)'/g)].map(([, text = '']) => text)
    for (const text of quoted.filter(one => one !== '…' && !one.includes('mqtt.topc')))
      expect(() => new Filter(text), text).not.toThrow()
  })
})

test.each([...PAGES, 'CONTRIBUTING.md', 'SECURITY.md', 'src/README.md', 'samples/README.md'])('links of %s', page => {
  const links = [...textOf(page).matchAll(/\]\(([^)#]+)(#[^)]*)?\)/g)].map(([, to = '']) => to)
  expect(links.filter(to => !to.includes('://') && !existsSync(join(ROOT, dirname(page), to)))).toEqual([])
})
