/** What the checks of Sparkplug are given with each message that a client sends. */
import type { PacketRecord } from '../../store/record.ts'
import type { Connection } from '../connection.ts'
import type { Rule } from '../rules.ts'
import type { Node } from './nodes.ts'
import type { Reading } from './reading.ts'
import type { SparkplugTopic } from './topic.ts'

/** Receives findings, as the tracker does. */
export interface Reporter {
  report(rule: Rule, connection: Connection, packet: number, message: string, offset?: number): void
}

export interface Heard {
  readonly record: PacketRecord
  readonly connection: Connection
  readonly topic: SparkplugTopic
  /** As it was before the message. */
  readonly node: Node
  readonly reading: Reading
  readonly time: number
  readonly to: Reporter
}

/** Reports a breach of `rule` by the message at hand. */
export const say = ({ record, connection, to }: Heard, rule: Rule, message: string): void =>
  to.report(rule, connection, record.number, message)

/** Returns `metric` and its name, or the number of them and the name of the first. */
export function named(
  metrics: readonly { readonly name: string | undefined; readonly alias: string | undefined }[],
): string {
  const [first] = metrics
  const name = first?.name ?? (first?.alias === undefined ? 'one without a name' : `alias ${first.alias}`)
  return metrics.length === 1 ? `metric ${name}` : `${metrics.length} metrics, the first is ${name},`
}
