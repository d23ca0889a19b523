/** RFC 9112 and RFC 6455 §4: what stands in front of a WebSocket. */
import { describe, expect, test } from 'vitest'
import { Frame, type RunSink } from '../../src/base/line.ts'
import { latin1Text } from '../../src/base/strings.ts'
import { MOST_HEAD } from '../../src/transport/head.ts'
import { HttpExchange, HttpSide } from '../../src/transport/http.ts'
import { WebSocketStream } from '../../src/transport/upgrade.ts'

const ASK = [
  'GET /mqtt?a=1 HTTP/1.1',
  'Host: broker.example',
  'UPGRADE:  WebSocket',
  'Connection: keep-alive, Upgrade',
  'Sec-WebSocket-Protocol: mqttv3.1, mqtt',
  '\r\n',
].join('\r\n')
const AGREE = [
  'HTTP/1.1 101 Switching Protocols',
  'Upgrade: websocket',
  'Sec-WebSocket-Protocol: mqtt',
  'Sec-WebSocket-Extensions: permessage-deflate; Server_No_Context_Takeover; client_max_window_bits=10',
  '\r\n',
].join('\r\n')

/** Both directions of one connection, given in any order. */
class Connection {
  readonly stream = new WebSocketStream()
  readonly events: string[] = []
  private readonly sides: readonly [HttpSide, HttpSide]

  constructor() {
    const exchange = new HttpExchange(this.stream, () => this.events.push('let go'))
    this.sides = [new HttpSide(exchange, true, this.sink('c')), new HttpSide(exchange, false, this.sink('s'))]
  }

  private sink(name: string) {
    const next: RunSink = {
      run: (bytes, start, end, _frame, position) => {
        const text = latin1Text(bytes.subarray(start, end))
        const last = this.events.at(-1)
        if (last?.startsWith(`${name} run`)) this.events[this.events.length - 1] = last + text
        else this.events.push(`${name} run@${position} ${text}`)
      },
      gap: size => this.events.push(`${name} gap ${size}`),
      end: how => this.events.push(`${name} end ${how}`),
    }
    return {
      opened: () => next,
      fault: (code: string, offset: number) => this.events.push(`${name} ${code}@${offset}`),
      skipped: (size: number) => this.events.push(`${name} skipped ${size}`),
      ended: (how: string) => this.events.push(`${name} ended ${how}`),
    }
  }

  give(side: 0 | 1, text: string, step = text.length): this {
    const bytes = Uint8Array.from(text, character => character.charCodeAt(0))
    const frame = new Frame()
    for (let at = 0; at < bytes.length; at += step)
      this.sides[side].run(bytes, at, Math.min(bytes.length, at + step), frame, at)
    return this
  }

  gap(side: 0 | 1, size: number): this {
    this.sides[side].gap(size, new Frame())
    return this
  }

  end(): this {
    for (const side of this.sides) side.end('fin')
    return this
  }
}

const STEPS = [1, 2, 3, 7, 50, 10_000]

/** What both directions tell, which no cut changes. */
function told(client: string, server: string): Connection {
  const whole = new Connection().give(0, client).give(1, server)
  for (const step of STEPS)
    expect(new Connection().give(0, client, step).give(1, server, step)).toMatchObject({
      events: whole.events,
      stream: whole.stream,
    })
  return whole
}

describe('the handshake', () => {
  test('its facts, and the bytes behind it', () => {
    const { stream, events } = told(`${ASK}\x82\x82`, `${AGREE}\x82\x02`)
    expect(events).toEqual([
      `c skipped ${ASK.length}`,
      `c run@${ASK.length} \x82\x82`,
      `s skipped ${AGREE.length}`,
      `s run@${AGREE.length} \x82\x02`,
    ])
    expect(stream).toMatchObject({
      path: '/mqtt?a=1',
      host: 'broker.example',
      offered: ['mqttv3.1', 'mqtt'],
      protocol: 'mqtt',
      deflate: { clientTakeover: true, serverTakeover: false },
      status: 101,
    })
  })

  test('no extension, no subprotocol', () => {
    const ask = ASK.replace('mqttv3.1, mqtt', 'soap')
    const { stream, events } = told(ask, 'HTTP/1.1 101 OK\nupgrade: websocket\n\nx')
    expect(stream).toMatchObject({ protocol: '', extensions: '', deflate: null })
    expect(events).toEqual([`c not_offered@${ask.length}`, 's not_chosen@36', 's skipped 36', 's run@36 x'])
  })

  test('a refusal: the connection stays HTTP', () => {
    const no = 'HTTP/1.1 403 Forbidden\r\nContent-Length: 3\r\n\r\nno!'
    const { stream, events } = told(`${ASK}GET / HTTP/1.1\r\n\r\n`, no).end()
    expect(stream.status).toBe(403)
    expect(events).toEqual([`c skipped ${ASK.length + 18}`, 'c ended fin', `s skipped ${no.length}`, 's ended fin'])
  })
})

