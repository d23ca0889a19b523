/** Looks at the beginning of a file before it is read: what is no capture is refused in one line, and no screens open. */
import { constants, gunzipSync } from 'node:zlib'
import { u32le } from '../../base/bytes.ts'
import { pcapKind, SECTION } from '../detect.ts'
import { foreignWords } from '../foreign.ts'
import { openAgain } from './file.ts'
import { isGzip } from './gzip.ts'

/** Bytes read: the beginning of a capture that is packed, and a header of gzip with a name. */
const MOST_READ = 4096
const MAGIC_SIZE = 4

/** Returns what a file is that begins no capture, in words; undefined if it begins one. */
export function whyNoCapture(name: string): string | undefined {
  const again = openAgain(name)
  try {
    const bytes = unpacked(again.read(0, MOST_READ))
    if (bytes === undefined) return undefined
    if (bytes.length === 0) return 'it is empty, without even a file header'
    const isCapture = bytes.length >= MAGIC_SIZE && (u32le(bytes, 0) === SECTION || pcapKind(bytes, 0) !== undefined)
    return isCapture ? undefined : `this is no pcap or pcapng capture: ${foreignWords(bytes, 0, bytes.length)}`
  } finally {
    again.close()
  }
}

/** The beginning of what gzip has packed; undefined if it cannot be unpacked: whoever reads the file tells of that. */
function unpacked(bytes: Uint8Array): Uint8Array | undefined {
  if (!isGzip(bytes)) return bytes
  try {
    const start = gunzipSync(bytes, { finishFlush: constants.Z_SYNC_FLUSH })
    return start.length < MAGIC_SIZE ? undefined : start
  } catch {
    return undefined
  }
}
