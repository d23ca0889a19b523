/** "Filter by this", "colour this": the expression that a field of a packet, or the packet itself, stands for. */

import type { Document } from '../analysis/document.ts'
import { hexByte, u8 } from '../base/bytes.ts'
import { decodeText } from '../base/strings.ts'
import { findName } from '../filter/names.ts'
import { PUBLISH } from '../mqtt/spec.ts'
import type { Row } from '../store/store.ts'
import type { Item } from './panes/tree.ts'
import { typeName } from './panes/words.ts'

/** Bytes compared; longer values are compared by their beginning. */
const MOST_BYTES = 32

const quote = (text: string): string => `"${text.replace(/["\\]/g, '\\$&')}"`

/** Undefined where there is nothing to compare with. */
export function fieldFilter(document: Document, row: Row, item: Item | undefined): string | undefined {
  if (row < 0) return undefined
  if (item === undefined) return ofPacket(document, row)
  if (item.key.startsWith('exchange')) return `mqtt.exchange.opener == ${document.links.opener(row)}`
  if (item.key.startsWith('fanout')) return `mqtt.fanout.opener == ${document.copies.fact(row)?.opener ?? 0}`
  if (item.finding !== undefined && item.node === undefined) return `mqtt.finding.id == ${quote(item.finding.id)}`
  const { node, layer } = item
  if (node === undefined || layer === undefined) return undefined
  const name = findName(node.field.name)
  if (name === undefined) return undefined
  const { start, end, value } = node
  switch (name.type) {
    case 'number':
      return `${name.name} == ${valueName(name, value)}`
    case 'text':
      return `${name.name} == ${quote(decodeText(layer.bytes, start, end))}`
    case 'bytes':
      return end - start > 0
        ? `${name.name}${end - start > MOST_BYTES ? `[0:${MOST_BYTES}]` : ''} == ${hexText(layer.bytes, start, end)}`
        : name.name
    case 'ipv4':
      return `${name.name} == ${[0, 1, 2, 3].map(at => u8(layer.bytes, start + at)).join('.')}`
    default:
      return name.name
  }
}

/** Types by their names; other numbers as they are. */
const valueName = (name: { readonly name: string }, value: number): string =>
  name.name === 'mqtt.msgtype' ? typeName(value) : `${value}`

function hexText(bytes: Uint8Array, start: number, end: number): string {
  const parts: string[] = []
  for (let at = start; at < Math.min(end, start + MOST_BYTES); at++) parts.push(hexByte(u8(bytes, at)))
  return parts.length === 1 ? `0x${parts[0]}` : parts.join(':')
}

/** The client of a packet, by its connection where it has no name. */
export function clientFilter({ store }: Document, row: Row): string {
  const { clientId, flow } = store.stream(row)
  return clientId === undefined || clientId === '' ? streamFilter(flow) : `mqtt.client == ${quote(clientId)}`
}

export const streamFilter = ({ index }: { readonly index: number }): string => `tcp.stream == ${index}`

/** A topic, with all below it where it is a branch. */
export const topicFilter = (path: string, isBranch: boolean): string =>
  isBranch ? `mqtt.topic like ${quote(`${path}/#`)}` : `mqtt.topic == ${quote(path)}`

/** Of a message its topic, of any other packet its type. */
function ofPacket({ store }: Document, row: Row): string {
  const topic = store.topics.text(store.topicId(row))
  if (store.type(row) === PUBLISH && topic !== undefined) return topicFilter(topic, false)
  return `mqtt.msgtype == ${typeName(store.type(row))}`
}
