import { availableParallelism } from 'node:os'
import { configDefaults, defineConfig } from 'vitest/config'

/** They change how V8 runs code, and need src loaded behind them. */
const ALONE = ['test/linear.test.ts']
/**
 * Tests of rooms that keep nothing of their own between two calls: their files share what they load, which halves their
 * time. Those that run the program, or write golden files, load it for themselves.
 */
const TOGETHER = [
  'test/{base,capture,net,transport,mqtt,payload,store,session,filter,text,diagram,export,analysis,field}/**/*.test.ts',
]

export default defineConfig({
  test: {
    setupFiles: ['test/support/setup.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Many tests wait for other programs, so that one core more than vitest would take is still not too many.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    projects: [
      {
        extends: true,
        test: { name: 'together', include: TOGETHER, isolate: false },
      },
      {
        extends: true,
        test: {
          name: 'apart',
          include: ['test/**/*.test.ts'],
          exclude: [...configDefaults.exclude, ...ALONE, ...TOGETHER],
        },
      },
      { extends: true, test: { name: 'alone', include: ALONE } },
    ],
  },
})
