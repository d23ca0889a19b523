/** A remark on behaviour, with the packet it is about. */
import type { Level } from '../mqtt/faults.ts'
import type { Remark } from '../store/remarks.ts'
import { type Rule, ruleId, ruleLevel } from './rules.ts'
import type { Session } from './session.ts'

export interface Finding extends Remark {
  readonly rule: Rule
  /** Number of the packet it is about; 0 for a session of which no packet was seen. */
  readonly packet: number
  readonly session: Session
}

export const LEVELS: readonly Level[] = ['note', 'warning', 'error']

export function finding(rule: Rule, session: Session, packet: number, message: string, offset = 0): Finding {
  return {
    rule,
    session,
    packet,
    id: ruleId(rule, session.version),
    level: ruleLevel(rule, session.version),
    message,
    offset,
  }
}
