/**
 * `npm run bench [-- section …] [--frames N] [--rounds N] [--seed N] [--kind WORDS]`: what the program takes, beside what others take
 * for the same work. Programs are started anew for each measurement, as a user starts them, in turns, and the medians
 * are compared: on a machine with other work a single time says little. `--kind` names kinds of captures for `cost` and `memory`.
 */
import { spawnSync } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { makeCapture } from './capture.ts'
import { CostBench } from './cost.ts'
import { type Crowd, makeCrowd } from './crowd.ts'
import { compileFloor, findTool } from './floor.ts'
import { KINDS, makeForeign } from './foreign.ts'
import { type LiveResult as CapturedResult, measureLive } from './live.ts'
import { type Command, type Measured, median, runInTurns } from './measure.ts'
import { COMMANDS, kindsOf, measureFlood } from './memory.ts'
import type { Version } from './packets.ts'
import { makePayloads, PAYLOAD_SIZE } from './payloads.ts'
import type { Answers, LiveResult, LoadedResult, Taken } from './screens.ts'
import { roundTrips } from './tap.ts'
import { makeTlsCapture, TLS_PORT } from './tls.ts'

const CLI = join(import.meta.dirname, '../../dist/cli.js')
const LINE = join(import.meta.dirname, 'line.js')
const FILTER = join(import.meta.dirname, 'filter.js')
const SECTIONS = [
  'pipeline',
  'count',
  'fields',
  'ndjson',
  'text',
  'filter',
  'tls',
  'payloads',
  'floor',
  'version',
  'memory',
  'crowd',
  'foreign',
  'cost',
  'live',
  'tap',
  'tui',
] as const
type Section = (typeof SECTIONS)[number]

/** Peak memory is shown on a file of so many times the frames. */
const MEMORY_TIMES = 10
const PASSES = 5

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    frames: { type: 'string', default: '1000000' },
    rounds: { type: 'string', default: '3' },
    seed: { type: 'string', default: '1' },
    kind: { type: 'string', multiple: true, default: [] },
  },
})
const frames = Number(values.frames)
const rounds = Number(values.rounds)
const seed = Number(values.seed)
const folder = mkdtempSync(join(tmpdir(), 'mqtt-sniff-bench-'))
const tshark = findTool('tshark')

/** A capture for measuring, made when it is first asked for. */
const made = new Map<string, string>()
function capture(version: Version, size: number): string {
  const name = join(folder, `${size}-v${version}.pcap`)
  if (!made.has(name)) makeCapture(name, { frames: size, version, seed })
  made.set(name, name)
  return name
}

const ours = (file: string, ...args: string[]): Command => ({
  title: `mqtt-sniff ${args.join(' ')}`,
  program: process.execPath,
  args: [CLI, ...args, file],
})
const theirs = (file: string, ...args: string[]): Command => ({
  title: `tshark ${args.join(' ')}`,
  program: 'tshark',
  args: [...args, '-r', file],
})

const heading = (text: string): void => console.log(`\n${text}`)
const count = (value: number): string => value.toLocaleString('en')

function row(title: string, cells: readonly string[]): void {
  console.log(`  ${title.padEnd(98)}${cells.map(cell => cell.padStart(17)).join('')}`)
}

const seconds = (ms: number): string =>
  ms < 1000 ? `${ms.toFixed(ms < 100 ? 1 : 0)} ms` : `${(ms / 1000).toFixed(2)} s`
const memory = (peak: number | undefined): string =>
  peak === undefined ? 'not known' : `${(peak / 1024 / 1024).toFixed(0)} MB`

function report(command: Command, measured: Measured, extra: readonly string[] = []): void {
  if (measured.failed !== undefined) return row(command.title, [measured.failed])
  row(command.title, [seconds(median(measured.times)), memory(measured.peak), ...extra])
}

