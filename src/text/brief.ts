/** The properties of MQTT 5 in a few words, for a line that has room for the important ones. */
import { byWord } from '../base/by-word.ts'
import { hexByte, u8 } from '../base/bytes.ts'
import type { Field } from '../base/field.ts'
import { PROP_KEY, PROP_UNKNOWN, PROP_VALUE, PROPERTY_FIELDS, PROPERTY_ID, PROPERTY_LEN } from '../mqtt/fields.ts'
import { NEVER_EXPIRES, PROPERTIES } from '../mqtt/spec.ts'
import type { Node } from '../mqtt/tree.ts'
import { content } from './content.ts'
import { quoted, shown } from './sanitize.ts'

/** Most properties listed on a line, and most cells of a text in it; the details have them all. */
const MOST_TOLD = 8
const TEXT_CELLS = 32

interface Value {
  readonly bytes: Uint8Array
  readonly node: Node
  readonly redact: boolean
}
type Say = (value: Value) => string

const text = ({ bytes, node }: Value): string => quoted(shown(bytes, node.start, node.end, TEXT_CELLS))
const binary = ({ bytes, node, redact }: Value): string => {
  if (redact && node.field.secret === true) return `⟨${node.end - node.start} B⟩`
  return content(bytes, node.start, node.end, TEXT_CELLS)
}
const counted =
  (words: string, unit = ''): Say =>
  ({ node }) =>
    `${words} ${node.value}${unit}`
const named =
  (words: string, value: Say = text): Say =>
  given =>
    `${words} ${value(given)}`
/** A switch is worth a word in one position alone. */
const only =
  (position: number, words: string): Say =>
  ({ node }) =>
    node.value === position ? words : ''

/** Texts of properties by the specification's name; an empty one is left out. */
const SAYINGS: Readonly<Record<string, Say>> = byWord({
  payloadFormatIndicator: only(1, 'UTF-8'),
  messageExpiryInterval: counted('expires after', ' s'),
  contentType: named('content type'),
  responseTopic: named('response topic'),
  correlationData: named('correlation', binary),
  subscriptionIdentifier: counted('subscription id'),
  sessionExpiryInterval: ({ node }) =>
    node.value === NEVER_EXPIRES ? 'session never expires' : `session expiry ${node.value} s`,
  assignedClientIdentifier: named('client id'),
  serverKeepAlive: counted('keep alive', ' s'),
  authenticationMethod: named('method'),
  authenticationData: named('data', binary),
  requestProblemInformation: only(0, 'no problem information'),
  willDelayInterval: counted('delay', ' s'),
  requestResponseInformation: only(1, 'asks for response information'),
  responseInformation: named('response information'),
  serverReference: named('server'),
  reasonString: text,
  receiveMaximum: counted('receive max'),
  topicAliasMaximum: counted('alias max'),
  // Told with the topic.
  topicAlias: () => '',
  maximumQoS: counted('QoS max'),
  retainAvailable: only(0, 'no retain'),
  maximumPacketSize: counted('packet max', ' B'),
  wildcardSubscriptionAvailable: only(0, 'no wildcards'),
  subscriptionIdentifierAvailable: only(0, 'no subscription ids'),
  sharedSubscriptionAvailable: only(0, 'no shared subscriptions'),
})

const BY_FIELD: ReadonlyMap<Field, Say> = new Map(
  PROPERTIES.flatMap(({ id, name }) => {
    const field = PROPERTY_FIELDS[id]
    const say = SAYINGS[name]
    return field === undefined || say === undefined ? [] : [[field, say]]
  }),
)

/** Returns ` [expires after 60 s, 2 user properties]`, or nothing if there is no property to show. */
export function brief(bytes: Uint8Array, group: Node | undefined, redact: boolean): string {
  const told: string[] = []
  const users: Node[] = []
  for (const property of group?.children ?? []) {
    if (property.field === PROPERTY_LEN) continue
    if (property.field.kind === 'pair') users.push(property)
    else {
      const words = wordsOf(bytes, property, redact)
      if (words !== '') told.push(words)
    }
  }
  if (users[0] !== undefined)
    told.push(users.length === 1 ? pair(bytes, users[0], redact) : `${users.length} user properties`)
  if (told.length === 0) return ''
  const rest = Math.max(0, told.length - MOST_TOLD) + (group?.omitted ?? 0)
  return ` [${told.slice(0, MOST_TOLD).join(', ')}${rest > 0 ? `, and ${rest} more` : ''}]`
}

function wordsOf(bytes: Uint8Array, property: Node, redact: boolean): string {
  for (const node of property.children) {
    if (node.field === PROP_UNKNOWN) return unknown(bytes, property)
    const say = BY_FIELD.get(node.field)
    if (say !== undefined) return say({ bytes, node, redact })
  }
  return ''
}

function unknown(bytes: Uint8Array, property: Node): string {
  const id = property.children.find(node => node.field === PROPERTY_ID)
  return `unknown property 0x${hexByte(id === undefined ? 0 : u8(bytes, id.start))}`
}

function pair(bytes: Uint8Array, property: Node, redact: boolean): string {
  const name = property.children.find(node => node.field === PROP_KEY)
  const value = property.children.find(node => node.field === PROP_VALUE)
  const words = (node: Node | undefined): string => {
    if (node === undefined) return '?'
    if (redact && node.field.secret === true) return `⟨${node.end - node.start} B⟩`
    return quoted(shown(bytes, node.start, node.end, TEXT_CELLS))
  }
  return `user property ${words(name)}=${words(value)}`
}
