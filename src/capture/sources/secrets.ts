/** Finds the secrets of TLS in a pcapng file before its frames are read: writers of live captures put them behind. */
import { closeSync, openSync, readSync } from 'node:fs'
import { u32in } from '../../base/bytes.ts'
import { SECTION, sectionOrder } from '../detect.ts'
import { readSecrets, SECRETS } from '../secrets.ts'

/** Bytes of the file looked at together; a block that is larger is stepped over. */
const WINDOW = 1024 * 1024
/** Most bytes of secrets that are taken out of one file. */
const MOST_SECRETS = 64 * 1024 * 1024
/** Type, length, and the length again. */
const FRAMING = 12

/** Hands on the text of every block with a key log, from the beginning of the file to its end or to where its blocks break off. */
export function scanSecrets(name: string, onText: (text: Uint8Array) => void): void {
  const fd = openSync(name, 'r')
  try {
    new Scan(fd, onText).run()
  } finally {
    closeSync(fd)
  }
}

class Scan {
  private little = true
  private taken = 0
  private readonly window = new Uint8Array(WINDOW)
  private readonly fd: number
  private readonly onText: (text: Uint8Array) => void

  constructor(fd: number, onText: (text: Uint8Array) => void) {
    this.fd = fd
    this.onText = onText
  }

  run(): void {
    let position = 0
    for (;;) {
      const size = readSync(this.fd, this.window, 0, WINDOW, position)
      if (position === 0 && (size < FRAMING || u32in(this.window, 0, true) !== SECTION)) return
      const next = this.walk(size)
      if (next <= 0) return
      position += next
    }
  }

  /** Walks the blocks of the window. Returns the offset of the first one that is not whole in it; 0 at the end. */
  private walk(size: number): number {
    let at = 0
    while (at + FRAMING <= size && this.taken < MOST_SECRETS) {
      const type = u32in(this.window, at, this.little)
      if (type === SECTION) this.little = sectionOrder(this.window, at) ?? this.little
      const length = u32in(this.window, at + 4, this.little)
      if (length < FRAMING || length % 4 !== 0) return 0
      const next = at + length
      if (type !== SECRETS || length > WINDOW) at = next
      else if (next > size) return at
      else at = this.take(at, next)
    }
    return at >= size && size < WINDOW ? 0 : at
  }

  private take(at: number, next: number): number {
    const text = readSecrets(this.window, at, next, this.little)
    if (text !== undefined) {
      this.taken += text.length
      this.onText(text)
    }
    return next
  }
}
