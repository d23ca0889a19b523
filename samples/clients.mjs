// The stories that mosquitto's tools cannot be steered finely enough for: `node clients.mjs <story>`, called by make.sh.
import { appendFileSync, readFileSync } from 'node:fs'
import { connect as dial } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { connect as secure } from 'node:tls'
import mqtt from 'mqtt'
import sparkplugPayload from 'sparkplug-payload'
import { createWebSocketStream, WebSocketServer } from 'ws'

const BROKER = '192.0.2.1'
const VERSIONS = { 3.1: { protocolId: 'MQIsdp', protocolVersion: 3 }, '3.1.1': { protocolVersion: 4 }, 5: { protocolVersion: 5 } }

/** An own socket, because MQTT.js has no option for the local address; no retries, a story wants to see each connection once. */
async function join(clientId, version, localAddress, more = {}) {
  const open = () => dial({ host: BROKER, port: 1883, localAddress })
  const client = new mqtt.MqttClient(open, { clientId, reconnectPeriod: 0, ...VERSIONS[version], ...more })
  await new Promise((resolve, reject) => client.once('connect', resolve).once('error', reject))
  return client
}

async function subscribe() {
  const display = await join('wall-display', '3.1.1', '192.0.2.12')
  const sensor = await join('house-sensors', '3.1.1', '192.0.2.11')
  const readings = async () => {
    for (const [topic, value] of [['house/kitchen/temperature', '21.0'], ['house/cellar/temperature', '14.5'], ['house/cellar/door', 'shut']]) {
      await sensor.publishAsync(topic, value, { qos: 1 })
    }
    await pause(100)
  }
  await display.subscribeAsync({ 'house/+/temperature': { qos: 1 }, 'house/cellar/#': { qos: 0 } })
  await readings()
  await display.unsubscribeAsync('house/cellar/#')
  await readings()
  await display.subscribeAsync('$SYS/broker/version')
  await pause(100)
  await display.unsubscribeAsync(['house/+/temperature', '$SYS/broker/version'])
  await readings()
  await display.endAsync()
  await sensor.endAsync()
}

async function mqtt5() {
  const lamp = await join('lamp', '5', '192.0.2.12', {
    properties: { sessionExpiryInterval: 300, receiveMaximum: 10, topicAliasMaximum: 5, userProperties: { room: 'hall', maker: 'example' } },
  })
  await lamp.subscribeAsync('lamp/hall/set', {
    qos: 1, nl: true, rap: true, rh: 1, properties: { subscriptionIdentifier: 7, userProperties: { why: 'to be switched' } },
  })
  await lamp.subscribeAsync('app/state', { qos: 1 })
  const app = await join('app', '5', '192.0.2.11', {
    will: {
      topic: 'app/state', payload: Buffer.from('gone'), qos: 1, retain: false,
      properties: { willDelayInterval: 1, contentType: 'text/plain', payloadFormatIndicator: true, messageExpiryInterval: 60 },
    },
  })
  await app.publishAsync('lamp/hall/set', '{"on":true}', {
    qos: 1,
    properties: {
      payloadFormatIndicator: true, messageExpiryInterval: 30, contentType: 'application/json', responseTopic: 'app/answers',
      correlationData: Buffer.from('request 1'), userProperties: { by: 'anna' },
    },
  })
  // The alias replaces the topic: its first use binds it, then the topic stays empty.
  await app.publishAsync('lamp/hall/brightness', '80', { properties: { topicAlias: 1 } })
  for (const value of ['60', '40', '20']) await app.publishAsync('', value, { properties: { topicAlias: 1 } })
  // Reason codes that are no errors: nobody listens (0x10), nothing to unsubscribe from (0x11).
  await app.publishAsync('lamp/cellar/set', 'off', { qos: 1 })
  await app.publishAsync('lamp/cellar/set', 'off', { qos: 2 })
  await app.unsubscribeAsync('lamp/attic/#')
  await pause(100)
  await app.endAsync(false, { reasonCode: 0x04 }) // "Disconnect with Will Message"
  await pause(2500)
  await lamp.endAsync(false, { reasonCode: 0, properties: { sessionExpiryInterval: 0 } })
  await join('robot', '5', '192.0.2.13', {
    properties: { authenticationMethod: 'EXAMPLE-TOKEN', authenticationData: Buffer.from([1, 2, 3, 4]) },
  }).catch(() => {})
  // Alias 11 where the broker allowed 10: MQTT.js would refuse to send it.
  await speak('192.0.2.14', '10 12 0004 4d515454 05 02 003c 00 0005 6561676572', '30 09 0001 74 03 23 000b 6f6e')
}

