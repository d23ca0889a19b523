/** What is asked of the module cap, and what is understood of its words (as recorded from it). */
import { describe, expect, test } from 'vitest'
import { libpcap } from '../../../src/capture/sources/libpcap.ts'
import { wanted, words } from '../../support/backends.ts'

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
