/**
 * The format strings of mosquitto_sub's `-F`: `%t` and its kin for what a message says, `@H` for the time, `\n` for what is
 * hard to type; flags and widths as its manual page has them.
 */

import { byWord } from '../base/by-word.ts'
import { hexText } from '../base/strings.ts'
import { json } from '../export/json-text.ts'
import { PropertyId } from '../mqtt/spec.ts'
import { iso8601, iso8601Micros, strftime } from '../text/strftime.ts'
import { type MessageText, type PropertyValue, propertyName } from './message-text.ts'

/** A format string that cannot be used; `at` is the place of what is wrong. */
export class FormatError extends Error {
  override readonly name = 'FormatError'
  readonly at: number

  constructor(message: string, at: number) {
    super(message)
    this.at = at
  }
}

/** Text of our own or of the user's, or bytes of the capture. */
export type Piece = string | Uint8Array

export interface FormatOptions {
  /** In place of payloads their length. */
  readonly redact: boolean
  /** Makes text of the capture harmless for where it goes. */
  readonly clean: (text: string) => string
}

/** Writes a message; undefined where its payload is no JSON and `%J` wants that. */
export type Format = (message: MessageText) => readonly Piece[] | undefined

interface Layout {
  readonly left: boolean
  readonly zeros: boolean
  readonly width: number
  readonly most: number
}

type Part = (message: MessageText) => Piece | undefined

const ESCAPES: Readonly<Record<string, string>> = byWord({
  '\\': '\\',
  '0': '\0',
  a: '\x07',
  e: '\x1b',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
})

/** Throws FormatError. */
export function parseFormat(text: string, options: FormatOptions): Format {
  const parts: Part[] = []
  let at = 0
  while (at < text.length) {
    const next = /[%@\\]/.exec(text.slice(at))
    const end = next === null ? text.length : at + next.index
    if (end > at) parts.push(constant(text.slice(at, end)))
    if (next === null) break
    at = end + sequence(text, end, parts, options)
  }
  return message => {
    const pieces: Piece[] = []
    for (const role of parts) {
      const piece = role(message)
      if (piece === undefined) return undefined
      pieces.push(piece)
    }
    return pieces
  }
}

const constant =
  (text: string): Part =>
  () =>
    text

/** Adds what begins at `at`; how many characters it has. */
function sequence(text: string, at: number, parts: Part[], options: FormatOptions): number {
  const [sign = '', next] = [text[at], text[at + 1]]
  if (next === undefined) throw new FormatError(`nothing behind ${sign}`, at)
  if (sign === '@') parts.push(timePart(next))
  else if (sign === '\\') {
    const character = ESCAPES[next]
    if (character === undefined) throw new FormatError(`\\${next} is no escape sequence`, at)
    parts.push(constant(character))
  } else return parameter(text, at, parts, options)
  return 2
}

function timePart(letter: string): Part {
  if (letter === '@') return constant('@')
  if (letter === 'N') return ({ record }) => `${record.raw.frame.nanos}`.padStart(9, '0')
  return message => ofTime(message, date => strftime(letter, date))
}

const PARAMETER = /^%([-0]*)(\d{0,4})(?:\.(\d{1,4}))?(.?)/s

function parameter(text: string, at: number, parts: Part[], options: FormatOptions): number {
  const [whole = '', flags = '', width = '', most, letter = ''] = PARAMETER.exec(text.slice(at)) ?? []
  if (letter === '') throw new FormatError(`${whole} is not complete`, at)
  const make = LETTERS[letter]
  if (make === undefined) throw new FormatError(`%${letter} is not known`, at)
  const layout: Layout = {
    left: flags.includes('-'),
    zeros: flags.includes('0') && !flags.includes('-'),
    width: Number(width),
    most: most === undefined ? Number.POSITIVE_INFINITY : Number(most),
  }
  parts.push(make(layout, options))
  return whole.length
}

type Make = (layout: Layout, options: FormatOptions) => Part

/** Filled up to its width; by characters, so that none is cut in two. */
function laid(text: string, { left, width }: Layout, fill = ' '): string {
  const missing = width === 0 ? 0 : width - [...text].length
  if (missing <= 0) return text
  return left ? text + ' '.repeat(missing) : fill.repeat(missing) + text
}

const cutTo = (text: string, most: number): string => (text.length <= most ? text : [...text].slice(0, most).join(''))

/** A number; what is absent is blank, or zeros where those are asked for. */
const numeric =
  (read: (message: MessageText) => number | undefined): Make =>
  layout =>
  message =>
    laid(`${read(message) ?? ''}`, layout, layout.zeros ? '0' : ' ')

const textual =
  (read: (message: MessageText) => string, isOurs = false): Make =>
  (layout, { clean }) =>
  message => {
    const text = cutTo(read(message), layout.most)
    return laid(isOurs ? text : clean(text), layout)
  }

const property = (message: MessageText, id: number): number | undefined => {
  const value = message.property(id)
  return typeof value === 'number' ? value : undefined
}
const propertyText = (message: MessageText, id: number): string => {
  const value = message.property(id)
  return typeof value === 'string' ? value : ''
}

