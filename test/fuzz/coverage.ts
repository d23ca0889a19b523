/** Which lines of src/transport the inputs reach: V8 counts, and the source map of the bundle says where a line came from. */
import { readFileSync } from 'node:fs'
import { Session } from 'node:inspector'
import { SourceMap } from 'node:module'
import { fileURLToPath } from 'node:url'

interface Range {
  readonly startOffset: number
  readonly endOffset: number
  readonly count: number
}

interface Script {
  readonly url: string
  readonly functions: readonly { readonly functionName: string; readonly ranges: readonly Range[] }[]
}

/** Lines of one file that hold code, and those that were never reached. */
export interface FileCoverage {
  readonly file: string
  readonly lines: number
  readonly missed: readonly number[]
}

const ROOM = /src\/(transport\/.*)$/
/** A line that is no more than the end of something, or a name of a declaration, runs nothing by itself. */
const NO_CODE = /^(?:[\])};,\s]*|\/[/*].*|\*.*|} else {|static \w+;|\w+;|import .*|export .*|\/\/#.*)$/

export class Coverage {
  private readonly session = new Session()

  start(): void {
    this.session.connect()
    this.session.post('Profiler.enable')
    this.session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true })
  }

  /** Returns the coverage of each file since `start`. */
  take(): readonly FileCoverage[] {
    let scripts: readonly Script[] = []
    // In this thread the answer is there when the call returns.
    this.session.post('Profiler.takePreciseCoverage', (_error, answer) => {
      scripts = (answer as { readonly result: readonly Script[] }).result
    })
    const files = new Map<string, Map<number, boolean>>()
    for (const script of scripts)
      if (script.url.startsWith('file:') && script.url.endsWith('.js')) readScript(script, files)
    return [...files]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([file, lines]) => ({
        file,
        lines: lines.size,
        missed: [...lines].filter(([, isReached]) => !isReached).map(([line]) => line),
      }))
  }
}

function readScript({ url, functions }: Script, files: Map<string, Map<number, boolean>>): void {
  const path = fileURLToPath(url)
  const text = readFileSync(path, 'utf8')
  const map = sourceMapOf(path)
  if (map === undefined) return
  // What stands outside of all functions ran when the module was loaded, before anybody counted.
  const ranges = functions.flatMap(one => one.ranges).filter(({ startOffset }) => startOffset > 0)
  let offset = 0
  for (const [number, line] of text.split('\n').entries()) {
    const column = line.search(/\S/)
    if (column >= 0 && !NO_CODE.test(line.trim())) note(map, number, column, isReached(ranges, offset + column), files)
    offset += line.length + 1
  }
}

function sourceMapOf(path: string): SourceMap | undefined {
  try {
    return new SourceMap(JSON.parse(readFileSync(`${path}.map`, 'utf8')))
  } catch {
    return undefined
  }
}

/** The innermost range decides. */
function isReached(ranges: readonly Range[], offset: number): boolean {
  let inner: Range | undefined
  for (const range of ranges) {
    if (range.startOffset > offset || range.endOffset <= offset) continue
    if (inner === undefined || range.endOffset - range.startOffset <= inner.endOffset - inner.startOffset) inner = range
  }
  return inner === undefined || inner.count > 0
}

function note(
  map: SourceMap,
  line: number,
  column: number,
  isReached: boolean,
  files: Map<string, Map<number, boolean>>,
): void {
  const entry = map.findEntry(line, column) as { originalSource?: string; originalLine?: number }
  const file = ROOM.exec(entry.originalSource ?? '')?.[1]
  if (file === undefined || entry.originalLine === undefined) return
  const lines = files.get(file) ?? new Map<number, boolean>()
  files.set(file, lines)
  const number = entry.originalLine + 1
  lines.set(number, isReached || lines.get(number) === true)
}

/** Returns a line for each file, and one for all of them. */
export function coverageLines(files: readonly FileCoverage[]): readonly string[] {
  const percent = (lines: number, missed: number): string =>
    `${(((lines - missed) / lines) * 100).toFixed(1)} %`.padStart(8)
  const [lines, missed] = [files.map(file => file.lines), files.map(file => file.missed.length)].map(list =>
    list.reduce((sum, count) => sum + count, 0),
  ) as [number, number]
  return [
    'Lines of src/transport that were reached:',
    ...files.map(file => {
      const numbers = file.missed.length === 0 ? '' : `  not ${file.missed.join(' ')}`
      return `  ${file.file.padEnd(36)}${percent(file.lines, file.missed.length)} of ${`${file.lines}`.padStart(4)}${numbers}`
    }),
    `  ${'all'.padEnd(36)}${percent(lines, missed)} of ${`${lines}`.padStart(4)}`,
  ]
}
