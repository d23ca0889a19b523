/** RFC 6455 §5, RFC 7692 §7.2 and MQTT 5 §6: frames by hand, in any cut, with gaps, and against the receiver of `ws`. */
import { createRequire } from 'node:module'
import { constants, deflateRawSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { concatBytes, fromHex } from '../../src/base/bytes.ts'
import { hexText } from '../../src/base/strings.ts'
import { WEBSOCKET_FAULTS } from '../../src/transport/websocket-faults.ts'
import { looksLikeWebSocket } from '../../src/transport/websocket-header.ts'
import { Random } from '../support/random.ts'
import { frameOf, Reading } from '../support/websocket.ts'

const KEY = fromHex('37fa213d')
const HELLO = '48656c6c6f'

/** Reads the same whole, byte by byte, and in runs of each size up to 7. */
function server(hex: string, deflate: 'takeover' | 'alone' | 'none' | 'unknown' = 'none', isClient = false): Reading {
  const bytes = fromHex(hex)
  const whole = new Reading(isClient, deflate).give(bytes)
  for (let step = 1; step < 8; step++) {
    const cut = new Reading(isClient, deflate).give(bytes, step)
    expect([cut.events, cut.faults, cut.units.map(unplaced)]).toEqual([
      whole.events,
      whole.faults,
      whole.units.map(unplaced),
    ])
  }
  return whole
}

/** A header that comes in two runs is nowhere in one piece. */
const unplaced = (unit: string): string => unit.replace(/^-?\d+/, '')

const client = (hex: string): Reading => server(hex, 'none', true)

describe('the frames of RFC 6455 §5.7', () => {
  test('a text message, unmasked and masked', () => {
    expect(server('810548656c6c6f').events).toEqual(['|', HELLO])
    expect(client('818537fa213d7f9f4d5158').events).toEqual(['|', HELLO])
  })

  test('fragments, with a Ping and its Pong between', () => {
    const fragments = server('010348656c 890548656c6c6f 8a0548656c6c6f 80026c6f'.replaceAll(' ', ''))
    expect(fragments.events).toEqual(['|', HELLO])
    expect(fragments.faults).toEqual(['text@0'])
  })

  test('256 bytes, and 64 KiB', () => {
    expect(server(`827e0100${'5a'.repeat(256)}`).payload).toBe('5a'.repeat(256))
    const large = new Reading(false).give(fromHex(`827f0000000000010000${'5a'.repeat(65536)}82015b`))
    expect(large.payload).toBe(`${'5a'.repeat(65536)}5b`)
    expect(large.units).toEqual(['0+10+65536 827f', '65546+2+1 8201'])
  })

  test('a header in one run has a position, one in two runs has none', () => {
    const bytes = fromHex('8202c00082020d00')
    expect(new Reading(false).give(bytes, 8, 500).units).toEqual(['500+2+2 8202', '504+2+2 8202'])
    expect(new Reading(false).give(bytes, 5, 500).units).toEqual(['500+2+2 8202', '-1+2+2 8202'])
  })

  test('payload without a mask is handed on where it stands', () => {
    expect(new Reading(false).give(fromHex('8202c00082020d00'), 8, 500).positions).toEqual([502, 506])
    expect(new Reading(true).give(fromHex('828200000000c000'), 8, 500).positions).toEqual([-1])
  })
})

describe('what breaks a rule is reported once, and read', () => {
  test.each([
    ['client', '8202c000', 'c000', ['unmasked@0']],
    ['client', '8202c0008202c000', 'c000c000', ['unmasked@0']],
    ['server', '828237fa213df7fa', 'c000', ['masked@0']],
    ['server', '81020d00', '0d00', ['text@0']],
    ['server', 'a202d000', 'd000', ['reserved@0']],
    ['server', 'c202d000', 'd000', ['reserved@0']],
    ['server', '8302aabb8202d000', 'd000', ['opcode@0']],
    ['server', '827e0002d000', 'd000', ['length@0']],
    ['server', '827f0000000000000002d000', 'd000', ['length@0']],
    ['server', '09008202d000', 'd000', ['control_fragment@0']],
    ['server', `897e007e${'00'.repeat(126)}8202d000`, 'd000', ['control_length@0']],
    ['server', '8801038202d000', 'd000', ['close_length@0', 'after_close@3']],
    ['server', '0201d0820100', 'd000', ['interleaved@3']],
    ['server', '8001d0', 'd0', ['continuation@0']],
    ['server', '82ffffffffffffffffff00000000d000', 'G0', ['masked@0', 'huge@0']],
  ])('%s %s', (from, hex, payload, faults) => {
    const read = server(hex, 'none', from === 'client')
    expect(read.payload).toBe(payload)
    expect(read.faults).toEqual(faults)
  })

  test('each has a section and a sentence', () => {
    for (const { section, text } of Object.values(WEBSOCKET_FAULTS)) {
      expect(section).toMatch(/^(RFC \d{4} §[\d.]+|MQTT-6\.0\.0-\d)$/)
      expect(text).toMatch(/^(MQTT|[a-z]).*[^.]$/)
    }
  })

  test('the status code of a Close frame', () => {
    expect(server('880203e8').side.closeCode).toBe(1000)
    expect(client('888237fa213d3412').side.closeCode).toBe(1000)
    expect(server('8800').side.closeCode).toBeUndefined()
  })
})

describe('gaps', () => {
  test('inside a payload the next header is in step', () => {
    const read = new Reading(false).give(fromHex('820401')).gap(2).give(fromHex('048202d000'))
    expect(read.events).toEqual(['|', '01', 'G2', '04', '|', 'd000'])
  })

  test('the mask goes on behind it', () => {
    const frame = frameOf(0x82, fromHex('0102030405060708'), KEY)
    const read = new Reading(true).give(frame.subarray(0, 7)).gap(3).give(frame.subarray(10))
    expect(read.events).toEqual(['|', '01', 'G3', '05060708'])
  })

  test('beyond a payload the next frame is searched for at the beginnings of runs', () => {
    const read = new Reading(false).give(fromHex('820401')).gap(9).give(fromHex('ffeedd')).give(fromHex('8202d000'))
    expect(read.events).toEqual(['|', '01', 'G3', 'G0', '|', 'd000'])
    expect(read.skipped).toBe(3)
  })

  test('of unknown size, and within a header', () => {
    expect(new Reading(false).give(fromHex('820401')).gap(0).give(fromHex('8202d000')).payload).toBe('01G0d000')
    expect(new Reading(false).give(fromHex('827e01')).gap(4).give(fromHex('8202d000')).payload).toBe('G0d000')
  })

  test('two frames in a row, the second of which goes on', () => {
    const read = new Reading(false).gap(0).give(fromHex('8202d000827e0100aa'))
    expect(read.payload).toBe('G0d000aa')
  })

  test('a compressed message with a gap is a gap, and the next one is read if it can be', () => {
    const read = new Reading(false, 'takeover').give(fromHex('c107f248')).gap(1).give(fromHex('c9c90700'))
    expect(read.events).toEqual(['G0'])
    read.give(fromHex('c107f248cdc9c90700'))
    expect(read.payload).toBe(`G0${HELLO}`)
    expect(read.held.held).toBe(5)
  })
})

describe('compressed messages', () => {
  test.each([
    ['§7.2.3.1, in one frame', 'c107f248cdc9c90700', HELLO],
    ['§7.2.3.1, in two', '4103f248cd8004c9c90700', HELLO],
    ['§7.2.3.2, sharing the window', 'c107f248cdc9c90700c105f200110000', HELLO + HELLO],
    ['§7.2.3.3, not compressed', 'c10b000500faff48656c6c6f00', HELLO],
    ['§7.2.3.4, a closed stream', 'c108f348cdc9c9070000', HELLO],
    ['§7.2.3.5, two blocks', 'c10df248050000 00ffffcac9c90700'.replace(' ', ''), HELLO],
  ])('%s', (_, hex, payload) => {
    expect(server(hex, 'takeover').payload).toBe(payload)
    expect(server(hex, 'unknown').payload).toBe(payload)
  })

  test('a message that needs a window that was not kept is a gap', () => {
    const read = server('c107f248cdc9c90700c105f200110000', 'alone')
    expect(read.payload).toBe(`${HELLO}G0`)
    expect(read.faults).toEqual(['text@0', 'deflate@9'])
  })

  test('where nothing can inflate, a message is a gap', () => {
    const read = new Reading(false, 'takeover', null).give(fromHex('c207f248cdc9c907008202d000'))
    expect(read.events).toEqual(['G0', '|', 'd000'])
    expect(read.faults).toEqual(['compressed@0'])
  })
})

describe('in the midst', () => {
  const mqtt = (bytes: Uint8Array): number => (bytes[0] === 0xd0 ? 24 : 0)
  const looks = (hex: string, isClient = false): boolean => {
    const bytes = fromHex(hex)
    return looksLikeWebSocket(bytes, 0, bytes.length, isClient, mqtt)
  }

  test('two bytes of header are no proof', () => {
    expect(looks('8202d000')).toBe(true)
    expect(looks('8202d00082')).toBe(true)
    expect(looks('828237fa213de7fa', true)).toBe(true)
    expect(looks('8202d100')).toBe(false)
    expect(looks('8203d000')).toBe(false)
    expect(looks('8202d000ff')).toBe(false)
    expect(looks('828237fa213de7fa')).toBe(false)
    expect(looks('8202d000', true)).toBe(false)
  })
})

test('any session reads the same as with the receiver of ws', async () => {
  for (let seed = 1; seed <= 60; seed++) {
    const random = new Random(seed)
    const isClient = random.chance(0.5)
    const isDeflated = random.chance(0.5)
    const bytes = session(random, isClient, isDeflated)
    const read = new Reading(isClient, isDeflated ? 'alone' : 'none')
    for (let at = 0; at < bytes.length; ) {
      const size = 1 + random.below(3000)
      read.give(bytes.subarray(at, at + size))
      at += size
    }
    expect(read.payload, `seed ${seed}`).toBe(await withWs(bytes, isClient, isDeflated))
    expect(read.faults).toEqual([])
  }
})

function session(random: Random, isClient: boolean, isDeflated: boolean): Uint8Array {
  const frames: Uint8Array[] = []
  const put = (first: number, payload: Uint8Array): number =>
    frames.push(frameOf(first, payload, isClient ? random.bytes(4) : undefined))
  for (let count = 1 + random.below(8); count > 0; count--) {
    const text = random.chance(0.1) ? random.bytes(70_000) : random.bytes(random.below(400))
    const sent = isDeflated ? deflateRawSync(text, { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4) : text
    const cut = random.below(sent.length + 1)
    const first = isDeflated ? 0x42 : 2
    if (random.chance(0.5)) put(0x80 | first, sent)
    else {
      put(first, sent.subarray(0, cut))
      if (random.chance(0.5)) put(0x89, random.bytes(random.below(126)))
      put(0x80, sent.subarray(cut))
    }
  }
  return concatBytes(...frames)
}

interface Receiver {
  on(event: string, listener: (data: Uint8Array) => void): void
  end(bytes: Uint8Array, done: () => void): void
}

/** All messages that ws reads, as hex. */
function withWs(bytes: Uint8Array, isServer: boolean, isDeflated: boolean): Promise<string> {
  const load = createRequire(createRequire(import.meta.url).resolve('ws'))
  const Receiver = load('./lib/receiver.js') as new (options: object) => Receiver
  const Deflate = load('./lib/permessage-deflate.js') as new (options: object) => { accept(offers: object[]): void }
  const extensions: Record<string, unknown> = {}
  if (isDeflated) {
    const deflate = new Deflate({ isServer: true })
    deflate.accept([{ client_no_context_takeover: [true], server_no_context_takeover: [true] }])
    extensions['permessage-deflate'] = deflate
  }
  return new Promise((resolve, reject) => {
    let hex = ''
    const receiver = new Receiver({ isServer, extensions, binaryType: 'nodebuffer' })
    receiver.on('message', data => (hex += hexText(data, 0, data.length)))
    receiver.on('error', reject as () => void)
    receiver.on('finish', () => resolve(hex))
    receiver.end(bytes, () => {})
  })
}
