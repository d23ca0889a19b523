/** The handshake of the selected packet: its legs, how others took, what is waited for, what the packet says to the other side. */

import type { Document } from '../../analysis/document.ts'
import { STEPS } from '../../session/exchange/exchange.ts'
import type { Row } from '../../store/store.ts'
import { type ExchangeKind, type ExchangeState, KIND_NAMES } from '../../store/vocabulary.ts'
import { GLYPHS } from '../../text/paint.ts'
import { sanitize } from '../../text/sanitize.ts'
import { shortDuration } from '../../text/units.ts'
import { wrap } from '../../text/wrap.ts'
import type { Model } from '../model.ts'
import { type Line, line, rule, span } from '../spans.ts'
import { infoText, levelToken, SAYS, typeName } from './words.ts'

const STATES: Readonly<Record<ExchangeState, string>> = {
  open: 'open',
  complete: 'complete',
  refused: 'refused',
  abandoned: 'never finished',
}

export function handshake(model: Model, width: number, height: number): readonly Line[] {
  const { document, row } = model
  if (row < 0) return [rule('', '', width)]
  const { store, links } = document
  const kind = links.kind(row)
  const said = wrap((SAYS[store.type(row)] ?? '').split(' '), width - 2).map(text => line(` ${text}`))
  if (links.opener(row) === 0 || kind === undefined) {
    const title = `Packet ${store.number(row)} ${typeName(store.type(row))}: part of no handshake`
    return [rule(title, '', width), ...packetWords(model, width), ...said].slice(0, height)
  }
  const id = store.packetId(row)
  const state = links.state(row)
  const chain = links.rows(row)
  const total = chain.length < 2 ? '' : `, ${shortDuration(document.passed(chain[0] ?? -1, chain.at(-1) ?? -1))} in all`
  const title = `Handshake ${KIND_NAMES[kind]}${id === 0 ? '' : `, packet id ${id}`}: ${STATES[state]}${total}`
  return [
    rule(title, `connection ${store.streamId(row) + 1} of ${store.streams.length}`, width, true),
    legs(model, chain),
    ...(state === 'open' ? [waiting(model, kind)] : []),
    ...packetWords(model, width),
    ...said,
    all(model, kind),
    outcome(model),
  ].slice(0, height)
}

/** What the selected packet says, which the arrow has no room for, and what is remarked on it first. */
function packetWords({ document, row }: Model, width: number): readonly Line[] {
  const record = document.record(row)
  // What became true later stands there.
  const finding = document.findings(record).find(({ time }) => time === undefined)
  const text = infoText(document, row, width)
  return [
    ...(text === '' ? [] : [[span(` Packet ${record.number}: `, 'dim'), span(text)]]),
    ...(finding === undefined
      ? []
      : [line(` ${GLYPHS[finding.level]} ${sanitize(finding.message)}`, levelToken(finding.level))]),
  ]
}

/** `11 PUBLISH │ +585µs 12 PUBREC │ ▓+688ms▓ 13 PUBREL`. */
function legs(model: Model, chain: readonly Row[]): Line {
  const { document, row } = model
  const { store, links } = document
  const shown = chain.slice(0, MOST_LEGS)
  const total = document.passed(chain[0] ?? -1, chain.at(-1) ?? -1)
  const parts = shown.flatMap((other, at) => {
    const answered = links.answers(other)
    const took = document.passed(answered, other)
    // Of several legs the one that took most of the time stands out.
    const [before, behind] = shown.length > 2 && took > total / 2 ? ['▓', '▓'] : ['', '']
    const after = answered < 0 ? (at === 0 ? '' : 'again ') : `${before}+${shortDuration(took)}${behind} `
    const text = `${after}${store.number(other)} ${typeName(store.type(other))}`
    return [span(at === 0 ? ' ' : ' │ ', 'rule'), span(text, other === row ? 'related' : 'plain')]
  })
  const more = chain.length > shown.length ? [span(` … ${chain.length - shown.length} more`, 'dim')] : []
  return [...parts, ...more, ...missing(model, chain)]
}

/** `┄ PUBREC never came`, of a handshake that was abandoned. */
function missing({ document }: Model, chain: readonly Row[]): Line {
  const { links } = document
  const [opener = -1] = chain
  const kind = links.kind(opener)
  if (kind === undefined || links.state(opener) !== 'abandoned') return []
  return [span(' │ ', 'rule'), span(`┄ ${typeName(nextOf(document, chain, kind)?.type ?? 0)} never came`, 'caution')]
}

/** The step that a handshake waits for; undefined if it has all. */
const nextOf = (
  { links }: Document,
  chain: readonly Row[],
  kind: ExchangeKind,
): (typeof STEPS)[ExchangeKind][number] | undefined =>
  STEPS[kind][chain.filter(other => links.isAnswer(other)).length + 1]

const MOST_LEGS = 6

function waiting({ document, row }: Model, kind: ExchangeKind): Line {
  const { links, store } = document
  const chain = links.rows(row)
  const next = nextOf(document, chain, kind)
  const opener = chain[0] ?? row
  const byClient = (store.stream(opener).senderOf(store.side(opener)) === 'client') === (next?.byOpener ?? false)
  const since = document.passed(chain.at(-1) ?? row, store.rows - 1)
  return line(
    ` Waits for ${typeName(next?.type ?? 0)} from the ${byClient ? 'client' : 'broker'}, ${shortDuration(since)} so far`,
    'caution',
  )
}

/** How long all exchanges of the kind took. */
function all({ document }: Model, kind: ExchangeKind): Line {
  const took = document.latencies.get(kind)
  const times =
    took === undefined
      ? 'none complete yet'
      : `p50 ${shortDuration(took.percentile(0.5))}  p95 ${shortDuration(took.percentile(0.95))}  max ${shortDuration(took.most)}  of ${took.count}`
  return [span(` All ${KIND_NAMES[kind]}: `, 'dim'), span(times, 'number')]
}

/** How those of any kind ended. */
function outcome({ document: { outcomes, tracker, repeats } }: Model): Line {
  const broken = outcomes.refused + outcomes.abandoned
  return [
    span(' All handshakes: ', 'dim'),
    span(
      `${outcomes.complete} complete, ${tracker.pool.open} open, ${broken} broken, ${repeats} packets sent again`,
      broken > 0 ? 'caution' : 'dim',
    ),
  ]
}
