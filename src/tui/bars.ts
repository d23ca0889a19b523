/** The lines around every screen: title, filter, bottom. */

import { unreadLines } from '../export/text.ts'
import { cut } from '../text/cells.ts'
import { count, grouped } from '../text/numbers.ts'
import { sanitize } from '../text/sanitize.ts'
import { shortShare } from '../text/units.ts'
import type { AppContext } from './context.ts'
import { commandsOn, keyName, SCREENS } from './keys.ts'
import type { Model } from './model.ts'
import { WIDE } from './panes/list-columns.ts'
import { sparkline } from './panes/sparkline.ts'
import { between, blank, button, fitted, type Line, line, type Span, span, widthOf } from './spans.ts'
import type { Active } from './status.ts'

/** What the lines around a screen say of the application. */
export interface Around extends Pick<AppContext, 'model' | 'host' | 'keys' | 'screen'> {
  /** Said at the bottom until the next key. */
  readonly message: Line | undefined
  /** A command that waits for a letter. */
  readonly pending: { readonly asks: string } | undefined
  /** Nothing is left to go back from. */
  readonly isHome: boolean
}

export function titleBar(app: Around, width: number): Line {
  const { model, host } = app
  const { document } = model
  const { status } = host
  const { summary } = document
  const name = status.name.split('/').at(-1) ?? status.name
  const isWide = width >= WIDE
  const parts = [
    `${count(summary.packets, 'packet')}`,
    // Of our own it is known.
    ...(status.active !== undefined && !isWide
      ? []
      : [count(summary.connections, isWide || !status.isLive ? 'connection' : 'conn')]),
    ...(isWide ? [count(summary.frames, 'frame')] : []),
    ...(status.dropped === undefined || (status.dropped === 0 && !isWide)
      ? []
      : [`${grouped(status.dropped)} dropped`]),
    ...(summary.damage > 0 ? ['damaged'] : []),
    ...(document.store.base > 0 ? [`oldest ${grouped(document.store.base)} gone`] : []),
    ...(status.progress === '' ? [] : [status.progress]),
  ]
  const left = [
    span(' mqtt-sniff ', 'title'),
    span(`│ ${sanitize(name)} `),
    ...state(app, width),
    span(`│ ${parts.join(' · ')}`),
  ]
  const help = button('help', span(`${app.keys.text('help')} help `, 'dim'))
  const right = [span(`${app.screen.title} `, 'active'), ...help]
  // Where one is and how to get help stays readable.
  return [...fitted(left, width - widthOf(right) - 1), blank(1), ...right]
}

function state({ host: { status }, model, keys }: Around, width: number): readonly Span[] {
  if (status.active !== undefined) return own(status.active, model, width)
  const again = status.restarts ? `(${keys.text('start-stop')} starts) ` : ''
  if (status.failure !== undefined) return [span('✗ stopped ', 'bad'), span(again, 'key')]
  if (!status.isLive) return []
  if (status.state !== 'reading') return !status.restarts ? [] : [span('■ stopped ', 'caution'), span(again, 'key')]
  if (status.isStarting) return [span('○ starts ', 'caution')]
  if (status.absent.length > 0) return [span(`○ waits for ${sanitize(status.absent.join(', '))} `, 'caution')]
  if (model.paused) return [paused(model)]
  const rate = status.rates.at(-1)
  const curve = width >= WIDE && rate !== undefined ? `${sparkline(status.rates)} ` : ''
  return [
    span('● live ', 'good'),
    span(rate === undefined ? '' : `${grouped(rate)}/s ${curve}`),
    ...(model.follows ? [span('following ', 'good')] : []),
  ]
}

/** Cells of what we subscribed to, and of why it ended: narrow and wide. */
const OWN_WIDTH = 16
const WIDE_OWN_WIDTH = 40

function own({ subscriptions, ending }: Active, model: Model, width: number): readonly Span[] {
  const most = width < WIDE ? OWN_WIDTH : WIDE_OWN_WIDTH
  if (ending !== undefined) return [span(` ended: ${cut(sanitize(ending), most)} `, 'note')]
  const what = span(`${cut(subscriptions.map(sanitize).join(' '), most)} `)
  return [span(' ACTIVE ', 'selected'), blank(1), model.paused ? paused(model) : what]
}

const paused = (model: Model): Span => span(`● paused, +${grouped(unseen(model))} new `, 'caution')

const unseen = (model: Model): number => Math.max(0, model.document.store.rows - model.view.until)

/** The filter in force; while one is written the dialog has lines of its own. */
export function filterBar(app: Around, width: number): readonly Line[] {
  return [between(button('filter', ...filterState(app)), counted(app), width)]
}

