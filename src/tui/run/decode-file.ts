/** `decode.json`: the user's own rules of payload decoders, among the files of the user. It is written when `D` asks for it alone. */
import { mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { OWNER_ONLY } from '../../capture/sources/scratch.ts'
import { readSmallFile } from '../../capture/sources/small-file.ts'
import type { Rule } from '../../payload/rules.ts'

const DECODE_FILE = 'decode.json'
const FOLDER_OF_OWNER = 0o700

/** Returns the folder of the user's own files. */
export function configFolder(env: NodeJS.ProcessEnv): string {
  const home = env.XDG_CONFIG_HOME ?? ''
  return join(home === '' ? join(homedir(), '.config') : home, 'mqtt-sniff')
}

export const decodeFile = (env: NodeJS.ProcessEnv): string => join(configFolder(env), DECODE_FILE)

/** Returns the rule as it stands in a file. */
export function writtenRule({ topic, type, client, decoder, packings }: Rule): Readonly<Record<string, string>> {
  return {
    ...(topic !== undefined && { topic }),
    ...(type !== undefined && { type }),
    ...(client !== undefined && { client }),
    as: [...packings, decoder.name].join('+'),
  }
}

/**
 * Puts a rule before the others of the file, in place of one with the same conditions. Returns what was done, in words.
 * Throws an Error where the file is there and is no list: it is left as it is.
 */
export function addRule(file: string, rule: Rule): string {
  const entry = writtenRule(rule)
  const kept = listIn(file).filter(one => conditionsOf(one) !== conditionsOf(entry))
  mkdirSync(dirname(file), { recursive: true, mode: FOLDER_OF_OWNER })
  const part = `${file}.part`
  writeFileSync(part, `${JSON.stringify([entry, ...kept], undefined, 2)}\n`, { mode: OWNER_ONLY })
  renameSync(part, file)
  return `Written to ${file}: ${Object.entries(entry)
    .map(([key, value]) => `${key}=${value}`)
    .join(',')}`
}

function conditionsOf(entry: unknown): string {
  const { topic, type, client } = (entry ?? {}) as Readonly<Record<string, unknown>>
  return JSON.stringify([topic, type, client])
}

function listIn(file: string): readonly unknown[] {
  let text: string
  try {
    text = readSmallFile(file).toString('utf8')
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw cause
  }
  const list = listOf(text)
  if (list === undefined) throw new Error(`${file} is not a JSON list of rules; it is left as it is`)
  return list
}

function listOf(text: string): readonly unknown[] | undefined {
  try {
    const list: unknown = JSON.parse(text)
    return Array.isArray(list) ? list : undefined
  } catch {
    return undefined
  }
}
