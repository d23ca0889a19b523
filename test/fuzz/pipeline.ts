/** Captures of MQTT, whole and broken at every layer, through the whole line into an exporter. */

import { Pipeline } from '../../src/analysis/pipeline.ts'
import { type Column, resolveFields } from '../../src/export/columns.ts'
import { FieldsExporter } from '../../src/export/fields.ts'
import { NdjsonExporter } from '../../src/export/ndjson.ts'
import { TextExporter } from '../../src/export/text.ts'
import type { Exporter, Summary, Write } from '../../src/store/record.ts'
import * as capture from '../support/capture.ts'
import * as net from '../support/net.ts'
import { Random } from '../support/random.ts'
import { demand } from './demand.ts'
import { anyPacket, connectPacket, joined, mutate, type Spoken } from './packets.ts'

const MOST_FLOWS = 3
const MOST_PACKETS = 10
/** How many of a hundred captures are broken at each layer; a capture may be broken at several. */
const BROKEN = { packet: 0.3, segment: 0.3, frame: 0.15, file: 0.2 }

/** The packets of one side, one after the other. */
function stream(random: Random, version: Spoken, isClient: boolean): Uint8Array {
  const packets = Array.from({ length: random.below(MOST_PACKETS) }, () => anyPacket(random, version))
  if (isClient && random.chance(0.9)) packets.unshift(connectPacket(random, version))
  if (packets.length > 0 && random.chance(BROKEN.packet)) {
    const at = random.below(packets.length)
    packets[at] = mutate(random, packets[at] ?? new Uint8Array(0))
  }
  return joined(...packets)
}

interface Ends {
  readonly from: number
  readonly to: number
  readonly source: readonly number[]
  readonly target: readonly number[]
}

/** Segments of up to 200 bytes in the order sent. */
function segments(random: Random, ends: Ends, bytes: Uint8Array, opened: boolean): Uint8Array[] {
  const first = random.chance(0.2) ? 0xffffffe0 : random.word()
  const { from, to } = ends
  const list: Uint8Array[] = []
  if (opened) list.push(frame(ends, net.tcp({ from, to, seq: first, flags: net.SYN })))
  for (let at = 0; at < bytes.length; ) {
    const size = Math.min(1 + random.below(200), bytes.length - at)
    const seq = (first + 1 + at) >>> 0
    list.push(frame(ends, net.tcp({ from, to, seq, data: bytes.slice(at, at + size) })))
    at += size
  }
  if (random.chance(0.3)) {
    const flags = random.pick([net.FIN, net.RST]) | net.ACK
    list.push(frame(ends, net.tcp({ from, to, seq: (first + 1 + bytes.length) >>> 0, flags })))
  }
  return list
}

const frame = ({ source, target }: Ends, tcp: Uint8Array): Uint8Array => net.ethernet(net.ip4(tcp, { source, target }))

/** Swaps, doubles and loses segments. */
function disturb(random: Random, list: Uint8Array[]): void {
  for (let left = 1 + random.below(3); left > 0 && list.length > 1; left--) {
    const at = random.below(list.length)
    const [taken] = list.splice(at, 1)
    const kind = random.below(3)
    if (taken === undefined || kind === 0) continue
    list.splice(Math.min(list.length, at + random.below(4)), 0, taken)
    if (kind === 1) list.splice(at, 0, taken)
  }
}

function flow(random: Random, index: number): Uint8Array[] {
  const version = random.pick([3, 4, 5] as const)
  const opened = random.chance(0.8)
  const client = { from: 40_000 + index, to: 1883, source: [192, 0, 2, 1], target: [192, 0, 2, 2] }
  const server = { from: client.to, to: client.from, source: client.target, target: client.source }
  const there = segments(random, client, stream(random, version, true), opened)
  const back = segments(random, server, stream(random, version, false), opened)
  if (random.chance(BROKEN.segment)) disturb(random, there)
  if (random.chance(BROKEN.segment)) disturb(random, back)
  return shuffled(random, there, back)
}

