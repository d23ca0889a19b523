import { Command } from 'commander'
import { expect, test } from 'vitest'
import { type PaceFlags, paceOf, paceOptions } from '../../src/cli/pace-options.ts'

function flags(...words: string[]): PaceFlags {
  const command = new Command().exitOverride().configureOutput({ writeErr: () => {} })
  for (const option of paceOptions()) command.addOption(option)
  return command.parse(words, { from: 'user' }).opts()
}

test('factors and pauses', () => {
  expect(paceOf(flags('--pace', '0.5x'), true)).toEqual({ factor: 0.5, longestPause: undefined })
  expect(paceOf(flags('--pace', '10', '--longest-pause', '2s'), true)).toEqual({ factor: 10, longestPause: 2 })
  expect(paceOf(flags(), false)).toBeUndefined()
})

test('what is refused', () => {
  for (const words of ['0', '0x', '-1', 'fast', '2000x', '1e3', ''])
    expect(() => flags('--pace', words), words).toThrow('use 1x')
  for (const words of ['0', '2m', 'x']) expect(() => flags('--longest-pause', words), words).toThrow('use seconds')
  expect(() => paceOf(flags('--longest-pause', '2'), true)).toThrow('needs --pace')
  expect(() => paceOf(flags('--pace', '1x'), false)).toThrow('not for -i')
})
