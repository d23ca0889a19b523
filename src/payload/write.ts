/** Listens to a decoder and writes the values as one line of JSON; what JSON lacks is written as an object with a `$` key. */
import { base64 } from '../base/strings.ts'
import type { GroupKind, MarkName, ValueSink } from './decoder.ts'

/** An open group: its keys, as JSON text, and its values; a map that JSON cannot hold becomes a list of pairs. */
class Group {
  private readonly kind: GroupKind
  private readonly keys: string[] = []
  private readonly values: string[] = []
  private readonly seen = new Set<string>()
  /** True while each key is a text that comes once and does not begin with `$`. */
  private isPlain = true
  /** True if the next value is a key. */
  private awaitsKey = false

  constructor(kind: GroupKind) {
    this.kind = kind
  }

  addKey(text: string | undefined): void {
    if (text === undefined) {
      this.isPlain = false
      this.awaitsKey = true
      return
    }
    if (text.startsWith('$') || this.seen.has(text)) this.isPlain = false
    this.seen.add(text)
    this.keys.push(JSON.stringify(text))
  }

  addValue(json: string): void {
    if (this.awaitsKey) this.keys.push(json)
    else this.values.push(json)
    this.awaitsKey = false
  }

  json(): string {
    const { keys, values } = this
    if (this.kind === 'array') return `[${values.join(',')}]`
    if (this.isPlain) return `{${values.map((value, index) => `${keys[index]}:${value}`).join(',')}}`
    return `{"$map":[${values.map((value, index) => `[${keys[index]},${value}]`).join(',')}]}`
  }
}

export class JsonWriter implements ValueSink {
  /** The fault that ended the walk; undefined while there is none. */
  error: { readonly message: string; readonly at: number } | undefined = undefined
  private readonly source: Uint8Array
  private readonly groups: Group[] = []
  /** Numbers of the tags before the next value, the outermost first, and those of the groups around. */
  private tags: string[] = []
  private readonly outerTags: string[][] = []
  private result = ''

  /** `source`: the bytes that are decoded. */
  constructor(source: Uint8Array) {
    this.source = source
  }

  /** Returns the JSON of the value that was announced; empty if none was. */
  json(): string {
    return this.result
  }

  open(kind: GroupKind): void {
    this.groups.push(new Group(kind))
    this.outerTags.push(this.tags)
    this.tags = []
  }

  close(): void {
    const group = this.groups.pop()
    this.tags = this.outerTags.pop() ?? []
    if (group !== undefined) this.add(group.json())
  }

  key(_start: number, _end: number, text: string | undefined): void {
    this.groups.at(-1)?.addKey(text)
  }

  number(text: string): void {
    const isNumber = text !== 'NaN' && !text.endsWith('Infinity')
    this.add(isNumber ? text : `{"$number":"${text}"}`)
  }

  literal(text: string): void {
    this.add(text)
  }

  text(_start: number, _end: number, value: string): void {
    this.add(JSON.stringify(value))
  }

  bytes(start: number, end: number, value?: Uint8Array): void {
    const text = value === undefined ? base64(this.source, start, end) : base64(value, 0, value.length)
    this.add(`{"$base64":"${text}"}`)
  }

  mark(name: MarkName, value: string, start: number, end: number): void {
    if (name === 'undefined') this.add('{"$undefined":true}')
    else if (name === 'simple') this.add(`{"$simple":${value}}`)
    else if (name === 'ext') this.add(`{"$ext":${value},"base64":"${base64(this.source, start, end)}"}`)
    else this.add(`{"$${name}":${JSON.stringify(value)}}`)
  }

  tag(number: string): void {
    this.tags.push(number)
  }

  fault(message: string, at: number): void {
    this.error ??= { message, at }
  }

  private add(json: string): void {
    let value = json
    for (let tag = this.tags.pop(); tag !== undefined; tag = this.tags.pop()) value = `{"$tag":${tag},"value":${value}}`
    const group = this.groups.at(-1)
    if (group === undefined) this.result = value
    else group.addValue(value)
  }
}
