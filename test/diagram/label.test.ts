/** What an arrow says. */
import { expect, test } from 'vitest'
import { type Label, labelOf, labelText } from '../../src/diagram/label.ts'
import { loadedSample } from './loaded.ts'

function labelIn(sample: string, number: number): Label {
  const { store, links } = loadedSample(sample)
  return labelOf(store, links, store.rowOf(number), false)
}

const PLAIN: Label = {
  type: 'PINGREQ',
  qos: undefined,
  isDup: false,
  isRetained: false,
  id: 0,
  isRefused: false,
  topic: undefined,
  isOurs: false,
}

test('a PUBLISH with all it has', () => {
  expect(labelIn('again', 22)).toEqual({
    ...PLAIN,
    type: 'PUBLISH',
    qos: 2,
    isDup: true,
    id: 2,
    topic: 'orders/new',
  })
  expect(labelIn('tour', 11)).toMatchObject({ qos: 1, isRetained: true, id: 64044, topic: 'garden/pump/state' })
})

test('other types have no quality of service, whatever their lower bits are', () => {
  expect(labelIn('qos2', 12)).toEqual({ ...PLAIN, type: 'PUBREL', id: 1 })
  expect(labelIn('tour', 80)).toEqual(PLAIN)
})

test('an answer that refuses; its request does not', () => {
  expect(labelIn('refused', 2)).toMatchObject({ type: 'CONNACK', isRefused: true })
  expect(labelIn('refused', 1)).toMatchObject({ type: 'CONNECT', isRefused: false })
})

test('in words', () => {
  expect(labelText(PLAIN)).toBe('PINGREQ')
  expect(labelText({ ...PLAIN, type: 'SUBACK', id: 4, isRefused: true, isOurs: true })).toBe('» SUBACK id 4 refused')
  const publish = { ...PLAIN, type: 'PUBLISH', qos: 0, topic: 'a/b' }
  expect(labelText(publish)).toBe('PUBLISH Q0 a/b')
  expect(labelText({ ...publish, qos: 1, isDup: true, isRetained: true, id: 7 })).toBe(
    'PUBLISH Q1 again retain id 7 a/b',
  )
})

test('a topic that is not plain ASCII is left out', () => {
  const publish = { ...PLAIN, type: 'PUBLISH', qos: 0 }
  for (const topic of ['a\x1b[2J', 'küche', '', '\u202e']) expect(labelText({ ...publish, topic })).toBe('PUBLISH Q0')
})
