/** An expression's tree as one line of brackets. */
import type { Expression, Operand, SliceRange } from '../../src/filter/expression.ts'

export function show(expression: Expression): string {
  switch (expression.kind) {
    case 'or':
    case 'xor':
    case 'and':
      return `(${expression.kind} ${expression.parts.map(show).join(' ')})`
    case 'not':
      return `(not ${show(expression.part)})`
    case 'bare':
      return operand(expression.operand)
    case 'in':
      return `(in ${operand(expression.left)} ${expression.members
        .map(({ low, high }) => (low === high ? operand(low) : `${operand(low)}..${operand(high)}`))
        .join(' ')})`
    default:
      return `(${expression.test} ${operand(expression.left)} ${operand(expression.right)})`
  }
}

function operand(of: Operand): string {
  switch (of.kind) {
    case 'slice':
      return `${operand(of.of)}[${of.ranges.map(range).join(',')}]`
    case 'call':
      return `${of.name}(${operand(of.of)})`
    case 'mask':
      return `(& ${operand(of.of)} ${operand(of.by)})`
    case 'word':
      return of.text
    default:
      return `${of.kind === 'char' ? "'" : ''}${JSON.stringify(of.text)}`
  }
}

const range = ({ from, size, to }: SliceRange): string =>
  to !== undefined ? `${from}-${to}` : size === undefined ? `${from}:` : `${from}:${size}`