async function tour() {
  const kitchen = await join('kitchen-display', '3.1.1', '192.0.2.12', { keepalive: 3 })
  await kitchen.subscribeAsync({ 'house/+/temperature': { qos: 1 }, 'garden/#': { qos: 2 } })
  const anna = await join('anna-phone', '5', '192.0.2.13', {
    username: 'anna', password: 'example', keepalive: 4, properties: { sessionExpiryInterval: 120, receiveMaximum: 20 },
  })
  const pump = await join('garden-pump', '5', '192.0.2.14', {
    will: { topic: 'garden/pump/state', payload: Buffer.from('offline'), qos: 1, retain: true },
  })
  const thermostat = await join('old-thermostat', '3.1', '192.0.2.11', { keepalive: 30 })
  await pump.publishAsync('garden/pump/state', 'online', { qos: 1, retain: true })
  await pump.subscribeAsync('garden/pump/set', { qos: 2 })
  pump.on('message', (_, command) => pump.publish('garden/pump/flow', command.toString() === 'start' ? '12.5' : '0.0'))
  for (const value of ['20.5', '20.7', '21.0']) {
    await thermostat.publishAsync('house/hall/temperature', value)
    await thermostat.publishAsync('house/kitchen/temperature', String(Number(value) + 1), { qos: 1 })
    await pause(700)
  }
  await anna.subscribeAsync({ 'garden/pump/+': { qos: 1 }, 'house/hall/temperature': { qos: 0 } }, { properties: { subscriptionIdentifier: 1 } })
  await anna.publishAsync('garden/pump/set', 'start', { qos: 2, properties: { contentType: 'text/plain', userProperties: { by: 'Anna' } } })
  await pause(1500)
  await thermostat.publishAsync('house/hall/temperature', '21.3')
  await anna.publishAsync('garden/pump/set', 'stop', { qos: 2 })
  await pause(1500)
  pump.stream.destroy() // the cable is pulled: no DISCONNECT, so the will is published
  await pause(2500)
  await kitchen.unsubscribeAsync('house/+/temperature')
  await thermostat.endAsync()
  await anna.endAsync()
  await kitchen.endAsync()
}

/** Sends bytes piece by piece on a connection of its own and waits for the broker to close it. */
async function speak(localAddress, ...pieces) {
  const socket = dial({ host: BROKER, port: 1883, localAddress, noDelay: true })
  socket.on('data', () => {}).on('error', () => {})
  const closed = new Promise(resolve => socket.on('close', resolve))
  for (const piece of pieces) {
    socket.write(Buffer.from(piece.replaceAll(' ', ''), 'hex'))
    await pause(150)
  }
  setTimeout(() => socket.destroy(), 1500).unref()
  await closed
}

async function malformed() {
  const connect4 = '10 10 0004 4d515454 04 02 003c 0004 62616431' // client id bad1
  const connect5 = '10 11 0004 4d515454 05 02 003c 00 0004 62616435' // client id bad5
  await speak('192.0.2.11', connect4, '80 08 0001 0003 612f62 00') // SUBSCRIBE with flags 0000 instead of 0010
  await speak('192.0.2.12', connect4, '30 05 0003 61 ff 62', 'c0 00') // a topic that is not UTF-8
  await speak('192.0.2.13', connect5, '30 09 0003 612f62 02 7e 00 21') // property 0x7e does not exist
  await speak('192.0.2.14', connect4, '30 80 80 80 80 01 0003 612f62') // Remaining Length of five bytes
  await speak('192.0.2.11', '10 10 0004 4d515454 09 02 003c 0004 62616439') // protocol level 9
}

