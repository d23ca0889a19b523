/** The details of a packet as lines that fold: its layers, its exchange, what is remarked on. */

import type { Document } from '../../analysis/document.ts'
import { below } from '../../export/below.ts'
import { heading, placed } from '../../export/details.ts'
import * as F from '../../mqtt/fields.ts'
import type { Node } from '../../mqtt/tree.ts'
import type { Chooser } from '../../payload/rules.ts'
import { type Layer, layersOf } from '../../store/dissect.ts'
import type { FanOutFact, Finding, PacketRecord } from '../../store/record.ts'
import type { Row } from '../../store/store.ts'
import { type FanOutRole, KIND_NAMES } from '../../store/vocabulary.ts'
import { cut } from '../../text/cells.ts'
import { plainCount } from '../../text/numbers.ts'
import { GLYPHS } from '../../text/paint.ts'
import { quoted, sanitize } from '../../text/sanitize.ts'
import { duration, shortDuration } from '../../text/units.ts'
import { bits, labelText, valueText } from '../../text/value.ts'
import type { Pointer } from '../block.ts'
import { fitted, type Line, line, retoken, span } from '../spans.ts'
import type { Token } from '../theme.ts'
import { clientName, typeName } from './words.ts'

/** Lines of one packet: a hostile one has more fields than anyone reads. */
const MOST_ITEMS = 2000
const TEXT_CELLS = 200

export interface Item {
  /** Of the fold: the same for the same thing in every packet. */
  readonly key: string
  readonly depth: number
  readonly text: string
  readonly token: Token
  readonly hasParts: boolean
  /** What it stands for in the bytes. */
  readonly node?: Node
  readonly layer?: Layer
  /** A packet it speaks of. */
  readonly packet?: number
  readonly finding?: Finding
}

/** The line of the packet itself, above its fields. */
const isPacket = ({ depth, layer }: Item): boolean => depth === 0 && layer?.isPacket === true

/** Folded unless said otherwise: whoever studies TCP has tools for it. */
const isClosedAtFirst = (key: string): boolean => /^(frame|link|ip|tunnel|tcp|tls|websocket)$/.test(key)

export class Tree {
  items: readonly Item[] = []
  record: PacketRecord | undefined
  selected = 0
  private top = 0
  /** Another packet: it is shown from its MQTT part on. */
  private isFresh = true
  private height = 0
  private readonly turned = new Set<string>()
  private number = 0
  private state = ''
  /** The payload decoders that the lines were built with. */
  private chooser: Chooser | undefined

  /** Builds the lines of a row's packet; the selection stays on the same field where the packet has it. */
  show(document: Document, row: Row): void {
    const number = row < 0 ? 0 : document.store.number(row)
    // What was said of the packet may have changed since.
    const state = row < 0 ? '' : stateOf(document, row)
    const { chooser } = document.payloads
    if (number === this.number && state === this.state && chooser === this.chooser) return
    this.chooser = chooser
    this.isFresh ||= number !== this.number
    this.number = number
    this.state = state
    this.build(document, row)
  }

  get item(): Item | undefined {
    return this.items[this.selected]
  }

  move(count: number): void {
    this.selected = Math.max(0, Math.min(this.selected + count, this.items.length - 1))
  }

  /** Of a pane with so many lines above it. */
  pointer(above: number): Pointer {
    return {
      wheel: lines => this.move(lines),
      click: row => {
        const place = this.top + row - above
        if (row >= above && place < this.items.length) this.selected = place
      },
    }
  }

  isOpen(key: string): boolean {
    return isClosedAtFirst(key) === this.turned.has(key)
  }

  /** Folds or unfolds; where there is nothing to fold, goes to what it is part of. */
  fold(document: Document, row: Row, open: boolean): void {
    const { item } = this
    if (item === undefined) return
    if (item.hasParts && this.isOpen(item.key) !== open) return this.turn(document, row, item.key)
    if (open) return this.move(item.hasParts ? 1 : 0)
    for (let at = this.selected - 1; at >= 0; at--) {
      if ((this.items[at]?.depth ?? 0) >= item.depth) continue
      this.selected = at
      return
    }
  }

  turn(document: Document, row: Row, key: string): void {
    if (!this.turned.delete(key)) this.turned.add(key)
    this.build(document, row)
  }

  /** Selects the smallest field that holds a byte of a layer. */
  selectByte(layer: Layer, offset: number): void {
    let best = -1
    for (const [at, item] of this.items.entries()) {
      if (item.layer?.bytes !== layer.bytes || item.node === undefined) continue
      if (item.node.start > offset || item.node.end <= offset) continue
      const known = this.items[best]?.node
      if (known === undefined || item.node.end - item.node.start <= known.end - known.start) best = at
    }
    if (best >= 0) this.selected = best
  }

