/** The ids of the specification's test kit that are checked here, and the occasions on which each is. */
import type { Rule } from '../rules.ts'
import { SPARKPLUG_RULES as RULES } from './sparkplug.ts'

const BIRTHS = ['NBIRTH metrics', 'DBIRTH metrics']
const DATA = ['NDATA metrics', 'DDATA metrics']
const COUNTED = ['NBIRTH', 'NDATA', 'DBIRTH', 'DDATA', 'DDEATH']
const any = (...types: readonly string[]): readonly string[] => types.map(type => `any ${type}`)

/** A rule, and words of `Nodes.occasions`, any of which is an occasion for it. */
const TABLE: readonly (readonly [Rule, readonly string[]])[] = [
  [RULES.withoutDevice, any('DBIRTH', 'DDEATH', 'DDATA', 'DCMD')],
  [RULES.withDevice, any('NBIRTH', 'NDEATH', 'NDATA', 'NCMD')],
  [RULES.nbirth, any('NBIRTH')],
  [RULES.dbirth, any('DBIRTH')],
  [RULES.ndata, any('NDATA')],
  [RULES.ddata, any('DDATA')],
  [RULES.ddeath, any('DDEATH')],
  [RULES.ncmd, any('NCMD')],
  [RULES.dcmd, any('DCMD')],
  [RULES.birthPayload, ['NBIRTH']],
  [RULES.noWill, ['will']],
  [RULES.willTopic, ['will']],
  [RULES.willPayload, ['certificate']],
  [RULES.willBdSeq, ['certificate']],
  [RULES.willQos, ['certificate']],
  [RULES.willRetain, ['certificate']],
  [RULES.birthBdSeq, ['NBIRTH']],
  [RULES.bdSeqMatching, ['certificate']],
  [RULES.bdSeqIncrement, ['bdSeq']],
  [RULES.disconnect311, ['disconnect 3']],
  [RULES.disconnect50, ['disconnect 5']],
  [RULES.missing, COUNTED],
  [RULES.incrementing, ['next seq']],
  [RULES.birthRange, ['NBIRTH']],
  [RULES.birthNotZero, ['NBIRTH']],
  [RULES.death, ['NDEATH']],
  [RULES.nodeCommand, ['NCMD']],
  [RULES.deviceCommand, ['DCMD']],
  [RULES.deviceBeforeNode, ['DBIRTH']],
  [RULES.nodeDataOrder, ['NDATA']],
  [RULES.deviceDataOrder, ['DDATA']],
  [RULES.notSubscribed, ['subscription']],
  [RULES.rebirthMetric, ['NBIRTH']],
  [RULES.rebirthAlias, ['NBIRTH']],
  [RULES.aliasUniqueness, ['alias']],
  [RULES.name, [...BIRTHS, ...DATA]],
  [RULES.type, BIRTHS],
  [RULES.typeValue, [...BIRTHS, ...DATA]],
  [RULES.typeNotRequired, [...DATA, 'NCMD metrics', 'DCMD metrics']],
  [RULES.timestamp, [...BIRTHS, ...DATA]],
  [RULES.keys, ['properties']],
  [RULES.columns, ['data set']],
  [RULES.types, ['data set']],
  [RULES.definition, ['template']],
  [RULES.nameCase, BIRTHS],
  [RULES.idCase, ['NBIRTH', 'DBIRTH']],
  [RULES.stops, ['rebirth']],
  [RULES.births, ['rebirth']],
  [RULES.sameBdSeq, ['rebirth']],
  [RULES.hostWill, ['STATE will']],
  [RULES.hostWillTopic, ['STATE will']],
  [RULES.hostWillPayload, ['STATE will']],
  [RULES.hostWillQos, ['STATE will']],
  [RULES.hostWillRetained, ['STATE will']],
  [RULES.hostBirthQos, ['STATE']],
  [RULES.hostBirthRetained, ['STATE']],
  [RULES.hostBirthPayload, ['STATE']],
  [RULES.hostDelivered, ['STATE delivered']],
]

export interface TckResult {
  readonly rule: Rule
  readonly result: 'passed' | 'failed' | 'not seen'
  /** How often the rule was reported; a note fails nothing. */
  readonly count: number
}

/** Returns a line for each id of the test kit. `occasions`: `Nodes.occasions`; `broken`: how often each id was reported. */
export function tckResults(occasions: ReadonlySet<string>, broken: ReadonlyMap<string, number>): readonly TckResult[] {
  return TABLE.map(([rule, words]) => {
    const count = broken.get(rule.id) ?? 0
    const isSeen = words.some(word => occasions.has(word))
    const isBroken = count > 0 && rule.level !== 'note'
    return { rule, count, result: isBroken ? 'failed' : isSeen ? 'passed' : 'not seen' }
  })
}
