/** What crosses the loopback while something goes on, as tcpdump captures it. */
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { until, watched, withSbin } from './live.ts'

/** Bytes kept of a frame, and KiB of the kernel's buffer. */
const OPTIONS = ['-i', 'lo', '-s', '8192', '-B', '16384', '-U', '--immediate-mode']

/** Returns the capture of what matches `filter` while `play` runs. */
export async function captured(filter: string, play: () => Promise<void>): Promise<Uint8Array> {
  const home = mkdtempSync(join(tmpdir(), 'tcpdump-'))
  const file = join(home, 'all.pcap')
  const stdio = ['ignore', 'ignore', 'pipe'] as const
  const tcpdump = watched(spawn('tcpdump', [...OPTIONS, '-w', file, filter], { stdio: [...stdio], env: withSbin() }))
  let log = ''
  tcpdump.stderr?.on('data', chunk => {
    log += chunk
  })
  try {
    await until('tcpdump listens', () => log.includes('listening'))
    await play()
  } finally {
    tcpdump.kill('SIGINT')
    await until('tcpdump ends', () => tcpdump.exitCode !== null)
  }
  const capture = new Uint8Array(readFileSync(file))
  rmSync(home, { recursive: true, force: true })
  return capture
}
