import {
  closeSync,
  existsSync,
  fstatSync,
  mkdtempSync,
  readdirSync,
  readSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { openScratch } from '../../../src/capture/sources/scratch.ts'

const home = mkdtempSync(join(tmpdir(), 'mqtt-sniff-test-'))
afterAll(() => rmSync(home, { recursive: true, force: true }))

describe('a scratch file', () => {
  test('has no name from the beginning, can be written and read, and is for its owner alone', () => {
    const { fd, forget } = openScratch(home, false)
    expect(readdirSync(home)).toEqual([])
    writeSync(fd, Uint8Array.of(1, 2, 3))
    const bytes = new Uint8Array(3)
    expect(readSync(fd, bytes, 0, 3, 0)).toBe(3)
    expect([...bytes]).toEqual([1, 2, 3])
    expect(fstatSync(fd).mode & 0o077).toBe(0)
    closeSync(fd)
    forget()
    expect(readdirSync(home)).toEqual([])
  })

  test('where open files keep their names, goes when it is forgotten', () => {
    const { fd, forget } = openScratch(home, true)
    const [folder = ''] = readdirSync(home)
    expect(statSync(join(home, folder)).mode & 0o077).toBe(0)
    closeSync(fd)
    forget()
    expect(existsSync(join(home, folder))).toBe(false)
  })

  test('a folder that is not there is told', () => {
    expect(() => openScratch(join(home, 'missing'))).toThrow(/ENOENT/)
  })
})
