/** Colours of packets: the rules, those of the user's own, those given by hand; and that every theme can be read. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { Document } from '../../src/analysis/document.ts'
import { MemoryLog } from '../../src/capture/log.ts'
import { Filter } from '../../src/filter/filter.ts'
import { BUILT_IN, type ColourRule, Colours } from '../../src/tui/colours.ts'
import { Model } from '../../src/tui/model.ts'
import { typeName } from '../../src/tui/panes/words.ts'
import { readPreferences } from '../../src/tui/run/preferences.ts'
import { EFFECTS, HUES, ownStyle, styleOf, type THEMES, type Token } from '../../src/tui/theme.ts'
import { captureOf } from '../field/scene.ts'
import { Screens, sample } from '../support/screens.ts'

function model(name: string, own: readonly ColourRule[] = []): Model {
  return new Model(Screens.of(name).document, own)
}

/** Its first half, as if more of it were to come. */
function unfinished(name: string): Document {
  const whole = readFileSync(sample(name))
  return documentOf(whole.subarray(0, whole.length / 2))
}

/** A client that is silent for a little longer than it may be: a warning, which no sample has. */
const LATE = 'c: CONNECT keepalive=10\ns: CONNACK\n+12s\nc: PINGREQ\ns: PINGRESP\nc: bye'

function documentOf(bytes: Uint8Array): Document {
  const document = new Document({ ports: new Set([1883]) })
  const log = new MemoryLog()
  log.append(bytes)
  document.log = log
  document.push(bytes)
  return document
}

/** `PUBLISH publish1`, each pair once. */
function styles({ document, colours }: Model): readonly string[] {
  const found = new Set<string>()
  for (let row = 0; row < document.store.rows; row++)
    found.add(`${typeName(document.store.type(row))} ${colours.of(row)}`)
  return [...found].sort()
}

describe('built-in rules', () => {
  test.each<readonly [string, readonly string[]]>([
    ['qos0', ['CONNACK connect', 'CONNECT connect', 'DISCONNECT disconnect', 'PUBLISH publish0']],
    ['qos1', ['PUBACK ack1', 'PUBLISH publish1']],
    ['qos2', ['PUBCOMP ack2', 'PUBLISH publish2', 'PUBREC ack2', 'PUBREL ack2']],
    ['subscribe', ['SUBACK subscribe', 'SUBSCRIBE subscribe', 'UNSUBACK subscribe', 'UNSUBSCRIBE subscribe']],
    ['refused', ['CONNACK bad']],
    ['keepalive', ['PINGREQ ping', 'PINGRESP ping']],
    ['malformed', ['PUBLISH alarm']],
  ])('%s', (name, wanted) => {
    const found = styles(model(name))
    expect(found.filter(pair => wanted.includes(pair))).toEqual(wanted)
  })

  test('each fits something in one of the samples, or in what no sample has', () => {
    const names = ['tour', 'again', 'lost', 'malformed', 'refused', 'keepalive', 'qos2']
    const models = [...names.map(name => model(name)), new Model(unfinished('again'))]
    models.push(new Model(documentOf(captureOf({ seen: LATE }))))
    for (const { name, filter } of BUILT_IN) {
      const hits = models.filter(one => {
        const fits = one.bind(new Filter(filter))
        return Array.from({ length: one.document.store.rows }, (_, row) => row).some(fits)
      })
      expect(hits.length, name).toBeGreaterThan(0)
    }
  })

  test('an open exchange is worth a colour when the capture goes on without an answer', () => {
    const { document, colours } = model('tour', [
      { name: 'old', filter: 'mqtt', style: ownStyle(['red']), after: 4 },
      { name: 'new', filter: 'mqtt', style: ownStyle(['green']) },
    ])
    const last = document.store.rows - 1
    expect(document.between(0, last)).toBeGreaterThan(4)
    expect(colours.of(0)).toBe('own red')
    expect(colours.of(last)).toBe('own green')
  })
})

