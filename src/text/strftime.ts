/** strftime(3) in the C locale, a letter at a time, in the time zone of this machine. */
import { byWord } from '../base/by-word.ts'

const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'] as const
const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
] as const
const DAY_MS = 86_400_000

const padded = (value: number, width: number, fill = '0'): string => `${value}`.padStart(width, fill)
const two = (value: number): string => padded(value, 2)
const twelve = (date: Date): number => date.getHours() % 12 || 12
const short = (name: string | undefined): string => (name ?? '').slice(0, 3)
const day = (date: Date): string => DAYS[date.getDay()] ?? ''
const month = (date: Date): string => MONTHS[date.getMonth()] ?? ''

/** Days since January 1; by calendar days, as some have 23 or 25 hours. */
function dayOfYear(date: Date): number {
  const at = Date.UTC(date.getFullYear(), date.getMonth(), date.getDate())
  return Math.round((at - Date.UTC(date.getFullYear(), 0, 1)) / DAY_MS)
}

/** Weeks that begin on `first` (0: Sunday); the days before the first such day are week 0. */
const week = (date: Date, first: number): number =>
  Math.floor((dayOfYear(date) + 7 - ((date.getDay() + 7 - first) % 7)) / 7)

/** ISO 8601: the week belongs to the year that has its Thursday. */
function isoWeek(date: Date): { readonly year: number; readonly week: number } {
  const thursday = new Date(date.getFullYear(), date.getMonth(), date.getDate() + 4 - (date.getDay() || 7))
  return { year: thursday.getFullYear(), week: Math.floor(dayOfYear(thursday) / 7) + 1 }
}

/** `+0100`. */
export function zone(date: Date): string {
  const east = -date.getTimezoneOffset()
  const size = Math.abs(east)
  return `${east < 0 ? '-' : '+'}${two(Math.floor(size / 60))}${two(size % 60)}`
}

function zoneName(date: Date): string {
  const parts = new Intl.DateTimeFormat('en-US', { timeZoneName: 'short' }).formatToParts(date)
  return parts.find(({ type }) => type === 'timeZoneName')?.value ?? ''
}

const clock = (date: Date): string => `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`
const american = (date: Date): string =>
  `${two(date.getMonth() + 1)}/${two(date.getDate())}/${two(date.getFullYear() % 100)}`
const calendar = (date: Date): string => `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`

const LETTERS: Readonly<Record<string, (date: Date) => string>> = byWord({
  a: date => short(day(date)),
  A: day,
  b: date => short(month(date)),
  B: month,
  c: date =>
    `${short(day(date))} ${short(month(date))} ${padded(date.getDate(), 2, ' ')} ${clock(date)} ${date.getFullYear()}`,
  C: date => two(Math.floor(date.getFullYear() / 100)),
  d: date => two(date.getDate()),
  D: american,
  e: date => padded(date.getDate(), 2, ' '),
  F: calendar,
  g: date => two(isoWeek(date).year % 100),
  G: date => `${isoWeek(date).year}`,
  h: date => short(month(date)),
  H: date => two(date.getHours()),
  I: date => two(twelve(date)),
  j: date => padded(dayOfYear(date) + 1, 3),
  k: date => padded(date.getHours(), 2, ' '),
  l: date => padded(twelve(date), 2, ' '),
  m: date => two(date.getMonth() + 1),
  M: date => two(date.getMinutes()),
  n: () => '\n',
  p: date => (date.getHours() < 12 ? 'AM' : 'PM'),
  P: date => (date.getHours() < 12 ? 'am' : 'pm'),
  r: date =>
    `${two(twelve(date))}:${two(date.getMinutes())}:${two(date.getSeconds())} ${date.getHours() < 12 ? 'AM' : 'PM'}`,
  R: date => `${two(date.getHours())}:${two(date.getMinutes())}`,
  s: date => `${Math.floor(date.getTime() / 1000)}`,
  S: date => two(date.getSeconds()),
  t: () => '\t',
  T: clock,
  u: date => `${date.getDay() || 7}`,
  U: date => two(week(date, 0)),
  V: date => two(isoWeek(date).week),
  w: date => `${date.getDay()}`,
  W: date => two(week(date, 1)),
  x: american,
  X: clock,
  y: date => two(date.getFullYear() % 100),
  Y: date => `${date.getFullYear()}`,
  z: zone,
  Z: zoneName,
})

/** Returns the text of a conversion; an unknown letter stays, with its percent sign. */
export const strftime = (letter: string, date: Date): string => LETTERS[letter]?.(date) ?? `%${letter}`

/** `2016-08-10T09:47:38+0100`. */
export const iso8601 = (date: Date): string => `${calendar(date)}T${clock(date)}${zone(date)}`

/** `2020-05-06T22:12:00.000000+0100`. */
export const iso8601Micros = (date: Date, nanos: number): string =>
  `${calendar(date)}T${clock(date)}.${padded(Math.floor(nanos / 1000), 6)}${zone(date)}`
