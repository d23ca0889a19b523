/** Saves packets: all, those shown, or those marked; the file's name says the form. */

import { closeSync, openSync, writeSync } from 'node:fs'
import type { Direction } from '../../analysis/stream-list.ts'
import { OWNER_ONLY } from '../../capture/sources/scratch.ts'
import { CaptureWriter } from '../../capture/writer.ts'
import { resolveFields } from '../../export/columns.ts'
import { CsvExporter } from '../../export/csv.ts'
import { JsonExporter, NdjsonExporter } from '../../export/ndjson.ts'
import { TextExporter } from '../../export/text.ts'
import type { Exporter, Write } from '../../store/record.ts'
import type { Row } from '../../store/store.ts'
import { harmless } from '../../text/sanitize.ts'
import type { Model } from '../model.ts'
import type { StreamScreen } from '../screens/stream.ts'

type Scope = 'all' | 'shown' | 'marked'
type Form = 'pcapng' | 'ndjson' | 'json' | 'csv' | 'txt'

/** What stands in a row of CSV. */
const CSV_FIELDS = [
  'frame.number',
  'frame.time_epoch',
  'mqtt.client',
  'mqtt.msgtype',
  'mqtt.qos',
  'mqtt.msgid',
  'mqtt.topic',
  'mqtt.msg_text',
]

interface Request {
  readonly scope: Scope
  readonly form: Form
  readonly name: string
}

const BYTES_USAGE = 'Write it so: client out.bin (both, client or broker)'
const USAGE = 'Write it so: shown out.csv (all, shown or marked; .pcapng, .ndjson, .json, .csv or .txt)'

function read(text: string): Request {
  const match = /^(?:(all|shown|marked)\s+)?(\S.*\.(pcapng|ndjson|json|csv|txt))$/.exec(text.trim())
  if (match?.[2] === undefined) throw new Error(USAGE)
  return { scope: (match[1] ?? 'shown') as Scope, form: match[3] as Form, name: match[2] }
}

/** The bytes of a stream's packets, one behind the other; what was done, in words. */
export async function saveBytes(stream: StreamScreen, text: string, pause: () => Promise<void>): Promise<string> {
  const [, chosen = 'both', name] = /^(?:(both|client|broker)\s+)?(\S.*)$/.exec(text.trim()) ?? []
  if (name === undefined) throw new Error(BYTES_USAGE)
  const { numbers, missing } = stream.packetsOf(chosen as Direction)
  const { store, log } = stream.document
  const file = openSync(name, 'wx', OWNER_ONLY)
  let size = 0
  let lacking = missing
  try {
    for (const [nth, number] of numbers.entries()) {
      const row = store.rowOf(number)
      if (row < 0) continue
      const { raw } = store.load(row, log)
      writeAll(file, raw.bytes.subarray(raw.start, raw.kept))
      size += raw.kept - raw.start
      lacking += raw.end - raw.kept
      if (nth % SLICE === SLICE - 1) await pause()
    }
  } finally {
    closeSync(file)
  }
  const without = lacking === 0 ? '' : `; ${lacking} B that the stream lacks or that are no packets are not in it`
  return `${size} bytes of ${numbers.length} packets saved to ${name}${without}`
}

/** Rows in slices, so that the screen stays alive; what was done, in words. */
export async function save(model: Model, text: string, pause: () => Promise<void>): Promise<string> {
  const request = read(text)
  const file = openSync(request.name, 'wx', OWNER_ONLY)
  try {
    const saver =
      request.form === 'pcapng' ? frames(model, bytes => writeAll(file, bytes)) : exported(model, request.form, file)
    let count = 0
    for (const row of chosen(model, request.scope)) {
      saver.row(row)
      if (++count % SLICE === 0) await pause()
    }
    saver.end()
    return `${count} packets saved to ${request.name}`
  } finally {
    closeSync(file)
  }
}

const SLICE = 500

function* chosen(model: Model, scope: Scope): Generator<Row> {
  const { view } = model
  const { store } = model.document
  if (scope === 'shown') for (let index = 0; index < view.length; index++) yield view.row(index)
  else if (scope === 'all') for (let row = 0; row < store.rows; row++) yield row
  else
    for (const number of [...model.marked].sort((a, b) => a - b))
      if (store.rowOf(number) >= 0) yield store.rowOf(number)
}

interface RowSaver {
  row(row: Row): void
  end(): void
}

/** The frame of each packet once: several packets may stand in one. */
function frames({ document }: Model, write: (bytes: Uint8Array) => void): RowSaver {
  const writer = new CaptureWriter(document.interfaces, harmless)
  let last = 0
  write(writer.start())
  return {
    row: row => {
      const { frame } = document.store.load(row, document.log).raw
      if (frame.number > last) write(writer.write(frame))
      last = Math.max(last, frame.number)
    },
    end: () => {},
  }
}

function exported({ document }: Model, form: Exclude<Form, 'pcapng'>, file: number): RowSaver {
  const write: Write = text => writeAll(file, Buffer.from(text))
  const exporter = exporterOf(form, write)
  if (document.first !== undefined) exporter.begin?.(document.store.stamp(0))
  return { row: row => exporter.packet(document.record(row)), end: () => exporter.finish(document.summary) }
}

function exporterOf(form: Exclude<Form, 'pcapng'>, write: Write): Exporter {
  if (form === 'ndjson') return new NdjsonExporter({ redact: false }, write)
  if (form === 'json') return new JsonExporter({ redact: false }, write)
  if (form === 'csv') return new CsvExporter({ columns: resolveFields(CSV_FIELDS), redact: false, header: true }, write)
  return new TextExporter({ time: 'r', color: false, verbose: false, bytes: false, redact: false }, write)
}

function writeAll(file: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at)
}
