/** What a browser is to run needs nothing of node: it is bundled for one, and runs where node's globals are missing. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { createContext, runInContext } from 'node:vm'
import { build } from 'rolldown'
import { beforeAll, describe, expect, test } from 'vitest'
import * as ours from './support/browser.ts'

const ENTRY = fileURLToPath(new URL('support/browser.ts', import.meta.url))
const TOUR = new Uint8Array(readFileSync(new URL('../samples/tour.pcapng', import.meta.url)))
const PACKETS = 88

let code = ''
let asked: readonly string[] = []

beforeAll(async () => {
  const { output } = await build({
    input: ENTRY,
    platform: 'browser',
    write: false,
    logLevel: 'silent',
    output: { format: 'iife', name: 'ours', comments: false },
  })
  code = output[0].code
  asked = output[0].imports
})

describe('in a browser', () => {
  test('nothing is imported', () => {
    expect(asked).toEqual([])
    expect(code).not.toMatch(/['"]node:|\brequire\(/)
  })

  test('nothing of node is named', () => {
    expect(code.match(/(?<![.\w'"])(Buffer|process|global|__dirname|setImmediate)\b(?=[.([])/g)).toBeNull()
    expect(code.length).toBeGreaterThan(100_000)
  })

  test('the same is told of a capture as in node', () => {
    const context = createContext({ TextDecoder, TextEncoder, TOUR })
    const there = runInContext(`${code}\n;({ outputs: ours.outputs(TOUR), rows: ours.rows(TOUR) })`, context)
    expect(there.rows.all).toBe(PACKETS)
    expect(there.rows.filtered).toBeGreaterThan(0)
    expect(there.rows.filtered).toBeLessThan(PACKETS)
    expect(there.rows).toEqual(ours.rows(TOUR))
    expect(there.outputs).toEqual(ours.outputs(TOUR))
    expect(there.outputs.ndjson).toContain(`"packets":${PACKETS}`)
  })
})
