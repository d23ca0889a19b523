/**
 * Whole TLS connections with their keys, mutated: bytes, records and runs changed, left out, repeated, cut, keys wrong, late
 * or missing. Nothing throws, nothing comes out that nobody sent, and nothing stays held.
 */
import { Frame, NOWHERE, type RunSink } from '../../src/base/line.ts'
import { KeyLogReader, KeyStore } from '../../src/transport/keys.ts'
import { TlsBudget } from '../../src/transport/tls/budget.ts'
import { nodeCrypto } from '../../src/transport/tls/node-crypto.ts'
import { TlsReport } from '../../src/transport/tls/report.ts'
import { TlsSession } from '../../src/transport/tls/session.ts'
import { TlsSide } from '../../src/transport/tls/side.ts'
import { Random } from '../support/random.ts'
import { type NamedSession, readSessions } from '../support/tls-sessions.ts'

const SESSIONS = readSessions()
const text = new TextEncoder()
const MOST_WAITING = 30_000
const MOST_TRIES = 300

/** Checks that what comes out of a direction was sent there, where its bytes were left alone. */
class Checked implements RunSink {
  ended = 0
  private readonly sent: Buffer | undefined

  constructor(sent: Uint8Array | undefined) {
    this.sent = sent === undefined ? undefined : Buffer.from(sent)
  }

  run(bytes: Uint8Array, start: number, end: number): void {
    if (!(start >= 0 && start < end && end <= bytes.length))
      throw new Error(`run ${start} to ${end} of ${bytes.length}`)
    if (this.sent?.includes(Buffer.from(bytes.subarray(start, end))) === false)
      throw new Error('bytes that nobody sent')
  }

  gap(size: number): void {
    if (!(size >= 0)) throw new Error(`gap of ${size}`)
  }

  boundary(): void {}

  end(): void {
    this.ended++
  }
}

export function fuzzTls(seed: number): void {
  const random = new Random(seed)
  const session = random.pick(SESSIONS)
  const keys = new KeyStore(random.chance(0.1) ? 1 : undefined)
  const budget = new TlsBudget(MOST_WAITING, MOST_TRIES, random.chance(0.2) ? 4000 : undefined)
  const shared = new TlsSession({ crypto: nodeCrypto, keys, budget })
  const isBroken = random.chance(0.7)
  // What OpenSSL's programs send on their own is not among what was sent.
  const isKnown = !isBroken && session.sent[1].length > 100
  const next = [0, 1].map(side => new Checked(isKnown ? session.sent[side] : undefined)) as [Checked, Checked]
  const make = (side: 0 | 1): TlsSide =>
    new TlsSide({
      session: shared,
      next: next[side],
      sink: { unit() {}, closed() {}, skipped: size => check(size > 0, `skipped ${size}`) },
      keep: () => NOWHERE,
    })
  const sides = [make(0), make(1)] as const
  shared.join(sides)
  const report = new TlsReport(shared)
  report.join(sides)
  const isLate = random.chance(0.3)
  if (!isLate) pushKeys(random, keys, session)
  feed(random, sides, session, isBroken, () => {
    if (isLate && random.chance(0.05)) pushKeys(random, keys, session)
  })
  for (const side of sides) side.end(random.pick(['fin', 'rst', 'capture']))
  if (isLate && random.chance(0.5)) pushKeys(random, keys, session)
  budget.end()
  shared.close()
  check(next[0].ended === 1 && next[1].ended === 1, `${next[0].ended} and ${next[1].ended} ends`)
  check(budget.held === 0, `${budget.held} bytes still held`)
  check(budget.collected === 0, `${budget.collected} bytes still collected`)
  JSON.stringify([report.version, report.cipher, report.keys, report.records, report.alerts, report.certificate])
}

function check(isRight: boolean, message: string): void {
  if (!isRight) throw new Error(message)
}

function pushKeys(random: Random, keys: KeyStore, { keyLog }: NamedSession): void {
  const reader = new KeyLogReader(keys)
  let lines = keyLog.split('\n')
  if (random.chance(0.2)) lines = lines.filter(() => random.chance(0.7))
  if (random.chance(0.1)) lines = lines.map(line => (random.chance(0.3) ? changed(random, line) : line))
  if (random.chance(0.1)) lines.unshift(...lines.map(line => changed(random, line)))
  const bytes = text.encode(`${lines.join('\n')}\n`)
  for (let at = 0; at < bytes.length; ) {
    const end = random.chance(0.7) ? bytes.length : at + 1 + random.below(200)
    reader.push(bytes.subarray(at, end))
    at = end
  }
  if (random.chance(0.5)) reader.end()
}

/** Another digit somewhere. */
function changed(random: Random, line: string): string {
  const at = random.below(line.length)
  return `${line.slice(0, at)}${random.pick([...'0123456789abcdef \n'])}${line.slice(at + 1)}`
}

function feed(
  random: Random,
  sides: readonly RunSink[],
  { pieces }: NamedSession,
  isBroken: boolean,
  between: () => void,
): void {
  const frame = new Frame()
  const step = random.pick([20, 200, 5000])
  for (const piece of pieces) {
    between()
    if (isBroken && random.chance(0.05)) {
      sides[piece.side]?.gap(random.chance(0.3) ? 0 : piece.bytes.length, frame)
      continue
    }
    const bytes = isBroken ? mutated(random, piece.bytes) : piece.bytes
    const side = sides[isBroken && random.chance(0.01) ? 1 - piece.side : piece.side]
    for (let at = 0; at < bytes.length; ) {
      const end = Math.min(bytes.length, at + 1 + random.below(step))
      frame.number++
      side?.run(bytes, at, end, frame, random.chance(0.1) ? NOWHERE : at)
      at = end
      if (!isBroken || !random.chance(0.03)) continue
      const missing = random.chance(0.2) ? 0 : 1 + random.below(60)
      side?.gap(missing, frame)
      at += random.chance(0.9) ? missing : 0
    }
  }
}

function mutated(random: Random, bytes: Uint8Array): Uint8Array {
  if (!random.chance(0.3)) return bytes
  const copy = bytes.slice()
  for (let count = 1 + random.below(3); count > 0; count--) copy[random.below(copy.length)] = random.below(256)
  return random.chance(0.1) ? Uint8Array.from([...copy, ...copy]) : copy
}