describe('colours given by hand', () => {
  const client = { name: 'a', filter: 'mqtt.msgtype == PUBACK' }
  const topic = { name: 'b', filter: 'mqtt.msgtype == PUBLISH' }

  test('come before all others; in turn: the first, the second, none', () => {
    const { colours, document } = model('qos1')
    const rowOf = (type: string): number => {
      for (let row = 0; row < document.store.rows; row++) if (typeName(document.store.type(row)) === type) return row
      return -1
    }
    const now = (): readonly Token[] => [colours.of(rowOf('PUBACK')), colours.of(rowOf('PUBLISH'))]
    expect(now()).toEqual(['ack1', 'publish1'])
    expect(colours.turn([client, topic])).toMatchObject({ name: 'a' })
    expect(now()).toEqual(['own magenta inverse', 'publish1'])
    expect(colours.turn([client, topic])).toMatchObject({ name: 'b' })
    expect(now()).toEqual(['ack1', 'own green inverse'])
    expect(colours.turn([client, topic])).toBeUndefined()
    expect(now()).toEqual(['ack1', 'publish1'])
  })

  test('what is no filter is refused, and changes nothing', () => {
    const { colours } = model('qos1')
    colours.turn([client])
    const before = colours.rules
    expect(() => colours.turn([{ name: 'x', filter: 'mqtt.topic like "a/#/b"' }])).toThrow()
    expect(colours.rules).toEqual(before)
  })

  test('are limited in number: the oldest goes', () => {
    const { colours } = model('qos1')
    for (let at = 0; at < 30; at++) colours.turn([{ name: `${at}`, filter: `mqtt.msgid == ${at}` }])
    const names = colours.rules.map(({ name }) => name)
    expect(names.slice(0, 2)).toEqual(['29', '28'])
    expect(names.length).toBe(20 + BUILT_IN.length)
  })
})

describe('whole rows', () => {
  /** Of the second row of the list: title, filter, header and the selected first row stand above. */
  const tokens = (screens: Screens): readonly Token[] => (screens.spans()[4] ?? []).map(({ token }) => token)

  test('or the cell of the type alone', () => {
    const screens = Screens.of('qos1')
    expect(tokens(screens).filter(token => token === 'connect').length).toBe(1)
    const whole = tokens(screens.press('C'))
    expect(whole.filter(token => token === 'connect').length).toBeGreaterThan(4)
    // Up to the edge; only the bracket of its handshake keeps the colour of its own.
    expect(whole.at(-1)).toBe('connect')
    expect(whole.filter(token => token !== 'connect')).toEqual(['related', 'note', 'related'])
  })
})

test('only rows on the screen are held against the rules', () => {
  const { app, document } = Screens.of('tour')
  const asked = new Set<number>()
  const colours = new Colours(document, () => row => asked.add(row) === undefined, [])
  Object.assign(app.model, { colours })
  app.model.goTo(60)
  app.block(80, 24)
  expect(asked.size).toBeGreaterThan(5)
  expect(asked.size).toBeLessThanOrEqual(24)
})

