/**
 * Connections of OpenSSL that were recorded once, for tests and benches that need the same bytes each time. They are made
 * anew with `MQTT_SNIFF_RECORD=1 npx vitest run test/fuzz/tls-sessions.test.ts`.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type tls from 'node:tls'
import { type Options, type Recorded, recordPrograms, recordTls } from './tls.ts'

const FILE = join('test', 'support', 'tls-sessions.json')

export interface NamedSession extends Recorded {
  readonly name: string
}

interface Kept {
  readonly name: string
  readonly keyLog: readonly string[]
  /** `0` or `1` for the side, and the bytes in base64. */
  readonly pieces: readonly string[]
  readonly sent: readonly [string, string]
}

/** The recorded connections, each by what is special about it. */
export function readSessions(): readonly NamedSession[] {
  const kept = JSON.parse(readFileSync(FILE, 'utf8')) as readonly Kept[]
  return kept.map(({ name, keyLog, pieces, sent }) => ({
    name,
    keyLog: keyLog.join('\n'),
    pieces: pieces.map(piece => ({ side: piece.startsWith('0') ? 0 : 1, bytes: bytesOf(piece.slice(1)) })),
    sent: [bytesOf(sent[0]), bytesOf(sent[1])],
    session: undefined,
  }))
}

const bytesOf = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'base64'))
const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64')

const MESSAGES = [1, 20, 150, 700].map(size => Buffer.alloc(size, size))
const NO_ENCRYPT_THEN_MAC = 1 << 19

const of = (options: tls.SecureContextOptions): Options => ({ client: options, server: options, messages: MESSAGES })

const old = (version: tls.SecureVersion, ciphers: string, secureOptions = 0): Options =>
  of({ minVersion: version, maxVersion: version, ciphers: `${ciphers}:@SECLEVEL=0`, secureOptions })

const CASES: Readonly<Record<string, () => Promise<Recorded>>> = {
  '1.3': () => recordTls(of({ minVersion: 'TLSv1.3' })),
  '1.3 ChaCha20': () => recordTls(of({ minVersion: 'TLSv1.3', ciphers: 'TLS_CHACHA20_POLY1305_SHA256' })),
  '1.3 CCM-8': () => recordTls(of({ minVersion: 'TLSv1.3', ciphers: 'TLS_AES_128_CCM_8_SHA256' })),
  '1.3 asked again': () =>
    recordTls({
      client: { minVersion: 'TLSv1.3', ecdhCurve: 'X25519:P-384' },
      server: { minVersion: 'TLSv1.3', ecdhCurve: 'P-384' },
      messages: MESSAGES,
    }),
  '1.3 updated': () =>
    recordPrograms({
      server: ['-tls1_3'],
      lines: [
        ['client', 'one\n'],
        ['client', 'K\n'],
        ['client', 'two\n'],
        ['server', 'K\n'],
        ['server', 'three\n'],
      ],
    }),
  '1.3 early data': () =>
    recordPrograms({
      server: ['-tls1_3', '-early_data'],
      early: Buffer.from('early\n'),
      lines: [['client', 'one\n']],
    }),
  '1.2': () => recordTls(of({ maxVersion: 'TLSv1.2' })),
  '1.2 ChaCha20': () => recordTls(of({ maxVersion: 'TLSv1.2', ciphers: 'ECDHE-RSA-CHACHA20-POLY1305' })),
  '1.2 CCM': () => recordTls(of({ maxVersion: 'TLSv1.2', ciphers: 'AES128-CCM' })),
  '1.2 CBC': () => recordTls(of({ maxVersion: 'TLSv1.2', ciphers: 'ECDHE-RSA-AES128-SHA256' })),
  '1.2 CBC, signed first': () => recordTls(old('TLSv1.2', 'AES256-SHA', NO_ENCRYPT_THEN_MAC)),
  '1.2 in the clear': () => recordTls(old('TLSv1.2', 'NULL-SHA256')),
  '1.2 negotiated anew': () =>
    recordPrograms({
      server: ['-tls1_2', '-client_renegotiation'],
      lines: [
        ['client', 'one\n'],
        ['client', 'R\n'],
        ['client', 'two\n'],
        ['server', 'three\n'],
      ],
    }),
  '1.1': () => recordTls(old('TLSv1.1', 'ALL')),
  '1.0': () => recordTls(old('TLSv1', 'ALL', NO_ENCRYPT_THEN_MAC)),
}

/** Records all of them anew. */
export async function recordSessions(): Promise<void> {
  const kept: Kept[] = []
  for (const [name, record] of Object.entries(CASES)) {
    const { keyLog, pieces, sent } = await record()
    kept.push({
      name,
      keyLog: keyLog.split('\n').filter(line => line !== '' && !line.startsWith('#')),
      pieces: pieces.map(({ side, bytes }) => `${side}${textOf(bytes)}`),
      sent: [textOf(sent[0]), textOf(sent[1])],
    })
  }
  writeFileSync(FILE, `${JSON.stringify(kept, undefined, 1)}\n`)
}
