/** Files for what a running program keeps outside its memory. Nobody else can read them, and none is left behind. */
import { mkdtempSync, openSync, rmdirSync, rmSync, unlinkSync } from 'node:fs'
import { join } from 'node:path'

/** Mode of files that hold captured bytes: nobody but the user may read what others have sent. */
export const OWNER_ONLY = 0o600

/** An open file. `forget` removes what stands of it in the folder; it is called once, after the file was closed. */
export interface ScratchFile {
  readonly fd: number
  forget(): void
}

/**
 * Opens an empty file below the folder `parent` for reading and writing. Its name is gone before the first byte is
 * written, so that a program that is killed leaves nothing. Windows keeps the names of open files: there they go with
 * `forget`. Throws what the system says (ENOSPC, EACCES, …).
 */
export function openScratch(parent: string, keepsNames = process.platform === 'win32'): ScratchFile {
  const folder = mkdtempSync(join(parent, 'mqtt-sniff-'))
  const path = join(folder, 'bytes')
  const remove = (): void => rmSync(folder, { recursive: true, force: true })
  try {
    const fd = openSync(path, 'wx+', OWNER_ONLY)
    if (keepsNames) return { fd, forget: remove }
    unlinkSync(path)
    rmdirSync(folder)
    return { fd, forget: () => {} }
  } catch (cause) {
    remove()
    throw cause
  }
}
