/**
 * `npm run fuzz -- --count N [--seed S] [--layer NAME] [--coverage]`: so many inputs, each made from a seed of its own. What breaks
 * is told with the seed that makes it again. The inputs run in a thread of their own, so that this one can see a hang.
 */
import { randomInt } from 'node:crypto'
import { parseArgs } from 'node:util'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { Coverage, coverageLines } from './coverage.ts'
import type { Layer } from './layers.ts'

/** No input takes a hundredth of it; on a machine with other work some may. */
const LONGEST_INPUT_MS = 5_000
/** What the heap may hold more at a layer's end than after its first inputs: compiled code comes late, a leak goes on. */
const MOST_GROWTH = 16 * 1024 * 1024
/** Of a layer's inputs, those after which its memory is taken as the level to stay at. */
const WARM = 0.1

interface Plan {
  readonly seed: number
  readonly layers: readonly string[]
  readonly counts: readonly number[]
  /** Count which lines of src/transport are reached. */
  readonly coverage: boolean
  /** Layer, seed and number of the input under way. */
  readonly now: Int32Array
}

interface LayerReport {
  readonly layer: string
  readonly inputs: number
  readonly ms: number
  readonly heapBefore: number
  readonly heapAfter: number
  readonly failure?: { readonly seed: number; readonly text: string }
}

const megabytes = (bytes: number): string => `${(bytes / 1024 / 1024).toFixed(1)} MB`
const again = (layer: string, seed: number): string => `npm run fuzz -- --layer ${layer} --seed ${seed} --count 1`

// The thread that runs the inputs

/** What zlib lets go of it lets go here; without a pause now and then it would all stay. */
const pause = (): Promise<void> => new Promise(resolve => setImmediate(resolve))
/** Inputs between two pauses. */
const PAUSE_EVERY = 500

async function work(plan: Plan): Promise<void> {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  const heap = (): number => {
    // What the first collection finds dead gives its buffers back beside the program: only the second sees them gone.
    collect()
    collect()
    const { heapUsed, external } = process.memoryUsage()
    return heapUsed + external
  }
  const coverage = plan.coverage ? new Coverage() : undefined
  coverage?.start()
  // Only what is loaded behind the start is counted whole.
  const { LAYERS } = await import('./layers.ts')
  for (const [index, name] of plan.layers.entries()) {
    const layer = LAYERS.find(one => one.name === name)
    if (layer === undefined) continue
    const report = await runLayer(plan, index, layer, heap)
    parentPort?.postMessage(report)
    if (report.failure !== undefined) return
  }
  if (coverage !== undefined) parentPort?.postMessage(coverageLines(coverage.take()))
}

async function runLayer(
  { seed, counts, now }: Plan,
  index: number,
  { name, input }: Layer,
  heap: () => number,
): Promise<LayerReport> {
  const count = counts[index] ?? 0
  const warm = Math.ceil(count * WARM)
  Atomics.store(now, 0, index)
  let heapBefore = 0
  let ms = 0
  let started = performance.now()
  for (let number = 0; number < count; number++) {
    const own = (seed + number) | 0
    Atomics.store(now, 1, own)
    Atomics.add(now, 2, 1)
    try {
      input(own)
    } catch (error) {
      const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
      return { layer: name, inputs: number + 1, ms, heapBefore: 0, heapAfter: 0, failure: { seed: own, text } }
    }
    if (number % PAUSE_EVERY === 0) await pause()
    if (number + 1 !== warm) continue
    await pause()
    ms += performance.now() - started
    heapBefore = heap()
    started = performance.now()
  }
  ms += performance.now() - started
  await pause()
  return { layer: name, inputs: count, ms, heapBefore, heapAfter: heap() }
}

// The thread that watches

function fail(text: string): never {
  console.error(text)
  process.exit(1)
}

/** True where the layer is fine. */
function show({ layer, inputs, ms, heapBefore, heapAfter, failure }: LayerReport): boolean {
  if (failure !== undefined) fail(`${layer}: ${failure.text}\n\n${again(layer, failure.seed)}`)
  const rate = Math.round((inputs / ms) * 1000).toLocaleString('en')
  const heaps = `heap ${megabytes(heapBefore)}, at the end ${megabytes(heapAfter)}`
  console.log(`${layer.padEnd(10)}${inputs.toLocaleString('en').padStart(12)} inputs ${rate.padStart(10)}/s   ${heaps}`)
  if (heapAfter - heapBefore <= MOST_GROWTH) return true
  console.error(`${layer}: the heap grows`)
  return false
}

const isLines = (report: LayerReport | readonly string[]): report is readonly string[] => Array.isArray(report)

function watch(plan: Plan): void {
  const started = performance.now()
  let inputs = 0
  let fine = true
  let seen = -1
  let since = started
  const worker = new Worker(new URL(import.meta.url), { workerData: plan })
  const timer = setInterval(() => {
    const number = Atomics.load(plan.now, 2)
    if (number !== seen) since = performance.now()
    else if (performance.now() - since > LONGEST_INPUT_MS) {
      const layer = plan.layers[Atomics.load(plan.now, 0)] ?? ''
      fail(`${layer}: an input does not end\n\n${again(layer, Atomics.load(plan.now, 1))}`)
    }
    seen = number
  }, LONGEST_INPUT_MS / 10)
  worker.on('message', (report: LayerReport | readonly string[]) => {
    if (isLines(report)) return void console.log(report.join('\n'))
    inputs += report.inputs
    fine = show(report) && fine
  })
  worker.on('error', error => fail(String(error)))
  worker.on('exit', () => {
    clearInterval(timer)
    const ms = performance.now() - started
    const rate = Math.round((inputs / ms) * 1000).toLocaleString('en')
    const peak = `largest resident set ${megabytes(process.resourceUsage().maxRSS * 1024)}`
    console.log(
      `${'all'.padEnd(10)}${inputs.toLocaleString('en').padStart(12)} inputs ${rate.padStart(10)}/s   ${peak}`,
    )
    process.exitCode = fine ? 0 : 1
  })
}

async function plan(): Promise<Plan> {
  const { LAYERS, shares } = await import('./layers.ts')
  const { values } = parseArgs({
    options: {
      count: { type: 'string', default: '100000' },
      seed: { type: 'string', default: String(randomInt(2 ** 31)) },
      layer: { type: 'string' },
      coverage: { type: 'boolean', default: false },
    },
  })
  const chosen = LAYERS.filter(({ name }) => values.layer === undefined || values.layer === name)
  const count = Number(values.count)
  const seed = Number(values.seed)
  if (chosen.length === 0)
    fail(`no such layer: ${values.layer}; there are ${LAYERS.map(({ name }) => name).join(', ')}`)
  if (!(count >= 1) || !Number.isInteger(seed)) fail('--count and --seed are whole numbers')
  console.log(`seed ${seed}`)
  const now = new Int32Array(new SharedArrayBuffer(12))
  return { seed, layers: chosen.map(({ name }) => name), counts: shares(chosen, count), coverage: values.coverage, now }
}

if (isMainThread) watch(await plan())
else void work(workerData as Plan)
