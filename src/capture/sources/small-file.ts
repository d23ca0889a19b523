/** Files of a user's own that are read whole: passwords, keys, colours. */
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs'

/** Bytes of such a file at most; a device or a pipe could give bytes for ever. */
export const MOST_SMALL_BYTES = 64 * 1024
/** Windows has no such flag, and no named pipes among its files. */
const NONBLOCK = constants.O_NONBLOCK ?? 0

/** Returns the bytes of a regular file. Throws an Error whose message says what is wrong; its code is the system's. */
export function readSmallFile(name: string, most = MOST_SMALL_BYTES): Buffer {
  // Opening a named pipe would wait for somebody who writes to it.
  const fd = openSync(name, constants.O_RDONLY | NONBLOCK)
  try {
    if (!fstatSync(fd).isFile()) throw new Error(`${name} is not a regular file`)
    const bytes = Buffer.alloc(most + 1)
    let size = 0
    for (let more = -1; more !== 0 && size <= most; size += more)
      more = readSync(fd, bytes, size, bytes.length - size, null)
    if (size > most) throw new Error(`${name} has more than ${most} bytes`)
    return bytes.subarray(0, size)
  } finally {
    closeSync(fd)
  }
}
