/** Application messages, each once, in the forms of mosquitto_sub. */
import { describe, expect, test } from 'vitest'
import { FormatError, parseFormat } from '../../src/report/format.ts'
import { type MessagesOptions, MessagesReport } from '../../src/report/messages.ts'
import { text as bytesOf } from '../support/capture.ts'
import { expectValid } from '../support/report-schema.ts'
import { puback, publish, type RunOptions, recordsIn, reported, Story } from '../support/story.ts'

function told(story: Story, options: Partial<MessagesOptions> = {}, run: RunOptions = {}): string {
  return reported(
    story.capture,
    (write, writeBytes) =>
      new MessagesReport(
        {
          format: 'text',
          terminal: false,
          joined: false,
          allHops: false,
          redact: false,
          most: Number.POSITIVE_INFINITY,
          seed: 7,
          writeBytes,
          tell: () => {},
          ...options,
        },
        write,
      ),
    run,
  )
}

/** A message from p over the broker to s, and a second one. */
function house(): Story {
  const story = new Story()
  const s = story.join().enter('s').want(1, '#', 1)
  const p = story.join().enter('p')
  p.say(publish('hall/light', 'on', { qos: 1, id: 4 })).hear(puback(4))
  s.hear(publish('hall/light', 'on', { qos: 1, id: 1 })).say(puback(1))
  p.say(publish('hall/temp', '21.4'))
  s.hear(publish('hall/temp', '21.4'))
  return story
}

describe('which messages', () => {
  test('each once', () => {
    expect(told(house())).toBe('hall/light on\nhall/temp 21.4\n')
  })

  test('each hop', () => {
    expect(told(house(), { allHops: true })).toBe('hall/light on\nhall/light on\nhall/temp 21.4\nhall/temp 21.4\n')
  })

  test('so many', () => {
    expect(told(house(), { most: 1 })).toBe('hall/light on\n')
  })

  test('those that match, once among themselves', () => {
    const ofSubscriber = ({ stream }: { stream: { clientId: string | undefined } }): boolean => stream.clientId === 's'
    expect(told(house(), { layout: '%m %t' }, { matches: ofSubscriber })).toBe('1 hall/light\n0 hall/temp\n')
  })

  test('a packet sent again is no new message', () => {
    const story = new Story()
    const p = story.join().enter('p')
    p.say(publish('t', 'x', { qos: 1, id: 1 }), publish('t', 'x', { qos: 1, id: 1, dup: true }))
    p.hear(puback(1)).say(publish('t', 'x', { qos: 1, id: 1 }))
    expect(told(story)).toBe('t x\nt x\n')
    expect(told(story, { allHops: true })).toBe('t x\nt x\n')
  })

  test('none that is malformed', () => {
    const story = new Story()
    story
      .join()
      .enter('p')
      .say(publish('a', 'x', { qos: 3, id: 1 }), publish('b', 'y'))
    expect(told(story)).toBe('b y\n')
  })
})

describe('bytes', () => {
  const binary = Uint8Array.of(0, 0xff, 0x1b, 0x5b, 0x32, 0x4a, 10)
  const one = (payload: string | Uint8Array, topic = 't'): Story => {
    const story = new Story()
    story.join().enter('p').say(publish(topic, payload))
    return story
  }

  test('to a pipe as they are', () => {
    const parts: number[] = []
    told(one(binary), { writeBytes: bytes => void parts.push(...bytes) })
    expect(parts).toEqual([...binary])
  })

  test('to a terminal harmless', () => {
    expect(told(one(binary, '\x1b[2Jtopic'), { terminal: true })).toBe('\\x1b[2Jtopic \\x00\ufffd\\x1b[2J\\x0a\n')
    expect(told(one(binary), { terminal: true, layout: '%p|%x' })).toBe('\\x00\ufffd\\x1b[2J\\x0a|00ff1b5b324a0a\n')
  })

  test('none: as mosquitto_sub says it', () => {
    expect(told(one(''))).toBe('t (null)\n')
    expect(told(one(''), { layout: '%t %p|%l' })).toBe('t |0\n')
  })

  test('nothing between, where that is asked for', () => {
    expect(told(house(), { joined: true, layout: '%t\\0' })).toBe('hall/light\0hall/temp\0')
  })

  test('redacted', () => {
    const story = one('secret')
    for (const layout of [undefined, '%p', '%x', '%X', '%j', '%J'])
      expect(told(story, { redact: true, layout })).toMatch(/^(?!.*(secret|736563)).*<6 bytes>/)
    expect(told(story, { redact: true, format: 'ndjson' })).not.toContain('secret')
  })
})

