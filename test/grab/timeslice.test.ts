/** Work of many in turns. */
import { expect, test } from 'vitest'
import { Timeslice } from '../../src/grab/timeslice.ts'

test('turns: one slice each in turn, and other work in between', async () => {
  const timeslice = new Timeslice()
  const done: string[] = []
  let timers = 0
  const timer = setInterval(() => timers++, 1)
  const busy = (name: string, times: number, finished: () => void) => {
    let left = times
    return {
      turn(): boolean {
        const until = performance.now() + 3
        while (performance.now() < until);
        done.push(name)
        if (--left === 0) finished()
        return left > 0
      },
    }
  }
  await Promise.all(['a', 'b', 'c'].map(name => new Promise<void>(resolve => timeslice.add(busy(name, 6, resolve)))))
  clearInterval(timer)
  expect(done.join('')).toBe('abc'.repeat(6))
  expect(timers).toBeGreaterThan(1)
})
