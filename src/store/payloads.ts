/** The payloads of a record, with what a rule may ask about them; and what comes of them when they are decoded. */
import type { Field, FieldSink } from '../base/field.ts'
import { decodeText, utf8 } from '../base/strings.ts'
import { MSG, PROPERTY_FIELDS, TOPIC, WILL_PROPERTIES_GROUP, WILLMSG, WILLTOPIC } from '../mqtt/fields.ts'
import { CONNECT, PropertyId, PUBLISH } from '../mqtt/spec.ts'
import { filterFault, matchesFilter } from '../mqtt/topic.ts'
import type { ValueSink } from '../payload/decoder.ts'
import { SPARKPLUG_DECODER } from '../payload/decoders.ts'
import { type Path, PathReader, type PathValue } from '../payload/path.ts'
import { type Choice, Chooser, type PayloadFacts, type Rule, RuleError } from '../payload/rules.ts'
import type { Births } from '../payload/sparkplug.ts'
import { type Unpack, unpacked } from '../payload/unpack.ts'
import { JsonWriter } from '../payload/write.ts'
import type { PacketRecord } from './record.ts'

/** Most bytes of a payload that are decoded; a longer one is an error of its decoder. */
export const MOST_DECODED = 1024 * 1024

/** A payload in `record.raw.bytes`. */
export interface FoundPayload extends PayloadFacts {
  readonly field: Field
  /** Bytes that the payload has on the wire. */
  readonly size: number
  readonly isWhole: boolean
  /** What the names of metrics are looked up in, for a message of Sparkplug B. */
  readonly births: Births | undefined
}

/** True if a topic filter matches a topic, by the rules of MQTT. */
function matchesTopic(filter: string, topic: string): boolean {
  const [pattern, name] = [utf8(filter), utf8(topic)]
  return matchesFilter(pattern, 0, pattern.length, name, 0, name.length)
}

/** Makes a chooser of the user's rules. Throws a RuleError if a topic filter breaks the rules of MQTT. */
export function chooserOf(rules: readonly Rule[], isAuto: boolean): Chooser {
  for (const { topic } of rules) {
    if (topic === undefined) continue
    const bytes = utf8(topic)
    if (bytes.length === 0 || filterFault(bytes, 0, bytes.length) !== 0)
      throw new RuleError(`topic=${topic} is not a topic filter`)
  }
  return new Chooser(rules, isAuto, matchesTopic)
}

/** The built-in rules alone. */
export const AUTO_CHOOSER = new Chooser([], true, matchesTopic)

const CONTENT_TYPE = PROPERTY_FIELDS[PropertyId.contentType]

/** Walks a packet for its payload, and for the topic and content type that belong to it. */
class PayloadFinder implements FieldSink {
  topic: string | undefined = undefined
  contentType: string | undefined = undefined
  found: Field | undefined = undefined
  start = 0
  end = 0
  private bytes: Uint8Array = new Uint8Array(0)
  /** True behind the start of the will's properties: those of the packet come before. */
  private isOfWill = false
  private wantsWill = false

  find(record: PacketRecord): boolean {
    this.bytes = record.raw.bytes
    this.topic = this.contentType = this.found = undefined
    this.isOfWill = false
    this.wantsWill = record.type === CONNECT
    record.walk(this)
    return this.found !== undefined
  }

  field(field: Field, start: number, end: number): void {
    if (field === TOPIC || field === WILLTOPIC) this.topic = decodeText(this.bytes, start, end)
    else if (field === CONTENT_TYPE) {
      if (this.isOfWill === this.wantsWill) this.contentType = decodeText(this.bytes, start, end)
    } else if (field === MSG || field === WILLMSG) {
      this.found = field
      this.start = start
      this.end = end
    }
  }

  open(field: Field): void {
    if (field === WILL_PROPERTIES_GROUP) this.isOfWill = true
  }

  close(): void {}

  fault(): void {}
}

const finder = new PayloadFinder()

/** Returns the payload of a PUBLISH or of the will in a CONNECT; undefined if there is none, or it is empty. */
export function payloadOf(record: PacketRecord): FoundPayload | undefined {
  const { type, raw, stream } = record
  if ((type !== PUBLISH && type !== CONNECT) || !finder.find(record)) return undefined
  const { start, end, contentType, found: field } = finder
  if (field === undefined || start >= end) return undefined
  const size = type === PUBLISH ? raw.end - start : end - start
  const topic = record.aliasTopic ?? finder.topic
  const isWhole = raw.readable >= raw.end
  return {
    field,
    topic,
    contentType,
    client: stream.clientId,
    bytes: raw.bytes,
    start,
    end,
    size,
    isWhole,
    births: record.births,
  }
}

/** What came of a payload: its bytes as the decoder reads them, or why it was not decoded. */
type Opened = { readonly bytes: Uint8Array; readonly start: number; readonly end: number } | Fault

/** Why a payload has no value, and at which of its bytes that is seen. */
interface Fault {
  readonly fault: string
  readonly at: number
}

export class PayloadReader {
  chooser: Chooser
  private readonly unpack: Unpack

  constructor(chooser: Chooser, unpack: Unpack) {
    this.chooser = chooser
    this.unpack = unpack
  }

  choose(payload: FoundPayload): Choice | undefined {
    return this.chooser.choose(payload)
  }

