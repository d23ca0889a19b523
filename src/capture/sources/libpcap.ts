/**
 * libpcap through the npm module `cap`, for machines that have the library but neither dumpcap nor tcpdump. It runs in
 * a node of its own (capchild.ts), because it ends the whole process when its interface goes down and lets nothing else
 * run under load; so it is a capture program like the others. Only where node itself may capture, as root.
 */
import { fileURLToPath } from 'node:url'
import { type Backend, BUFFER_MIB, type Wanted, type Word } from './backend.ts'

/** It delivers each packet at once; what is on its way through the socket has this long. */
const SETTLE_MS = 300

/** What it cannot do, told once. */
export const CAP_LIMITS =
  "cap gives arrival times instead of the kernel's, cuts frames at 65,535 bytes without saying so, and cannot count what the kernel dropped"

const MIB = 1024 * 1024

function command(program: string, wanted: Wanted): readonly string[] {
  const one = wanted.interfaces[0] ?? { name: '', filter: '' }
  // Beside this file: .js when built.
  const child = fileURLToPath(
    new URL(import.meta.url.endsWith('.ts') ? './capchild.ts' : './capchild.js', import.meta.url),
  )
  const buffer = (wanted.bufferMiB ?? BUFFER_MIB) * MIB
  return [program, child, one.name, one.filter, String(buffer), String(wanted.frames ?? 0)]
}

/** The words of capchild.ts. */
const WORD = /^cap: (permission|interface|filter|down|gone|ended): (.*)$/
/** node's own when the module aborts: `cap` asserts that reading never fails, and it does when the interface goes. */
const ABORTED = /Assertion .*failed/

function hear(line: string): Word | undefined {
  const found = WORD.exec(line)
  if (found !== null) return { kind: found[1] as 'ended', detail: found[2] ?? '' }
  return ABORTED.test(line) ? { kind: 'gone', detail: '' } : undefined
}

export const libpcap: Backend = { name: 'cap', settleMs: () => SETTLE_MS, command, hear }
