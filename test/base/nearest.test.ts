/** Names that somebody may have meant. */
import { describe, expect, test } from 'vitest'
import { nearest } from '../../src/base/nearest.ts'

const NAMES = ['mqtt.topic', 'mqtt.topics', 'mqtt.msg', 'mqtt.qos', 'mqtt.len', 'mqtt.lex', 'mqtt.let', 'frame.number']

describe('nearest', () => {
  test('an insertion, a deletion and a replacement are one letter each', () => {
    expect(nearest('mqtt.mssg', NAMES)).toEqual(['mqtt.msg'])
    expect(nearest('frame.numbr', NAMES)).toEqual(['frame.number'])
    expect(nearest('frame.numbex', NAMES)).toEqual(['frame.number'])
  })

  test('two letters are near, three are not', () => {
    expect(nearest('frame.numxxr', NAMES)).toEqual(['frame.number'])
    expect(nearest('frame.nuxxxr', NAMES)).toEqual([])
  })

  test('the nearest first, three at most', () => {
    expect(nearest('mqtt.topics', NAMES)).toEqual(['mqtt.topics', 'mqtt.topic'])
    expect(nearest('mqtt.lem', NAMES)).toEqual(['mqtt.len', 'mqtt.lex', 'mqtt.let'])
    expect(nearest('mqtt.le', NAMES)).toHaveLength(3)
  })

  test('letters of the other case differ unless they are to be the same', () => {
    expect(nearest('MQTT.TOPIC', NAMES)).toEqual([])
    expect(nearest('MQTT.TOPIC', NAMES, { ignoresCase: true, farthest: 0 })).toEqual(['mqtt.topic'])
  })

  test('a name of more than 100 characters is near to nothing', () => {
    const long = 'x'.repeat(101)
    expect(nearest(long, [long])).toEqual([])
    expect(nearest(long.slice(1), [long.slice(1)])).toHaveLength(1)
  })
})
