/** `--decode`: which payloads are decoded, and how. */
import { existsSync } from 'node:fs'
import { Option } from 'commander'
import { UsageError } from '../base/exit.ts'
import { readReason } from '../base/system-reason.ts'
import { readSmallFile } from '../capture/sources/small-file.ts'
import { DECODER_NAMES } from '../payload/decoders.ts'
import { nodeUnpack } from '../payload/node-unpack.ts'
import { type Rule, RuleError, readRule, ruleOf } from '../payload/rules.ts'
import { chooserOf, PayloadReader } from '../store/payloads.ts'
import { decodeFile } from '../tui/run/decode-file.ts'

export interface DecodeFlags {
  decode: readonly string[]
}

export const decodeOptions = (): readonly Option[] => [
  new Option(
    '--decode <rule>',
    `decode payloads: auto, none, a rule such as topic=plant/#,as=gzip+cbor (${DECODER_NAMES.join(', ')}), or @FILE with rules as JSON; may be repeated, the first rule that matches wins`,
  )
    .argParser((rule: string, before: readonly string[]) => [...before, rule])
    .default([], 'none in output, auto in filters'),
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
 * in filters and screens. Throws a UsageError for a rule that cannot be understood.
 */
export function decodingOf({ decode }: DecodeFlags, isOwn = false): Decoding {
  const isNone = decode.includes('none')
  if (isNone && decode.length > 1) throw new UsageError('--decode none cannot be combined with other rules')
  const rules = decode.filter(text => text !== 'auto' && text !== 'none').flatMap(rulesOf)
  const isAuto = decode.includes('auto')
  try {
    const output = decode.length === 0 || isNone ? undefined : new PayloadReader(chooserOf(rules, isAuto), nodeUnpack)
    const own = isOwn && !isNone ? ownRules(decodeFile(process.env)) : []
    return { filters: new PayloadReader(chooserOf([...rules, ...own], !isNone), nodeUnpack), output }
  } catch (cause) {
    throw usage(cause)
  }
}

/** Returns the rules of the user's own file; none where there is no such file. */
function ownRules(file: string): readonly Rule[] {
  try {
    return existsSync(file) ? rulesIn(file) : []
  } catch (cause) {
    throw usage(cause)
  }
}

function rulesOf(text: string): readonly Rule[] {
  try {
    return text.startsWith('@') ? rulesIn(text.slice(1)) : [readRule(text)]
  } catch (cause) {
    throw usage(cause)
  }
}

const usage = (cause: unknown): unknown =>
  cause instanceof RuleError ? new UsageError(`--decode: ${cause.message}`) : cause

/** Reads a list of rules, each an object such as `{"topic":"plant/#","as":"cbor"}`. */
export function rulesIn(file: string): readonly Rule[] {
  const list = parsed(file)
  if (!Array.isArray(list)) throw new RuleError(`${file}: a list of rules is needed`)
  return list.map((entry: unknown, index) => {
    try {
      return ruleOf(new Map(Object.entries(entry ?? {}).map(([key, value]) => [key, String(value)])))
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
