/** One fresh process, one capture in a store: display filters over its rows, compiled anew for each pass; prints what they took as JSON. */
import { readFileSync } from 'node:fs'
import { Pipeline } from '../../src/analysis/pipeline.ts'
import { Filter } from '../../src/filter/filter.ts'
import { Store } from '../../src/store/store.ts'

const EXPRESSIONS = [
  'mqtt.msgtype == PUBLISH && mqtt.qos > 0',
  'mqtt.len > 40 and not mqtt.retain == 1',
  'mqtt.topic == "site/1/line/2/temperature"',
  'mqtt.topic like "site/+/#"',
  'mqtt.topic matches "temp.*[0-9]$"',
  'len(mqtt.topic) > 20 || mqtt.topic contains "7"',
  'mqtt.client matches "1$"',
  'ip.src == 192.0.2.0/24 or tcp.port in {1883, 8883}',
  'frame.time_relative in {1s..2s} && mqtt.msgid < 100',
  'mqtt.finding.level >= warning',
] as const

const CHUNK = 1 << 20

function fill(file: string): Store {
  const store = new Store()
  const pipeline = new Pipeline({ packet: record => void store.append(record), gap() {}, skipped() {}, damage() {} })
  const bytes = readFileSync(file)
  for (let at = 0; at < bytes.length; at += CHUNK) pipeline.push(bytes.subarray(at, at + CHUNK))
  pipeline.end()
  return store
}

/** In time of the processor: other work on the machine does not count. */
function measure(store: Store, text: string, passes: number): { ms: number[]; rows: number; found: number } {
  const ms: number[] = []
  let found = 0
  for (let pass = 0; pass < passes; pass++) {
    const started = process.cpuUsage()
    const filter = new Filter(text)
    filter.begin({ seconds: 0, nanos: 0 })
    const matches = filter.bind(store)
    found = 0
    for (let row = 0; row < store.rows; row++) if (matches(row)) found++
    ms.push(process.cpuUsage(started).user / 1000)
  }
  return { ms, rows: store.rows, found }
}

const [, , file = '', passes = '1'] = process.argv
const store = fill(file)
console.log(JSON.stringify(EXPRESSIONS.map(text => ({ text, ...measure(store, text, Number(passes)) }))))
