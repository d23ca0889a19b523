/** Where captures come from: every source is a stream of pcap or pcapng bytes. */

import type { Damage } from '../damage.ts'
import { openFile, SourceError } from './file.ts'
import { whyNoCapture } from './peek.ts'

export interface PacketSource extends AsyncIterable<Uint8Array> {
  readonly name: string
  /** Bytes of the file as it stands on disk; undefined for what has no end yet. */
  readonly size: number | undefined
  /** Bytes of `size` read so far. */
  readonly read: number
  /** Says that the bytes received can be read again from the file of that name, at the same positions. */
  readonly plain: boolean
  /** Why the bytes ended before their time, once they have: known after the last chunk. */
  readonly damage: Damage | undefined
  /** Set by whoever reads a source of several files: called for damage of one of them. */
  onDamage?: (damage: Damage) => void
  /** Ends the reading; may be called at any time, and twice. */
  close(): void
  /** Of a source without an end: asks it to end when what is on its way has come. */
  stop?(): void
  /** True for a source that serves others until it is ended: SIGTERM ends it as Ctrl-C does. */
  readonly isService?: boolean
}

/**
 * Opens a capture file, or stdin for `-`. A chunk is valid until the next one is asked for. Throws a SourceError if the file
 * cannot be opened or is no capture; what stdin and pipes bring is known only once they are read.
 */
export async function open(name: string): Promise<PacketSource> {
  const source = await openFile(name)
  const why = source.size === undefined || name === '-' ? undefined : whyNoCapture(name)
  if (why === undefined) return source
  source.close()
  throw new SourceError('EFORMAT', `cannot read ${name}: ${why}`)
}
