/** Real files that grow, are cut short and replaced while they are read. */
import { execFileSync } from 'node:child_process'
import { appendFileSync, mkdtempSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { KeyLogError, type KeyLogSink, KeyLogs, withKeyLogs } from '../../../src/capture/sources/key-log.ts'
import type { PacketSource } from '../../../src/capture/sources/source.ts'

const folder = mkdtempSync(join(tmpdir(), 'mqtt-sniff-keys-'))
const file = join(folder, 'keys')
afterAll(() => rmSync(folder, { recursive: true }))
beforeEach(() => rmSync(file, { force: true }))

class Heard implements KeyLogSink {
  text = ''
  push(bytes: Uint8Array): void {
    this.text += Buffer.from(bytes).toString()
  }
  restart(): void {
    this.text += '<'
  }
  end(): void {
    this.text += '.'
  }
}

function logsOf(...names: readonly string[]): { logs: KeyLogs; heard: Heard[] } {
  const heard: Heard[] = []
  const logs = new KeyLogs(names, () => {
    const one = new Heard()
    heard.push(one)
    return one
  })
  return { logs, heard }
}

const errorOf = (run: () => void): KeyLogError => {
  try {
    run()
  } catch (cause) {
    if (cause instanceof KeyLogError) return cause
    throw cause
  }
  throw new Error('nothing was wrong')
}

describe('a key log', () => {
  test('is read whole', () => {
    writeFileSync(file, 'x'.repeat(700_000))
    const { logs, heard } = logsOf(file)
    logs.readAll()
    expect(heard[0]?.text).toBe(`<${'x'.repeat(700_000)}.`)
  })

  test('that grows: what is new', () => {
    writeFileSync(file, 'one\n')
    const { logs, heard } = logsOf(file)
    expect(logs.begin()).toEqual([])
    expect(logs.look()).toBe(false)
    appendFileSync(file, 'two\n')
    expect(logs.look()).toBe(true)
    expect(logs.look()).toBe(false)
    expect(heard[0]?.text).toBe('<one\ntwo\n')
  })

  test('that is cut short, or replaced: from its beginning', () => {
    writeFileSync(file, 'one\n')
    const { logs, heard } = logsOf(file)
    logs.begin()
    truncateSync(file)
    logs.look()
    appendFileSync(file, '2\n')
    expect(logs.look()).toBe(true)
    writeFileSync(`${file}.new`, 'another\n')
    renameSync(`${file}.new`, file)
    expect(logs.look()).toBe(true)
    expect(heard[0]?.text).toBe('<one\n<2\n<another\n')
  })

  test('that is not there yet, and that goes away meanwhile', () => {
    const { logs, heard } = logsOf(file)
    expect(logs.begin()).toEqual([`cannot read the key log ${file}: no such file; it is waited for`])
    expect(logs.look()).toBe(false)
    writeFileSync(file, 'one\n')
    expect(logs.look()).toBe(true)
    rmSync(file)
    expect(logs.look()).toBe(false)
    expect(heard[0]?.text).toBe('<one\n')
  })

  test('of more than 4 MiB that grows comes in several looks', () => {
    writeFileSync(file, '')
    const { logs, heard } = logsOf(file)
    logs.begin()
    appendFileSync(file, 'x'.repeat(5_000_000))
    logs.look()
    expect(heard[0]?.text.length).toBeLessThan(4_500_000)
    logs.look()
    expect(heard[0]?.text.length).toBe(5_000_001)
  })
})

describe('what is no key log', () => {
  test('a folder, a device, a pipe', () => {
    const pipe = join(folder, 'pipe')
    execFileSync('mkfifo', [pipe])
    for (const name of [folder, '/dev/zero', pipe]) {
      const cause = errorOf(() => logsOf(name).logs.readAll())
      expect(cause.isUnusable, name).toBe(true)
      expect(errorOf(() => logsOf(name).logs.begin()).isUnusable).toBe(true)
    }
  })

  test.runIf(process.platform === 'linux')('a file that opens and cannot be read', () => {
    const cause = errorOf(() => logsOf('/proc/self/mem').logs.readAll())
    expect(cause).toMatchObject({ isAbsent: false, isUnusable: false })
    expect(cause.message).toBe('cannot read the key log /proc/self/mem: the device reports an error')
    expect(logsOf('/proc/self/mem').logs.look()).toBe(false)
  })

  test('a file that is not there', () => {
    const cause = errorOf(() => logsOf(file).logs.readAll())
    expect(cause).toMatchObject({ isAbsent: true, isUnusable: false })
  })
})

describe('a source with key logs', () => {
  /** Gives a chunk, waits for the test, and gives another. */
  function sourceOf(wait: Promise<void>): PacketSource {
    async function* chunks(): AsyncGenerator<Uint8Array> {
      yield Uint8Array.of(1)
      await wait
      yield Uint8Array.of(2)
    }
    return { [Symbol.asyncIterator]: chunks } as unknown as PacketSource
  }

  test('says that keys came while nothing else does', async () => {
    writeFileSync(file, '')
    const { logs } = logsOf(file)
    logs.begin()
    let goOn = (): void => {}
    const chunks: number[][] = []
    const wait = new Promise<void>(resolve => {
      goOn = resolve
    })
    for await (const chunk of withKeyLogs(sourceOf(wait), logs)) {
      chunks.push([...chunk])
      if (chunks.length === 1) appendFileSync(file, 'keys\n')
      if (chunks.length === 2) goOn()
    }
    expect(chunks).toEqual([[1], [], [2], []])
  })

  test('that ends: what is left is read, however much it is, and a last line needs no end', async () => {
    writeFileSync(file, '')
    const { logs, heard } = logsOf(file)
    logs.begin()
    const chunks: number[][] = []
    for await (const chunk of withKeyLogs(sourceOf(Promise.resolve()), logs)) {
      chunks.push([...chunk])
      if (chunk[0] === 2) appendFileSync(file, `${'x'.repeat(5_000_000)}\nlast`)
    }
    expect(chunks).toEqual([[1], [2], []])
    expect(heard[0]?.text).toMatch(/^<x{5000000}\nlast\.$/)
  })

  test('is the source itself where there are none', () => {
    const source = sourceOf(Promise.resolve())
    expect(withKeyLogs(source, logsOf().logs)).toBe(source)
    expect(withKeyLogs(source, undefined)).toBe(source)
  })
})
