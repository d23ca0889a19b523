/** RFC 8446 §5.1: records whole, in pieces, and behind gaps. Bytes by hand. */
import { describe, expect, test } from 'vitest'
import { fromHex, hex } from '../../../src/base/bytes.ts'
import { Frame } from '../../../src/base/line.ts'
import { TlsBudget } from '../../../src/transport/tls/budget.ts'
import { RecordReader } from '../../../src/transport/tls/records.ts'

const HELLO = '160301 0003 010203'
const DATA = '170303 0004 aabbccdd'
const ALERT = '150303 0002 0100'

class Heard {
  readonly all: string[] = []
  readonly reader: RecordReader
  private position = 0

  constructor(budget = new TlsBudget()) {
    const listener = {
      record: (record: Uint8Array, missing: number, _frame: Frame, position: number) =>
        this.all.push(`${hex(record)}${missing > 0 ? ` +${missing}` : ''} @${position}`),
      lost: (size: number) => this.all.push(`lost ${size}`),
      skipped: (size: number) => this.all.push(`skipped ${size}`),
    }
    this.reader = new RecordReader(listener, budget)
  }

  run(text: string): this {
    const bytes = fromHex(text)
    this.reader.run(bytes, 0, bytes.length, new Frame(), this.position)
    this.position += bytes.length
    return this
  }

  gap(size: number): this {
    this.reader.gap(size, new Frame())
    this.position += size
    return this
  }
}

const plain = (text: string): string => text.replaceAll(' ', '')

describe('records', () => {
  const all = [`${plain(HELLO)} @0`, `${plain(DATA)} @8`, `${plain(ALERT)} @17`]

  test('several in one run', () => {
    expect(new Heard().run(HELLO + DATA + ALERT).all).toEqual(all)
  })

  test('byte by byte, and cut anywhere', () => {
    const text = plain(HELLO + DATA + ALERT)
    const heard = new Heard()
    for (let at = 0; at < text.length; at += 2) heard.run(text.slice(at, at + 2))
    expect(heard.all).toEqual(all)
    for (let cut = 2; cut < text.length; cut += 2)
      expect(new Heard().run(text.slice(0, cut)).run(text.slice(cut)).all).toEqual(all)
  })

  test('an empty one', () => {
    expect(new Heard().run('170303 0000').all).toEqual(['1703030000 @0'])
  })
})

describe('gaps', () => {
  test('inside a record leave the next one in step', () => {
    const heard = new Heard().run('170303 0004 aa').gap(3).run(DATA)
    expect(heard.all).toEqual(['1703030004aa +3 @0', `${plain(DATA)} @9`])
  })

  test('inside a record whose end is there: the end is passed over', () => {
    const heard = new Heard().run('170303 0004 aa').gap(2).run('dd').run(DATA)
    expect(heard.all).toEqual(['1703030004aa +3 @0', `${plain(DATA)} @9`])
    const twice = new Heard().run('170303 0004 aa').gap(1).run('cc').gap(1).run(DATA)
    expect(twice.all).toEqual(['1703030004aa +3 @0', `${plain(DATA)} @9`])
  })

  test('beyond the end of a record: the next header is searched for', () => {
    const heard = new Heard().run('170303 0004 aa').gap(10).run(`0102 ${DATA}`)
    expect(heard.all).toEqual(['1703030004aa +3 @0', 'lost 7', 'skipped 2', `${plain(DATA)} @18`])
  })

  test('between records, and inside a header', () => {
    expect(new Heard().gap(5).run(DATA).all).toEqual(['lost 5', `${plain(DATA)} @5`])
    expect(new Heard().run('1703').gap(5).run(DATA).all).toEqual(['lost 5', `${plain(DATA)} @7`])
  })

  test('of unknown size', () => {
    expect(new Heard().run('170303 0004 aa').gap(0).run(DATA).all).toEqual([
      '1703030004aa +3 @0',
      'lost 0',
      `${plain(DATA)} @6`,
    ])
  })

  test('a record that begins a run and goes on behind it is taken, one inside of a run is not', () => {
    expect(new Heard().gap(5).run('170303 0004 aa').run('bbccdd').all).toEqual(['lost 5', `${plain(DATA)} @5`])
    expect(new Heard().gap(5).run('00 170303 0004 aa').run('bbccdd').all).toEqual(['lost 5', 'skipped 7', 'skipped 3'])
  })
})

describe('what is no record', () => {
  test.each([
    ['another type', '180403 0001 00'],
    ['another version', '170503 0001 00'],
    ['a length above 2^14 + 2048', '170303 4801 00'],
  ])('%s', (_name, text) => {
    expect(new Heard().run(HELLO + text).all).toEqual([`${plain(HELLO)} @0`, 'lost 0', 'skipped 6'])
  })

  test('a header in pieces', () => {
    expect(new Heard().run('17').run('0503 0001').run(DATA).all).toEqual(['lost 0', `${plain(DATA)} @5`])
  })
})

describe('memory for records in pieces', () => {
  const piece = '170303 0800 aabbcc'

  test('is shared, and given back', () => {
    const budget = new TlsBudget(undefined, undefined, 5000)
    const heard = new Heard(budget).run(piece)
    expect(budget.collected).toBe(1024)
    heard.run('00'.repeat(0x800 - 3))
    expect(heard.all).toHaveLength(1)
    expect(budget.collected).toBe(0)
    heard.run(piece).gap(0)
    expect(budget.collected).toBe(0)
    heard.run('17').reader.end()
    expect(budget.collected).toBe(0)
  })

  test('that is used up: the record is lost, and the next one is found', () => {
    const budget = new TlsBudget(undefined, undefined, 2000)
    const other = new Heard(budget).run(piece)
    const heard = new Heard(budget).run(piece).run(DATA)
    expect(heard.all).toEqual(['lost 0', 'skipped 8', `${plain(DATA)} @8`])
    expect(other.all).toEqual([])
  })
})
