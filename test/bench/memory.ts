/** What floods take in memory, by kind and command. */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { costOnce } from './cost.ts'
import { FLOODS, makeFlood } from './floods.ts'

export interface Peak {
  readonly title: string
  /** The largest resident set, in bytes. */
  readonly peak: number
}

/** Each has something of its own that it keeps. */
export const COMMANDS: readonly { readonly title: string; readonly args: readonly string[] }[] = [
  { title: 'none', args: ['-T', 'none'] },
  { title: 'text', args: ['-T', 'text'] },
  { title: 'ndjson', args: ['-T', 'ndjson'] },
  { title: 'json', args: ['-T', 'json'] },
  { title: 'csv', args: ['-T', 'csv', '-e', 'mqtt.topic', '-e', 'mqtt.clientid'] },
  { title: '--fan-out', args: ['-T', 'text', '--fan-out'] },
  { title: '-Y', args: ['-T', 'text', '-Y', 'mqtt.exchange.state == "open" || mqtt.finding.level == "error"'] },
  { title: 'sessions', args: ['sessions'] },
  { title: 'sessions -V', args: ['sessions', '-V'] },
  { title: 'topics', args: ['topics'] },
  { title: 'stats', args: ['stats'] },
  { title: 'stats json', args: ['stats', '-T', 'ndjson'] },
  { title: 'handshakes', args: ['handshakes'] },
  { title: 'messages', args: ['messages'] },
  { title: 'findings', args: ['findings'] },
  { title: 'fanout', args: ['fanout'] },
]

/** The kinds whose name holds one of `words`; all of them without words. */
export function kindsOf(words: readonly string[]): readonly string[] {
  const names = Object.keys(FLOODS)
  return words.length === 0 ? names : names.filter(name => words.some(word => name.includes(word)))
}

/** Makes the capture of a kind and has each command read it. */
export async function* measureFlood(cli: string, folder: string, kind: string): AsyncGenerator<Peak> {
  const file = join(folder, 'flood.pcap')
  makeFlood(file, kind)
  try {
    for (const { title, args } of COMMANDS) yield { title, peak: (await costOnce(cli, [...args, file])).peak }
  } finally {
    rmSync(file)
  }
}
