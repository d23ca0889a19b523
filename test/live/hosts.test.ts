/** Captures that are not loopback: two hosts of their own, a cable between them, tags, fragments, the cable pulled. */
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { afterAll, afterEach, describe, expect } from 'vitest'
import { Broker } from '../support/broker.ts'
import { Host } from '../support/hosts.ts'
import { killStarted, Sniff, until } from '../support/live.ts'
import { needs } from '../support/tools.ts'
import { UNWANTED, WANTED } from '../support/wrapped.ts'

afterAll(killStarted)

const PORT = '1883'
const made: { stop(): void }[] = []
afterEach(() => {
  for (const one of made.splice(0).reverse()) one.stop()
})

function host(): Host {
  const one = new Host()
  made.push({ stop: () => one.remove() })
  return one
}

/** Two hosts on a cable of that name; a broker on the second, 192.0.2.2. */
async function pair(name: string): Promise<{ a: Host; b: Host; port: string }> {
  const [a, b] = [host(), host()]
  Host.connect(a, b, name)
  const broker = await Broker.start('0.0.0.0', b.before)
  made.push(broker)
  return { a, b, port: String(broker.port) }
}

const publish = (from: Host, port: string, ...more: string[]): string =>
  from.run('mosquitto_pub', '-h', '192.0.2.2', '-p', port, '-t', 'hello', '-q', '2', ...more)

const types = (sniff: Sniff): readonly string[] =>
  sniff.records.filter(one => one.record === 'packet').map(one => one.type ?? '')

const QOS2 = ['CONNECT', 'CONNACK', 'PUBLISH', 'PUBREC', 'PUBREL', 'PUBCOMP', 'DISCONNECT']

const onHosts = (...tools: string[]) => needs('root', 'namespaces', 'ip', 'mosquitto', 'mosquitto_pub', ...tools)

describe('hosts', () => {
  for (const [backend, tool] of [
    ['dumpcap', 'dumpcap'],
    ['tcpdump', 'tcpdump'],
    ['cap', 'the module cap'],
  ] as const) {
    onHosts(tool)(`${backend}: between two hosts`, async () => {
      const { a, b, port } = await pair('cable')
      const args = ['-i', 'cable', '-p', port, '-T', 'ndjson', '--backend', backend]
      const sniff = await new Sniff(args, { before: a.before }).ready()
      publish(a, port, '-m', 'world')
      publish(a, port, '-m', 'x'.repeat(50_000))
      void b
      sniff.signal('SIGTERM')
      expect(await sniff.ended).toBe(143)
      expect(types(sniff)).toEqual([...QOS2, ...QOS2])
      expect(sniff.records.find(one => one.type === 'CONNECT')?.dst).toBe(`192.0.2.2:${port}`)
    })
  }

  for (const backend of ['dumpcap', 'tcpdump']) {
    onHosts(backend, 'the module cap')(`${backend}: tagged frames and fragments pass the default filter`, async () => {
      const [a, b] = [host(), host()]
      Host.connect(a, b, 'cable')
      const sniff = await new Sniff(['-i', 'cable', '-T', 'ndjson', '--backend', backend], { before: a.before }).ready()
      const frames = [...Object.values(WANTED), ...Object.values(UNWANTED)].map(frame =>
        Buffer.from(frame).toString('hex'),
      )
      b.run(process.execPath, '-e', SEND, 'cable', ...frames)
      sniff.signal('SIGINT')
      expect(await sniff.ended).toBe(0)
      expect(sniff.records.at(-1)?.frames).toBe(Object.keys(WANTED).length)
    })
  }

  onHosts('dumpcap')('several interfaces at once, and any', async () => {
    const { a, port } = await pair('cable')
    const several = await new Sniff(['-i', 'cable', '-i', 'lo', '-p', port, '-T', 'ndjson'], {
      before: a.before,
    }).ready()
    const any = await new Sniff(['-i', 'any', '-p', port, '-T', 'ndjson'], { before: a.before }).ready()
    publish(a, port, '-m', 'world')
    for (const sniff of [several, any]) {
      sniff.signal('SIGINT')
      expect(await sniff.ended).toBe(0)
      expect(types(sniff)).toEqual(QOS2)
    }
  })

  for (const backend of ['dumpcap', 'tcpdump', 'cap'] as const) {
    onHosts(backend === 'cap' ? 'the module cap' : backend)(
      `P05: ${backend}: the interface goes down, and away`,
      async () => {
        const { a, b, port } = await pair('cable')
        const args = ['-i', 'cable', '-p', port, '-T', 'ndjson', '--backend', backend]
        const sniff = await new Sniff(args, { before: a.before }).ready()
        publish(a, port, '-m', 'world')
        await until('the packets are shown', () => types(sniff).length === QOS2.length)
        a.run('ip', 'link', 'set', 'cable', 'down')
        await until('it is told', () => /cable is down/.test(sniff.errors))
        a.run('ip', 'link', 'set', 'cable', 'up')
        await until('it is told', () => /cable is up again/.test(sniff.errors))
        await seenAgain(sniff, a, port)
        a.run('ip', 'link', 'del', 'cable')
        await until('it is told', () => /cable is gone/.test(sniff.errors))
        Host.connect(a, b, 'cable')
        await seenAgain(sniff, a, port)
        sniff.signal('SIGINT')
        expect([sniff.errors, await sniff.ended]).toEqual([expect.anything(), 0])
        expect(types(sniff).slice(0, QOS2.length)).toEqual(QOS2)
      },
    )
  }

  onHosts('dumpcap')(
    'P05: one of several interfaces goes: the others are watched on, and it again when it is back',
    async () => {
      const { a, b, port } = await pair('cable')
      const local = await Broker.start('127.0.0.1', a.before)
      made.push(local)
      const args = ['-i', 'cable', '-i', 'lo', '-p', `${port},${local.port}`, '-T', 'ndjson']
      const sniff = await new Sniff(args, { before: a.before }).ready()
      a.run('ip', 'link', 'del', 'cable')
      await until('it is told', () => /cable is gone/.test(sniff.errors))
      await seen(sniff, () => void a.run('mosquitto_pub', '-p', String(local.port), '-t', 'hello', '-m', 'x'))
      Host.connect(a, b, 'cable')
      await seenAgain(sniff, a, port)
      sniff.signal('SIGINT')
      expect([sniff.errors, await sniff.ended]).toEqual([expect.anything(), 0])
    },
  )

  onHosts('dumpcap')('P12: an output that is not read: the kernel counts what is lost, memory stays flat', async () => {
    const one = host()
    const args = ['-i', 'lo', '-f', 'tcp', '-T', 'text', '-V', '-B', '1']
    const sniff = await new Sniff(args, { before: one.before }).ready()
    sniff.child.stdout?.pause()
    const before = framesOf(one)
    const flood = spawn(one.before[0] ?? '', [...one.before.slice(1), process.execPath, '-e', FLOOD, PORT], {
      stdio: 'ignore',
    })
    const ended = new Promise(resolve => flood.once('close', resolve))
    await ended
    const memory = residentMiB(sniff.child.pid ?? 0)
    sniff.child.stdout?.resume()
    const sent = framesOf(one) - before
    await until('what waited is read', () => sniff.out.includes('PINGREQ'))
    sniff.signal('SIGINT')
    expect(await sniff.ended).toBe(0)
    const [, frames = 0, dropped = 0] =
      /(\d+) frames .* (\d+) dropped by the kernel/.exec(sniff.errors)?.map(Number) ?? []
    expect(dropped).toBeGreaterThan(0)
    expect(sniff.errors).toContain('loopback counts each frame twice')
    expect(Math.abs(frames + dropped - sent)).toBeLessThanOrEqual(sent * 0.002 + 2)
    expect(memory).toBeLessThan(MOST_MIB)
  })
})

