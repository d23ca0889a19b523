/** The built program in a pseudo-terminal: the same screens as without one, and every way in and out. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { effort } from '../../support/effort.ts'
import { PROGRAM, Pty } from '../../support/pty.ts'
import { sample } from '../../support/screens.ts'
import { VIEWS } from '../../support/views.ts'

const open: Pty[] = []
function start(args: readonly string[], columns = 80, rows = 24, env: Record<string, string> = {}): Pty {
  const pty = new Pty(args, columns, rows, env)
  open.push(pty)
  return pty
}

afterEach(() => {
  for (const pty of open.splice(0)) pty.close()
})

const BYTES: Readonly<Record<string, string>> = { enter: '\r', escape: '\x1b', tab: '\t', down: '\x1b[B', up: '\x1b[A' }
const typed = (keys: readonly string[]): string[] =>
  keys.flatMap(key => (key.startsWith('text:') ? [...key.slice(5)] : [BYTES[key] ?? key]))

const golden = (name: string, size: string): string =>
  readFileSync(new URL(`../golden/${name}-${size}.txt`, import.meta.url), 'utf8')

/** As from a shell: stopped, it waits for Enter and takes it up again. */
function inShell(): Pty {
  const line = `set -m; '${process.execPath}' '${PROGRAM}' '${sample('tour')}'; echo 'it is stopped'; read -r; fg`
  const pty = new Pty(['-c', line], 80, 24, {}, '/bin/bash')
  open.push(pty)
  return pty
}

async function stopped(pty: Pty): Promise<void> {
  pty.keys('\x1a')
  await pty.until('it is stopped')
  expect(pty.isAlternate).toBe(false)
}

/** The program as it left a terminal: the screen before it is back, with cursor and line wrap. */
function expectRestored(pty: Pty): void {
  expect(pty.isAlternate).toBe(false)
  expect(pty.raw.lastIndexOf('\x1b[?1049l')).toBeGreaterThan(pty.raw.lastIndexOf('\x1b[?1049h'))
  expect(pty.raw.lastIndexOf('\x1b[?25h')).toBeGreaterThan(pty.raw.lastIndexOf('\x1b[?25l'))
  for (const mode of ['?1000', '?1006', '?2004'])
    expect(pty.raw.lastIndexOf(`\x1b[${mode}l`)).toBeGreaterThan(pty.raw.lastIndexOf(`\x1b[${mode}h`))
  expect(pty.raw.lastIndexOf('\x1b[?7h')).toBeGreaterThan(pty.raw.lastIndexOf('\x1b[?7l'))
}

/** The same screens are compared without a terminal in screens.test.ts; here it is what a terminal makes of them. */
describe('screens', () => {
  const views = Object.entries(VIEWS)
  const samples = [...new Set(views.map(([, { sample: name }]) => name))]
  const sizes = [
    [80, 24],
    [140, 40],
  ] as const

  /** Of each sample all views at both sizes, or one view, at the sizes in turn. */
  function chosen(name: string): readonly (readonly [view: string, columns: number, rows: number])[] {
    const all = sizes.flatMap(size =>
      views.flatMap(([view, { sample }]) => (sample === name ? [[view, ...size] as const] : [])),
    )
    return effort(all.slice(samples.indexOf(name) % 2 === 0 ? -1 : 0).slice(0, 1), all)
  }

  test.each(samples)('of %s', async name => {
    for (const [view, columns, rows] of chosen(name)) {
      const pty = start([sample(name)], columns, rows)
      await pty.until('help')
      await pty.until(/\d+ of \d+/)
      pty.keys(...typed(VIEWS[view]?.keys ?? []))
      const wanted = golden(view, `${columns}x${rows}`)
      await pty.until(() => pty.text() === wanted).catch(() => expect(pty.text()).toBe(wanted))
      pty.keys('\x03')
      expect((await pty.end()).code).toBe(0)
    }
  })
})

