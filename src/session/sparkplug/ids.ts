/** Sparkplug: ids of groups, nodes and devices that are equal but for case (specification 3.0.0, chapter 2.5). */
import type { Rule } from '../rules.ts'
import { type Heard, say } from './heard.ts'

export const SPARKPLUG_IDS = {
  idCase: {
    id: 'tck-id-case-sensitivity-sparkplug-ids',
    level: 'warning',
    title: 'Ids equal but for case',
    explanation:
      'Ids of groups, edge nodes and devices are case-sensitive, and two that differ in case alone should not be used in one environment: hosts that store them elsewhere may take them for one. (Sparkplug 3.0.0, chapter 2.5)',
  },
} as const satisfies Record<string, Rule>

/** Ids remembered in lower case; later ones are not compared. */
const MOST_IDS = 20_000

export class Ids {
  private readonly spelled = new Map<string, string>()
  private readonly reported = new Set<string>()

  /** Compares the ids of a birth with those of births before. */
  check(heard: Heard): void {
    const { group, node, device } = heard.topic
    const { broker } = heard.node
    this.one(heard, broker, group)
    this.one(heard, broker, `${group}/${node}`)
    if (device !== undefined) this.one(heard, broker, `${group}/${node}/${device}`)
  }

  private one(heard: Heard, broker: string, text: string): void {
    const key = `${broker} ${text.toLowerCase()}`
    const other = this.spelled.get(key)
    if (other === undefined && this.spelled.size < MOST_IDS) this.spelled.set(key, text)
    if (other === undefined || other === text || this.reported.has(key)) return
    this.reported.add(key)
    say(heard, SPARKPLUG_IDS.idCase, `${other} and ${text} differ in case alone`)
  }
}
