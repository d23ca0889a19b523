/** One test for each row T01 to T25 of the matrix: what a stream must survive; and where its runs stand. */
import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { equalBytes } from '../../src/base/bytes.ts'
import { NOWHERE, type RunSink } from '../../src/base/line.ts'
import { CaptureReader } from '../../src/capture/reader.ts'
import { Flows } from '../../src/net/flows.ts'
import { readSegment, Segment } from '../../src/net/segment.ts'
import { ACK, ethernet, FIN, ip4, PSH, pcapOf, RST, SYN, Talk, tcp, URG } from '../support/net.ts'

const talk = () => new Talk().shake()

describe('order', () => {
  test('T01 in order, several packets in a segment', () => {
    const t = talk().client({ seq: 100, data: 'one two ' }).client({ seq: 108, data: 'tri' })
    expect(t.text).toBe('one two tri')
    expect(t.recorder.events).toEqual([
      'open 0 192.0.2.1:40000 192.0.2.2:1883 client 0',
      '0.0 run one two  @4',
      '0.0 run tri @5',
    ])
  })

  test('T02 two swapped segments, then a third', () => {
    const t = talk()
      .client({ seq: 103, data: 'two' })
      .client({ seq: 100, data: 'one' })
      .client({ seq: 106, data: 'tri' })
    expect(t.text).toBe('onetwotri')
    expect(t.flow.rare.outOfOrder).toBe(1)
    // A run names the frame that its bytes came from.
    expect(t.recorder.events.slice(1)).toEqual(['0.0 run one @5', '0.0 run two @4', '0.0 run tri @6'])
  })

  test('T03 a packet cut in two, halves swapped', () => {
    const t = talk()
      .client({ seq: 105, data: 'tw' })
      .client({ seq: 100, data: 'one t' })
      .client({ seq: 107, data: 'o' })
    expect(t.text).toBe('one ttwo')
  })

  test('T04 a retransmission that covers old and new', () => {
    const t = talk().client({ seq: 100, data: 'one' }).client({ seq: 100, data: 'one two' })
    expect(t.text).toBe('one two')
    expect(t.flow.rare.retransmissions).toBe(0)
    expect(t.anomalies).toEqual([])
  })

  test('T05 exact retransmission', () => {
    const t = talk()
      .client({ seq: 100, data: 'one' })
      .client({ seq: 100, data: 'one' })
      .client({ seq: 103, data: 'two' })
    expect(t.text).toBe('onetwo')
    expect(t.flow.rare.retransmissions).toBe(1)
    expect(t.anomalies).toEqual([])
  })

  test('L11 every frame twice, as -i any sees loopback: counted once', () => {
    const t = new Talk()
    const twice = (send: () => void) => {
      send()
      send()
    }
    twice(() => t.client({ seq: 99, flags: SYN }))
    twice(() => t.server({ seq: 499, ack: 100, flags: SYN | ACK }))
    twice(() => t.client({ seq: 100 }))
    twice(() => t.client({ seq: 100, data: 'one' }))
    twice(() => t.client({ seq: 103, data: 'two' }))
    twice(() => t.client({ seq: 106, flags: FIN | ACK }))
    twice(() => t.server({ ack: 107, flags: FIN | ACK }))
    twice(() => t.client({ seq: 107, ack: 501 }))
    t.end()
    expect(t.text).toBe('onetwo')
    expect(t.anomalies).toEqual([])
    expect(t.recorder.events.filter(event => /open|end|close/.test(event))).toEqual([
      'open 0 192.0.2.1:40000 192.0.2.2:1883 client 0',
      '0.0 end fin',
      '0.1 end fin',
      'close 0 fin',
    ])
  })
})