/** Ours beside theirs, on the same file. */
async function beside(title: string, aim: string, own: Command, other: Command): Promise<void> {
  heading(`${title} (median of ${rounds}, peak memory, ratio; aim ${aim})`)
  if (tshark === undefined) console.log('  tshark is not installed: nothing to compare with')
  const [mine, their] = await runInTurns(tshark === undefined ? [own] : [own, other], rounds)
  if (mine === undefined) return
  report(own, mine)
  if (their === undefined) return
  const ratio = median(their.times) / median(mine.times)
  report(other, their, [their.failed || mine.failed ? '' : `${ratio.toFixed(1)} x`])
}

/** The pipeline in process with a sink that only counts: the first pass as a user has it, and the ones after it. */
async function pipeline(): Promise<void> {
  heading(`In process, one thread, ${count(frames)} frames, reading included (median of ${rounds})`)
  const commands = ([4, 5] as const).flatMap(version =>
    (['bare', 'followed'] as const).map(mode => ({
      title: `MQTT ${version === 4 ? '3.1.1' : '5.0'}, ${LINE_MODES[mode]}`,
      program: process.execPath,
      args: [LINE, capture(version, frames), String(PASSES), mode],
    })),
  )
  const results = await runInTurns(commands, rounds)
  for (const [index, { title }] of commands.entries()) {
    const passes = results[index]?.output.map(text => JSON.parse(text) as { ms: number; packets: number }[]) ?? []
    const rate = (of: number[]): string => `${count(Math.round(frames / median(of) / 10) * 10_000)}/s`
    row(`${title}: first pass`, [rate(passes.map(one => one[0]?.ms ?? 0))])
    row(`${title}: passes 2 to ${PASSES}, compiled by then`, [
      rate(passes.flatMap(one => one.slice(1).map(({ ms }) => ms))),
    ])
  }
}

const LINE_MODES = {
  bare: 'packets (aim 3,000,000/s)',
  followed: 'with sessions, exchanges and findings (aim 2,000,000/s)',
} as const

const FOUR = ['frame.number', 'mqtt.msgtype', 'mqtt.topic', 'mqtt.msgid'].flatMap(name => ['-e', name])

const sections: Readonly<Record<Section, () => Promise<void>>> = {
  pipeline,
  count: () => {
    const file = capture(4, frames)
    const own = ours(file, '-T', 'none')
    return beside(`Count, ${count(frames)} frames`, '15 x', own, theirs(file, '-q', '-z', 'io,stat,0,mqtt'))
  },
  fields: () => {
    const file = capture(4, frames)
    const own = ours(file, '-T', 'fields', ...FOUR)
    const other = theirs(file, '-Y', 'mqtt', '-T', 'fields', ...FOUR)
    return beside(`Four fields, ${count(frames)} frames`, '15 x', own, other)
  },
  ndjson,
  text: () => {
    const file = capture(4, frames)
    return beside(`Text, ${count(frames)} frames`, '4 x', ours(file, '-T', 'text'), theirs(file, '-Y', 'mqtt'))
  },
  filter,
  tls,
  payloads,
  floor,
  crowd,
  foreign,
  cost,
  live,
  tap,
  tui,
  version: async () => {
    heading('Start (median of 15, peak memory, ratio; aim 1.5 x)')
    const commands = [
      { title: 'mqtt-sniff --version', program: process.execPath, args: [CLI, '--version'] },
      { title: 'node -e 0', program: process.execPath, args: ['-e', '0'] },
    ]
    const [own, bare] = await runInTurns(commands, 15)
    if (commands[0] === undefined || commands[1] === undefined || own === undefined || bare === undefined) return
    report(commands[1], bare)
    report(commands[0], own, [`${(median(own.times) / median(bare.times)).toFixed(2)} x`])
  },
  memory: async () => {
    if (values.kind.length > 0) return floods()
    const size = frames * MEMORY_TIMES
    heading(`Memory, ${count(size)} frames (once; aim 150 MB)`)
    for (const version of [4, 5] as const) {
      const own = ours(capture(version, size), '-T', 'ndjson')
      const [measured] = await runInTurns(
        [{ ...own, title: `${own.title}, MQTT ${version === 4 ? '3.1.1' : '5.0'}` }],
        1,
      )
      if (measured !== undefined)
        report({ ...own, title: `${own.title}, MQTT ${version === 4 ? '3.1.1' : '5.0'}` }, measured)
      rmSync(capture(version, size))
    }
    await floods()
  },
}

