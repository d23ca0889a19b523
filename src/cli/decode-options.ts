/** `--decode`: which payloads are decoded, and how. */
import { existsSync } from 'node:fs'
import { Option } from 'commander'
import { UsageError } from '../base/exit.ts'
import { readReason } from '../base/system-reason.ts'
import { readSmallFile } from '../capture/sources/small-file.ts'
import type { PayloadDecoder } from '../payload/decoder.ts'
import { DECODER_NAMES } from '../payload/decoders.ts'
import { nodeUnpack } from '../payload/node-unpack.ts'
import { partsOf, type Rule, RuleError, readRule, ruleOf, type Schemas } from '../payload/rules.ts'
import { chooserOf, PayloadReader } from '../store/payloads.ts'
import { decodeFile } from '../tui/run/decode-file.ts'

export interface DecodeFlags {
  decode: readonly string[]
  /** Folders in which the imports of schemas are looked for. */
  schemaPath?: readonly string[]
}

/** What was read for the rules before they are made: lists of rules by file, and the schemas that rules name. */
export interface DecodeFiles {
  readonly lists: ReadonlyMap<string, unknown>
  readonly schemas: Schemas
}

const NO_FILES: DecodeFiles = { lists: new Map(), schemas: () => undefined }

export const decodeOptions = (): readonly Option[] => [
  new Option(
    '--decode <rule>',
    `decode payloads: auto, none, a rule such as topic=plant/#,as=gzip+cbor (${DECODER_NAMES.join(', ')}), topic=a,as=protobuf,schema=FILE,type=MESSAGE, or @FILE with rules as JSON; may be repeated, the first rule that matches wins`,
  )
    .argParser((rule: string, before: readonly string[]) => [...before, rule])
    .default([], 'none in output, auto in filters'),
  new Option('--schema-path <folder>', 'look for imports of protobuf schemas here, too; may be repeated')
    .argParser((folder: string, before: readonly string[]) => [...before, folder])
    .default([], 'the folder of the schema'),
]

/** True if a filter or a column may ask for values of payloads. */
export const asksPayloads = (filter = '', fields: readonly string[] = []): boolean =>
  [filter, ...fields].some(text => text.includes('payload'))

/** How payloads are decoded: in filters and columns, and, if it was asked for, in the output. */
export interface Decoding {
  readonly filters: PayloadReader
  readonly output: PayloadReader | undefined
}

/**
 * Returns the readers of payloads that `--decode` asks for. With `isOwn` the rules of the user's own file stand behind those
 * in filters and screens. `files`: of `decodeFiles`. Throws a UsageError for a rule that cannot be understood.
 */
export function decodingOf({ decode }: DecodeFlags, isOwn = false, files = NO_FILES): Decoding {
  const isNone = decode.includes('none')
  if (isNone && decode.length > 1) throw new UsageError('--decode none cannot be combined with other rules')
  const rules = decode.filter(text => text !== 'auto' && text !== 'none').flatMap(text => rulesOf(text, files))
  const isAuto = decode.includes('auto')
  try {
    const output = decode.length === 0 || isNone ? undefined : new PayloadReader(chooserOf(rules, isAuto), nodeUnpack)
    const own = isOwn && !isNone ? ownRules(decodeFile(process.env), files) : []
    return { filters: new PayloadReader(chooserOf([...rules, ...own], !isNone), nodeUnpack), output }
  } catch (cause) {
    throw usage(cause)
  }
}

/** Returns the rules of the user's own file; none where there is no such file. */
function ownRules(file: string, files: DecodeFiles): readonly Rule[] {
  try {
    return existsSync(file) ? rulesIn(file, files) : []
  } catch (cause) {
    throw usage(cause)
  }
}

/**
 * Reads the files that rules name: lists of rules, and schemas, for which a library is loaded. Each is read once. Throws a
 * UsageError.
 */
export async function decodeFiles({ decode, schemaPath = [] }: DecodeFlags, isOwn = false): Promise<DecodeFiles> {
  const own = decodeFile(process.env)
  const lists = new Map<string, unknown>()
  const decoders = new Map<string, PayloadDecoder>()
  for (const text of decode) if (text.startsWith('@')) lists.set(text.slice(1), parsed(text.slice(1)))
  if (isOwn && !decode.includes('none') && existsSync(own)) lists.set(own, parsed(own))
  for (const { schema, type } of schemasIn(decode, lists)) {
    const key = `${schema}\0${type}`
    if (!decoders.has(key)) decoders.set(key, await schemaDecoder(schema, type, schemaPath))
  }
  return { lists, schemas: (schema, type) => decoders.get(`${schema}\0${type}`) }
}

interface NamedSchema {
  readonly schema: string
  readonly type: string
}

/** Schemas that rules name with a message; what is wrong with a rule is found when it is made. */
function schemasIn(decode: readonly string[], lists: ReadonlyMap<string, unknown>): readonly NamedSchema[] {
  const written = decode
    .filter(text => /(?:^|,)schema=/.test(text) && !text.startsWith('@'))
    .map(text => Object.fromEntries(parts(text)))
  const listed = [...lists.values()].flatMap(list => (Array.isArray(list) ? list : []))
  return [...written, ...listed].filter(
    (rule): rule is NamedSchema => typeof rule?.schema === 'string' && typeof rule.type === 'string',
  )
}

function parts(text: string): ReadonlyMap<string, string> {
  try {
    return partsOf(text)
  } catch (cause) {
    throw usage(cause)
  }
}

async function schemaDecoder(schema: string, type: string, folders: readonly string[]): Promise<PayloadDecoder> {
  const { loadProtoType } = await import('./proto-schema.ts')
  const { ProtobufDecoder } = await import('../payload/protobuf.ts')
  return new ProtobufDecoder(await loadProtoType(schema, type, folders))
}

function rulesOf(text: string, files: DecodeFiles): readonly Rule[] {
  try {
    return text.startsWith('@') ? rulesIn(text.slice(1), files) : [readRule(text, files.schemas)]
  } catch (cause) {
    throw usage(cause)
  }
}

const usage = (cause: unknown): unknown =>
  cause instanceof RuleError ? new UsageError(`--decode: ${cause.message}`) : cause

/** Reads a list of rules, each an object such as `{"topic":"plant/#","as":"cbor"}`. */
export function rulesIn(file: string, { lists, schemas } = NO_FILES): readonly Rule[] {
  const list = lists.get(file) ?? parsed(file)
  if (!Array.isArray(list)) throw new RuleError(`${file}: a list of rules is needed`)
  return list.map((entry: unknown, index) => {
    try {
      return ruleOf(new Map(Object.entries(entry ?? {}).map(([key, value]) => [key, String(value)])), schemas)
    } catch (cause) {
      throw cause instanceof RuleError ? new RuleError(`${file}, rule ${index + 1}: ${cause.message}`) : cause
    }
  })
}

function parsed(file: string): unknown {
  try {
    return JSON.parse(readSmallFile(file).toString('utf8'))
  } catch (cause) {
    const why = cause instanceof SyntaxError ? 'it is not JSON' : readReason(cause)
    throw new UsageError(`cannot read the decoder rules in ${file}: ${why}`)
  }
}