/** What web servers do in front of a broker: each WebSocket on /mqtt becomes a connection to it. Ends with its process. */
function gateway() {
  const options = { host: BROKER, port: 8083, path: '/mqtt', handleProtocols: () => 'mqtt', perMessageDeflate: { threshold: 0 } }
  new WebSocketServer(options).on('connection', socket => {
    const [outside, inside] = [createWebSocketStream(socket), dial({ host: '127.0.0.1', port: 1883, noDelay: true })]
    outside.on('error', () => {}).pipe(inside).on('error', () => {}).pipe(outside)
  })
}

async function websocket() {
  const browser = (clientId, localAddress, perMessageDeflate) =>
    mqtt.connectAsync(`ws://${BROKER}:8083/mqtt`, { clientId, reconnectPeriod: 0, wsOptions: { localAddress, perMessageDeflate } })
  const panel = await browser('wall-panel', '192.0.2.12', false)
  const tablet = await browser('anna-tablet', '192.0.2.13', true)
  await panel.subscribeAsync('house/+/temperature', { qos: 1 })
  await tablet.subscribeAsync('house/#')
  const thermostat = await join('old-thermostat', '3.1.1', '192.0.2.11')
  for (const value of ['20.5', '20.7']) await thermostat.publishAsync('house/hall/temperature', value, { qos: 1 })
  await tablet.publishAsync('house/hall/set', JSON.stringify({ temperature: 21, until: '22:00' }), { qos: 1 })
  await pause(200)
  for (const client of [tablet, panel, thermostat]) await client.endAsync()
}

/** A client in TLS; its keys go to the file KEYLOG, if there is one. */
async function joinSecurely(clientId, version, localAddress, tls) {
  const open = () => {
    const socket = secure({ host: BROKER, port: 8883, localAddress, servername: 'broker.example', ca: readFileSync(process.env.CA), ...tls })
    if (process.env.KEYLOG) socket.on('keylog', line => appendFileSync(process.env.KEYLOG, line))
    return socket
  }
  const client = new mqtt.MqttClient(open, { clientId, reconnectPeriod: 0, ...VERSIONS[version] })
  await new Promise((resolve, reject) => client.once('connect', resolve).once('error', reject))
  return client
}

async function tls() {
  const phone = await joinSecurely('anna-phone', '5', '192.0.2.12', { minVersion: 'TLSv1.3' })
  await phone.subscribeAsync('garden/#', { qos: 1 })
  const pump = await joinSecurely('garden-pump', '3.1.1', '192.0.2.11', { maxVersion: 'TLSv1.2' })
  await pump.subscribeAsync('garden/pump/set', { qos: 1 })
  await phone.publishAsync('garden/pump/set', 'on', { qos: 1 })
  await pump.publishAsync('garden/pump/state', 'on', { qos: 1 })
  const meter = await join('rain-meter', '3.1.1', '192.0.2.13')
  await meter.publishAsync('garden/rain', '0.4 mm')
  await pause(200)
  for (const client of [meter, pump, phone]) await client.endAsync()
}

async function tlsNoKeys() {
  const phone = await joinSecurely('anna-phone', '5', '192.0.2.12', { minVersion: 'TLSv1.3', ALPNProtocols: ['mqtt'] })
  const pump = await joinSecurely('garden-pump', '3.1.1', '192.0.2.11', { maxVersion: 'TLSv1.2' })
  await phone.subscribeAsync('garden/#', { qos: 1 })
  for (const value of ['on', 'off']) await pump.publishAsync('garden/pump/state', value, { qos: 1 })
  // It trusts nobody whom it does not know.
  await joinSecurely('stranger', '3.1.1', '192.0.2.13', { maxVersion: 'TLSv1.2', ca: [] }).catch(() => {})
  await pause(200)
  for (const client of [pump, phone]) await client.endAsync()
}

/** Sparkplug B 3.0: an edge node with a device, and a host. `bdSeq` is one more in each CONNECT of the node. */
const sparkplugB = sparkplugPayload.get('spBv1.0')
const spb = (metrics, seq) => Buffer.from(sparkplugB.encodePayload({ timestamp: Date.now(), metrics: metrics.map(metric => ({ timestamp: Date.now(), ...metric })), ...(seq === undefined ? {} : { seq }) }))
const bdSeqMetric = bdSeq => ({ name: 'bdSeq', type: 'UInt64', value: bdSeq })

