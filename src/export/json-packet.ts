/** The keys that depend on the type of a packet: a listener on the walk that writes each field as JSON when it is announced. */
import { type Field, type FieldSink, fieldCount } from '../base/field.ts'
import * as F from '../mqtt/fields.ts'
import { Slot } from '../mqtt/fields.ts'
import {
  BRIDGE_BIT,
  CONNECT,
  ConnectFlag,
  PUBLISH,
  retainHandlingOf,
  SUBACK,
  SUBSCRIBE,
  SubscriptionOption,
  UNSUBACK,
  versionOfLevel,
  willQosOf,
} from '../mqtt/spec.ts'
import type { Choice } from '../payload/rules.ts'
import { nameOf, type PayloadReader, payloadOf } from '../store/payloads.ts'
import { PacketRecord } from '../store/record.ts'

import { Texts } from '../text/row-values.ts'
import { PropertiesJson } from './json-properties.ts'
import {
  binary,
  brokenBytes,
  harmlessJson,
  jsonString,
  jsonText,
  List,
  partial,
  sizeAlone,
  textMember,
} from './json-text.ts'

/** Filters and codes written of one packet: far more than any client asks for. A packet of 16 MiB has room for millions. */
const MOST_LISTED = 100_000

/** Remembered topics behind aliases; beyond it they are forgotten together. */
const MOST_ALIAS_TOPICS = 1000

/** A code that the packet's type does not know. */
const UNKNOWN = 'unknown'

const redactedChoice = (choice: Choice): string => `{"as":${jsonText(nameOf(choice))},"by":"${choice.by}"}`

type Handler = (json: PacketJson, start: number, end: number, value: number) => void

export class PacketJson implements FieldSink {
  bytes: Uint8Array = new Uint8Array(0)
  type = 0
  readonly redact: boolean
  /** Members, each with its comma before it; '' for what was not on the wire. */
  remainingLength = ''
  topic = ''
  alias = ''
  packetId = ''
  code = ''
  payload = ''
  trailing = ''
  protocol = ''
  clean = ''
  keepAlive = ''
  clientId = ''
  username = ''
  password = ''
  sessionPresent = ''
  willTopic = ''
  willPayload = ''
  connectFlags = 0
  isLevel5 = false
  readonly topics = new Texts((bytes, start, end) => textMember('topic', bytes, start, end))
  /** Topics that aliases stand for, as JSON. */
  private readonly aliasTopics = new Map<string, string>()
  private entry = ''
  private readonly subscriptions = new List('subscriptions', MOST_LISTED)
  private readonly filters = new List('filters', MOST_LISTED)
  private readonly brokenFilters = new List('filtersBase64', MOST_LISTED)
  private readonly codes = new List('reasonCodes', MOST_LISTED)
  private readonly reasons = new List('reasons', MOST_LISTED)
  private readonly typeLists = [this.subscriptions, this.filters, this.brokenFilters, this.codes, this.reasons]
  private readonly ofPacket: PropertiesJson
  private readonly ofWill: PropertiesJson
  properties: PropertiesJson
  private record = new PacketRecord()

  /** Decodes payloads; undefined if nobody asked for it. */
  private readonly payloads: PayloadReader | undefined

  constructor(redact: boolean, payloads?: PayloadReader) {
    this.redact = redact
    this.payloads = payloads
    this.ofPacket = new PropertiesJson(redact)
    this.ofWill = new PropertiesJson(redact)
    this.properties = this.ofPacket
  }

  /** `,"remainingLength":13,"packetId":7,…`: what the packet's type has, in the documented order. */
  of(record: PacketRecord): string {
    this.reset(record)
    record.walk(this)
    if (this.payloads !== undefined) this.addDecoded(record, this.payloads)
    switch (record.type) {
      case PUBLISH:
        return this.remainingLength + this.packetId + this.publish(record) + this.ofPacket.member + this.payload
      case CONNECT:
        return this.remainingLength + this.connect() + this.trailing
      default:
        return this.remainingLength + this.sessionPresent + this.packetId + this.code + this.lists() + this.tail()
    }
  }

  /** `,"payload":{…}` gets `decoded` as its last member. */
  private addDecoded(record: PacketRecord, payloads: PayloadReader): void {
    const payload = payloadOf(record)
    const choice = payload === undefined ? undefined : payloads.choose(payload)
    if (payload === undefined || choice === undefined) return
    const decoded = this.redact ? redactedChoice(choice) : harmlessJson(payloads.json(payload, choice))
    const add = (member: string): string => (member === '' ? '' : `${member.slice(0, -1)},"decoded":${decoded}}`)
    if (record.type === PUBLISH) this.payload = add(this.payload)
    else this.willPayload = add(this.willPayload)
  }