describe('other messages before it are passed over', () => {
  const passes = (client: string, server: string): void => {
    const { stream, events } = told(`${client}${ASK}\x82`, `${server}${AGREE}\x82`)
    expect(stream.status).toBe(101)
    expect(events.filter(event => event.includes('run'))).toEqual([
      `c run@${client.length + ASK.length} \x82`,
      `s run@${server.length + AGREE.length} \x82`,
    ])
  }

  test('bodies by length, which may look like anything', () => {
    passes(`POST / HTTP/1.1\r\nContent-Length: ${AGREE.length}\r\n\r\n${AGREE}`, 'HTTP/1.1 204 No Content\r\n\r\n')
  })

  test('chunks, with extensions and a trailer', () => {
    const chunks = `5;a=b\r\n\r\n\r\nx\r\nA\r\n0123456789\r\n0\r\nEtag: 1\r\n\r\n`
    const head = 'Transfer-Encoding: gzip, Chunked\r\n\r\n'
    passes(`PUT /a HTTP/1.1\r\n${head}${chunks}`, `HTTP/1.1 200 OK\r\n${head}${chunks}`)
  })

  test('HEAD, 304, and 100 before the answer have no body', () => {
    passes('HEAD / HTTP/1.1\r\n\r\n', 'HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n')
    passes('GET / HTTP/1.1\r\n\r\n', 'HTTP/1.1 304 Same\r\nContent-Length: 99\r\n\r\n')
    passes('GET / HTTP/1.1\r\n\r\n', 'HTTP/1.1 100 Go\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx')
  })
})

describe('what is missing or too long', () => {
  test('a gap inside a body', () => {
    const head = 'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n'
    const { events } = new Connection().give(1, `${head}ab`).gap(1, 7).give(1, `${AGREE}x`)
    expect(events.at(-1)).toBe(`s run@${AGREE.length} x`)
  })

  test('a gap over the answer: WebSocket is searched for', () => {
    const { events } = new Connection().give(0, ASK).gap(1, 200).give(1, 'xyz')
    expect(events).toEqual(['s gap 0', 's run@0 xyz'])
  })

  test('a gap over the request: the answer tells', () => {
    const { events } = new Connection().gap(0, 200).give(1, AGREE).give(0, 'abc').give(0, 'xyz')
    expect(events).toEqual(['c gap 0', 'c run@0 xyz'])
  })

  test('a gap in other HTTP', () => {
    const { events } = new Connection().give(0, 'GET / HT').gap(0, 9).give(0, ASK).end()
    expect(events.slice(0, 2)).toEqual([`c skipped ${8 + ASK.length}`, 'c ended fin'])
  })

  test('a head of 16 KiB is none', () => {
    const fitting = ASK.replace('\r\n\r\n', `\r\nX: ${'x'.repeat(MOST_HEAD - ASK.length - 5)}\r\n\r\n`)
    expect(fitting.length).toBe(MOST_HEAD)
    expect(told(fitting, '').stream.asked).toBe(true)
    expect(told(fitting.replace('X: ', 'X: y'), '').stream.asked).toBe(false)
  })
})

describe('HTTP that never becomes WebSocket is let go', () => {
  const GET = 'GET / HTTP/1.1\r\n\r\n'
  const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx'
  const body = (size: number): string => `HTTP/1.1 200 OK\r\nContent-Length: ${size}\r\n\r\n`
  const opens = (client: string, server: string): boolean =>
    new Connection().give(0, client).give(1, server).give(0, ASK).give(1, `${AGREE}x`).events.at(-1)?.includes('x') ===
    true

  test('behind 16 requests none of which asks for it', () => {
    expect(opens(GET.repeat(16), OK.repeat(16))).toBe(true)
    expect(told(GET.repeat(17), '').events).toEqual(['let go'])
    expect(told(`${GET.repeat(17)}${ASK}`, `${OK.repeat(17)}${AGREE}x`).events).toEqual(['let go'])
  })

  test('behind 64 KiB of both directions', () => {
    const head = body(65_000)
    const size = 64 * 1024 - GET.length - head.length - ASK.length
    const first = head + 'x'.repeat(size)
    expect(told(GET, first).events).toEqual([])
    expect(told(GET, `${first}${'x'.repeat(ASK.length)}`).events).toEqual([])
    expect(told(GET, `${first}${'x'.repeat(ASK.length + 1)}`).events).toEqual(['let go'])
  })

  test('not while a request for it has no answer, and the count begins anew with one', () => {
    expect(told(ASK, 'HTTP/1.1 100 Go\r\n\r\n'.repeat(4000)).events).toEqual([])
    const no = 'HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n'
    expect(told(GET.repeat(16) + ASK + GET.repeat(16), OK.repeat(16) + no).events).toEqual([])
    expect(told(GET.repeat(16) + ASK + GET.repeat(17), OK.repeat(16) + no).events).toEqual(['let go'])
    const refused = new Connection().give(0, ASK).give(1, no).give(0, GET.repeat(16))
    expect(refused.events).toEqual([])
    expect(refused.give(0, GET).end().events[0]).toBe('let go')
  })

  test('with the preface of HTTP/2', () => {
    expect(told('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', '').events).toEqual(['let go'])
  })
})
