/**
 * Work counted instead of timed: how often V8 enters functions and blocks of src while something runs. The number is the
 * same on every machine. Blocks are counted of what is compiled after this module is loaded, so it must be imported
 * before anything of src; and nothing is optimised from then on, so tests that count stand in files of their own.
 */
import { Session } from 'node:inspector'
import { setFlagsFromString } from 'node:v8'

interface Coverage {
  readonly result: readonly {
    readonly url: string
    readonly functions: readonly { readonly ranges: readonly { readonly count: number }[] }[]
  }[]
}

// Calls that were compiled into their callers are not counted.
setFlagsFromString('--no-opt')
const session = new Session()
session.connect()
session.post('Profiler.enable')
session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true })

/** Functions and blocks of src entered since this was last called. */
function entered(): number {
  let sum = 0
  session.post('Profiler.takePreciseCoverage', (_error: Error | null, { result }: Coverage) => {
    for (const { url, functions } of result) {
      if (/\/src\//.test(url)) for (const { ranges } of functions) for (const { count } of ranges) sum += count
    }
  })
  return sum
}

/** Functions and blocks of src entered while `run` runs. */
export function workOf(run: () => void): number {
  entered()
  run()
  return entered()
}

/** Bytes that `Uint8Array.set` copies while `run` runs. */
export function copiedBy(run: () => void): number {
  const { set } = Uint8Array.prototype
  let copied = 0
  Uint8Array.prototype.set = function (from, at) {
    copied += from.length
    set.call(this, from, at)
  }
  try {
    run()
  } finally {
    Uint8Array.prototype.set = set
  }
  return copied
}
