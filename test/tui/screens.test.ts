/** Each screen at both sizes as golden text, without a terminal; `terminal.test.ts` holds the real ones against the same. */
import { describe, expect, test } from 'vitest'
import { Screens } from '../support/screens.ts'
import { VIEWS } from '../support/views.ts'

const SIZES = [
  [80, 24],
  [140, 40],
] as const

describe.each(SIZES)('at %i x %i', (width, height) => {
  test.each(Object.entries(VIEWS))('%s', async (name, { sample, keys }) => {
    const screens = Screens.of(sample).press(...keys)
    await expect(screens.text(width, height)).toMatchFileSnapshot(`golden/${name}-${width}x${height}.txt`)
  })

  test('what we say and hear ourselves', async () => {
    const filters = ['house/#', 'a/very/long/filter/with/+/levels']
    const screens = Screens.ofGrab(filters)
    await expect(screens.text(width, height)).toMatchFileSnapshot(`golden/active-${width}x${height}.txt`)
    await expect(screens.press('2').text(width, height)).toMatchFileSnapshot(
      `golden/active-flow-${width}x${height}.txt`,
    )
    const ended = Screens.ofGrab(filters, '30 s are over').press('7')
    await expect(ended.text(width, height)).toMatchFileSnapshot(`golden/active-ended-${width}x${height}.txt`)
  })

  test('every line fits', () => {
    for (const { sample, keys } of Object.values(VIEWS)) {
      const screens = Screens.of(sample).press(...keys)
      expect(screens.lines(width, height).length).toBe(height)
    }
  })
})

test('any size from 1x1 on has as many lines as rows', () => {
  const screens = Screens.of('qos2')
  for (const [width, height] of [
    [1, 1],
    [1, 50],
    [200, 1],
    [59, 14],
    [60, 15],
    [61, 16],
    [300, 100],
  ] as const) {
    for (const key of [
      '1',
      '-',
      '+',
      'e',
      '|',
      '-',
      '|',
      'e',
      'tab',
      '+',
      'tab',
      '-',
      '|',
      '2',
      '-',
      '+',
      'H',
      'b',
      'H',
      '6',
      '7',
      'x',
      'x',
      '8',
      '?',
    ]) {
      expect(screens.press(key).lines(width, height).length).toBe(height)
    }
  }
})
