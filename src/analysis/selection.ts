/** What is looked at of a document: the packets that a filter lets through, the one selected, marks, a search under way. */

import { FilterError } from '../filter/error.ts'
import { Filter } from '../filter/filter.ts'
import { PINGREQ, PINGRESP } from '../mqtt/spec.ts'
import type { Row } from '../store/store.ts'
import { type RowTest, View } from '../store/view.ts'
import type { Document } from './document.ts'
import { type Outcome, Search, type Searched } from './search.ts'

/** Rows looked at before whoever calls is asked whether there is time for more. */
const SLICE_ROWS = 2000
/** Packets to jump back to; beyond it the oldest goes. */
const MOST_JUMPS = 100

export class Selection implements Searched {
  readonly document: Document
  readonly view: View
  /** Number of the selected packet; 0 while there is none. */
  cursor = 0
  /** The newest packet is selected, always. */
  follows = false
  paused = false
  hidesPings = false
  onlyMarked = false
  /** By letter. */
  readonly marks = new Map<string, number>()
  /** Numbers of packets. */
  readonly marked = new Set<number>()
  filterText = ''
  private filter: Filter | undefined
  private readonly jumps: number[] = []
  private search: Search | undefined

  constructor(document: Document) {
    this.document = document
    this.view = new View(document.store)
    document.onForget = count => this.forget(count)
    document.onEnd = () => this.decide()
  }

  /** Row of the selected packet; -1 for none. */
  get row(): Row {
    return this.document.store.rowOf(this.cursor)
  }

  /** Packets that are shown. */
  get length(): number {
    return this.view.length
  }

  rowAt(index: number): Row {
    return this.view.row(index)
  }

  /** Returns the index of the selected packet in the view. */
  get index(): number {
    const row = this.row
    return row < 0 ? 0 : Math.min(this.view.indexOf(row), Math.max(0, this.view.length - 1))
  }

  // Filter

  /** Shows what the expression lets through; the error where it cannot be read. */
  choose(text: string): FilterError | undefined {
    try {
      this.filter = text.trim() === '' ? undefined : new Filter(text, this.document.payloads)
    } catch (cause) {
      if (cause instanceof FilterError) return cause
      throw cause
    }
    this.filterText = text.trim()
    this.refilter()
    return undefined
  }

  /** The tests in force, put together anew. */
  refilter(): void {
    this.view.choose(this.test())
    this.settle()
  }

  /** Rows that were judged while the capture came are judged again where later packets count. */
  private decide(): void {
    if (this.filter?.ofOutcomes === true) this.refilter()
  }

  private test(): RowTest | undefined {
    const { document, marked } = this
    const { store } = document
    const tests: RowTest[] = []
    if (this.hidesPings) tests.push(row => store.type(row) !== PINGREQ && store.type(row) !== PINGRESP)
    if (this.onlyMarked) tests.push(row => marked.has(store.number(row)))
    if (this.filter !== undefined) tests.push(this.bind(this.filter))
    if (tests.length < 2) return tests[0]
    return row => tests.every(test => test(row))
  }

  bind(filter: Filter): RowTest {
    const { document } = this
    const { first } = document
    if (first === undefined) return this.boundLater(filter)
    filter.begin(first)
    return filter.bind(document.store, { bytes: document.log, told: row => document.facts(row) })
  }

  /** Where times count from and where bytes are read again is known when there is a row to ask about. */
  private boundLater(filter: Filter): RowTest {
    let test: RowTest | undefined
    return row => {
      test ??= this.bind(filter)
      return test(row)
    }
  }

  /** Looks at rows that have come, in slices, while `hasTime` says so after each. True where something changed. */
  advance(hasTime: () => boolean): boolean {
    const before = this.view.length
    const searched = this.search !== undefined
    do {
      this.view.advance(SLICE_ROWS)
      this.seek()
    } while ((!this.view.isComplete || this.search !== undefined) && hasTime())
    this.settle()
    return this.view.length !== before || searched
  }

  /** There is a selection as soon as there is a packet, and it is one that is shown. */
  private settle(): void {
    const { view } = this
    if (view.length === 0) return
    if (this.follows && !this.paused) this.cursor = this.document.store.number(view.row(view.length - 1))
    else if (this.row < 0 || view.row(view.indexOf(this.row)) !== this.row) this.goTo(this.index)
  }

