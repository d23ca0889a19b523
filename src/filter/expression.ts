/** An expression as a tree: what the parser makes and everything else reads. */
import type { Place } from './error.ts'

export type Comparison =
  | 'anyEqual'
  | 'allEqual'
  | 'anyUnequal'
  | 'allUnequal'
  | 'greater'
  | 'less'
  | 'atLeast'
  | 'atMost'
export type TextTest = 'contains' | 'matches' | 'like'

export type Expression = Joined | Not | Bare | Compare | Within

export interface Joined extends Place {
  readonly kind: 'or' | 'xor' | 'and'
  readonly parts: readonly Expression[]
}

export interface Not extends Place {
  readonly kind: 'not'
  readonly part: Expression
}

/** A field alone tests whether it is there; bits under a mask, whether one of them is set. */
export interface Bare extends Place {
  readonly kind: 'bare'
  readonly operand: Operand
}

export interface Compare extends Place {
  readonly kind: 'compare'
  readonly test: Comparison | TextTest
  readonly left: Operand
  readonly right: Operand
  /** The operator as written, with its place. */
  readonly sign: Sign
}

export interface Sign extends Place {
  readonly text: string
}

export interface Within extends Place {
  readonly kind: 'in'
  readonly left: Operand
  readonly members: readonly Member[]
}

/** One value, or all from `low` to `high`. */
export interface Member extends Place {
  readonly low: Operand
  readonly high: Operand
}

export type Operand = Word | Sliced | Call | Masked

/** The name of a field, or a value: without quotes (`word`), in double ones or in single ones (`char`). */
export interface Word extends Place {
  readonly kind: 'word' | 'text' | 'char'
  readonly text: string
}

export interface Sliced extends Place {
  readonly kind: 'slice'
  readonly of: Operand
  readonly ranges: readonly SliceRange[]
}

/** Bytes from `from` on, before the end where it is negative: `size` of them, or up to and with `to`, or all. */
export interface SliceRange {
  readonly from: number
  readonly size: number | undefined
  readonly to: number | undefined
}

export interface Call extends Place {
  readonly kind: 'call'
  readonly name: string
  readonly of: Operand
}

/** `tcp.flags & 0x02` */
export interface Masked extends Place {
  readonly kind: 'mask'
  readonly of: Operand
  readonly by: Operand
}
