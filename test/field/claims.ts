/** What is right to say: each claim has words, and a test of all that is said. */
import type { Json, Level, Said, Verdict } from './verdict.ts'

export interface Claim {
  readonly what: string
  readonly holds: (verdict: Verdict) => boolean | Promise<boolean>
}

/** A claim of one situation alone. */
export const that = (what: string, holds: Claim['holds']): Claim => ({ what, holds })

const text = ({ id, title = '', message }: Said): string => `${id} ${title} ${message}`

/** Findings that match, of one level or of any. */
export const found = (verdict: Verdict, pattern: RegExp, level?: Level): readonly Said[] =>
  verdict.findings.filter(said => pattern.test(text(said)) && (level === undefined || said.level === level))

const of = (level: Level | undefined): string =>
  level === undefined ? 'a finding' : `${level === 'error' ? 'an' : 'a'} ${level}`

/** It is among the findings. */
export const tells = (pattern: RegExp, level?: Level): Claim =>
  that(`${of(level)} tells ${pattern.source}`, verdict => found(verdict, pattern, level).length > 0)

/** It is among the findings, so many times. */
export const tellsTimes = (times: number, pattern: RegExp, level?: Level): Claim =>
  that(
    `${of(level)} tells ${pattern.source}, ${times} times`,
    verdict => found(verdict, pattern, level).length === times,
  )

export const tellsOnce = (pattern: RegExp, level?: Level): Claim => tellsTimes(1, pattern, level)

/** It is not among the findings. */
export const silent = (pattern: RegExp, level?: Level): Claim =>
  that(`${of(level)} does not tell ${pattern.source}`, verdict => found(verdict, pattern, level).length === 0)

export const errors = (count: number): Claim =>
  that(`${count} errors`, verdict => verdict.findings.filter(({ level }) => level === 'error').length === count)

export const noError: Claim = { ...errors(0), what: 'no error' }

/** Valid traffic. */
export const calm: Claim = that('neither error nor warning', verdict =>
  verdict.findings.every(({ level }) => level === 'note'),
)

const exchanges = (verdict: Verdict, kind: string, state: string): readonly Json[] =>
  verdict.handshakes.filter(row => row.kind === kind && row.state === state)

/** So many exchanges of this kind are complete. */
export const completes = (count: number, kind: string): Claim =>
  that(`${count} exchanges ${kind} are complete`, verdict => exchanges(verdict, kind, 'complete').length === count)

/** No exchange is said to have been left without an answer. */
export const noneAbandoned: Claim = that('no exchange is abandoned', verdict =>
  verdict.handshakes.every(({ state }) => state !== 'abandoned'),
)

/** The messages of the capture, each once. */
export const brings = (...messages: readonly string[]): Claim =>
  that(`messages: ${messages.join(', ')}`, verdict => verdict.messages.join('\n') === messages.join('\n'))

/** So many packets are read. */
export const reads = (count: number): Claim =>
  that(`${count} packets are read`, verdict => verdict.text !== '' && verdict.summary?.packets === count)

/** The list of packets shows it. */
export const shows = (pattern: RegExp): Claim =>
  that(`the list shows ${pattern.source}`, verdict => pattern.test(verdict.text))

/** The paragraph of a client's first session in `sessions -V`, on one line. */
const paragraphOf = ({ paragraphs }: Verdict, client: string): string | undefined =>
  paragraphs.find(paragraph => paragraph.includes(`"${client}"`))?.replace(/\s+/g, ' ')

/** `sessions -V` shows it of this client. */
export const describes = (client: string, pattern: RegExp): Claim =>
  that(`the session of ${client} shows ${pattern.source}`, verdict => pattern.test(paragraphOf(verdict, client) ?? ''))

/** `sessions -V` says it of the end of this client's first session. */
export const ended = (client: string, pattern: RegExp): Claim =>
  that(`the session of ${client} ended: ${pattern.source}`, verdict => {
    const about = paragraphOf(verdict, client) ?? ''
    return pattern.test(about.slice(about.lastIndexOf(' ended ')))
  })

/** `sessions -V` does not show it of this client. */
export const omits = (client: string, pattern: RegExp): Claim =>
  that(`the session of ${client} does not show ${pattern.source}`, verdict => {
    const about = paragraphOf(verdict, client)
    return about !== undefined && !pattern.test(about)
  })

/** `fanout` says of no message that a client should have got it and did not. */
export const noneMissing: Claim = that('no message is missing', verdict =>
  verdict.fanOut.every(({ missing }) => Array.isArray(missing) && missing.length === 0),
)

/** The gaps of the summary. */
export const gaps = (count: number, bytes: number): Claim =>
  that(`${count} gaps of ${bytes} bytes`, verdict => {
    const { summary } = verdict.text === '' ? { summary: undefined } : verdict
    return summary?.gaps === count && summary.gapBytes === bytes
  })

/** Nothing in the file is called damaged. */
export const noDamage: Claim = that('no damage', verdict => verdict.text !== '' && verdict.summary?.damage === 0)

/** The program says it beside its output, or what it prints shows `instead`. */
export const told = (pattern: RegExp, instead?: RegExp): Claim =>
  that(`it is told: ${pattern.source}`, async verdict => {
    const { told, printed } = await verdict.ran()
    return pattern.test(told) || instead?.test(printed) === true
  })

/** The program says so many lines beside its output, and they match. */
export const answers = (lines: number, pattern: RegExp): Claim =>
  that(`${lines} lines say ${pattern.source}`, async verdict => {
    const { told } = await verdict.ran()
    return told.trimEnd().split('\n').length === lines && pattern.test(told)
  })

export const exits = (code: number): Claim =>
  that(`exit code ${code}`, async verdict => (await verdict.ran()).code === code)