describe('records', () => {
  test('say what the packet says', () => {
    const [first] = recordsIn(told(house(), { format: 'ndjson' }))
    expectValid(first)
    expect(first).toMatchObject({
      record: 'message',
      packet: 7,
      client: 'p',
      from: 'client',
      qos: 1,
      retain: false,
      packetId: 4,
      topic: 'hall/light',
      payload: { size: 2, text: 'on' },
    })
  })
})

describe('format strings', () => {
  /** Properties: alias 1, expiry 60, content type, response topic, correlation data, two user properties. */
  const properties = [
    ...[0x23, 0, 1],
    ...[0x02, 0, 0, 0, 60],
    ...[0x03, 0, 4, ...bytesOf('text')],
    ...[0x08, 0, 2, ...bytesOf('re')],
    ...[0x09, 0, 2, 0xc0, 0x41],
    ...[0x26, 0, 1, ...bytesOf('k'), 0, 1, ...bytesOf('v')],
    ...[0x26, 0, 1, ...bytesOf('k'), 0, 1, ...bytesOf('w')],
    ...[0x01, 1],
  ]
  const story = new Story()
  story
    .join()
    .enter('p', { version: 5 })
    .say(publish('a/b', 'hello', { qos: 2, id: 9, retain: true, properties }))

  test.each([
    ['%t %p', 'a/b hello'],
    ['%q %r %m %l', '2 1 9 5'],
    ['%x %X', '68656c6c6f 68656C6C6F'],
    ['[%8t] [%-8t] [%.2t] [%5.2t]', '[     a/b] [a/b     ] [a/] [   a/]'],
    ['[%8p] [%-8p] [%08p]', '[   hello] [hello   ] [000hello]'],
    ['[%3m] [%03m] [%-3m] [%-03m]', '[  9] [009] [9  ] [9  ]'],
    ['%A|%E|%F|%C|%R|%P|%S', '1|60|1|text|re|k:v k:w|'],
    ['%03A|%04E|%02F|%.2C|%5R|%4S', '001|0060|01|te|   re|    '],
    ['%%|@@|\\\\|\\t|\\e|\\a|\\v|\\r', '%|@|\\|\t|\x1b|\x07|\v|\r'],
    ['%U', '1700000000.000000000'],
    ['@s.@N', '1700000000.000000000'],
    ['@Q', '%Q'],
  ])('%s', (layout, expected) => {
    expect(told(story, { layout })).toBe(`${expected}\n`)
  })

  test('JSON', () => {
    const json = JSON.parse(told(story, { layout: '%j' })) as Record<string, unknown>
    expect(json).toMatchObject({ topic: 'a/b', qos: 2, retain: 1, payloadlen: 5, mid: 9, payload: 'hello' })
    expect(json.tst).toMatch(/^2023-11-1[45]T\d\d:\d\d:20\.000000[+-]\d{4}$/)
    expect(json.properties).toMatchObject({ 'topic-alias': 1, 'message-expiry-interval': 60, 'content-type': 'text' })
  })

  test('JSON of JSON, and what is none is told', () => {
    const of = (payload: string): Story => {
      const talk = new Story()
      talk.join().enter('p').say(publish('t', payload))
      return talk
    }
    expect(JSON.parse(told(of('{"a": [1, 2.50]}'), { layout: '%J' }))).toMatchObject({ payload: { a: [1, 2.5] } })
    const messages: string[] = []
    expect(told(of('no'), { layout: '%J', tell: message => void messages.push(message) })).toBe('\n')
    expect(messages).toEqual(['the payload on t is no JSON'])
  })

  test.each([
    ['ab %Q', 3],
    ['%', 0],
    ['a%-5', 1],
    ['@', 0],
    ['x\\q', 1],
    ['\\', 0],
  ])('wrong: %s', (layout, at) => {
    const parse = (): unknown => parseFormat(layout, { redact: false, clean: word => word })
    expect(parse).toThrow(FormatError)
    try {
      parse()
    } catch (cause) {
      expect((cause as FormatError).at).toBe(at)
    }
  })
})
