/** What `-T ndjson` writes of a conversation, each record held against the schema. */
import { readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { expect } from 'vitest'
import { NdjsonExporter } from '../../src/export/ndjson.ts'
import { type Conversation, type ConversationParts, written } from './conversation.ts'

export type Json = Record<string, unknown>

const schema = JSON.parse(readFileSync(new URL('../../src/export/ndjson.schema.json', import.meta.url), 'utf8')) as Json

const ajv = new Ajv2020({ strict: true, strictRequired: false, allowUnionTypes: true, strictTuples: false })
const validate = ajv.compile(schema)

/** Fails the test where the record is not what the schema says. */
export function expectValid(record: Json): void {
  if (!validate(record)) expect.fail(`${ajv.errorsText(validate.errors)}\n${JSON.stringify(record)}`)
}

/** Bytes that a terminal may act on: none of them may stand in a line. */
const HARMFUL = /[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\u061c\ufeff]/

export interface JsonOptions extends ConversationParts {
  readonly redact?: boolean
}

export function recordsOf(talk: (conversation: Conversation) => void, options: JsonOptions = {}): Json[] {
  const text = written(write => new NdjsonExporter({ redact: options.redact ?? false }, write), talk, options)
  const lines = text.split('\n')
  expect(lines.pop()).toBe('')
  return lines.map(line => {
    expect(line).not.toMatch(HARMFUL)
    const record = JSON.parse(line) as Json
    expectValid(record)
    return record
  })
}

/** Keys that every packet has, whatever it is. */
const COMMON = ['record', 'packet', 'frame', 'time', 'stream', 'client', 'src', 'dst', 'from', 'version', 'versionFrom']

/** The last record, without what every packet has. */
export function lastOf(talk: (conversation: Conversation) => void, options: JsonOptions = {}): Json {
  const record = recordsOf(talk, options).at(-1) ?? {}
  return Object.fromEntries(Object.entries(record).filter(([key]) => !COMMON.includes(key)))
}
