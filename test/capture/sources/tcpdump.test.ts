/** What is asked of tcpdump, and what is understood of its words (as recorded from it). */
import { describe, expect, test } from 'vitest'
import { tcpdump } from '../../../src/capture/sources/tcpdump.ts'
import { wanted, words } from '../../support/backends.ts'

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
