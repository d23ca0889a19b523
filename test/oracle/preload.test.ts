/** The library that is loaded in front of programs without a key log of their own: compiled, and used with mosquitto's. */
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, rmSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { afterAll, afterEach, describe, expect } from 'vitest'
import { Broker } from '../support/broker.ts'
import { folder, killStarted, Sniff, until } from '../support/live.ts'
import { needs } from '../support/tools.ts'

const test = needs('gcc', 'mosquitto', 'mosquitto_pub', 'tcpdump', 'root')
const home = folder()
const certificate = resolve('test', 'support', 'certificates', 'ec.pem')
const key = resolve('test', 'support', 'certificates', 'ec.key')

afterEach(() => killStarted())
afterAll(() => rmSync(home, { recursive: true, force: true }))

describe('extra/sslkeylog.c', () => {
  test('has mosquitto_pub write the keys of its connection', async () => {
    const library = join(home, 'sslkeylog.so')
    execFileSync('gcc', ['-Wall', '-Wextra', '-Werror', '-shared', '-fPIC', '-o', library, 'extra/sslkeylog.c', '-ldl'])
    const broker = await Broker.start('127.0.0.1', [], [`certfile ${certificate}`, `keyfile ${key}`])
    const keyLog = join(home, 'keys')
    const args = ['-i', 'lo', '-f', `tcp port ${broker.port}`, '--keylog', keyLog, '-T', 'ndjson']
    const sniff = await new Sniff(args).ready()
    expect(sniff.errors).toContain('it is waited for')
    const words = [
      '-h',
      '127.0.0.1',
      '-p',
      `${broker.port}`,
      '--cafile',
      certificate,
      '--insecure',
      '-q',
      '1',
      '-t',
      'a',
      '-m',
      'b',
    ]
    const env = { ...process.env, SSLKEYLOGFILE: keyLog, LD_PRELOAD: library }
    expect(spawnSync('mosquitto_pub', words, { env, encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' })
    await until('the client has left', () => sniff.out.includes('"DISCONNECT"'))
    sniff.signal('SIGINT')
    expect(await sniff.ended, sniff.errors).toBe(0)
    broker.stop()
    const types = sniff.records.filter(({ record }) => record === 'packet').map(({ type }) => type)
    expect(types).toEqual(['CONNECT', 'CONNACK', 'PUBLISH', 'PUBACK', 'DISCONNECT'])
    expect(existsSync(keyLog) && statSync(keyLog).mode & 0o777).toBe(0o600)
  })
})
