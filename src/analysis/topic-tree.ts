/** Topics as a tree, with counts of what was published below each branch. It follows the rows of a document and reads no bytes. */

import { FIRST_FAILURE, PUBACK, PUBLISH, PUBREC, PublishFlag } from '../mqtt/spec.ts'
import type { Row, Store } from '../store/store.ts'
import type { Document } from './document.ts'

/** Deeper levels stand together as one: nobody reads a tree of a thousand levels. */
const DEEPEST = 32
/** Branches; beyond it topics are counted with what is above them. */
const MOST_NODES = 200_000

export class TopicNode {
  readonly name: string
  readonly path: string
  readonly depth: number
  readonly parent: TopicNode | undefined
  readonly children = new Map<string, TopicNode>()
  /** Packets to the broker, and from it. */
  published = 0
  delivered = 0
  bytes = 0
  readonly qos = [0, 0, 0]
  /** Topics at and below it that have a retained message now. */
  retained = 0
  /** Number of the packet that is retained at this very topic, 0 for none; and of the one before it. */
  kept = 0
  keptBefore = 0
  /** Number of the last packet. */
  last = 0

  constructor(name: string, parent: TopicNode | undefined) {
    this.name = name
    this.parent = parent
    this.depth = parent === undefined ? -1 : parent.depth + 1
    this.path = parent === undefined || parent.depth < 0 ? name : `${parent.path}/${name}`
  }

  get messages(): number {
    return this.published + this.delivered
  }
}

export class TopicTree {
  readonly root = new TopicNode('', undefined)
  nodes = 0
  private readonly byId: TopicNode[] = []
  /** Packets looked at. */
  private seen = 0

  /** Looks at what has come since. */
  catchUp(document: Document): void {
    const { store, links } = document
    for (let row = Math.max(0, this.seen - store.base); row < store.rows; row++) {
      const type = store.type(row)
      if (type === PUBLISH) this.add(store, row)
      else if ((type === PUBACK || type === PUBREC) && store.reason(row) >= FIRST_FAILURE) {
        this.refuse(store, links.opener(row))
      }
    }
    this.seen = store.base + store.rows
  }

  private add(store: Store, row: Row): void {
    const id = store.topicId(row)
    const text = store.topics.text(id)
    if (text === undefined) return
    const isPublished = store.stream(row).senderOf(store.side(row)) === 'client'
    this.byId[id] ??= this.place(text)
    if ((store.firstByte(row) & PublishFlag.retain) !== 0) keep(this.byId[id], store, row)
    for (let node: TopicNode | undefined = this.byId[id]; node !== undefined; node = node.parent) {
      if (isPublished) node.published++
      else node.delivered++
      node.bytes += store.size(row)
      const qos = store.qos(row)
      node.qos[qos] = (node.qos[qos] ?? 0) + 1
      node.last = store.number(row)
    }
  }

  /** A message that its receiver refuses is not retained. */
  private refuse(store: Store, opener: number): void {
    const row = store.rowOf(opener)
    const topic = row < 0 ? undefined : this.byId[store.topicId(row)]
    if (topic === undefined || topic.kept !== opener) return
    replace(topic, topic.keptBefore)
  }

  private place(topic: string): TopicNode {
    const levels = topic.split('/')
    const shown =
      levels.length > DEEPEST ? [...levels.slice(0, DEEPEST - 1), levels.slice(DEEPEST - 1).join('/')] : levels
    let node = this.root
    for (const name of shown) {
      const known = node.children.get(name)
      if (known === undefined && this.nodes >= MOST_NODES) return node
      const child = known ?? new TopicNode(name, node)
      if (known === undefined) {
        this.nodes++
        node.children.set(name, child)
      }
      node = child
    }
    return node
  }
}

/** A message with RETAIN is kept in place of the one before; an empty one deletes it. */
function keep(topic: TopicNode | undefined, store: Store, row: Row): void {
  if (topic === undefined) return
  topic.keptBefore = topic.kept
  replace(topic, store.isEmpty(row) ? 0 : store.number(row))
}

/** The packet `kept` is retained now; 0 for none. */
function replace(topic: TopicNode, kept: number): void {
  const change = (kept === 0 ? 0 : 1) - (topic.kept === 0 ? 0 : 1)
  topic.kept = kept
  for (let node: TopicNode | undefined = topic; node !== undefined; node = node.parent) node.retained += change
}
