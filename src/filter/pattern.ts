/** Regular expressions and MQTT wildcards: tests of text, built once. */
import { RE2JS, RE2JSException } from 're2js'
import { decodeText, latin1Text, OVERFLOW, Strings } from '../base/strings.ts'
import { faultMessage } from '../mqtt/fault-text.ts'
import { isUtf8 } from '../mqtt/text.ts'
import { filterFault, isShare, isShareWellFormed, matchesFilter, shareEnd } from '../mqtt/topic.ts'
import { FilterError, type Place } from './error.ts'
import { textBytes } from './sources.ts'

export type BytesTest = (bytes: Uint8Array) => boolean

/** A pattern's program grows with it, and each character of the text may visit all of it. */
export const LONGEST_PATTERN = 2000

/**
 * Case does not count, as in tshark. The engine's time grows with the text alone (no expression can make it try every
 * way there is), so it has no references back and no look-around.
 */
export function patternTest(pattern: string, place: Place): BytesTest {
  if (pattern.length > LONGEST_PATTERN)
    throw new FilterError(`the pattern is longer than ${LONGEST_PATTERN} characters`, place)
  const compiled = compilePattern(pattern, place)
  // What is no UTF-8 is searched byte by byte: `\xff` finds 0xff.
  return bytes => compiled.test(isUtf8(bytes, 0, bytes.length) ? decodeText(bytes, 0, bytes.length) : latin1Text(bytes))
}

function compilePattern(pattern: string, place: Place): RE2JS {
  try {
    return RE2JS.compile(pattern, RE2JS.CASE_INSENSITIVE)
  } catch (cause) {
    if (!(cause instanceof RE2JSException)) throw cause
    throw new FilterError(reason(pattern, cause.message), place)
  }
}

function reason(pattern: string, message: string): string {
  if (/\(\?(?:[=!]|<[=!])/.test(pattern)) return 'patterns have no look-around here: they are searched in linear time'
  if (/\\[1-9]|\\[gk][{<']?/.test(pattern))
    return 'patterns have no references back here: they are searched in linear time'
  const said = message.replace(/^error parsing regexp: /, '').replace('(?i)', '')
  return `the pattern cannot be read: ${said}`
}

/** Matches the topic filter, by the rules of MQTT. */
export function likeTest(filter: string, place: Place): BytesTest {
  const bytes = textBytes(filter)
  const { length } = bytes
  const fault = filterFault(bytes, 0, length)
  if (fault !== 0) throw new FilterError(faultMessage(fault), place)
  if (length === 0) throw new FilterError('the topic filter is empty', place)
  const shared = isShare(bytes, 0, length) && isShareWellFormed(bytes, 0, length)
  const from = shared ? shareEnd(bytes, 0, length) : 0
  return topic => matchesFilter(bytes, from, length, topic, 0, topic.length)
}

const MOST_VERDICTS = 20_000
const MOST_VERDICT_BYTES = 4 * 1024 * 1024
/** Looking up longer texts costs as much as most tests of them. */
const LONGEST_TEXT = 1024

/** A test whose verdicts are remembered by text: topics and client ids come again and again. */
export function remembered(test: BytesTest): BytesTest {
  const strings = new Strings(MOST_VERDICTS, MOST_VERDICT_BYTES)
  const verdicts: boolean[] = []
  return bytes => {
    const id = bytes.length > LONGEST_TEXT ? OVERFLOW : strings.intern(bytes, 0, bytes.length)
    if (id === OVERFLOW) return test(bytes)
    const known = verdicts[id]
    if (known !== undefined) return known
    const verdict = test(bytes)
    verdicts[id] = verdict
    return verdict
  }
}
