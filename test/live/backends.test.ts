/** Every packet that real clients and a real broker exchange is seen, with each of the capture programs. */
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect } from 'vitest'
import { Broker, shown, type Talk, talk } from '../support/broker.ts'
import { folder, killStarted, run, Sniff, until } from '../support/live.ts'
import { needs } from '../support/tools.ts'

afterAll(killStarted)

const BACKENDS = [
  { backend: 'dumpcap', tool: 'dumpcap' },
  { backend: 'tcpdump', tool: 'tcpdump' },
  { backend: 'cap', tool: 'the module cap' },
]

let broker: Broker | undefined
const home = folder()

beforeAll(async () => {
  broker = await Broker.start().catch(() => undefined)
})

afterAll(() => {
  broker?.stop()
  rmSync(home, { recursive: true, force: true })
})

async function allTalks(port: number): Promise<Talk[]> {
  const talks: Talk[] = []
  for (const version of [3, 4, 5] as const)
    for (const qos of [0, 1, 2] as const) talks.push(await talk({ port, version, qos, messages: 5 }))
  return talks
}

describe('backends', () => {
  for (const { backend, tool } of BACKENDS) {
    needs(
      tool,
      'mosquitto',
      'root',
    )(`${backend}: every packet of 3.1, 3.1.1 and 5.0 at QoS 0, 1 and 2`, async () => {
      const port = broker?.port ?? 0
      const file = join(home, `${backend}.pcapng`)
      const args = ['-i', 'lo', '-p', String(port), '--backend', backend, '-T', 'ndjson', '-w', file]
      const sniff = await new Sniff(args).ready()
      const talks = await allTalks(port)
      sniff.signal('SIGINT')
      expect(await sniff.ended).toBe(0)
      for (const { port: client, sent, received } of talks) {
        expect(shown(sniff.records, client)).toEqual({ sent, received })
      }
      const summary = sniff.records.at(-1)
      expect(summary?.record).toBe('summary')
      // The saved frames are all that were seen.
      const again = JSON.parse(
        run(process.execPath, 'dist/cli.js', '-p', String(port), '-T', 'ndjson', file).trim().split('\n').at(-1) ?? '',
      )
      expect(again.frames).toBe(summary?.frames)
      expect(again.packets).toBe(summary?.packets)
      expect(readFileSync(file).length).toBeGreaterThan(1000)
    })
  }

  needs(
    'dumpcap',
    'mosquitto',
    'mosquitto_pub',
    'root',
  )('packets flow line by line while the capture runs', async () => {
    const port = broker?.port ?? 0
    const sniff = await new Sniff(['-i', 'lo', '-p', String(port), '-T', 'ndjson']).ready()
    for (const version of ['31', '311', '5']) {
      const before = sniff.lines.length
      run('mosquitto_pub', '-p', String(port), '-V', version, '-t', 'hello', '-m', 'world', '-q', '2')
      await until('the DISCONNECT is printed', () => sniff.records.slice(before).some(one => one.type === 'DISCONNECT'))
    }
    sniff.signal('SIGTERM')
    expect(await sniff.ended).toBe(143)
    expect(sniff.records.at(-1)?.record).toBe('summary')
  })

  needs(
    'tcpdump',
    'mosquitto',
    'mosquitto_pub',
    'root',
  )('tcpdump on another machine, through stdin', async () => {
    const port = broker?.port ?? 0
    const sniff = new Sniff(['-r', '-', '-p', String(port), '-T', 'ndjson'], { stdin: 'pipe' })
    const { spawn } = await import('node:child_process')
    const remote = spawn('tcpdump', ['-i', 'lo', '-U', '--immediate-mode', '-w', '-', 'tcp', 'port', String(port)])
    if (sniff.child.stdin !== null) remote.stdout.pipe(sniff.child.stdin)
    let said = ''
    remote.stderr.setEncoding('utf8').on('data', text => {
      said += text
    })
    await until('tcpdump listens', () => said.includes('listening'))
    run('mosquitto_pub', '-p', String(port), '-t', 'hello', '-m', 'world')
    await until('the DISCONNECT is printed', () => sniff.records.some(one => one.type === 'DISCONNECT'))
    sniff.signal('SIGINT')
    expect(await sniff.ended).toBe(0)
    remote.kill('SIGINT')
  })
})
