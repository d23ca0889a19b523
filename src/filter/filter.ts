/** A display filter: Wireshark's language over the packets of a capture, each by itself. */
import { isOfFanOut, isOfLearnt, isOfOutcomes, isOfSessions } from '../store/facts.ts'
import { AUTO_CHOOSER, PayloadReader } from '../store/payloads.ts'
import type { PacketRecord, Side, Stream } from '../store/record.ts'
import type { Bytes, Row, Store } from '../store/store.ts'
import type { Columns } from './at-hand.ts'
import { bindRows, hasColumns, Loader } from './bind.ts'
import { type Condition, compile, leavesOf, ofPacket } from './compile.ts'
import { FilterError, type Hint } from './error.ts'
import { expand } from './expand.ts'
import { Gather } from './gather.ts'
import { hintsOn } from './hint.ts'
import { parse } from './parser.ts'
import type { Moment } from './sources.ts'

/** No built-in rule unpacks anything. */
const AUTO_READER = new PayloadReader(AUTO_CHOOSER, () => undefined)

export interface BindOptions {
  /** Where the bytes of the capture are read again; a filter that is `deep` needs it. */
  readonly bytes?: Bytes
  /** What whoever follows sessions has to say of a row. */
  readonly told?: Columns['told']
}

export class Filter {
  /** The expression, shortcuts written out. */
  readonly text: string
  readonly hints: readonly Hint[]
  /** It asks for what no column holds: each row has to be read again from the capture. */
  readonly deep: boolean
  /** It asks for exchanges or findings of rules, which only whoever follows the sessions knows. */
  readonly ofSessions: boolean
  /** It asks for copies and their messages, or for findings, some of which are on copies. */
  readonly ofFanOut: boolean
  /** It asks how exchanges and messages ended, or for findings: later packets may change what a packet is judged by. */
  readonly ofOutcomes: boolean
  /** It asks for the client or the sender, which may be learnt behind the first packets of a stream. */
  readonly ofLearnt: boolean
  private readonly condition: Condition | undefined
  private readonly gather: Gather
  private readonly test: (gather: Gather) => boolean

  private readonly payloads: PayloadReader

  /** `payloads` decodes what the expression asks of payloads; by the built-in rules if it is absent. Throws FilterError. */
  constructor(text: string, payloads = AUTO_READER) {
    this.payloads = payloads
    this.text = expand(text)
    try {
      const expression = parse(this.text)
      this.hints = expression === undefined ? [] : hintsOn(expression)
      this.condition = expression === undefined ? undefined : compile(expression)
    } catch (cause) {
      if (cause instanceof FilterError) cause.text = this.text
      throw cause
    }
    const leaves = this.condition === undefined ? [] : leavesOf(this.condition)
    this.deep = leaves.some(leaf => !hasColumns(leaf))
    const names = leaves.flatMap(leaf => leaf.names.map(({ name }) => name))
    this.ofSessions = names.some(isOfSessions)
    this.ofFanOut = names.some(isOfFanOut)
    this.ofOutcomes = names.some(isOfOutcomes)
    this.ofLearnt = names.some(isOfLearnt)
    this.gather = new Gather(
      leaves.flatMap(({ names }) => names),
      payloads,
    )
    this.test = this.condition === undefined ? () => true : ofPacket(this.condition)
  }

  /** The first frame of the capture: relative times count from it. */
  begin(first: Moment): void {
    this.gather.first = { seconds: first.seconds, nanos: first.nanos }
  }

  /** `size` bytes are missing before the next packet of the side: what `tcp.gap` tells. */
  gap(stream: Stream, side: Side, size: number): void {
    this.gather.gap(stream, side, size)
  }

  /** Every packet of the capture has to be asked about, in order, where `tcp.gap` is to be right. */
  matches(record: PacketRecord): boolean {
    this.gather.turnTo(record)
    return this.test(this.gather)
  }

  /**
   * The same over the rows of a store, as it is now and as it grows. Where a column leaves a row open (the second filter
   * of a SUBSCRIBE, a packet with faults) its bytes are asked; without them such a row does not match.
   */
  bind(store: Store, { bytes, told }: BindOptions = {}): (row: Row) => boolean {
    if (this.condition === undefined) return () => true
    if (this.deep && bytes === undefined) throw new TypeError('a deep filter needs the bytes of the capture')
    const gather = new Gather(
      leavesOf(this.condition).flatMap(({ names }) => names),
      this.payloads,
    )
    gather.first = this.gather.first
    const columns: Columns = { store, first: gather.first, told }
    return bindRows(this.condition, columns, new Loader(columns, bytes, gather))
  }
}
