/** What the user's own files say: other keys, colours. What is wrong in them is said, and the rest holds. */

import { join } from 'node:path'
import { readReason } from '../../base/system-reason.ts'
import { readSmallFile } from '../../capture/sources/small-file.ts'
import { FilterError } from '../../filter/error.ts'
import { Filter } from '../../filter/filter.ts'
import { sanitize } from '../../text/sanitize.ts'
import type { ColourRule } from '../colours.ts'
import { COMMANDS } from '../keys.ts'
import { EFFECTS, HUES, isStyleWord, ownStyle } from '../theme.ts'
import { configFolder } from './decode-file.ts'

export interface Preferences {
  /** By command id. */
  readonly keys: Readonly<Record<string, readonly string[]>>
  readonly rules: readonly ColourRule[]
  /** In words, with their places. */
  readonly faults: readonly string[]
}

const KEYS_FILE = 'keys.json'
const COLOURS_FILE = 'colors.json'
/** Every visible row is held against every rule. */
const MOST_RULES = 100

export function readPreferences(env: NodeJS.ProcessEnv): Preferences {
  const folder = configFolder(env)
  const faults: string[] = []
  const read = (name: string): unknown => parsed(join(folder, name), name, faults)
  return { keys: keysOf(read(KEYS_FILE), faults), rules: rulesOf(read(COLOURS_FILE), faults), faults }
}

/** Undefined where there is no such file, or none that can be read. */
function parsed(path: string, name: string, faults: string[]): unknown {
  let text = ''
  try {
    text = readSmallFile(path).toString('utf8')
    return JSON.parse(text)
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException
    if (cause instanceof SyntaxError)
      faults.push(`${name}, ${place(text, message)}: ${sanitize(withoutPlace(message))}`)
    else if (code !== 'ENOENT' && code !== 'ENOTDIR') faults.push(`${name}: ${sanitize(readReason(cause))}`)
    return undefined
  }
}

const POSITION = / (?:in JSON )?at position (\d+).*$/s
const withoutPlace = (message: string): string => message.replace(POSITION, '')

/** V8 counts characters, and says nothing where the text ends too soon. */
function place(text: string, message: string): string {
  const at = Number(POSITION.exec(message)?.[1] ?? text.length)
  const before = text.slice(0, at).split('\n')
  return `line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}`
}

const isTable = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function keysOf(own: unknown, faults: string[]): Record<string, readonly string[]> {
  if (own === undefined) return {}
  if (!isTable(own)) {
    faults.push(`${KEYS_FILE}: a table of commands and their keys is needed`)
    return {}
  }
  const keys: Record<string, readonly string[]> = {}
  for (const [id, list] of Object.entries(own)) {
    if (!COMMANDS.some(command => command.id === id)) faults.push(`${KEYS_FILE}: there is no command ${sanitize(id)}`)
    else if (Array.isArray(list) && list.every(key => typeof key === 'string')) keys[id] = list
    else faults.push(`${KEYS_FILE}, ${sanitize(id)}: a list of keys is needed`)
  }
  return keys
}

function rulesOf(own: unknown, faults: string[]): readonly ColourRule[] {
  if (own === undefined) return []
  if (!Array.isArray(own)) {
    faults.push(`${COLOURS_FILE}: a list of rules is needed`)
    return []
  }
  if (own.length > MOST_RULES) faults.push(`${COLOURS_FILE}: rules beyond the first ${MOST_RULES} are left out`)
  const rules: ColourRule[] = []
  for (const [at, entry] of own.slice(0, MOST_RULES).entries()) {
    const rule = ruleOf(entry)
    if (typeof rule === 'string') faults.push(`${COLOURS_FILE}, rule ${at + 1}${nameOf(entry)}: ${rule}`)
    else rules.push(rule)
  }
  return rules
}

const nameOf = (entry: unknown): string =>
  isTable(entry) && typeof entry.name === 'string' ? ` (${sanitize(entry.name)})` : ''

/** The rule, or what is wrong with it. */
function ruleOf(entry: unknown): ColourRule | string {
  if (!isTable(entry)) return 'name, filter and style are needed'
  const { name, filter, style, after } = entry
  if (typeof name !== 'string' || typeof filter !== 'string' || typeof style !== 'string')
    return 'name, filter and style are needed, each a text'
  if (after !== undefined && !(typeof after === 'number' && after >= 0)) return 'after: a number of seconds is needed'
  const words = style.split(/\s+/).filter(word => word !== '')
  const unknown = words.find(word => !isStyleWord(word))
  if (unknown !== undefined) return `style: ${sanitize(unknown)} is none of ${[...HUES, ...EFFECTS].join(', ')}`
  const wrong = filterFault(filter)
  return wrong ?? { name, filter, style: ownStyle(words), ...(after === undefined ? {} : { after }) }
}

function filterFault(text: string): string | undefined {
  try {
    new Filter(text)
    return undefined
  } catch (cause) {
    if (!(cause instanceof FilterError)) throw cause
    return `filter, character ${cause.start + 1}: ${sanitize(cause.message)}`
  }
}
