/** What stands between the packets that are shown. */
import { expect, test } from 'vitest'
import { among, behind } from '../../src/analysis/between.ts'
import { Document } from '../../src/analysis/document.ts'
import { Selection } from '../../src/analysis/selection.ts'
import { publish, Story } from '../support/story.ts'

/** `a` sends packets 1 to 3, of which the last is never answered; `b` 4 to 6, with a gap behind 5; packet 6 waits for it until
 *  `b` closes, after `a`. */
function selection(filter = ''): Selection {
  const story = new Story()
  const a = story.join().enter('a')
  a.say(publish('t', 'x', { qos: 1, id: 1 }))
  const b = story.join().enter('b')
  b.lose(publish('t', 'lost')).say(publish('t', 'y'))
  story.at(1)
  a.close()
  story.at(2)
  b.close()
  const document = new Document({ ports: new Set([1883]) })
  document.push(story.capture)
  document.end()
  const made = new Selection(document)
  if (filter !== '') expect(made.choose(filter)).toBeUndefined()
  made.advance(() => true)
  return made
}

const kinds = (from: Selection): readonly string[] =>
  Array.from({ length: from.length + 1 }, (_, at) =>
    [at, ...behind(from, at - 1).map(({ kind }) => kind)].join(' '),
  ).filter(text => / /.test(text))

test('each stands behind its packet', () => {
  expect(kinds(selection())).toEqual(['3 ghost', '5 gap closing', '6 closing'])
})

test('a filter leaves what belongs to connections that have packets shown, and what their packets wait for', () => {
  expect(kinds(selection('mqtt.client == "a"'))).toEqual(['3 ghost closing'])
  // The packet that waits is hidden.
  expect(kinds(selection('mqtt.client == "a" && mqtt.msgtype == 2'))).toEqual(['1 closing'])
  expect(kinds(selection('mqtt.client == "b"'))).toEqual(['2 gap', '3 closing'])
  expect(kinds(selection('mqtt.client == "nobody"'))).toEqual([])
})

test('a view that stands still shows nothing of what came later', () => {
  const made = selection()
  made.view.until = 3
  expect(kinds(made)).toEqual(['3 ghost'])
})

test('among rows that are no neighbours: of their connections alone, or of all', () => {
  const made = selection()
  const { store } = made.document
  const of = (numbers: readonly number[], isAll: boolean, isEnd = true): readonly string[] =>
    among(
      made,
      numbers.map(number => store.rowOf(number)),
      { isAll, isStart: true, isEnd },
    ).map(({ kind, after }) => `${after} ${kind}`)
  expect(of([2, 3], false)).toEqual(['3 ghost', '5 closing'])
  expect(of([2, 6], false, false)).toEqual(['5 gap', '5 closing'])
  expect(of([4, 6], false, false)).toEqual(['5 gap'])
  expect(of([2, 4], true)).toEqual(['5 gap', '5 closing', '6 closing'])
  expect(of([], true)).toEqual([])
})
