/**
 * The same expression here and in tshark. tshark selects frames and we select packets, so frames with exactly one packet
 * are compared; where tshark reads a capture wrongly (lost, reordered, broken bytes) there is nothing to compare.
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'vitest'
import { Pipeline } from '../../src/analysis/pipeline.ts'
import { Filter } from '../../src/filter/filter.ts'
import { needs } from '../support/tools.ts'

const SAMPLES = fileURLToPath(new URL('../../samples/', import.meta.url))
const STORIES = ['tour', 'connect', 'refused', 'will', 'again', 'subscribe', 'retained', 'mqtt5', 'ipv6', 'large']

const EXPRESSIONS: readonly string[] = [
  'mqtt',
  'tcp',
  'ip',
  'ipv6',
  'eth',
  'frame',
  'mqtt.dupflag',
  'not mqtt.dupflag',
  'mqtt.dupflag == 1',
  'mqtt.dupflag == True',
  'mqtt.dupflag == False',
  'mqtt.retain == 1',
  'mqtt.qos == 2 and not mqtt.dupflag',
  'mqtt.qos == 1',
  'mqtt.qos != 1',
  'mqtt.qos !== 1',
  'mqtt.qos === 1',
  'mqtt.qos ne 2',
  'mqtt.qos gt 0',
  'mqtt.qos >= 1',
  'mqtt.qos in {1, 2}',
  'mqtt.qos in {1..2}',
  'not mqtt.qos in {1}',
  'mqtt.qos not in {1}',
  'mqtt.qos & 1',
  'mqtt.qos == -1',
  'mqtt.msgtype == 3',
  'mqtt.msgtype == "Publish Message"',
  'mqtt.msgtype == "publish message"',
  'mqtt.msgtype > "Publish Ack"',
  'mqtt.msgtype in {"Publish Message", "Connect Command"}',
  'mqtt.msgtype==3&&mqtt.qos==1',
  'mqtt.msgtype == 3 || mqtt.msgtype == 1 && mqtt.len > 30',
  '!(mqtt.msgtype == 3)',
  'not mqtt.msgtype == 3 and mqtt.len < 10',
  'mqtt.hdrflags == 0x30',
  'mqtt.len > 30',
  'mqtt.len == 0x0d',
  'mqtt.len in {2, 4, 10..20}',
  'mqtt.len in {5 .. 7}',
  'mqtt.msgid == 1',
  'mqtt.msgid',
  'mqtt.topic',
  'mqtt.topic == "house/hall/temperature"',
  'mqtt.topic != "house/hall/temperature"',
  'mqtt.topic !== "house/hall/temperature"',
  'mqtt.topic contains "pump"',
  'mqtt.topic contains "PUMP"',
  'mqtt.topic contains pump',
  'mqtt.topic matches "PUMP"',
  'mqtt.topic matches "^garden/.*set$"',
  'mqtt.topic matches r"^\\w+/\\w+$"',
  'mqtt.topic ~ "hall|cellar"',
  'mqtt.topic > "h"',
  'mqtt.topic < "h"',
  'mqtt.topic[0:3] == "gar"',
  'mqtt.topic[0-2] == "gar"',
  'mqtt.topic[0:2,3] == "gad"',
  'mqtt.topic[1-2,0] == "arg"',
  'mqtt.topic[-3:] == "set"',
  'mqtt.topic[-3:3] == "set"',
  'mqtt.topic[:3] == "gar"',
  'mqtt.topic[0:3] == 67:61:72',
  // Of a text that is shorter than the slice tshark 4.0 compares nothing at all, as if it were there; here it has no value.
  'mqtt.topic[0:1] != "g"',
  'mqtt.topic[0:3] matches "GA"',
  'mqtt.topic[0:3] contains "a"',
  'mqtt.topic[0:3] > "a"',
  'mqtt.topic[0:100] == "garden/pump/set"',
  'mqtt.topic[14] == "t"',
  'mqtt.topic[15]',
  'mqtt.topic[2:3][0] == "r"',
  "mqtt.topic[0] == 'g'",
  'lower(mqtt.topic) contains "pump"',
  'upper(mqtt.topic) == "GARDEN/PUMP/SET"',
  'lower(mqtt.topic)[0:2] == "ga"',
  'len(mqtt.topic) == 15',
  'len(mqtt.topic) > 20',
  'count(mqtt.topic) == 2',
  'count(mqtt.topic) == 0',
  'count(mqtt.sub.qos) > 1',
  'string(mqtt.qos) == "1"',
  'string(mqtt.msgid) matches "^1"',
  'mqtt.topic == mqtt.topic',
  'mqtt.topic != mqtt.topic',
  'mqtt.topic contains mqtt.topic',
  'mqtt.topic == mqtt.willtopic',
  'mqtt.msg',
  'mqtt.msg contains "on"',
  'mqtt.msg contains 6f:6e',
  'mqtt.msg matches "^O"',
  'mqtt.msg[0:1] == 6f',
  'mqtt.msg[0] == "o"',
  'len(mqtt.msg) > 3',
  'mqtt.msg == "on"',
  'mqtt.clientid matches "^GARDEN"',
  'mqtt.clientid',
  'mqtt.clientid in {"garden-pump", "anna-phone"}',
  'mqtt.protoname == "MQIsdp"',
  'mqtt.ver == 4',
  'mqtt.ver == "MQTT v5.0"',
  'mqtt.kalive == 60',
  'mqtt.conflags == 0x02',
  'mqtt.conflag.cleansess == 1',
  'mqtt.conflag.uname == 1',
  'mqtt.willtopic contains "state"',
  'mqtt.username',
  'mqtt.conack.val == 0',
  'mqtt.conack.val != 0',
  'mqtt.conack.flags.sp == 1',
  'mqtt.connack.reason_code == 0x87',
  'mqtt.suback.reason_code == 1',
  'mqtt.suback.qos == 0',
  'mqtt.sub.qos != 0',
  'mqtt.sub.qos !== 0',
  'mqtt.subscription_options_nl == 0',
  'mqtt.properties',
  'mqtt.property_id == 0x23',
  'mqtt.prop_number > 10',
  'mqtt.prop_key',
  'mqtt.prop_value contains "a"',
  'mqtt.property.content_type',
  'mqtt.property.topic_alias == 1',
  'mqtt.disconnect.reason_code',
  'mqtt contains "pump"',
  'frame contains "MQTT"',
  'tcp contains "MQTT"',
  'frame.number in {1,4,6..28}',
  'frame.number == 31',
  'frame.len > 100',
  'frame.len in {90..200}',
  'frame.cap_len < 80',
  'frame.time_relative > 1.5',
  'frame.time_relative < 0.005',
  'frame.time_relative in {0.001..3}',
  'frame.time_relative > -1',
  'frame.time_epoch > 1.5',
  'ip.src == 192.0.2.1',
  'ip.src != 192.0.2.1',
  'ip.src == 192.0.2.0/28',
  'ip.src > 192.0.2.10',
  'ip.src[0:2] == c0:00',
  'ip.addr == 192.0.2.11',
  'ip.addr != 192.0.2.11',
  'ip.addr !== 192.0.2.11',
  'ip.addr === 192.0.2.11',
  'ip.addr in {192.0.2.11..192.0.2.12}',
  'ip.dst == 192.0.2.1 or ip.dst == 192.0.2.12',
  'ip.ttl == 0x40',
  'ip.proto == 6',
  'ipv6.src == 2001:db8::1',
  'ipv6.addr == 2001:db8::/32',
  'ipv6.dst != 2001:db8::1',
  'eth.src[0:3] == 02:00:00',
  'eth.addr contains 02',
  'tcp.port == 1883',
  'tcp.port != 1883',
  'tcp.port !== 1883',
  'tcp.srcport == 1883',
  'tcp.dstport > 1883',
  'tcp.srcport == tcp.dstport',
  'tcp.srcport < tcp.dstport',
  'tcp.stream == 2',
  'tcp.stream in {0..3}',
  'tcp.len > 20 && tcp.len < 50',
  'tcp.flags == 0x018',
  'tcp.flags & 8',
  'tcp.flags.syn',
  'tcp.flags.push == 1',
  'tcp.seq == 1',
  'tcp.ack > 100',
  'tcp.options.timestamp.tsval',
  'mqtt.qos and mqtt.topic or mqtt.len == 2',
  'not not mqtt',
]

/** frame → its packets. */
function matching(bytes: Uint8Array, texts: readonly string[]): { frames: Map<number, number>; found: Set<number>[] } {
  const filters = texts.map(text => new Filter(text))
  const found = texts.map(() => new Set<number>())
  const frames = new Map<number, number>()
  const pipeline = new Pipeline({
    begin: first => {
      for (const filter of filters) filter.begin(first)
    },
    packet: record => {
      const { number } = record.raw.frame
      frames.set(number, (frames.get(number) ?? 0) + 1)
      for (const [at, filter] of filters.entries()) if (filter.matches(record)) found[at]?.add(number)
    },
    gap() {},
    skipped() {},
    damage() {},
  })
  pipeline.push(bytes)
  pipeline.end()
  return { frames, found }
}