describe('ways out', () => {
  test.each([
    ['q', 0],
    ['\x03', 0],
  ])('the key %j', async (key, code) => {
    const pty = start([sample('qos1')])
    await pty.until('help')
    expect(pty.isAlternate).toBe(true)
    pty.keys(key)
    expect((await pty.end()).code).toBe(code)
    expectRestored(pty)
    expect(pty.raw).toContain('no damage')
  })

  test('while the terminal does not read: what is said at the end stands on the screen before', async () => {
    const pty = start([sample('qos1')], 140, 40)
    await pty.until('help')
    pty.stall()
    // Whole screens, more than there is room for between the program and a terminal.
    for (let count = 0; count < 40; count++) {
      pty.keys('\x0c')
      await new Promise(resolve => setTimeout(resolve, 20))
    }
    pty.keys('q')
    await new Promise(resolve => setTimeout(resolve, 200))
    pty.read()
    expect((await pty.end()).code).toBe(0)
    expectRestored(pty)
    expect(pty.raw.lastIndexOf('no damage')).toBeGreaterThan(pty.raw.lastIndexOf('\x1b[?1049l'))
  })

  test('before all is read', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'mqtt-sniff-test-'))
    try {
      const file = join(folder, 'long.pcapng')
      writeFileSync(file, Buffer.concat(new Array(4000).fill(readFileSync(sample('tour')))))
      const pty = start([file])
      await pty.until(/\d+ %/)
      pty.keys('q')
      expect((await pty.end()).code).toBe(0)
      expectRestored(pty)
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  test.each([
    ['SIGTERM', 143],
    ['SIGHUP', 129],
    ['SIGINT', 0],
  ] as const)('%s', async (signal, code) => {
    const pty = start([sample('qos1')])
    await pty.until('help')
    pty.kill(signal)
    expect((await pty.end()).code).toBe(code)
    expectRestored(pty)
  })

  test('stopped and taken up again, by a shell', async () => {
    const pty = inShell()
    await pty.until('1 of 88')
    await stopped(pty)
    pty.keys('\n')
    await pty.until('1 of 88')
    pty.keys('2')
    await pty.until('Flow ? help')
    pty.keys('\x03')
    expect((await pty.end()).code).toBe(0)
    expectRestored(pty)
  })

  test('where no shell could take it up again it goes on', async () => {
    const pty = start([sample('tour')])
    await pty.until('1 of 88')
    pty.keys('\x1a')
    await pty.until(() => pty.raw.split('\x1b[?1049h').length === 3)
    await pty.until('1 of 88')
    pty.keys('j')
    await pty.until('2 of 88')
    pty.keys('\x03')
    expect((await pty.end()).code).toBe(0)
    expectRestored(pty)
  })
})

