/** Values of valid packets are those that mqtt-packet reads, an implementation with nothing in common with ours. */
import fc from 'fast-check'
import mqttPacket from 'mqtt-packet'
import { expect, test } from 'vitest'
import { CONNECT_3, CONNECT_4, CONNECT_5, type Conversation } from '../support/conversation.ts'
import { effort } from '../support/effort.ts'
import { type Json, recordsOf } from '../support/json.ts'

type Version = 3 | 4 | 5
const CONNECTS: Readonly<Record<Version, string>> = { 3: CONNECT_3, 4: CONNECT_4, 5: CONNECT_5 }

/** What mqtt-packet reads from the bytes. */
function theirs(bytes: Uint8Array, version: Version): Json {
  const parser = mqttPacket.parser({ protocolVersion: version } as mqttPacket.IConnectPacket)
  let found: Json = {}
  parser.on('packet', (packet: unknown) => {
    found = packet as Json
  })
  parser.on('error', (cause: unknown) => {
    throw cause
  })
  parser.parse(Buffer.from(bytes))
  return found
}

/** What our record says, in the words of mqtt-packet. */
function ours(bytes: Uint8Array, version: Version, isConnect: boolean): Json {
  const talk = (told: Conversation): void => {
    if (!isConnect) told.client(CONNECTS[version])
    told.bytes(0, bytes)
  }
  return recordsOf(talk).at(-1) ?? {}
}

const utf8 = fc.string({ unit: 'binary', maxLength: 12 }).filter(text => !text.includes('\0'))
const topic = fc.string({ unit: fc.constantFrom(...'abc/é€😀'), minLength: 1, maxLength: 12 })
const bytesOf = fc.uint8Array({ maxLength: 40 })
const id = fc.integer({ min: 1, max: 65_535 })
const qos = fc.constantFrom(0 as const, 1 as const, 2 as const)
const u32 = fc.integer({ min: 1, max: 0xffffffff })
const userProperties = fc.dictionary(fc.constantFrom('k', 'ключ', 'a b'), utf8, { minKeys: 1 })
/** Some of the keys. */
const some = <T extends object>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }) => fc.record(model, { requiredKeys: [] })

const publishProperties = some({
  payloadFormatIndicator: fc.boolean(),
  messageExpiryInterval: u32,
  topicAlias: id,
  responseTopic: topic,
  correlationData: bytesOf.map(bytes => Buffer.from(bytes)),
  userProperties,
  contentType: utf8,
})

const binaryOf = (value: unknown): Buffer => {
  const { text, base64 } = value as { text?: string; base64?: string }
  return text === undefined ? Buffer.from(base64 ?? '', 'base64') : Buffer.from(text)
}

/** Properties as mqtt-packet has them: user properties by name, flags as booleans. */
function plain(properties: unknown): Json {
  const { userProperties, ...rest } = (properties ?? {}) as Json
  const flat: Json = {}
  for (const [key, value] of Object.entries(rest)) {
    flat[key] = typeof value === 'object' ? binaryOf(value).toString('hex') : value
  }
  if (userProperties !== undefined) flat.userProperties = Object.fromEntries(userProperties as [string, string][])
  return flat
}

const FLAGS = ['payloadFormatIndicator', 'requestResponseInformation', 'requestProblemInformation']

function expected(properties: unknown): Json {
  const flat: Json = {}
  for (const [key, value] of Object.entries((properties ?? {}) as Json)) {
    if (Buffer.isBuffer(value)) flat[key] = value.toString('hex')
    else if (key === 'userProperties') flat[key] = { ...(value as Json) }
    else flat[key] = FLAGS.includes(key) ? Number(value) : value
  }
  return flat
}

const RUNS = { numRuns: effort(50, 150) }
const version = fc.constantFrom<Version>(3, 4, 5)
const generate = (packet: unknown, protocolVersion: Version): Uint8Array =>
  mqttPacket.generate(packet as mqttPacket.Packet, { protocolVersion } as mqttPacket.IConnectPacket)

test('PUBLISH', () => {
  const publish = fc.record({
    topic,
    payload: bytesOf,
    qos,
    retain: fc.boolean(),
    messageId: id,
    properties: publishProperties,
  })
  fc.assert(
    fc.property(publish, version, (given, version) => {
      const packet = { cmd: 'publish', dup: false, ...given, payload: Buffer.from(given.payload) }
      const bytes = generate(packet, version)
      const read = theirs(bytes, version)
      const record = ours(bytes, version, false)
      expect(record).toMatchObject({
        type: 'PUBLISH',
        topic: read.topic,
        flags: { dup: read.dup, qos: read.qos, retain: read.retain },
        remainingLength: read.length,
      })
      expect(record.packetId).toBe(read.messageId)
      expect(binaryOf(record.payload)).toEqual(Buffer.from(read.payload as Uint8Array))
      expect(plain(record.properties)).toEqual(version === 5 ? expected(read.properties) : {})
    }),
    RUNS,
  )
})

