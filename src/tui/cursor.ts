/** A selection in a list that is longer than the screen: what the keys of movement do to it. */
import type { Pointer } from './block.ts'
import type { AppContext } from './context.ts'
import type { CommandId } from './keys.ts'

export class Cursor {
  selected = 0
  top = 0
  private count = 0
  private page = 1

  /** The list as it is drawn now. */
  shows(count: number, height: number): void {
    this.count = count
    this.page = Math.max(1, height - 1)
    this.selected = Math.max(0, Math.min(this.selected, count - 1))
    if (this.selected < this.top) this.top = this.selected
    if (this.selected >= this.top + height) this.top = this.selected - height + 1
    this.top = Math.max(0, Math.min(this.top, count - height))
  }

  /** Of a pane with so many lines above the list. */
  pointer(above: number): Pointer {
    return {
      opens: true,
      click: row => {
        const place = this.top + row - above
        if (row >= above && place < this.count) this.selected = place
      },
    }
  }

  /** False where the command is no movement. */
  run(command: CommandId): boolean {
    const { page, count } = this
    const steps: Partial<Record<CommandId, number>> = {
      down: 1,
      up: -1,
      'page-down': page,
      'page-up': -page,
      'half-down': Math.ceil(page / 2),
      'half-up': -Math.ceil(page / 2),
      first: -count,
      last: count,
    }
    const step = steps[command]
    if (step === undefined) return false
    this.selected = Math.max(0, Math.min(this.selected + step, count - 1))
    return true
  }
}

/** Moves the selection of packets by a command, `page` rows being a page; false where the command is no movement. */
export function moveRows(
  { model, host }: Pick<AppContext, 'model' | 'host'>,
  command: CommandId,
  page: number,
): boolean {
  const half = Math.max(1, Math.floor(page / 2))
  const steps: Partial<Record<CommandId, number>> = {
    down: 1,
    up: -1,
    'page-down': page,
    'page-up': -page,
    'half-down': half,
    'half-up': -half,
  }
  const step = steps[command]
  if (step !== undefined) model.moveBy(step)
  else if (command === 'first') model.first()
  else if (command === 'last') model.last(host.status.isLive)
  else return false
  return true
}
