/** Where payload decoders are plugged in: which one is asked, with what, and what becomes of its values. */
import { describe, expect, test } from 'vitest'
import type { Node } from '../../src/mqtt/tree.ts'
import type { PayloadDecoder } from '../../src/payload/decoder.ts'
import { Chooser } from '../../src/payload/rules.ts'
import { layersOf, packetTree } from '../../src/store/dissect.ts'
import { AUTO_CHOOSER, PayloadReader } from '../../src/store/payloads.ts'
import type { PacketRecord } from '../../src/store/record.ts'
import { labelText, valueText } from '../../src/text/value.ts'
import { recordOf } from '../support/record.ts'
import { TINY } from '../support/tiny.ts'

const readerOf = (decoder: PayloadDecoder, topic = '#'): PayloadReader =>
  new PayloadReader(
    new Chooser([{ topic, decoder, packings: [] }], false, filter => filter !== 'never'),
    () => undefined,
  )
const ALWAYS = readerOf(TINY)
/** PUBLISH to `a`; the payload begins at byte 5, which is byte 8 of the record's bytes. */
const publish = (payload: string, size = payload.replaceAll(' ', '').length / 2): string =>
  `30 ${(3 + size).toString(16).padStart(2, '0')} 0001 61 ${payload}`
const AT = 8

/** The nodes below the payloads of a packet: range from the payload's first byte, name and text. */
function values(record: PacketRecord, reader?: PayloadReader): readonly string[] {
  const lines: string[] = []
  const add = (node: Node, depth: number): void => {
    const value = valueText(node, record.raw.bytes, false)
    lines.push(`${'  '.repeat(depth)}${node.start - AT}-${node.end - AT} ${labelText(node)}${value && `: ${value}`}`)
    for (const child of node.children) add(child, depth + 1)
  }
  for (const node of packetTree(record, reader).children)
    for (const child of node.children) if (isBelowPayload(node)) add(child, 0)
  return lines
}
const isBelowPayload = ({ field }: Node): boolean => field.name === 'mqtt.msg'

describe('the values of a payload', () => {
  /** {"t": 21.4, "ok": true, "s": ["hi", ff 00, ext 7]} */
  const all = '6d03 0174 6e04 32312e34 026f6b 21 0173 6103 7402 6869 6202 ff00 7801 37'

  test('each with its bytes, in groups', () => {
    expect(values(recordOf(publish(all)), ALWAYS)).toEqual([
      '0-29 Decoded as: tiny (by rule)',
      '  0-29 Values',
      '    4-10 t: 21.4',
      '    13-14 ok: true',
      '    16-29 s',
      '      18-22 Text: "hi"',
      '      24-26 Value: ff 00 (2 B)',
      '      26-29 Value: ext 7',
    ])
  })

  test('a fault stands behind what was read, and groups end there', () => {
    expect(values(recordOf(publish('6103 6e0131 6d01 0174')), ALWAYS)).toEqual([
      '0-9 Decoded as: tiny (by rule)',
      '  0-9 Values',
      '    2-5 Value: 1',
      '    5-9 Values',
      '      9-9 Error: ends too soon',
    ])
  })

  test('what a payload says is printable: escapes of a terminal are shown, in keys too', () => {
    expect(values(recordOf(publish('6d01 021b5b 74021b5d')), ALWAYS).slice(2)).toEqual([
      String.raw`    5-9 \x1b[: "\x1b]"`,
    ])
  })

  test('a close too many does no harm', () => {
    const decoder: PayloadDecoder = {
      name: 'odd',
      decode(_bytes, start, end, sink) {
        sink.close(end)
        sink.number('1', start, end)
        return true
      },
    }
    expect(values(recordOf(publish('31')), readerOf(decoder))).toEqual([
      '0-1 Decoded as: odd (by rule)',
      '  0-1 Value: 1',
    ])
  })
})

describe('which decoder is asked', () => {
  const heads = (record: PacketRecord, reader?: PayloadReader): readonly string[] =>
    values(record, reader).filter(line => !line.startsWith(' '))

  test('without a reader none', () => {
    const record = recordOf(publish('6e0131'))
    expect(heads(record)).toEqual([])
    expect(layersOf(record).at(-1)?.root).toEqual(packetTree(record))
  })

  test('none without a rule that matches', () => {
    expect(heads(recordOf(publish('6e0131')), readerOf(TINY, 'never'))).toEqual([])
  })

  test('none for an empty payload; one that was not captured as a whole says so', () => {
    expect(heads(recordOf(publish('')), ALWAYS)).toEqual([])
    expect(values(recordOf(publish('6e0131'), { incomplete: true, size: 9 }), ALWAYS)).toContain(
      '  0-0 Error: 3 of 4 bytes were captured',
    )
    expect(values(recordOf(publish('6e0131', 9), { size: 14 }), ALWAYS)).toEqual([
      '0-3 Decoded as: tiny (by rule)',
      '  0-0 Error: 3 of 9 bytes were captured',
    ])
  })

  test('a will has a payload, too', () => {
    // CONNECT of 3.1.1 with client c and a will to `w`: n 1.
    const record = recordOf('10 17 0004 4d515454 04 06 0000 0001 63 0001 77 0003 6e0131')
    const will = packetTree(record, ALWAYS)
      .children.flatMap(deep)
      .find(({ field }) => field.name === 'mqtt.willmsg')
    expect(will?.children[0]?.children.map(node => node.text)).toEqual(['1'])
  })
})

test('a topic of a known convention is named, and short keys are written out', () => {
  const topic = 'homeassistant/switch/a/config'
  const json = '{"stat_t":"x","name":"y"}'
  const hex = Buffer.from(topic + json).toString('hex')
  const record = recordOf(`30 ${(2 + topic.length + json.length).toString(16)} 001d ${hex}`)
  const lines = values(record, new PayloadReader(AUTO_CHOOSER, () => undefined)).map(line =>
    line.replace(/\d+-\d+ /, ''),
  )
  expect(lines).toEqual([
    'Convention: Home Assistant discovery: configuration of a switch',
    'Decoded as: json (by content)',
    '  Values',
    '    stat_t (state_topic): "x"',
    '    name: "y"',
  ])
})

const deep = (node: Node): readonly Node[] => [node, ...node.children.flatMap(deep)]

test('the layer of the packet holds them: so do details and bytes', () => {
  const record = recordOf(publish('6e0131'))
  const layer = layersOf(record, ALWAYS).at(-1)
  expect([layer?.isPacket, layer?.bytes]).toEqual([true, record.raw.bytes])
  expect(layer?.root).toEqual(packetTree(record, ALWAYS))
})
