/** Who answers whom: steps, states and ends of exchanges, over reconnects too. */
import { describe, expect, test } from 'vitest'
import { Role } from '../../../src/session/exchange/exchange.ts'
import { OpenExchanges } from '../../../src/session/exchange/open.ts'
import { ExchangePool } from '../../../src/session/exchange/pool.ts'
import { play } from '../../support/playbook.ts'

const OPEN = 'c: CONNECT\ns: CONNACK\n'

const OWNER = { number: 1, isWaiting: false, isHalf: false, missesBytes: false }

describe('QoS 1 and 2', () => {
  test.each([
    ['from the client', `${OPEN}c: PUBLISH q1 #7 a x\ns: PUBACK #7`, 'qos1 3 complete 3-4'],
    [
      'to the client',
      `${OPEN}c: SUBSCRIBE #1 a:1\ns: SUBACK #1 1\ns: PUBLISH q1 #7 a x\nc: PUBACK #7`,
      'qos1 5 complete 5-6',
    ],
    ['at QoS 2', `${OPEN}c: PUBLISH q2 #7 a x\ns: PUBREC #7\nc: PUBREL #7\ns: PUBCOMP #7`, 'qos2 3 complete 3-4-5-6'],
    [
      'at QoS 2 to the client',
      `${OPEN}c: SUBSCRIBE #1 a:2\ns: SUBACK #1 2\ns: PUBLISH q2 #7 a x\nc: PUBREC #7\ns: PUBREL #7\nc: PUBCOMP #7`,
      'qos2 5 complete 5-6-7-8',
    ],
    ['refused', `v5\n${OPEN}c: PUBLISH q2 #7 a x\ns: PUBREC #7 0x87`, 'qos2 3 refused 3-4'],
    [
      'sent again before the answer',
      `${OPEN}c: PUBLISH q2 #7 a x\nc: PUBLISH q2 #7 dup a x\ns: PUBREC #7\ns: PUBREC #7\nc: PUBREL #7\ns: PUBCOMP #7`,
      'qos2 3 complete 3-5-7-8',
    ],
    [
      'PUBREC captured behind PUBREL',
      `${OPEN}c: PUBLISH q2 #7 a x\nc: PUBREL #7\ns: PUBREC #7\ns: PUBCOMP #7`,
      'qos2 3 complete 3-5-4-6',
    ],
    ['PUBACK captured before PUBLISH', `${OPEN}s: PUBACK #7\nc: PUBLISH q1 #7 a x`, 'qos1 4 complete 4-3'],
  ])('%s', (_, script, exchange) => {
    expect(play(script).exchanges).toContain(exchange)
  })

  test('each packet says which exchange it is of', () => {
    expect(
      play(`${OPEN}c: PUBLISH q2 #7 a x\ns: PUBREC #7\nc: PUBREL #7\ns: PUBCOMP #7\nc: PUBLISH a y`).steps,
    ).toEqual([
      '1 CONNECT connect 1 open',
      '2 CONNACK connect 1 complete',
      '3 PUBLISH qos2 3 open',
      '4 PUBREC qos2 3 open',
      '5 PUBREL qos2 3 open',
      '6 PUBCOMP qos2 3 complete',
      '7 PUBLISH',
    ])
  })

  test('both directions have ids of their own', () => {
    const { exchanges } = play(
      `${OPEN}c: SUBSCRIBE #1 a:1\ns: SUBACK #1 1\nc: PUBLISH q1 #1 a x\ns: PUBLISH q1 #1 a x\nc: PUBACK #1\ns: PUBACK #1`,
    )
    expect(exchanges.slice(2)).toEqual(['qos1 6 complete 6-7', 'qos1 5 complete 5-8'])
  })
})

