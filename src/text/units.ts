/** Durations, sizes, rates and shares as people read them: about three digits that matter, and a unit. */

const MINUTE = 60
const HOUR = 3600
const DAY = 86_400
const NOTHING = '-'

/** Three digits: `4.12`, `41.2`, `412`. */
function three(value: number): string {
  const size = Math.abs(value)
  return value.toFixed(size < 9.995 ? 2 : size < 99.95 ? 1 : 0)
}

/** A duration in reports: `412 µs`, `12.3 ms`, `4.20 s`, `2m 05s`, `3h 04m`; `-` if unknown. */
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

/** A duration on screens: `245µs`, `12.1ms`, `1.2s`, `95s`; at most six cells up to a week; `-` if unknown. */
export function shortDuration(seconds: number): string {
  if (Number.isNaN(seconds)) return NOTHING
  const size = Math.abs(seconds)
  if (size < 0.000_999_5) return `${Math.round(seconds * 1e6)}µs`
  if (size < 0.0995) return `${(seconds * 1e3).toFixed(1)}ms`
  if (size < 0.9995) return `${Math.round(seconds * 1e3)}ms`
  if (size < 99.95) return `${seconds.toFixed(1)}s`
  return size < 1e5 ? `${Math.round(seconds)}s` : `${Math.round(seconds / HOUR)}h`
}

/** A duration in the lines of `-T text`, a form that scripts rely on: `0.412 ms`, `503 ms`, `10.7 s`, microseconds always. */
export function lineDuration(seconds: number): string {
  const ms = seconds * 1000
  const size = Math.abs(ms)
  if (size < 10) return `${ms.toFixed(3)} ms`
  if (size < 999.5) return `${ms.toFixed(size < 99.95 ? 1 : 0)} ms`
  return `${seconds.toFixed(Math.abs(seconds) < 99.95 ? 1 : 0)} s`
}

/** A duration in records, in milliseconds to the nanosecond: below it lies only what binary fractions add. */
export const milliseconds = (seconds: number): number => Math.round(seconds * 1e9) / 1e6

const PREFIXES = ['', 'k', 'M', 'G', 'T', 'P'] as const
/** Largest number that is written exactly. */
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

/** Returns `3.20/s`; `-` if there is no time to divide by. */
export const rate = (perSecond: number): string => (Number.isFinite(perSecond) ? `${amount(perSecond)}/s` : NOTHING)

/** `12 MB`: how much of a file was read so far. */
export const megabytes = (value: number): string => `${(value / 1e6).toFixed(0)} MB`

/** `12.5 %` of a whole; `-` if the whole is 0. */
export const share = (part: number, whole: number): string =>
  whole === 0 ? NOTHING : `${((part / whole) * 100).toFixed(1)} %`

/** `38 %`, `4.7 %`: a part of 1 where there is room for two digits. */
export const shortShare = (part: number): string => `${(part * 100).toFixed(part > 0 && part < 0.1 ? 1 : 0)} %`
