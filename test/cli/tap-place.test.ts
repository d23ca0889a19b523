import { expect, test } from 'vitest'
import { brokerPlace, isTap, listenPlace, tapInterface } from '../../src/cli/tap-place.ts'

test('where a tap listens', () => {
  expect(listenPlace('1884')).toEqual({ host: '127.0.0.1', port: 1884 })
  expect(listenPlace('0.0.0.0:0')).toEqual({ host: '0.0.0.0', port: 0 })
  expect(listenPlace('[::1]:1884')).toEqual({ host: '::1', port: 1884 })
  expect(listenPlace('*:1884')).toEqual({ host: '0.0.0.0', port: 1884 })
  for (const text of ['', 'x', '99999', '1884x', ':']) expect(() => listenPlace(text), text).toThrow('use PORT')
})

test('a broker', () => {
  expect(brokerPlace('broker', 8883, '--to')).toMatchObject({ host: 'broker', port: 8883 })
  expect(() => brokerPlace('bro ker', 1883, '--to')).toThrow(/^--to /)
})

test('a tap as an interface', () => {
  expect([isTap('tap://1884/b'), isTap('eth0')]).toEqual([true, false])
  expect(tapInterface('tap://1884/broker')).toMatchObject({
    listen: { host: '127.0.0.1', port: 1884 },
    to: { host: 'broker', port: 1883 },
    tls: undefined,
  })
  expect(tapInterface('tap://0.0.0.0:0/[::1]:1885')).toMatchObject({
    listen: { port: 0 },
    to: { host: '::1', port: 1885 },
  })
  for (const name of ['tap://', 'tap://1884', 'tap://1884/', 'tap://x/broker', 'tap://1884/bro ker'])
    expect(() => tapInterface(name), name).toThrow(/^-i tap:/)
})
