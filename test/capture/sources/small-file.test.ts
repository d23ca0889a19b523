import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { MOST_SMALL_BYTES, readSmallFile } from '../../../src/capture/sources/small-file.ts'

const home = mkdtempSync(join(tmpdir(), 'mqtt-sniff-test-'))
afterAll(() => rmSync(home, { recursive: true, force: true }))

const made = (name: string, size: number): string => {
  const path = join(home, name)
  writeFileSync(path, 'x'.repeat(size))
  return path
}

describe('readSmallFile', () => {
  test.each([0, 1, 5000, MOST_SMALL_BYTES])('%i bytes are read whole', size => {
    expect(readSmallFile(made(`of-${size}`, size)).toString()).toBe('x'.repeat(size))
  })

  test('one byte too many is told', () => {
    expect(() => readSmallFile(made('large', MOST_SMALL_BYTES + 1))).toThrow(/has more than 65536 bytes/)
    expect(readSmallFile(made('larger', 70_000), 100_000)).toHaveLength(70_000)
  })

  test('what never ends is not read: a device, a named pipe, a folder', () => {
    const pipe = join(home, 'pipe')
    execFileSync('mkfifo', [pipe])
    for (const name of ['/dev/zero', pipe, home]) expect(() => readSmallFile(name)).toThrow(/is not a regular file/)
  })

  test('what is not there is told with the code of the system', () => {
    expect(() => readSmallFile(join(home, 'missing'))).toThrow(expect.objectContaining({ code: 'ENOENT' }))
  })
})