describe('requests', () => {
  test.each([
    ['SUBSCRIBE', `${OPEN}c: SUBSCRIBE #1 a b\ns: SUBACK #1 0 1`, 'subscribe 3 complete 3-4'],
    ['SUBSCRIBE, refused', `${OPEN}c: SUBSCRIBE #1 a\ns: SUBACK #1 0x80`, 'subscribe 3 refused 3-4'],
    ['UNSUBSCRIBE', `${OPEN}c: UNSUBSCRIBE #1 a\ns: UNSUBACK #1`, 'unsubscribe 3 complete 3-4'],
    ['CONNECT', OPEN, 'connect 1 complete 1-2'],
    ['CONNECT, refused', 'c: CONNECT\ns: CONNACK 5', 'connect 1 refused 1-2'],
    [
      'CONNECT with AUTH between',
      'v5\nc: CONNECT method=x\ns: AUTH 0x18 method=x\nc: AUTH 0x18 method=x\ns: CONNACK method=x',
      'connect 1 complete 1-4',
    ],
    [
      'AUTH later on',
      'v5\nc: CONNECT method=x\ns: CONNACK method=x\nc: AUTH 0x19 method=x\ns: AUTH 0x18 method=x\nc: AUTH 0x18 method=x\ns: AUTH 0 method=x',
      'auth 3 complete 3-6',
    ],
    ['PINGREQ', `${OPEN}c: PINGREQ\ns: PINGRESP`, 'ping 3 complete 3-4'],
  ])('%s', (_, script, exchange) => {
    expect(play(script).exchanges).toContain(exchange)
  })

  test('pings have no id: each answer is to the oldest question', () => {
    const { exchanges } = play(`${OPEN}c: PINGREQ\nc: PINGREQ\ns: PINGRESP\ns: PINGRESP`)
    expect(exchanges.slice(1)).toEqual(['ping 3 complete 3-5', 'ping 4 complete 4-6'])
  })
})

describe('what ends without an answer', () => {
  const message = (script: string): string => play(script).findings.find(line => line.includes('exchange.')) ?? ''

  test('says whom it waited for, and since when', () => {
    expect(message(`${OPEN}c: PUBLISH q2 #7 a x\ns: PUBREC #7\n+3s\nc: close\ns: close`)).toBe(
      '3 warning exchange.abandoned waits for PUBREL (packet id 7) from the client since packet 4, 3.002 s',
    )
    expect(message(`${OPEN}c: PUBLISH q1 #7 a x\n+1500ms\ns: close\nc: close`)).toBe(
      '3 warning exchange.abandoned waits for PUBACK (packet id 7) from the broker since packet 3, 1.502 s',
    )
  })

  test('is no fault of anybody where the capture ends', () => {
    expect(message(`${OPEN}c: PUBLISH q2 #7 a x`)).toMatch(/^3 note exchange\.open /)
  })

  test('an id that is taken again ends what it stood for', () => {
    const { exchanges } = play(`${OPEN}c: PUBLISH q1 #7 a x\nc: PUBLISH q1 #7 b yy\ns: PUBACK #7`)
    expect(exchanges.slice(1)).toEqual(['qos1 3 abandoned 3', 'qos1 4 complete 4-5'])
  })
})

describe('over a reconnect', () => {
  const KEPT = 'c: CONNECT keep\ns: CONNACK\nc: PUBLISH q2 #7 a x\ns: PUBREC #7\nc: close\ns: close\n+5s\n'

  test('of a kept session the exchange goes on', () => {
    const { exchanges, findings } = play(`${KEPT}c2: CONNECT keep\ns2: CONNACK present\nc2: PUBREL #7\ns2: PUBCOMP #7`)
    expect(exchanges).toContain('qos2 3 complete 3-4-7-8')
    expect(findings).toEqual([])
  })

  test('a message sent again is the same one', () => {
    const before = 'c: CONNECT keep\ns: CONNACK\nc: PUBLISH q1 #7 a x\nc: close\ns: close\n'
    const { exchanges } = play(
      `${before}c2: CONNECT keep\ns2: CONNACK present\nc2: PUBLISH q1 #7 dup a x\ns2: PUBACK #7`,
    )
    expect(exchanges).toContain('qos1 3 complete 3-7')
  })

  test('of a session that is gone nothing is left', () => {
    const { exchanges } = play(`${KEPT}c2: CONNECT\ns2: CONNACK\nc2: PUBREL #7`)
    expect(exchanges).toContain('qos2 3 abandoned 3-4')
  })

  test('sessions are linked by client id, those of other clients are not', () => {
    const { connections } = play(`${KEPT}c2: CONNECT keep\ns2: CONNACK present\nc3: CONNECT id=b\ns3: CONNACK`)
    const links = connections.map(connection => [connection.number, connection.previous?.number]).sort()
    expect(links).toEqual([
      [1, undefined],
      [2, 1],
      [3, undefined],
    ])
  })

  test('subscriptions live on in it', () => {
    const first = 'c: CONNECT keep\ns: CONNACK\nc: SUBSCRIBE #1 a/#:1\ns: SUBACK #1 1\nc: close\ns: close\n'
    const back = `${first}c2: CONNECT keep\ns2: CONNACK present\n`
    expect(play(`${back}s2: PUBLISH a/b x`).findings).toEqual([])
    expect(play(`${back}s2: PUBLISH b x`).unusual).toEqual(['7 warning MQTT-3.3.2-3'])
  })

  test('in flight counts go over with it', () => {
    const { connections } = play(`${KEPT}c2: CONNECT keep\ns2: CONNACK present\nc2: PUBREL #7\ns2: PUBCOMP #7`)
    expect(connections.map(connection => connection.peer(0).inFlight)).toEqual([0, 0])
  })
})

