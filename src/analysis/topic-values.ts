/** What a topic's payloads hold over time: the last value of a topic, the ones before it, and which of several is looked at. */

import { decodeText } from '../base/strings.ts'
import { MSG } from '../mqtt/fields.ts'
import { PUBLISH } from '../mqtt/spec.ts'
import { type Leaf, Leaves } from '../payload/leaves.ts'
import { payloadOf } from '../store/payloads.ts'
import type { Row } from '../store/store.ts'
import type { Document } from './document.ts'

/** Rows looked at for the history of a topic, from the last one back: more would be felt at each step of the cursor. */
const MOST_LOOKED_AT = 500_000
/** Messages of one history: a chart has no more columns. */
export const MOST_HISTORY = 120
/** Characters of a payload that is read as one value. */
const MOST_TEXT = 400

const NUMBER = /^\s*-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?\s*$/

export interface History {
  /** Path of the value in the payload; empty for a payload that is one value. */
  readonly path: string
  /** Paths of all numbers in the last payload. */
  readonly paths: readonly string[]
  /** Rows of the messages that have the value, the oldest first, and their values. */
  readonly rows: readonly Row[]
  readonly values: readonly number[]
}

/** Returns the values in the payload of a row: as a rule decodes it, or a text that is one number. */
export function leavesOf(document: Document, row: Row): readonly Leaf[] {
  const record = document.record(row)
  if (record.type !== PUBLISH) return []
  const payload = payloadOf(record)
  if (payload === undefined || !payload.isWhole || payload.field !== MSG) return []
  const choice = document.payloads.choose(payload)
  if (choice === undefined) return textLeaf(payload.bytes, payload.start, payload.end)
  const leaves = new Leaves()
  document.payloads.decode(payload, choice, () => leaves)
  return leaves.list
}

function textLeaf(bytes: Uint8Array, start: number, end: number): readonly Leaf[] {
  if (end - start > MOST_TEXT) return []
  const text = decodeText(bytes, start, end)
  return [{ path: '', text, number: NUMBER.test(text) ? Number(text) : Number.NaN }]
}

/**
 * Returns the history of the numbers at one path over the messages of a topic, `nth` of those in the last payload. What
 * clients publish counts; without any, what the last subscriber receives. Undefined if the last payload has no number.
 */
export function historyOf(document: Document, last: number, nth: number): History | undefined {
  const { store } = document
  const end = store.rowOf(last)
  if (end < 0 || !Number.isFinite(end)) return undefined
  const paths = numbersIn(leavesOf(document, end))
  const path = paths[nth % Math.max(1, paths.length)]
  if (path === undefined) return undefined
  const rows = messagesOf(document, end)
  const found = rows.flatMap(row => {
    const leaf = leavesOf(document, row).find(one => one.path === path)
    return leaf === undefined || Number.isNaN(leaf.number) ? [] : [{ row, value: leaf.number }]
  })
  return { path, paths, rows: found.map(({ row }) => row), values: found.map(({ value }) => value) }
}

const numbersIn = (leaves: readonly Leaf[]): readonly string[] =>
  leaves.filter(({ number }) => !Number.isNaN(number)).map(({ path }) => path)

/** The last rows of the topic of row `end`, the oldest first, each message once. */
function messagesOf({ store }: Document, end: Row): readonly Row[] {
  const topic = store.topicId(end)
  const all: Row[] = []
  for (let row = end; row >= Math.max(0, end - MOST_LOOKED_AT) && all.length < MOST_HISTORY * 4; row--)
    if (store.type(row) === PUBLISH && store.topicId(row) === topic) all.push(row)
  const published = all.filter(row => store.stream(row).senderOf(store.side(row)) === 'client')
  const stream = store.streamId(end)
  const each = published.length > 0 ? published : all.filter(row => store.streamId(row) === stream)
  return each.slice(0, MOST_HISTORY).reverse()
}