  lines(width: number, height: number, isActive: boolean): readonly Line[] {
    // From the MQTT part on: of another packet, and in a window of another height.
    const start = this.items.findIndex(isPacket)
    if (this.isFresh || height !== this.height) this.top = Math.max(0, start)
    this.isFresh = false
    this.height = height
    if (this.selected < this.top) this.top = this.selected
    if (this.selected >= this.top + height) this.top = this.selected - height + 1
    this.top = Math.max(0, Math.min(this.top, this.items.length - height))
    return this.items.slice(this.top, this.top + height).map((item, at) => {
      const isSelected = this.top + at === this.selected
      const fold = item.hasParts ? (this.isOpen(item.key) ? '▾ ' : '▸ ') : '  '
      const text = `${'  '.repeat(item.depth)}${fold}${item.text}`
      const shown = [span(isSelected ? '▌' : ' '), span(text, item.token)]
      return fitted(isSelected ? retoken(shown, isActive ? 'selected' : 'selectedDim') : shown, width)
    })
  }

  private build(document: Document, row: Row): void {
    const before = this.item?.key
    this.record = row < 0 ? undefined : document.record(row)
    this.items = this.record === undefined ? [] : new Builder(this).build(document, row, this.record)
    const same = this.items.findIndex(({ key }) => key === before)
    const packet = this.items.findIndex(isPacket)
    this.selected = same >= 0 ? same : Math.max(0, packet)
  }
}

class Builder {
  private readonly tree: Tree
  private readonly items: Item[] = []
  private findings: ReadonlyMap<Node, readonly Finding[]> = new Map()

  constructor(tree: Tree) {
    this.tree = tree
  }

  build(document: Document, row: Row, record: PacketRecord): readonly Item[] {
    const findings = document.findings(record)
    for (const layer of layersOf(record, document.payloads, document.log)) {
      const { isPacket } = layer
      if (isPacket) this.findings = placed(layer.root, findings, record.raw.start)
      const text = isPacket ? heading(record) : below(layer, record)
      const key = layer.name
      this.add({
        key,
        depth: 0,
        text,
        token: isPacket ? 'bold' : 'plain',
        node: layer.root,
        layer,
        hasParts: layer.root.children.length > 0,
      })
      if (this.tree.isOpen(key)) this.children(layer.root, layer, key, 1)
      if (isPacket && record.aliasTopic !== undefined) this.alias(record.aliasTopic)
    }
    this.exchange(document, row)
    this.fanOut(document, row, record)
    this.addFindings(findings)
    return this.items
  }

  private add(item: Item): void {
    if (this.items.length < MOST_ITEMS) this.items.push(item)
  }

  private children(node: Node, layer: Layer, path: string, depth: number): void {
    const counts = new Map<string, number>()
    for (const child of node.children) {
      if (this.items.length >= MOST_ITEMS) return
      const name = child.name ?? (child.field.name || child.field.label)
      const nth = counts.get(name) ?? 0
      counts.set(name, nth + 1)
      const key = `${path}/${name}${nth === 0 ? '' : `#${nth}`}`
      const finding = this.findings.get(child)?.[0]
      const about = finding === undefined ? {} : { finding: finding }
      const token = finding === undefined ? 'plain' : levelToken(finding)
      const text = finding === undefined ? words(child, layer) : `${words(child, layer)}  ${GLYPHS[finding.level]}`
      this.add({ key, depth, text, token, node: child, layer, hasParts: child.children.length > 0, ...about })
      if (child.children.length > 0 && this.tree.isOpen(key)) this.children(child, layer, key, depth + 1)
    }
    if (node.omitted > 0) {
      const text = `… ${node.omitted} more that are not shown`
      this.add({ key: `${path}/omitted`, depth, text, token: 'dim', hasParts: false })
    }
  }

  private alias(topic: string): void {
    const text = `[${F.TOPIC_RESOLVED.label}: ${quoted(cut(sanitize(topic), TEXT_CELLS))}]`
    this.add({ key: 'alias', depth: 1, text, token: 'dim', hasParts: false })
  }

