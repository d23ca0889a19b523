/** One fresh process, one capture, the pipeline with a sink that only counts: prints what it took as JSON. */
import { closeSync, openSync, readSync } from 'node:fs'
import type { RecordSink } from '../../src/store/record.ts'

/** The library as it ships, not the modules it is made of. */
const { Analysis, Pipeline }: typeof import('../../src/index.ts') = await import(
  new URL('../../dist/index.js', import.meta.url).href
)

/** As files are read. */
const CHUNK_SIZE = 256 * 1024

class Counter implements RecordSink {
  packets = 0
  types = 0

  packet(record: { readonly type: number }): void {
    this.packets++
    this.types += record.type
  }

  gap(): void {}
  skipped(): void {}
  damage(): void {}
}

const [, , path = '', passes = '1', mode] = process.argv
/** With sessions, exchanges and findings. */
const isFollowed = mode === 'followed'

/** From the first byte to the last, reading from the page cache included. */
function pass(path: string): { ms: number; frames: number; packets: number } {
  const fd = openSync(path, 'r')
  const chunk = new Uint8Array(CHUNK_SIZE)
  const counter = new Counter()
  const started = process.hrtime.bigint()
  const line = isFollowed ? new Analysis(counter) : new Pipeline(counter)
  for (let size = readSync(fd, chunk); size > 0; size = readSync(fd, chunk)) {
    line.push(size === chunk.length ? chunk : chunk.subarray(0, size))
  }
  const { frames } = line.end()
  const ms = Number(process.hrtime.bigint() - started) / 1e6
  closeSync(fd)
  return { ms, frames, packets: counter.packets }
}

console.log(JSON.stringify(Array.from({ length: Number(passes) }, () => pass(path))))
