/** Screens worth keeping: a sample, and the keys that lead there. */
export interface View {
  readonly sample: string
  readonly keys: readonly string[]
}

export const VIEWS: Readonly<Record<string, View>> = {
  packets: { sample: 'tour', keys: [] },
  'packets-qos2': { sample: 'qos2', keys: [':', 'text:12', 'enter'] },
  'packets-explained': { sample: 'mqtt5', keys: [':', 'text:1', 'enter', 'e', 'down', 'down', 'down', 'down'] },
  'packets-malformed': { sample: 'malformed', keys: ['6', 'enter'] },
  'packets-filtered': { sample: 'tour', keys: ['/', 'text:mqtt.qos == 2', 'enter'] },
  'packets-never': { sample: 'again', keys: [':', 'text:16', 'enter'] },
  'packets-lost': { sample: 'lost', keys: ['G'] },
  'packets-websocket': { sample: 'websocket', keys: [':', 'text:6', 'enter', 'tab', 'up', 'right', 'down', 'down'] },
  'packets-keepalive': { sample: 'keepalive', keys: ['G'] },
  'filter-wrong': { sample: 'tour', keys: ['/', 'text:mqtt.topik == "a"'] },
  'filter-completed': { sample: 'tour', keys: ['/', 'text:mqtt.topic == "gar'] },
  flow: { sample: 'qos2', keys: [':', 'text:12', 'enter', '2'] },
  'flow-again': { sample: 'again', keys: [':', 'text:22', 'enter', '2'] },
  'flow-lost': { sample: 'lost', keys: [':', 'text:6', 'enter', '2'] },
  'flow-keepalive': { sample: 'keepalive', keys: ['2', 'G'] },
  'flow-will': { sample: 'will', keys: ['2', 'G'] },
  'flow-connection': { sample: 'tour', keys: [':', 'text:38', 'enter', '2', 'x'] },
  'flow-handshake': { sample: 'qos2', keys: [':', 'text:12', 'enter', '2', 'x', 'x'] },
  'flow-broken': { sample: 'malformed', keys: ['2', 'b'] },
  'flow-latency': { sample: 'tour', keys: [':', 'text:38', 'enter', '2', 'H'] },
  topics: { sample: 'tour', keys: ['3', 'down', 'down'] },
  sessions: { sample: 'tour', keys: ['4', 'down', 'down'] },
  'sessions-websocket': { sample: 'websocket', keys: ['4', 'down'] },
  stats: { sample: 'tour', keys: ['5'] },
  stream: { sample: 'lost', keys: ['7'] },
  'stream-text': { sample: 'lost', keys: [':', 'text:8', 'enter', '7', 'x'] },
  'stream-hex': { sample: 'lost', keys: ['7', 'x', 'x', 'down', 'down', 'down'] },
  'stream-broker': { sample: 'tour', keys: [':', 'text:38', 'enter', '7', 'd', 'd'] },
  log: { sample: 'lost', keys: ['8'] },
  findings: { sample: 'malformed', keys: ['6'] },
  help: { sample: 'tour', keys: ['?'] },
}
