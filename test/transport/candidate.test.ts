/** Streams that have to prove what they are: what is taken, what is let go, and that nothing is lost until then. */
import { describe, expect, test } from 'vitest'
import { fromHex, hex } from '../../src/base/bytes.ts'
import { Frame, type RunSink, type Side } from '../../src/base/line.ts'
import { answersConnect, Chain, provesConnect } from '../../src/mqtt/proof.ts'
import { Candidate, type Carried, HeldTotal, type Prover } from '../../src/transport/candidate.ts'

const CONNECT = '100c00044d5154540402003c0000'
const CONNACK = '20020000'
/** Topic `site/a/t`, payload `21.4`. */
const PUBLISH = '300e0008736974652f612f7432312e34'
const PING = 'c000'
const hexOf = (text: string): string => Buffer.from(text, 'latin1').toString('hex')

class Note implements Prover {
  readonly lines: string[] = []
  readonly client: Side | -1
  readonly connects = provesConnect
  readonly answers = answersConnect
  readonly chain = (): Chain => new Chain()
  private readonly whole: boolean
  private readonly reads: readonly Carried[]

  constructor(whole: boolean, reads: readonly Carried[] = ['mqtt']) {
    this.whole = whole
    this.client = whole ? 0 : -1
    this.reads = reads
  }

  isWhole(): boolean {
    return this.whole
  }

  take(carried: Carried, { proxy }: Candidate): readonly [RunSink, RunSink] | undefined {
    this.lines.push(`${carried}${proxy === undefined ? '' : ` behind a PROXY head of ${proxy.head.client}`}`)
    return this.reads.includes(carried) ? [this.reader(0), this.reader(1)] : undefined
  }

  letGo(): void {
    this.lines.push('let go')
  }

  private reader(side: Side): RunSink {
    return {
      run: (bytes, start, end, frame, position) =>
        this.lines.push(`${side}: ${hex(bytes, start, end)} @${frame.number} at ${position}`),
      gap: (size, frame) => this.lines.push(`${side}: gap ${size} @${frame.number}`),
      end: how => this.lines.push(`${side}: end ${how}`),
    }
  }
}

type Step = readonly [side: Side, hex: string] | readonly [side: Side, gap: number] | readonly [side: Side]

/** What happens to a stream of runs, gaps and ends, each in a frame of its own; the number is its frame's, and its position. */
function lines(whole: boolean, steps: readonly Step[], reads?: readonly Carried[], total = new HeldTotal()): string[] {
  const note = new Note(whole, reads)
  const { sides } = new Candidate(note, total)
  for (const [index, [side, what]] of steps.entries()) {
    const frame = new Frame()
    frame.number = index + 1
    if (what === undefined) sides[side].end('fin')
    else if (typeof what === 'number') sides[side].gap(what, frame)
    else {
      const bytes = fromHex(`ee${what}ee`)
      sides[side].run(bytes, 1, bytes.length - 1, frame, 100 * (index + 1))
      bytes.fill(0)
    }
  }
  return note.lines
}

describe('from the start', () => {
  test('a CONNECT is taken at once, and what follows goes to its reader', () => {
    expect(lines(true, [[0, CONNECT], [1, CONNACK], [0], [1]])).toEqual([
      'mqtt',
      `0: ${CONNECT} @1 at 100`,
      `1: ${CONNACK} @2 at 200`,
      '0: end fin',
      '1: end fin',
    ])
  })

  test('a CONNECT that comes byte by byte is taken when it proves itself, and every byte is handed on', () => {
    const bytes = CONNECT.match(/../g) ?? []
    expect(
      lines(
        true,
        bytes.map(byte => [0, byte] as const),
      ),
    ).toEqual(['mqtt', ...bytes.map((byte, index) => `0: ${byte} @${index + 1} at ${100 * (index + 1)}`)])
  })

  test('a server that is heard first is waited for, if it may be one of MQTT', () => {
    expect(
      lines(true, [
        [1, CONNACK],
        [0, CONNECT],
      ]),
    ).toEqual(['mqtt', `1: ${CONNACK} @1 at 100`, `0: ${CONNECT} @2 at 200`])
    for (const greeting of ['SSH-2.0-OpenSSH_9.2\r\n', '220 mail.example ESMTP\r\n', '\x4a\0\0\0\x0a8.0.36'])
      expect(
        lines(true, [
          [1, hexOf(greeting)],
          [0, CONNECT],
        ]),
      ).toEqual(['let go'])
  })

  test('a server that is heard alone proves itself by a chain of packets', () => {
    const suback = '9003000101'
    const all = [CONNACK, suback, PUBLISH, PUBLISH]
    expect(
      lines(
        true,
        all.map(packet => [1, packet] as const),
      ),
    ).toEqual(['mqtt', ...all.map((packet, index) => `1: ${packet} @${index + 1} at ${100 * (index + 1)}`)])
    expect(lines(true, [[1, CONNACK + 'ff'.repeat(32 * 1024)]])).toEqual(['let go'])
  })

  test('TLS and HTTP are taken for what they are if somebody reads them, and let go if nobody does', () => {
    const hello = '16030100c8010000c40303'
    expect(lines(true, [[0, hello]], ['tls'])).toEqual(['tls', `0: ${hello} @1 at 100`])
    expect(
      lines(true, [
        [0, hello],
        [0, CONNECT],
      ]),
    ).toEqual(['tls', 'let go'])
    expect(
      lines(true, [
        [0, hexOf('GET / HTTP/1.1\r\n')],
        [0, CONNECT],
      ]),
    ).toEqual(['http', 'let go'])
  })

  test('other protocols are let go by their first bytes', () => {
    const others = ['AMQP\0\0\x09\x01', 'SSH-2.0-x', '*1\r\n$4\r\nPING\r\n', '\0\0\0\x06\x01\x03', '0123456789', '\0\0']
    for (const other of others) expect([other, lines(true, [[0, hexOf(other)]])]).toEqual([other, ['let go']])
  })

  test('a PROXY head in front is stepped over, in one run or in pieces', () => {
    const head = hexOf('PROXY TCP4 198.51.100.7 192.0.2.1 56324 4711\r\n')
    const taken = 'mqtt behind a PROXY head of 198.51.100.7:56324'
    const size = head.length / 2
    expect(lines(true, [[0, head + CONNECT]])).toEqual([taken, `0: ${CONNECT} @1 at ${100 + size}`])
    for (const cut of [2, 12, 40, head.length])
      expect(
        lines(true, [
          [0, head.slice(0, cut)],
          [0, head.slice(cut) + CONNECT],
        ]),
      ).toEqual([taken, `0: ${CONNECT} @2 at ${200 + size - cut / 2}`])
    expect(lines(true, [[0, head + hexOf('GET / HTTP/1.1\r\n')]])).toEqual([
      'http behind a PROXY head of 198.51.100.7:56324',
      'let go',
    ])
  })
})