function filterState({ model }: Around): Line {
  const { filterText, hidesPings, onlyMarked } = model
  const also = [...(hidesPings ? ['no pings'] : []), ...(onlyMarked ? ['marked only'] : [])].join(', ')
  if (filterText === '' && also === '') return [span(' / ', 'key'), span('all packets', 'dim')]
  const text = also === '' ? '' : `${filterText === '' ? '' : '  '}(${also})`
  return [span(' / ', 'key'), span(sanitize(filterText), 'good'), span(text, 'note'), blank(1)]
}

/** `✓ 7/15 (46.7 %)`, or how far the filter has come. */
export function counted({ model }: Pick<Around, 'model'>): Line {
  const { view, document } = model
  const { rows } = document.store
  if (model.searching !== undefined) return line(`searching ${shortShare(model.searching)} `, 'note')
  if (!view.isComplete)
    return line(`… ${shortShare(rows === 0 ? 0 : view.scanned / rows)} ${grouped(view.length)} `, 'note')
  const here = model.cursor === 0 ? '' : `${grouped(model.index + 1)} of `
  if (view.length === rows) return line(`${here}${grouped(rows)} `, 'dim')
  return line(
    `${here}✓ ${grouped(view.length)}/${grouped(rows)} (${shortShare(view.length / Math.max(1, rows))}) `,
    'good',
  )
}

/** What was said, or the keys that are worth knowing here. */
export function bottom(app: Around, width: number): readonly Line[] {
  const said = app.message ?? trouble(app)
  const waiting = app.pending === undefined ? said : line(` ${app.pending.asks}`, 'note')
  if (width < WIDE) return [waiting ?? hints(app, width)]
  return [tabs(app), waiting ?? hints(app, width)]
}

/** Why the reading ended before its time; while it goes on and there is no packet, which frames could not be read, and why. */
function trouble({ host: { status }, model: { document } }: Around): Line | undefined {
  if (status.failure !== undefined) return line(` ${status.failure}`, 'bad')
  if (status.state !== 'reading' || document.store.rows > 0) return undefined
  const unread = unreadLines(document.summary)
  return unread.length === 0 ? undefined : line(` No packet: ${sanitize(unread.join('; '))}`, 'caution')
}

/** `Enter open  / filter  e explain …`: where there is no room for all, the spare ones go first; how to leave stays. */
function hints(app: Around, width: number): Line {
  const parts: { readonly text: Line; readonly spare: boolean }[] = []
  for (const { id, hint, spare } of commandsOn(app.screen.name)) {
    const key = app.keys.of(id)[0]
    if (hint === undefined || key === undefined || id === app.screen.name) continue
    const word = id === 'back' && app.isHome ? 'quit' : hint
    parts.push({
      text: button(id, span(` ${keyName(key)}`, 'key'), span(` ${word} `)),
      spare: spare === true,
    })
  }
  while (parts.length > 1 && widthOf(parts.flatMap(({ text }) => text)) > width) {
    const last = parts.findLastIndex(({ spare }) => spare)
    parts.splice(last < 0 ? -2 : last, 1)
  }
  return parts.flatMap(({ text }) => text)
}

/** The screens with their keys; on Findings how many there are. */
function tabs(app: Around): Line {
  const { counts } = app.model.document.byRule
  const parts: Span[] = []
  for (const name of SCREENS) {
    const isHere = app.screen.name === name
    const title = TITLES[name]
    const key = span(` ${app.keys.text(name)} `, 'key')
    const also = name === 'findings' ? severities(counts) : []
    parts.push(...button(name, key, span(`${title} `, isHere ? 'active' : 'plain'), ...also), span('│', 'rule'))
  }
  return parts
}

const TITLES: Readonly<Record<(typeof SCREENS)[number], string>> = {
  packets: 'Packets',
  flow: 'Flow',
  topics: 'Topics',
  sessions: 'Sessions',
  stats: 'Stats',
  findings: 'Findings',
  stream: 'Stream',
  log: 'Log',
  help: 'Help',
}

export function severities(counts: Readonly<Record<'error' | 'warning' | 'note', number>>): readonly Span[] {
  return [
    span(`✗ ${grouped(counts.error)} `, counts.error > 0 ? 'bad' : 'dim'),
    span(`! ${grouped(counts.warning)} `, counts.warning > 0 ? 'caution' : 'dim'),
    span(`i ${grouped(counts.note)} `, counts.note > 0 ? 'note' : 'dim'),
  ]
}

/** The same where there is room for words. */
export function severityWords(counts: Readonly<Record<'error' | 'warning' | 'note', number>>): readonly Span[] {
  return [
    span(`✗ ${count(counts.error, 'error')}   `, counts.error > 0 ? 'bad' : 'dim'),
    span(`! ${count(counts.warning, 'warning')}   `, counts.warning > 0 ? 'caution' : 'dim'),
    span(`i ${count(counts.note, 'note')}`, counts.note > 0 ? 'note' : 'dim'),
  ]
}