describe('the background of the terminal', () => {
  const ASKED = '\x1b]11;?\x1b\\'
  const answer = (colour: string): string => `\x1b]11;rgb:${colour}/${colour}/${colour}\x1b\\\x1b[?62;4c`
  /** Bold blue stands for the heads of lists on a light background, bold cyan on a dark one. */
  const heads = ({ raw }: Pty): string =>
    raw
      .match(/\[1;3[46]m +No\./g)
      ?.at(-1)
      ?.startsWith('[1;34m')
      ? 'light'
      : 'dark'

  async function asked(args: readonly string[] = [], env: Record<string, string> = {}): Promise<Pty> {
    const pty = start([sample('tour'), ...args], 80, 24, env)
    await pty.until(() => pty.raw.includes(ASKED))
    return pty
  }

  test.each([
    ['ffff', {}, 'light'],
    ['0000', {}, 'dark'],
    // What the terminal says now counts more than what was set before.
    ['0000', { COLORFGBG: '0;15' }, 'dark'],
  ] as const)('%s with %j is %s', async (colour, env, wanted) => {
    const pty = await asked([], env)
    pty.keys(answer(colour))
    await pty.until('1 of 88')
    await pty.until(() => heads(pty) === wanted)
    pty.keys('j')
    await pty.until('2 of 88')
    expect(heads(pty)).toBe(wanted)
  })

  test.each([
    [{}, 'dark'],
    [{ COLORFGBG: '0;15' }, 'light'],
  ] as const)('no answer: rows all the same, by COLORFGBG: %j', async (env, wanted) => {
    const pty = await asked([], env)
    await pty.until('1 of 88')
    expect(heads(pty)).toBe(wanted)
    pty.keys('\x1b')
    await pty.until('q leaves')
    pty.keys('q')
    expect((await pty.end()).code).toBe(0)
    expectRestored(pty)
  })

  test('a late answer is heard, and is no key', async () => {
    const pty = await asked()
    await pty.until('1 of 88')
    pty.keys('/', ...'mqtt', answer('ffff'))
    await pty.until(() => heads(pty) === 'light')
    expect(pty.lines()[1]).toMatch(/^ \/ mqtt +✓/)
  })

  test('who has chosen another theme meanwhile keeps it', async () => {
    const pty = await asked()
    await pty.until('1 of 88')
    pty.keys('T')
    await pty.until('Theme: light')
    pty.keys(answer('0000'), 'j')
    await pty.until('2 of 88')
    expect(heads(pty)).toBe('light')
  })

  test('an answer in parts is one, wherever it is cut', async () => {
    const text = answer('ffff')
    const pty = await asked()
    await pty.until('1 of 88')
    for (const part of [text.slice(0, 1), text.slice(1, 2), text.slice(2, 9), text.slice(9, 25), text.slice(25)]) {
      pty.keys(part)
      // Longer than an escape waits for its rest where nothing was asked.
      await new Promise(resolve => setTimeout(resolve, 100))
    }
    await pty.until(() => heads(pty) === 'light')
    expect(pty.text()).toContain('1 of 88')
    expect(pty.text()).not.toContain('No command')
  })

  test('an answer that breaks off is no key', async () => {
    const pty = await asked()
    await pty.until('1 of 88')
    pty.keys('\x1b]11;rgb:ff')
    // What is typed before its rest is given up belongs to it, and is waited behind again.
    const pauseMs = 1500
    let last = performance.now()
    await pty.until(() => {
      if (pty.text().includes('2 of 88')) return true
      if (performance.now() - last > pauseMs) {
        last = performance.now()
        pty.keys('j')
      }
      return false
    })
    expect(pty.text()).not.toContain('No command')
  })

  test.each([
    [['--theme', 'light'], {}, 'light'],
    [['--theme', 'dark'], {}, 'dark'],
    [[], { NO_COLOR: '1' }, 'dark'],
  ] as const)('who chose is not asked: %j %j', async (args, env, wanted) => {
    const pty = start([sample('tour'), ...args], 80, 24, env)
    await pty.until('1 of 88')
    expect(pty.raw).not.toContain(ASKED)
    expect(heads(pty)).toBe(wanted)
  })

  test('leaving before the answer waits for it, or the shell would read it', async () => {
    const line = `'${process.execPath}' '${PROGRAM}' '${sample('tour')}'; stty -echo; IFS= read -r -t 1 rest; echo "typed [$rest]"`
    const pty = new Pty(['-c', line], 80, 24, {}, '/bin/bash')
    open.push(pty)
    await pty.until(() => pty.raw.includes(ASKED))
    await pty.until('1 of 88')
    pty.keys('q')
    await new Promise(resolve => setTimeout(resolve, 20))
    pty.keys(answer('ffff'))
    await pty.until(() => pty.raw.includes('typed ['))
    expect(pty.raw).toContain('typed []')
  })
})

describe('files of the user’s own', () => {
  function home(files: Readonly<Record<string, unknown>>): string {
    const folder = mkdtempSync(join(tmpdir(), 'mqtt-sniff-'))
    mkdirSync(join(folder, 'mqtt-sniff'))
    for (const [name, value] of Object.entries(files))
      writeFileSync(join(folder, 'mqtt-sniff', name), JSON.stringify(value))
    return folder
  }

  test('colours and keys hold, and what is wrong is said with its place', async () => {
    const own = home({
      'colors.json': [
        { name: 'calls', filter: 'mqtt.msgtype == CONNECT', style: 'blue underline' },
        { name: 'typo', filter: 'mqtt.qos = 1', style: 'red' },
      ],
      'keys.json': { flow: ['v'] },
    })
    const pty = start([sample('tour'), '--theme', 'dark'], 80, 24, { XDG_CONFIG_HOME: own })
    await pty.until('1 of 88')
    await pty.until(/colors\.json, rule 2 \(typo\): filter, character 10/)
    expect(pty.raw).toContain('\x1b[94;4mCONNECT')
    pty.keys('v')
    await pty.until('Flow ? help')
    rmSync(own, { recursive: true })
  })
})

describe('the mouse', () => {
  const press = (button: number, x: number, y: number): string => `\x1b[<${button};${x};${y}M`
  const click = (x: number, y: number): string => press(0, x, y) + press(0, x, y).toLowerCase()

  test('selects, scrolls, opens, and is no text', async () => {
    const pty = start([sample('tour')])
    await pty.until('1 of 88')
    // The first packet stands in the fourth line.
    pty.keys(click(20, 8))
    await pty.until('5 of 88')
    pty.keys(press(65, 20, 8))
    await pty.until('8 of 88')
    pty.keys(press(64, 20, 8))
    await pty.until('5 of 88')
    expect(pty.text()).not.toContain('No command')
    pty.keys(click(3, 2))
    await pty.until('Esc leaves')
    pty.keys(...'mqtt.qos', press(65, 20, 8), press(35, 20, 8), ...' == 2')
    await pty.until(/\/ mqtt\.qos == 2 +✓/)
  })

  test('a double click opens', async () => {
    const pty = start([sample('tour')])
    await pty.until('1 of 88')
    pty.keys(click(20, 8), click(20, 8))
    await pty.until('5 of 88')
    // Enter goes into the details: there, j does not move the list.
    pty.keys('j')
    await pty.until('▌  ▾ Fixed header')
    expect(pty.text()).toContain('5 of 88')
  })

  test('is given back while stopped', async () => {
    const pty = inShell()
    await pty.until('1 of 88')
    await stopped(pty)
    expectRestored(pty)
    pty.keys('\n')
    await pty.until(() => pty.raw.lastIndexOf('\x1b[?1000h') > pty.raw.lastIndexOf('\x1b[?1000l'))
  })

  test('stays the terminal’s own with --no-mouse', async () => {
    const pty = start([sample('qos1'), '--no-mouse'])
    await pty.until('help')
    expect(pty.raw).not.toContain('\x1b[?1000h')
    expect(pty.raw).not.toContain('\x1b[?1006h')
  })
})

describe('the cursor', () => {
  /** Column and line, from 0 on; undefined where it is hidden. */
  function cursor(pty: Pty): readonly [number, number] | undefined {
    const { cursorX, cursorY } = pty.terminal.buffer.active
    const isShown = pty.raw.lastIndexOf('\x1b[?25h') > pty.raw.lastIndexOf('\x1b[?25l')
    return isShown ? [cursorX, cursorY] : undefined
  }
  const at = (pty: Pty, x: number, y: number): Promise<void> =>
    pty.until(() => cursor(pty)?.[0] === x && cursor(pty)?.[1] === y)

  test('stands where something is written, and is hidden elsewhere', async () => {
    const pty = start([sample('tour')])
    await pty.until('1 of 88')
    expect(cursor(pty)).toBeUndefined()
    // Behind ` / `.
    pty.keys('/')
    await at(pty, 3, 1)
    pty.keys(...'mqtt')
    await at(pty, 7, 1)
    pty.keys('\x1b[D\x1b[D')
    await at(pty, 5, 1)
    pty.keys('\x1b[F', ...' 日本')
    await at(pty, 12, 1)
    pty.keys('\x1b')
    await pty.until(() => cursor(pty) === undefined)
    // Behind ` : `, ` find `, ` save `.
    for (const [key, column] of [
      [':', 3],
      ['f', 6],
      ['w', 6],
    ] as const) {
      pty.keys(key)
      await at(pty, column, 1)
      pty.keys('\x1b')
      await pty.until(() => cursor(pty) === undefined)
    }
    pty.keys('\x03')
    await pty.end()
    expectRestored(pty)
  })

  test('is where it was after another size and after a stop', async () => {
    const pty = inShell()
    await pty.until('1 of 88')
    pty.keys('/', ...'mqtt')
    await at(pty, 7, 1)
    pty.resize(100, 30)
    await pty.until(() => (pty.lines()[29] ?? '') !== '')
    await at(pty, 7, 1)
    await stopped(pty)
    pty.keys('\n')
    await pty.until('Enter keeps it')
    await at(pty, 7, 1)
  })
})

describe('what goes out', () => {
  test('y copies by OSC 52, whatever the screen', async () => {
    const pty = start([sample('tour')])
    await pty.until('1 of 88')
    const copied = (): readonly string[] =>
      [...pty.raw.matchAll(/\x1b\]52;c;([^\x07]*)\x07/g)].map(found => Buffer.from(found[1] ?? '', 'base64').toString())
    pty.keys('y')
    await pty.until('Copied: 1 0.')
    pty.keys('3', 'y')
    await pty.until('Copied: garden')
    pty.keys('1', '\t', '\t', 'y')
    await pty.until(/Copied: 10[0-9a-f]+/)
    expect(copied().map(text => text.slice(0, 6))).toEqual([expect.stringMatching(/^1 0\.0/), 'garden', '101b00'])
  })

  test('w on the stream saves its bytes', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'mqtt-sniff-test-'))
    const pty = start([sample('qos1')])
    try {
      await pty.until('1 of ')
      pty.keys('7', 'x', 'x', 'w')
      await pty.until('save bytes both')
      pty.keys('\x15', ...`client ${folder}/a.bin`, '\r')
      await pty.until(/\d+ bytes of \d+ packets saved/)
      expect(readFileSync(join(folder, 'a.bin')).subarray(0, 1)).toEqual(Buffer.of(0x10))
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })

  test('42G goes to packet 42, through the screens of its digits', async () => {
    const pty = start([sample('tour')])
    await pty.until('1 of 88')
    pty.keys('42G')
    await pty.until('42 of 88')
    await pty.until('Packets ? help')
  })
})

