/**
 * Field values per TCP connection, from tshark and from ourselves, asked with the same options.
 *
 * tshark prints a row for each frame and we print one for each packet, so rows cannot be compared; what must agree
 * is, for each connection and field, the sequence of values. An absent field and an empty string print alike
 * (nothing), and a row with several values shows empty ones only between separators: empty values are left out.
 */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import type { PortOptions } from '../../src/analysis/pipeline.ts'
import { ReportAnalysis } from '../../src/analysis/report-analysis.ts'
import { resolveFields } from '../../src/export/columns.ts'
import { FieldsExporter } from '../../src/export/fields.ts'

/** connection → field → its values in order. */
export type FieldValues = Map<number, Map<string, string[]>>

/** Tabs and line ends within values are printed as `\t` and `\n`, so rows and columns cannot be mistaken. */
const COLUMN = '\t'
/** A character that no sensible topic holds; where one does, both sides are cut alike. */
const MEMBER = '\u001f'
const MAX_OUTPUT = 1 << 30
const STREAM = 'tcp.stream'

export const FIELD_OPTIONS = ['-E', 'occurrence=a', '-E', `aggregator=${MEMBER}`, '-E', 'separator=/t']

const run = (command: string, args: readonly string[]): string =>
  execFileSync(command, args, {
    encoding: 'utf8',
    maxBuffer: MAX_OUTPUT,
    stdio: ['ignore', 'pipe', 'ignore'],
    // Somebody's own preferences must not change what tshark answers.
    env: { ...process.env, WIRESHARK_CONFIG_DIR: '/nonexistent' },
  })

/** The names of tshark's own `mqtt.*` fields. */
export const mqttFieldNames = (): string[] =>
  run('tshark', ['-G', 'fields'])
    .split('\n')
    .map(line => line.split('\t'))
    .filter(([kind, , name]) => kind === 'F' && name?.startsWith('mqtt.'))
    .map(columns => columns[2] ?? '')

const named = (fields: readonly string[]): string[] => [STREAM, ...fields].flatMap(field => ['-e', field])

function addRow(values: FieldValues, fields: readonly string[], row: string): void {
  const [stream = '', ...columns] = row.split(COLUMN)
  if (!/^\d+$/.test(stream)) return
  const ofStream = values.get(Number(stream)) ?? new Map<string, string[]>()
  values.set(Number(stream), ofStream)
  columns.forEach((column, index) => {
    const members = column.split(MEMBER).filter(member => member !== '')
    const field = fields[index] ?? ''
    if (members.length > 0) ofStream.set(field, [...(ofStream.get(field) ?? []), ...members])
  })
}

export function parseRows(output: string, fields: readonly string[]): FieldValues {
  const values: FieldValues = new Map()
  for (const row of output.split('\n')) addRow(values, fields, row)
  return values
}

/** What tshark says. `more`: further options, as `-o tcp.reassemble_out_of_order:TRUE`. */
export const tsharkValues = (file: string, fields: readonly string[], more: readonly string[] = []): FieldValues =>
  parseRows(run('tshark', ['-n', '-r', file, ...more, '-T', 'fields', ...FIELD_OPTIONS, ...named(fields)]), fields)

/** What `-T fields` says with the same options. `text`: as with `-o mqtt.show_msg_as_text:TRUE`. */
export function ourValues(file: string, fields: readonly string[], text = false, ports: PortOptions = {}): FieldValues {
  let output = ''
  const columns = resolveFields([STREAM, ...fields])
  const options = { columns, aggregator: MEMBER, payloads: text ? 'text' : 'bytes' } as const
  const exporter = new FieldsExporter(options, more => {
    output += more
  })
  const analysis = new ReportAnalysis(exporter, { ...ports, depth: 'packets', count: Number.POSITIVE_INFINITY })
  analysis.push(readFileSync(file))
  analysis.finish(analysis.end())
  return parseRows(output, fields)
}

/** A value list of one connection, empty where the field does not occur. */
export const valuesOf = (values: FieldValues, stream: number, field: string): readonly string[] =>
  values.get(stream)?.get(field) ?? []
