/**
 * Chooses the decoder of a payload by rules that can be named: those of the user, then, where they are wanted, the built-in
 * ones (`auto`). No decoder is ever tried to see whether it fits: what looks like JSON must be JSON from its first to its last byte.
 */

import { CBOR_DECODER } from './cbor.ts'
import type { PayloadDecoder } from './decoder.ts'
import { DECODER_NAMES, decoderNamed, SPARKPLUG_DECODER } from './decoders.ts'
import { beginsLikeJson, JSON_DECODER } from './json.ts'
import { MSGPACK_DECODER } from './msgpack.ts'
import { MOST_PACKINGS, PACKINGS, type Packing } from './unpack.ts'
import { textOf } from './wire.ts'

/** What a decoder is chosen by, for the reader. */
export type ChosenBy = 'rule' | 'topic' | 'content-type' | 'content'

export interface Choice {
  readonly decoder: PayloadDecoder
  /** What is undone first, the outermost packing first. */
  readonly packings: readonly Packing[]
  readonly by: ChosenBy
}

/** What is known of a payload before it is decoded; undefined for what the capture does not show. */
export interface PayloadFacts {
  readonly topic: string | undefined
  /** The property Content Type of MQTT 5. */
  readonly contentType: string | undefined
  readonly client: string | undefined
  readonly bytes: Uint8Array
  readonly start: number
  readonly end: number
}

/** One rule of the user: every condition that is given must hold. */
export interface Rule {
  /** A topic filter with + and #. */
  readonly topic?: string
  /** A content type; `*` at its end stands for any rest. */
  readonly type?: string
  /** A client id; `*` at its end stands for any rest. */
  readonly client?: string
  readonly decoder: PayloadDecoder
  readonly packings: readonly Packing[]
}

/** True if a topic filter matches a topic: given by who knows MQTT. */
export type MatchesTopic = (filter: string, topic: string) => boolean

/** A rule that cannot be understood. The message is a sentence without a full stop. */
export class RuleError extends Error {
  override readonly name = 'RuleError'
}

/** Returns the decoder of a message of a protobuf schema; undefined if the schema was not read. Given by who reads files. */
export type Schemas = (schema: string, message: string) => PayloadDecoder | undefined

const NO_SCHEMAS: Schemas = () => undefined

const KEYS = ['topic', 'type', 'client', 'as', 'schema']
/** A comma separates only if a key follows: topics and client ids may hold commas. */
const SEPARATOR = /,(?=[a-z]+=)/

/** Reads `topic=plant/#,as=gzip+json`. Throws a RuleError. */
export const readRule = (text: string, schemas = NO_SCHEMAS): Rule => ruleOf(partsOf(text), schemas)

/** Returns the parts of a rule by their keys. Throws a RuleError. */
export function partsOf(text: string): ReadonlyMap<string, string> {
  const parts = new Map<string, string>()
  for (const part of text.split(SEPARATOR)) {
    const at = part.indexOf('=')
    const key = part.slice(0, Math.max(0, at))
    if (!KEYS.includes(key)) throw new RuleError(`"${part}": use ${KEYS.map(name => `${name}=…`).join(', ')}`)
    if (parts.has(key)) throw new RuleError(`${key} is given twice`)
    parts.set(key, part.slice(at + 1))
  }
  return parts
}

/** Makes a rule of its conditions and of `as`. Throws a RuleError. */
export function ruleOf(parts: ReadonlyMap<string, string>, schemas = NO_SCHEMAS): Rule {
  const as = parts.get('as')
  if (as === undefined || as === '') throw new RuleError('as=DECODER is missing')
  const unknown = [...parts.keys()].find(key => !KEYS.includes(key))
  if (unknown !== undefined) throw new RuleError(`there is no condition ${unknown}: use ${KEYS.join(', ')}`)
  const notConditions = parts.has('schema') ? ['as', 'schema', 'type'] : ['as']
  const conditions = [...parts].filter(([key]) => !notConditions.includes(key))
  if (conditions.length === 0) throw new RuleError('a rule needs a condition: topic=, type= or client=')
  return { ...Object.fromEntries(conditions), ...(bySchema(parts, as, schemas) ?? decodingOf(as)) }
}

type Decoding = Pick<Rule, 'decoder' | 'packings'>

/** Returns the decoder of a rule with a schema, in which `type` names the message; undefined for all other decoders. */
function bySchema(parts: ReadonlyMap<string, string>, as: string, schemas: Schemas): Decoding | undefined {
  const schema = parts.get('schema')
  const words = as.split('+')
  if (words.pop() !== 'protobuf') {
    if (schema !== undefined) throw new RuleError('schema= is for as=protobuf')
    return undefined
  }
  const message = parts.get('type')
  if (!schema || !message) throw new RuleError('as=protobuf needs schema=FILE and type=MESSAGE')
  const decoder = schemas(schema, message)
  if (decoder === undefined) throw new RuleError(`the schema ${schema} was not read`)
  return { decoder, packings: packingsOf(words) }
}

