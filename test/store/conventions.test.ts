/** Topics by the conventions that many programs share. */
import { expect, test } from 'vitest'
import { conventionOf } from '../../src/store/conventions.ts'

test.each([
  ['homeassistant/sensor/hall/temperature/config', 'Home Assistant discovery: configuration of a sensor'],
  ['homeassistant/light/lamp1/config', 'Home Assistant discovery: configuration of a light'],
  ['homie/kettle/$state', 'Homie: state of the device kettle'],
  ['homie/5/kettle/$description', 'Homie 5: description of the device kettle'],
  ['homie/kettle/water/temperature', 'Homie: value of temperature of water, device kettle'],
  ['homie/5/kettle/water/target/set', 'Homie: command to target of water, device kettle'],
  ['zigbee2mqtt/bridge/devices', 'Zigbee2MQTT: bridge, devices'],
  ['zigbee2mqtt/kitchen/lamp/set', 'Zigbee2MQTT: set request to kitchen/lamp'],
  ['zigbee2mqtt/kitchen/lamp', 'Zigbee2MQTT: state of kitchen/lamp'],
  ['tele/plug1/SENSOR', 'Tasmota: telemetry of plug1, SENSOR'],
  ['stat/plug1/POWER2', 'Tasmota: answer of plug1, POWER2'],
  ['cmnd/plug1/POWER', 'Tasmota: command POWER to plug1'],
  ['owntracks/jane/phone', 'OwnTracks: location of phone, user jane; "_type" says which message'],
  ['owntracks/jane/phone/event', 'OwnTracks: event of phone, user jane'],
  ['msh/EU_868/2/json/LongFast/!a1b2', 'Meshtastic: JSON of gateway !a1b2, channel LongFast'],
])('%s', (topic, text) => {
  expect(conventionOf(topic)?.text).toBe(text)
})

test.each([
  'house/hall/temperature',
  'tele/vision/news',
  'stat/x',
  'homeassistant/sensor/config2',
  'homie',
  '__proto__',
])('%s is none of them', topic => {
  expect(conventionOf(topic)).toBeUndefined()
})

test('a topic with signs of a replacement stays as it is', () => {
  expect(conventionOf('cmnd/$2/$1')?.text).toBe('Tasmota: command $1 to $2')
})

test('short keys of Home Assistant are written out', () => {
  const keyOf = conventionOf('homeassistant/light/lamp/config')?.keyOf ?? (() => 'none')
  const keys = [
    'stat_t',
    'bri_cmd_t',
    'uniq_id',
    'unit_of_meas',
    'dev_cla',
    'avty_t',
    'val_tpl',
    'pl_not_avail',
    'max_temp',
  ]
  expect(keys.map(keyOf)).toEqual([
    'state_topic',
    'brightness_command_topic',
    'unique_id',
    'unit_of_measurement',
    'device_class',
    'availability_topic',
    'value_template',
    'payload_not_available',
    undefined,
  ])
  expect(['name', 'state_topic', 'constructor'].map(keyOf)).toEqual([undefined, undefined, undefined])
})
