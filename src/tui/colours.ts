/** Which packet has which colour: rules in order, each a name, a filter and a style. The first that fits counts. */

import type { Document } from '../analysis/document.ts'
import { Filter } from '../filter/filter.ts'
import type { Row } from '../store/store.ts'
import type { RowTest } from '../store/view.ts'
import { ownStyle, type Token } from './theme.ts'

export interface ColourRule {
  readonly name: string
  /** A display filter. */
  readonly filter: string
  readonly style: Token
  /** It fits only when the capture goes on for so many seconds behind the packet. */
  readonly after?: number
}

/** An answer that does not come for so long is worth a look. */
const PATIENCE_S = 5

export const BUILT_IN: readonly ColourRule[] = [
  { name: 'error', filter: 'mqtt.finding.level == error', style: 'alarm' },
  {
    name: 'refused',
    filter:
      'mqtt.conack.val > 0 or mqtt.connack.reason_code > 0 or (mqtt.msgtype == DISCONNECT and mqtt.disconnect.reason_code >= 0x80) or (mqtt.exchange.state == refused and mqtt.exchange.latency)',
    style: 'bad',
  },
  { name: 'warning', filter: 'mqtt.finding.level == warning', style: 'caution' },
  { name: 'never answered', filter: 'mqtt.exchange.state == abandoned', style: 'caution' },
  { name: 'no answer so far', filter: 'mqtt.exchange.state == open', style: 'caution', after: PATIENCE_S },
  { name: 'sent again', filter: 'mqtt.dupflag == 1', style: 'dup' },
  { name: 'connection', filter: 'mqtt.msgtype in {CONNECT, CONNACK, AUTH}', style: 'connect' },
  { name: 'message at QoS 0', filter: 'mqtt.msgtype == PUBLISH and mqtt.qos == 0', style: 'publish0' },
  { name: 'message at QoS 1', filter: 'mqtt.msgtype == PUBLISH and mqtt.qos == 1', style: 'publish1' },
  { name: 'message at QoS 2', filter: 'mqtt.msgtype == PUBLISH and mqtt.qos == 2', style: 'publish2' },
  { name: 'answer at QoS 1', filter: 'mqtt.msgtype == PUBACK', style: 'ack1' },
  { name: 'answer at QoS 2', filter: 'mqtt.msgtype in {PUBREC..PUBCOMP}', style: 'ack2' },
  { name: 'subscription', filter: 'mqtt.msgtype in {SUBSCRIBE..UNSUBACK}', style: 'subscribe' },
  { name: 'ping', filter: 'mqtt.msgtype in {PINGREQ, PINGRESP}', style: 'ping' },
  { name: 'goodbye', filter: 'mqtt.msgtype == DISCONNECT', style: 'disconnect' },
]

/** For what is coloured by hand, one after the other: far from the styles of packets that nobody chose. */
const BY_HAND: readonly Token[] = ['magenta', 'green', 'cyan', 'yellow', 'blue'].map(hue => ownStyle([hue, 'inverse']))
/** Colours given by hand; beyond it the oldest goes. */
const MOST_BY_HAND = 20

/** A rule that is bound when it is first asked: by then the first frame is known. */
interface Bound {
  readonly rule: ColourRule
  test: RowTest | undefined
}

export class Colours {
  /** The whole row has the colour, not its type alone. */
  wholeRows = false
  private readonly document: Document
  private readonly bind: (filter: Filter) => RowTest
  private readonly fixed: readonly Bound[]
  private byHand: readonly Bound[] = []
  private given = 0

  /** `own`: the rules of the user's own, which come first. */
  constructor(document: Document, bind: (filter: Filter) => RowTest, own: readonly ColourRule[]) {
    this.document = document
    this.bind = bind
    this.fixed = [...own, ...BUILT_IN].map(unbound)
  }

  get rules(): readonly ColourRule[] {
    return [...this.byHand, ...this.fixed].map(({ rule }) => rule)
  }

  of(row: Row): Token {
    return (this.first(this.byHand, row) ?? this.first(this.fixed, row))?.style ?? 'plain'
  }

  /**
   * The next of these filters gets a colour of its own, and the one that had it loses it; behind the last, none has one.
   * The rule that came. Throws FilterError, and leaves all as it was.
   */
  turn(filters: readonly Pick<ColourRule, 'name' | 'filter'>[]): ColourRule | undefined {
    const now = filters.findIndex(({ filter }) => this.byHand.some(({ rule }) => rule.filter === filter))
    const former = filters[now]?.filter
    const next = filters[now + 1]
    const test = next === undefined ? undefined : this.bind(new Filter(next.filter, this.document.payloads))
    this.byHand = this.byHand.filter(({ rule }) => rule.filter !== former)
    if (next === undefined) return undefined
    const rule = { ...next, style: BY_HAND[this.given++ % BY_HAND.length] ?? 'plain' }
    this.byHand = [{ rule, test }, ...this.byHand].slice(0, MOST_BY_HAND)
    return rule
  }

  private first(rules: readonly Bound[], row: Row): ColourRule | undefined {
    return rules.find(bound => this.fits(bound, row))?.rule
  }

  private fits(bound: Bound, row: Row): boolean {
    const { rule } = bound
    bound.test ??= this.bind(new Filter(rule.filter, this.document.payloads))
    return bound.test(row) && (rule.after === undefined || this.since(row) > rule.after)
  }

  /** Seconds that the capture goes on behind the row. */
  private since(row: Row): number {
    return this.document.between(row, this.document.store.rows - 1)
  }
}

const unbound = (rule: ColourRule): Bound => ({ rule, test: undefined })
