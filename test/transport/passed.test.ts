import { expect, test } from 'vitest'
import { Frame } from '../../src/base/line.ts'
import { Passed } from '../../src/transport/passed.ts'

const frame = (number: number): Frame => Object.assign(new Frame(), { number })

function passed(): { readonly sink: Passed; readonly lines: string[] } {
  const lines: string[] = []
  const sink = new Passed(
    {
      skipped: (size, { number }, foreign) => lines.push(`${size} @${number} ${foreign}`),
      ended: how => lines.push(how),
    },
    'tls',
  )
  return { sink, lines }
}

test('bytes are counted and told once, with the frame of the last of them', () => {
  const { sink, lines } = passed()
  sink.add(7, frame(1))
  sink.run(new Uint8Array(9), 2, 5, frame(2))
  sink.gap()
  sink.run(new Uint8Array(9), 0, 9, frame(4))
  expect(lines).toEqual([])
  sink.end('rst')
  expect(lines).toEqual(['19 @4 tls', 'rst'])
})

test('no bytes are no stretch', () => {
  const { sink, lines } = passed()
  sink.end('fin')
  expect(lines).toEqual(['fin'])
})
