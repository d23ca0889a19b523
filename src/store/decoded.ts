/** Payloads as trees of values: the one place that asks payload decoders. Who redacts gives no rules. */
import { defineField, type Field } from '../base/field.ts'
import type { Node } from '../mqtt/tree.ts'
import type { GroupKind, PayloadDecoder, ValueSink } from '../payload/decoder.ts'
import type { PacketRecord } from './record.ts'

/** Says which payloads a decoder is for. */
export interface DecoderRule {
  readonly decoder: PayloadDecoder
  /** What the choice is by, for the reader: `topic`, `content-type`, `content`, `rule`. */
  readonly by: string
  /** True if the rule is for this payload of the record. */
  matches(record: PacketRecord, payload: Node): boolean
}

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

/**
 * Puts the values of each payload below its node in the packet's tree, decoded by the first rule that matches. An empty
 * payload has none, and one that was not captured as a whole is left alone.
 */
export function decodePayloads(record: PacketRecord, root: Node, rules: readonly DecoderRule[]): void {
  const { bytes, readable, end } = record.raw
  if (readable < end) return
  for (const payload of payloadsIn(root, record.protocol.payloads)) {
    const rule = rules.find(rule => rule.matches(record, payload))
    if (rule !== undefined) payload.children.push(decoded(rule, bytes, payload))
  }
}

function* payloadsIn(node: Node, fields: readonly Field[]): Iterable<Node> {
  for (const child of node.children) {
    if (!fields.includes(child.field)) yield* payloadsIn(child, fields)
    else if (child.start < child.end) yield child
  }
}

function decoded({ decoder, by }: DecoderRule, bytes: Uint8Array, { start, end }: Node): Node {
  const tree = new ValueTree(start, end, `${decoder.name} (by ${by})`)
  decoder.decode(bytes, start, end, tree)
  return tree.finish()
}

/** Keeps every value as a node. How many there are is the decoder's limit. */
class ValueTree implements ValueSink {
  /** The groups that are open, the outermost first, and the one in them that takes members. */
  private readonly outer: Node[] = []
  private top: Node
  private name: string | undefined = undefined

  constructor(start: number, end: number, text: string) {
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
    this.top.end = end
    this.top = outer
  }

  key(_start: number, _end: number, text: string | undefined): void {
    this.name = text
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
    const { name } = this
    this.name = undefined
    return { field, start, end, value: 0, name, text, children: [], omitted: 0, faults: [] }
  }
}
