import { expect, test } from 'vitest'
import { Flows } from '../../src/net/flows.ts'
import { readSegment, Segment } from '../../src/net/segment.ts'
import { ACK, ethernet, FIN, frameOf, ip4, SYN, type TcpParts, tcp, textOf } from '../support/net.ts'

test('plain connection', () => {
  const seen: string[] = []
  const sink = (side: number) => ({
    run: (bytes: Uint8Array, start: number, end: number) => void seen.push(`${side} ${textOf(bytes, start, end)}`),
    gap: (size: number) => void seen.push(`${side} gap ${size}`),
    end: (how: string) => void seen.push(`${side} end ${how}`),
  })
  const flows = new Flows({
    open: flow => {
      seen.push(`open ${flow.endpoint(0)} ${flow.endpoint(1)} ${flow.client}`)
      return [sink(0), sink(1)]
    },
    close: (flow, how) => void seen.push(`close ${flow.index} ${how}`),
    remark: (_flow, side, remark) => void seen.push(`remark ${side} ${remark}`),
  })
  const segment = new Segment()
  const push = (parts: TcpParts, back = false) => {
    const ip = back ? { source: [192, 0, 2, 2], target: [192, 0, 2, 1] } : {}
    const ports = back ? { from: 1883, to: 40000 } : {}
    expect(readSegment(frameOf(ethernet(ip4(tcp({ ...ports, ...parts }), ip))), segment)).toBe(true)
    flows.push(segment)
  }
  push({ seq: 99, flags: SYN })
  push({ seq: 499, ack: 100, flags: SYN | ACK }, true)
  push({ seq: 100, ack: 500, data: 'one' })
  push({ seq: 106, ack: 500, data: 'tri' })
  push({ seq: 103, ack: 500, data: 'two' })
  push({ seq: 500, ack: 109, data: 'yes' }, true)
  push({ seq: 109, ack: 503, flags: FIN | ACK })
  push({ seq: 503, ack: 110, flags: FIN | ACK }, true)
  flows.end()
  expect(seen).toEqual([
    'open 192.0.2.1:40000 192.0.2.2:1883 0',
    '0 one',
    '0 two',
    '0 tri',
    '1 yes',
    '0 end fin',
    '1 end fin',
    'close 0 fin',
  ])
})