describe('in mid-stream', () => {
  test('a chain of packets proves a stream, and what came before is handed on, too', () => {
    const steps: readonly Step[] = [
      [1, '6f6f'],
      [0, PING],
      [0, PUBLISH],
      [1, 'd000'],
      [0, PUBLISH],
    ]
    expect(lines(false, steps)[0]).toBe('mqtt')
    expect(lines(false, steps).slice(1)).toEqual([
      '1: 6f6f @1 at 100',
      `0: ${PING} @2 at 200`,
      `0: ${PUBLISH} @3 at 300`,
      '1: d000 @4 at 400',
      `0: ${PUBLISH} @5 at 500`,
    ])
  })

  test('pings and acknowledgements that come again and again prove nothing', () => {
    const pings: Step[] = Array.from({ length: 40 }, (_, index) => [(index & 1) as Side, index & 1 ? 'd000' : PING])
    expect(lines(false, pings)).toEqual(['let go'])
  })

  test('a gap breaks the chain, and stands where it was', () => {
    expect(
      lines(false, [
        [0, PUBLISH],
        [0, 7],
        [0, PUBLISH],
      ]),
    ).toEqual([])
    expect(
      lines(false, [
        [0, PUBLISH],
        [0, 7],
        [0, PUBLISH],
        [0, PUBLISH],
      ]),
    ).toEqual(['mqtt', `0: ${PUBLISH} @1 at 100`, '0: gap 7 @2', `0: ${PUBLISH} @3 at 300`, `0: ${PUBLISH} @4 at 400`])
  })

  test('what does not prove itself within 32 runs or 32 KiB is let go, and so is what ends', () => {
    expect(
      lines(
        false,
        Array.from({ length: 31 }, () => [0, 'ff'] as const),
      ),
    ).toEqual([])
    expect(
      lines(
        false,
        Array.from({ length: 32 }, () => [0, 'ff'] as const),
      ),
    ).toEqual(['let go'])
    expect(lines(false, [[0, 'ff'.repeat(32 * 1024)]])).toEqual(['let go'])
    expect(lines(false, [[0, 'ff'], [0], [1]])).toEqual(['let go'])
    expect(
      lines(
        false,
        Array.from({ length: 128 }, () => [0, 1] as const),
      ),
    ).toEqual(['let go'])
  })

  test('what is looked at is kept whole, and is no gap however large the run that proves the stream', () => {
    const steps: readonly Step[] = [
      [1, '6f'.repeat(20 * 1024)],
      [0, PUBLISH],
      [0, PUBLISH.repeat(2000)],
    ]
    expect(lines(false, steps)).toEqual([
      'mqtt',
      `1: ${'6f'.repeat(20 * 1024)} @1 at 100`,
      `0: ${PUBLISH} @2 at 200`,
      `0: ${PUBLISH.repeat(2000)} @3 at 300`,
    ])
  })

  test('the bytes that all keep together are limited: what is beyond is a gap', () => {
    const total = new HeldTotal()
    total.bytes = 16 * 1024 * 1024 - 10
    const steps: readonly Step[] = [
      [0, PUBLISH],
      [0, PUBLISH],
    ]
    expect(lines(false, steps, ['mqtt'], total)).toEqual(['mqtt', '0: gap 16 @1', `0: ${PUBLISH} @2 at 200`])
    expect(total.bytes).toBe(16 * 1024 * 1024 - 10)
  })
})
