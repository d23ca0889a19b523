/**
 * Expressions evaluated as simply as can be: all values of a field are looked up in the trees of the packet's layers,
 * then compared one by one. Slow, and written without a look at how filters are compiled.
 */
import { hex } from '../../src/base/bytes.ts'
import type { Compare, Expression, Operand, SliceRange } from '../../src/filter/expression.ts'
import { PUBLISH } from '../../src/mqtt/spec.ts'
import type { Node } from '../../src/mqtt/tree.ts'
import { type Layer, layersOf } from '../../src/store/dissect.ts'
import { findingsOf } from '../../src/store/findings.ts'
import type { PacketRecord } from '../../src/store/record.ts'

/** Numbers, and bytes as text of one character each. */
type Value = number | string

const latin1 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1')
const utf8 = (text: string): string => Buffer.from(text, 'utf8').toString('latin1')

const SENDERS = ['client', 'server', 'unknown']
const VERSIONS: Record<string, number> = { unknown: 0, '3.1': 3, '3.1.1': 4, '5': 5 }
const LEVELS = ['note', 'warning', 'error']
const TYPES = 'RESERVED CONNECT CONNACK PUBLISH PUBACK PUBREC PUBREL PUBCOMP SUBSCRIBE SUBACK'.split(' ')

const IS_TEXT = /^mqtt\.(topic|topic_resolved|clientid|client|protoname|username|willtopic|payload)$/
const IS_BYTES = /^mqtt\.(msg|willmsg)$|^eth\.(src|dst|addr)$/

export class Naive {
  private readonly record: PacketRecord
  private readonly layers: readonly Layer[]

  constructor(record: PacketRecord) {
    this.record = record
    this.layers = layersOf(record)
  }

  holds(expression: Expression): boolean {
    switch (expression.kind) {
      case 'or':
        return expression.parts.map(part => this.holds(part)).includes(true)
      case 'and':
        return !expression.parts.map(part => this.holds(part)).includes(false)
      case 'xor':
        return expression.parts.filter(part => this.holds(part)).length % 2 === 1
      case 'not':
        return !this.holds(expression.part)
      case 'bare': {
        const values = this.operand(expression.operand)
        return expression.operand.kind === 'mask' ? values.some(value => value !== 0) : values.length > 0
      }
      case 'in':
        return this.operand(expression.left).some(value =>
          expression.members.some(({ low, high }) => {
            const [from, to] = [this.literal(low, expression.left), this.literal(high, expression.left)]
            return sign(value, from, expression.left) >= 0 && sign(value, to, expression.left) <= 0
          }),
        )
      default:
        return this.compare(expression)
    }
  }

  private compare({ test, left, right }: Compare): boolean {
    const values = this.operand(left)
    const other = this.literal(right, left)
    const fits = (value: Value): boolean => {
      if (test === 'contains') return String(value).includes(String(other))
      if (test === 'matches') return String(value).toLowerCase().includes(String(other).toLowerCase())
      if (test === 'like') return isLike(String(value), String(other))
      const by = sign(value, other, left)
      if (test === 'greater') return by > 0
      if (test === 'less') return by < 0
      if (test === 'atLeast') return by >= 0
      if (test === 'atMost') return by <= 0
      return test === 'anyEqual' || test === 'allEqual' ? by === 0 : by !== 0
    }
    if (test === 'allEqual' || test === 'allUnequal') return values.length > 0 && values.every(fits)
    return values.some(fits)
  }

  private operand(operand: Operand): readonly Value[] {
    switch (operand.kind) {
      case 'slice':
        return this.operand(operand.of).flatMap(value => slice(String(value), operand.ranges))
      case 'mask':
        return this.operand(operand.of).map(
          value => (Number(value) & Number(this.literal(operand.by, operand.of))) >>> 0,
        )
      case 'call': {
        const values = this.operand(operand.of)
        if (operand.name === 'count') return values.length === 0 ? [] : [values.length]
        if (operand.name === 'len') return values.map(value => String(value).length)
        const change = operand.name === 'lower' ? lower : upper
        return values.map(value => change(String(value)))
      }
      default:
        return this.field(operand.text)
    }
  }

  private literal(operand: Operand, beside: Operand): Value {
    const text = 'text' in operand ? operand.text : ''
    const name = nameIn(beside)
    if (isNumeric(beside)) {
      if (!('text' in beside)) return Number(text)
      if (name === 'mqtt.from') return SENDERS.indexOf(text)
      if (name === 'mqtt.version') return VERSIONS[text] ?? -1
      if (name === 'mqtt.finding.level') return LEVELS.indexOf(text)
      if (name === 'mqtt.msgtype' && TYPES.includes(text)) return TYPES.indexOf(text)
      if (name.startsWith('ip.')) return text.split('.').reduce((sum, part) => sum * 256 + Number(part), 0)
      return Number(text)
    }
    if (operand.kind === 'word' && (beside.kind === 'slice' || !IS_TEXT.test(name)))
      return Buffer.from(text.replaceAll(':', ''), 'hex').toString('latin1')
    return utf8(text)
  }