  field(field: Field, start: number, end: number, value: number): void {
    const handler = HANDLERS[field.id]
    if (handler !== undefined) handler(this, start, end, value)
  }

  open(field: Field): void {
    if (field === F.WILL_PROPERTIES_GROUP) this.properties = this.ofWill
  }

  close(): void {}

  fault(): void {}

  secret(start: number, end: number): string {
    return this.redact ? sizeAlone(end - start) : binary(this.bytes, start, end)
  }

  /** Not all of a payload need have come; what a redacted one tells is its length on the wire. */
  payloadAt(start: number, end: number): string {
    const { raw } = this.record
    const size = raw.end - start
    if (this.redact) return sizeAlone(size)
    if (raw.readable >= raw.end) return binary(this.bytes, start, end)
    return partial(this.bytes, start, raw.kept - start, size, raw.holes, start - raw.start)
  }

  /** A topic of PUBLISH, a filter of SUBSCRIBE or of UNSUBSCRIBE. */
  topicAt(start: number, end: number): void {
    const { bytes, type } = this
    if (type === PUBLISH) this.topic = this.topics.of(bytes, start, end)
    else if (type === SUBSCRIBE) {
      this.endEntry()
      this.entry = textMember('filter', bytes, start, end, '{')
    } else this.unsubscribe(bytes, start, end)
  }

  options(members: string): void {
    this.entry += members
  }

  reason(field: Field, value: number): void {
    const name = jsonText(field.values?.[value] ?? UNKNOWN)
    if (this.type === SUBACK || this.type === UNSUBACK) {
      if (this.codes.room()) this.codes.add(`${value}`)
      if (this.reasons.room()) this.reasons.add(name)
    } else this.code = `,"${field === F.CONACK_VAL ? 'returnCode' : 'reasonCode'}":${value},"reason":${name}`
  }

  private unsubscribe(bytes: Uint8Array, start: number, end: number): void {
    const index = this.filters.size
    if (!this.filters.room()) return
    this.filters.add(jsonString(bytes, start, end))
    const broken = brokenBytes(bytes, start, end)
    if (broken !== undefined && this.brokenFilters.room()) this.brokenFilters.add(`[${index},${broken}]`)
  }

  private endEntry(): void {
    if (this.entry !== '' && this.subscriptions.room()) this.subscriptions.add(`${this.entry}}`)
    this.entry = ''
  }

  /** Where an alias stands alone, `topic` is what it stands for, and absent where nobody knows. */
  private publish(record: PacketRecord): string {
    if (record.aliasTopic !== undefined) return `,"topic":${this.aliased(record.aliasTopic)}${this.alias}`
    return record.aliasUnknown ? this.alias : this.topic + this.alias
  }

  private aliased(topic: string): string {
    const known = this.aliasTopics.get(topic)
    if (known !== undefined) return known
    if (this.aliasTopics.size >= MOST_ALIAS_TOPICS) this.aliasTopics.clear()
    const text = jsonText(topic)
    this.aliasTopics.set(topic, text)
    return text
  }

  private connect(): string {
    const start = this.protocol + this.clean + this.keepAlive + this.clientId
    return start + this.will() + this.username + this.password + this.ofPacket.member
  }

  private will(): string {
    const flags = this.connectFlags
    if ((flags & ConnectFlag.will) === 0) return ''
    const members = `,"qos":${willQosOf(flags)},"retain":${(flags & ConnectFlag.willRetain) !== 0}${this.willPayload}${this.ofWill.member}`
    return `,"will":{${(this.willTopic + members).slice(1)}}`
  }

  private lists(): string {
    this.endEntry()
    return (
      this.subscriptions.member() +
      this.filters.member() +
      this.brokenFilters.member() +
      this.codes.member() +
      this.reasons.member()
    )
  }

  private tail(): string {
    return this.ofPacket.member + this.trailing
  }

  private reset(record: PacketRecord): void {
    this.record = record
    this.bytes = record.raw.bytes
    this.type = record.type
    this.remainingLength = this.packetId = this.topic = this.alias = this.code = this.payload = this.trailing = ''
    this.sessionPresent = ''
    this.ofPacket.reset()
    this.properties = this.ofPacket
    if (record.type === PUBLISH) return
    if (record.type === CONNECT) this.resetConnect()
    for (const list of this.typeLists) list.reset()
  }

  private resetConnect(): void {
    this.protocol = this.clean = this.keepAlive = this.clientId = this.username = this.password = ''
    this.willTopic = this.willPayload = ''
    this.connectFlags = 0
    this.isLevel5 = false
    this.ofWill.reset()
  }
}