const ENV = { ...process.env, WIRESHARK_CONFIG_DIR: '/nonexistent' }

/** One run of tshark adds up the numbers of the frames that each expression selects; commas stand between expressions there. */
function sums(file: string, texts: readonly string[]): number[] {
  const columns = texts.map(text => `SUM(frame.number)frame.number && (${text}) && count(mqtt.msgtype) == 1`)
  const args = ['-n', '-r', file, '-q', '-z', `io,stat,0,${columns.join(',')}`]
  const output = execFileSync('tshark', args, { encoding: 'utf8', env: ENV, stdio: ['ignore', 'pipe', 'ignore'] })
  const row = output.split('\n').find(line => line.includes('<>')) ?? ''
  return row.split('|').slice(2, -1).map(Number)
}

function selected(file: string, text: string): Set<number> {
  const args = ['-n', '-r', file, '-Y', text, '-T', 'fields', '-e', 'frame.number']
  const output = execFileSync('tshark', args, { encoding: 'utf8', env: ENV, stdio: ['ignore', 'pipe', 'ignore'] })
  return new Set(output.split('\n').filter(Boolean).map(Number))
}

const total = (numbers: readonly number[]): number => numbers.reduce((sum, number) => sum + number, 0)

needs('tshark', 'mergecap')(`${EXPRESSIONS.length} expressions select the same frames as in tshark`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'mqtt-sniff-filter-'))
  try {
    const file = join(folder, 'all.pcapng')
    execFileSync('mergecap', ['-a', '-w', file, ...STORIES.map(name => join(SAMPLES, `${name}.pcapng`))])
    const { frames, found } = matching(new Uint8Array(readFileSync(file)), EXPRESSIONS)
    const alone = [...frames].filter(([, packets]) => packets === 1).map(([number]) => number)
    expect(alone.length).toBeGreaterThan(200)
    const together = EXPRESSIONS.filter(text => !text.includes(','))
    const theirSums = sums(file, together)
    expect(theirSums.length).toBe(together.length)
    const different = EXPRESSIONS.flatMap((text, index) => {
      const ours = alone.filter(number => found[index]?.has(number))
      if (total(ours) === theirSums[together.indexOf(text)]) return []
      const theirs = selected(file, text)
      const wrong = alone.filter(number => theirs.has(number) !== found[index]?.has(number))
      return wrong.length === 0 ? [] : [`${text}: ${wrong.slice(0, 10).join(' ')}`]
    })
    expect(different).toEqual([])
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})
