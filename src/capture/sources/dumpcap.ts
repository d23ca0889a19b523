/**
 * dumpcap, the first choice: pcapng with nanoseconds, several interfaces in one stream, exact drop counters, and the
 * rights stay with a small program. Wording measured on 4.0; where another release words it differently its own first
 * line is told.
 */
import { type Backend, BUFFER_MIB, SNAPLEN, type Wanted, type Word } from './backend.ts'

/** It reads the kernel's ring every 250 ms. */
const SETTLE_MS = 300

const MIB = 1024 * 1024

function command(program: string, wanted: Wanted): readonly string[] {
  const { interfaces, frames } = wanted
  const snaplen = String(wanted.snaplen ?? SNAPLEN)
  const buffer = String(wanted.bufferMiB ?? BUFFER_MIB)
  const each = interfaces.flatMap(({ name, filter }) => {
    const rule = filter === '' ? [] : ['-f', filter]
    return ['-i', name, ...rule, '-s', snaplen, '-B', buffer]
  })
  // With several interfaces it queues between threads, by default 1,000 packets: too few for a burst.
  const queue = interfaces.length > 1 ? ['-C', String((wanted.bufferMiB ?? BUFFER_MIB) * MIB)] : []
  const stop = frames === undefined ? [] : ['-c', String(frames)]
  return [program, '-q', ...each, ...queue, ...stop, '-w', '-']
}

const TROUBLES: readonly (readonly [RegExp, Exclude<Word['kind'], 'drops'>])[] = [
  [/permission to capture on/i, 'permission'],
  [/^\(?socket: Operation not permitted/i, 'permission'],
  [/There is no device named|No such device exists|There is no interface/i, 'interface'],
  [/isn't a valid capture filter \((.*)\)\.?$/i, 'filter'],
  [/^dumpcap: Invalid capture filter/i, 'filter'],
  [/^dumpcap: .*is not up/i, 'down'],
  [/is no longer attached|The interface disappeared|went down|Network is down/i, 'gone'],
]

/** `'Loopback: lo'`: the description stands before the name where there is one. */
const DROPS =
  /^Packets received\/dropped on interface '(?:.*: )?([^']+)': \d+\/(\d+) \(pcap:(\d+)\/dumpcap:(\d+)\/flushed:(\d+)/

function hear(line: string): Word | undefined {
  const drops = DROPS.exec(line)
  if (drops !== null)
    return { kind: 'drops', name: drops[1], kernel: Number(drops[3]), own: Number(drops[4]) + Number(drops[5]) }
  for (const [pattern, kind] of TROUBLES) {
    const found = pattern.exec(line)
    if (found !== null) return { kind, detail: found[1] ?? '' }
  }
  return line.startsWith('dumpcap: ') ? { kind: 'ended', detail: line.slice('dumpcap: '.length) } : undefined
}

export const dumpcap: Backend = { name: 'dumpcap', settleMs: () => SETTLE_MS, command, hear }
