import { execFileSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { portFilter } from '../../../src/capture/sources/bpf.ts'
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