describe('sessions', () => {
  test('how they ended, and by whom', () => {
    const endings = (script: string): readonly (readonly (string | undefined)[])[] =>
      play(script).connections.map(({ ending }) => [ending?.how, ending?.by])
    expect(endings(`${OPEN}c: DISCONNECT\nc: close\ns: close`)).toEqual([['disconnect', 'client']])
    expect(endings(`v5\n${OPEN}s: DISCONNECT 0x8b\ns: close\nc: close`)).toEqual([['disconnect', 'server']])
    expect(endings(`${OPEN}s: close\nc: close`)).toEqual([['fin', 'server']])
    expect(endings(`${OPEN}c: reset\n+60s\nc2: PINGREQ`)[0]).toEqual(['rst', 'client'])
    expect(endings(`c: CONNECT\ns: CONNACK 5\ns: close\nc: close`)).toEqual([['refused', 'server']])
    expect(endings(`${OPEN}c2: CONNECT\ns2: CONNACK\ns: close\nc: close`)[0]).toEqual(['takeover', 'client'])
    expect(endings(OPEN)).toEqual([['capture', 'unknown']])
  })

  test('a RST is at the time it came, though told later', () => {
    const [connection] = play(`${OPEN}+3s\nc: reset\n+60s\nc2: PINGREQ`).connections
    expect(connection?.ending?.time).toBeCloseTo(3.005, 2)
  })

  test('what was agreed on', () => {
    const [connection] = play(
      'v5\nc: CONNECT keepalive=60 receive=5 aliasMaximum=3 expiry=9 will=w:x\ns: CONNACK serverKeepAlive=30 maximumSize=1000\nc: SUBSCRIBE #1 a/#:1 b:2 subid=4\ns: SUBACK #1 1 0x87',
    ).connections
    expect(connection).toMatchObject({ version: 5, keepAlive: 60, serverKeepAlive: 30, allowedSilence: 30, expiry: 9 })
    expect(connection?.peer(0)).toMatchObject({ receiveMaximum: 5, aliasMaximum: 3 })
    expect(connection?.peer(1)).toMatchObject({ receiveMaximum: 65_535, maximumPacketSize: 1000 })
    expect([...(connection?.session.subscriptions.values() ?? [])]).toMatchObject([
      { filter: 'a/#', granted: 1, identifier: 4 },
      { filter: 'b', granted: 0x87 },
    ])
  })
})

describe('limits', () => {
  const PUBLISH = 3
  const PUBACK = 4
  const event = (type: number, side: 0 | 1, id: number, number: number) => ({
    number,
    time: number,
    type,
    side,
    id,
    qos: type === PUBLISH ? 1 : 0,
    dup: false,
    code: 0,
    fingerprint: number,
    topic: 0,
  })

  test('65,535 open ids in each direction, and every one is answered once', () => {
    const ended: string[] = []
    const pool = new ExchangePool()
    const open = new OpenExchanges(pool, { ...OWNER, exchangeEnded: ({ state }) => ended.push(state) })
    const role = new Role()
    for (const side of [0, 1] as const) {
      for (let id = 1; id <= 65_535; id++) open.track(event(PUBLISH, side, id, id), role)
    }
    expect(pool.open).toBe(2 * 65_535)
    for (let id = 65_535; id >= 1; id--) {
      open.track(event(PUBACK, 1, id, 70_000 + id), role)
      expect(role.opener).toBe(id)
      open.track(event(PUBACK, 0, id, 70_000 + id), role)
    }
    expect(pool.open).toBe(0)
    expect(ended.length).toBe(2 * 65_535)
    expect(new Set(ended)).toEqual(new Set(['complete']))
  })

  test('beyond the limit of all the oldest goes, and is counted', () => {
    const ended: number[] = []
    const pool = new ExchangePool(3)
    const open = new OpenExchanges(pool, { ...OWNER, exchangeEnded: ({ opener }) => ended.push(opener) })
    const role = new Role()
    for (let id = 1; id <= 5; id++) open.track(event(PUBLISH, 0, id, id), role)
    expect([pool.open, pool.dropped, ended]).toEqual([3, 2, [1, 2]])
    open.track(event(PUBACK, 1, 2, 9), role)
    expect(role.name).toBe('orphan')
  })
})
