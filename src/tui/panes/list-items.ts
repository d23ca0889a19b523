/** The items of the packet list: packets, each with the lines of what stands between it and the next one. */
import { behind } from '../../analysis/between.ts'
import type { Selection } from '../../analysis/selection.ts'
import type { Incident } from '../../diagram/incident.ts'

/** The packets of a view, each with what stands behind it, the first one also with what stands before it. */
export class Items {
  private readonly selection: Selection
  private readonly lead: readonly Incident[]
  private readonly known = new Map<number, readonly Incident[]>()

  constructor(selection: Selection) {
    this.selection = selection
    this.lead = behind(selection, -1)
  }

  /** Lines of an item: one for its packet, and one for each incident. */
  size(item: number): number {
    return this.packetPart(item) + 1 + this.behind(item).length
  }

  /** Which line of an item its packet has. */
  packetPart(item: number): number {
    return item === 0 ? this.lead.length : 0
  }

  /** What stands on a line of an item; undefined for its packet. */
  incident(item: number, part: number): Incident | undefined {
    const own = this.packetPart(item)
    return part < own ? this.lead[part] : this.behind(item)[part - own - 1]
  }

  private behind(item: number): readonly Incident[] {
    const found = this.known.get(item) ?? behind(this.selection, item)
    this.known.set(item, found)
    return found
  }
}
