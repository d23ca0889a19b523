/** Values as columns. */
import { describe, expect, test } from 'vitest'
import { chart } from '../../../src/tui/panes/chart.ts'
import { sparkline } from '../../../src/tui/panes/sparkline.ts'

describe('a chart', () => {
  test('goes up to the highest value, in eighths of a line', () => {
    expect(chart([0, 1, 2, 3, 4, 8, 16], 2)).toEqual(['     ' + ' █', ' ▁▂▃▄██'])
  })

  test('shows what is above zero', () => {
    expect(chart([1, 1_000_000], 3)).toEqual([' █', ' █', '▁█'])
  })

  test('of nothing is empty', () => {
    expect(chart([], 2)).toEqual(['', ''])
    expect(chart([0, 0], 2)).toEqual(['  ', '  '])
  })
})

test('a sparkline has a column for each value, the highest for the highest', () => {
  expect(sparkline([0, 1, 50, 99, 100])).toBe('▁▂▅██')
  expect(sparkline([0, 0])).toBe('▁▁')
  expect(sparkline([])).toBe('')
})
