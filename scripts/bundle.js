/**
 * The programs in few pieces, made from what tsc wrote into dist. Not for size: V8 reads an imported name anew at each
 * use and cannot fold it as it folds a constant of the same module, which costs a sixth of the time per frame
 * (`npm run bench -- pipeline`), and sixty files take 30 ms longer to load than a few. Ink and React are two hundred
 * files more, and 0.3 s: they become one piece, which is loaded when a screen is drawn and not before.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { build } from 'rolldown'

/** Ink looks for a debugger of React where DEV is set: nobody wants one here, and it is not installed. */
const noDebugger = {
  name: 'no-debugger',
  load: { filter: { id: /\/ink\/build\/(utils|devtools)\.js$/ }, handler: () => 'export const isDev = () => false' },
}

const { output } = await build({
  input: {
    cli: 'dist/cli/main.js',
    index: 'dist/index.js',
    // Started as a process of its own by capture/sources/libpcap.ts, which looks for it beside itself.
    'chunks/capchild': 'dist/capture/sources/capchild.js',
  },
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
    dir: 'dist',
    format: 'esm',
    entryFileNames: '[name].js',
    chunkFileNames: 'chunks/[name].js',
    codeSplitting: {
      groups: [
        {
          name: 'line',
          test: /dist\/((base|net|transport|mqtt|store|session|filter|text|export)\/|capture\/(?!sources\/capchild)|analysis\/pipeline)/,
        },
        { name: 'ink', test: /node_modules/ },
      ],
    },
  },
})
writeFileSync('dist/chunks/LICENSES.txt', licenses(output.flatMap(({ moduleIds = [] }) => moduleIds)))

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
