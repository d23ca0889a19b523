import { mkdtempSync, openSync, readFileSync, readSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { readReason, writeReason } from '../../src/base/system-reason.ts'

const folder = mkdtempSync(join(tmpdir(), 'mqtt-sniff-reason-'))
afterAll(() => rmSync(folder, { recursive: true }))

function causeOf(action: () => void): unknown {
  try {
    action()
  } catch (cause) {
    return cause
  }
  return undefined
}

test('what the system says, in words', () => {
  expect(readReason(causeOf(() => readFileSync(join(folder, 'none'))))).toBe('no such file')
  expect(writeReason(causeOf(() => writeFileSync(join(folder, 'none', 'file'), '')))).toBe('no such folder')
  expect(readReason(causeOf(() => readSync(openSync(folder, 'r'), new Uint8Array(1))))).toBe('it is a folder')
  writeFileSync(join(folder, 'file'), '')
  expect(readReason(causeOf(() => readFileSync(join(folder, 'file', 'below'))))).toBe(
    'a part of the path is not a folder',
  )
  expect(writeReason(causeOf(() => writeFileSync(join(folder, 'n'.repeat(300)), '')))).toBe('the name is too long')
})

test('an error without a known code keeps its text', () => {
  expect(readReason(new Error('the end'))).toBe('the end')
  expect(readReason(Object.assign(new Error('odd'), { code: 'constructor' }))).toBe('odd')
  expect(writeReason('text')).toBe('text')
})
