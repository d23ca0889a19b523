/** Values as columns side by side, eight steps to a line. */

const BLOCKS = ' ▁▂▃▄▅▆▇█'
const STEPS = BLOCKS.length - 1

/** So many lines, the upper one first; the highest value has the full height, what is above zero has a step at least. */
export function chart(values: readonly number[], height: number): readonly string[] {
  const most = Math.max(...values, 0)
  const heights = values.map(value => (most === 0 ? 0 : Math.ceil((value / most) * height * STEPS)))
  return Array.from({ length: height }, (_, line) => {
    const below = (height - 1 - line) * STEPS
    return heights.map(steps => BLOCKS[Math.max(0, Math.min(STEPS, steps - below))] ?? ' ').join('')
  })
}
