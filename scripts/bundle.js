/**
 * The programs in few pieces, made from src. Not for size: V8 reads an imported name anew at each use and cannot fold it
 * as it folds a constant of the same module, which costs a sixth of the time per frame (`npm run bench -- pipeline`), and
 * sixty files take 30 ms longer to load than a few. Ink and React are two hundred files more, and 0.3 s: they become one
 * piece, which is loaded when a screen is drawn and not before.
 */
import { execFile } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import { promisify } from 'node:util'
import { build } from 'rolldown'

/** Ink looks for a debugger of React where DEV is set: nobody wants one here, and it is not installed. */
const noDebugger = {
  name: 'no-debugger',
  load: { filter: { id: /\/ink\/build\/(utils|devtools)\.js$/ }, handler: () => 'export const isDev = () => false' },
}

const PROGRAMS = {
  cli: 'src/cli/main.ts',
  index: 'src/index.ts',
  // Started as a process of its own by capture/sources/libpcap.ts, which looks for it beside itself.
  'chunks/capchild': 'src/capture/sources/capchild.ts',
}

/** What works on each frame is one module: the rooms of the line, with what reads files, and without what only live captures need. Filters are loaded where one is asked for. */
const LINE =
  /src\/((base|net|transport|mqtt|payload(?!\/node-unpack)|store|session|text|export)\/|capture\/(?!sources\/(?!file|gzip|peek|source|small|merged|trouble|secrets|key-log))|analysis\/pipeline)/

/** Writes the programs and their chunks into the folder; the result names the modules they are made of. With `sourcemap` each has its map beside it. */
export async function bundle(folder, input = PROGRAMS, { sourcemap = false } = {}) {
  const { output } = await build({
    input,
    platform: 'node',
    // What else comes from node_modules stays there.
    external: (id, from = '') => /^[^./]/.test(id) && !/^(ink|react)$/.test(id) && !from.includes('/node_modules/'),
    plugins: [noDebugger],
    transform: {
      define: {
        // The other form of React keeps 41 measurements of every frame, and takes twice the time.
        'process.env.NODE_ENV': '"production"',
        // Yoga would fetch() its own bytes, which stand in it as text: to load what does that takes 25 ms.
        fetch: 'undefined',
      },
    },
    output: {
      dir: folder,
      format: 'esm',
      sourcemap,
      entryFileNames: '[name].js',
      chunkFileNames: 'chunks/[name].js',
      // Blanks and comments take time to read at each start. Names stay, so that traces can be read.
      minify: sourcemap ? false : { compress: false, mangle: false, codegen: { removeWhitespace: true } },
      codeSplitting: {
        groups: [
          { name: 'line', test: LINE },
          { name: 'ink', test: /node_modules/ },
        ],
      },
    },
  })
  return output.flatMap(({ moduleIds = [] }) => moduleIds)
}

/** Writes what `npm run build` makes: the programs, the licenses of what is bundled in them, and the declarations. */
export async function makeAll(folder) {
  mkdirSync(folder, { recursive: true })
  const declared = declare(folder)
  const modules = await bundle(folder)
  writeFileSync(join(folder, 'chunks/LICENSES.txt'), licenses(modules))
  await declared
}

/** Writes the declarations of index.ts, and of what it names. The folder is two levels below the root. */
async function declare(folder) {
  const config = join(folder, 'tsconfig.json')
  const compilerOptions = {
    noEmit: false,
    declaration: true,
    emitDeclarationOnly: true,
    rootDir: '../../src',
    outDir: '.',
  }
  const options = { extends: '../../tsconfig.json', compilerOptions, include: [], files: ['../../src/index.ts'] }
  writeFileSync(config, JSON.stringify(options))
  try {
    await promisify(execFile)(process.execPath, ['node_modules/typescript/bin/tsc', '-p', config])
  } catch (error) {
    throw new Error(`tsc\n${error.stdout}`)
  }
  rmSync(config)
  dropUnreachable(folder)
}

/** Removes the declarations that index.d.ts does not lead to. */
function dropUnreachable(folder) {
  const reached = new Set(['index.d.ts'])
  for (const file of reached) for (const name of declarationsNamedIn(folder, file)) reached.add(name)
  for (const entry of readdirSync(folder, { recursive: true })) {
    const name = entry.replaceAll('\\', '/')
    if (name.endsWith('.d.ts') && !reached.has(name)) rmSync(join(folder, name))
  }
}

function declarationsNamedIn(folder, file) {
  const text = readFileSync(join(folder, file), 'utf8')
  const named = [...text.matchAll(/(?:from |import\()['"](\.[^'"]+)\.[jt]s['"]/g)]
  return named.map(([, name]) => posix.join(posix.dirname(file), `${name}.d.ts`))
}

/** The licenses of what is bundled, as they ask for: package by package, each text once. */
function licenses(modules) {
  const folders = new Set(modules.flatMap(id => /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(id) ?? []))
  return [...folders].sort().map(license).join('\n')
}

function license(folder) {
  const about = JSON.parse(readFileSync(`${folder}/package.json`, 'utf8'))
  const file = readdirSync(folder).find(name => /^licen[cs]e/i.test(name))
  const text =
    file === undefined
      ? `License: ${about.license}, ${about.author?.name ?? about.author}\n`
      : readFileSync(`${folder}/${file}`, 'utf8')
  return `${about.name} ${about.version}\n\n${text}`
}