describe('copies that differ', () => {
  test('T06 a retransmission with other content after delivery', () => {
    const t = talk()
      .client({ seq: 100, data: 'one' })
      .client({ seq: 103, data: 'two' })
      .client({ seq: 100, data: 'onetWo' })
    expect(t.text).toBe('onetwo')
    expect(t.recorder.events.at(-1)).toBe('0.0 overlap_conflict 3-6')
  })

  test('T06 the other content hides at the end of a long segment', () => {
    const long = 'x'.repeat(1000)
    const t = talk()
      .client({ seq: 100, data: `${long}a` })
      .client({ seq: 100, data: `${long}b` })
    expect(t.anomalies).toEqual(['overlap_conflict'])
  })

  test('T07 a conflicting copy of data that waits: the first one wins', () => {
    const t = talk()
      .client({ seq: 103, data: 'two' })
      .client({ seq: 103, data: 'TWO' })
      .client({ seq: 100, data: 'one' })
    expect(t.text).toBe('onetwo')
    expect(t.recorder.events).toContain('0.0 overlap_conflict 3-6')
    expect(t.flow.rare.retransmissions).toBe(1)
  })

  test('T07 a longer copy around data that waits fills both sides of it', () => {
    const t = talk()
      .client({ seq: 104, data: 'W' })
      .client({ seq: 102, data: 'etwot' })
      .client({ seq: 100, data: 'on' })
    expect(t.text).toBe('onetWot')
    expect(t.recorder.events).toContain('0.0 overlap_conflict 4-5')
  })
})

