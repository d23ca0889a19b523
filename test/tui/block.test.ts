/** Panes put together. */
import { expect, test } from 'vitest'
import { flatten, pane } from '../../src/tui/block.ts'
import { line, textOf } from '../../src/tui/spans.ts'

test('a pane never exceeds its place', () => {
  const wide = pane([line('日本語日本語'), line('x'.repeat(50)), line('y')], 5, 2)
  expect(flatten(wide).map(textOf)).toEqual(['日本…', 'xxxx…'])
})
