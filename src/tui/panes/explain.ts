/** "Explain this byte": a sentence in plain words, the bits drawn out, where it is written. From the table of fields. */
import { byWord } from '../../base/by-word.ts'
import { hexByte, u8 } from '../../base/bytes.ts'
import { sectionFor } from '../../export/details.ts'
import * as F from '../../mqtt/fields.ts'
import type { Version } from '../../mqtt/spec.ts'
import type { Node } from '../../mqtt/tree.ts'
import type { Layer } from '../../store/dissect.ts'
import { sanitize } from '../../text/sanitize.ts'
import { valueText } from '../../text/value.ts'
import { wrap } from '../../text/wrap.ts'
import { type Line, line, span } from '../spans.ts'
import type { Item } from './tree.ts'
import { SAYS } from './words.ts'

/** Bytes drawn one by one. */
const MOST_DRAWN = 4
const BITS = 8
const CELLS = 400

/** `type`: of the packet; 0 where there is none. */
export function explain(item: Item | undefined, version: Version, width: number, type = 0): readonly Line[] {
  if (item === undefined) return [line(' Select a packet, then a field.', 'dim')]
  const lines: Line[] = []
  const room = Math.max(10, width - 2)
  const say = (text: string, token: Parameters<typeof line>[1] = 'plain'): void => {
    for (const part of wrap(text.split(' '), room)) lines.push(line(` ${part}`, token))
  }
  const { node, layer, finding } = item
  if (node !== undefined && layer !== undefined) {
    lines.push(...where(node, layer, room))
    say(node.field.explanation)
    if (node === layer.root && layer.isPacket) say(SAYS[type] ?? '')
    lines.push(...drawn(node, layer))
    if (node.field.section !== undefined)
      lines.push(line(` Written in ${sectionFor(node.field.section, version)}`, 'note'))
    if (node.field.name !== '') lines.push(line(` Filter name ${node.field.name}`, 'dim'))
  } else if (finding === undefined) say(OTHERS[item.key.split('/')[0] ?? ''] ?? '')
  if (finding !== undefined) say(`${finding.id}: ${sanitize(finding.message)}`, 'caution')
  return lines
}

const OTHERS: Readonly<Record<string, string>> = byWord({
  exchange:
    'Packets that answer each other carry the same packet id. How many there are depends on the quality of service: one answer at QoS 1, three more packets at QoS 2. Enter on a line leads to its packet.',
  fanout:
    'A broker sends each message on to everyone who has subscribed to its topic. The copies are found by topic, payload and order; the times are counted from the packet of the publisher. Enter on a line leads to its packet.',
  findings:
    'What is wrong with this packet, or unusual: ✗ breaks a rule of the standard, ! is worth a look, i is good to know.',
  alias: 'MQTT 5 lets a number stand for a topic that was named before in the same direction.',
})

/** `Byte 1 = 0x0d → Remaining length: 13`. */
function where({ field, start, end, ...node }: Node, layer: Layer, room: number): readonly Line[] {
  const base = layer.isPacket ? layer.root.start : 0
  const [from, to] = [start - base, end - base]
  const place = end - start <= 1 ? `Byte ${from}` : `Bytes ${from} to ${to - 1}`
  const hex = end - start <= MOST_DRAWN && end > start ? ` = 0x${hexOf(layer.bytes, start, end)}` : ''
  const value = valueText({ field, start, end, ...node }, layer.bytes, false).slice(0, CELLS)
  const text = `${place}${hex} → ${field.label}${value === '' ? '' : `: ${value}`}`
  return wrap(text.split(' '), room).map(part => line(` ${part}`, 'bold'))
}

function hexOf(bytes: Uint8Array, start: number, end: number): string {
  let text = ''
  for (let at = start; at < end; at++) text += hexByte(u8(bytes, at))
  return text
}

function drawn(node: Node, layer: Layer): readonly Line[] {
  const { field, start, end } = node
  const size = end - start
  if (field === F.LEN) return lengthDrawn(node, layer)
  if (field.mask !== undefined && size === 1)
    return maskDrawn(u8(layer.bytes, start), field.mask, field.values?.[node.value] ?? '', node.value)
  if (field.kind === 'uint' && size > 1 && size <= MOST_DRAWN) return sumDrawn(node, layer)
  if (field.kind === 'hex' && size === 1) return maskDrawn(u8(layer.bytes, start), 0xff, '', node.value)
  return []
}

const bitsOf = (byte: number): string => byte.toString(2).padStart(BITS, '0')

/** The byte's bits, and below them which ones are the field's. */
function maskDrawn(byte: number, mask: number, name: string, value: number): readonly Line[] {
  const cells = [...bitsOf(byte)]
  const inside = cells.map((_, at) => ((mask >> (BITS - 1 - at)) & 1) === 1)
  const first = inside.indexOf(true)
  const last = inside.lastIndexOf(true)
  const gap = (at: number): string => (at === BITS / 2 ? '  ' : ' ')
  const top = cells.flatMap((cell, at) => [span(gap(at)), span(cell, inside[at] === true ? 'byte' : 'dim')])
  const under = cells.map((_, at) => {
    if (first === last && at === first) return `${gap(at)}│`
    if (at === first) return `${gap(at)}└`
    if (at === last) return `${'─'.repeat(gap(at).length)}┘`
    return at > first && at < last ? '─'.repeat(gap(at).length + 1) : `${gap(at)} `
  })
  const text = mask === 0xff ? '' : ` = ${value}${name === '' ? '' : ` ${name}`}`
  return [
    [span('   '), ...top, span('   bit 7 … 0', 'dim')],
    [span(`   ${under.join('')}`), span(text, 'bold')],
  ]
}

/** Seven bits a byte, the lowest first; the top bit says that more follow (MQTT 5 §1.5.5). */
function lengthDrawn({ start, end, value }: Node, { bytes }: Layer): readonly Line[] {
  const lines: Line[] = []
  const parts: string[] = []
  for (let at = start; at < Math.min(end, start + MOST_DRAWN); at++) {
    const byte = u8(bytes, at)
    const bits = bitsOf(byte)
    const more = byte >= 0x80 ? 'another length byte follows' : 'the last length byte'
    const times = 128 ** (at - start)
    parts.push(times === 1 ? `${byte & 0x7f}` : `${byte & 0x7f}·${times}`)
    lines.push([
      span('   '),
      span(bits.slice(0, 1), 'related'),
      span(` ${bits.slice(1)}`, 'byte'),
      span(`  top bit ${bits.slice(0, 1)}: ${more}`, 'dim'),
    ])
  }
  return [...lines, line(`   ${parts.join(' + ')} = ${value} bytes follow this field`, 'bold')]
}

/** `0x01 0x2c = 1·256 + 44 = 300`. */
function sumDrawn({ start, end, value, field }: Node, { bytes }: Layer): readonly Line[] {
  const parts: string[] = []
  for (let at = start; at < end; at++) {
    const times = 256 ** (end - 1 - at)
    parts.push(times === 1 ? `${u8(bytes, at)}` : `${u8(bytes, at)}·${times}`)
  }
  return [line(`   ${parts.join(' + ')} = ${value}${field.unit === undefined ? '' : ` ${field.unit}`}`, 'bold')]
}
