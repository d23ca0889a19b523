/** Numbers as people read them: three digits that matter and a unit. */

const MINUTE = 60
const HOUR = 3600
const DAY = 86_400
const NOTHING = '-'

/** Three digits: `4.12`, `41.2`, `412`. */
function three(value: number): string {
  const size = Math.abs(value)
  return value.toFixed(size < 9.995 ? 2 : size < 99.95 ? 1 : 0)
}

/** `412 µs`, `12.3 ms`, `4.20 s`, `2m 05s`, `3h 04m`; `-` for what nobody knows. */
export function duration(seconds: number): string {
  if (Number.isNaN(seconds)) return NOTHING
  if (seconds < 0) return `-${duration(-seconds)}`
  if (seconds === 0) return '0 s'
  if (seconds < 0.9995e-6) return `${Math.round(seconds * 1e9)} ns`
  if (seconds < 0.9995e-3) return `${three(seconds * 1e6)} µs`
  if (seconds < 0.9995) return `${three(seconds * 1e3)} ms`
  if (seconds < 99.95) return `${three(seconds)} s`
  return long(Math.round(seconds))
}

const two = (value: number): string => `${value}`.padStart(2, '0')

function long(seconds: number): string {
  if (seconds < HOUR) return `${Math.floor(seconds / MINUTE)}m ${two(seconds % MINUTE)}s`
  if (seconds < DAY) return `${Math.floor(seconds / HOUR)}h ${two(Math.floor((seconds % HOUR) / MINUTE))}m`
  return `${Math.floor(seconds / DAY)}d ${two(Math.floor((seconds % DAY) / HOUR))}h`
}

const PREFIXES = ['', 'k', 'M', 'G', 'T', 'P'] as const
/** Up to here a number is told exactly. */
const EXACT = 99_999

/** `812`, `99999`, `1.23M`: by thousands, as in SI. */
export function amount(value: number): string {
  const size = Math.abs(value)
  if (size <= EXACT && (Number.isInteger(value) || size >= 999.5)) return `${Math.round(value)}`
  let scaled = value
  let prefix = 0
  while (Math.abs(scaled) >= 999.5 && prefix + 1 < PREFIXES.length) {
    scaled /= 1000
    prefix++
  }
  return `${three(scaled)}${PREFIXES[prefix]}`
}

/** `812 B`, `1.23 MB`. */
export function bytes(value: number): string {
  const text = amount(value)
  return /\d$/.test(text) ? `${text} B` : `${text.slice(0, -1)} ${text.slice(-1)}B`
}

/** `3.20/s`; `-` where there is no time to divide by. */
export const rate = (perSecond: number): string => (Number.isFinite(perSecond) ? `${amount(perSecond)}/s` : NOTHING)

/** `12.5 %` of a whole; nothing of nothing. */
export const share = (part: number, whole: number): string =>
  whole === 0 ? NOTHING : `${((part / whole) * 100).toFixed(1)} %`

/** `0.301667`: seconds since the capture began. */
export const moment = (seconds: number, digits = 6): string =>
  Number.isNaN(seconds) ? NOTHING : seconds.toFixed(digits)

export const plural = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`
