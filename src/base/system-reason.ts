/** Words for what the operating system answers when a file cannot be read or written. */
import { byWord } from './by-word.ts'

const REASONS: Readonly<Record<string, string>> = byWord({
  ENOENT: 'no such file',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EISDIR: 'it is a folder',
  ENOTDIR: 'a part of the path is not a folder',
  EEXIST: 'the file exists',
  EMFILE: 'too many open files',
  ENFILE: 'too many open files on this machine',
  ELOOP: 'its symbolic links form a circle',
  ENAMETOOLONG: 'the name is too long',
  EIO: 'the device reports an error',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EFBIG: 'the file would be larger than is allowed',
  EROFS: 'the file system is read-only',
  EPIPE: 'the reader has gone',
  ENXIO: 'no program reads from it',
})

/** Returns why reading failed; the text of the error itself if its code has no words here. */
export function readReason(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause)
  const code = 'code' in cause ? String(cause.code) : ''
  return REASONS[code] ?? cause.message
}

/** Returns why writing failed: a file that does not exist can be made, but its folder must be there. */
export const writeReason = (cause: unknown): string =>
  cause instanceof Error && 'code' in cause && cause.code === 'ENOENT' ? 'no such folder' : readReason(cause)