/** The births of the node and its press; the metrics of the press have aliases. */
async function born(node, bdSeq) {
  await node.publishAsync('spBv1.0/plant/NBIRTH/line-1', spb([
    bdSeqMetric(bdSeq),
    { name: 'Node Control/Rebirth', type: 'Boolean', value: false },
    { name: 'Inputs/room temperature', alias: 1, type: 'Float', value: 21.5, properties: { engUnit: { type: 'String', value: '°C' } } },
  ], 0))
  await node.publishAsync('spBv1.0/plant/DBIRTH/line-1/press', spb([
    { name: 'pressure', alias: 2, type: 'Double', value: 101.325 },
    { name: 'offset', alias: 3, type: 'Int16', value: -5 },
    { name: 'state', alias: 4, type: 'String', value: 'idle' },
    { name: 'pieces', alias: 5, type: 'UInt64', value: 40_213 },
  ], 1))
}

async function joinNode(bdSeq) {
  const node = await join('line-1', '3.1.1', '192.0.2.11', {
    keepalive: 5,
    will: { topic: 'spBv1.0/plant/NDEATH/line-1', payload: spb([bdSeqMetric(bdSeq)]), qos: 1, retain: false },
  })
  await node.subscribeAsync({ 'spBv1.0/plant/NCMD/line-1': { qos: 1 }, 'spBv1.0/plant/DCMD/line-1/+': { qos: 1 } })
  await born(node, bdSeq)
  return node
}

const data = (node, seq, metrics) => node.publishAsync('spBv1.0/plant/DDATA/line-1/press', spb(metrics, seq))

async function sparkplug() {
  const timestamp = Date.now()
  const state = online => JSON.stringify({ online, timestamp })
  const host = await join('scada', '5', '192.0.2.12', {
    will: { topic: 'spBv1.0/STATE/scada', payload: Buffer.from(state(false)), qos: 1, retain: true },
  })
  await host.subscribeAsync({ 'spBv1.0/plant/#': { qos: 1 }, 'spBv1.0/STATE/scada': { qos: 1 } })
  await host.publishAsync('spBv1.0/STATE/scada', state(true), { qos: 1, retain: true })
  const node = await joinNode(0)
  await pause(300)
  await data(node, 2, [{ alias: 4, value: 'pressing', type: 'String' }, { alias: 2, value: 163.2, type: 'Double' }])
  await pause(300)
  await data(node, 3, [{ alias: 3, value: -12, type: 'Int16' }, { alias: 5, value: 40_214, type: 'UInt64' }])
  await pause(300)
  // One message is counted and never sent: the host sees that 4 is missing, and asks for new births.
  await data(node, 5, [{ alias: 2, value: 101.4, type: 'Double' }])
  const asked = new Promise(resolve => node.once('message', resolve))
  await host.publishAsync('spBv1.0/plant/NCMD/line-1', spb([{ name: 'Node Control/Rebirth', type: 'Boolean', value: true }]))
  await asked
  await born(node, 0)
  await pause(300)
  await node.publishAsync('spBv1.0/plant/NDATA/line-1', spb([{ alias: 1, value: 22.5, type: 'Float' }], 2))
  await pause(300)
  node.stream.destroy() // the cable is pulled: the broker publishes the will, NDEATH
  await pause(1000)
  const back = await joinNode(1)
  await data(back, 2, [{ alias: 4, value: 'idle', type: 'String' }])
  await pause(300)
  await back.publishAsync('spBv1.0/plant/NDEATH/line-1', spb([bdSeqMetric(1)]))
  await back.endAsync()
  await host.publishAsync('spBv1.0/STATE/scada', state(false), { qos: 1, retain: true })
  await host.endAsync()
}

const STORIES = { sparkplug, subscribe, mqtt5, tour, malformed, gateway, websocket, tls, tlsNoKeys }
await STORIES[process.argv[2]]()
