/** One line on a terminal's stderr that says how far a long read has come. */

import type { PacketSource } from '../capture/sources/source.ts'
import { megabytes } from '../text/units.ts'

/** Short reads show nothing. */
const PROGRESS_AFTER_MS = 1000
const PROGRESS_EVERY_MS = 100

export class Progress {
  private readonly source: PacketSource
  private readonly began = Date.now()
  private next = Date.now() + PROGRESS_AFTER_MS
  private shown = false

  constructor(source: PacketSource) {
    this.source = source
  }

  show(packets: number): void {
    if (process.stderr.isTTY !== true || Date.now() < this.next) return
    this.next = Date.now() + PROGRESS_EVERY_MS
    this.shown = true
    const { read, size } = this.source
    const part = size === undefined || size === 0 ? '' : ` ${Math.floor((read / size) * 100)} %`
    const seconds = Math.round((Date.now() - this.began) / 1000)
    process.stderr.write(`\r\x1b[K${megabytes(read)}${part}, ${packets} packets, ${seconds} s`)
  }

  clear(): void {
    if (this.shown) process.stderr.write('\r\x1b[K')
  }
}
