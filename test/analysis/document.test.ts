/** A capture that was stopped goes on: another file behind the first, with packets missing between. */
import { expect, test } from 'vitest'
import { Document } from '../../src/analysis/document.ts'
import { StreamList } from '../../src/analysis/stream-list.ts'
import { u32le } from '../../src/base/bytes.ts'
import { MemoryLog } from '../../src/capture/log.ts'
import { concat } from '../support/capture.ts'
import { pingreq, publish, Story } from '../support/story.ts'

const HEADER = 24
const RECORD = 16

/** The file header, and each record. */
function pieces(file: Uint8Array): { readonly header: Uint8Array; readonly records: readonly Uint8Array[] } {
  const records: Uint8Array[] = []
  for (let at = HEADER; at < file.length; ) {
    const end = at + RECORD + u32le(file, at + 8)
    records.push(file.subarray(at, end))
    at = end
  }
  return { header: file.subarray(0, HEADER), records }
}

class Paused {
  readonly document = new Document({ ports: new Set([1883]) })
  private readonly log = new MemoryLog()
  private readonly header: Uint8Array
  private readonly records: readonly Uint8Array[]

  constructor(story: Story) {
    const { header, records } = pieces(story.capture)
    this.header = header
    this.records = records
    this.document.log = this.log
  }

  /** A file of its own with these records of the story; counted from the end where negative. */
  file(from: number, to?: number): this {
    const bytes = concat(this.header, ...this.records.slice(from, to))
    this.log.append(bytes)
    this.document.push(bytes)
    return this
  }

  get list(): readonly (number | string)[] {
    const list = new StreamList(this.document, 0, 'client')
    list.catchUp(this.document.store.rows)
    return Array.from({ length: list.length }, (_, place) => list.hole(place)?.size ?? list.number(place))
  }
}

const story = new Story()
const talk = story.join().enter('meter')
const opened = pieces(story.capture).records.length
for (let nth = 1; nth <= 9; nth++) talk.say(publish('a', `${nth}`))
const each = pieces(story.capture).records.length - opened
const size = publish('a', '1').length
talk.say(pingreq())

test('packets behind the pause are there at once, of the same connection, behind a gap', () => {
  const frames = each / 9
  const paused = new Paused(story).file(0, opened + 3 * frames)
  expect(paused.list).toEqual([1, 3, 4, 5])
  paused.document.pause()
  paused.file(opened + 6 * frames)
  expect(paused.list).toEqual([1, 3, 4, 5, 3 * size, 6, 7, 8, 9])
  expect(paused.document.store.streams.length).toBe(1)
  expect(paused.document.summary.damage).toBe(0)
  const { store, log } = paused.document
  expect(store.load(store.rowOf(6), log).raw.bytes.at(-1)).toBe('7'.charCodeAt(0))
})

test('without a pause they wait for what may still come', () => {
  const frames = each / 9
  const paused = new Paused(story).file(0, opened + 3 * frames).file(opened + 6 * frames)
  expect(paused.list).toEqual([1, 3, 4, 5])
  paused.document.end()
  expect(paused.list).toEqual([1, 3, 4, 5, 3 * size, 6, 7, 8, 9])
})

test('a record that was cut by the end of the program is told, and what follows is read', () => {
  const { header, records } = pieces(story.capture)
  const half = (records[opened] ?? new Uint8Array(0)).subarray(0, 20)
  const document = new Document({ ports: new Set([1883]) })
  document.push(concat(header, ...records.slice(0, opened), half))
  document.pause()
  document.push(story.capture)
  expect(document.store.rows).toBeGreaterThan(10)
  expect(document.journal.entries.map(({ kind }) => kind)).toContain('damage')
})