describe('terminals', () => {
  test('a storm of sizes ends with a whole screen', async () => {
    const pty = start([sample('tour')])
    await pty.until('help')
    for (let at = 0; at < 60; at++) pty.resize(20 + ((at * 37) % 150), 5 + ((at * 13) % 50))
    pty.resize(80, 24)
    const wanted = golden('packets', '80x24')
    await pty.until(() => pty.text() === wanted).catch(() => expect(pty.text()).toBe(wanted))
  })

  test('1x1, and back', async () => {
    const pty = start([sample('tour')], 1, 1)
    await pty.until(() => pty.isAlternate)
    pty.keys('j', 'j')
    pty.resize(80, 24)
    await pty.until('3 of 88')
  })

  test('too small says so', async () => {
    const pty = start([sample('tour')], 50, 10)
    await pty.until('50x10 is too small')
    pty.keys('q')
    expect((await pty.end()).code).toBe(0)
  })

  test('CI in the environment is no blank screen', async () => {
    const pty = start([sample('tour')], 80, 24, { CI: 'true' })
    await pty.until('1 of 88')
  })

  test('many keys in one read are many keys, a paste is none', async () => {
    const pty = start([sample('tour')])
    await pty.until('1 of 88')
    pty.keys('jjjjj\x1b[B\x1b[200~qqq\x1b[201~k')
    await pty.until('6 of 88')
    pty.keys('/\x1b[200~mqtt.qos == 2\nq\x1b[201~\r')
    await pty.until(/✓ \d+\/88/)
  })

  test('no colours where NO_COLOR is set, no signs beyond ASCII in such a locale', async () => {
    const pty = start([sample('tour')], 80, 24, { NO_COLOR: '1', LANG: 'C', LC_ALL: 'C' })
    await pty.until('1 of 88')
    expect(pty.raw).not.toMatch(/\x1b\[[\d;]*3\d[\d;]*m/)
    expect(pty.text()).toMatch(/^[ -~\n]*$/)
  })

  test.each([{ TERM: 'dumb' }, { INK_SCREEN_READER: 'true' }])('lines instead of a screen: %j', async env => {
    const pty = start([sample('qos1')], 80, 24, env as Record<string, string>)
    expect((await pty.end()).code).toBe(0)
    expect(pty.raw).not.toContain('\x1b[?1049h')
    expect(pty.raw).toContain('PUBACK')
  })

  test('a capture on stdin, keys from the terminal', async () => {
    const line = `cat '${sample('tour')}' | '${process.execPath}' '${PROGRAM}' -T tui -`
    const pty = new Pty(['-c', line], 80, 24, {}, '/bin/sh')
    open.push(pty)
    await pty.until('of 88')
    pty.keys('2')
    await pty.until('Flow ? help')
    pty.keys('\x03')
    expect((await pty.end()).code).toBe(0)
    expectRestored(pty)
  })

  test('a file that is not there is told without a screen', async () => {
    const pty = start(['/no/such/file.pcapng'])
    expect((await pty.end()).code).toBe(3)
    expect(pty.raw).toContain('no such file')
    expect(pty.raw).not.toContain('\x1b[?1049h')
  })
})
