/** What stands before a report: a filter, a number of packets, a level to fail at. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { ReportAnalysis, type ReportAnalysisOptions } from '../../src/analysis/report-analysis.ts'
import { Filter } from '../../src/filter/filter.ts'
import type { Report } from '../../src/report/report.ts'
import { sample } from '../support/screens.ts'

/** Notes what it hears. */
class Notes implements Report {
  readonly packets: number[] = []
  readonly ends = new Set<string>()
  readonly damages: string[] = []
  frames = 0
  finished = 0

  frame(): void {
    this.frames++
  }

  packet({ number }: { readonly number: number }): void {
    this.packets.push(number)
  }

  ended(_stream: unknown, _side: unknown, how: string): void {
    this.ends.add(how)
  }

  damage({ message }: { readonly message: string }): void {
    this.damages.push(message)
  }

  gap(): void {}
  skipped(): void {}

  finish({ packets }: { readonly packets: number }): void {
    this.finished = packets
  }
}

function run(options: Partial<ReportAnalysisOptions> = {}): {
  readonly notes: Notes
  readonly analysis: ReportAnalysis
} {
  const notes = new Notes()
  const analysis = new ReportAnalysis(notes, { depth: 'sessions', count: Number.POSITIVE_INFINITY, ...options })
  analysis.push(readFileSync(sample('tour')))
  analysis.finish(analysis.end())
  return { notes, analysis }
}

test('everything, if nothing is asked for', () => {
  const { notes, analysis } = run()
  expect(notes.packets).toHaveLength(88)
  expect([analysis.packets, analysis.full, analysis.hasFailed]).toEqual([88, false, false])
  expect([...notes.ends]).toContain('fin')
  expect(notes.finished).toBe(88)
})

test('packets alone: the same packets', () => {
  expect(run({ depth: 'packets' }).notes.packets).toEqual(run().notes.packets)
})

test('a number of packets: what comes later is as if the capture ended there', () => {
  const { notes, analysis } = run({ count: 3 })
  expect(notes.packets).toEqual([1, 2, 3])
  expect(analysis.full).toBe(true)
  expect([...notes.ends]).toEqual(['capture'])
  expect(notes.frames).toBeLessThan(run().notes.frames)
})

test('a filter: only what matches, and whoever asks hears of it first', () => {
  const matched: number[] = []
  const filter = new Filter('mqtt.qos == 2')
  const { notes } = run({ filter, count: 2, matched: ({ number }) => void matched.push(number) })
  expect(notes.packets).toHaveLength(2)
  expect(matched).toEqual(notes.packets)
})

test('a level to fail at', () => {
  const filter = new Filter('mqtt.finding.level == error')
  const hasErrors = run({ depth: 'fanout', filter }).notes.packets.length > 0
  expect(run({ depth: 'fanout', failOn: 'error' }).analysis.hasFailed).toBe(hasErrors)
  expect(run({ depth: 'fanout', failOn: 'note' }).analysis.hasFailed).toBe(true)
})

test('damage of the source is counted, and told to all', () => {
  const told: string[] = []
  const notes = new Notes()
  const options = { depth: 'packets', count: 1 } as const
  const analysis = new ReportAnalysis(notes, { ...options, damage: ({ message }) => void told.push(message) })
  analysis.push(readFileSync(sample('tour')))
  const summary = analysis.end({ code: 'x', at: 7, size: 0, message: 'it broke off' })
  expect(summary.damage).toBe(1)
  expect([told, notes.damages]).toEqual([['it broke off'], ['it broke off']])
})
