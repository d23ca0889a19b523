/**
 * The programs in few pieces, made from what tsc wrote into dist. Not for size: V8 reads an imported name anew at each
 * use and cannot fold it as it folds a constant of the same module, which costs a sixth of the time per frame
 * (`npm run bench -- pipeline`), and sixty files take 30 ms longer to load than a few.
 */
import { build } from 'rolldown'

await build({
  input: {
    cli: 'dist/cli.js',
    index: 'dist/index.js',
    // Started as a process of its own by capture/libpcap.ts, which looks for it beside itself.
    'chunks/capchild': 'dist/capture/capchild.js',
  },
  platform: 'node',
  // What comes from node_modules stays there.
  external: /^[^./]/,
  output: {
    dir: 'dist',
    format: 'esm',
    entryFileNames: '[name].js',
    chunkFileNames: 'chunks/[name].js',
    codeSplitting: {
      groups: [
        {
          name: 'line',
          test: /dist\/((bytes|field|line|strings|pipeline)\.js|(capture|net|mqtt|store|session|filter|export)\/(?!capchild))/,
        },
      ],
    },
  },
})
