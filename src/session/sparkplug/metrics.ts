/** Sparkplug: metrics, their names, aliases and data types (specification 3.0.0, chapters 6.4.6 to 6.4.16). */
import { DATA_TYPES, Type } from '../../payload/sparkplug-fields.ts'
import type { Rule } from '../rules.ts'
import { type Heard, named, say } from './heard.ts'
import type { MetricFault, MetricReading } from './reading.ts'
import { hasSeq, isBirth, isCommand, isData } from './topic.ts'

/** The metric by which a host asks for new births. */
export const REBIRTH = 'Node Control/Rebirth'

export const SPARKPLUG_METRICS = {
  rebirthMetric: {
    id: 'tck-id-topics-nbirth-rebirth-metric',
    level: 'error',
    title: 'NBIRTH without Node Control/Rebirth',
    explanation:
      'An NBIRTH has a Boolean metric Node Control/Rebirth with the value false: hosts set it to ask for new births. (Sparkplug 3.0.0, chapter 4.2)',
  },
  rebirthAlias: {
    id: 'tck-id-operational-behavior-data-commands-rebirth-name-aliases',
    level: 'error',
    title: 'Node Control/Rebirth has an alias',
    explanation:
      'The metric Node Control/Rebirth has no alias: a host that knows no alias of the node yet has to be able to ask for a rebirth. (Sparkplug 3.0.0, chapter 5.14)',
  },
  aliasUniqueness: {
    id: 'tck-id-payloads-alias-uniqueness',
    level: 'error',
    title: 'One alias for two metrics',
    explanation:
      'An alias stands for one metric of an edge node and all its devices. If two metrics have it, hosts write the values of one into the other. (Sparkplug 3.0.0, chapter 6.4.6)',
  },
  aliasUnknown: {
    id: 'sparkplug.alias_unknown',
    level: 'warning',
    title: 'Alias that no birth announced',
    explanation:
      'Data has a metric with an alias that the births of the node do not name. Hosts cannot tell which metric it is. Check whether the node changes its metrics without new births. (Sparkplug 3.0.0, chapter 6.4.6)',
  },
  aliasBefore: {
    id: 'sparkplug.birth_unseen',
    level: 'note',
    title: 'Aliases from births not seen',
    explanation:
      'Data has metrics with an alias alone, and the births that name them are not in the capture, or bytes are missing after them. Their names and data types are not known.',
  },
  name: {
    id: 'tck-id-payloads-name-requirement',
    level: 'error',
    title: 'Metric without name and alias',
    explanation:
      'Each metric has its name, or in data an alias that a birth gave to a name; births have the name always. (Sparkplug 3.0.0, chapter 6.4.6)',
  },
  type: {
    id: 'tck-id-payloads-metric-datatype-req',
    level: 'error',
    title: 'Birth without data type',
    explanation:
      'Each metric of NBIRTH and DBIRTH has its data type: hosts need it to read the value, and the data that follows. (Sparkplug 3.0.0, chapter 6.4.6)',
  },
  typeValue: {
    id: 'tck-id-payloads-metric-datatype-value',
    level: 'error',
    title: 'Unknown data type',
    explanation:
      'The data type is one of the numbers that the specification lists. (Sparkplug 3.0.0, chapters 6.4.6, 6.4.16)',
  },
  typeNotRequired: {
    id: 'tck-id-payloads-metric-datatype-not-req',
    level: 'note',
    title: 'Data type outside of births',
    explanation:
      'Data and commands should not repeat the data type: the birth said it. Most libraries send it, and it costs two bytes a metric. (Sparkplug 3.0.0, chapter 6.4.6)',
  },
  timestamp: {
    id: 'tck-id-payloads-name-birth-data-requirement',
    level: 'error',
    title: 'Metric without timestamp',
    explanation:
      'Each metric of births and data has a timestamp, the time at which the value was read. (Sparkplug 3.0.0, chapter 6.4.6)',
  },
  keys: {
    id: 'tck-id-payloads-propertyset-keys-array-size',
    level: 'error',
    title: 'PropertySet with unequal lists',
    explanation:
      'A PropertySet has as many keys as values. Otherwise nobody can tell which value a key has. (Sparkplug 3.0.0, chapter 6.4.8)',
  },
  columns: {
    id: 'tck-id-payloads-dataset-column-num-headers',
    level: 'error',
    title: 'DataSet with wrong number of columns',
    explanation: 'A DataSet names as many columns as num_of_columns says. (Sparkplug 3.0.0, chapter 6.4.11)',
  },
  types: {
    id: 'tck-id-payloads-dataset-types-num',
    level: 'error',
    title: 'DataSet with wrong number of types',
    explanation: 'A DataSet has a data type for each of its columns. (Sparkplug 3.0.0, chapter 6.4.11)',
  },
  definition: {
    id: 'tck-id-payloads-template-definition-nbirth-only',
    level: 'error',
    title: 'Template definition outside of NBIRTH',
    explanation:
      'Definitions of templates are metrics of NBIRTH alone; all others are instances. (Sparkplug 3.0.0, chapter 6.4.14)',
  },
  nameCase: {
    id: 'tck-id-case-sensitivity-metric-names',
    level: 'warning',
    title: 'Metric names equal but for case',
    explanation:
      'Names of metrics are case-sensitive, and two that differ in case alone should not be used: hosts that store them elsewhere may take them for one. (Sparkplug 3.0.0, chapter 2.5)',
  },
  tooMany: {
    id: 'sparkplug.too_many',
    level: 'note',
    title: 'More Sparkplug metrics than remembered',
    explanation:
      'The births in the capture name more metrics than are remembered at once (100,000, or 16 MiB of names). From here on aliases are not judged.',
  },
} as const satisfies Record<string, Rule>