  private field(name: string): readonly Value[] {
    const { record } = this
    const { raw, stream } = record
    if (name === 'mqtt.client_address') return stream.proxy?.client === undefined ? [] : [utf8(stream.proxy.client)]
    if (name === 'mqtt.client') return stream.clientId === undefined ? [] : [utf8(stream.clientId)]
    if (name === 'mqtt.from') return [SENDERS.indexOf(stream.senderOf(record.side))]
    if (name === 'mqtt.version') return [record.version]
    if (name === 'mqtt.finding.level') return findingsOf(record).map(({ level }) => LEVELS.indexOf(level))
    if (name === 'frame.number') return [raw.frame.number]
    if (name === 'frame.len') return [raw.frame.wireSize]
    if (name === 'tcp.stream') return [stream.flow.index]
    if (name === 'tcp.port') return [...this.nodes('tcp.srcport'), ...this.nodes('tcp.dstport')]
    if (name === 'ip.addr') return [...this.nodes('ip.src'), ...this.nodes('ip.dst')]
    if (name === 'mqtt.payload') return this.field('mqtt.msg')
    if (name === 'mqtt.msg' && raw.readable < raw.end) return []
    if (name === 'mqtt.topic_resolved') return record.type === PUBLISH ? this.field('mqtt.topic') : []
    const values = this.nodes(name)
    const isAliased = name === 'mqtt.topic' && values.length === 0 && record.aliasTopic !== undefined
    return isAliased ? [utf8(record.aliasTopic ?? '')] : values
  }

  private nodes(name: string): readonly Value[] {
    return this.layers.flatMap(({ root, bytes }) => {
      const found: Value[] = []
      visit(root, node => {
        const { field, start, end, value } = node
        if (field.name !== name && field.also?.name !== name) return
        const isBytes = field.kind === 'text' || field.kind === 'bytes' || field.kind === 'mac'
        found.push(isBytes ? latin1(bytes.subarray(start, end)) : value)
      })
      return found
    })
  }
}

function visit(node: Node, see: (node: Node) => void): void {
  see(node)
  for (const child of node.children) visit(child, see)
}

const nameIn = (operand: Operand): string => ('text' in operand ? operand.text : nameIn(operand.of))

function isNumeric(operand: Operand): boolean {
  if (operand.kind === 'mask') return true
  if (operand.kind === 'call') return operand.name === 'len' || operand.name === 'count'
  if (operand.kind === 'slice') return false
  return !IS_TEXT.test(operand.text) && !IS_BYTES.test(operand.text)
}

/** Of bytes the longer ones are the greater; text is compared by its bytes. */
function sign(a: Value, b: Value, beside: Operand): number {
  const isBytes = beside.kind === 'slice' || IS_BYTES.test(nameIn(beside))
  if (isBytes && typeof a === 'string' && typeof b === 'string' && a.length !== b.length) return a.length - b.length
  return a < b ? -1 : a > b ? 1 : 0
}

const lower = (text: string): string => text.replace(/[A-Z]/g, letter => letter.toLowerCase())
const upper = (text: string): string => text.replace(/[a-z]/g, letter => letter.toUpperCase())

function slice(text: string, ranges: readonly SliceRange[]): readonly string[] {
  const places = [...text].map((_, at) => at)
  const parts = ranges.map(({ from, size, to }) => {
    const start = from < 0 ? text.length + from : from
    const last = to === undefined ? start + (size ?? text.length - start) - 1 : to < 0 ? text.length + to : to
    const wanted = Array.from({ length: Math.max(0, last - start + 1) }, (_, at) => start + at)
    return wanted.length > 0 && wanted.every(at => places.includes(at)) ? text.slice(start, last + 1) : undefined
  })
  return parts.includes(undefined) ? [] : [parts.join('')]
}

/** MQTT 5 §4.7, level by level. */
function isLike(topic: string, filter: string): boolean {
  if (topic.startsWith('$') && /^[+#]/.test(filter)) return false
  const [levels, wanted] = [topic.split('/'), filter.split('/')]
  for (const [at, level] of wanted.entries()) {
    if (level === '#') return levels.length >= at
    if (at >= levels.length || (level !== '+' && level !== levels[at])) return false
  }
  return levels.length === wanted.length
}

export const bytesOf = (text: string): string => hex(Buffer.from(text)).replace(/(..)(?=.)/g, '$1:')