describe('holes', () => {
  test('T08 a segment never captured, as the acknowledgement proves', () => {
    const t = talk().client({ seq: 100, data: 'one' }).client({ seq: 132, data: 'tri' }).server({ ack: 135 })
    expect(t.text).toBe('one')
    for (let n = 0; n < 32; n++) t.server({ ack: 135 })
    expect(t.text).toBe('one<29>tri')
    expect(t.flow.rare.gaps).toBe(1)
    expect(t.flow.rare.gapBytes).toBe(29)
  })

  test('T08 data behind an acknowledged hole is there before the other side goes on', () => {
    const t = talk().client({ seq: 100, data: 'one' }).server({ ack: 106 })
    expect(t.flow.waitingAt).toBe(0)
    t.client({ seq: 106, data: 'tri' }).server({ ack: 109 })
    expect(t.text).toBe('one')
    t.server({ seq: 500, ack: 109, data: 'yes' })
    expect(t.text).toBe('one<3>tri')
    expect(t.flow.waitingAt).toBe(-1)
  })

  test('T08 a direction that comes behind its acknowledgements is waited for', () => {
    const t = talk().client({ seq: 100, data: 'one' }).server({ ack: 112 })
    t.client({ seq: 109, data: 'fou' }).client({ seq: 103, data: 'two' }).server({ seq: 500, ack: 112, data: 'yes' })
    expect(t.text).toBe('onetwo')
    t.client({ seq: 106, data: 'tri' })
    expect(t.text).toBe('onetwotrifou')
    expect(t.flow.rare.gaps).toBe(0)
  })

  test('T08 a second of frame time is patience enough', () => {
    const t = talk().client({ seq: 132, data: 'tri' }).server({ ack: 135 })
    t.wait(900).server({ ack: 135 })
    expect(t.text).toBe('')
    t.wait(100).server({ ack: 135 })
    expect(t.text).toBe('<32>tri')
  })

  test('T08 another flow keeps the clock running', () => {
    const t = talk().client({ seq: 132, data: 'tri' }).server({ ack: 135 })
    t.wait(2000).client({ from: 40001, flags: SYN })
    expect(t.text).toBe('<32>tri')
  })

  test('T08 an acknowledgement that overtakes its data loses nothing', () => {
    const t = talk().server({ ack: 106 }).client({ seq: 103, data: 'two' }).server({ ack: 109 })
    t.client({ seq: 100, data: 'one' }).client({ seq: 106, data: 'tri' })
    expect(t.text).toBe('onetwotri')
    expect(t.flow.rare.gaps).toBe(0)
  })

  test('T08 two holes: the second is given up a second after the first', () => {
    const t = talk().client({ seq: 103, data: 'two' }).server({ ack: 106 }).wait(800)
    t.client({ seq: 109, data: 'fou' }).server({ ack: 112 }).wait(300).server({ ack: 112 })
    expect(t.text).toBe('<3>two')
    t.wait(1000).server({ ack: 112 })
    expect(t.text).toBe('<3>two<3>fou')
  })

  test('T08 only what is acknowledged is given up', () => {
    const t = talk().client({ seq: 110, data: 'late' }).server({ ack: 103 }).wait(1100).server({ ack: 103 })
    expect(t.text).toBe('<3>')
    t.client({ seq: 103, data: 'seven..' })
    expect(t.text).toBe('<3>seven..late')
  })

  test('T09 a hole between messages that are whole', () => {
    const t = talk()
      .client({ seq: 100, data: 'on' })
      .client({ seq: 104, data: 'wo tri fou' })
      .server({ ack: 114 })
      .end()
    expect(t.text).toBe('on<2>wo tri fou')
  })

  test('T10 a hole of known size in a large message', () => {
    const t = talk().client({ seq: 100, data: 'head' }).client({ seq: 5000, data: 'tail' }).server({ ack: 5004 }).end()
    expect(t.text).toBe('head<4896>tail')
  })

  test('F09 bytes that the snap length cut are a gap of known size', () => {
    const t = talk()
      .client({ seq: 100, data: 'one two ' }, 14 + 20 + 20 + 3)
      .client({ seq: 108, data: 'tri' })
    expect(t.text).toBe('one<5>tri')
    expect(t.flow.rare.gapBytes).toBe(5)
  })

  test('F09 cut data that waits keeps its size', () => {
    const t = talk()
      .client({ seq: 103, data: 'two tri' }, 14 + 20 + 20 + 3)
      .client({ seq: 100, data: 'one' })
    expect(t.text).toBe('onetwo<4>')
  })

  test('a hole that nobody proves is given up after a minute', () => {
    const t = talk().client({ seq: 103, data: 'two' }).wait(59_000).client({ seq: 106, data: 'tri' })
    expect(t.text).toBe('')
    t.wait(1000).client({ seq: 109, data: 'fou' })
    expect(t.text).toBe('<3>twotrifou')
  })

  test('an acknowledged tail that never came is a gap at the end', () => {
    const t = talk().client({ seq: 100, data: 'one' }).server({ ack: 120 }).end()
    expect(t.text).toBe('one<17>')
    expect(t.recorder.events.slice(-3)).toEqual(['0.0 end capture', '0.1 end capture', 'close 0 capture'])
  })

  test('one acknowledged position without data is the FIN that was not captured', () => {
    const t = talk().client({ seq: 100, data: 'one' }).server({ ack: 104 }).wait(5000).server({ ack: 104 }).end()
    expect(t.text).toBe('one')
    expect(t.flow.rare.gaps).toBe(0)
  })
})

