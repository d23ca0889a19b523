/** How far the number of a record is searched for behind a gap. */
import { expect, test } from 'vitest'
import { KeyStore } from '../../../src/transport/keys.ts'
import { MOST_SLACK, MOST_TRIES, TlsBudget } from '../../../src/transport/tls/budget.ts'
import { nodeCrypto } from '../../../src/transport/tls/node-crypto.ts'
import { type Opener, Plaintext } from '../../../src/transport/tls/opener.ts'
import { Keyed } from '../../../src/transport/tls/protection.ts'
import { TlsSession } from '../../../src/transport/tls/session.ts'

/** Opens the record with one number alone, and counts how often it was asked. */
class One implements Opener {
  asked = 0
  private readonly number: number

  constructor(number: number) {
    this.number = number
  }

  open(_record: Uint8Array, sequence: number): boolean {
    this.asked++
    return sequence === this.number
  }

  openCut(): boolean {
    return false
  }

  numberOf(): number {
    return -1
  }

  pass(): void {}
}

const sessionOf = (budget = new TlsBudget()): TlsSession =>
  new TlsSession({ crypto: nodeCrypto, keys: new KeyStore(), budget })
const open = (keyed: Keyed): boolean => keyed.open(new Uint8Array(0), new Plaintext())

test('the next one, and behind a gap as many as may be missing', () => {
  const keyed = new Keyed(sessionOf(), new One(5), 0)
  expect(open(keyed)).toBe(false)
  keyed.lose(4)
  expect(open(keyed)).toBe(false)
  keyed.lose(1)
  expect(open(keyed)).toBe(true)
  expect([keyed.jumped, keyed.next, keyed.slack]).toEqual([5, 6, 0])
})

test('4,096 at most', () => {
  const found = new Keyed(sessionOf(), new One(MOST_SLACK), 0)
  found.lose(1_000_000)
  expect(open(found)).toBe(true)
  const opener = new One(MOST_SLACK + 1)
  const missed = new Keyed(sessionOf(), opener, 0)
  missed.lose(1_000_000)
  expect(open(missed)).toBe(false)
  expect(opener.asked).toBe(1 + MOST_SLACK)
  const begun = new One(MOST_SLACK + 1)
  expect(open(new Keyed(sessionOf(), begun, 3 * MOST_SLACK))).toBe(false)
  expect(begun.asked).toBe(1 + MOST_SLACK)
})

test('65,536 tries of a stream, and so many of all streams', () => {
  const session = sessionOf()
  for (let tries = 0; tries < MOST_TRIES; tries++) expect(session.allow()).toBe(true)
  expect(session.allow()).toBe(false)
  expect(session.hasTries).toBe(false)
  const budget = new TlsBudget(undefined, 2)
  const [one, other] = [sessionOf(budget), sessionOf(budget)]
  expect([one.allow(), other.allow(), one.allow()]).toEqual([true, true, false])
})
