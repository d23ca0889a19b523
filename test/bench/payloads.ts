/** Captures of JSON payloads to measure decoders and filters with: one sensor, 115 bytes of JSON each time. */
import { ACK, type Ends, FrameFile, PUSH, type Side, SYN } from './framefile.ts'
import * as packets from './packets.ts'

/** Bytes of each payload. */
export const PAYLOAD_SIZE = 115
/** Values of `t` go from 0 to 39.9 in tenths: so many of them are above 20. */
const STEPS = 400

const encoder = new TextEncoder()

/** Writes a capture of `size` PUBLISH packets; returns how many have a `t` above 20. */
export function makePayloads(path: string, size: number): number {
  const file = new FrameFile(path)
  const end: Ends = { port: 40_000, host: 0, sent: [1000, 2000] }
  const segment = (side: Side, flags: number, data: ArrayLike<number>): void => {
    file.emit(file.record(end, side, flags, data))
    end.sent[side] = (end.sent[side] + data.length + (flags & SYN ? 1 : 0)) >>> 0
  }
  segment(0, SYN, [])
  segment(1, SYN | ACK, [])
  segment(0, PUSH | ACK, packets.connect(4, 'climate'))
  segment(1, PUSH | ACK, packets.connack(4))
  let above = 0
  for (let index = 0; index < size; index++) {
    const tenths = (index * 7) % STEPS
    if (tenths > 200) above++
    segment(0, PUSH | ACK, publish(index, tenths))
  }
  file.close()
  return above
}

function publish(index: number, tenths: number): Uint8Array {
  const topic = encoder.encode('hall/climate')
  const json = `{"t":${(tenths / 10).toFixed(1)},"h":48.5,"pos":{"lat":52.52,"lon":13.405},"seq":${index},"ok":true,"unit":"C"`
  const payload = encoder.encode(`${json}${',"n":"'.padEnd(PAYLOAD_SIZE - json.length - 2, 'x')}"}`)
  const length = 2 + topic.length + payload.length
  return Uint8Array.from([0x30, (length & 127) | 128, length >> 7, 0, topic.length, ...topic, ...payload])
}