/** Both lists in one, each in its own order. */
function shuffled<T>(random: Random, a: readonly T[], b: readonly T[]): T[] {
  const list: T[] = []
  let i = 0
  let j = 0
  while (i < a.length || j < b.length) {
    const one = j >= b.length || (i < a.length && random.chance(0.5)) ? a[i++] : b[j++]
    if (one !== undefined) list.push(one)
  }
  return list
}

export function anyCapture(random: Random): Uint8Array {
  let frames: Uint8Array[] = []
  for (let index = random.below(MOST_FLOWS); index >= 0; index--) frames = shuffled(random, frames, flow(random, index))
  if (frames.length > 0 && random.chance(BROKEN.frame)) {
    const at = random.below(frames.length)
    frames[at] = mutate(random, frames[at] ?? new Uint8Array(0))
  }
  const file = random.chance(0.7) ? pcap(random, frames) : pcapng(frames)
  return random.chance(BROKEN.file) ? mutate(random, file) : file
}

const START = 1_700_000_000

function pcap(random: Random, frames: readonly Uint8Array[]): Uint8Array {
  const order = random.chance(0.8) ? capture.LITTLE : capture.BIG
  const snaplen = random.chance(0.1) ? 96 : 262_144
  const records = frames.map((data, index) =>
    capture.record(order, {
      seconds: START + (index >> 3),
      fraction: (index & 7) * 1000,
      data: data.subarray(0, snaplen),
      wire: data.length,
    }),
  )
  return joined(capture.header(order, { snaplen }), ...records)
}

function pcapng(frames: readonly Uint8Array[]): Uint8Array {
  const order = capture.LITTLE
  const blocks = frames.map((data, index) =>
    capture.enhanced(order, { time: BigInt(START) * 1_000_000n + BigInt(index), data }),
  )
  return joined(capture.section(order), capture.interfaceBlock(order), ...blocks)
}

// Exporters

const COLUMNS: readonly Column[] = resolveFields([
  'frame.number',
  'tcp.stream',
  'mqtt.msgtype',
  'mqtt.topic',
  'mqtt.msgid',
  'mqtt.msg',
  'mqtt.clientid',
  'mqtt.prop_key',
])

type Form = 'fields' | 'ndjson' | 'text' | 'tree'

const EXPORTERS: Readonly<Record<Form, (write: Write) => Exporter>> = {
  fields: write => new FieldsExporter({ columns: COLUMNS }, write),
  ndjson: write => new NdjsonExporter({}, write),
  text: write => new TextExporter({ time: 'r', color: false, verbose: false, bytes: false, redact: false }, write),
  tree: write => new TextExporter({ time: 'r', color: false, verbose: true, bytes: true, redact: false }, write),
}

/** What a terminal would obey, or hide. */
const HARMFUL = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/

function run(bytes: Uint8Array, form: Form, random: Random, most: number): { summary: Summary; output: string } {
  let output = ''
  const exporter = EXPORTERS[form](text => {
    output += text
  })
  const pipeline = new Pipeline(exporter)
  for (let at = 0; at < bytes.length; ) {
    const size = Math.min(1 + random.below(most), bytes.length - at)
    // Memory of its own for each chunk, overwritten behind the call: nothing may live on in it.
    const chunk = bytes.slice(at, at + size)
    pipeline.push(chunk)
    chunk.fill(0xaa)
    at += size
  }
  const summary = pipeline.end()
  exporter.finish(summary)
  return { summary, output }
}

function check(form: Form, output: string): void {
  demand(!HARMFUL.test(output), `${form} output is harmless`)
  if (form !== 'ndjson') return
  for (const line of output.split('\n')) if (line !== '') JSON.parse(line)
}

/** One capture. Throws only where an invariant is broken. */
export function fuzzPipeline(seed: number): void {
  const random = new Random(seed)
  const bytes = anyCapture(random)
  const form = random.pick(['fields', 'ndjson', 'text', 'tree'] as const)
  const whole = run(bytes, form, random, bytes.length * 4)
  check(form, whole.output)
  if (random.chance(0.5)) return
  const cut = run(bytes, form, random, 1 + random.below(300))
  demand(cut.output === whole.output, 'cuts change nothing')
  demand(JSON.stringify(cut.summary) === JSON.stringify(whole.summary), 'cuts change no count')
}
