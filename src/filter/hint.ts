/** What an expression says and its writer may not have meant: told in yellow, no error. */
import type { Hint, Place } from './error.ts'
import type { Compare, Expression, Operand, Within } from './expression.ts'
import { isNumberBeyond } from './literals.ts'
import { findName, type Name } from './names.ts'

export function hintsOn(expression: Expression): readonly Hint[] {
  switch (expression.kind) {
    case 'bare':
      return onBare(expression.operand)
    case 'compare':
      return onCompare(expression)
    case 'in':
      return onWithin(expression)
    case 'not':
      return [...onNegated(expression.part, expression), ...hintsOn(expression.part)]
    default:
      return expression.parts.flatMap(hintsOn)
  }
}

const hint = ({ start, end }: Place, message: string): readonly Hint[] => [{ start, end, message }]

const nameOf = (operand: Operand): Name | undefined => (operand.kind === 'word' ? findName(operand.text) : undefined)

function onBare(operand: Operand): readonly Hint[] {
  const name = nameOf(operand)
  if (name === undefined || !name.isFlag) return []
  return hint(operand, `${name.name} tests presence; write ${name.name} == 1 for packets where it is set`)
}

function onNegated(part: Expression, place: Place): readonly Hint[] {
  const name = part.kind === 'bare' ? nameOf(part.operand) : undefined
  if (name === undefined || !name.isFlag) return []
  return hint(place, `${name.name} tests presence; write ${name.name} == 0 for packets where it is not set`)
}

function onCompare({ test, left, right, sign }: Compare): readonly Hint[] {
  const name = nameOf(left) ?? nameOf(right)
  const word = nameOf(left) === undefined ? left : right
  if (name === undefined) return []
  if (test === 'allUnequal' && name.repeats)
    return hint(
      sign,
      `${name.name} may stand several times; ${sign.text} is true where none of them is equal, !== where one is not`,
    )
  if (test === 'anyUnequal' && !name.repeats) return hint(sign, `${name.name} stands once: != says the same`)
  if (word.kind === 'slice' || word.kind === 'call' || word.kind === 'mask') return []
  if (isTopic(name) && test === 'anyEqual' && /(^|\/)(\+|#$)/.test(word.text))
    return hint(word, `+ and # are plain characters here; write ${name.name} like "${word.text}" to match topics`)
  if (isNumberBeyond(word, name)) return hint(word, `${name.name} is never more than ${name.most}`)
  return []
}

const isTopic = ({ name }: Name): boolean => name.includes('topic')

function onWithin({ left, members }: Within): readonly Hint[] {
  const name = nameOf(left)
  if (name === undefined || name.type !== 'number') return []
  return members.flatMap(({ low, high, ...place }) => {
    if (low.kind !== 'word' || high.kind !== 'word' || Number(low.text) <= Number(high.text)) return []
    return Number.isNaN(Number(low.text)) || Number.isNaN(Number(high.text))
      ? []
      : hint(place, 'this range is empty: its lower end stands first')
  })
}
