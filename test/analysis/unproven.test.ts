/** Every sample on a port that says nothing: the same packets, by what their bytes prove. */
import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { Analysis } from '../../src/analysis/analysis.ts'
import type { Frame } from '../../src/base/line.ts'
import { CaptureReader } from '../../src/capture/reader.ts'
import { CaptureWriter } from '../../src/capture/writer.ts'
import { readSegment, Segment } from '../../src/net/segment.ts'
import type { PacketRecord } from '../../src/store/record.ts'

const PORT = 4711

/** The capture with PORT in place of 1883, in every TCP header. */
function moved(capture: Uint8Array): Uint8Array {
  const writer = new CaptureWriter()
  const pieces: Uint8Array[] = []
  const segment = new Segment()
  const frame = (frame: Frame): void => {
    if (readSegment(frame, segment)) {
      const { bytes, header, sourcePort } = segment
      const at = sourcePort === 1883 ? header : header + 2
      bytes[at] = PORT >> 8
      bytes[at + 1] = PORT & 0xff
    }
    pieces.push(writer.write(frame).slice())
  }
  const reader = new CaptureReader({ frame, lost: () => {}, damage: () => {} })
  reader.push(capture.slice())
  reader.end()
  return Buffer.concat(pieces)
}

function packets(capture: Uint8Array, ports?: ReadonlySet<number>): readonly string[] {
  const list: string[] = []
  const packet = ({ number, type, version, side, stream, raw }: PacketRecord): void => {
    list.push(
      `${number} ${stream.flow.index}.${side} type ${type} of ${version} ${stream.senderOf(side)} ${raw.end - raw.start} B`,
    )
  }
  const nothing = (): void => {}
  const sink = { packet, gap: nothing, skipped: nothing, damage: nothing, exchange: nothing, connection: nothing }
  const analysis = new Analysis(sink as never, { ports })
  analysis.push(capture)
  analysis.end()
  return list
}

for (const name of readdirSync('samples').filter(file => file.endsWith('.pcapng')))
  test(`${name} on port ${PORT}`, () => {
    const capture = readFileSync(`samples/${name}`)
    const right = packets(capture)
    expect(right.length).toBeGreaterThan(0)
    expect(packets(moved(capture))).toEqual(right)
    expect(packets(moved(capture), new Set([1883]))).toEqual([])
  })
