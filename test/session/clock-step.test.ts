import { expect, test } from 'vitest'
import { type Play, play } from '../support/playbook.ts'

/** Two clients that have just pinged, and what comes after a pause. */
const after = (pause: string, rest: string, keepAlive = 10): Play =>
  play(`
    c1: CONNECT id=a keepalive=${keepAlive}
    s1: CONNACK
    c2: CONNECT id=b keepalive=${keepAlive}
    s2: CONNACK
    +5s
    c1: PINGREQ
    s1: PINGRESP
    c2: PINGREQ
    s2: PINGRESP
    +${pause}
    ${rest}`)

const GO_ON = 'c1: PINGREQ\ns1: PINGRESP\nc2: PINGREQ\ns2: PINGRESP\nc1: bye\nc2: bye'

/** Whole seconds from the start of each connection to its end. */
const lasted = ({ connections }: Play): readonly number[] =>
  connections.map(({ start, ending }) => Math.round((ending?.time ?? Number.NaN) - start))

test('a step that the broker answers is no time, for both', () => {
  const seen = after('1h', GO_ON)
  expect([lasted(seen), seen.unusual]).toEqual([[5, 5], []])
})

test('the pause of a minute and the pause that a keep alive allows are time', () => {
  expect(lasted(after('60s', GO_ON, 40))).toEqual([65, 65])
  expect(lasted(after('200s', GO_ON, 100))).toEqual([205, 205])
})

test('a broker that says goodbye, closes or resets had waited: the hour has passed', () => {
  for (const end of ['c1: PINGREQ\ns1: reset', 's1: close\nc1: close']) {
    const seen = after('1h', `${end}\n+10s\nc2: PINGREQ\ns2: PINGRESP\nc2: bye`)
    expect(lasted(seen)[1]).toBe(3615)
    expect(seen.unusual.filter(line => line.includes('MQTT-3.1.2-23'))).not.toEqual([])
  }
})

test('bytes that are missing after the pause show that the capture paused', () => {
  expect(lasted(after('1h', `c1: lost PINGREQ\n${GO_ON}`))).toEqual([3605, 3605])
})

test('a silence that began before the pause is one', () => {
  const seen = play(`
    c1: CONNECT id=a keepalive=10
    s1: CONNACK
    c2: CONNECT id=b keepalive=10
    s2: CONNACK
    +40s
    c2: PINGREQ
    s2: PINGRESP
    +1h
    ${GO_ON}`)
  expect(lasted(seen)).toEqual([3640, 3640])
})
