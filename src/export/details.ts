/** `-V`: the whole tree of each packet. */
import type { PacketRecord } from '../store/record.ts'
import type { TextOptions } from './text.ts'

export class Details {
  constructor(_options: TextOptions) {}

  of(_record: PacketRecord): string {
    return ''
  }
}
