/** The help: from the table of keys, so that it cannot be out of date. */
import { sanitize } from '../export/sanitize.ts'
import type { App, Screen } from './app.ts'
import { type Block, pane } from './block.ts'
import { Cursor } from './cursor.ts'
import { type CommandId, commandsOn } from './keys.ts'
import { WIDE } from './list.ts'
import { type Line, line, padEnd, span } from './spans.ts'

const KEY_WIDTH = 14
const TITLE_WIDTH = 72
const NAME_WIDTH = 18

/** What the signs mean. */
const SIGNS: readonly (readonly [string, string])[] = [
  ['1→B  B→1', 'connection 1 sends to the broker; the broker sends to it'],
  ['1»B', 'we sent it ourselves (grab --tui)'],
  ['D1R', 'a message sent again (D), at QoS 1, to be retained (R)'],
  ['┌ │ └', 'first, middle and last packet of a handshake; bold: that of the selection'],
  ['╷  ×', 'an answer is still to come; never answered'],
  ['✗ ! i', 'an error, a warning, a note: see Findings'],
  ['+75µs', 'so long after the packet that it answers'],
]

export class Help implements Screen {
  readonly name = 'help'
  readonly title = 'Help'
  private readonly cursor = new Cursor()

  /** There is nothing to select: the keys of movement scroll. */
  block(app: App, width: number, height: number): Block {
    const lines = helpLines(app, width)
    this.cursor.shows(Math.max(1, lines.length - height + 1), height)
    const top = this.cursor.selected
    return pane(lines.slice(top, top + height), width, height)
  }

  run(_app: App, command: CommandId): boolean {
    return this.cursor.run(command)
  }
}

/** Of the screen that it was opened from. */
function helpLines(app: App, width: number): readonly Line[] {
  const lines: Line[] = []
  let group = ''
  for (const command of commandsOn(app.beneath)) {
    if (command.group !== group) {
      group = command.group
      if (lines.length > 0) lines.push([])
      lines.push(line(` ${group}`, 'head'))
    }
    lines.push([
      span(`   ${padEnd(app.keys.text(command.id), KEY_WIDTH)} `, 'key'),
      span(width < WIDE ? command.title : padEnd(command.title, TITLE_WIDTH)),
      ...(width < WIDE ? [] : [span(command.id, 'dim')]),
    ])
  }
  lines.push([], line(' Signs', 'head'))
  for (const [sign, meaning] of SIGNS) lines.push([span(`   ${padEnd(sign, KEY_WIDTH)} `, 'bold'), span(meaning)])
  lines.push(
    [],
    line(' Mouse', 'head'),
    line('   The wheel scrolls, a click selects, a double click is Enter; Shift selects text.'),
  )
  lines.push([], line(' Colours of packets: the first rule that fits', 'head'))
  for (const { name, filter, style } of app.model.colours.rules)
    lines.push([span('   '), span(padEnd(sanitize(name), NAME_WIDTH), style), span(` ${sanitize(filter)}`, 'dim')])
  lines.push(
    [],
    line(
      ' Rules of your own: ~/.config/mqtt-sniff/colors.json, [{"name": …, "filter": …, "style": "red bold"}].',
      'dim',
    ),
    line(' Other keys: ~/.config/mqtt-sniff/keys.json, {"filter": ["/", "^s"]} by command (names: : and Tab).', 'dim'),
  )
  return lines
}