test('CONNECT', () => {
  const will = fc.record({ topic, payload: bytesOf.map(bytes => Buffer.from(bytes)), qos, retain: fc.boolean() })
  const properties = some({
    sessionExpiryInterval: u32,
    receiveMaximum: id,
    maximumPacketSize: u32,
    topicAliasMaximum: id,
    requestResponseInformation: fc.boolean(),
    requestProblemInformation: fc.boolean(),
    userProperties,
    authenticationMethod: utf8,
  })
  const connect = fc.record(
    {
      clientId: topic,
      keepalive: fc.nat(65_535),
      clean: fc.constant(true),
      will,
      properties,
      username: utf8,
      password: bytesOf,
    },
    { requiredKeys: ['clientId', 'keepalive', 'clean'] },
  )
  fc.assert(
    fc.property(connect, version, (given, version) => {
      const { password, ...rest } = given
      const hasPassword = password !== undefined && given.username !== undefined && given.username !== ''
      const packet = {
        cmd: 'connect',
        protocolId: version === 3 ? 'MQIsdp' : 'MQTT',
        protocolVersion: version,
        ...rest,
        ...(hasPassword ? { password: Buffer.from(password) } : {}),
      }
      const bytes = generate(packet, version)
      const read = theirs(bytes, version)
      const record = ours(bytes, version, true)
      expect(record).toMatchObject({
        protocolName: read.protocolId,
        protocolLevel: read.protocolVersion,
        keepAlive: read.keepalive,
        clientId: read.clientId,
        [version === 5 ? 'cleanStart' : 'cleanSession']: read.clean,
      })
      expect(record.username).toBe(read.username)
      const read2 = read.password as Buffer | undefined
      expect(record.password === undefined ? undefined : binaryOf(record.password)).toEqual(
        read2 === null ? undefined : read2,
      )
      const theirWill = read.will as Json | undefined
      const ourWill = record.will as Json | undefined
      expect(ourWill?.topic).toBe(theirWill?.topic)
      if (ourWill !== undefined) {
        expect([ourWill.qos, ourWill.retain]).toEqual([theirWill?.qos, theirWill?.retain])
        expect(binaryOf(ourWill.payload)).toEqual(theirWill?.payload)
      }
      expect(plain(record.properties)).toEqual(version === 5 ? expected(read.properties) : {})
    }),
    RUNS,
  )
})

test('SUBSCRIBE, SUBACK, UNSUBSCRIBE, acknowledgements', () => {
  const subscription = fc.record({ topic, qos, nl: fc.boolean(), rap: fc.boolean(), rh: fc.constantFrom(0, 1, 2) })
  const filters = fc.array(subscription, { minLength: 1, maxLength: 5 })
  const codes = fc.array(fc.constantFrom(0, 1, 2, 128), { minLength: 1, maxLength: 5 })
  fc.assert(
    fc.property(filters, codes, id, version, (subscriptions, granted, messageId, version) => {
      const read = (packet: object): [Json, Json] => {
        const bytes = generate({ messageId, ...packet }, version)
        return [theirs(bytes, version), ours(bytes, version, false)]
      }
      const [subscribe, subscribed] = read({ cmd: 'subscribe', subscriptions })
      const options = ({ topic: filter, qos, nl, rap, rh }: Json): Json =>
        version === 5 ? { filter, qos, noLocal: nl, retainAsPublished: rap, retainHandling: rh } : { filter, qos }
      expect(subscribed.subscriptions).toEqual((subscribe.subscriptions as Json[]).map(options))
      const [suback, subacked] = read({ cmd: 'suback', granted })
      expect(subacked.reasonCodes).toEqual(suback.granted)
      const [unsubscribe, unsubscribed] = read({
        cmd: 'unsubscribe',
        unsubscriptions: subscriptions.map(({ topic }) => topic),
      })
      expect(unsubscribed.filters).toEqual(unsubscribe.unsubscriptions)
      const [puback, pubacked] = read({ cmd: 'puback', reasonCode: 16 })
      expect(pubacked.packetId).toBe(puback.messageId)
      if (version === 5) expect(pubacked.reasonCode).toBe(puback.reasonCode)
    }),
    RUNS,
  )
})