/** Reads `json`, or `gzip+json`. Throws a RuleError. */
export function decodingOf(text: string): { readonly decoder: PayloadDecoder; readonly packings: readonly Packing[] } {
  const words = text.split('+')
  const name = words.pop() ?? ''
  const decoder = decoderNamed(name)
  if (decoder === undefined) throw new RuleError(`there is no decoder ${name}: use ${DECODER_NAMES.join(', ')}`)
  return { decoder, packings: packingsOf(words) }
}

function packingsOf(words: readonly string[]): readonly Packing[] {
  const unknown = words.find(word => !PACKINGS.includes(word as Packing))
  if (unknown !== undefined) throw new RuleError(`there is no packing ${unknown}: use ${PACKINGS.join(', ')}`)
  if (words.length > MOST_PACKINGS) throw new RuleError(`at most ${MOST_PACKINGS} packings are undone`)
  return words as readonly Packing[]
}

/** The rules in force: those of the user, the first that matches; then the built-in ones. */
export class Chooser {
  private readonly rules: readonly Rule[]
  private readonly isAuto: boolean
  private readonly matchesTopic: MatchesTopic

  constructor(rules: readonly Rule[], isAuto: boolean, matchesTopic: MatchesTopic) {
    this.rules = rules
    this.isAuto = isAuto
    this.matchesTopic = matchesTopic
  }

  /** Returns the decoder of a payload; undefined if no rule is for it. */
  choose(facts: PayloadFacts): Choice | undefined {
    const rule = this.rules.find(one => this.holds(one, facts))
    if (rule !== undefined) return { decoder: rule.decoder, packings: rule.packings, by: 'rule' }
    return this.isAuto ? autoChoice(facts) : undefined
  }

  /** The same rules with another one before them. */
  with(rule: Rule): Chooser {
    return new Chooser([rule, ...this.rules], this.isAuto, this.matchesTopic)
  }

  private holds({ topic, type, client }: Rule, facts: PayloadFacts): boolean {
    if (topic !== undefined && !(facts.topic !== undefined && this.matchesTopic(topic, facts.topic))) return false
    return fits(type?.toLowerCase(), plainType(facts.contentType)) && fits(client, facts.client)
  }
}

/** A pattern with `*` at its end, or the text itself; no pattern fits all. */
function fits(pattern: string | undefined, text: string | undefined): boolean {
  if (pattern === undefined) return true
  if (text === undefined) return false
  return pattern.endsWith('*') ? text.startsWith(pattern.slice(0, -1)) : text === pattern
}

/** A media type without its parameters, in lower case. */
const plainType = (type: string | undefined): string | undefined => type?.split(';')[0]?.trim().toLowerCase()

const chosen = (decoder: PayloadDecoder, by: ChosenBy): Choice => ({ decoder, packings: [], by })

function autoChoice(facts: PayloadFacts): Choice | undefined {
  const { topic, contentType } = facts
  if (topic?.startsWith('spBv1.0/')) {
    const ofSparkplug = sparkplugChoice(topic)
    if (ofSparkplug !== undefined) return ofSparkplug
  }
  if (contentType !== undefined) return typeChoice(plainType(contentType) ?? '')
  return beginsLikeJson(facts.bytes, facts.start, facts.end) && isJson(facts)
    ? chosen(JSON_DECODER, 'content')
    : undefined
}

const SPARKPLUG = /^spBv1\.0\/[^/]+\/(?:NBIRTH|NDEATH|DBIRTH|DDEATH|NDATA|DDATA|NCMD|DCMD)\//
const SPARKPLUG_STATE = /^spBv1\.0\/STATE\//

function sparkplugChoice(topic: string): Choice | undefined {
  if (SPARKPLUG_STATE.test(topic)) return chosen(JSON_DECODER, 'topic')
  return SPARKPLUG.test(`${topic}/`) ? chosen(SPARKPLUG_DECODER, 'topic') : undefined
}

/** Any other type is a payload that nobody is to decode, JSON or not. */
function typeChoice(type: string): Choice | undefined {
  if (type === 'application/json' || type.endsWith('+json')) return chosen(JSON_DECODER, 'content-type')
  if (type === 'application/cbor' || type.endsWith('+cbor')) return chosen(CBOR_DECODER, 'content-type')
  return /^application\/(?:vnd\.|x-)?msgpack$/.test(type) ? chosen(MSGPACK_DECODER, 'content-type') : undefined
}

/** True if the bytes are one JSON text: the engine's own reader is several times as fast as a walk that announces values. */
function isJson({ bytes, start, end }: PayloadFacts): boolean {
  const text = textOf(bytes, start, end)
  if (text === undefined) return false
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