/** Twice as much of what is made to be slow takes twice as long, and no more memory than is told. */
async function cost(): Promise<void> {
  heading('What hostile captures cost: processor time of 1, 2 and 4 times as much, peak memory, largest step (aim 2.3)')
  const bench = new CostBench(CLI, folder)
  for (const kind of CostBench.kinds(values.kind)) {
    const measured = await bench.measure(kind)
    if (measured === undefined) continue
    const { title, size, costs, step } = measured
    const cells = [...costs.map(({ ms }) => seconds(ms)), memory(costs.at(-1)?.peak), `${step.toFixed(2)} x`]
    row(`${title}, ${count(size)}`, cells)
  }
}

/** What is kept of each of many has an end: four times as many take no more memory. */
async function crowd(): Promise<void> {
  const commands: readonly (readonly [Crowd, string])[] = [
    ['connections', 'findings'],
    ['connections', 'sessions'],
    ['topics', 'findings'],
    ['topics', 'topics'],
    ['packet ids', 'findings'],
    ['packet ids', 'handshakes'],
  ]
  heading(`Many at once, ${count(frames / 4)} and ${count(frames)} of them (once, peak memory)`)
  for (const [kind, command] of commands) {
    for (const size of [frames / 4, frames]) {
      const file = join(folder, `${kind}-${size}.pcap`)
      makeCrowd(file, kind, size)
      const title = `${command}, ${count(size)} ${kind}`
      const [measured] = await runInTurns([{ title, program: process.execPath, args: [CLI, command, file] }], 1)
      if (measured !== undefined) report({ title, program: '', args: [] }, measured)
      rmSync(file)
    }
  }
}

/** What is kept of very many of one thing comes to an end, whatever is asked. */
async function floods(): Promise<void> {
  heading('Peak memory of floods, in MB (aim 300)')
  const asked = kindsOf(values.kind)
  const width = Math.max(...asked.map(kind => kind.length))
  console.log(`  ${''.padEnd(width)}${COMMANDS.map(({ title }) => title.padStart(title.length + 2)).join('')}`)
  for (const kind of asked) {
    process.stdout.write(`  ${kind.padEnd(width)}`)
    for await (const { title, peak } of measureFlood(CLI, folder, kind))
      process.stdout.write((peak / 1024 / 1024).toFixed(0).padStart(title.length + 2))
    console.log()
  }
}

/** Streams that have to prove that they are MQTT and do not, beside the same ones on a port that is not looked at. */
async function foreign(): Promise<void> {
  heading(
    `Streams of other protocols (median of ${rounds}, peak memory, ratio beside -p 1883, for each stream; aim 2 x)`,
  )
  for (const kind of KINDS) {
    for (const size of [frames / 4, frames]) {
      const file = join(folder, 'foreign.pcap')
      makeForeign(file, kind, size)
      const commands = [ours(file, '-T', 'none'), ours(file, '-p', '1883', '-T', 'none')]
      const [own, bare] = (await runInTurns(commands, rounds)).map(({ times, peak }) => ({ ms: median(times), peak }))
      if (own === undefined || bare === undefined) continue
      const each = `${(((own.ms - bare.ms) * 1000) / size).toFixed(2)} µs`
      const cells = [seconds(own.ms), memory(own.peak), memory(bare.peak), `${(own.ms / bare.ms).toFixed(2)} x`, each]
      row(`${count(size)} streams, ${kind}`, cells)
      rmSync(file)
    }
  }
}

