/**
 * `node --expose-gc frames.js FILE FRAMES`: draws frames on a terminal that is none and prints one line of JSON: processor
 * milliseconds a frame, and by how much the heap grew from the first thousand frames to the last.
 */
import { readFileSync } from 'node:fs'
import { Document } from '../../src/analysis/document.ts'
import { MemoryLog } from '../../src/capture/log.ts'
import { App } from '../../src/tui/app.ts'
import { Keys } from '../../src/tui/keys.ts'
import { Model } from '../../src/tui/model.ts'
import { prepare } from '../../src/tui/terminal/draw.ts'
import { FrameScreen } from '../../src/tui/terminal/screen.ts'

const COLUMNS = 140
const ROWS = 40
const WARM = 1000

const [file = '', count = '10000'] = process.argv.slice(2)
const bytes = readFileSync(file)
const document = new Document({ ports: new Set([1883]) })
const log = new MemoryLog()
log.append(bytes)
document.log = log
document.push(bytes)
document.end()
const rest = {
  isLive: false,
  progress: '',
  rates: [],
  absent: [],
  forgottenBytes: 0,
  isUnsaved: false,
  restarts: false,
  isStarting: false,
  dropped: undefined,
  failure: undefined,
  active: undefined,
}
const status = { state: 'done', name: file, ...rest } as const
const nothing = (): void => {}
const host = {
  status,
  quit: nothing,
  suspend: nothing,
  redraw: nothing,
  copy: nothing,
  save: () => Promise.resolve(''),
  startStop: nothing,
  replay: nothing,
  saveBytes: () => Promise.resolve(''),
  saveRule: () => Promise.resolve(''),
}
const app = new App(new Model(document), host, { theme: 'dark', ascii: false, keys: new Keys() })
app.model.advance(() => true)
const screen = new FrameScreen({ columns: COLUMNS, rows: ROWS, write: (_, taken) => taken() })
const drawn = (await prepare(screen, app))()

/** Down through the list, now and then to another screen: no two frames are alike. */
async function frames(from: number, to: number): Promise<void> {
  const keys = ['j', 'j', 'pagedown', 'j', '}', 'j', 'G', 'g']
  for (let at = from; at < to; at++) {
    const name = at % 500 === 0 ? '2' : at % 500 === 50 ? '1' : (keys[at % 6] ?? 'j')
    app.key(name.length === 1 ? { name, text: name } : { name })
    drawn.update()
    await new Promise(resolve => setImmediate(resolve))
  }
}

const heap = (): number => {
  globalThis.gc?.()
  return process.memoryUsage().heapUsed
}

await frames(0, WARM)
const before = heap()
const cpu = process.cpuUsage()
const drawnBefore = screen.frames
await frames(WARM, WARM + Number(count))
const { user, system } = process.cpuUsage(cpu)
const drawnFrames = screen.frames - drawnBefore
console.log(
  JSON.stringify({ cpuMs: (user + system) / 1000 / drawnFrames, grownBytes: heap() - before, frames: drawnFrames }),
)
drawn.close()