describe('probes and flags', () => {
  test('T11 keep-alive probes with and without a byte', () => {
    const t = talk()
      .client({ seq: 100, data: 'one' })
      .client({ seq: 102, data: new Uint8Array([0]) })
    t.client({ seq: 102 }).client({ seq: 103, data: 'two' })
    expect(t.text).toBe('onetwo')
    expect(t.flow.rare.keepAlives).toBe(2)
    expect(t.flow.rare.retransmissions).toBe(0)
    expect(t.anomalies).toEqual([])
  })

  test('T12 zero-window probe, then the full data', () => {
    const t = talk().client({ seq: 100, data: 'one' }).server({ ack: 103, window: 0 })
    t.client({ seq: 103, data: 't' })
      .server({ ack: 103, window: 0 })
      .server({ ack: 103 })
      .client({ seq: 103, data: 'two' })
    expect(t.text).toBe('onetwo')
    expect(t.anomalies).toEqual([])
  })

  test('T13 a RST out of the window is ignored', () => {
    const t = talk().client({ seq: 100, data: 'one' }).client({ seq: 300_000, flags: RST }).wait(5000)
    t.client({ seq: 103, data: 'two' })
    expect(t.text).toBe('onetwo')
    expect(t.anomalies).toEqual(['suspected_rst_inject'])
  })

  test('T14 data after a RST in the window is kept and flagged', () => {
    const t = talk()
      .client({ seq: 100, data: 'one' })
      .client({ seq: 103, flags: RST })
      .client({ seq: 103, data: 'two' })
    expect(t.text).toBe('onetwo')
    expect(t.anomalies).toEqual(['data_after_rst'])
    t.wait(1500).client({ from: 40001, flags: SYN })
    expect(t.recorder.events.filter(event => /end|close/.test(event))).toEqual([
      '0.0 end rst',
      '0.1 end rst',
      'close 0 rst',
    ])
  })

  test('T14 a RST with data', () => {
    const t = talk()
      .client({ seq: 100, data: 'one', flags: RST | ACK })
      .end()
    expect(t.text).toBe('one')
    expect(t.anomalies).toEqual(['rst_with_data'])
  })

  test('T14 a RST gives up holes and ends the flow', () => {
    const t = talk().client({ seq: 103, data: 'two' }).client({ seq: 106, flags: RST }).wait(1100)
    t.client({ from: 40001, flags: SYN })
    expect(t.text).toBe('<3>two')
    expect(t.recorder.events).toContain('close 0 rst')
  })

  test('T14 data that goes on long after a RST opens the flow again', () => {
    const t = talk().client({ seq: 100, data: 'one' }).client({ seq: 103, flags: RST }).wait(1100)
    t.client({ from: 40001, flags: SYN }).client({ seq: 100, data: 'one' })
    expect(t.recorder.events.filter(event => event.startsWith('open 0'))).toHaveLength(1)
    t.client({ seq: 103, data: 'two' }).server({ data: 'yes' })
    expect(t.text).toBe('onetwo')
    expect(t.recorder.text(1)).toBe('yes')
    expect(t.recorder.events.filter(event => event.startsWith('open 0'))).toHaveLength(2)
    expect(t.flow.sawSyn(0)).toBe(false)
    expect(t.anomalies).toEqual(['data_after_rst'])
  })

  test('a RST that answers a SYN ends the flow', () => {
    const t = new Talk()
      .client({ seq: 99, flags: SYN })
      .server({ seq: 0, ack: 100, flags: RST | ACK })
      .wait(1100)
    t.client({ from: 40001, flags: SYN })
    expect(t.recorder.events).toContain('close 0 rst')
    expect(t.anomalies).toEqual([])
  })

  test('T20 urgent data stays in its place', () => {
    const t = talk()
      .client({ seq: 100, data: 'o' })
      .client({ seq: 101, data: 'ne', flags: ACK | URG, urgent: 1 })
    t.client({ seq: 103, data: 'two', flags: ACK | URG, urgent: 60_000 })
    expect(t.text).toBe('onetwo')
    expect(t.anomalies).toEqual(['urgent_data', 'urgent_data'])
  })
})

