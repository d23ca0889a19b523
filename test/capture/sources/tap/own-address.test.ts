/** A tap must not connect to itself. */
import { describe, expect, test } from 'vitest'
import { isOwnAddress } from '../../../../src/capture/sources/tap/own-address.ts'

const own = (listen: string, to: string, port = 1884): Promise<boolean> =>
  isOwnAddress({ host: listen, port: 1884 }, { host: to, port })

describe('the target is the tap itself', () => {
  test.for([
    ['127.0.0.1', '127.0.0.1'],
    ['127.0.0.1', 'localhost'],
    ['127.0.0.1', 'LOCALHOST.'],
    ['127.0.0.1', '0.0.0.0'],
    ['127.0.0.1', '::ffff:127.0.0.1'],
    ['localhost', '127.0.0.1'],
    ['::1', 'localhost'],
    ['::1', '0:0:0:0:0:0:0:1'],
    ['::1', '::'],
    ['0.0.0.0', '127.0.0.1'],
    ['0.0.0.0', '127.1.2.3'],
    ['0.0.0.0', 'localhost'],
    ['::', '127.0.0.1'],
    ['::', '::1'],
  ] as const)('%s to %s', async ([listen, to]) => expect(await own(listen, to)).toBe(true))
})

describe('the target is another', () => {
  test.for([
    ['127.0.0.1', '127.0.0.2'],
    ['127.0.0.1', '192.0.2.1'],
    ['0.0.0.0', '192.0.2.1'],
    ['0.0.0.0', '::1'],
    ['127.0.0.1', 'no-such-host.invalid'],
  ] as const)('%s to %s', async ([listen, to]) => expect(await own(listen, to)).toBe(false))

  test('the same address and another port', async () => expect(await own('127.0.0.1', '127.0.0.1', 1883)).toBe(false))
})
