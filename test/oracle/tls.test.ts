/**
 * MQTT in TLS between real programs: mosquitto, clients of every version, a key log that grows behind the packets; and the
 * same values as tshark shows with the same key log.
 */
import { appendFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { SecureContextOptions, TLSSocket } from 'node:tls'
import mqtt, { type IClientOptions } from 'mqtt'
import { afterAll, afterEach, describe, expect } from 'vitest'
import { KeyLogReader, KeyStore } from '../../src/transport/keys.ts'
import { nodeCrypto } from '../../src/transport/tls/node-crypto.ts'
import { Broker } from '../support/broker.ts'
import { folder, killStarted, Sniff, until } from '../support/live.ts'
import { mqttFieldNames, ourValues, tsharkValues } from '../support/oracle.ts'
import { needs } from '../support/tools.ts'

const test = needs('mosquitto', 'tcpdump', 'tshark', 'root')
const home = folder()
const certificates = resolve('test', 'support', 'certificates')

afterEach(() => killStarted())
afterAll(() => rmSync(home, { recursive: true, force: true }))

const TLS = [`certfile ${join(certificates, 'ec.pem')}`, `keyfile ${join(certificates, 'ec.key')}`]
const PAYLOADS = ['x'.repeat(10), 'y'.repeat(3000), 'z'.repeat(40_000)]

type ClientOptions = IClientOptions & SecureContextOptions

/** Publishes to itself, and has its keys written some time after they were used. */
async function talk(port: number, keyLog: string, options: ClientOptions): Promise<void> {
  const client = mqtt.connect(`mqtts://127.0.0.1:${port}`, {
    rejectUnauthorized: false,
    reconnectPeriod: 0,
    manualConnect: true,
    ...options,
  })
  client.connect()
  let lines = ''
  ;(client.stream as unknown as TLSSocket).on('keylog', line => {
    lines += line.toString('latin1')
  })
  await new Promise<void>((connected, failed) => {
    client.once('connect', () => connected())
    client.once('error', failed)
  })
  let received = 0
  client.on('message', () => received++)
  await client.subscribeAsync('a/#', { qos: 2 })
  // In two parts, cut inside of a line.
  appendFileSync(keyLog, lines.slice(0, 300))
  for (const [qos, payload] of PAYLOADS.entries()) await client.publishAsync('a/b', payload, { qos: qos as 0 | 1 | 2 })
  await until('all came back', () => received === PAYLOADS.length)
  appendFileSync(keyLog, lines.slice(300))
  await client.endAsync()
}

const CLIENTS: readonly ClientOptions[] = [
  { clientId: 'thirteen', protocolVersion: 5, minVersion: 'TLSv1.3' },
  { clientId: 'twelve', protocolVersion: 4, maxVersion: 'TLSv1.2' },
  { clientId: 'blocks', protocolVersion: 5, maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-AES128-SHA256' },
  { clientId: 'small', protocolVersion: 5, minVersion: 'TLSv1.3', ciphers: 'TLS_CHACHA20_POLY1305_SHA256' },
]

describe('mosquitto over TLS', () => {
  test('live with a key log that grows, on a port that nobody named; then tshark', async () => {
    const broker = await Broker.start('127.0.0.1', [], TLS)
    const [keyLog, saved] = [join(home, 'keys'), join(home, 'all.pcapng')]
    writeFileSync(keyLog, '')
    const filter = `tcp port ${broker.port}`
    const args = ['-i', 'lo', '-f', filter, '--keylog', keyLog, '-T', 'ndjson', '-w', saved]
    const sniff = await new Sniff(args).ready()
    for (const options of CLIENTS) await talk(broker.port, keyLog, options)
    const left = (): number => sniff.records.filter(({ type }) => type === 'DISCONNECT').length
    await until('all have left', () => left() === CLIENTS.length)
    sniff.signal('SIGINT')
    expect(await sniff.ended, sniff.errors).toBe(0)
    broker.stop()

    const shown = sniff.records.filter(({ record }) => record === 'packet')
    for (const type of ['CONNECT', 'CONNACK', 'SUBACK'])
      expect(
        shown.filter(packet => packet.type === type),
        type,
      ).toHaveLength(CLIENTS.length)
    const publishes = shown.filter(({ type }) => type === 'PUBLISH')
    expect(publishes).toHaveLength(2 * PAYLOADS.length * CLIENTS.length)
    expect(publishes.every(packet => JSON.stringify(packet).includes('"via":["tls"]'))).toBe(true)
    compare(saved, keyLog, broker.port)
  }, 120_000)
})

/** Every value of every field is the same. */
function compare(file: string, keyLog: string, port: number): void {
  const fields = mqttFieldNames()
  const keys = new KeyStore()
  new KeyLogReader(keys).push(readFileSync(keyLog))
  const ours = ourValues(file, fields, false, { crypto: nodeCrypto, keys })
  const theirs = tsharkValues(file, fields, ['-o', `tls.keylog_file:${keyLog}`, '-d', `tls.port==${port},mqtt`])
  expect(ours.size).toBe(CLIENTS.length)
  for (const [stream, values] of ours) {
    expect(values.size).toBeGreaterThan(20)
    for (const [field, list] of values) expect(list, `${stream} ${field}`).toEqual(theirs.get(stream)?.get(field))
    expect([...values.keys()].sort()).toEqual([...(theirs.get(stream)?.keys() ?? [])].sort())
  }
}
