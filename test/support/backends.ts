/** What is asked of the capture programs, and what is understood of their words. */
import type { Backend, Wanted } from '../../src/capture/sources/backend.ts'

export const wanted = (more: Partial<Wanted> = {}): Wanted => ({
  interfaces: [{ name: 'eth0', filter: 'tcp port 1883' }],
  snaplen: undefined,
  bufferMiB: undefined,
  lowLatency: false,
  frames: undefined,
  ...more,
})

export const words = (backend: Backend, text: string): unknown[] =>
  text.split('\n').flatMap(line => backend.hear(line.trim()) ?? [])
