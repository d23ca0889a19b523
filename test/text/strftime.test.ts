/** The letters of strftime, as date(1) writes them. */
import { execFileSync } from 'node:child_process'
import { describe, expect } from 'vitest'
import { strftime } from '../../src/text/strftime.ts'
import { needs } from '../support/tools.ts'

describe('strftime', () => {
  needs('date')('as strftime writes them', () => {
    const letters = [...'aAbBcCdDeFgGhHIjklmMpPrRsSTuUVwWxXyYzZ']
    for (const seconds of [0, 951_782_400, 1_167_609_599, 1_230_768_000, 1_419_984_000, 1_609_459_199, 1_709_211_723]) {
      const date = new Date(seconds * 1000)
      const format = letters.map(letter => `%${letter}`).join('|')
      const told = execFileSync('date', ['-d', `@${seconds}`, `+${format}`], {
        env: { ...process.env, LC_ALL: 'C' },
        encoding: 'utf8',
      })
      expect(letters.map(letter => strftime(letter, date)).join('|')).toBe(told.trimEnd())
    }
  })
})
