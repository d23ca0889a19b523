/** Every rule on behaviour, both ways: a conversation in which it is told, and one in which it is not. */
import { describe, expect, test } from 'vitest'
import { FAULTS } from '../../src/mqtt/faults.ts'
import { FAMILIES } from '../../src/session/findings.ts'
import { type Rule, ruleId } from '../../src/session/rules.ts'
import { play } from '../support/playbook.ts'
import { CASES, type Case } from './rules.ts'

const ruleOf = ({ rule }: Case): Rule => {
  const [family = '', name = ''] = rule.split('.')
  const found = FAMILIES[family]?.[name]
  if (found === undefined) throw new Error(`no such rule: ${rule}`)
  return found
}

const told = (findings: readonly string[]): readonly string[] =>
  findings.map(line => line.split(' ').slice(0, 3).join(' '))

describe('a rule', () => {
  test.each(CASES.map(one => [one.rule, one] as const))('%s', (_, one) => {
    expect(told(play(one.breaks, one.midStream).findings)).toContain(one.told)
    const rule = ruleOf(one)
    const ids = [rule.id, ruleId(rule, 4), ruleId(rule, 5)].map(id => `${rule.level} ${id}`)
    const kept = told(play(one.keeps).findings).filter(line => ids.includes(line.slice(line.indexOf(' ') + 1)))
    expect(kept).toEqual([])
  })

  test('none is without its test', () => {
    const tested = new Set(CASES.map(({ rule }) => rule))
    const all = Object.entries(FAMILIES).flatMap(([family, rules]) =>
      Object.keys(rules).map(name => `${family}.${name}`),
    )
    expect(all.filter(name => !tested.has(name))).toEqual([])
  })

  test('each has an id of its own, a title and an explanation', () => {
    const rules = Object.values(FAMILIES).flatMap(family => Object.values(family))
    const ids = [...rules, ...Object.values(FAULTS)].map(({ id }) => id)
    expect(new Set(ids).size).toBe(ids.length)
    for (const { title, explanation } of [...rules, ...Object.values(FAULTS)]) {
      expect(title).toMatch(/^[A-Z#+$]/)
      expect(title.length).toBeLessThan(70)
      expect(explanation).toMatch(/^\S.*[.)]$/s)
    }
  })
})

describe('an honest conversation', () => {
  const HONEST: readonly (readonly [string, string])[] = [
    [
      'QoS 0, 1 and 2 both ways',
      `c: CONNECT keepalive=60
       s: CONNACK
       c: SUBSCRIBE #1 a/#:2
       s: SUBACK #1 2
       c: PUBLISH a/b x
       s: PUBLISH a/b x
       c: PUBLISH q1 #2 a/b x
       s: PUBLISH q1 #1 a/b x
       s: PUBACK #2
       c: PUBACK #1
       c: PUBLISH q2 #3 a/b x
       s: PUBREC #3
       c: PUBREL #3
       s: PUBLISH q2 #2 a/b x
       s: PUBCOMP #3
       c: PUBREC #2
       s: PUBREL #2
       c: PUBCOMP #2
       +59s
       c: PINGREQ
       s: PINGRESP
       c: UNSUBSCRIBE #4 a/#
       s: UNSUBACK #4
       c: DISCONNECT
       c: close
       s: close`,
    ],
    [
      'a client that publishes before CONNACK has come',
      'c: CONNECT\nc: PUBLISH q1 #1 a x\ns: CONNACK\ns: PUBACK #1\nc: DISCONNECT\nc: close\ns: close',
    ],
    [
      'extended authentication, and once more',
      `v5
       c: CONNECT method=x
       s: AUTH 0x18 method=x
       c: AUTH 0x18 method=x
       s: CONNACK method=x
       c: AUTH 0x19 method=x
       s: AUTH 0x18 method=x
       c: AUTH 0x18 method=x
       s: AUTH 0 method=x
       c: DISCONNECT
       c: close
       s: close`,
    ],
    [
      'a session that is kept, with everything that was open',
      `v5
       c: CONNECT keep expiry=100
       s: CONNACK
       c: SUBSCRIBE #9 a:2
       s: SUBACK #9 2
       c: PUBLISH q2 #1 b x
       s: PUBREC #1
       s: PUBLISH q1 #5 a y
       c: close
       s: close
       +10s
       c2: CONNECT keep expiry=100
       s2: CONNACK present
       c2: PUBREL #1
       s2: PUBLISH q1 #5 dup a y
       s2: PUBCOMP #1
       c2: PUBACK #5
       s2: PUBLISH a z
       c2: DISCONNECT
       c2: close
       s2: close`,
    ],
    [
      'ids from 65,535 on',
      `${'c: CONNECT\ns: CONNACK'}\nc: PUBLISH q1 #65535 a x\ns: PUBACK #65535\nc: PUBLISH q1 #1 a x\ns: PUBACK #1`,
    ],
    [
      'the same id in both directions',
      'c: CONNECT\ns: CONNACK\nc: SUBSCRIBE #1 a:1\ns: SUBACK #1 1\nc: PUBLISH q1 #1 a x\ns: PUBLISH q1 #1 a x\nc: PUBACK #1\ns: PUBACK #1',
    ],
  ]
  test.each(HONEST)('%s', (_, script) => {
    expect(play(script).findings).toEqual([])
  })

  test('a refusal is a note and nothing else', () => {
    const { unusual } = play('c: CONNECT\ns: CONNACK 5\ns: close\nc: close')
    expect(unusual).toEqual(['2 note connack.refused'])
  })
})

describe('what is not known is no error', () => {
  const LOOSE: readonly (readonly [string, string, number])[] = [
    [
      'mid-stream: answers to what was not seen',
      'c: CONNECT\ns: CONNACK\nc: PUBLISH q1 #1 a x\ns: PUBACK #1\ns: PUBLISH q1 #4 b x\nc: PUBACK #4\nc: PINGREQ\ns: PINGRESP\nc: PUBLISH q1 #5 a x\ns: PUBACK #5',
      3,
    ],
    [
      'a gap: the PUBACK was not captured',
      'c: CONNECT\ns: CONNACK\nc: PUBLISH q1 #1 a x\ns: lost PUBACK #1\nc: PUBLISH q1 #2 a y\ns: PUBACK #2\n+5s\nc: PUBLISH q1 #1 c z\ns: PUBACK #1',
      0,
    ],
    [
      'a gap: the ping was not captured',
      'c: CONNECT keepalive=10\ns: CONNACK\n+9s\nc: lost PINGREQ\ns: PINGRESP\n+9s\nc: PINGREQ\ns: PINGRESP',
      0,
    ],
  ]
  test('without CONNECT the version is a guess: what another one allows is no error', () => {
    const talk = 'c: CONNECT\ns: CONNACK\nc: PINGREQ\ns: PINGRESP\nc: PUBLISH q1 #5 a x\ns: PUBACK #5\n'.concat(
      'c: PINGREQ\n'.repeat(5),
    )
    // Flags that 3.1 does not look at; both QoS bits are wrong in every version.
    expect(play(`${talk}c: HEX c500\nc: PINGREQ`, 2).faults.map(line => line.split(' ')[1])).toEqual(['warning'])
    expect(play(`${talk}c: HEX 36060001 61 0001 78\nc: PINGREQ`, 2).faults.map(line => line.split(' ')[1])).toEqual([
      'error',
    ])
    expect(play(`${talk}c: HEX c500`).faults).toEqual(['12 error MQTT-2.2.2-1'])
  })

  test.each(LOOSE)('%s', (_, script, midStream) => {
    expect(play(script, midStream).findings.filter(line => / error /.test(line))).toEqual([])
  })
})
