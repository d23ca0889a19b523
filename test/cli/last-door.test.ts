import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, test } from 'vitest'
import { bugReport } from '../../src/cli/last-door.ts'
import { PROGRAM, Pty } from '../support/pty.ts'
import { sample } from '../support/screens.ts'

const { version } = JSON.parse(readFileSync(fileURLToPath(new URL('../../package.json', import.meta.url)), 'utf8'))
const open: Pty[] = []
afterEach(() => {
  for (const pty of open.splice(0)) pty.close()
})

/** Loaded in front of the program: once somebody watches, something breaks. */
const breaking = (how: string): string =>
  `--import data:text/javascript,${encodeURIComponent(
    `const wait=()=>process.listenerCount('unhandledRejection')>0?(${how}):setImmediate(wait);setImmediate(wait)`,
  )}`
const THROWN = "()=>{throw new TypeError('planted\\x1b[31m')}"
const LATE = `setTimeout(${THROWN},1500).unref()`

const run = (how: string) =>
  spawnSync(process.execPath, [PROGRAM, '-T', 'text', sample('large')], {
    encoding: 'utf8',
    env: { ...process.env, NODE_OPTIONS: breaking(how) },
  })

describe('a fault of the program itself', () => {
  test.each([
    ['thrown', `(${THROWN})()`, /^mqtt-sniff: .*: TypeError: planted\\x1b\[31m\. Please report/m],
    ['rejected', "Promise.reject(new RangeError('planted'))", /: RangeError: planted\. Please report/],
  ] as const)('%s where nobody catches it: one line and code 70', (_, how, line) => {
    const { status, stderr } = run(how)
    expect(stderr).toMatch(line)
    expect(stderr.trim().split('\n')).toHaveLength(1)
    expect(stderr).toContain(`this is a fault of mqtt-sniff ${version}, not of the capture`)
    expect(status).toBe(70)
  })

  test('while the screens are open: the terminal is restored, then the line is written', async () => {
    const pty = new Pty([sample('qos1')], 140, 40, { NODE_OPTIONS: breaking(LATE) })
    open.push(pty)
    await pty.until('help')
    expect((await pty.end()).code).toBe(70)
    expect(pty.isAlternate).toBe(false)
    expect(pty.raw.indexOf('this is a fault of mqtt-sniff')).toBeGreaterThan(pty.raw.lastIndexOf('\x1b[?1049l'))
  })
})

describe('bugReport', () => {
  test('names the version, and how to see more', () => {
    const text = bugReport(new Error('no row'), '9.9.9', false)
    expect(text).toBe(
      'this is a fault of mqtt-sniff 9.9.9, not of the capture: Error: no row. Please report this line and the command; with MQTT_SNIFF_TRACE=1 it prints where',
    )
  })

  test('with a trace: where', () => {
    expect(bugReport(new Error('no row'), '1', true)).toMatch(
      /Please report this line and the command\nError: no row\n +at /,
    )
    expect(bugReport('text', '1', true)).toMatch(/: text\. Please report/)
  })
})
