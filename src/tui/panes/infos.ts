/** What packets say, kept between frames: making it reads the capture again. */

import type { Document } from '../../analysis/document.ts'
import type { Row } from '../../store/store.ts'
import { infoText } from './words.ts'

/** Packets whose text is kept. */
const MOST_KEPT = 2000

export class Infos {
  private kept = new Map<number, string>()
  private keptRoom = 0

  /** In at most `room` cells, or a little more: who draws it cuts it. */
  of(document: Document, row: Row, room: number): string {
    if (room !== this.keptRoom || this.kept.size > MOST_KEPT) {
      this.kept = new Map()
      this.keptRoom = room
    }
    const number = document.store.number(row)
    const known = this.kept.get(number)
    if (known !== undefined) return known
    const text = infoText(document, row, room)
    this.kept.set(number, text)
    return text
  }
}
