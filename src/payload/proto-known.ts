/** Messages of `google.protobuf` that have a JSON form of their own (protobuf.dev, "ProtoJSON Format"). */

const WRAPPERS: ReadonlySet<string> = new Set(
  ['Double', 'Float', 'Int64', 'UInt64', 'Int32', 'UInt32', 'Bool', 'String', 'Bytes'].map(
    name => `google.protobuf.${name}Value`,
  ),
)

/** True for the messages that are their only field. */
export const isWrapper = (name: string): boolean => WRAPPERS.has(name)

const NANOS = 1_000_000_000
/** The years 1 to 9999, in seconds since 1970. */
const FIRST = -62_135_596_800n
const LAST = 253_402_300_799n
/** Seconds of 10,000 years. */
const MOST_SECONDS = 315_576_000_000n

/** Returns 3, 6 or 9 digits behind the point; nothing for 0. */
function fraction(nanos: number): string {
  if (nanos === 0) return ''
  const digits = String(nanos).padStart(9, '0')
  if (digits.endsWith('000000')) return `.${digits.slice(0, 3)}`
  return `.${digits.endsWith('000') ? digits.slice(0, 6) : digits}`
}

/** Returns `2013-03-21T20:04:00.500Z` with 3, 6 or 9 digits; undefined for what is no time of the years 1 to 9999. */
export function timestampText(seconds: bigint, nanos: number): string | undefined {
  if (seconds < FIRST || seconds > LAST || nanos < 0 || nanos >= NANOS) return undefined
  return `${new Date(Number(seconds) * 1000).toISOString().slice(0, 19)}${fraction(nanos)}Z`
}

/** Returns `-1.500s` with 3, 6 or 9 digits; undefined for what is no duration. */
export function durationText(seconds: bigint, nanos: number): string | undefined {
  const isMixed = (seconds > 0n && nanos < 0) || (seconds < 0n && nanos > 0)
  if (isMixed || seconds < -MOST_SECONDS || seconds > MOST_SECONDS || Math.abs(nanos) >= NANOS) return undefined
  const whole = seconds < 0n ? -seconds : seconds
  return `${seconds < 0n || nanos < 0 ? '-' : ''}${whole}${fraction(Math.abs(nanos))}s`
}
