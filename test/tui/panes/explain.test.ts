/** The details of a PUBLISH tell where its message came from and where it went. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { Document } from '../../../src/analysis/document.ts'
import { MemoryLog } from '../../../src/capture/log.ts'
import { Filter } from '../../../src/filter/filter.ts'
import { fieldFilter } from '../../../src/tui/apply.ts'
import { Model } from '../../../src/tui/model.ts'
import { explain } from '../../../src/tui/panes/explain.ts'
import { Tree } from '../../../src/tui/panes/tree.ts'
import { textOf } from '../../../src/tui/spans.ts'
import { sample } from '../../support/screens.ts'
import { publish, Story } from '../../support/story.ts'

const open = (name: string): Document => read(readFileSync(sample(name)))

function read(bytes: Uint8Array): Document {
  const document = new Document({ ports: new Set([1883]) })
  const log = new MemoryLog()
  log.append(bytes)
  document.log = log
  document.push(bytes)
  document.end()
  return document
}

/** The lines on the fan-out of a packet. */
function told(document: Document, packet: number): readonly string[] {
  const tree = new Tree()
  tree.show(document, document.store.rowOf(packet))
  return tree.items.filter(({ key }) => key.startsWith('fanout')).map(({ text }) => text)
}

const tour = open('tour')

test('of a message', () => {
  expect(told(tour, 38)).toEqual([
    'Fan-out: 3 copies, 3 subscribers',
    '38  from anna-phone  ← this one',
    '42  to garden-pump  +43.6ms',
    '43  to anna-phone  +43.6ms',
    '44  to kitchen-display  +43.7ms',
  ])
})

test('of a copy, a retained one, one sent again, one whose publisher was not seen', () => {
  expect(told(tour, 44)[0]).toBe('Fan-out: copy of packet 38, after 43.7ms')
  expect(told(tour, 37)[0]).toBe('Fan-out: retained since packet 11')
  expect(told(open('again'), 22)[0]).toBe('Fan-out: packet 15 again')
  expect(told(tour, 76)[0]).toBe('Fan-out: publisher not seen, 2 copies')
})

test('of a message that nobody got', () => {
  const story = new Story()
  story.join().enter('s').want(1, 'a')
  story.join().enter('p').say(publish('a', 'x'), publish('b', 'x'))
  const document = read(story.capture)
  expect(told(document, 7)).toEqual(['Fan-out: no copy, 1 subscriber'])
  expect(told(document, 8)).toEqual([])
})

test('nothing of other packets', () => {
  expect(told(tour, 1)).toEqual([])
  expect(told(tour, 39)).toEqual([])
})

test('a line of it filters by the message, leads to its packet and is explained', () => {
  const row = tour.store.rowOf(42)
  const tree = new Tree()
  tree.show(tour, row)
  const item = tree.items.find(({ key }) => key === 'fanout/44')
  expect(item?.packet).toBe(44)
  expect(fieldFilter(tour, row, item)).toBe('mqtt.fanout.opener == 38')
  expect(explain(item, 5, 80).map(textOf).join(' ')).toMatch(/sends each message on to everyone/)
})

test('a filter over rows knows how it ended', () => {
  const model = new Model(tour)
  const shown = (text: string): readonly number[] => {
    const test = model.bind(new Filter(text))
    return Array.from({ length: tour.store.rows }, (_, row) => row)
      .filter(test)
      .map(row => tour.store.number(row))
  }
  expect(shown('mqtt.fanout.opener == 38')).toEqual([38, 42, 43, 44])
  expect(shown('mqtt.fanout.role == fresh && mqtt.fanout.copies == 3')).toContain(38)
  expect(shown('mqtt.fanout.copies < mqtt.fanout.expected')).toEqual([])
})