/** Sent, seen and reported lost, on loopback. */
async function live(): Promise<void> {
  heading(
    'Live capture: packets sent and seen (aim: all at 50,000/s), frames unaccounted for (aim: 0.2 %), peak memory',
  )
  const why = await measureLive(CLI, (one: CapturedResult) => {
    const { packetsSent, packetsSeen, framesSent, framesSeen, lost } = one
    const unaccounted =
      lost === undefined ? 'not known' : `${(((framesSent - framesSeen - lost) / framesSent) * 100).toFixed(3)} %`
    console.log(
      `  ${one.title}: reached ${count(one.perSecond)}/s; packets ${count(packetsSent)} sent, ${count(packetsSeen)} seen; ` +
        `frames ${count(framesSent)} sent, ${count(framesSeen)} seen, ${lost === undefined ? 'loss not reported' : `${count(lost)} reported lost`}, ` +
        `${unaccounted} unaccounted for; ${memory(one.memory)}`,
    )
  })
  if (why !== undefined) console.log(`  not measured: ${why}`)
}

/** On a tenth, where the start counts; and by the frame on all of it, which tshark would take a minute for. */
async function ndjson(): Promise<void> {
  const tenth = Math.ceil(frames / 10)
  const other = theirs(capture(4, tenth), '-Y', 'mqtt', '-T', 'ek')
  heading(`NDJSON, ${count(tenth)} frames, and ${count(frames)} (median of ${rounds}, peak memory, ratio; aim 20 x)`)
  if (tshark === undefined) console.log('  tshark is not installed: nothing to compare with')
  const own = [ours(capture(4, tenth), '-T', 'ndjson'), ours(capture(4, frames), '-T', 'ndjson')]
  const results = await runInTurns(tshark === undefined ? own : [...own, other], rounds)
  const [small, large, their] = results.map(({ times }) => median(times))
  const titles = [`mqtt-sniff -T ndjson, ${count(tenth)}`, `mqtt-sniff -T ndjson, ${count(frames)}`, other.title]
  const ratio = (of: number | undefined, scale: number): string[] =>
    of === undefined || their === undefined ? [] : [`${((their * scale) / of).toFixed(1)} x`]
  const ratios = [ratio(small, 1), ratio(large, frames / tenth).map(text => `${text} a frame`), []]
  for (const [index, result] of results.entries()) {
    report({ ...other, title: titles[index] ?? '' }, result, ratios[index] ?? [])
  }
}

interface Filtered {
  readonly text: string
  readonly ms: readonly number[]
  readonly rows: number
  readonly found: number
}

/** TLS 1.3 in records of 80 bytes, opened with a key log; memory with ten times as many. */
async function tls(): Promise<void> {
  const [file, large, keyLog] = ['tls.pcap', 'tls-large.pcap', 'keys'].map(name => join(folder, name)) as [
    string,
    string,
    string,
  ]
  const small = Math.ceil(frames / 10)
  makeTlsCapture(file, keyLog, small)
  const own = ours(file, '--keylog', keyLog, '-T', 'fields', ...FOUR)
  const preferences = ['-o', `tls.keylog_file:${keyLog}`, '-d', `tls.port==${TLS_PORT},mqtt`]
  const other = theirs(file, ...preferences, '-Y', 'mqtt', '-T', 'fields', ...FOUR)
  await beside(`TLS 1.3, ${count(small)} records of 80 bytes, four fields`, '2 x', own, other)
  makeTlsCapture(large, keyLog, frames)
  heading(
    `TLS 1.3, ${count(frames)} records of 80 bytes (median of ${rounds}, peak memory; aim 100,000/s, memory as above)`,
  )
  const command = ours(large, '--keylog', keyLog, '-T', 'none')
  const [measured] = await runInTurns([command], rounds)
  if (measured === undefined) return
  report(command, measured, [`${count(Math.round((frames / median(measured.times)) * 1000))}/s`])
}

