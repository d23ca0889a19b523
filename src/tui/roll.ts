/** A selection in a long list whose items have one or more lines each: of all others but those on the screen nothing is asked. */
import type { Pointer } from './block.ts'
import type { CommandId } from './keys.ts'

/** A line of an item. */
export interface Place {
  readonly item: number
  readonly part: number
}

const START: Place = { item: 0, part: 0 }

export class Roll {
  private at = START
  private top = START
  private count = 0
  private height = 1
  private linesOf: (item: number) => number = () => 1

  /** The list as it is drawn now; `linesOf` says how many lines an item has, one at least. `follows`: the last is selected. */
  shows(count: number, height: number, linesOf: (item: number) => number, follows = false): void {
    this.count = count
    this.height = Math.max(1, height)
    this.linesOf = linesOf
    this.at = follows ? this.last : this.inside(this.at)
    this.top = this.inside(this.top)
    this.scroll()
  }

  get selected(): Place {
    return this.at
  }

  select(item: number, part = 0): void {
    this.at = this.inside({ item, part })
  }

  /** Lines on the screen, from the top. */
  get window(): readonly Place[] {
    const places: Place[] = []
    for (let item = this.top.item, part = this.top.part; places.length < this.height && item < this.count; part++) {
      if (part < this.linesOf(item)) places.push({ item, part })
      else {
        item++
        part = -1
      }
    }
    return places
  }

  /** Of a pane with so many lines above the list. */
  pointer(above: number): Pointer {
    return {
      opens: true,
      click: row => {
        this.at = this.window[row - above] ?? this.at
      },
    }
  }

  /** False where the command is no movement. */
  run(command: CommandId): boolean {
    const page = Math.max(1, this.height - 1)
    const half = Math.ceil(page / 2)
    const steps: Partial<Record<CommandId, number>> = {
      down: 1,
      up: -1,
      'page-down': page,
      'page-up': -page,
      'half-down': half,
      'half-up': -half,
    }
    const step = steps[command]
    if (step !== undefined) this.at = this.moved(this.at, step)
    else if (command === 'first') this.at = START
    else if (command === 'last') this.at = this.last
    else return false
    return true
  }

  private get last(): Place {
    return this.inside({ item: this.count - 1, part: Number.MAX_SAFE_INTEGER })
  }

  private inside({ item, part }: Place): Place {
    if (this.count === 0) return START
    const kept = Math.max(0, Math.min(item, this.count - 1))
    return { item: kept, part: Math.min(part, this.linesOf(kept) - 1) }
  }

  /** So many lines on, or back; at the ends no further. */
  private moved(from: Place, by: number): Place {
    let { item, part } = from
    part += by
    while (part < 0 && item > 0) part += this.linesOf(--item)
    for (let size = this.linesOf(item); part >= size && item < this.count - 1; size = this.linesOf(item)) {
      part -= size
      item++
    }
    return this.inside({ item, part: Math.max(0, part) })
  }

  /** What is selected is seen, and no room is left empty below the last line. */
  private scroll(): void {
    const highest = this.moved(this.at, 1 - this.height)
    if (isBefore(this.at, this.top)) this.top = this.at
    if (isBefore(this.top, highest)) this.top = highest
    const lowest = this.moved(this.last, 1 - this.height)
    if (isBefore(lowest, this.top)) this.top = lowest
  }
}

const isBefore = (a: Place, b: Place): boolean => a.item < b.item || (a.item === b.item && a.part < b.part)
