/** The history of a topic: its numbers over its messages. */
import { expect, test } from 'vitest'
import type { Document } from '../../src/analysis/document.ts'
import { TopicTree } from '../../src/analysis/topic-tree.ts'
import { type History, historyOf } from '../../src/analysis/topic-values.ts'
import { Screens } from '../support/screens.ts'

function historyIn(document: Document, topic: string, nth = 0): History | undefined {
  const tree = new TopicTree()
  tree.catchUp(document)
  let node = tree.root
  for (const name of topic.split('/')) node = node.children.get(name) ?? node
  return historyOf(document, node.last, nth)
}

test('numbers that are texts, each message once, in their order', () => {
  const history = historyIn(Screens.of('qos1').app.model.document, 'greenhouse/temperature')
  expect(history?.values).toEqual([21.5, 21.7, 22])
  expect(history?.path).toBe('')
})

test('a number inside of JSON is called by its path', () => {
  const history = historyIn(Screens.of('websocket').app.model.document, 'house/hall/set')
  expect([history?.path, history?.values, history?.paths]).toEqual(['temperature', [21], ['temperature']])
})

test('one of several numbers, and beyond the last the first again', () => {
  const { document } = Screens.of('sparkplug').app.model
  const [first, second] = [0, 1].map(nth => historyIn(document, 'spBv1.0/plant/DDATA/line-1/press', nth))
  const { paths } = first ?? { paths: [] }
  expect(paths.length).toBeGreaterThan(1)
  expect([first?.path, second?.path]).toEqual([paths[0], paths[1]])
  expect(historyIn(document, 'spBv1.0/plant/DDATA/line-1/press', paths.length)?.path).toBe(paths[0])
})

test('none for words', () => {
  expect(historyIn(Screens.of('retained').app.model.document, 'greenhouse/window')).toBeUndefined()
})
