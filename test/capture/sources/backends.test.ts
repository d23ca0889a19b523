/** What is asked of the capture programs, and what is understood of their words (as recorded from them). */
import { describe, expect, test } from 'vitest'
import type { Backend, Wanted } from '../../../src/capture/sources/backend.ts'
import { dumpcap } from '../../../src/capture/sources/dumpcap.ts'
import { libpcap } from '../../../src/capture/sources/libpcap.ts'
import { tcpdump } from '../../../src/capture/sources/tcpdump.ts'

const wanted = (more: Partial<Wanted> = {}): Wanted => ({
  interfaces: [{ name: 'eth0', filter: 'tcp port 1883' }],
  snaplen: undefined,
  bufferMiB: undefined,
  lowLatency: false,
  frames: undefined,
  ...more,
})

const words = (backend: Backend, text: string): unknown[] =>
  text.split('\n').flatMap(line => backend.hear(line.trim()) ?? [])

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

describe('tcpdump', () => {
  test('a filter never becomes an option; immediate mode has its own sizes', () => {
    expect(tcpdump.command('t', wanted()).join(' ')).toBe(
      't -i eth0 -n -s 262144 -B 65536 -U -w - --time-stamp-precision=nano -- tcp port 1883',
    )
    expect(tcpdump.command('t', wanted({ lowLatency: true })).join(' ')).toContain('-s 65535 -B 131072')
    expect(tcpdump.command('t', wanted({ lowLatency: true }))).toContain('--immediate-mode')
    expect(tcpdump.settleMs(wanted())).toBeGreaterThan(tcpdump.settleMs(wanted({ lowLatency: true })))
  })

  test('counts, chatter and troubles', () => {
    const said = `tcpdump: listening on lo, link-type EN10MB (Ethernet), snapshot length 262144 bytes
      9155 packets captured
      60000 packets received by filter
      41690 packets dropped by kernel`
    expect(words(tcpdump, said)).toEqual([{ kind: 'drops', name: undefined, kernel: 41690, own: 0 }])
    const kinds = (text: string): unknown[] => words(tcpdump, text).map(word => (word as { kind: string }).kind)
    expect(kinds('tcpdump: nosuch0: No such device exists\n(No such device exists)')).toContain('interface')
    expect(kinds("tcpdump: lo: You don't have permission to perform this capture on that device")).toEqual([
      'permission',
    ])
    expect(kinds('tcpdump: vpA: That device is not up')).toEqual(['down'])
    expect(kinds('tcpdump: pcap_loop: The interface disappeared')).toEqual(['gone'])
    expect(words(tcpdump, "tcpdump: can't parse filter expression: syntax error")).toEqual([
      { kind: 'filter', detail: "can't parse filter expression: syntax error" },
    ])
    expect(kinds('tcpdump: data link type LINUX_SLL2\ntcpdump: no VLAN support for Linux cooked v2')).toEqual([
      'filter',
    ])
  })
})

describe('cap', () => {
  test('runs in a node of its own and says what went wrong in our words', () => {
    expect(libpcap.command('/usr/bin/node', wanted()).slice(2)).toEqual(['eth0', 'tcp port 1883', '67108864', '0'])
    expect(words(libpcap, 'cap: filter: syntax error')).toEqual([{ kind: 'filter', detail: 'syntax error' }])
    expect(words(libpcap, "node: ../src/binding.cc:157: EmitPacket: Assertion `status == 0' failed.")).toEqual([
      { kind: 'gone', detail: '' },
    ])
    expect(words(libpcap, 'Warning: lo: no IPv4 address assigned')).toEqual([])
  })
})
