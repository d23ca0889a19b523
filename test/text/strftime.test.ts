/** The letters of strftime, with date(1) as the oracle. */
import { execFileSync } from 'node:child_process'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { strftime } from '../../src/text/strftime.ts'
import { needs } from '../support/tools.ts'

const LETTERS = [...'aAbBcCdDeFgGhHIjklmMpPrRsSTuUVwWxXyYz']
/** First and last days of years, leap days, hours that summer time leaves out or has twice, and moments between. */
const MOMENTS = [
  ...[0, 951_782_400, 1_167_609_599, 1_230_768_000, 1_419_984_000, 1_609_459_199, 1_709_211_723],
  ...[1_774_746_000, 1_792_890_000, 1_773_558_000, 1_793_512_800],
  ...Array.from({ length: 200 }, (_, at) => (at * 20_511_149) % 4_102_444_800),
]

let zone: string | undefined
beforeEach(() => {
  zone = process.env.TZ
})
afterEach(() => {
  if (zone === undefined) delete process.env.TZ
  else process.env.TZ = zone
})

/** What date(1) writes for each moment. */
function written(format: string, timeZone: string): readonly string[] {
  const told = execFileSync('date', ['-f', '-', `+${format}`], {
    input: MOMENTS.map(seconds => `@${seconds}\n`).join(''),
    env: { ...process.env, LC_ALL: 'C', TZ: timeZone },
    encoding: 'utf8',
  })
  return told.trimEnd().split('\n')
}

describe('strftime', () => {
  for (const timeZone of ['UTC', 'America/New_York', 'Europe/Berlin', 'Asia/Kolkata']) {
    needs('date')(`${timeZone}: every letter as date(1) writes it`, () => {
      const told = written(LETTERS.map(letter => `%${letter}`).join('|'), timeZone)
      process.env.TZ = timeZone
      const ours = MOMENTS.map(seconds => LETTERS.map(letter => strftime(letter, new Date(seconds * 1000))).join('|'))
      expect(ours).toEqual(told)
    })
  }

  // Intl has short names for few zones: where there is none it writes `GMT+1`, and date(1) CET.
  for (const timeZone of ['UTC', 'America/New_York']) {
    needs('date')(`${timeZone}: its name`, () => {
      const told = written('%Z', timeZone)
      process.env.TZ = timeZone
      expect(MOMENTS.map(seconds => strftime('Z', new Date(seconds * 1000)))).toEqual(told)
    })
  }

  it('a new line, a tab, and a letter that no strftime knows', () => {
    expect(['n', 't', 'Q'].map(letter => strftime(letter, new Date(0)))).toEqual(['\n', '\t', '%Q'])
  })
})
