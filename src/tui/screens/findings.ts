/** The screen of findings: what is remarked on, by rule, with its explanation and the packets. */

import type { Group } from '../../analysis/by-rule.ts'
import { padEnd, padStart } from '../../text/cells.ts'
import { GLYPHS } from '../../text/paint.ts'
import { sanitize } from '../../text/sanitize.ts'
import { wrap } from '../../text/wrap.ts'
import { severityWords } from '../bars.ts'
import { type Block, pane, rows } from '../block.ts'
import type { AppContext, Screen } from '../context.ts'
import { Cursor } from '../cursor.ts'
import type { CommandId } from '../keys.ts'
import { levelToken } from '../panes/words.ts'
import { fitted, type Line, line, retoken, rule, span } from '../spans.ts'

/** Lines below the list. */
const TOLD = 8
const ID_WIDTH = 22
const MOST_PACKETS = 200

export class FindingsScreen implements Screen {
  readonly name = 'findings'
  readonly title = 'Findings'
  private readonly cursor = new Cursor()
  /** Which of its packets Enter leads to. */
  private nth = 0

  block(app: AppContext, width: number, height: number): Block {
    const { byRule } = app.model.document
    const { groups } = byRule
    const told = Math.min(TOLD, Math.floor(height / 2))
    const list = height - told
    this.cursor.shows(groups.length, list - 2)
    const head = [
      [span(' '), ...severityWords(byRule.counts)],
      line(`    ${padEnd('Rule', ID_WIDTH)} ${padStart('Count', 7)} ${padStart('First', 8)}  What`, 'head'),
    ]
    const body =
      groups.length === 0 ? [line(' Nothing to remark on so far.', 'good')] : this.lines(groups, width, list - 2)
    return rows(
      pane([...head, ...body], width, list, this.cursor.pointer(head.length)),
      pane(this.told(groups[this.cursor.selected], width), width, told),
    )
  }

  run(app: AppContext, command: CommandId): boolean {
    const { groups } = app.model.document.byRule
    const group = groups[this.cursor.selected]
    if (this.cursor.run(command)) this.nth = 0
    else if (command === 'open') this.open(app, group)
    else if (command === 'apply' && group !== undefined) app.openFilter(`mqtt.finding.id == "${group.id}"`)
    else return false
    return true
  }

  copied(app: AppContext): string {
    const group = app.model.document.byRule.groups[this.cursor.selected]
    return group === undefined ? '' : `${group.id}: ${sanitize(group.example)}`
  }

  /** Each time to the next of its packets. */
  private open(app: AppContext, group: Group | undefined): void {
    const packet = group?.packets[this.nth % Math.max(1, group.packets.length)]
    if (group === undefined || packet === undefined) return app.say('It is about no packet', 'caution')
    this.nth++
    if (app.jump(packet)) app.say(`${group.id}: ${sanitize(group.title)}`)
  }

  private lines(groups: readonly Group[], width: number, height: number): readonly Line[] {
    const { selected, top } = this.cursor
    return groups.slice(top, top + height).map((group, at) => {
      const isSelected = top + at === selected
      const first = group.packets[0]
      const parts: Line = [
        span(isSelected ? '▌' : ' '),
        span(` ${GLYPHS[group.level]} `, levelToken(group.level)),
        span(`${padEnd(group.id, ID_WIDTH)} `),
        span(`${padStart(`${group.count}`, 7)} ${padStart(first === undefined ? '-' : `${first}`, 8)}  `),
        span(sanitize(group.title)),
      ]
      return fitted(isSelected ? retoken(parts, 'selected') : parts, width)
    })
  }

  private told(group: Group | undefined, width: number): readonly Line[] {
    if (group === undefined) return [rule('', '', width)]
    const packets = group.packets.slice(0, MOST_PACKETS).join(' ')
    const words = (text: string): readonly Line[] => wrap(text.split(' '), width - 2).map(part => line(` ${part}`))
    return [
      rule(`${group.id}  ${LEVELS[group.level]}`, '', width, true),
      ...words(sanitize(group.example)),
      ...(group.explanation === '' ? [] : words(group.explanation)),
      [span(' Packets ', 'dim'), span(packets)],
    ]
  }
}

const LEVELS = {
  error: 'an error: it breaks the standard',
  warning: 'a warning: worth a look',
  note: 'a note: good to know',
}
