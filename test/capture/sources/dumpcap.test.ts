/** What is asked of dumpcap, and what is understood of its words (as recorded from it). */
import { describe, expect, test } from 'vitest'
import { dumpcap } from '../../../src/capture/sources/dumpcap.ts'
import { wanted, words } from '../../support/backends.ts'

describe('dumpcap', () => {
  test('one interface, and several with a filter each', () => {
    expect(dumpcap.command('/usr/bin/dumpcap', wanted()).join(' ')).toBe(
      '/usr/bin/dumpcap -q -i eth0 -f tcp port 1883 -s 262144 -B 64 -w -',
    )
    const interfaces = [
      { name: 'eth0', filter: 'vlan' },
      { name: 'any', filter: '' },
    ]
    expect(dumpcap.command('d', wanted({ interfaces, snaplen: 96, bufferMiB: 2, frames: 7 })).join(' ')).toBe(
      'd -q -i eth0 -f vlan -s 96 -B 2 -i any -s 96 -B 2 -C 2097152 -c 7 -w -',
    )
  })

  test('counts of what was dropped: the kernel and itself', () => {
    const said = `Capturing on 'Loopback: lo'
      File: -
      Packets captured: 8915
      Packets received/dropped on interface 'Loopback: lo': 8915/42170 (pcap:42170/dumpcap:3/flushed:1/ps_ifdrop:0) (17.5%)
      Packets received/dropped on interface 'eth0': 5/0 (pcap:0/dumpcap:0/flushed:0/ps_ifdrop:0) (100.0%)`
    expect(words(dumpcap, said)).toEqual([
      { kind: 'drops', name: 'lo', kernel: 42170, own: 4 },
      { kind: 'drops', name: 'eth0', kernel: 0, own: 0 },
    ])
  })

  test('troubles', () => {
    const kinds = (text: string): unknown[] => words(dumpcap, text).map(word => (word as { kind: string }).kind)
    expect(kinds('dumpcap: There is no device named "nosuch0".\n(No such device exists)')).toContain('interface')
    expect(kinds('dumpcap: You do not have permission to capture on device "lo".')).toEqual(['permission'])
    expect(kinds('dumpcap: Device "vpA" is not up.\n(That device is not up)')).toEqual(['down'])
    expect(kinds('dumpcap: The network adapter "vpA" is no longer attached; the capture has stopped.')).toEqual([
      'gone',
    ])
    const filter = `dumpcap: Invalid capture filter "vlan" for interface 'any'.\n
      That string isn't a valid capture filter (no VLAN support for Linux cooked v1).`
    expect(words(dumpcap, filter).at(-1)).toEqual({ kind: 'filter', detail: 'no VLAN support for Linux cooked v1' })
    expect(words(dumpcap, 'dumpcap: something new')).toEqual([{ kind: 'ended', detail: 'something new' }])
    expect(words(dumpcap, 'See the manual.')).toEqual([])
  })
})
