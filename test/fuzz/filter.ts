/** Random expressions: each is read or refused with a place in its text, and what was read can be asked of a packet. */
import { FilterError } from '../../src/filter/error.ts'
import { Filter } from '../../src/filter/filter.ts'
import { NAMES } from '../../src/filter/names.ts'
import { Random } from '../support/random.ts'
import { recordOf } from '../support/record.ts'
import { demand } from './demand.ts'

const PARTS: readonly string[] = [
  ...'( ) { } [ ] , .. == === != !== ~= > < >= <= && || ^^ ! ~ & . : / - + # $ " \' \\ \0'.split(' '),
  ...'and or not xor in eq contains matches like len( lower( count( string( r" [0:3] [-1] 1..2'.split(' '),
  ...'1 0x1f -5 5ms 1.5 192.0.2.1 192.0.2.0/24 ::1 74:6f "a" "a/+" "(" PUBLISH true client 3.1'.split(' '),
  ...NAMES.map(({ name }) => name),
]
const MOST_PARTS = 10
const MOST_CHARACTERS = 30

const record = recordOf('32 09 0003 612f62 0007 6869')

function textOf(random: Random): string {
  if (random.chance(0.2)) {
    const highest = random.pick([128, 256, 65_536])
    return String.fromCharCode(...Array.from({ length: random.below(MOST_CHARACTERS) }, () => random.below(highest)))
  }
  const parts = Array.from({ length: 1 + random.below(MOST_PARTS) }, () => random.pick(PARTS))
  return parts.join(random.pick(['', ' ', ' ']))
}

/** True where it was read. */
export function fuzzFilter(seed: number): boolean {
  const text = textOf(new Random(seed))
  try {
    new Filter(text).matches(record)
    return true
  } catch (cause) {
    if (!(cause instanceof FilterError)) throw cause
    const { start, end, text: shown } = cause
    demand(start >= 0 && start < end && start <= shown.length, `place ${start}..${end} in ${JSON.stringify(shown)}`)
    return false
  }
}
