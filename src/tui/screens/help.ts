/** The help: from the table of keys, so that it cannot be out of date. */
import { padEnd } from '../../text/cells.ts'
import { sanitize } from '../../text/sanitize.ts'
import { type Block, pane } from '../block.ts'
import type { AppContext, Screen } from '../context.ts'
import { Cursor } from '../cursor.ts'
import { type CommandId, commandsOn } from '../keys.ts'
import { WIDE } from '../panes/list-columns.ts'
import { type Line, line, span } from '../spans.ts'

const KEY_WIDTH = 14
const TITLE_WIDTH = 72
const NAME_WIDTH = 18

/** What the signs mean. */
const SIGNS: readonly (readonly [string, string])[] = [
  ['1→B  B→1', 'connection 1 sends to the broker; the broker sends to it'],
  ['1»B', 'we sent it ourselves (grab --tui)'],
  ['DQR  D1R', 'DUP, QoS, retain: sent again (D), at QoS 1, to be retained (R)'],
  ['Δ', 'the time since the row above'],
  ['Len', 'remaining length: the bytes behind the fixed header'],
  ['┌ │ └', 'first, middle and last packet of a handshake; bold: that of the selection'],
  ['╷  ×', 'an answer is still to come; never answered'],
  ['✗ ! i', 'an error, a warning, a note: see Findings'],
  ['+75µs', 'so long after the packet that it answers; ▓+75µs▓ most of the time went by here'],
  ['→  ←  ░░', 'Stream: to the broker, from it; bytes of it are missing here'],
  ['p50  p95', 'half of them took no longer than this; 95 of 100 no longer than that'],
]

/** What may be there, by example. */
const OWN_FILES = [
  '~/.config/mqtt-sniff/keys.json: keys by command (names: : and Tab)',
  '  {"filter": ["/", "^s"]}',
  '~/.config/mqtt-sniff/colors.json: rules that come before those above',
  '  [{"name": "kept", "filter": "mqtt.retain == 1", "style": "red bold"}]',
]

export class Help implements Screen {
  readonly name = 'help'
  readonly title = 'Help'
  private readonly cursor = new Cursor()

  /** There is nothing to select: the keys of movement scroll. */
  block(app: AppContext, width: number, height: number): Block {
    const lines = helpLines(app, width)
    this.cursor.shows(Math.max(1, lines.length - height + 1), height)
    const top = this.cursor.selected
    return pane(lines.slice(top, top + height), width, height)
  }

  run(_app: AppContext, command: CommandId): boolean {
    return this.cursor.run(command)
  }
}

/** Of the screen that it was opened from. */
function helpLines(app: AppContext, width: number): readonly Line[] {
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
    line('   The wheel scrolls, a click selects, two are Enter; with Shift: selects text.'),
  )
  lines.push([], line(' Colours of packets: the first rule that fits', 'head'))
  for (const { name, filter, style, after } of app.model.colours.rules) {
    const what = `${sanitize(filter)}${after === undefined ? '' : `, ${after} s later too`}`
    lines.push([span('   '), span(padEnd(sanitize(name), NAME_WIDTH), style), span(` ${what}`, 'dim')])
  }
  lines.push([], line(' Files of your own', 'head'))
  for (const text of OWN_FILES) lines.push(line(`   ${text}`, 'dim'))
  return lines
}
