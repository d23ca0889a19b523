/** Packets with more fields and faults than anyone can read: limited, counted, and no kind of fault is lost. */
import { describe, expect, test } from 'vitest'
import { TextExporter } from '../../src/export/text.ts'
import { findingsOf } from '../../src/store/findings.ts'
import type { Finding, PacketRecord } from '../../src/store/record.ts'
import { CONNECT_5, written } from '../support/conversation.ts'
import { block, packet, publish, raw, text } from '../support/hex.ts'

const MANY = 40_000
/** User Properties with a control character in the name, each a fault of one kind. */
const PROPERTIES = `26${text('\u0001')}${text('')}`.repeat(MANY)
/** Behind them Payload Format Indicator twice, a fault of another kind. */
const LARGE = packet(0x30, text('a') + block(`${PROPERTIES}01000100`) + raw('x'))

const shown = (verbose: boolean): string =>
  written(
    write => new TextExporter({ time: 'r', color: false, verbose, bytes: false, redact: false } as never, write),
    told => told.client(CONNECT_5 + publish(5) + LARGE).end(),
  )

function findings(): readonly Finding[] {
  let found: readonly Finding[] = []
  const sink = {
    packet: (record: PacketRecord) => {
      found = findingsOf(record)
    },
    gap() {},
    skipped() {},
    damage() {},
    finish() {},
  }
  written(
    () => sink as never,
    told => told.client(CONNECT_5 + LARGE),
  )
  return found
}

describe('a packet with many faults', () => {
  test('so many are findings, each kind among them, and the rest is counted', () => {
    const found = findings()
    expect(found).toHaveLength(10_002)
    expect(found[0]?.message).toBe(`${MANY - 10_000} more faults of the same kinds in this packet are not listed`)
    expect(found.at(-1)?.message).toMatch(/more than once/)
  })

  test('a line and the details are short, and say how many there are', () => {
    expect(shown(false)).toMatch(/user properties, and \d+ more\]/)
    const details = shown(true)
    expect(details.length).toBeLessThan(2_000_000)
    expect(details).toMatch(/… \d+ more findings\n/)
    expect(details).toMatch(/… \d+ more lines\n/)
  })
})
