/** The screen of topics: a tree with counts; below, the last message and who listens. */

import type { Document } from '../../analysis/document.ts'
import { type TopicNode, TopicTree } from '../../analysis/topic-tree.ts'
import { isShare, matchesFilter, shareEnd } from '../../mqtt/topic.ts'
import type { Row } from '../../store/store.ts'
import { padEnd, padStart } from '../../text/cells.ts'
import { grouped } from '../../text/numbers.ts'
import { sanitize } from '../../text/sanitize.ts'
import { topicFilter } from '../apply.ts'
import { type Block, pane, rows } from '../block.ts'
import type { AppContext, Screen } from '../context.ts'
import { Cursor } from '../cursor.ts'
import type { CommandId } from '../keys.ts'
import type { Model } from '../model.ts'
import { WIDE } from '../panes/list-columns.ts'
import { clientName, infoText } from '../panes/words.ts'
import { fitted, type Line, line, retoken, rule, span } from '../spans.ts'

const TOLD = 4
const NUMBER_WIDTH = 8
const QOS_WIDTH = 13
/** Topics up to which the whole tree is open at first. */
const OPEN_UP_TO = 60
const MOST_LISTENERS = 8

export class TopicsScreen implements Screen {
  readonly name = 'topics'
  readonly title = 'Topics'
  private readonly tree = new TopicTree()
  private readonly cursor = new Cursor()
  private readonly turned = new Set<string>()
  private byCount = false
  private shown: readonly TopicNode[] = []

  block(app: AppContext, width: number, height: number): Block {
    this.tree.catchUp(app.model.document)
    this.shown = this.open(this.tree.root)
    const list = height - TOLD
    this.cursor.shows(this.shown.length, list - 1)
    const body = this.shown.length === 0 ? [line(' Nothing was published so far.', 'dim')] : this.lines(width, list - 1)
    return rows(
      pane([this.header(width), ...body], width, list, this.cursor.pointer(1)),
      pane(this.told(app.model, width), width, TOLD),
    )
  }

  run(app: AppContext, command: CommandId): boolean {
    if (this.cursor.run(command)) return true
    const node = this.shown[this.cursor.selected]
    if (command === 'sort') {
      this.byCount = !this.byCount
      app.say(this.byCount ? 'The busiest first' : 'By name')
      return true
    }
    if (node === undefined) return false
    const isLeaf = node.children.size === 0
    if (command === 'open') app.jump(node.last)
    else if (command === 'apply') app.openFilter(topicFilter(node.path, !isLeaf))
    else if (command === 'colour') app.colour([{ name: node.path, filter: topicFilter(node.path, !isLeaf) }])
    else if (command === 'left' || command === 'right') this.fold(node, command === 'right')
    else return false
    return true
  }

  copied(): string {
    return sanitize(this.shown[this.cursor.selected]?.path ?? '')
  }

  private fold(node: TopicNode, open: boolean): void {
    if (node.children.size > 0 && this.isOpen(node) !== open) {
      if (!this.turned.delete(node.path)) this.turned.add(node.path)
    } else if (!open && node.parent !== undefined) {
      this.cursor.selected = Math.max(0, this.shown.indexOf(node.parent))
    }
  }

  private isOpen({ path, depth }: TopicNode): boolean {
    return (depth < 0 || this.tree.nodes <= OPEN_UP_TO) !== this.turned.has(path)
  }

  private open(node: TopicNode): readonly TopicNode[] {
    const children = [...node.children.values()].sort((a, b) =>
      this.byCount && a.messages !== b.messages ? b.messages - a.messages : a.name < b.name ? -1 : 1,
    )
    return children.flatMap(child => [child, ...(this.isOpen(child) ? this.open(child) : [])])
  }

  private header(width: number): Line {
    const name = nameWidth(width)
    const numbers = ['To broker', 'From it', 'Bytes'].map(text => padStart(text, NUMBER_WIDTH + 1)).join('')
    return fitted(
      [span(`  ${padEnd('Topic', name)}${numbers} ${padStart('QoS 0/1/2', QOS_WIDTH)}  Ret`, 'head')],
      width,
    )
  }

