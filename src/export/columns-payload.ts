/** Columns of what payloads hold: `payload.temp`, `payload`, how a payload was decoded, and why it was not. */
import { dottedPath, type Path } from '../payload/path.ts'
import { AUTO_CHOOSER, PayloadReader, payloadOf } from '../store/payloads.ts'
import type { PacketRecord } from '../store/record.ts'
import { rowText } from '../text/row-values.ts'
import type { Column } from './column.ts'

const DECODED_AS = 'mqtt.payload.decoded_as'
const ERROR = 'mqtt.payload.error'
const PATH = /^payload(?:\.(.+))?$/

/** Returns the column of such a name; undefined for another name. Without `payloads` the built-in rules decode. */
export function payloadColumn(
  name: string,
  payloads = new PayloadReader(AUTO_CHOOSER, () => undefined),
): Column | undefined {
  if (name === DECODED_AS) return described(name, record => describe(record, payloads)?.as)
  if (name === ERROR) return described(name, record => describe(record, payloads)?.error)
  const path = PATH.exec(name)
  return path === null ? undefined : valuesAt(name, dottedPath(path[1] ?? ''), payloads)
}

const described = (name: string, read: (record: PacketRecord) => string | undefined): Column => ({
  name,
  value: record => rowText(read(record) ?? ''),
})

function describe(record: PacketRecord, payloads: PayloadReader): ReturnType<PayloadReader['describe']> | undefined {
  const payload = payloadOf(record)
  return payload === undefined ? undefined : payloads.describe(payload)
}

function valuesAt(name: string, path: Path, payloads: PayloadReader): Column {
  return {
    name,
    isSecret: true,
    values: record => {
      const payload = payloadOf(record)
      return payload === undefined ? [] : payloads.texts(payload, path).map(rowText)
    },
  }
}