/** JSON payloads: what decoding costs, and a filter by a value beside jq on the records that it would need. */
async function payloads(): Promise<void> {
  const [file, records] = [join(folder, 'payloads.pcap'), join(folder, 'payloads.ndjson')]
  const above = makePayloads(file, frames)
  const decoded = ours(file, '-T', 'ndjson', '--decode', 'auto')
  const written = openSync(records, 'w')
  spawnSync(decoded.program, decoded.args, { stdio: ['ignore', written, 'ignore'] })
  closeSync(written)
  const size = `${count(frames)} JSON payloads of ${PAYLOAD_SIZE} bytes, ${count(above)} with t above 20`
  heading(`${size} (median of ${rounds}, peak memory, ratio to the filter)`)
  const own = [
    ours(file, '-Y', 'payload.t > 20', '-T', 'fields', '-e', 'frame.number'),
    ours(file, '-Y', 'mqtt.payload contains "21."', '-T', 'fields', '-e', 'frame.number'),
    ours(file, '-T', 'ndjson'),
    decoded,
  ]
  const query = 'select(.payload.decoded.value.t? > 20) | .frame'
  const jq = { title: `jq '${query}', the records being there`, program: 'jq', args: [query, records] }
  const all = findTool('jq') === undefined ? own : [...own, jq]
  const results = await runInTurns(all, rounds)
  const base = median(results[0]?.times ?? [])
  for (const [index, result] of results.entries()) {
    const command = all[index]
    if (command !== undefined) report(command, result, [`${(median(result.times) / base).toFixed(2)} x`])
  }
  rmSync(records)
}

/** Display filters: over the columns of a store, as a screen has it, and on a file beside tshark. */
async function filter(): Promise<void> {
  const file = capture(4, frames)
  const over = { title: 'rows', program: process.execPath, args: [FILTER, file, String(PASSES)] }
  const [measured] = await runInTurns([over], 1)
  const results = JSON.parse(measured?.output[0] ?? '[]') as Filtered[]
  heading(
    `Filters over ${count(results[0]?.rows ?? 0)} rows of columns (processor time: first pass, median of ${PASSES}; aim 50 ms a million)`,
  )
  for (const { text, ms, found } of results)
    row(`${text} (${count(found)} found)`, [seconds(ms[0] ?? Number.NaN), seconds(median([...ms]))])
  const [own, other] = ['mqtt.topic contains "/1" && mqtt.qos > 0', 'mqtt.msg contains "21"'].map(text => ['-Y', text])
  for (const question of [own ?? [], other ?? []]) {
    const mine = ours(file, ...question, '-T', 'fields', '-e', 'frame.number')
    const their = theirs(file, ...question, '-T', 'fields', '-e', 'frame.number')
    await beside(`-Y, ${count(frames)} frames`, '15 x', mine, their)
  }
}

/** From the start to the first rows, from a key to its answer, loaded and live; then frames on a terminal that is none. */
async function tui(): Promise<void> {
  const { LIVE_RATE, measureLiveScreens, measureLoaded } = await import('./screens.ts')
  const file = capture(4, Math.round(frames * TIMED))
  const results: LoadedResult[] = []
  for (let round = 0; round < rounds; round++) results.push(await measureLoaded(CLI, file))
  const of = (read: (result: LoadedResult) => number): number => median(results.map(read))
  const taken = (read: (result: LoadedResult) => Taken): string[] => [
    seconds(of(result => read(result).time)),
    seconds(of(result => read(result).processor)),
  ]
  const size = (statSync(file).size / 1e6).toFixed(0)
  heading(`The screens at 140x40: a capture of ${size} MB, time and processor time (median of ${rounds})`)
  row(
    'start to first rows (aim 500 ms)',
    taken(({ firstRows }) => firstRows),
  )
  row(
    'start to the last packet read (aim 1.5 s)',
    taken(({ loaded }) => loaded),
  )
  const { packets, held } = await measureLoaded(CLI, capture(4, Math.round(frames * A_MILLION)))
  row(`memory when all is read, ${count(packets)} packets (aim 250 MB with a million)`, [memory(held)])
  let live: LiveResult | undefined
  const why = await measureLiveScreens(CLI, result => {
    live = result
  })
  if (live === undefined) console.log(`  live: not measured, ${why}`)
  heading('The screens at 140x40 while keys are pressed: loaded, live')
  const both = (title: string, read: (answers: Answers) => number, shown: (value: number) => string): void =>
    row(title, [shown(of(read)), live === undefined ? '' : shown(read(live))])
  both('key to screen, median (aim 30 ms)', ({ p50 }) => p50, seconds)
  both('key to screen, 95 of 100 (aim 30 ms)', ({ p95 }) => p95, seconds)
  both(
    'processor, of one',
    ({ processor }) => processor,
    part => `${(part * 100).toFixed(0)} %`,
  )
  both('memory', one => one.resident, memory)
  if (live !== undefined) {
    const { perSecond, sent, seen, dropped } = live
    const lost = dropped === undefined ? 'loss not reported' : `${count(dropped)} frames reported lost`
    console.log(
      `  live: asked for ${count(LIVE_RATE)}/s, reached ${count(perSecond)}/s; packets ${count(sent)} sent, ${count(seen)} seen; ${lost}`,
    )
  }
  const args = ['--expose-gc', join(import.meta.dirname, 'frames.js'), capture(4, FRAMES_DRAWN_FROM), `${FRAMES_DRAWN}`]
  const [drawn] = await runInTurns([{ title: 'frames', program: process.execPath, args }], 1)
  const { cpuMs, grownBytes }: { cpuMs: number; grownBytes: number } = JSON.parse(drawn?.output[0] ?? '{}')
  row(`processor time of a frame, ${count(FRAMES_DRAWN)} frames (aim 5 ms)`, [seconds(cpuMs)])
  row('growth of the heap over them (aim 5 MB)', [`${(grownBytes / 1e6).toFixed(1)} MB`])
}