describe('a file of the user’s own', () => {
  function preferences(files: Readonly<Record<string, string>>): ReturnType<typeof readPreferences> {
    const home = mkdtempSync(join(tmpdir(), 'mqtt-sniff-'))
    try {
      mkdirSync(join(home, 'mqtt-sniff'))
      for (const [name, text] of Object.entries(files)) writeFileSync(join(home, 'mqtt-sniff', name), text)
      return readPreferences({ XDG_CONFIG_HOME: home })
    } finally {
      rmSync(home, { recursive: true })
    }
  }

  test('comes first', () => {
    const { rules, faults } = preferences({
      'colors.json': '[{"name": "all", "filter": "mqtt", "style": "blue bold"}]',
    })
    expect(faults).toEqual([])
    expect(model('qos1', rules).colours.of(0)).toBe('own blue bold')
  })

  test('as the manual has it', () => {
    const page = readFileSync(new URL('../../docs/screens.md', import.meta.url), 'utf8')
    const [, text = ''] = /```json\n(\[[^`]*"style"[^`]*)```/.exec(page) ?? []
    const { rules, faults } = preferences({ 'colors.json': text })
    expect(faults).toEqual([])
    expect(rules.length).toBe(3)
  })

  test('none changes nothing', () => {
    expect(preferences({})).toEqual({ keys: {}, rules: [], faults: [] })
  })

  test.each([
    ['[\n  {"name": "a",}\n]', 'colors.json, line 2, column 16: Expected double-quoted property name'],
    ['[', 'colors.json, line 1, column 2: Unexpected end of JSON input'],
    ['{}', 'colors.json: a list of rules is needed'],
    ['[1]', 'colors.json, rule 1: name, filter and style are needed'],
    ['[{"name": "a", "filter": "mqtt"}]', 'colors.json, rule 1 (a): name, filter and style are needed, each a text'],
    [
      '[{"name": "a", "filter": "mqtt", "style": "pink"}]',
      'colors.json, rule 1 (a): style: pink is none of red, green, yellow, blue, magenta, cyan, grey, bold, underline, inverse',
    ],
    [
      '[{"name": "a", "filter": "mqtt", "style": "red", "after": "x"}]',
      'colors.json, rule 1 (a): after: a number of seconds is needed',
    ],
  ])('%s', (text, fault) => {
    expect(preferences({ 'colors.json': text }).faults).toEqual([fault])
  })

  test('with a wrong filter: its place is told, and the other rules hold', () => {
    const { rules, faults } = preferences({
      'colors.json': JSON.stringify([
        { name: 'wr\x1bong', filter: 'mqtt.topik == "a"', style: 'red' },
        { name: 'right', filter: 'mqtt.qos == 2', style: 'red' },
      ]),
    })
    expect(rules.map(({ name }) => name)).toEqual(['right'])
    expect(faults.length).toBe(1)
    expect(faults[0]).toMatch(/^colors\.json, rule 1 \(wr\\x1bong\): filter, character 1: .*mqtt\.topik/)
  })

  test('keys that cannot be are told, and the others hold', () => {
    const { keys, faults } = preferences({ 'keys.json': '{"flow": ["v"], "topics": "t", "nonsense": ["x"]}' })
    expect(keys).toEqual({ flow: ['v'] })
    expect(faults).toEqual(['keys.json, topics: a list of keys is needed', 'keys.json: there is no command nonsense'])
  })
})

describe('every theme can be read', () => {
  const own: readonly Token[] = HUES.flatMap(hue => [
    ownStyle([hue]),
    ...EFFECTS.map(effect => ownStyle([hue, effect])),
  ])
  const all: readonly Token[] = [...BUILT_IN.map(({ style }) => style), ...own]
  const codes = (theme: (typeof THEMES)[number]): readonly string[] =>
    theme === 'auto' ? [] : all.flatMap(token => styleOf(token, theme).split(';'))

  test.each([
    // No yellow, white or pale cyan without an underline on white.
    ['light', ['33', '93', '37', '97', '96', '2', '30']],
    // No black, no dark blue on black.
    ['dark', ['30', '34', '2']],
    ['projector', ['30', '34', '33', '90', '2', '37', '97']],
    ['deutan', ['31', '91', '32', '92', '30', '34', '2']],
    ['mono', Array.from({ length: 70 }, (_, at) => `${at + 30}`)],
  ] as const)('%s', (theme, unreadable) => {
    expect(codes(theme).filter(code => (unreadable as readonly string[]).includes(code))).toEqual([])
  })

  test('an attribute is told once', () => {
    expect(styleOf(ownStyle(['red', 'bold']), 'dark')).toBe('1;31')
    expect(styleOf(ownStyle(['grey']), 'mono')).toBe('')
    expect(styleOf(ownStyle(['cyan', 'inverse']), 'mono')).toBe('4;1')
  })
})
