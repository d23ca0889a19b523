/** A finding of a rule, with the packet it is about. */
import { type Finding, WHOLE } from '../store/record.ts'
import type { Level } from '../store/vocabulary.ts'
import type { Connection } from './connection.ts'
import { type Rule, ruleId, ruleLevel } from './rules.ts'

export interface RuleFinding extends Finding {
  readonly rule: Rule
  /** Number of the packet it is about; 0 for a connection of which no packet was seen. */
  readonly packet: number
  readonly connection: Connection
}

/** A keep alive that ran out. */
export interface Expiry {
  readonly connection: Connection
  /** Seconds since the capture began, as its clock shows them. */
  readonly time: number
  /** Level of the finding that was made of it. */
  readonly level: Level
}

export function ruleFinding(
  rule: Rule,
  connection: Connection,
  packet: number,
  message: string,
  offset = WHOLE,
): RuleFinding {
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
