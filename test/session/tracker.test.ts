/** Exchanges on real captures: who answered whom. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { Pipeline } from '../../src/analysis/pipeline.ts'
import { TYPE_NAMES } from '../../src/mqtt/spec.ts'
import type { Connection } from '../../src/session/connection.ts'
import type { Exchange } from '../../src/session/exchange/exchange.ts'
import { type Checks, Tracker, type TrackerSink } from '../../src/session/tracker.ts'
import type { PacketRecord } from '../../src/store/record.ts'

const NO_CHECKS: Checks = { packet() {}, exchange() {}, ended() {} }

class Notes implements TrackerSink {
  readonly packets: string[] = []
  readonly exchanges: string[] = []
  readonly connections: Connection[] = []

  packet(record: PacketRecord): void {
    const { exchange } = record
    const part = exchange === undefined ? '' : ` ${exchange.kind} of ${exchange.opener} ${exchange.state}`
    const answers = exchange !== undefined && exchange.answers > 0 ? ` answers ${exchange.answers}` : ''
    this.packets.push(`${record.number} ${TYPE_NAMES[record.type]}${part}${answers}`)
  }
  exchange(exchange: Exchange): void {
    this.exchanges.push(
      `${exchange.kind} ${exchange.opener} ${exchange.state} ${exchange.numbers.slice(0, exchange.step + 1).join('-')}`,
    )
  }
  connection(connection: Connection): void {
    this.connections.push(connection)
  }
  gap(): void {}
  skipped(): void {}
  damage(): void {}
}

function track(name: string): Notes {
  const notes = new Notes()
  const tracker = new Tracker(notes, NO_CHECKS)
  const pipeline = new Pipeline(tracker)
  pipeline.push(new Uint8Array(readFileSync(new URL(`../../samples/${name}.pcapng`, import.meta.url))))
  pipeline.end()
  tracker.finish()
  return notes
}

test('QoS 2: four packets, one exchange', () => {
  const { packets, exchanges, connections } = track('qos2')
  expect(packets.slice(6, 12)).toEqual([
    '7 PUBLISH qos2 of 7 open',
    '8 PUBREC qos2 of 7 open answers 7',
    '9 PUBLISH qos2 of 9 open',
    '10 PUBLISH qos2 of 10 open',
    '11 PUBREC qos2 of 9 open answers 9',
    '12 PUBREL qos2 of 7 open answers 8',
  ])
  expect(exchanges).toContain('qos2 7 complete 7-8-12-17')
  expect(connections.map(connection => [connection.clientId, connection.ending?.how, connection.ending?.by])).toEqual([
    ['wall-display', 'disconnect', 'client'],
    ['greenhouse-sensor', 'disconnect', 'client'],
  ])
  expect(
    exchanges.filter(exchange => exchange.startsWith('qos2')).every(exchange => exchange.includes('complete')),
  ).toBe(true)
})
