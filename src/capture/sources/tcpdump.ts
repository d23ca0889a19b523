/** tcpdump, where dumpcap is missing: pcap with nanoseconds, one interface a program. Wording measured on 4.99. */
import { type Backend, BUFFER_MIB, SNAPLEN, type Wanted, type Word } from './backend.ts'

/** It asks the kernel to hand over a block that is not full after 1 s; measured: half of the last packets lost at 300 ms. */
const SETTLE_MS = 1100
const SETTLE_AT_ONCE_MS = 300

/** In immediate mode each packet takes a slot of the snap length in the ring, so both are sized for that (in KiB). */
const AT_ONCE_SNAPLEN = 65_535
const AT_ONCE_BUFFER_KIB = 131_072

function command(program: string, wanted: Wanted): readonly string[] {
  const { lowLatency, frames, bufferMiB } = wanted
  const one = wanted.interfaces[0] ?? { name: '', filter: '' }
  const snaplen = wanted.snaplen ?? (lowLatency ? AT_ONCE_SNAPLEN : SNAPLEN)
  const buffer = bufferMiB === undefined && lowLatency ? AT_ONCE_BUFFER_KIB : (bufferMiB ?? BUFFER_MIB) * 1024
  return [
    program,
    ...['-i', one.name, '-n', '-s', String(snaplen), '-B', String(buffer)],
    ...['-U', '-w', '-', '--time-stamp-precision=nano'],
    ...(lowLatency ? ['--immediate-mode'] : []),
    ...(frames === undefined ? [] : ['-c', String(frames)]),
    // Behind `--`, so that a filter never becomes an option.
    ...(one.filter === '' ? [] : ['--', one.filter]),
  ]
}

const TROUBLES: readonly (readonly [RegExp, Exclude<Word['kind'], 'drops'>])[] = [
  [/permission to (?:perform this )?capture|Operation not permitted/i, 'permission'],
  [/No such device/i, 'interface'],
  [/That device is not up|is not up/i, 'down'],
  [/The interface disappeared|went down|Network is down/i, 'gone'],
  [
    /(can't parse filter expression.*|syntax error.*|no VLAN support.*|unknown (?:host|port|network|ether|protocol).*)/i,
    'filter',
  ],
]

const DROPS = /^(\d+) packets? dropped by kernel/

/** What it says of itself while all is well. */
const CHATTER = /^tcpdump: (?:listening on|data link type|verbose output|\d+ packets)/

function hear(line: string): Word | undefined {
  const drops = DROPS.exec(line)
  if (drops !== null) return { kind: 'drops', name: undefined, kernel: Number(drops[1]), own: 0 }
  if (CHATTER.test(line)) return undefined
  for (const [pattern, kind] of TROUBLES) {
    const found = pattern.exec(line)
    if (found !== null) return { kind, detail: found[1] ?? '' }
  }
  return line.startsWith('tcpdump: ') ? { kind: 'ended', detail: line.slice('tcpdump: '.length) } : undefined
}

export const tcpdump: Backend = {
  name: 'tcpdump',
  settleMs: wanted => (wanted.lowLatency ? SETTLE_AT_ONCE_MS : SETTLE_MS),
  command,
  hear,
}