  private exchange(document: Document, row: Row): void {
    const { links, store } = document
    const rows = links.rows(row)
    const kind = links.kind(row)
    if (rows.length === 0 || kind === undefined) return
    const state = STATES[links.state(row)]
    const id = store.packetId(row)
    const text = `Handshake ${KIND_NAMES[kind]}${id === 0 ? '' : `, packet id ${id}`}: ${state}`
    this.add({ key: 'exchange', depth: 0, text, token: 'bold', hasParts: true })
    if (!this.tree.isOpen('exchange')) return
    for (const other of rows) {
      const answered = links.answers(other)
      const after = answered < 0 ? '' : `  +${shortDuration(document.between(answered, other))}`
      const again = answered < 0 && other !== rows[0] ? '  again' : ''
      const here = other === row ? '  ← this one' : ''
      const from = store.stream(other).senderOf(store.side(other))
      const packet = store.number(other)
      const text = `${packet}  ${typeName(store.type(other))} from ${from === 'server' ? 'broker' : from}${after}${again}${here}`
      this.add({ key: `exchange/${packet}`, depth: 1, text, token: 'plain', hasParts: false, packet })
    }
  }

  private fanOut(document: Document, row: Row, { fanOut }: PacketRecord): void {
    const rows = document.copies.rows(row)
    if (fanOut === undefined || (rows.length === 0 && fanOut.expected <= 0)) return
    const { store } = document
    const text = `Fan-out: ${fanOutWords(document, row, fanOut)}`
    this.add({ key: 'fanout', depth: 0, text, token: 'bold', hasParts: rows.length > 0 })
    if (!this.tree.isOpen('fanout')) return
    for (const other of rows) {
      const { role = 'fresh', latency = Number.NaN } = document.copies.fact(other) ?? {}
      const way = store.stream(other).senderOf(store.side(other)) === 'client' ? 'from' : 'to'
      const after = Number.isNaN(latency) ? '' : `  +${shortDuration(latency)}`
      const here = other === row ? '  ← this one' : ''
      const packet = store.number(other)
      const text = `${packet}  ${way} ${clientName(document, other)}${after}${ROLES[role]}${here}`
      this.add({ key: `fanout/${packet}`, depth: 1, text, token: 'plain', hasParts: false, packet })
    }
  }

  private addFindings(findings: readonly Finding[]): void {
    if (findings.length === 0) return
    this.add({ key: 'findings', depth: 0, text: `Findings: ${findings.length}`, token: 'bold', hasParts: true })
    if (!this.tree.isOpen('findings')) return
    for (const [at, finding] of findings.entries()) {
      const when = finding.time === undefined ? '' : `at ${duration(finding.time)}: `
      const text = `${GLYPHS[finding.level]} ${finding.id} ${when}${sanitize(finding.message)}`
      this.add({ key: `findings/${at}`, depth: 1, text, token: levelToken(finding), hasParts: false, finding })
    }
  }
}

const STATES = {
  open: 'open, an answer is still to come',
  complete: 'complete',
  refused: 'refused',
  abandoned: 'never finished',
}

const ROLES: Readonly<Record<FanOutRole, string>> = {
  fresh: '',
  copy: '',
  extra: '  for another filter',
  replay: '  as retained',
  again: '  again',
}

/** What the packet is on the way of its message. */
function fanOutWords({ store }: Document, row: Row, { role, opener, latency, copies, expected }: FanOutFact): string {
  if (role === 'copy' && !Number.isNaN(latency)) return `copy of packet ${opener}, after ${shortDuration(latency)}`
  if (role === 'replay') return `retained since packet ${opener}`
  if (role !== 'fresh') return `packet ${opener} again`
  const got = copies === 0 ? 'no copy' : plainCount(copies, 'copy', 'copies')
  if (store.stream(row).senderOf(store.side(row)) !== 'client') return `publisher not seen, ${got}`
  return expected <= 0 ? got : `${got}, ${plainCount(expected, 'subscriber')}`
}

const levelToken = ({ level }: Finding): Token => (level === 'error' ? 'bad' : level === 'warning' ? 'caution' : 'note')

/** Name and value of a field, its bits in front. */
export function words(node: Node, { bytes }: Layer): string {
  const { field } = node
  const label = labelText(node)
  const value = valueText(node, bytes, false)
  const text = value === '' ? label : `${label}: ${value}`
  return field.mask === undefined ? text : `${bits(bytes, node.start, node.end, field.mask)} = ${text}`
}

/** Changes with what is said of the packet. */
const stateOf = ({ links, copies }: Document, row: Row): string =>
  `${links.state(row)} ${links.rows(row).length} ${copies.rows(row).length}`

/** What stands above the details. */
export function titleOf(document: Document, row: Row): string {
  const { store } = document
  return `Packet ${store.number(row)}  ${typeName(store.type(row))}  ${clientName(document, row)}`
}

export const noDetails = (): readonly Line[] => [line(' No packet selected', 'dim')]
