/** Holds records of the reports against their schema. */
import { readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { expect } from 'vitest'

const schema = JSON.parse(
  readFileSync(new URL('../../src/report/report.schema.json', import.meta.url), 'utf8'),
) as Record<string, unknown>

const ajv = new Ajv2020({ strict: true, strictRequired: false, allowUnionTypes: true, strictTuples: false })
const validate = ajv.compile(schema)

export function expectValid(record: unknown): void {
  if (!validate(record)) expect.fail(`${ajv.errorsText(validate.errors)}\n${JSON.stringify(record)}`)
}
