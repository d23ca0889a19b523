/**
 * `-V`: every field of a packet as a tree, with its bits, its value in words, and what is wrong with it.
 * The layers below have one line each. A field is explained where it is seen for the first time, so that a student can read on and an expert is left alone.
 */
import type { Field } from '../base/field.ts'
import * as F from '../mqtt/fields.ts'
import { VERSION_NAMES, type Version } from '../mqtt/spec.ts'
import type { Node } from '../mqtt/tree.ts'
import { type Layer, layersOf } from '../store/dissect.ts'
import { type Finding, findingsOf } from '../store/findings.ts'
import type { PayloadReader } from '../store/payloads.ts'
import type { PacketRecord } from '../store/record.ts'
import { cut } from '../text/cells.ts'
import { GLYPHS, LEVEL_STYLES, paint, Style } from '../text/paint.ts'
import { quoted, sanitize } from '../text/sanitize.ts'
import { bits, labelText, TEXT_CELLS, valueText } from '../text/value.ts'
import { wrap } from '../text/wrap.ts'
import { below } from './below.ts'

export interface DetailOptions {
  readonly color: boolean
  readonly redact: boolean
  /** Shows what payloads hold, decoded. */
  readonly payloads?: PayloadReader | undefined
  readonly columns?: number
}

/** Of the name in a heading. */
const NAME_CELLS = 64
/** Findings of one packet, and nodes of one layer: a hostile packet has more of both than anyone reads. */
const MOST_FINDINGS = 100
const MOST_NODES = 5000
const COLUMNS = 100
const LEAST_COLUMNS = 40
const INDENT = 2
/** Depth of a layer's heading below the packet's line. */
const TOP = 2

export class Details {
  private readonly options: DetailOptions
  private readonly columns: number
  /** By the id of a field. */
  private readonly explained = new Set<number>()
  private text = ''
  private version: Version = 0
  private nodes = 0
  private findings: ReadonlyMap<Node, readonly Finding[]> = new Map()

  constructor(options: DetailOptions) {
    this.options = options
    this.columns = Math.max(LEAST_COLUMNS, options.columns ?? COLUMNS)
  }

  /** The lines below the packet's own, and a blank one. */
  of(record: PacketRecord): string {
    this.text = ''
    this.version = record.version
    const { payloads, redact } = this.options
    // With its values a decoded payload would show its names, too.
    for (const layer of layersOf(record, redact ? undefined : payloads)) this.layer(layer, record)
    return `${this.text}\n`
  }

  private layer(layer: Layer, record: PacketRecord): void {
    if (layer.isPacket) return this.packet(layer, record)
    this.line(TOP, below(layer, record, this.options.redact))
    this.explain(layer.root.field, TOP)
  }

  private packet({ root, bytes }: Layer, record: PacketRecord): void {
    this.nodes = 0
    const findings = findingsOf(record)
    this.findings = placed(root, findings, record.raw.start)
    this.line(TOP, heading(record))
    this.explain(root.field, TOP)
    for (const child of root.children) this.node(child, bytes, TOP + 1)
    if (record.aliasTopic !== undefined) {
      this.line(TOP + 1, `[${F.TOPIC_RESOLVED.label}: ${quoted(cut(sanitize(record.aliasTopic), TEXT_CELLS))}]`)
    }
    for (const finding of this.findings.get(root) ?? []) this.finding(finding, TOP + 1)
    this.nodes += root.omitted
    if (findings.length > MOST_FINDINGS) this.line(TOP + 1, `… ${findings.length - MOST_FINDINGS} more findings`)
    if (this.nodes > MOST_NODES) this.line(TOP + 1, `… ${this.nodes - MOST_NODES} more lines`)
  }

