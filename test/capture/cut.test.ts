/** A program that captures was ended anywhere, and another one begins: all that was whole counts, and all that follows. */
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { CaptureReader } from '../../src/capture/reader.ts'
import { sample } from '../support/screens.ts'
import { publish, Story } from '../support/story.ts'

interface Heard {
  /** Positions of the frames. */
  readonly frames: number[]
  readonly damages: { readonly at: number; readonly size: number }[]
}

function reading(): { readonly reader: CaptureReader; readonly heard: Heard } {
  const heard: Heard = { frames: [], damages: [] }
  const reader = new CaptureReader({
    frame: ({ position }) => heard.frames.push(position),
    lost: () => {},
    damage: ({ at, size }) => heard.damages.push({ at, size }),
  })
  return { reader, heard }
}

const story = new Story()
story.join().enter('a').say(publish('a/b', 'x'))

const FILES = { pcap: story.capture, pcapng: readFileSync(sample('connect')).subarray(0, 1500) }

describe.each(Object.entries(FILES))('%s', (_name, file) => {
  const whole = reading()
  whole.reader.push(file)
  whole.reader.end()
  const { frames } = whole.heard

  test('cut at every byte', () => {
    expect(frames.length).toBeGreaterThan(3)
    for (let cut = 1; cut <= file.length; cut++) {
      const { reader, heard } = reading()
      reader.push(file.subarray(0, cut))
      reader.cut()
      const before = heard.frames.length
      // Known at once, not when much more has come.
      const told = heard.damages.length
      reader.push(file)
      expect([cut, heard.frames.slice(before)]).toEqual([
        cut,
        frames.map(position => position + cut).slice(0, heard.frames.length - before),
      ])
      reader.end()
      expect([cut, heard.frames.slice(before).length]).toEqual([cut, frames.length])
      expect(told).toBeLessThanOrEqual(1)
      for (const { at, size } of heard.damages.slice(0, told)) expect(at + size).toBeLessThanOrEqual(cut)
    }
  })

  test('cut behind its last byte, and nothing comes any more: no damage', () => {
    const { reader, heard } = reading()
    reader.push(story.capture)
    reader.cut()
    reader.cut()
    reader.end()
    expect(heard.damages).toEqual([])
  })

  test('cut twice, and before anything came', () => {
    const { reader, heard } = reading()
    reader.cut()
    reader.push(file.subarray(0, 60))
    reader.cut()
    reader.cut()
    reader.push(file)
    reader.end()
    expect(heard.frames.slice(-frames.length)).toEqual(frames.map(position => position + 60))
  })
})

test('what is no capture stays refused', () => {
  const { reader, heard } = reading()
  reader.push(Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8))
  reader.cut()
  reader.push(FILES.pcap)
  reader.end()
  expect(heard.frames).toEqual([])
})
