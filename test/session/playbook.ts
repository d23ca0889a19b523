/**
 * Conversations as text, and what is made of them. One packet a line:
 *
 *     v5                              the version of what follows
 *     c: CONNECT id=me keepalive=60   from the client; `s:` from the broker
 *     s: CONNACK
 *     +95s                            time passes
 *     c2: CONNECT id=other            a second connection
 *     c: lost PUBLISH a x             sent, and not in the capture
 *     c: close                        FIN; `reset` for RST
 *
 * Lines that are not indented otherwise are a millisecond apart. `c:` and `s:` are those of connection 1.
 */

import { Pipeline } from '../../src/analysis/pipeline.ts'
import { fromHex } from '../../src/base/bytes.ts'
import { TYPE_NAMES } from '../../src/mqtt/spec.ts'
import type { Connection } from '../../src/session/connection.ts'
import type { Exchange } from '../../src/session/exchange/exchange.ts'
import type { RuleFinding } from '../../src/session/finding.ts'
import { Findings } from '../../src/session/findings.ts'
import { Forwarding } from '../../src/session/forwarding.ts'
import { Tracker, type TrackerSink } from '../../src/session/tracker.ts'
import { findingsOf } from '../../src/store/findings.ts'
import type { PacketRecord } from '../../src/store/record.ts'
import type { Version } from '../oracle/sequences/hex.ts'
import { pcapOf, Connection as Wire } from '../oracle/wire.ts'
import { packetOf } from './script.ts'

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

class Stage {
  readonly frames: Uint8Array[] = []
  readonly times: number[] = []
  private readonly streams = new Map<number, Wire>()
  private now = 0
  private version: Version = 4

  line(text: string): void {
    const pause = /^\+([\d.]+)(ms|s)$/.exec(text)
    if (pause !== null) this.now += Number(pause[1]) * (pause[2] === 's' ? 1000 : 1)
    else if (/^v[345]$/.test(text)) this.version = Number(text[1]) as Version
    else this.act(text)
  }

  private act(text: string): void {
    const parts = /^([cs])(\d*): (.*)$/.exec(text)
    if (parts === null) throw new Error(`no line of a playbook: ${text}`)
    const stream = this.connection(Number(parts[2] || 1))
    const byClient = parts[1] === 'c'
    const what = parts[3] ?? ''
    if (what === 'close') stream.close(byClient)
    else if (what === 'reset') stream.reset(byClient)
    else if (what.startsWith('lost ')) stream.lose(byClient, fromHex(packetOf(what.slice(5), this.version)))
    else stream.send(byClient, fromHex(packetOf(what, this.version)))
    this.stamp()
  }

  private connection(number: number): Wire {
    const known = this.streams.get(number)
    if (known !== undefined) return known
    const made = new Wire(this.frames, 4, 40_000 + number, 1000 * number)
    this.streams.set(number, made)
    this.stamp()
    return made
  }

  private stamp(): void {
    while (this.times.length < this.frames.length) this.times.push(this.now++)
  }
}

/** `midStream`: the capture begins behind the handshake and the first packets of this number. */
export function play(script: string, midStream = 0): Play {
  const stage = new Stage()
  for (const line of script.split('\n')) if (line.trim() !== '') stage.line(line.trim())
  const result = new Play()
  const tracker = new Tracker(result, new Forwarding(new Findings()))
  const pipeline = new Pipeline(tracker)
  const skip = midStream === 0 ? 0 : 3 + midStream
  pipeline.push(pcapOf(stage.frames.slice(skip), stage.times.slice(skip)))
  pipeline.end()
  tracker.finish()
  return result
}
