/** What is asked of a capture on another machine. */
import { dumpcap } from '../../src/capture/sources/dumpcap.ts'
import type { FarWanted } from '../../src/capture/sources/far/command.ts'
import { tcpdump } from '../../src/capture/sources/tcpdump.ts'

export const farWanted = (more: Partial<FarWanted> = {}): FarWanted => ({
  snaplen: undefined,
  bufferMiB: undefined,
  lowLatency: false,
  frames: undefined,
  filter: 'tcp port 1883',
  tagged: more.filter ?? 'tcp port 1883 or vlan',
  programs: [dumpcap, tcpdump],
  sudo: false,
  image: undefined,
  ...more,
})