/** Puts frames on a cable as they are. */
const SEND = `
const { Cap } = require('cap')
const [device, ...frames] = process.argv.slice(1)
const cap = new Cap()
cap.open(device, '', 65536, Buffer.alloc(65535))
for (const frame of frames) {
  const bytes = Buffer.from(frame, 'hex')
  cap.send(bytes, bytes.length)
}
cap.close()`

/** Resident, with the whole program loaded: four times what it has been seen to take. */
const MOST_MIB = 400

/** A client that floods a listener of its own, for a bounded number of packets. */
const FLOOD = `
const net = require('node:net')
const port = Number(process.argv[1])
const server = net.createServer(s => s.on('error', () => {}).resume()).listen(port, '127.0.0.1', () => {
  const client = net.connect(port, '127.0.0.1').setNoDelay(true)
  client.write(Buffer.from('100d00044d51545404020000000161', 'hex'))
  let left = 120000
  const more = () => {
    for (let n = 0; n < 200 && left > 0; n++, left--) client.write(Buffer.from('c000', 'hex'))
    if (left > 0) setImmediate(more)
    else client.end(() => setTimeout(() => process.exit(0), 300))
  }
  client.on('connect', more)
})`

const framesOf = (one: Host): number => Number(one.run('cat', '/sys/class/net/lo/statistics/rx_packets'))

const residentMiB = (pid: number): number =>
  Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024

const seenAgain = (sniff: Sniff, from: Host, port: string): Promise<void> =>
  seen(sniff, () => void publish(from, port, '-m', 'again'))

/** A new program takes a moment to be ready: sends until something comes through. */
async function seen(sniff: Sniff, send: () => void): Promise<void> {
  const before = types(sniff).length
  await until(`packets are shown again (${sniff.errors})`, async () => {
    send()
    await new Promise(resolve => setTimeout(resolve, 300))
    return types(sniff).length > before
  })
}
