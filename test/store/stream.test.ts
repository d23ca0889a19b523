/** What a connection does not know because the capture does not hold it. */
import { expect, test } from 'vitest'
import { Pipeline } from '../../src/analysis/pipeline.ts'
import { findingsOf } from '../../src/store/findings.ts'
import { publish, Story, type Talk } from '../support/story.ts'

const ALIAS = [0x23, 0, 3]
const set = publish('a', 'x', { properties: ALIAS })
const use = publish('', 'y', { properties: ALIAS })

function remarks(talk: (talk: Talk) => Talk): readonly string[] {
  const story = new Story()
  talk(story.join().enter('c', { version: 5 })).close()
  const ids: string[] = []
  const pipeline = new Pipeline({
    packet: record => void ids.push(...findingsOf(record).map(({ level, id }) => `${level} ${id}`)),
    gap() {},
    skipped() {},
    damage() {},
  })
  pipeline.push(story.capture)
  pipeline.end()
  return ids
}

test('an alias that was never set is an error where all is there to see', () => {
  expect(remarks(talk => talk.say(set, use))).toEqual([])
  expect(remarks(talk => talk.say(use))).toEqual(['error MQTT-3.3.2-7'])
})

test('where bytes of its direction are missing it may have been set there', () => {
  expect(remarks(talk => talk.lose(set).say(use))).toEqual(['note alias.unknown'])
})
