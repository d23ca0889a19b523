/** What is written on the line at the top: a filter that is checked as it is written, a search, a command, a file's name. */

import type { Searched } from '../analysis/search.ts'
import { writeReason } from '../base/system-reason.ts'
import { type Completion, complete } from '../filter/complete.ts'
import { FilterError } from '../filter/error.ts'
import { Filter } from '../filter/filter.ts'
import { sanitize } from '../text/sanitize.ts'
import { counted } from './bars.ts'
import type { AppContext } from './context.ts'
import { chooseDecoder, nextDecoder } from './decoders.ts'
import { type CommandId, commandsOn } from './keys.ts'
import { History, Prompt, type PromptKind } from './prompt.ts'
import { between, type Line, line, type Span, span } from './spans.ts'
import type { Key } from './terminal/input.ts'

const LABELS: Readonly<Record<PromptKind, string>> = {
  filter: ' / ',
  find: ' find ',
  palette: ' : ',
  save: ' save ',
  bytes: ' save bytes ',
  decode: ' decode ',
}
const HINTS: Readonly<Record<PromptKind, string>> = {
  filter: 'Enter keeps it, Esc takes it back, Tab completes, ↑ what was written before',
  find: 'text, 74:6f, /regular expression/ or a filter; Enter finds the next packet, Esc leaves',
  palette: 'a number goes to that packet, a word to a command; Tab completes, Enter runs it',
  save: 'as in: shown out.csv (all | shown | marked; .pcapng .ndjson .json .csv .txt)',
  decode:
    'as in: topic=hall/#,as=cbor or client=meter-*,as=gzip+json; Tab turns to the next decoder, Enter uses it in this session',
  bytes: 'as in: client out.bin (both | client | broker: the bytes of these packets)',
}
/** Before anything is written. */
const EXAMPLE = 'as in: mqtt.topic like "house/#", or mqtt.qos == 2; Tab completes, Esc leaves'
/** Completions shown at once. */
const MOST_SHOWN = 5

export class Dialog {
  prompt: Prompt | undefined
  private readonly app: AppContext
  private readonly searched: () => Searched
  private readonly history = new History()
  /** The filter in force when its bar was opened: Esc takes it again. */
  private former = ''
  private error: FilterError | undefined
  private hint: string | undefined
  private chosen = 0
  private found = ''

  /** `searched`: what `find` looks through just now. */
  constructor(app: AppContext, searched: () => Searched) {
    this.app = app
    this.searched = searched
  }

  open(kind: PromptKind, text: string): void {
    this.former = this.app.model.filterText
    this.prompt = new Prompt(kind, text, this.history.of(kind))
    this.chosen = 0
    this.check()
  }

  /** Takes the key, if something is being written. */
  key(key: Key): boolean {
    const { prompt } = this
    if (prompt === undefined) return false
    if (key.name === 'escape') this.leave(prompt)
    else if (key.name === 'enter') this.enter(prompt)
    else if (key.name === 'tab' || key.name === 'shift-tab') this.completeNext(prompt)
    else if (prompt.key(key)) {
      this.chosen = 0
      this.check()
    }
    return true
  }

  /** Again what was found last. */
  findAgain(forward: boolean): void {
    const { app, found } = this
    if (found === '') return this.open('find', '')
    try {
      app.model.find(app.model.bind(asFilter(found)), forward, this.searched())
    } catch (cause) {
      if (!(cause instanceof FilterError)) throw cause
      app.report('filter', 'error', cause.message)
    }
  }

  // Drawing

  lines(width: number): readonly Line[] {
    const { prompt, app } = this
    if (prompt === undefined) return []
    const label = span(LABELS[prompt.kind], 'key')
    const right: Line =
      prompt.kind === 'filter' ? [this.verdict(), ...(this.error === undefined ? counted(app) : [])] : []
    const room = width - LABELS[prompt.kind].length - right.reduce((sum, { text }) => sum + text.length, 0)
    const first = between([label, ...prompt.line(Math.max(1, room - 1))], right, width)
    return [first, ...this.below(prompt, width)]
  }

  /** Cells in front of the caret on the first of these lines; undefined while nothing is written. */
  get caret(): number | undefined {
    const { prompt } = this
    return prompt === undefined ? undefined : LABELS[prompt.kind].length + prompt.caret
  }

  /** A mouse points at a cell of the line. */
  point(cell: number): void {
    const { prompt } = this
    prompt?.point(Math.max(0, cell - LABELS[prompt.kind].length))
  }

  private verdict(): Span {
    if (this.error !== undefined) return span('✗ the filter before is in force ', 'bad')
    return this.hint === undefined ? span('✓ ', 'good') : span('! ', 'caution')
  }

  private below(prompt: Prompt, width: number): readonly Line[] {
    if (prompt.kind !== 'filter' || prompt.text === '') {
      const offers = this.commandOffers(prompt)
      const hint = prompt.kind === 'filter' ? EXAMPLE : HINTS[prompt.kind]
      return [offers === '' ? line(`   ${hint}`, 'dim') : line(`   ${offers}`, 'note')]
    }
    const offers = this.offers(prompt)
    if (offers.length > 0) return offers
    if (this.error !== undefined) return this.wrong(this.error, width)
    if (this.hint !== undefined) return [line(`   ${sanitize(this.hint)}`, 'caution')]
    return [line(`   ${HINTS.filter}`, 'dim')]
  }

  /** A caret below the place; the message beside it. */
  private wrong({ start, end, message }: FilterError, width: number): readonly Line[] {
    const at = Math.min(start, width - 10)
    const mark = `^${'~'.repeat(Math.max(0, Math.min(end, width) - start - 1))}`
    const also = /^\w+$/.test(this.prompt?.text.trim() ?? '') ? `; ${this.app.keys.text('find')} finds text` : ''
    return [line(`   ${' '.repeat(at)}${mark} ${sanitize(message)}${also}`, 'bad')]
  }

