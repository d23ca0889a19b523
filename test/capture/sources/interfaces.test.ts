import { networkInterfaces } from 'node:os'
import { describe, expect, test } from 'vitest'
import { devices, hasTags, nearestInterface, stateOf } from '../../../src/capture/sources/interfaces.ts'

const LINUX = process.platform === 'linux'

describe('interfaces', () => {
  test('every interface with an address is listed with it', () => {
    const list = devices()
    for (const [name, addresses = []] of Object.entries(networkInterfaces())) {
      const device = list.find(one => one.name === name)
      expect(device?.addresses).toEqual(addresses.map(one => one.address))
      expect(device?.state).toBe(LINUX ? 'up' : 'unknown')
    }
  })

  test.runIf(LINUX)('any stands last and takes no tags; what is not there is gone', () => {
    expect(devices().at(-1)?.name).toBe('any')
    expect([hasTags('any'), hasTags('lo')]).toEqual([false, true])
    expect([stateOf('any'), stateOf('no-such-interface')]).toEqual(['unknown', 'gone'])
  })

  test('the nearest name, or none', () => {
    const names = ['eth0', 'eth1', 'lo', 'wlan0', 'any']
    const cases: readonly (readonly [string, string | undefined])[] = [
      ['eth2', 'eth0'],
      ['ETH1', 'eth1'],
      ['l', 'lo'],
      ['loo', 'lo'],
      ['wlan1', 'wlan0'],
      ['eht0', 'eth0'],
      ['docker0', undefined],
      ['', undefined],
    ]
    for (const [wrong, right] of cases) expect([wrong, nearestInterface(wrong, names)]).toEqual([wrong, right])
  })
})
