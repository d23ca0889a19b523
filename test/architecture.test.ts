/** The rules of src/README.md that a machine can check: which way imports point, and what stays at the edges. */
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'

const SRC = fileURLToPath(new URL('../src/', import.meta.url))

/** From the bottom up: a room may import from the rows below its own, and from its own room. */
const ROWS: readonly (readonly string[])[] = [
  ['base'],
  ['capture', 'net', 'transport', 'mqtt', 'payload'],
  ['store'],
  ['session', 'filter', 'text'],
  ['diagram', 'export'],
  ['report'],
  ['analysis'],
  ['grab'],
  ['tui'],
  ['cli', 'index'],
]

/** The only places that know of the machine: `node:` modules, `process`, clocks and timers. */
const EDGES = [
  /^capture\/sources\//,
  /^transport\/(zlib|tls\/node-crypto)\.ts$/,
  /^payload\/node-unpack\.ts$/,
  /^grab\//,
  /^tui\/(run|terminal)\//,
  /^cli\//,
]

interface Source {
  readonly name: string
  readonly text: string
  readonly imports: readonly string[]
}

const sources: readonly Source[] = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter(name => /\.tsx?$/.test(name))
  .map(name => {
    const text = readFileSync(join(SRC, name), 'utf8')
    const imports = [...text.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map(match => match[1] ?? '')
    return { name: name.replaceAll('\\', '/'), text, imports }
  })

const room = (name: string): string => (name.split('/')[0] ?? '').replace(/\.tsx?$/, '')
const row = (name: string): number => ROWS.findIndex(rooms => rooms.includes(room(name)))
const target = (source: Source, path: string): string =>
  relative(SRC, resolve(SRC, dirname(source.name), path)).replaceAll('\\', '/')

const code = (text: string): string => text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/.*$/gm, '')

/** Each circle as the sorted names of its files: those that reach each other over imports, of types as well. */
function circles(): string[][] {
  const edges = new Map(
    sources.map(source => [
      source.name,
      source.imports.filter(path => path.startsWith('.')).map(path => target(source, path)),
    ]),
  )
  const reached = (from: string): ReadonlySet<string> => {
    const seen = new Set<string>()
    const next = [...(edges.get(from) ?? [])]
    for (let name = next.pop(); name !== undefined; name = next.pop()) {
      if (seen.has(name)) continue
      seen.add(name)
      next.push(...(edges.get(name) ?? []))
    }
    return seen
  }
  const reach = new Map(sources.map(({ name }) => [name, reached(name)]))
  const circleOf = (name: string): string[] =>
    [...(reach.get(name) ?? [])].filter(other => reach.get(other)?.has(name) === true).sort()
  const found = sources.map(({ name }) => circleOf(name)).filter(({ length }) => length > 0)
  return [...new Map(found.map(files => [files.join(), files])).values()].sort((a, b) => (a.join() < b.join() ? -1 : 1))
}

describe('architecture', () => {
  test('every file has its room', () => {
    expect(sources.filter(source => row(source.name) === -1).map(source => source.name)).toEqual([])
    expect(sources.length).toBeGreaterThan(20)
  })

  test('imports point one way', () => {
    const wrong = sources.flatMap(source =>
      source.imports
        .filter(path => path.startsWith('.'))
        .map(path => target(source, path))
        .filter(to => room(to) !== room(source.name) && row(to) >= row(source.name))
        .map(to => `${source.name} → ${to}`),
    )
    expect(wrong).toEqual([])
  })

  test('no circles of files, types included', () => {
    expect(circles()).toEqual([])
  })

  test('only the edges know the machine', () => {
    const machine =
      /'node:|\bprocess\.|\bBuffer\.|\bDate\.now\b|\bnew Date\(\)|\bperformance\.|\bset(Timeout|Interval|Immediate)\b/
    const wrong = sources.filter(
      source => !EDGES.some(edge => edge.test(source.name)) && machine.test(code(source.text)),
    )
    expect(wrong.map(source => source.name)).toEqual([])
  })

  test('tables that are looked up by words know their own entries alone', () => {
    const bare = /const \w+: Readonly<Record<string, (?:[^=]|=>)*?>> = \{/
    expect(sources.filter(source => bare.test(code(source.text))).map(source => source.name)).toEqual([])
  })

  test('stderr has one door, and lines of progress', () => {
    const writers = sources.filter(source => /stderr\.write\(/.test(code(source.text))).map(source => source.name)
    expect(writers.toSorted()).toEqual([
      'capture/sources/capchild.ts',
      'cli/grab-run.ts',
      'cli/progress.ts',
      'tui/terminal/stderr.ts',
    ])
  })

  test('packets are walked by their record: one file opens the door to the walk', () => {
    const knows = sources.filter(source => source.imports.some(path => target(source, path) === 'mqtt/walk.ts'))
    const outside = knows.map(source => source.name).filter(name => !name.startsWith('mqtt/'))
    // The library hands it out.
    expect(outside.sort()).toEqual(['index.ts', 'store/protocol.ts'])
  })

  test('the line is plugged once, in analysis', () => {
    const parts = /\bnew (Pipeline|Tracker|Framer|Flows|Gate|Forwarding)\(/
    const wrong = sources.filter(source => room(source.name) !== 'analysis' && parts.test(code(source.text)))
    expect(wrong.map(source => source.name)).toEqual([])
  })

  test('who looks on cannot send: the screens know nothing of grabs', () => {
    const wrong = sources.filter(
      source =>
        !/^(grab\/|cli\/grab)/.test(source.name) &&
        source.imports.some(path => path.startsWith('.') && /^(grab\/|cli\/grab-)/.test(target(source, path))),
    )
    expect(wrong.map(source => source.name)).toEqual([])
  })

  test('React and Ink are for the screens alone', () => {
    const wrong = sources.filter(
      source => room(source.name) !== 'tui' && source.imports.some(path => /^(react|ink)\b/.test(path)),
    )
    expect(wrong.map(source => source.name)).toEqual([])
  })

  test('one barrel, no drawer for odds and ends', () => {
    expect(sources.filter(source => /(^|\/)(utils?|helpers?|misc|common)\b/.test(source.name))).toEqual([])
    const barrels = sources.filter(source => source.name !== 'index.ts' && /(^|\/)index\.tsx?$/.test(source.name))
    expect(barrels.map(source => source.name)).toEqual([])
  })

  test('unchecked elements are read in base/bytes.ts and base/column.ts alone', () => {
    const wrong = sources.filter(
      source => !['base/bytes.ts', 'base/column.ts'].includes(source.name) && /\]!/.test(code(source.text)),
    )
    expect(wrong.map(source => source.name)).toEqual([])
  })
})