/** What to do with a field, by its id. */
const HANDLERS: readonly (Handler | undefined)[] = (() => {
  const handlers: (Handler | undefined)[] = new Array(fieldCount()).fill(undefined)
  const on = (field: Field, handler: Handler): void => {
    handlers[field.id] = handler
  }
  onHeader(on)
  onConnect(on)
  onProperties(on)
  for (const field of [...F.REASON_CODE, F.CONACK_VAL, F.SUBACK_QOS]) {
    if (field !== undefined) on(field, (json, _start, _end, value) => json.reason(field, value))
  }
  return handlers
})()

type On = (field: Field, handler: Handler) => void

function onHeader(on: On): void {
  on(F.LEN, (json, _start, _end, value) => {
    json.remainingLength = `,"remainingLength":${value}`
  })
  on(F.MSGID, (json, _start, _end, value) => {
    json.packetId = `,"packetId":${value}`
  })
  on(F.TOPIC, (json, start, end) => json.topicAt(start, end))
  // A topic of length 0 is announced by its length alone.
  on(F.TOPIC_LEN, (json, _start, end, value) => {
    if (value === 0) json.topicAt(end, end)
  })
  on(F.MSG, (json, start, end) => {
    json.payload = `,"payload":${json.payloadAt(start, end)}`
  })
  on(F.SUB_QOS, (json, _start, _end, value) =>
    json.options(`,"qos":${value & SubscriptionOption.qos}${reserved(value >> 2)}`),
  )
  on(F.SUB_OPTIONS, (json, _start, _end, value) => {
    const flags = `,"qos":${value & SubscriptionOption.qos},"noLocal":${(value & SubscriptionOption.noLocal) !== 0}`
    const asPublished = `,"retainAsPublished":${(value & SubscriptionOption.retainAsPublished) !== 0}`
    json.options(`${flags}${asPublished},"retainHandling":${retainHandlingOf(value)}${reserved(value >> 6)}`)
  })
  on(F.CONACK_SP, (json, _start, _end, value) => {
    json.sessionPresent = `,"sessionPresent":${value !== 0}`
  })
  on(F.TRAILING, (json, start, end) => {
    json.trailing = `,"trailing":${json.secret(start, end)}`
  })
}

const reserved = (bits: number): string => (bits === 0 ? '' : `,"reserved":${bits}`)

function onConnect(on: On): void {
  on(F.PROTONAME, (json, start, end) => {
    json.protocol = textMember('protocolName', json.bytes, start, end)
  })
  on(F.VER, (json, _start, _end, level) => {
    const version = versionOfLevel(level)
    const isBridge = version !== 0 && (level & BRIDGE_BIT) !== 0
    json.isLevel5 = version === 5
    json.protocol += `,"protocolLevel":${isBridge ? `${version},"bridge":true` : level}`
  })
  on(F.CONFLAGS, (json, _start, _end, value) => {
    json.connectFlags = value
    json.clean = `,"${json.isLevel5 ? 'cleanStart' : 'cleanSession'}":${(value & ConnectFlag.clean) !== 0}`
  })
  on(F.KALIVE, (json, _start, _end, value) => {
    json.keepAlive = `,"keepAlive":${value}`
  })
  on(F.CLIENTID, (json, start, end) => {
    json.clientId = textMember('clientId', json.bytes, start, end)
  })
  on(F.WILLTOPIC, (json, start, end) => {
    json.willTopic = textMember('topic', json.bytes, start, end)
  })
  on(F.WILLTOPIC_LEN, (json, _start, _end, value) => {
    if (value === 0) json.willTopic = ',"topic":""'
  })
  on(F.WILLMSG, (json, start, end) => {
    json.willPayload = `,"payload":${json.secret(start, end)}`
  })
  on(F.USERNAME, (json, start, end) => {
    json.username = json.redact
      ? `,"username":${sizeAlone(end - start)}`
      : textMember('username', json.bytes, start, end)
  })
  on(F.PASSWD, (json, start, end) => {
    json.password = `,"password":${json.secret(start, end)}`
  })
}

function onProperties(on: On): void {
  on(F.PROPERTY_ID, (json, _start, _end, value) => json.properties.begin(value))
  on(F.PROP_KEY, (json, start, end) => json.properties.pairName(start, end))
  on(F.PROP_VALUE, (json, start, end) => json.properties.pairValue(json.bytes, start, end))
  on(F.PROP_UNKNOWN, (json, start, end) => json.properties.rest(json.bytes, start, end))
  for (const field of F.PROPERTY_FIELDS) {
    if (field === undefined) continue
    on(field, (json, start, end, value) => {
      json.properties.property(field, json.bytes, start, end, value)
      if (field.slot === Slot.alias && json.alias === '') json.alias = `,"topicAlias":${value}`
    })
  }
}
