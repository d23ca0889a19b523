/** A remark on behaviour, with the packet it is about. */
import type { Level } from '../mqtt/faults.ts'
import type { Remark } from '../store/remarks.ts'
import type { Connection } from './connection.ts'
import { type Rule, ruleId, ruleLevel } from './rules.ts'

export interface Finding extends Remark {
  readonly rule: Rule
  /** Number of the packet it is about; 0 for a session of which no packet was seen. */
  readonly packet: number
  readonly connection: Connection
}

export const LEVELS: readonly Level[] = ['note', 'warning', 'error']

export function finding(rule: Rule, connection: Connection, packet: number, message: string, offset = 0): Finding {
  return {
    rule,
    connection,
    packet,
    id: ruleId(rule, connection.version),
    level: ruleLevel(rule, connection.version),
    message,
    offset,
  }
}