describe('start and end', () => {
  test('T15 FIN with data, then the ports again', () => {
    const t = talk()
      .client({ seq: 100, data: 'one', flags: FIN | PSH | ACK })
      .server({ ack: 104, flags: FIN | ACK })
    t.client({ seq: 7_000_099, flags: SYN }).client({ seq: 7_000_100, data: 'two' }).end()
    expect(t.recorder.text(0, 0)).toBe('one')
    expect(t.recorder.text(0, 1)).toBe('two')
    expect(t.anomalies).toEqual(['port_reuse'])
    expect(t.recorder.events).toContain('close 0 fin')
  })

  test('FIN before its data waits for it', () => {
    const t = talk()
      .client({ seq: 103, data: 'two', flags: FIN | ACK })
      .client({ seq: 100, data: 'one' })
    expect(t.recorder.events.slice(-3)).toEqual(['0.0 run one @5', '0.0 run two @4', '0.0 end fin'])
  })

  test('data beyond a FIN is not taken', () => {
    const t = talk()
      .client({ seq: 100, data: 'one', flags: FIN | ACK })
      .client({ seq: 104, data: 'two' })
    expect(t.text).toBe('one')
    expect(t.anomalies).toEqual(['data_after_fin'])
    expect(t.flow.rare.ignoredBytes).toBe(3)
  })

  test('T16 a SYN with another number starts a new flow', () => {
    const t = talk()
      .client({ seq: 100, data: 'one' })
      .client({ seq: 900, flags: SYN })
      .client({ seq: 901, data: 'two' })
    expect(t.recorder.text(0, 0)).toBe('one')
    expect(t.recorder.text(0, 1)).toBe('two')
    expect(t.anomalies).toEqual(['syn_in_connection'])
    expect(t.recorder.events).toContain('close 0 reuse')
  })

  test('T16 the same SYN again is a retransmission', () => {
    const t = talk().client({ seq: 99, flags: SYN }).client({ seq: 100, data: 'one' })
    expect(t.text).toBe('one')
    expect(t.recorder.flows.length).toBe(1)
  })

  test('T16 a device restarts with the same port and number: the answer tells', () => {
    const t = talk().client({ seq: 100, data: 'one' }).client({ seq: 99, flags: SYN })
    t.server({ seq: 7000, ack: 100, flags: SYN | ACK }).client({ seq: 100, ack: 7001, data: 'two' })
    expect(t.recorder.text(0, 0)).toBe('one')
    expect(t.recorder.text(1, 1)).toBe('two')
    expect(t.flow.client).toBe(1)
    expect([t.flow.sawSyn(0), t.flow.sawSyn(1)]).toEqual([true, true])
  })

  test('T16 a second SYN+ACK with another number before any data replaces the first', () => {
    const t = new Talk().client({ seq: 99, flags: SYN }).server({ seq: 499, flags: SYN | ACK })
    t.client({ seq: 99, flags: SYN })
      .server({ seq: 899, flags: SYN | ACK })
      .server({ seq: 900, data: 'yes' })
    expect(t.recorder.text(1)).toBe('yes')
    expect(t.recorder.flows).toHaveLength(1)
  })

  test('T16 the same number after a RST is a new flow', () => {
    const t = talk().client({ seq: 100, data: 'one' }).client({ seq: 103, flags: RST }).client({ seq: 99, flags: SYN })
    t.client({ seq: 100, data: 'two' })
    expect([t.recorder.text(0, 0), t.recorder.text(0, 1)]).toEqual(['one', 'two'])
  })

  test('T16 handshake in four steps: the server answers with a SYN of its own', () => {
    const t = new Talk().client({ seq: 99, flags: SYN }).server({ seq: 499, ack: 0, flags: SYN })
    t.client({ seq: 99, ack: 500, flags: SYN | ACK })
      .server({ seq: 500, ack: 100 })
      .client({ seq: 100, data: 'one' })
    expect(t.text).toBe('one')
    expect(t.recorder.flows.length).toBe(1)
    expect(t.flow.client).toBe(0)
  })

  test('T17 fast open: data on the SYN, acknowledged or sent again', () => {
    const t = new Talk().client({ seq: 99, data: 'one', flags: SYN }).server({ seq: 499, ack: 100, flags: SYN | ACK })
    t.client({ seq: 100, data: 'one' }).client({ seq: 103, data: 'two' })
    expect(t.text).toBe('onetwo')
    expect(t.anomalies).toEqual(['data_on_syn'])
  })

  test('T18 a capture that begins in mid-stream', () => {
    const t = new Talk().client({ seq: 5000, data: 'ne two' }).client({ seq: 5006, data: 'tri' })
    expect(t.text).toBe('ne twotri')
    expect(t.flow.sawSyn(0)).toBe(false)
    expect(t.flow.client).toBe(-1)
  })

  test('T18 the SYN+ACK alone tells where both streams begin', () => {
    const t = new Talk().server({ seq: 499, ack: 100, flags: SYN | ACK }).client({ seq: 103, data: 'two' })
    t.client({ seq: 100, data: 'one' })
    expect(t.recorder.text(1)).toBe('onetwo')
    expect(t.flow.client).toBe(1)
    expect([t.flow.sawSyn(0), t.flow.sawSyn(1)]).toEqual([true, true])
  })

  test('T19 the sequence number wraps, first number ffffffff', () => {
    const t = new Talk()
      .client({ seq: 0xffffffff, flags: SYN })
      .client({ seq: 0, data: 'one' })
      .client({ seq: 3, data: 'two' })
    expect(t.text).toBe('onetwo')
    const wrap = new Talk().client({ seq: 0xfffffffd, flags: SYN })
    wrap.client({ seq: 2, data: 'o' }).client({ seq: 0xffffffff, data: 'etw' }).client({ seq: 0xfffffffe, data: 'n' })
    expect(wrap.text).toBe('netwo')
  })

  test('T21 one direction only', () => {
    const t = new Talk()
      .client({ seq: 99, flags: SYN })
      .client({ seq: 100, data: 'one' })
      .client({ seq: 103, data: 'two' })
    expect(t.text).toBe('onetwo')
  })
})

