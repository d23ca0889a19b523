/** A condition over the rows of a store: by columns where they tell, by the packet itself where they do not. */

import { OVERFLOW } from '../base/strings.ts'
import { TOPIC } from '../mqtt/fields.ts'
import { CONNECT, PUBLISH, SUBSCRIBE, UNSUBSCRIBE } from '../mqtt/spec.ts'
import { factNamed, UNSURE } from '../store/facts.ts'
import type { Bytes, Row, Store } from '../store/store.ts'
import { type Columns, numberColumn, protocolPresence } from './at-hand.ts'
import type { Test } from './compare.ts'
import { type Condition, join, type Leaf } from './compile.ts'
import type { Gather } from './gather.ts'
import type { Name } from './names.ts'
import { type Source, textBytes, type Value } from './sources.ts'

export type RowTest = (row: Row) => boolean

/** One row's packet, loaded when it is first asked for. */
export class Loader {
  private readonly store: Store
  private readonly bytes: Bytes | undefined
  private readonly gather: Gather
  private readonly told: Columns['told']
  private row: Row = -1

  constructor({ store, told }: Columns, bytes: Bytes | undefined, gather: Gather) {
    this.store = store
    this.bytes = bytes
    this.gather = gather
    this.told = told
  }

  /** Without bytes nothing can be loaded, and what only they tell is not true of any row. */
  ask(leaf: Leaf, row: Row): boolean {
    if (this.bytes === undefined) return false
    if (row !== this.row) {
      const loaded = this.store.load(row, this.bytes)
      const told = this.told?.(row)
      this.gather.turnTo(told === undefined ? loaded : loaded.add(told))
      this.row = row
    }
    return leaf.packet(this.gather)
  }
}

export function bindRows(condition: Condition, columns: Columns, loader: Loader): RowTest {
  switch (condition.kind) {
    case 'leaf':
      return bindLeaf(condition, columns, row => loader.ask(condition, row)) ?? (row => loader.ask(condition, row))
    case 'not': {
      const part = bindRows(condition.part, columns, loader)
      return row => !part(row)
    }
    default:
      return join(
        condition.kind,
        condition.parts.map(part => bindRows(part, columns, loader)),
      )
  }
}

/** Whether a leaf can be told from columns, for most rows at least. */
export function hasColumns(leaf: Leaf): boolean {
  const [name] = leaf.names
  if (name === undefined || leaf.holds === undefined) return false
  if (leaf.isPresence && protocolPresence(name.name) !== undefined) return true
  if ('ofSide' in name.source) return true
  return leaf.each !== undefined && (numberColumn(name.name)?.row !== undefined || textColumn(name) !== undefined)
}

function bindLeaf(leaf: Leaf, columns: Columns, slow: RowTest): RowTest | undefined {
  const [name] = leaf.names
  if (name === undefined || leaf.holds === undefined) return undefined
  const { store } = columns
  const presence = leaf.isPresence ? protocolPresence(name.name) : undefined
  if (presence !== undefined) return row => presence(store.stream(row))
  if ('ofSide' in name.source) return bySide(leaf.holds, name.source, store)
  if ('payload' in name.source || 'decoding' in name.source) return row => hasPayload(store.type(row)) && slow(row)
  if (leaf.each === undefined) return undefined
  const number = numberColumn(name.name)?.row
  if (number !== undefined) return byNumber(leaf.each, number(columns), slow)
  return textColumn(name)?.(leaf, leaf.each, store, slow)
}

/** True for the types of packets that may have a payload: of others nothing is read again. */
const hasPayload = (type: number): boolean => type === PUBLISH || type === CONNECT

function byNumber(each: Test, read: (row: Row) => number, slow: RowTest): RowTest {
  return row => {
    const value = read(row)
    if (value === UNSURE) return slow(row)
    return !Number.isNaN(value) && each(value)
  }
}

const NO = 1
const YES = 2
/** It differs from row to row. */
const ASK = 3
type Verdict = typeof NO | typeof YES | typeof ASK

const verdict = (fits: boolean): Verdict => (fits ? YES : NO)

/** Verdicts by number, each made once. */
class Verdicts {
  private known = new Uint8Array(1024)
  private readonly judge: (id: number) => Verdict

  constructor(judge: (id: number) => Verdict) {
    this.judge = judge
  }

  of(id: number): number {
    const known = this.known[id]
    if (known !== undefined && known !== 0) return known
    if (id >= this.known.length) {
      const wider = new Uint8Array(Math.max(this.known.length * 2, id + 1))
      wider.set(this.known)
      this.known = wider
    }
    const made = this.judge(id)
    this.known[id] = made
    return made
  }
}

/** Once for each side of a connection. */
function bySide(
  holds: (values: readonly Value[]) => boolean,
  source: Extract<Source, { ofSide: unknown }>,
  store: Store,
): RowTest {
  const verdicts = new Verdicts(id => {
    const flow = store.streams[id >> 1]?.flow
    return verdict(flow !== undefined && holds(source.ofSide(flow, (id & 1) as 0 | 1)))
  })
  return row => verdicts.of(store.streamId(row) * 2 + store.side(row)) === YES
}

type TextColumn = (leaf: Leaf, each: Test, store: Store, slow: RowTest) => RowTest

/** What stands for bytes that break UTF-8: the bytes themselves have to be asked. */
const BROKEN = '\ufffd'

/** Once for each topic. Only the first of several filters is in the column. */
const topics =
  (isAsked: (type: number) => boolean): TextColumn =>
  ({ all }, each, store, slow) => {
    const verdicts = new Verdicts(id => {
      const text = store.topics.text(id) ?? BROKEN
      return text.includes(BROKEN) ? ASK : verdict(each(textBytes(text)))
    })
    return row => {
      const type = store.type(row)
      if (!isAsked(type)) return false
      const id = store.topicId(row)
      if (id === -1) return false
      const found = id === OVERFLOW ? ASK : verdicts.of(id)
      if (found === ASK) return slow(row)
      if (type !== SUBSCRIBE && type !== UNSUBSCRIBE) return found === YES
      return all ? found === YES && slow(row) : found === YES || slow(row)
    }
  }

/** Once for each connection, and again when another client id is known. */
const clients: TextColumn = (_leaf, each, store) => {
  const judged: (string | undefined)[] = []
  const verdicts: boolean[] = []
  return row => {
    const id = store.streamId(row)
    const clientId = store.streams[id]?.clientId
    if (clientId === undefined) return false
    if (judged[id] !== clientId) {
      judged[id] = clientId
      verdicts[id] = each(textBytes(clientId))
    }
    return verdicts[id] === true
  }
}

/** Facts whose texts the store holds, and the topics that packets name. */
function textColumn({ name }: Name): TextColumn | undefined {
  if (name === TOPIC.name) return topics(() => true)
  const held = factNamed(name)?.held
  if (held === undefined) return undefined
  return held === 'topic' ? topics(type => type === PUBLISH) : clients
}
