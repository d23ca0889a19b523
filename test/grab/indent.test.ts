/** JSON spread over lines. */
import { expect, test } from 'vitest'
import { Indenter } from '../../src/grab/indent.ts'

test('spread over lines as JSON.stringify does it, however the text is cut', () => {
  const value = { a: [], b: {}, c: [1, { 'd,e:"[{\\': '\\"]}' }, []], f: null, g: 'x\u2028' }
  const text = JSON.stringify(value)
  for (const size of [1, 2, 7, text.length]) {
    const indenter = new Indenter()
    let spread = ''
    for (let at = 0; at < text.length; at += size) spread += indenter.indent(text.slice(at, at + size))
    expect(spread).toBe(JSON.stringify(value, null, 2))
  }
})
