/** The listener on demand: keeps every field of one packet as a tree of places, for the details, the bytes and `-V`. */
import type { Field, FieldSink } from '../base/field.ts'

/** Fields kept of one packet, some 10 MB: a hostile one of 16 MiB has millions. Beyond it they are counted. */
export const MOST_NODES = 65_536
/** Faults kept of one packet; those beyond it have no place in the tree. */
const MOST_PLACED_FAULTS = 10_000

/** Offsets are those of the walked bytes, so any node lights up its bytes and any byte finds its node. */
export interface Node {
  readonly field: Field
  readonly start: number
  end: number
  value: number
  readonly children: Node[]
  /** Children that are left out because the packet has too many fields. */
  omitted: number
  /** Codes of the walk's fault table, with their places. */
  readonly faults: { readonly fault: number; readonly at: number }[]
  /** The node's own name, in place of the field's label: the key of a value in a payload. */
  readonly name?: string | undefined
  /** The value as text, if bytes and field do not give it. */
  readonly text?: string | undefined
}

const node = (field: Field, start: number, end: number, value: number): Node => ({
  field,
  start,
  end,
  value,
  children: [],
  omitted: 0,
  faults: [],
})

export class Tree implements FieldSink {
  readonly root: Node
  private readonly stack: Node[]
  private room = MOST_NODES
  private placedFaults = 0
  /** Groups that are open and left out. */
  private skipped = 0

  constructor(rootField: Field, start: number, end: number) {
    this.root = node(rootField, start, end, 0)
    this.stack = [this.root]
  }

  field(field: Field, start: number, end: number, value: number): void {
    if (this.skipped > 0) return
    const top = this.top()
    // A byte of flags opens a group of its own field and then announces its value.
    if (top.field === field && top.children.length === 0 && top.start === start) {
      top.value = value
      top.end = end
    } else if (this.room === 0) top.omitted++
    else this.add(top, node(field, start, end, value))
  }

  open(field: Field, start: number): void {
    if (this.skipped > 0 || this.room === 0) return this.skip()
    const child = node(field, start, start, 0)
    this.add(this.top(), child)
    this.stack.push(child)
  }

  close(end: number): void {
    if (this.skipped > 0) this.skipped--
    else if (this.stack.length > 1) (this.stack.pop() as Node).end = end
  }

  fault(fault: number, at: number): void {
    if (this.placedFaults++ < MOST_PLACED_FAULTS) this.top().faults.push({ fault, at })
  }

  /** Groups that a fault left open end where their last member does. */
  finish(): Node {
    while (this.stack.length > 1) {
      const open = this.stack.pop() as Node
      open.end = Math.max(open.end, open.children.at(-1)?.end ?? open.start)
    }
    return this.root
  }

  private add(parent: Node, child: Node): void {
    parent.children.push(child)
    this.room--
  }

  private skip(): void {
    if (this.skipped === 0) this.top().omitted++
    this.skipped++
  }

  private top(): Node {
    return this.stack[this.stack.length - 1] as Node
  }
}
