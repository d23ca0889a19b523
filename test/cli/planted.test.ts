/**
 * Every command in every format over a capture with escapes and secrets in every field: no output acts on a terminal, and
 * none holds a secret with `--redact`. The commands are those of the program's own tree, so a new one is among them.
 */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Command } from 'commander'
import { afterAll, describe, expect, test } from 'vitest'
import { build } from '../../src/cli/program.ts'
import { columnNames } from '../../src/export/columns.ts'
import { parseFormat } from '../../src/report/format.ts'
import { effort } from '../support/effort.ts'
import { ESCAPES, HARMFUL, plantedCapture, SECRETS, textsOf } from '../support/planted.ts'
import { Pty } from '../support/pty.ts'

const CLI = fileURLToPath(new URL('../../dist/cli.js', import.meta.url))
const home = mkdtempSync(join(tmpdir(), 'mqtt-sniff-planted-'))
const capture = join(home, 'planted.pcapng')
writeFileSync(capture, plantedCapture())
afterAll(() => rmSync(home, { recursive: true, force: true }))

/** Commands that read no capture. */
const WITHOUT_CAPTURE = ['interfaces', 'grab', 'fields', 'tap']
const FIELDS = [...columnNames(), 'payload', 'payload.a', 'mqtt.payload.decoded_as', 'mqtt.payload.error'].flatMap(
  name => ['-e', name],
)
/** What a decoder makes of payloads goes one way, whichever decoder it is: one that shows all of them stands for all. */
const DECODINGS = [['--decode', 'topic=#,as=text']]
const MORE: Readonly<Record<string, readonly (readonly string[])[]>> = {
  text: [[], ['-V'], ['-V', '-x'], ['--color', 'always'], ['--fan-out'], ...DECODINGS.map(decode => ['-V', ...decode])],
  ndjson: [[], ...DECODINGS],
  fields: [FIELDS, [...FIELDS, '--decode', 'topic=#,as=text'], [...FIELDS, '-o', 'mqtt.show_msg_as_text:TRUE']],
  csv: [FIELDS],
}

const choicesOf = (command: Command): readonly string[] =>
  command.options.find(({ long }) => long === '--format')?.argChoices ?? []

/** The letters that `-F` knows behind %, found by asking for each. */
const LETTERS = Array.from({ length: 95 }, (_, index) => String.fromCharCode(32 + index)).filter(letter => {
  try {
    return letter !== '%' && parseFormat(`%${letter}`, { redact: false, clean: text => text }) !== undefined
  } catch {
    return false
  }
})
/** %J and %j want payloads that are JSON, or say so in place of the message. */
const LAYOUTS = [LETTERS.filter(letter => letter !== 'J'), ['J'], ['j']].map(letters =>
  letters.map(letter => `%${letter} %30.20${letter}`).join('|'),
)

function* runs(): Generator<readonly string[]> {
  const program = build('0', () => {})
  for (const format of choicesOf(program)) {
    if (format === 'tui') continue
    for (const more of MORE[format] ?? [[]]) yield ['-T', format, ...more, capture]
  }
  for (const command of program.commands) {
    if (WITHOUT_CAPTURE.includes(command.name())) continue
    for (const format of choicesOf(command)) yield [command.name(), '-T', format, capture]
    const own = command.options.filter(({ required, optional, long }) => !required && !optional && long !== '--redact')
    const flags = own.flatMap(({ long = '' }) =>
      /list-interfaces|quiet|help|low-latency|sudo/.test(long) ? [] : [long],
    )
    if (flags.length > 0) yield [command.name(), ...flags, capture]
  }
  for (const decode of DECODINGS) yield ['messages', ...decode, capture]
  for (const layout of LAYOUTS) yield ['messages', '-F', layout, capture]
}

/** Every option of every command that names a file, with one that is not there: some write it. */
function* fileRuns(): Generator<readonly string[]> {
  const program = build('0', () => {})
  for (const command of [program, ...program.commands]) {
    const options = command.options.filter(({ flags, long }) => /<file>/.test(flags) && long !== '--read')
    const own = command === program ? [] : [command.name()]
    for (const { long } of options) yield [...own, long ?? '', 'named', ...(own[0] === 'grab' ? [] : [capture])]
  }
}

