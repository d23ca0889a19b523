/** The screen of topics: a tree with counts; below, the last message and who listens. */

import type { Document } from '../../analysis/document.ts'
import { type TopicNode, TopicTree } from '../../analysis/topic-tree.ts'
import { type History, historyOf } from '../../analysis/topic-values.ts'
import type { Chooser } from '../../payload/rules.ts'
import { padEnd, padStart } from '../../text/cells.ts'
import { grouped } from '../../text/numbers.ts'
import { sanitize } from '../../text/sanitize.ts'
import { topicFilter } from '../apply.ts'
import { type Block, pane, rows } from '../block.ts'
import type { AppContext, Screen } from '../context.ts'
import { Cursor } from '../cursor.ts'
import type { CommandId } from '../keys.ts'
import { WIDE } from '../panes/list-columns.ts'
import { historyText, lastText, listeners, retainedText, valueText } from '../panes/topic-words.ts'
import { fitted, type Line, line, retoken, rule, span } from '../spans.ts'

const TOLD = 6
const NUMBER_WIDTH = 8
const QOS_WIDTH = 13
/** Topics up to which the whole tree is open at first. */
const OPEN_UP_TO = 60

export class TopicsScreen implements Screen {
  readonly name = 'topics'
  readonly title = 'Topics'
  private readonly tree = new TopicTree()
  private readonly cursor = new Cursor()
  private readonly turned = new Set<string>()
  private byCount = false
  private shown: readonly TopicNode[] = []
  /** Which of the numbers in a payload is shown. */
  private nth = 0
  private key = ''
  private history: History | undefined
  private chooser: Chooser | undefined

  block(app: AppContext, width: number, height: number): Block {
    this.tree.catchUp(app.model.document)
    this.shown = this.open(this.tree.root)
    const list = height - TOLD
    this.cursor.shows(this.shown.length, list - 1)
    const body = this.shown.length === 0 ? [line(' Nothing was published so far.', 'dim')] : this.lines(width, list - 1)
    return rows(
      pane([this.header(width), ...body], width, list, this.cursor.pointer(1)),
      pane(this.told(app, width), width, TOLD),
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
    else if (command === 'value') this.nth++
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

  /** The history of a topic, read again when a message came or another value is asked for. */
  private values(document: Document, { path, last }: TopicNode): History | undefined {
    const key = `${last} ${this.nth} ${path}`
    const { chooser } = document.payloads
    if (key !== this.key || chooser !== this.chooser) this.history = historyOf(document, last, this.nth)
    this.key = key
    this.chooser = chooser
    return this.history
  }

  private told({ model, keys }: AppContext, width: number): readonly Line[] {
    const node = this.shown[this.cursor.selected]
    if (node === undefined) return [rule('', '', width)]
    const { document } = model
    const history = node.children.size === 0 ? this.values(document, node) : undefined
    const chart = history === undefined ? '' : historyText(history, width)
    const row = document.store.rowOf(node.last)
    const retained = retainedText(document, node, width)
    return [
      rule(sanitize(node.path), '', width, true),
      [span(' Last     ', 'dim'), span(row < 0 ? '' : lastText(document, row, width))],
      ...(history === undefined
        ? []
        : [[span(' Value    ', 'dim'), span(valueText(document, history, keys.text('value')))]]),
      ...(chart === '' ? [] : [[span(' History  ', 'dim'), span(chart, 'number')]]),
      [span(' Listens  ', 'dim'), span(listeners(document, node))],
      ...(retained === '' ? [] : [[span(' Retained ', 'dim'), span(retained)]]),
    ]
  }
}

const nameWidth = (width: number): number => width - 2 - (NUMBER_WIDTH + 1) * 3 - QOS_WIDTH - (width < WIDE ? 8 : 12)