  private node(node: Node, bytes: Uint8Array, depth: number): void {
    if (++this.nodes > MOST_NODES) return this.skip(node)
    this.nodes += node.omitted
    this.line(depth, this.words(node, bytes))
    this.explain(node.field, depth)
    for (const child of node.children) this.node(child, bytes, depth + 1)
    // Bits share their byte: what is wrong with it is said below the last of them, and of none alone.
    const inside = node.field.mask === undefined ? depth + 1 : depth
    for (const finding of this.findings.get(node) ?? []) this.finding(finding, inside)
  }

  private skip(node: Node): void {
    this.nodes += node.omitted
    for (const child of node.children) {
      this.nodes++
      this.skip(child)
    }
  }

  private words(node: Node, bytes: Uint8Array): string {
    const { field } = node
    const label = labelText(node)
    const value = valueText(node, bytes, this.options.redact)
    const words = value === '' ? label : `${label}: ${value}`
    return field.mask === undefined ? words : `${bits(bytes, node.start, node.end, field.mask)} = ${words}`
  }

  private explain(field: Field, depth: number): void {
    if (this.explained.has(field.id)) return
    this.explained.add(field.id)
    const section = field.section === undefined ? [] : [`[${sectionFor(field.section, this.version)}]`]
    const indent = (depth + 2) * INDENT
    const lines = wrap([...field.explanation.split(' '), ...section], this.columns - indent - INDENT)
    for (const [at, line] of lines.entries()) {
      const text = `${' '.repeat(indent)}${at === 0 ? '– ' : '  '}${line}`
      this.text += `${this.options.color ? paint(text, Style.dim) : text}\n`
    }
  }

  private finding({ id, level, message, offset }: Finding, depth: number): void {
    const where = offset < 0 ? '' : ` (byte ${offset})`
    const text = `${GLYPHS[level]} ${id} ${sanitize(message)}${where}`
    this.line(depth, this.options.color ? paint(text, LEVEL_STYLES[level]) : text)
  }

  private line(depth: number, text: string): void {
    this.text += `${' '.repeat(depth * INDENT)}${text}\n`
  }
}

/** Of the sections of several versions the one of the version spoken, if there is one. */
export function sectionFor(section: string, version: Version): string {
  const wanted = version === 5 ? 'MQTT 5 ' : version === 0 ? section : 'MQTT 3.'
  return section.split(', ').find(part => part.startsWith(wanted)) ?? section
}

export function heading(record: PacketRecord): string {
  const { type, version, raw, stream, side } = record
  const { typeNames } = record.protocol
  const size = raw.kept < raw.end ? `${raw.kept - raw.start} of ${raw.end - raw.start}` : `${raw.end - raw.start}`
  const spoken = version === 0 ? 'MQTT of unknown version' : `MQTT ${VERSION_NAMES[version]}`
  const id = stream.clientId
  const client = id === undefined ? '' : ` ${quoted(cut(sanitize(id), NAME_CELLS))}`
  const from = stream.senderOf(side)
  const behind = stream.proxy?.client === undefined ? '' : ` at ${cut(sanitize(stream.proxy.client), NAME_CELLS)}`
  const sender = from === 'unknown' ? '' : `, ${from === 'client' ? 'from' : 'to'} client${client}${behind}`
  return `${spoken}, ${typeNames[type] ?? typeNames[0]}, ${size} B${sender}`
}

/** Each finding at the node that holds its byte: the smallest one, the last of equals; the root has what no other holds, and what is about the whole. */
export function placed(root: Node, findings: readonly Finding[], start: number): ReadonlyMap<Node, readonly Finding[]> {
  const places = new Map<Node, Finding[]>()
  for (const finding of findings.slice(0, MOST_FINDINGS)) {
    const node = finding.offset < 0 ? root : holder(root, start + finding.offset)
    const there = places.get(node)
    if (there === undefined) places.set(node, [finding])
    else there.push(finding)
  }
  return places
}

function holder(node: Node, at: number): Node {
  const child = node.children.findLast(({ start, end }) => start <= at && at < end)
  return child === undefined ? node : holder(child, at)
}