/** Of a million frames: how many make 130 MB, and how many hold a million packets. */
const TIMED = 1.15
const A_MILLION = 1.3
const FRAMES_DRAWN = 10_000
const FRAMES_DRAWN_FROM = 20_000

const ROUND_TRIPS = 5000

/** What a tap adds to a message and its answer, in one run, in turns. */
async function tap(): Promise<void> {
  heading(`A message of 60 bytes and its echo, ${count(ROUND_TRIPS)} times, direct and through a tap`)
  const { direct, tapped } = await roundTrips(CLI, ROUND_TRIPS)
  const at = (times: readonly number[], part: number): number =>
    [...times].sort((a, b) => a - b)[Math.floor(times.length * part)] ?? Number.NaN
  const micros = (ms: number): string => `${(ms * 1000).toFixed(0)} µs`
  for (const [title, part] of [
    ['median', 0.5],
    ['99 of 100', 0.99],
  ] as const) {
    const [one, other] = [at(direct, part), at(tapped, part)]
    row(title, [micros(one), micros(other), `+${micros(other - one)}`])
  }
}

/** What reading the records alone takes. */
async function floor(): Promise<void> {
  heading(`A loop over the records with libpcap, in C, beside decoding them (median of ${rounds})`)
  const file = capture(4, frames)
  const program = compileFloor(folder)
  if (program.path === undefined) return console.log(`  not measured: ${program.why}`)
  const bare = { title: 'pcap_next_ex until the end', program: program.path, args: [file] }
  const [least, own] = await runInTurns([bare, ours(file, '-T', 'none')], rounds)
  if (least === undefined || own === undefined) return
  report(bare, least)
  report(ours(file, '-T', 'none'), own, [`${(median(own.times) / median(least.times)).toFixed(1)} x`])
}

const unknown = positionals.filter(name => !(SECTIONS as readonly string[]).includes(name))
if (unknown.length > 0) {
  console.error(`no such section: ${unknown.join(', ')}; there are ${SECTIONS.join(', ')}`)
  process.exit(2)
}
console.log(`node ${process.version}, ${tshark ?? 'no tshark'}, ${count(frames)} frames, seed ${seed}`)
try {
  // Memory makes a file of more than a gigabyte, live needs root and a minute, the screens a terminal: only when asked for.
  const chosen =
    positionals.length > 0
      ? (positionals as Section[])
      : SECTIONS.filter(name => !['memory', 'live', 'tui'].includes(name))
  for (const name of chosen) await sections[name]()
} finally {
  rmSync(folder, { recursive: true, force: true })
}
