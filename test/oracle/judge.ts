/** What we say of bytes that went over the wire: the whole line, from a capture made of them to the findings. */
import { Analysis } from '../../src/analysis/analysis.ts'
import type { RuleFinding } from '../../src/session/finding.ts'
import type { TrackerSink } from '../../src/session/tracker.ts'
import { type Finding, findingsOf } from '../../src/store/findings.ts'
import type { PacketRecord, PlacedFinding } from '../../src/store/record.ts'
import { Connection, pcapOf } from '../support/wire.ts'
import type { Piece } from './broker.ts'

/** Findings on what the client sent, and on what the broker sent. */
export class Verdict implements TrackerSink {
  readonly client: Finding[] = []
  readonly server: Finding[] = []
  private readonly senders = new Map<number, Finding[]>()

  packet(record: PacketRecord): void {
    const list = record.stream.senderOf(record.side) === 'server' ? this.server : this.client
    this.senders.set(record.number, list)
    list.push(...findingsOf(record))
  }

  /** Of a packet, or of a side of the stream. */
  finding(finding: PlacedFinding): void {
    const { packet, stream, side } = finding
    const list = side === undefined || stream?.senderOf(side) !== 'server' ? this.client : this.server
    ;(packet === 0 ? list : this.senders.get(packet))?.push(finding)
  }

  ruleFinding(_finding: RuleFinding): void {}
  gap(): void {}
  skipped(): void {}
  damage(): void {}

  get clientErrors(): readonly string[] {
    return this.client.filter(({ level }) => level === 'error').map(({ id }) => id)
  }

  get serverErrors(): readonly string[] {
    return this.server.filter(({ level }) => level === 'error').map(({ id }) => id)
  }
}

export function judge(pieces: readonly Piece[], closed: boolean): Verdict {
  const frames: Uint8Array[] = []
  const connection = new Connection(frames, 4, 40_000, 1000)
  for (const { fromClient, bytes } of pieces) {
    for (let at = 0; at < bytes.length; at += 1400) connection.send(fromClient, bytes.subarray(at, at + 1400))
  }
  connection.finish(!closed)
  const verdict = new Verdict()
  const analysis = new Analysis(verdict, { depth: 'fanout' })
  analysis.push(pcapOf(frames))
  analysis.end()
  return verdict
}