  private offers({ text, at }: Prompt): readonly Line[] {
    const { offers, start } = this.completion(text, at)
    const first = offers[this.chosen % Math.max(1, offers.length)]
    // Behind a whole comparison what is wrong with it matters more than how it may go on.
    if (first?.kind === 'word' && this.error !== undefined && !/\s$/.test(text)) return []
    // What is written already needs no line, and a value that stands alone is complete.
    if (first === undefined || (offers.length === 1 && text.slice(start, at) === first.text)) return []
    if (this.error === undefined && text.slice(start, at) !== '' && offers[0]?.text === text.slice(start, at)) return []
    const from = this.chosen % offers.length
    return offers
      .slice(from, from + MOST_SHOWN)
      .map((offer, nth) => [
        span(nth === 0 ? ' Tab ' : '     ', 'key'),
        span(sanitize(offer.text).padEnd(26), nth === 0 ? 'bold' : 'plain'),
        span(` ${offer.type.padEnd(9)}`, 'dim'),
        span(sanitize(offer.meaning), 'dim'),
      ])
  }

  private completion(text: string, at: number): Completion {
    return complete(text, at, this.app.model.document.store)
  }

  private commandOffers({ kind, text }: Prompt): string {
    if (kind !== 'palette' || /^\d*$/.test(text)) return ''
    const found = this.commands(text)
    return found.length === 0 ? 'no such command' : found.slice(0, MOST_SHOWN).join('   ')
  }

  private commands(text: string): readonly CommandId[] {
    const ids = commandsOn(this.app.screen.name).map(({ id }) => id)
    return [...ids.filter(id => id.startsWith(text)), ...ids.filter(id => id.indexOf(text) > 0)]
  }

  // Doing

  /** A filter is in force as soon as it can be read. */
  private check(): void {
    const { prompt, app } = this
    this.error = undefined
    this.hint = undefined
    if (prompt?.kind !== 'filter') return
    this.error = app.model.filterText === prompt.text.trim() ? undefined : app.model.choose(prompt.text)
    if (this.error === undefined && prompt.text.trim() !== '') this.hint = this.hintOn(new Filter(prompt.text))
  }

  /** Of a live capture nobody knows yet how it ends. */
  private hintOn({ hints, ofOutcomes }: Filter): string | undefined {
    const asKnown =
      ofOutcomes && this.app.host.status.isLive ? 'exchanges, copies and findings as known at that packet' : undefined
    return hints[0]?.message ?? asKnown
  }

  private leave(prompt: Prompt): void {
    if (prompt.kind === 'filter') this.app.model.choose(this.former)
    this.prompt = undefined
  }

  private enter(prompt: Prompt): void {
    const { app } = this
    const text = prompt.text.trim()
    if (prompt.kind === 'filter' && this.error !== undefined) return app.report('filter', 'error', this.error.message)
    this.history.add(prompt.kind, text)
    this.prompt = undefined
    if (prompt.kind === 'find') {
      this.found = text
      if (text !== '') this.findAgain(true)
    } else if (prompt.kind === 'palette') this.command(text)
    else if (prompt.kind === 'decode') chooseDecoder(app, text)
    else if (prompt.kind === 'save' && text !== '') this.save(app.host.save(text))
    else if (prompt.kind === 'bytes' && text !== '') this.save(app.host.saveBytes(text))
  }

  private command(text: string): void {
    const { app } = this
    if (text === '') return
    const id = this.commands(text)[0]
    if (/^\d+$/.test(text)) app.jump(Number(text))
    else if (id === undefined) app.say(`There is no command ${sanitize(text)}`, 'caution')
    else app.run(id)
  }

  private save(saved: Promise<string>): void {
    const { app } = this
    saved.then(
      words => app.report('file', 'note', words, 'good'),
      (cause: Error) =>
        app.report('file', 'error', 'code' in cause ? `cannot save: ${writeReason(cause)}` : cause.message),
    )
  }

  private completeNext(prompt: Prompt): void {
    if (prompt.kind === 'palette') {
      const id = this.commands(prompt.text)[0]
      if (id !== undefined) prompt.replace(id)
      return
    }
    if (prompt.kind === 'decode') return prompt.replace(nextDecoder(prompt.text))
    if (prompt.kind !== 'filter') return
    const { offers, start, end } = this.completion(prompt.text, prompt.at)
    const offer = offers[0]
    if (offer === undefined) return
    prompt.text = prompt.text.slice(0, start) + offer.text + prompt.text.slice(end)
    prompt.at = start + offer.text.length
    this.check()
  }
}

const BYTES = /^[0-9a-f]{2}(?::[0-9a-f]{2})+$/i

/** `/re/` is a regular expression, `74:6f` bytes; what else is no expression is text: each looked for anywhere in the packet. */
function asFilter(text: string): Filter {
  const pattern = /^\/(.+)\/$/.exec(text)?.[1]
  if (pattern !== undefined) return new Filter(`mqtt matches "${pattern.replace(/["\\]/g, '\\$&')}"`)
  if (BYTES.test(text)) return new Filter(`mqtt contains ${text}`)
  try {
    const filter = new Filter(text)
    if (!/^[\w.]+$/.test(text) || text.includes('.')) return filter
  } catch (cause) {
    if (!(cause instanceof FilterError)) throw cause
  }
  return new Filter(`mqtt contains "${text.replace(/["\\]/g, '\\$&')}"`)
}