const redacted = (size: number): string => `<${size} bytes>`
const encoder = new TextEncoder()
const redactedText = (text: string): string => redacted(encoder.encode(text).length)

const payload: Make =
  (layout, { redact }) =>
  message => {
    if (redact) return redacted(message.size)
    const bytes = message.payload
    const missing = layout.width - bytes.length
    if (missing <= 0) return bytes
    const filled = new Uint8Array(layout.width).fill(layout.zeros ? 0x30 : 0x20)
    filled.set(bytes, layout.left ? 0 : missing)
    return filled
  }

const payloadHex =
  (isUpper: boolean): Make =>
  (layout, { redact }) =>
  message => {
    if (redact) return redacted(message.size)
    const text = hexText(message.payload, 0, message.payload.length)
    return laid(isUpper ? text.toUpperCase() : text, layout, layout.zeros ? '0' : ' ')
  }

const LETTERS: Readonly<Record<string, Make>> = byWord({
  '%': () => constant('%'),
  A: numeric(message => property(message, PropertyId.topicAlias)),
  C: textual(message => propertyText(message, PropertyId.contentType)),
  D: (_layout, options) => message => correlation(message, options),
  E: numeric(message => property(message, PropertyId.messageExpiryInterval)),
  F: numeric(message => property(message, PropertyId.payloadFormatIndicator)),
  I: textual(message => ofTime(message, iso8601), true),
  j: (_layout, options) => message => asJson(message, options, payloadText(message, options)),
  J: (_layout, options) => message => {
    const value = payloadJson(message, options)
    return value === undefined ? undefined : asJson(message, options, value)
  },
  l: numeric(({ size }) => size),
  m: numeric(({ id16 }) => id16),
  p: payload,
  P:
    (_layout, { clean, redact }) =>
    message => {
      const pairs = message.properties.flatMap(({ id, value }) =>
        id === PropertyId.userProperty ? [value as [string, string]] : [],
      )
      return clean(pairs.map(([name, value]) => `${name}:${redact ? redactedText(value) : value}`).join(' '))
    },
  q: () => message => `${message.qos}`,
  r: () => message => `${message.retain}`,
  // Of this one mosquitto_sub fills up only what is there.
  R:
    (layout, { clean }) =>
    message => {
      const text = cutTo(propertyText(message, PropertyId.responseTopic), layout.most)
      return text === '' ? '' : laid(clean(text), layout)
    },
  S: numeric(message => property(message, PropertyId.subscriptionIdentifier)),
  t: textual(({ topic }) => topic),
  U: () => unixTime,
  x: payloadHex(false),
  X: payloadHex(true),
})

/** Why `%J` has nothing to print. */
export const notJson = (message: MessageText): string => `the payload on ${message.topic} is no JSON`

function correlation(message: MessageText, { redact }: FormatOptions): Piece {
  const value = message.property(PropertyId.correlationData)
  if (!(value instanceof Uint8Array)) return ''
  return redact ? redacted(value.length) : value
}

const ofTime = ({ record }: MessageText, write: (date: Date) => string): string => {
  const { seconds } = record.raw.frame
  const date = new Date(seconds * 1000)
  return Number.isNaN(date.getTime()) ? '-' : write(date)
}

const unixTime: Part = ({ record }) => {
  const { seconds, nanos } = record.raw.frame
  return Number.isNaN(seconds) ? '-' : `${seconds}.${`${nanos}`.padStart(9, '0')}`
}

// JSON, with the keys of mosquitto_sub

const decoder = new TextDecoder()

const payloadText = (message: MessageText, { redact }: FormatOptions): unknown =>
  redact ? redacted(message.size) : message.size === 0 ? null : decoder.decode(message.payload)

function payloadJson(message: MessageText, { redact }: FormatOptions): unknown {
  if (redact) return redacted(message.size)
  if (message.size === 0) return null
  try {
    return JSON.parse(decoder.decode(message.payload))
  } catch {
    return undefined
  }
}

function asJson(message: MessageText, options: FormatOptions, value: unknown): string {
  const { nanos } = message.record.raw.frame
  return json({
    tst: ofTime(message, date => iso8601Micros(date, nanos)),
    topic: message.topic,
    qos: message.qos,
    retain: message.retain,
    payloadlen: message.size,
    mid: message.qos > 0 ? message.id16 : undefined,
    properties: message.properties.length > 0 ? propertiesJson(message, options) : undefined,
    payload: value,
  })
}

function propertiesJson(message: MessageText, { redact }: FormatOptions): Record<string, unknown> {
  const members: Record<string, unknown> = {}
  const users: Record<string, string> = Object.create(null)
  for (const { id, value } of message.properties) {
    if (Array.isArray(value)) {
      users[value[0]] = redact ? redactedText(value[1]) : value[1]
      members['user-properties'] = users
    } else members[propertyName(id)] = plain(value, redact)
  }
  return members
}

function plain(value: PropertyValue, redact: boolean): unknown {
  if (!(value instanceof Uint8Array)) return value
  return redact ? redacted(value.length) : decoder.decode(value)
}