describe('size and distance', () => {
  test('T22 20,000 segments of 10 bytes: each delivered at once, none copied', () => {
    const t = talk()
    for (let n = 0; n < 20_000; n++) t.client({ seq: 100 + n * 10, data: '0123456789' })
    expect(t.text.length).toBe(200_000)
    expect(t.flow.rare.outOfOrder).toBe(0)
    expect(t.flows.queued).toBe(0)
  })

  test('T23 a hole never filled: 1 MiB waits, then the rest is told', () => {
    const t = talk()
    const block = 'x'.repeat(1024)
    for (let n = 0; n <= 1024; n++) {
      expect(t.flows.queued).toBeLessThan(2 * 1024 * 1024)
      t.client({ seq: 110 + n * 1024, data: block })
    }
    expect(t.text === `<10>${block.repeat(1025)}`).toBe(true)
    expect(t.anomalies).toContain('queue_limit')
    expect(t.flows.queued).toBe(0)
  })

  test('T23 10,000 segments may wait', () => {
    const t = talk()
    for (let n = 0; n < 10_000; n++) t.client({ seq: 110 + n, data: 'x' })
    expect(t.text).toBe('')
    t.client({ seq: 110 + 10_000, data: 'x' })
    expect(t.text === `<10>${'x'.repeat(10_001)}`).toBe(true)
  })

  test('T24 data beyond the window is taken within 1 MiB', () => {
    const t = talk()
      .client({ seq: 100 + 500_000, data: 'far' })
      .client({ seq: 100, data: 'one' })
    t.server({ ack: 100 + 500_003 }).end()
    expect(t.text).toBe('one<499997>far')
  })

  test('T24 one segment far ahead is not believed', () => {
    const t = talk().client({ seq: 50_000_000, data: 'evil' }).client({ seq: 100, data: 'one' }).end()
    expect(t.text).toBe('one')
    expect(t.anomalies).toEqual(['beyond_window'])
    expect(t.flow.rare.ignoredBytes).toBe(4)
  })

  test('T24 after a drop-out of the capture a second segment confirms the jump', () => {
    const t = talk().client({ seq: 100, data: 'one' }).client({ seq: 50_000_000, data: 'two' })
    t.client({ seq: 50_000_003, data: 'tri' })
    expect(t.text).toBe('one<49999897>twotri')
    expect(t.anomalies).toEqual(['beyond_window', 'jump'])
    t.client({ seq: 50_000_006, data: 'fou' })
    expect(t.text).toBe('one<49999897>twotrifou')
  })

  test('T24 after a drop-out the acknowledgement confirms the jump', () => {
    const t = talk()
      .client({ seq: 100, data: 'one' })
      .client({ seq: 50_000_000, data: 'two' })
      .server({ ack: 50_000_003 })
    expect(t.text).toBe('one<49999897>two')
  })

  test('T24 a drop-out of more than 2 GiB', () => {
    const t = talk().client({ seq: 100, data: 'one' }).client({ seq: 3_000_000_000, data: 'two' })
    t.client({ seq: 3_000_000_003, data: 'tri' })
    expect(t.text).toBe('one<2999999897>twotri')
  })

  test('T24 an acknowledgement of data never seen', () => {
    const t = talk().client({ seq: 100, data: 'one' }).server({ ack: 2_000_000_000 }).server({ ack: 2_000_000_000 })
    t.client({ seq: 103, data: 'two' }).end()
    expect(t.text).toBe('onetwo')
    expect(t.anomalies).toEqual(['ack_of_unseen_data'])
  })

  test('T25 clocks that stand, go back, or come from 1970 and 2106', () => {
    const t = talk().client({ seq: 103, data: 'two' }).server({ ack: 106 })
    t.seconds = 0
    t.server({ ack: 106 })
    t.seconds = 4_294_967_295
    t.client({ seq: 109, data: 'fou' })
    expect(t.text).toBe('<3>two')
    t.seconds = 0
    t.server({ ack: 112 }).wait(500).server({ ack: 112 })
    expect(t.text).toBe('<3>two')
    t.wait(600).server({ ack: 112 })
    expect(t.text).toBe('<3>two<3>fou')
  })

  test('T25 frames without a time: patience counts segments', () => {
    const t = talk()
    t.seconds = Number.NaN
    t.client({ seq: 103, data: 'two' })
    for (let n = 0; n < 33; n++) t.server({ ack: 106 })
    expect(t.text).toBe('<3>two')
  })
})

