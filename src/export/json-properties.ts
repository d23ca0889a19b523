/** A block of MQTT 5 properties as one JSON object. */
import type { Field } from '../base/field.ts'
import { base64, flat } from '../base/strings.ts'
import { PROPERTY_FIELDS } from '../mqtt/fields.ts'
import { PROPERTIES } from '../mqtt/spec.ts'
import { isSecret } from '../text/row-values.ts'
import { binary, brokenBytes, jsonString, List, sizeAlone, textMember } from './json-text.ts'

/** User properties written of one block. A packet can hold millions, and brokers have burnt their time on thousands. */
export const MOST_USER_PROPERTIES = 1000
/** The same for what no honest packet has many of. */
const MOST_REPEATED = 1000

const SUBSCRIPTION_IDENTIFIER = 'subscriptionIdentifier'

/** The specification's name of a property, by field id. */
const NAMES: readonly (string | undefined)[] = (() => {
  const names: (string | undefined)[] = []
  for (const { id, name } of PROPERTIES) {
    const field = PROPERTY_FIELDS[id]
    if (field !== undefined) names[field.id] = name
  }
  return names
})()

/** `"receiveMaximum":`, ready made. */
const KEYS: readonly (string | undefined)[] = NAMES.map(name => flat(`"${name}":`))

export class PropertiesJson {
  private members = ''
  /** Bits of the identifiers below and from 32 that came. */
  private low = 0
  private high = 0
  private readonly userProperties = new List('userProperties', MOST_USER_PROPERTIES)
  /** Which of them break UTF-8: `[index, name, value]` in base64. */
  private readonly brokenPairs = new List('userPropertiesBase64', MOST_USER_PROPERTIES)
  private readonly identifiers = new List(`${SUBSCRIPTION_IDENTIFIER}s`, MOST_REPEATED)
  private readonly repeated = new List('repeated', MOST_REPEATED)
  private readonly unknown = new List('unknown', MOST_REPEATED)
  private readonly lists = [this.userProperties, this.brokenPairs, this.identifiers, this.repeated, this.unknown]
  private hasLists = false
  private readonly redact: boolean
  private id = 0
  private nameStart = 0
  private nameEnd = 0

  constructor(redact: boolean) {
    this.redact = redact
  }

  reset(): void {
    this.members = ''
    this.low = this.high = 0
    if (!this.hasLists) return
    this.hasLists = false
    for (const list of this.lists) list.reset()
  }

  /** The identifier of the property that comes next. */
  begin(id: number): void {
    this.id = id
  }

  property(field: Field, bytes: Uint8Array, start: number, end: number, value: number): void {
    const name = NAMES[field.id]
    if (name === undefined) return
    const before = this.members === '' ? '{' : ','
    if (name === SUBSCRIPTION_IDENTIFIER) {
      if (this.room(this.identifiers)) this.identifiers.add(`${value}`)
    } else if (!this.isFirst()) {
      if (this.room(this.repeated)) this.repeated.add(`["${name}",${this.again(field, bytes, start, end, value)}]`)
    } else if (field.kind === 'text') this.members += textMember(name, bytes, start, end, before)
    else this.members += before + (KEYS[field.id] ?? '') + this.plain(field, bytes, start, end, value)
  }

  pairName(start: number, end: number): void {
    this.nameStart = start
    this.nameEnd = end
  }

  pairValue(bytes: Uint8Array, start: number, end: number): void {
    const index = this.userProperties.size
    if (!this.room(this.userProperties)) return
    const { nameStart, nameEnd } = this
    const value = this.redact ? `"<${end - start} bytes>"` : jsonString(bytes, start, end)
    this.userProperties.add(`[${jsonString(bytes, nameStart, nameEnd)},${value}]`)
    if (this.redact) return
    const isBroken = brokenBytes(bytes, nameStart, nameEnd) ?? brokenBytes(bytes, start, end)
    if (isBroken === undefined || !this.room(this.brokenPairs)) return
    this.brokenPairs.add(`[${index},"${base64(bytes, nameStart, nameEnd)}","${base64(bytes, start, end)}"]`)
  }

  /** The rest of the block behind an identifier that no version knows. */
  rest(bytes: Uint8Array, start: number, end: number): void {
    if (!this.room(this.unknown)) return
    const value = this.redact ? `"size":${end - start}` : `"base64":"${base64(bytes, start, end)}"`
    this.unknown.add(`{"id":${this.id},${value}}`)
  }

  /** `,"properties":{…}`; nothing where there are none. */
  get member(): string {
    let members = this.members
    if (this.hasLists) for (const list of this.lists) members += list.member(members === '' ? '{' : ',')
    return members === '' ? '' : `,"properties":${members}}`
  }

  private room(list: List): boolean {
    this.hasLists = true
    return list.room()
  }

  /** Whether the property came for the first time; the next time it is not. */
  private isFirst(): boolean {
    const bit = 1 << (this.id & 31)
    const seen = this.id < 32 ? this.low & bit : this.high & bit
    if (this.id < 32) this.low |= bit
    else this.high |= bit
    return seen === 0
  }

  private plain(field: Field, bytes: Uint8Array, start: number, end: number, value: number): string {
    if (field.kind !== 'bytes') return `${value}`
    return this.redact && isSecret(field) ? sizeAlone(end - start) : binary(bytes, start, end)
  }

  private again(field: Field, bytes: Uint8Array, start: number, end: number, value: number): string {
    if (field.kind !== 'text') return this.plain(field, bytes, start, end, value)
    const broken = brokenBytes(bytes, start, end)
    return jsonString(bytes, start, end) + (broken === undefined ? '' : `,${broken}`)
  }
}