const ALL = [...runs()]
const named = ALL.map(
  args =>
    [
      args
        .map(arg => (arg === capture ? 'FILE' : arg))
        .slice(0, 6)
        .join(' '),
      args,
    ] as const,
)

interface Outputs {
  readonly out: string
  readonly err: string
  readonly code: number | null
  /** Names of the files it wrote, and the texts in them. */
  readonly files: readonly string[]
  readonly texts: readonly string[]
}

/** Runs the program in a folder of its own; what it printed, and what it wrote there. */
function outputs(args: readonly string[]): Outputs {
  const cwd = mkdtempSync(join(home, 'run-'))
  const { status, stdout, stderr } = spawnSync(process.execPath, [CLI, ...args], {
    cwd,
    encoding: 'utf8',
    env: { ...process.env, COLUMNS: '100' },
  })
  const files = readdirSync(cwd, { recursive: true, encoding: 'utf8' }).filter(name =>
    statSync(join(cwd, name)).isFile(),
  )
  return {
    out: stdout,
    err: stderr,
    files,
    texts: files.flatMap(name => textsOf(readFileSync(join(cwd, name)))),
    code: status,
  }
}

/** Colours of our own are no harm, nor is the tab between columns. */
const withoutColours = (text: string): string => text.replace(/\x1b\[[\d;]*m/g, '').replaceAll('\t', ' ')
/** What goes to a pipe, as mosquitto_sub prints it, is the message as it is. */
const isVerbatim = (args: readonly string[]): boolean => args[0] === 'messages' && !args.includes('ndjson')

describe('a capture with escapes and secrets in every field', () => {
  test('every command that reads a capture is among them', () => {
    const commands = build('0', () => {}).commands.map(command => command.name())
    const ran = new Set(ALL.map(([first]) => first))
    expect(commands.filter(name => !ran.has(name))).toEqual(
      WITHOUT_CAPTURE.toSorted((a, b) => commands.indexOf(a) - commands.indexOf(b)),
    )
  })

  test.each(named)('%s', (_, args) => {
    const { out, err, files, code } = outputs(args)
    expect([0, 3], err).toContain(code)
    if (!isVerbatim(args)) expect(withoutColours(out)).not.toMatch(HARMFUL)
    expect(withoutColours(err)).not.toMatch(HARMFUL)
    expect(files).toEqual([])
  })

  test('the files that commands write hold no escapes, and none is written with --redact', () => {
    const all = [...fileRuns()]
    const written = all.map(args => [args, outputs(args)] as const).filter(([, { files }]) => files.length > 0)
    expect(written.map(([args]) => args[0])).toContain('--write')
    for (const [args, { files, texts }] of written) {
      expect(texts.length, args.join(' ')).toBeGreaterThan(0)
      for (const text of [...files, ...texts]) expect(text, args.join(' ')).not.toMatch(HARMFUL)
      expect(outputs([...args, '--redact']).files).toEqual([])
    }
  })

  test.each(LAYOUTS)('messages -F %j on a terminal', async layout => {
    const pty = new Pty(['messages', '-F', layout, '-q', capture], 200, 50)
    expect((await pty.end()).code).toBe(3)
    expect(pty.raw).toMatch(/topic|JSON/)
    expect(withoutColours(pty.raw).replaceAll('\r\n', '\n')).not.toMatch(HARMFUL)
  })

  test.each(named.filter(([, args]) => !args.includes('-x')))('%s --redact', (_, args) => {
    const { out, err, texts, code } = outputs([...args, '--redact'])
    expect([0, 3], err).toContain(code)
    if (!isVerbatim(args)) expect(withoutColours(out)).not.toMatch(HARMFUL)
    expect(withoutColours(err)).not.toMatch(HARMFUL)
    for (const secret of SECRETS) {
      expect([out, err, ...texts].join('\n')).not.toContain(secret)
      expect(out.toLowerCase()).not.toContain(Buffer.from(secret).toString('hex'))
      expect(out).not.toContain(Buffer.from(secret).toString('base64').slice(0, 12))
    }
  })
})

describe('names and words of the command line', () => {
  const odd = join(home, `dir${ESCAPES.replaceAll('/', '')}`)
  mkdirSync(odd)
  writeFileSync(join(odd, 'text.pcap'), 'no capture')
  test.each([
    ['a file that is not there', [`missing${ESCAPES}`]],
    ['a folder', [odd]],
    ['a file that is no capture', [join(odd, 'text.pcap')]],
    ['an interface', ['-i', `eth${ESCAPES}`]],
    ['a backend', ['-i', 'lo', '--backend', ESCAPES]],
    ['a filter', ['-Y', `mqtt.topic == ${ESCAPES}`, capture]],
    ['a filter of a name', ['-Y', `mqtt.topik${ESCAPES}`, capture]],
    ['a capture filter', ['-i', 'lo', '-f', `port ${ESCAPES}`, '-a', 'duration:1']],
    ['a port', ['-p', ESCAPES, capture]],
    ['an option', [`--${ESCAPES}`, capture]],
    ['a format', ['-T', ESCAPES, capture]],
    ['a field', ['-T', 'fields', '-e', `mqtt.${ESCAPES}`, capture]],
    ['a file to write', ['-w', `none/${ESCAPES}`, capture]],
    ['a file to write below a file', ['-w', `${capture}/${ESCAPES}`, capture]],
    ['a file to write with a long name', ['-w', ESCAPES.repeat(20), capture]],
    ['a password that never ends', ['grab', '--password-file', '/dev/zero', '-u', 'u', 'mqtt://127.0.0.1:1']],
    ['a layout', ['messages', '-F', `%${ESCAPES}`, capture]],
    ['a layout of JSON', ['messages', '-F', '%J', capture]],
    ['a word for fields', ['fields', ESCAPES]],
    ['a target', ['grab', `mqtt://${ESCAPES}:1`]],
    ['a list of targets', ['grab', '--targets', `missing${ESCAPES}`]],
    ['a certificate', ['grab', '--ca', `missing${ESCAPES}`, 'mqtts://127.0.0.1:1']],
    ['a topic', ['grab', '-t', `a#${ESCAPES}`, 'mqtt://127.0.0.1:1']],
    ['a password file', ['grab', '--password-file', `missing${ESCAPES}`, '-u', 'u', 'mqtt://127.0.0.1:1']],
  ] as const)('%s', (_, args) => {
    const { out, err } = outputs(args)
    expect(withoutColours(out)).not.toMatch(HARMFUL)
    expect(withoutColours(err)).not.toMatch(HARMFUL)
    expect(out + err).not.toMatch(/\n\s+at .*:\d+:\d+/)
  })
})

describe('words that every object knows', () => {
  const WORDS = effort(['constructor'], ['constructor', '__proto__', 'toString', 'hasOwnProperty', 'valueOf'])
  test.each(
    WORDS.flatMap(word => [
      ['-T', 'fields', '-e', 'frame.number', '-E', `quote=${word}`, capture],
      ['-T', 'fields', '-e', 'frame.number', '-E', `${word}=y`, capture],
      ['-T', 'fields', '-e', word, capture],
      ['-T', word, capture],
      ['-Y', word, capture],
      ['-Y', `${word}(mqtt.topic) == "a"`, capture],
      ['-Y', `mqtt.msgtype == ${word}`, capture],
      ['-t', word, capture],
      ['-o', `${word}:TRUE`, capture],
      ['-p', word, capture],
      ['-a', `${word}:1`, capture],
      ['--fail-on', word, capture],
      ['--theme', word, capture],
      ['--backend', word, capture],
      ['messages', '-F', `%${word}`, capture],
      [word],
    ]),
  )('%s %s %s %s %s %s', (...args) => {
    const { err, code } = outputs(args.filter(arg => arg !== undefined))
    expect(err).toMatch(/^mqtt-sniff: |^\d+ frames/)
    expect([2, 3], err).toContain(code)
  })
})
