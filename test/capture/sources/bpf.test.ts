import { execFileSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { captureFilter, portFilter } from '../../../src/capture/sources/bpf.ts'
import { pcapOf } from '../../support/net.ts'
import { needs } from '../../support/tools.ts'
import { UNWANTED, WANTED } from '../../support/wrapped.ts'

const FILTER = portFilter(new Set([1883, 8883]), true)

const passes = (frame: Uint8Array): boolean => {
  const options = { input: pcapOf([frame]), stdio: ['pipe', 'pipe', 'ignore'] as ['pipe', 'pipe', 'ignore'] }
  return execFileSync('tcpdump', ['-r', '-', '-w', '-', FILTER], options).length > HEADER
}
const HEADER = 24

describe('the default capture filter', () => {
  test('names every port, and tags only where they are allowed', () => {
    expect(FILTER).toMatch(/^tcp port 1883 or tcp port 8883 or /)
    expect(FILTER.match(/vlan/g)?.length).toBe(2)
    expect(portFilter(new Set([1883]), false)).not.toContain('vlan')
  })

  needs('tcpdump')('lets pass what may be MQTT, however it is wrapped', () => {
    for (const [name, frame] of Object.entries(WANTED)) expect([name, passes(frame)]).toEqual([name, true])
  })

  needs('tcpdump')('keeps out what cannot be', () => {
    for (const [name, frame] of Object.entries(UNWANTED)) expect([name, passes(frame)]).toEqual([name, false])
  })
})

describe('the capture filter of all ports', () => {
  const filters = (login?: string): string => captureFilter(undefined, true, { SSH_CONNECTION: login })

  test('leaves out the remote login that the program runs in, or all of SSH where nobody can tell which', () => {
    expect(filters('192.0.2.7 50123 192.0.2.1 22')).toBe('tcp and not (host 192.0.2.7 and port 50123)')
    expect(filters('fe80::1%eth0 50123 fe80::2%eth0 22')).toBe('tcp and not (host fe80::1 and port 50123)')
    for (const login of [undefined, '', 'x', '192.0.2.7 x', 'evil) or (tcp 22'])
      expect([login, filters(login)]).toEqual([login, 'tcp and not port 22'])
  })

  needs('tcpdump')('is one that libpcap takes', () => {
    for (const login of ['192.0.2.7 50123 192.0.2.1 22', 'fe80::1%eth0 50123 x 22', ''])
      execFileSync('tcpdump', ['-d', '-y', 'EN10MB', filters(login)], { stdio: 'pipe' })
  })

  test('of named ports it is theirs', () => {
    expect(captureFilter(new Set([7]), false, {})).toBe(portFilter(new Set([7]), false))
  })
})