describe('a capture that pauses', () => {
  test('delivers what waits, and goes on behind a gap of what went by meanwhile', () => {
    const t = talk()
    t.client({ seq: 100, data: 'one' }).client({ seq: 106, data: 'thr' })
    expect(t.text).toBe('one')
    t.flows.pause()
    expect(t.text).toBe('one<3>thr')
    t.client({ seq: 119, data: 'six' }).client({ seq: 122, data: 'end' })
    expect(t.text).toBe('one<3>thr<10>sixend')
    expect(t.recorder.text(1)).toBe('')
  })

  test('that missed nothing is whole, and later disorder is put in order', () => {
    const t = talk().client({ seq: 100, data: 'one' })
    t.flows.pause()
    t.client({ seq: 103, data: 'two' })
    t.client({ seq: 109, data: 'for' }).client({ seq: 106, data: 'thr' })
    expect(t.text).toBe('onetwothrfor')
  })

  test('knows what was sent before', () => {
    const t = talk().client({ seq: 100, data: 'one' })
    t.flows.pause()
    t.client({ seq: 100, data: 'onetwo' })
    expect(t.text).toBe('onetwo')
  })

  test('over more than a window goes on at once', () => {
    const t = talk().client({ seq: 100, data: 'one' })
    t.flows.pause()
    t.client({ seq: 900_000_103, data: 'two' })
    expect(t.text).toBe('one<900000000>two')
  })

  test('closes nothing, and an end that came is told', () => {
    const t = talk().client({ seq: 100, data: 'one' })
    t.flows.pause()
    t.client({ seq: 110, flags: FIN | ACK })
    t.server({ seq: 500, ack: 111, flags: FIN | ACK })
    t.end()
    expect(t.text).toBe('one<7>')
    expect(t.recorder.events.filter(event => event.startsWith('close'))).toEqual(['close 0 fin'])
  })
})