  /** Announces the values of a payload. Places are those in `opened.bytes`, which is not the packet if it was packed. */
  decode(payload: FoundPayload, { decoder, packings }: Choice, sinkOf: (bytes: Uint8Array) => ValueSink): Opened {
    const opened = this.open(payload, packings)
    if (decoder === SPARKPLUG_DECODER) SPARKPLUG_DECODER.births = payload.births
    if (!('fault' in opened)) decoder.decode(opened.bytes, opened.start, opened.end, sinkOf(opened.bytes))
    return opened
  }

  /** Returns `{"as":"cbor","by":"rule","value":…}` as JSON, or with `error` in place of the value. */
  json(payload: FoundPayload, choice: Choice): string {
    const head = `{"as":${JSON.stringify(nameOf(choice))},"by":"${choice.by}"`
    const value = this.written(payload, choice)
    return 'fault' in value ? `${head},"error":${errorText(value.fault, value.at)}}` : `${head},"value":${value.json}}`
  }

  private written(payload: FoundPayload, choice: Choice): { readonly json: string } | Fault {
    let writer = new JsonWriter(payload.bytes)
    const opened = this.decode(payload, choice, bytes => {
      writer = new JsonWriter(bytes)
      return writer
    })
    if ('fault' in opened) return opened
    const { error } = writer
    if (error !== undefined) return { fault: error.message, at: error.at - opened.start }
    const isJson = choice.decoder.name === 'json'
    return { json: isJson ? jsonAsSent(opened.bytes, opened.start, opened.end) : writer.json() }
  }

  /** Returns the value of a packet's payload as JSON; undefined if no rule is for it, or it does not fit its decoder. */
  valueJson(record: PacketRecord): string | undefined {
    const payload = payloadOf(record)
    const choice = payload === undefined ? undefined : this.choose(payload)
    if (payload === undefined || choice === undefined) return undefined
    const value = this.written(payload, choice)
    return 'fault' in value ? undefined : value.json
  }

  /** Returns the values at a path; of a payload that no rule decodes, those of its text. */
  values(payload: FoundPayload, path: Path): readonly PathValue[] {
    if (!payload.isWhole) return NONE
    const choice = this.choose(payload)
    if (choice === undefined) return path.steps.length === 0 ? textValues(payload) : NONE
    const reader = new PathReader(path)
    this.decode(payload, choice, () => reader)
    return reader.values
  }

  /** Returns the values at a path as text; of a payload that no rule decodes, its text. */
  texts(payload: FoundPayload, path: Path): readonly string[] {
    if (!payload.isWhole) return []
    const choice = this.choose(payload)
    if (choice === undefined)
      return path.steps.length === 0 ? [decodeText(payload.bytes, payload.start, payload.end)] : []
    const reader = new PathReader(path)
    this.decode(payload, choice, () => reader)
    return reader.texts
  }

  /** Returns `gzip+json` and why the payload could not be decoded; undefined for what there is not. */
  describe(payload: FoundPayload): { readonly as: string | undefined; readonly error: string | undefined } {
    const choice = this.choose(payload)
    if (choice === undefined) return { as: undefined, error: undefined }
    const writer = new FaultListener()
    const opened = this.decode(payload, choice, () => writer)
    return { as: nameOf(choice), error: 'fault' in opened ? opened.fault : writer.message }
  }

  private open({ bytes, start, end, size, isWhole }: FoundPayload, packings: Choice['packings']): Opened {
    if (!isWhole) return { fault: `${end - start} of ${size} bytes were captured`, at: end - start }
    if (size > MOST_DECODED) return { fault: `it has more than ${MOST_DECODED} bytes`, at: 0 }
    if (packings.length === 0) return { bytes, start, end }
    const inner = unpacked(packings, bytes.subarray(start, end), this.unpack)
    return 'fault' in inner ? { ...inner, at: 0 } : { bytes: inner.bytes, start: 0, end: inner.bytes.length }
  }
}

/** Hears nothing but the fault. */
class FaultListener implements ValueSink {
  message: string | undefined = undefined
  open(): void {}
  close(): void {}
  key(): void {}
  number(): void {}
  literal(): void {}
  text(): void {}
  bytes(): void {}
  mark(): void {}
  tag(): void {}

  fault(message: string): void {
    this.message ??= message
  }
}

const NONE: readonly PathValue[] = []

export const nameOf = ({ decoder, packings }: Choice): string => [...packings, decoder.name].join('+')

const errorText = (message: string, offset: number): string => JSON.stringify({ message, offset })

/** JSON keeps the digits, the keys and their order as they were sent; line breaks between tokens become blanks. */
const jsonAsSent = (bytes: Uint8Array, start: number, end: number): string =>
  decodeText(bytes, start, end)
    .replace(/[\r\n\t]/g, ' ')
    .trim()

const NUMBER = /^\s*-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?\s*$/

/** A text that is one JSON number counts as that number, too. */
function textValues({ bytes, start, end }: FoundPayload): readonly PathValue[] {
  const text = bytes.subarray(start, end)
  if (end - start > MOST_NUMBER) return [text]
  const written = decodeText(bytes, start, end)
  return NUMBER.test(written) ? [Number(written), text] : [text]
}

/** Most bytes of a text that may be a number. */
const MOST_NUMBER = 400
