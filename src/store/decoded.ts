/** Payloads as trees of values, for details. Who redacts gives no reader. */
import { defineField, type Field } from '../base/field.ts'
import type { Node } from '../mqtt/tree.ts'
import type { GroupKind, ValueSink } from '../payload/decoder.ts'
import type { Choice } from '../payload/rules.ts'
import { type Convention, conventionOf } from './conventions.ts'
import { type FoundPayload, nameOf, type PayloadReader, payloadOf } from './payloads.ts'
import type { PacketRecord } from './record.ts'

const DECODED = defineField({
  name: '',
  label: 'Decoded as',
  kind: 'group',
  explanation: 'The payload as its format has it. MQTT does not say which format that is: a rule does.',
})
const VALUES = defineField({
  name: '',
  label: 'Values',
  kind: 'group',
  explanation: 'Values that belong together: a list, or names and their values.',
})
const VALUE = defineField({
  name: '',
  label: 'Value',
  kind: 'bytes',
  secret: true,
  explanation: 'One value of the payload.',
})
const TEXT = defineField({
  name: '',
  label: 'Text',
  kind: 'text',
  secret: true,
  explanation: 'One text of the payload.',
})
const ERROR = defineField({
  name: '',
  label: 'Error',
  kind: 'bytes',
  explanation: 'From here on the payload is not what the format asks for.',
})

const CONVENTION = defineField({
  name: '',
  label: 'Convention',
  kind: 'group',
  explanation:
    'A use of topics and payloads that many programs share. The topic has its form; MQTT itself knows nothing of it.',
})

/** Puts the values of the packet's payload below its node in the packet's tree, if a rule chooses a decoder for it. */
export function decodePayloads(record: PacketRecord, root: Node, reader: PayloadReader): void {
  const payload = payloadOf(record)
  if (payload === undefined) return
  const choice = reader.choose(payload)
  const convention = payload.topic === undefined ? undefined : conventionOf(payload.topic)
  const below = [
    ...(convention === undefined ? [] : [conventionNode(payload, convention)]),
    ...(choice === undefined ? [] : [decoded(payload, choice, reader, convention)]),
  ]
  if (below.length === 0) return
  for (const node of nodesOf(root, payload.field)) if (node.start === payload.start) node.children.push(...below)
}

const conventionNode = ({ start, end }: FoundPayload, { text }: Convention): Node => ({
  field: CONVENTION,
  start,
  end,
  value: 0,
  text,
  children: [],
  omitted: 0,
  faults: [],
})

function* nodesOf(node: Node, field: Field): Iterable<Node> {
  for (const child of node.children) {
    if (child.field === field) yield child
    else yield* nodesOf(child, field)
  }
}

function decoded(
  payload: FoundPayload,
  choice: Choice,
  reader: PayloadReader,
  convention: Convention | undefined,
): Node {
  const { start, end } = payload
  const isPacked = choice.packings.length > 0
  const tree = new ValueTree(start, end, `${nameOf(choice)} (by ${choice.by})`, isPacked ? [start, end] : undefined)
  tree.keyOf = convention?.keyOf
  const opened = reader.decode(payload, choice, () => tree)
  if ('fault' in opened) tree.fault(opened.fault, start)
  return tree.finish()
}

/** Keeps every value as a node. How many there are is the decoder's limit. */
class ValueTree implements ValueSink {
  /** The groups that are open, the outermost first, and the one in them that takes members. */
  private readonly outer: Node[] = []
  private top: Node
  private name: string | undefined = undefined

  /** Writes out short keys. */
  keyOf: Convention['keyOf']
  /** The one place of all values, if the decoder's places are not those of the packet. */
  private readonly only: readonly [number, number] | undefined

  constructor(start: number, end: number, text: string, only: readonly [number, number] | undefined) {
    this.only = only
    this.top = this.node(DECODED, start, end, text)
  }

  open(_kind: GroupKind, start: number): void {
    const group = this.add(VALUES, start, start)
    this.outer.push(this.top)
    this.top = group
  }

  close(end: number): void {
    const outer = this.outer.pop()
    if (outer === undefined) return
    if (this.only === undefined) this.top.end = end
    this.top = outer
  }

  key(_start: number, _end: number, text: string | undefined): void {
    const long = text === undefined ? undefined : this.keyOf?.(text)
    this.name = long === undefined ? text : `${text} (${long})`
  }

  number(text: string, start: number, end: number): void {
    this.add(VALUE, start, end, text)
  }

  literal(text: string, start: number, end: number): void {
    this.add(VALUE, start, end, text)
  }

  text(start: number, end: number, value: string): void {
    this.add(TEXT, start, end, value)
  }

  bytes(start: number, end: number): void {
    this.add(VALUE, start, end)
  }

  mark(name: string, value: string, start: number, end: number): void {
    this.add(VALUE, start, end, `${name} ${value}`.trimEnd())
  }

  tag(number: string, _start: number, _end: number): void {
    this.name = this.name === undefined ? `tag ${number}` : `${this.name} (tag ${number})`
  }

  fault(message: string, at: number): void {
    this.add(ERROR, at, at, message)
  }

  /** Groups that a fault left open end where their last member does. */
  finish(): Node {
    while (this.outer.length > 0) this.close(this.top.children.at(-1)?.end ?? this.top.start)
    return this.top
  }

  private add(field: Field, start: number, end: number, text?: string): Node {
    const node = this.node(field, start, end, text)
    this.top.children.push(node)
    return node
  }

  private node(field: Field, start: number, end: number, text: string | undefined): Node {
    const { name, only = [start, end] } = this
    this.name = undefined
    return { field, start: only[0], end: only[1], value: 0, name, text, children: [], omitted: 0, faults: [] }
  }
}