  // Moving

  /** Selects the packet at an index of the view. */
  goTo(index: number): void {
    const { view } = this
    if (view.length === 0) return
    const row = view.row(Math.max(0, Math.min(index, view.length - 1)))
    this.cursor = this.document.store.number(row)
  }

  /** Selects what a mouse points at; nothing behind the last packet. */
  pick(index: number): void {
    if (index >= this.view.length) return
    this.follows = false
    this.goTo(index)
  }

  moveBy(count: number): void {
    if (count < 0) this.follows = false
    this.goTo(this.index + count)
  }

  first(): void {
    this.follows = false
    this.goTo(0)
  }

  /** The last packet; of a capture that goes on, every later one too. */
  last(follow: boolean): void {
    this.follows = follow
    this.goTo(this.view.length - 1)
  }

  /** Selects a packet far away; `jumpBack` returns. False where it is not kept, or the filter hides it. */
  jump(number: number): 'there' | 'hidden' | 'gone' {
    const row = this.document.store.rowOf(number)
    if (row < 0) return 'gone'
    this.remember()
    this.follows = false
    const index = this.view.indexOf(row)
    this.goTo(index)
    return this.view.row(index) === row ? 'there' : 'hidden'
  }

  jumpBack(): boolean {
    const number = this.jumps.pop()
    if (number === undefined || this.document.store.rowOf(number) < 0) return false
    this.follows = false
    this.goTo(this.view.indexOf(this.document.store.rowOf(number)))
    return true
  }

  private remember(): void {
    this.jumps.push(this.cursor)
    if (this.jumps.length > MOST_JUMPS) this.jumps.shift()
  }

  /** The next row of the view (or the one before) that passes the test; false where there is none. */
  step(forward: boolean, test: RowTest): boolean {
    const step = forward ? 1 : -1
    for (let index = this.index + step; index >= 0 && index < this.view.length; index += step) {
      if (!test(this.view.row(index))) continue
      this.remember()
      this.follows = false
      this.goTo(index)
      return true
    }
    return false
  }

  inConnection(forward: boolean): boolean {
    const { store } = this.document
    const { row } = this
    if (row < 0) return false
    const id = store.streamId(row)
    return this.step(forward, other => store.streamId(other) === id)
  }

  inExchange(forward: boolean): boolean {
    const { links } = this.document
    const opener = this.row < 0 ? 0 : links.opener(this.row)
    return opener !== 0 && this.step(forward, other => links.opener(other) === opener)
  }

  sameTopic(forward: boolean): boolean {
    const { store } = this.document
    const topic = this.row < 0 ? -1 : store.topicId(this.row)
    return topic !== -1 && this.step(forward, other => store.topicId(other) === topic)
  }

  sameType(forward: boolean): boolean {
    const { store } = this.document
    if (this.row < 0) return false
    const type = store.type(this.row)
    return this.step(forward, other => store.type(other) === type)
  }

  /** The oldest rows went: what goes through the view goes on where it was. */
  private forget(count: number): void {
    const gone = this.view.forget(count)
    this.search?.forget(gone)
  }

  // Finding

  /** Begins a search from the selection on, in what is shown or in another list; rows are read in slices, see `advance`. */
  find(test: RowTest, forward: boolean, list: Searched = this): void {
    this.search = new Search(test, list, forward)
  }

  stopSearch(): void {
    this.search = undefined
  }

  /** How far a search is (0 to 1); undefined where none is going on. */
  get searching(): number | undefined {
    return this.search?.progress
  }

  /** The outcome of the last search, handed out once. */
  takeOutcome(): Outcome | undefined {
    const { outcome } = this
    this.outcome = undefined
    return outcome
  }

  private outcome: Outcome | undefined

  /** A search has come to what it looked for. */
  found(index: number): void {
    this.remember()
    this.follows = false
    this.goTo(index)
  }

  private seek(): void {
    const outcome = this.search?.advance(SLICE_ROWS)
    if (outcome === undefined) return
    this.outcome = outcome
    this.search = undefined
  }

  // Marks

  toggleMark(): void {
    if (!this.marked.delete(this.cursor) && this.cursor > 0) this.marked.add(this.cursor)
    if (this.onlyMarked) this.refilter()
  }
}
