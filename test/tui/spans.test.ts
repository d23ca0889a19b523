/** Lines of spans, as wide as they are meant to be. */
import { expect, test } from 'vitest'
import { fitted, line, textOf } from '../../src/tui/spans.ts'

test('cut lines keep their width', () => {
  expect(
    textOf(
      fitted(
        [
          { text: 'ab', token: 'plain' },
          { text: 'cdef', token: 'bold' },
        ],
        4,
      ),
    ),
  ).toBe('abc…')
  expect(textOf(fitted(line('a'), 3))).toBe('a  ')
})
