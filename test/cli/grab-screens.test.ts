/** `grab --tui`: our own connections on the screens, with a real mosquitto; and what is shown of them. */
import { join } from 'node:path'
import mqtt, { type MqttClient } from 'mqtt'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { flatten } from '../../src/tui/block.ts'
import { Broker } from '../support/broker.ts'
import { folder, freePort, run } from '../support/live.ts'
import { PROGRAM, Pty } from '../support/pty.ts'
import { Screens } from '../support/screens.ts'
import { hasTool, needs } from '../support/tools.ts'

const open: Pty[] = []
function grab(args: readonly string[], columns = 80, rows = 24): Pty {
  const pty = new Pty(['grab', '--tui', ...args], columns, rows)
  open.push(pty)
  return pty
}

afterEach(() => {
  for (const pty of open.splice(0)) pty.close()
})

const INVERSE_ACTIVE = '\x1b[7m ACTIVE '
const title = (pty: Pty): string => pty.lines()[0] ?? ''
/** What the program left on the terminal that was there before. */
const left = (pty: Pty): string => pty.raw.slice(pty.raw.lastIndexOf('\x1b[?1049l'))

const real = needs('mosquitto')

describe('with mosquitto', () => {
  let broker: Broker
  let publisher: MqttClient
  let at = ''

  beforeAll(async () => {
    if (!hasTool('mosquitto')) return
    broker = await Broker.start()
    at = `127.0.0.1:${broker.port}`
    publisher = await mqtt.connectAsync(`mqtt://${at}`)
  })
  afterAll(async () => {
    await publisher?.endAsync()
    broker?.stop()
  })

  real('shows what we say and hear, and stays when it has ended', async () => {
    const pty = grab([at, '-t', 'house/#', '-t', 'alarm', '--max-messages', '3'])
    await pty.until(/SUBACK/)
    expect(title(pty)).toContain(`│ ${at}  ACTIVE  house/# alarm │`)
    expect(pty.raw).toContain(INVERSE_ACTIVE)
    for (const [text, qos] of [
      ['one', 0],
      ['two', 1],
    ] as const)
      await publisher.publishAsync('house/bath', text, { qos })
    await pty.until(/1»B PUBACK/)
    // Ours, and the broker's.
    expect(pty.text()).toMatch(/1»B CONNECT/)
    expect(pty.text()).toMatch(/B→1 CONNACK/)
    expect(pty.text()).toMatch(/1»B SUBSCRIBE/)
    expect(pty.text()).toMatch(/B→1 PUBLISH .*house\/bath "one"/)
    expect(pty.text()).not.toMatch(/1→B/)
    await publisher.publishAsync('alarm', 'three')
    await pty.until('ended: 3 messages │')
    await pty.until(`the grab of ${at} ended: 3 messages (3 messages of 2 topics)`)
    expect(title(pty)).not.toContain('ACTIVE')
    // To be read for as long as one likes.
    pty.keys('2')
    await pty.until('Flow ? help')
    await pty.until('» DISCONNECT')
    pty.keys('q', 'q')
    expect((await pty.end()).code).toBe(0)
    expect(pty.isAlternate).toBe(false)
    expect(left(pty)).toContain(`mqtt-sniff: the grab of ${at} ended: 3 messages`)
    expect(left(pty)).not.toContain('"origin"')
  })

  for (const [how, code] of [
    ['q', 0],
    ['\x03', 0],
    ['SIGTERM', 143],
  ] as const) {
    real(`left while it goes on (${JSON.stringify(how)}), it says goodbye`, async () => {
      const own = join(folder(), 'own.pcapng')
      const pty = grab([at, '--pcap', own])
      await pty.until(/SUBACK/)
      if (how === 'SIGTERM') pty.kill(how)
      else pty.keys(how)
      expect((await pty.end()).code).toBe(code)
      expect(left(pty)).toContain('ended: stopped')
      // Nothing is drawn on the terminal that was given back.
      expect(left(pty)).not.toContain('\x1b[?2026h')
      const saved = run(process.execPath, PROGRAM, '-p', `${broker.port}`, '-T', 'text', '-q', own)
      expect(saved.trimEnd().split('\n').at(-1)).toContain('DISCONNECT')
    })
  }

  real('several at once; one that is not there is told', async () => {
    const closed = await freePort()
    const pty = grab([at, `127.0.0.1:${closed}`, '--duration', '2', '--theme', 'dark', '--no-mouse', '--ascii'])
    await pty.until(/ACTIVE/)
    expect(title(pty)).toContain('| brokers  ACTIVE  #')
    expect(pty.raw).not.toContain('\x1b[?1000h')
    await pty.until('the grabs ended: 1 of 2 answered')
    expect(pty.text()).toMatch(/1>B SUBSCRIBE/)
  })
})

test('a broker that is not there: the screen says so and stays', async () => {
  const port = await freePort()
  const pty = grab([`127.0.0.1:${port}`])
  await pty.until(/It ended without a packet: refused/)
  await pty.until(`the grab of 127.0.0.1:${port} ended: refused (connect`)
  pty.keys('?')
  await pty.until('Help ? help')
  pty.keys('\x03')
  expect((await pty.end()).code).toBe(0)
})

test('targets that cannot be read are told, and the exit code says so', async () => {
  const pty = grab(['--targets', '/no/such/file'])
  await pty.until('cannot read /no/such/file')
  pty.keys('q')
  expect((await pty.end()).code).toBe(3)
  expect(left(pty)).toContain('cannot read /no/such/file')
})

test('a file that cannot be written is told, and the exit code says so', async () => {
  const pty = grab(['localhost', '--pcap', '/no/such/folder/own.pcapng'])
  await pty.until(/It ended without a packet: .*\/no\/such\/folder/)
  pty.keys('q')
  expect((await pty.end()).code).toBe(5)
})

test('without a terminal, or with printing, it is refused', async () => {
  const pretty = grab(['--pretty', 'localhost'])
  expect((await pretty.end()).code).toBe(2)
  expect(pretty.raw).toContain('--pretty and --tui cannot be combined')
  const dumb = new Pty(['grab', '--tui', 'localhost'], 80, 24, { TERM: 'dumb' })
  open.push(dumb)
  expect((await dumb.end()).code).toBe(2)
  expect(dumb.raw).toContain('--tui needs a terminal')
})

describe('what is ours is marked', () => {
  const screens = (ending?: string): Screens => Screens.ofGrab(['house/#', 'evil\x1b[2J'], ending)

  test('ACTIVE is inverse in every theme', () => {
    const { app } = screens()
    const [first = []] = flatten(app.block(80, 24))
    for (const theme of ['dark', 'light', 'projector', 'mono', 'deutan'] as const) {
      app.theme = theme
      expect(app.paint(first)).toContain(INVERSE_ACTIVE)
    }
  })

  test('a list that stands still says so', () => {
    const still = screens().press('p')
    expect(still.lines()[0]).toContain(' ACTIVE  ● paused, +0 new │')
    expect(screens('refused').press('p').lines()[0]).toContain(' ended: refused │')
  })

  test('what stands in a filter cannot harm the screen', () => {
    expect(
      screens()
        .spans(140, 40)
        .flat()
        .some(({ text }) => text.includes('\x1b')),
    ).toBe(false)
  })
})