// `Talk` looks up each run of the tests above by its position, too.
describe('a run says where it stands in the capture', () => {
  /** Runs of a capture, how many of them stand nowhere, and those whose bytes are not at their position. */
  function runsOf(bytes: Uint8Array): { runs: number; nowhere: number; wrong: number[] } {
    const found = { runs: 0, nowhere: 0, wrong: [] as number[] }
    const sink: RunSink = {
      run(run, start, end, frame, position) {
        const size = end - start
        const inFrame = run === frame.bytes ? frame.position + start - frame.start : NOWHERE
        found.runs++
        if (position === NOWHERE) found.nowhere++
        else if (!equalBytes(bytes, position, run, start, size)) found.wrong.push(position)
        if (position !== inFrame) found.wrong.push(inFrame)
      },
      gap() {},
      end() {},
    }
    const flows = new Flows({ open: () => [sink, sink], close() {}, anomaly() {} })
    const segment = new Segment()
    const reader = new CaptureReader({
      frame: frame => void (readSegment(frame, segment) && flows.push(segment)),
      lost() {},
      damage() {},
    })
    // Chunks cut records anywhere.
    for (let at = 0; at < bytes.length; at += 1000) reader.push(bytes.slice(at, at + 1000))
    reader.end()
    flows.end()
    return found
  }

  const SAMPLES = new URL('../../samples/', import.meta.url)
  test.each(readdirSync(SAMPLES).filter(name => name.endsWith('.pcapng')))('%s', name => {
    const found = runsOf(new Uint8Array(readFileSync(new URL(name, SAMPLES))))
    expect(found.runs).toBeGreaterThan(0)
    expect(found).toMatchObject({ nowhere: 0, wrong: [] })
  })

  const part = (data: Uint8Array, id: number, from: number, to: number, more: boolean): Uint8Array =>
    ethernet(ip4(data.subarray(from, to), { id, fragment: (more ? 0x2000 : 0) | (from / 8) }))

  test('out of order, twice, in two fragments', () => {
    const whole = (seq: number, data: string): Uint8Array => ethernet(ip4(tcp({ seq, data })))
    const cut = tcp({ seq: 103, data: 'two' })
    const frames = [
      whole(100, 'one'),
      whole(106, 'tri'),
      part(cut, 7, 0, 16, true),
      part(cut, 7, 16, cut.length, false),
    ]
    expect(runsOf(pcapOf(frames))).toEqual({ runs: 3, nowhere: 1, wrong: [] })
    // Fragments that wait for an earlier segment are kept by copy.
    const late = [whole(100, 'one'), part(cut, 7, 0, 16, true), part(cut, 7, 16, cut.length, false)]
    expect(runsOf(pcapOf([...late, whole(106, 'tri'), whole(103, 'two')]))).toMatchObject({ nowhere: 1, wrong: [] })
    const ahead = tcp({ seq: 106, data: 'tri' })
    const waits = [whole(100, 'one'), part(ahead, 8, 0, 16, true), part(ahead, 8, 16, ahead.length, false)]
    expect(runsOf(pcapOf([...waits, whole(103, 'two')]))).toEqual({ runs: 3, nowhere: 1, wrong: [] })
  })

  test('what overlaps is cut at both ends', () => {
    const t = talk().client({ seq: 100, data: 'one' }).client({ seq: 108, data: 'three' })
    t.client({ seq: 101, data: 'ne two three four' })
    expect(t.recorder.events.slice(1)).toEqual([
      '0.0 run one @4',
      '0.0 run  two  @6',
      '0.0 run three @5',
      '0.0 run  four @6',
    ])
    expect(t.recorder.nowhere).toBe(0)
  })
})
