/** Uses of topics and payloads that many programs share: each a row of a table, named in the details. None has a format of its own. */
import { byWord } from '../base/by-word.ts'

export interface Convention {
  /** What it is called, and what this topic is for. */
  readonly text: string
  /** Writes out a key of the payload, where the convention has short ones; undefined for a key that is not short. */
  readonly keyOf?: (key: string) => string | undefined
}

interface Row {
  readonly topic: RegExp
  /** `$1` and so on stand for the groups of `topic`. */
  readonly text: string
  readonly keyOf?: Convention['keyOf']
}

const ROWS: readonly Row[] = [
  {
    topic: /^homeassistant\/([^/]+)\/(?:.+\/)?config$/,
    text: 'Home Assistant discovery: configuration of a $1',
    keyOf: homeAssistantKey,
  },
  { topic: /^homeassistant\/status$/, text: 'Home Assistant: birth and will of Home Assistant itself' },
  { topic: /^homie\/(?:5\/)?([^/]+)\/\$state$/, text: 'Homie: state of the device $1' },
  { topic: /^homie\/5\/([^/]+)\/\$description$/, text: 'Homie 5: description of the device $1' },
  { topic: /^homie\/(?:5\/)?([^/]+)\/.*\$([\w-]+)$/, text: 'Homie: attribute $2 of the device $1' },
  { topic: /^homie\/(?:5\/)?([^/]+)\/([^/$]+)\/([^/$]+)\/set$/, text: 'Homie: command to $3 of $2, device $1' },
  { topic: /^homie\/(?:5\/)?([^/]+)\/([^/$]+)\/([^/$]+)$/, text: 'Homie: value of $3 of $2, device $1' },
  { topic: /^zigbee2mqtt\/bridge\/(.+)$/, text: 'Zigbee2MQTT: bridge, $1' },
  { topic: /^zigbee2mqtt\/(.+)\/availability$/, text: 'Zigbee2MQTT: availability of $1' },
  { topic: /^zigbee2mqtt\/(.+)\/(set|get)(?:\/.+)?$/, text: 'Zigbee2MQTT: $2 request to $1' },
  { topic: /^zigbee2mqtt\/(.+)$/, text: 'Zigbee2MQTT: state of $1' },
  { topic: /^tele\/(.+)\/(STATE|SENSOR|LWT|INFO\d|UPTIME|RESULT)$/, text: 'Tasmota: telemetry of $1, $2' },
  { topic: /^stat\/(.+)\/(RESULT|STATUS\d*|POWER\d*|LOGGING)$/, text: 'Tasmota: answer of $1, $2' },
  { topic: /^cmnd\/(.+)\/([^/]+)$/, text: 'Tasmota: command $2 to $1' },
  { topic: /^owntracks\/([^/]+)\/([^/]+)$/, text: 'OwnTracks: location of $2, user $1; "_type" says which message' },
  { topic: /^owntracks\/([^/]+)\/([^/]+)\/(\w+)$/, text: 'OwnTracks: $3 of $2, user $1' },
  {
    topic: /^msh\/(?:.+\/)?2\/(?:e|c)\/([^/]+)\/([^/]+)$/,
    text: 'Meshtastic: ServiceEnvelope (protobuf) of gateway $2, channel $1; its packet is mostly encrypted',
  },
  { topic: /^msh\/(?:.+\/)?2\/json\/([^/]+)\/([^/]+)$/, text: 'Meshtastic: JSON of gateway $2, channel $1' },
]

/** Returns the convention whose form a topic has; undefined if it has none. */
export function conventionOf(topic: string): Convention | undefined {
  for (const { topic: form, text, keyOf } of ROWS) {
    const parts = form.exec(topic)
    if (parts === null) continue
    const written = text.replace(/\$(\d)/g, (_, nth: string) => parts[Number(nth)] ?? '')
    return keyOf === undefined ? { text: written } : { text: written, keyOf }
  }
  return undefined
}

/** Parts of the short keys in discovery messages of Home Assistant, which are joined by underscores. */
const SHORT_PARTS: Readonly<Record<string, string>> = byWord({
  act: 'action',
  avail: 'available',
  avty: 'availability',
  bat: 'battery',
  bri: 'brightness',
  cat: 'category',
  cla: 'class',
  cls: 'close',
  clr: 'color',
  clrm: 'color_mode',
  cmd: 'command',
  curr: 'current',
  dev: 'device',
  ent: 'entity',
  fx: 'effect',
  hum: 'humidity',
  ids: 'identifiers',
  lev: 'level',
  mdl: 'model',
  meas: 'measurement',
  mf: 'manufacturer',
  obj: 'object',
  osc: 'oscillation',
  pct: 'percentage',
  pl: 'payload',
  pos: 'position',
  pow: 'power',
  pr: 'preset',
  scl: 'scale',
  spd: 'speed',
  stat: 'state',
  t: 'topic',
  temp: 'temperature',
  tpl: 'template',
  uniq: 'unique',
  unlk: 'unlock',
  val: 'value',
})

/** Keys whose parts are not joined from the table, or that would be joined wrongly. */
const SHORT_KEYS: Readonly<Record<string, string | undefined>> = byWord<string | undefined>({
  '~': 'base topic: ~ at the beginning or end of other topics stands for it',
  exp_aft: 'expire_after',
  frc_upd: 'force_update',
  max_temp: undefined,
  min_temp: undefined,
  opt: 'optimistic',
  ops: 'options',
  ret: 'retain',
  sw: 'sw_version',
})

function homeAssistantKey(key: string): string | undefined {
  if (key in SHORT_KEYS) return SHORT_KEYS[key]
  const long = key
    .split('_')
    .map(part => SHORT_PARTS[part] ?? part)
    .join('_')
  return long === key ? undefined : long
}
