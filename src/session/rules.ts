/**
 * What is remarked on in the behaviour of a connection: tables in `rules/`, one file a family. `v4` and `v5` are the
 * numbers of MQTT 3.1.1 and 5.0; where the version spoken has none, the own id stands. An error breaks a MUST or MUST NOT
 * of that version for sure.
 */
import { type Levels, levelIn } from '../mqtt/faults.ts'
import type { Version } from '../mqtt/spec.ts'
import type { Level } from '../store/vocabulary.ts'

export interface Rule extends Levels {
  readonly id: string
  readonly v4?: string
  readonly v5?: string
  readonly title: string
  /** For learners: what the rule is for. */
  readonly explanation: string
}

/** Returns the id of the rule in the version spoken: the own one if that version has no statement. MQTT 3.1 numbers nothing. */
export function ruleId(rule: Rule, version: Version): string {
  const number = version === 5 ? rule.v5 : version === 4 ? rule.v4 : undefined
  return number === undefined ? rule.id : `MQTT-${number}`
}

export const ruleLevel = (rule: Rule, version: Version): Level => levelIn(rule, version)