  private lines(width: number, height: number): readonly Line[] {
    const { selected, top } = this.cursor
    return this.shown.slice(top, top + height).map((node, at) => {
      const isSelected = top + at === selected
      const fold = node.children.size === 0 ? '  ' : this.isOpen(node) ? '▾ ' : '▸ '
      const name = `${'  '.repeat(node.depth)}${fold}${sanitize(node.name) || '(empty)'}`
      const numbers = [node.published, node.delivered, node.bytes].map(value =>
        padStart(grouped(value), NUMBER_WIDTH + 1),
      )
      const parts: Line = [
        span(isSelected ? '▌' : ' '),
        span(` ${padEnd(name, nameWidth(width))}`, node.children.size === 0 ? 'plain' : 'bold'),
        span(numbers.join(''), 'number'),
        span(` ${padStart(node.qos.join('/'), QOS_WIDTH)}  ${node.retained > 0 ? ' ●' : ''}`),
      ]
      return fitted(isSelected ? retoken(parts, 'selected') : parts, width)
    })
  }

  private told(model: Model, width: number): readonly Line[] {
    const node = this.shown[this.cursor.selected]
    if (node === undefined) return [rule('', '', width)]
    const { document } = model
    const row = document.store.rowOf(node.last)
    const kept = node.kept === 0 || isOfUnseen(document, row) ? -1 : document.store.rowOf(node.kept)
    const last = row < 0 ? '' : lastText(document, row, width)
    return [
      rule(sanitize(node.path), '', width, true),
      [span(' Last     ', 'dim'), span(last)],
      [span(' Listens  ', 'dim'), span(listeners(model, node))],
      ...(kept < 0 ? [] : [[span(' Retained ', 'dim'), span(lastText(document, kept, width))]]),
    ]
  }
}

/** A copy of a message whose publisher was not seen, as a will is: nobody knows whether it is what is retained now. */
function isOfUnseen({ copies }: Document, row: Row): boolean {
  const fact = row < 0 ? undefined : copies.fact(row)
  return fact?.role === 'copy' && Number.isNaN(fact.latency)
}

/** `12 from lamp: hall/lamp "on" 2 B`; `to` where the broker sends it. */
function lastText(document: Document, row: Row, width: number): string {
  const { store } = document
  const isDelivered = store.stream(row).senderOf(store.side(row)) === 'server'
  return `${store.number(row)} ${isDelivered ? 'to' : 'from'} ${clientName(document, row)}: ${infoText(document, row, width)}`
}

const nameWidth = (width: number): number => width - 2 - (NUMBER_WIDTH + 1) * 3 - QOS_WIDTH - (width < WIDE ? 8 : 12)

const encoder = new TextEncoder()

/** The filter takes the topic, or, of a branch, something below it. A shared subscription names its group before its filter. */
function fits(filter: Uint8Array, topic: Uint8Array, isBranch: boolean): boolean {
  const start = isShare(filter, 0, filter.length) ? shareEnd(filter, 0, filter.length) : 0
  if (matchesFilter(filter, start, filter.length, topic, 0, topic.length)) return true
  return isBranch && slashesOf(filter, start).some(end => matchesFilter(filter, start, end, topic, 0, topic.length))
}

const SLASH = 0x2f

/** Where the levels of a filter end, but for the last. */
function slashesOf(filter: Uint8Array, from: number): readonly number[] {
  const ends: number[] = []
  for (let at = filter.indexOf(SLASH, from); at >= 0; at = filter.indexOf(SLASH, at + 1)) ends.push(at)
  return ends
}

/** Clients with a subscription that fits, each once: by the connection that is open, else by its last one. */
function listeners({ document }: Model, { path, children }: TopicNode): string {
  const found = new Map<string | number, string>()
  const name = encoder.encode(path)
  const isBranch = children.size > 0
  for (const connection of [...document.tracker.connected, ...document.past.toReversed()]) {
    const client = sanitize(connection.clientId ?? '?')
    const key = connection.clientId ?? connection.number
    if (found.has(key)) continue
    for (const { filter } of connection.session.subscriptions.values()) {
      if (!fits(encoder.encode(filter), name, isBranch)) continue
      found.set(key, `${client} (${sanitize(filter)})`)
      break
    }
    if (found.size >= MOST_LISTENERS) break
  }
  return found.size === 0 ? 'nobody at the end, as far as the capture shows' : [...found.values()].join(', ')
}
