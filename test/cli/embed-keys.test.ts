/** `--embed-keys`: who has the saved file needs no key log; without it no secret is in any file. */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test as plainTest } from 'vitest'
import { CLI } from '../support/live.ts'
import { needs } from '../support/tools.ts'

const folder = mkdtempSync(join(tmpdir(), 'mqtt-sniff-embed-'))
afterAll(() => rmSync(folder, { recursive: true }))

const SAMPLE = 'samples/tls.pcapng'
const file = (name: string): string => join(folder, name)

function run(...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [CLI, ...args], { encoding: 'utf8' })
  return { status, stdout, stderr, packets: Number(/(\d+) packets/.exec(stderr)?.[1] ?? -1) }
}

/** The secrets of the sample, in hex. */
const secrets = [
  ...readFileSync(SAMPLE)
    .toString('latin1')
    .matchAll(/[0-9a-f]{64,96}(?=\n)/g),
].map(([secret]) => secret)

const holdsSecret = (text: string): boolean => secrets.some(secret => text.includes(secret))

describe('--embed-keys', () => {
  plainTest('the sample has secrets', () => expect(secrets.length).toBeGreaterThan(5))

  plainTest('the saved file opens by itself, and is for its owner alone', () => {
    expect(run('-r', SAMPLE, '--embed-keys', '-w', file('with.pcapng')).status).toBe(0)
    expect(run(file('with.pcapng'), '-T', 'none').packets).toBe(25)
    expect(statSync(file('with.pcapng')).mode & 0o777).toBe(0o600)
  })

  plainTest('not with -Y: secrets without the frames they begin with would open nothing but other copies', () => {
    const { status, stderr } = run('-r', SAMPLE, '-Y', 'publish', '--embed-keys', '-w', file('some.pcapng'))
    expect([status, stderr]).toEqual([
      2,
      'mqtt-sniff: --embed-keys and -Y cannot be combined: the secrets would also open what is left out\n',
    ])
    expect(existsSync(file('some.pcapng'))).toBe(false)
  })

  plainTest('each file of a ring begins with what came so far', () => {
    run('-r', SAMPLE, '-b', 'filesize:4', '--embed-keys', '-w', file('ring.pcapng'))
    const names = readdirSync(folder).filter(name => name.startsWith('ring_'))
    expect(names.length).toBeGreaterThan(1)
    for (const name of names) expect(readFileSync(file(name), 'latin1')).toMatch(/CLIENT_TRAFFIC_SECRET_0/)
  })

  plainTest('it needs -w, and does not go with --redact', () => {
    expect(run('-r', SAMPLE, '--embed-keys')).toMatchObject({
      status: 2,
      stderr: 'mqtt-sniff: --embed-keys needs -w\n',
    })
    expect(run('-r', SAMPLE, '--embed-keys', '-w', file('no.pcapng'), '--redact').status).toBe(2)
  })

  needs('tshark')('tshark opens the saved file without a key log', () => {
    run('-r', SAMPLE, '--embed-keys', '-w', file('theirs.pcapng'))
    const args = ['-r', file('theirs.pcapng'), '-d', 'tls.port==8883,mqtt', '-T', 'fields', '-e', 'mqtt.msgtype']
    const { stdout } = spawnSync('tshark', args, { encoding: 'utf8' })
    expect(stdout.split(/[,\n]/).filter(type => type !== '')).toHaveLength(25)
  })
})

describe('without it', () => {
  plainTest('no secret is in a saved file, though the capture holds them', () => {
    run('-r', SAMPLE, '-w', file('without.pcapng'))
    expect(holdsSecret(readFileSync(file('without.pcapng'), 'latin1'))).toBe(false)
    expect(run(file('without.pcapng'), '-T', 'none').packets).toBe(4)
  })

  plainTest.each(['text', 'ndjson', 'json', 'csv'])('none is printed: %s', format => {
    const columns = format === 'csv' ? ['-e', 'mqtt.topic', '-e', 'tls.record.length'] : []
    const { stdout, stderr } = run('-r', SAMPLE, '-T', format, ...columns)
    expect(stdout.length).toBeGreaterThan(100)
    expect(holdsSecret(stdout + stderr)).toBe(false)
  })

  plainTest('none is in what is said of a key log that cannot be read in part', () => {
    writeFileSync(file('keys'), `CLIENT_RANDOM ${secrets[0]} broken\n${secrets[1]}\n`)
    const { stdout, stderr } = run('-r', SAMPLE, '--keylog', file('keys'), '-V', '-x')
    expect(holdsSecret(stdout + stderr)).toBe(false)
  })
})

describe('a key log of something else', () => {
  plainTest('says so, where something could not be opened', () => {
    writeFileSync(file('other'), `CLIENT_RANDOM ${'ab'.repeat(32)} ${'cd'.repeat(48)}\nwhat is this\n`)
    const { stderr } = run('-r', 'samples/tls-nokeys.pcapng', '--keylog', file('other'), '-T', 'none')
    expect(stderr).toContain('the keys are those of 1 other connection: none of them begins in this capture\n')
    expect(stderr).toContain('1 line of the key log not understood\n')
    expect(run('-r', SAMPLE, '--keylog', file('other'), '-T', 'none').stderr).not.toContain('key log')
  })
})

describe('-o tls.keylog_file', () => {
  plainTest('is the same as --keylog', () => {
    writeFileSync(
      file('log'),
      readFileSync(SAMPLE, 'latin1')
        .match(/(?:^|(?<=[\0-\x1f]))[A-Z_0-9]+ [0-9a-f]{64} [0-9a-f]+\n/g)
        ?.join('') ?? '',
    )
    run('-r', SAMPLE, '-w', file('bare.pcapng'))
    expect(run(file('bare.pcapng'), '-T', 'none', '-o', `tls.keylog_file:${file('log')}`).packets).toBe(25)
    expect(run(file('bare.pcapng'), '-T', 'none', '--keylog', file('log')).packets).toBe(25)
  })
})
