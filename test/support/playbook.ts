/** What is made of a conversation, as `../support/stage.ts` has it in text. */

import { Analysis } from '../../src/analysis/analysis.ts'
import { TYPE_NAMES } from '../../src/mqtt/spec.ts'
import type { Connection } from '../../src/session/connection.ts'
import type { Exchange } from '../../src/session/exchange/exchange.ts'
import type { RuleFinding } from '../../src/session/finding.ts'
import type { TrackerSink } from '../../src/session/tracker.ts'
import { findingsOf } from '../../src/store/findings.ts'
import type { PacketRecord } from '../../src/store/record.ts'
import { stage } from './stage.ts'
import { pcapOf } from './wire.ts'

export class Play implements TrackerSink {
  /** `3 PUBACK qos1 2 complete`: number, type, exchange, opener, state as of then. */
  readonly steps: string[] = []
  /** `2 error MQTT-3.3.1-4 message`: packet, level, id. */
  readonly findings: string[] = []
  /** `qos2 3 complete 3-4-5-6`. */
  readonly exchanges: string[] = []
  readonly connections: Connection[] = []
  /** What the bytes alone show: `2 error MQTT-3.3.1-4`. */
  readonly faults: string[] = []

  packet(record: PacketRecord): void {
    const { number, type, exchange, ruleFindings } = record
    for (const { level, id } of findingsOf(record).slice(0, -ruleFindings.length || undefined)) {
      this.faults.push(`${number} ${level} ${id}`)
    }
    const part = exchange === undefined ? '' : ` ${exchange.kind} ${exchange.opener} ${exchange.state}`
    this.steps.push(`${number} ${TYPE_NAMES[type]}${part}`)
  }

  ruleFinding({ packet, level, id, message }: RuleFinding): void {
    this.findings.push(`${packet} ${level} ${id} ${message}`)
  }

  exchange(exchange: Exchange): void {
    const numbers = exchange.numbers.slice(0, exchange.step + 1).join('-')
    this.exchanges.push(`${exchange.kind} ${exchange.opener} ${exchange.state} ${numbers}`)
  }

  connection(connection: Connection): void {
    this.connections.push(connection)
  }

  gap(): void {}
  skipped(): void {}
  damage(): void {}

  /** `2 error MQTT-3.3.1-4`, those of every day left out. */
  get unusual(): readonly string[] {
    return this.findings
      .map(line => line.split(' ').slice(0, 3).join(' '))
      .filter(line => !/ (exchange\.open|exchange\.abandoned|capture\.mid_stream)$/.test(line))
  }
}

/** `midStream`: the capture begins behind the handshake and the first packets of this number. */
export function play(script: string, midStream = 0): Play {
  const shots = stage(script).slice(midStream === 0 ? 0 : 3 + midStream)
  const result = new Play()
  const analysis = new Analysis(result, { depth: 'fanout' })
  analysis.push(
    pcapOf(
      shots.map(({ frame }) => frame),
      shots.map(({ at }) => at),
    ),
  )
  analysis.end()
  return result
}