const FAULTS: Readonly<Record<MetricFault, readonly [Rule, string]>> = {
  keys: [SPARKPLUG_METRICS.keys, 'has not as many property keys as values'],
  columns: [SPARKPLUG_METRICS.columns, 'is a DataSet whose columns are not as many as it says'],
  types: [SPARKPLUG_METRICS.types, 'is a DataSet whose types are not as many as its columns'],
  definition: [SPARKPLUG_METRICS.definition, 'is a template definition'],
}

/** Checks each metric for itself. */
export function checkMetrics(heard: Heard): void {
  const { topic, reading } = heard
  const { metrics } = reading
  const { type } = topic
  const report = (rule: Rule, wrong: readonly MetricReading[], what: string): void => {
    if (wrong.length > 0) say(heard, rule, `${named(wrong)} ${what} in ${type}`)
  }
  report(
    SPARKPLUG_METRICS.name,
    metrics.filter(metric => isNameless(metric, isBirth(type))),
    'has no name',
  )
  report(
    SPARKPLUG_METRICS.typeValue,
    metrics.filter(({ type }) => type >= DATA_TYPES.length),
    'has a data type that does not exist',
  )
  if (isBirth(type))
    report(
      SPARKPLUG_METRICS.type,
      metrics.filter(({ type }) => type < 0),
      'has no data type',
    )
  if (isBirth(type) || isData(type))
    report(
      SPARKPLUG_METRICS.timestamp,
      metrics.filter(({ hasTime }) => !hasTime),
      'has no timestamp',
    )
  for (const fault of ['keys', 'columns', 'types', 'definition'] as const) {
    if (fault === 'definition' && type === 'NBIRTH') continue
    const [rule, what] = FAULTS[fault]
    report(
      rule,
      metrics.filter(({ faults }) => faults.includes(fault)),
      what,
    )
  }
}

const isNameless = ({ name, alias }: MetricReading, isBorn: boolean): boolean =>
  name === undefined && (isBorn || alias === undefined)

/** Returns true if the message repeats data types, which is reported once a connection. */
export const repeatsTypes = ({ topic, reading }: Heard): boolean =>
  (isData(topic.type) || isCommand(topic.type)) && reading.metrics.some(({ type }) => type >= 0)

/** Checks what an NBIRTH says of rebirths. */
export function checkRebirthMetric(heard: Heard): void {
  if (heard.reading.isCompressed) return
  const found = heard.reading.metrics.find(({ name }) => name === REBIRTH)
  if (found === undefined) return say(heard, SPARKPLUG_METRICS.rebirthMetric, `NBIRTH has no metric ${REBIRTH}`)
  if (found.flag !== false || found.type !== Type.boolean)
    say(heard, SPARKPLUG_METRICS.rebirthMetric, `${REBIRTH} is not the Boolean false in NBIRTH`)
  if (found.alias !== undefined)
    say(heard, SPARKPLUG_METRICS.rebirthAlias, `${REBIRTH} has the alias ${found.alias} in NBIRTH`)
}

/** Checks the aliases of data; `isFull`: births were not remembered for lack of room. True if aliases of unseen births are in it. */
export function checkAliases(heard: Heard, isFull: boolean): boolean {
  const { node, reading, topic, connection } = heard
  if (!hasSeq(topic.type) || isBirth(topic.type) || isFull) return false
  const unknown = reading.metrics.filter(
    ({ name, alias }) => name === undefined && alias !== undefined && !node.aliases.has(alias),
  )
  if (unknown.length === 0) return false
  if (!node.isComplete || node.source !== connection) return true
  say(heard, SPARKPLUG_METRICS.aliasUnknown, `${named(unknown)} is in no birth of ${node.id}`)
  return false
}

/** Checks, before a birth is learnt, that its aliases and names differ from each other and from those that stand. */
export function checkBirthNames(heard: Heard): void {
  const { reading, topic, node } = heard
  const aliases = new Map<string, string>()
  const names = new Map<string, string>()
  let [alias, name] = ['', '']
  for (const metric of reading.metrics) {
    const own = metric.name ?? ''
    const lower = own.toLowerCase()
    const other = names.get(lower)
    if (other !== undefined && other !== own) name ||= `${other} and ${own} differ in case alone`
    names.set(lower, own)
    if (metric.alias === undefined) continue
    const taken = aliases.get(metric.alias) ?? takenBy(heard, metric.alias)
    if (taken !== undefined && taken !== own)
      alias ||= `alias ${metric.alias} of ${node.id} stands for ${taken} and for ${own}`
    aliases.set(metric.alias, own)
  }
  if (alias !== '') say(heard, SPARKPLUG_METRICS.aliasUniqueness, alias)
  if (name !== '') say(heard, SPARKPLUG_METRICS.nameCase, `${name} in ${topic.type}`)
}

/** Returns the metric of another device, or of the node, that has the alias; an NBIRTH begins anew. */
function takenBy({ node, topic }: Heard, alias: string): string | undefined {
  if (topic.type === 'NBIRTH' || !node.isComplete) return undefined
  const known = node.aliases.get(alias)
  if (known === undefined || known.device === topic.device) return undefined
  return known.device === undefined ? `${known.name} of the node` : `${known.name} of ${known.device}`
}
