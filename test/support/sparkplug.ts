/**
 * Sparkplug B payloads as words, for conversations and tests, and the hex they are:
 *
 *     seq=0 bdSeq:8=4 Node_Control/Rebirth:11=false temp:10@100=21.5 @100=22
 *
 * A metric is `name:datatype@alias=value`, each part only if it is to be sent (`temp:=1`: no data type); `_` stands for a blank. Payload and metrics have
 * a timestamp, but for `no-ts` and metrics that end in `!`. `raw:abc` is a payload that says `abc` instead, `hex:…` any bytes.
 */
import { raw } from './hex.ts'
import { double, float, inner, string, whole } from './protobuf.ts'

const TIME = 1_700_000_000_000n
const STRINGS = [12, 14, 15]
const LONGS = [4, 8, 13]

function valueField(type: number, value: string): string {
  if (value === 'null') return whole(7, 1)
  if (value === 'true' || value === 'false') return whole(14, Number(value === 'true'))
  if (type === 9) return float(12, Number(value))
  if (type === 10) return double(13, Number(value))
  if (STRINGS.includes(type)) return string(15, value)
  if (LONGS.includes(type)) return whole(11, BigInt(value))
  return whole(10, BigInt.asUintN(32, BigInt(value)))
}

/** `name:datatype@alias=value`. */
export function metric(words: string): string {
  const parts = /^([^:@=!]*)(?::(\d*))?(?:@(\d+))?(?:=(.*?))?(!?)$/.exec(words)
  if (parts === null) throw new Error(`no metric: ${words}`)
  const [, name = '', type, alias, value, bare] = parts
  return [
    name === '' ? '' : string(1, name.replaceAll('_', ' ')),
    alias === undefined ? '' : whole(2, Number(alias)),
    bare === '!' ? '' : whole(3, TIME),
    type === undefined || type === '' ? '' : whole(4, Number(type)),
    value === undefined ? '' : valueField(Number(type || 0), value),
  ].join('')
}

/** The words of a payload, separated by blanks or commas, and its `seq`. */
export function sparkplug(words: readonly string[], seq?: string): string {
  const text = words.find(word => word.startsWith('raw:'))
  if (text !== undefined) return raw(text.slice(4))
  const hex = words.find(word => word.startsWith('hex:'))
  if (hex !== undefined) return hex.slice(4)
  const metrics = words.filter(word => word !== 'no-ts').map(word => inner(2, metric(word)))
  return (
    (words.includes('no-ts') ? '' : whole(1, TIME)) +
    metrics.join('') +
    (seq === undefined ? '' : whole(3, Number(seq)))
  )
}
