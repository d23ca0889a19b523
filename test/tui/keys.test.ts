/** Every command of the table does what it says: one that has no line here fails. */
import { describe, expect, test } from 'vitest'
import { COMMANDS, type CommandId, commandsOn, Keys, SCREENS } from '../../src/tui/keys.ts'
import { Screens } from '../support/screens.ts'

/** In `tour`, 88 packets: 38, 39, 41, 50 are one handshake at QoS 2 of connection 2. */
const at = (packet: number, ...keys: readonly string[]): Screens =>
  Screens.of('tour').press(':', `text:${packet}`, 'enter', ...keys)
const cursor = (screens: Screens): number => screens.app.model.cursor
const shows = (screens: Screens, text: string | RegExp): void => expect(screens.text()).toMatch(text)

const DOES: Readonly<Record<CommandId, (key: string) => void>> = {
  packets: key => shows(at(5, '2', key), /Packets \? help/),
  flow: key => shows(at(5, key), /Flow \? help/),
  topics: key => shows(at(5, key), 'To broker'),
  sessions: key => shows(at(5, key), 'old-thermostat'),
  stats: key => shows(at(5, key), 'Packets a second'),
  findings: key => shows(at(5, key), 'plaintext.password'),
  stream: key => {
    shows(at(38, key), 'Connection 2 of 4: anna-phone')
    shows(at(5, '4', 'down', key), 'Connection 2 of')
  },
  log: key => shows(at(5, key), 'Nothing to report so far'),
  help: key => shows(at(5, key), 'Any command by its name'),
  palette: key => expect(cursor(Screens.of('tour').press(key, 'text:42', 'enter'))).toBe(42),

  down: key => expect(cursor(at(5, key))).toBe(6),
  up: key => expect(cursor(at(5, key))).toBe(4),
  'page-down': key => expect(cursor(drawn(at(5), key))).toBeGreaterThan(6),
  'page-up': key => expect(cursor(drawn(at(50), key))).toBeLessThan(49),
  'half-down': key => expect(cursor(drawn(at(5), key))).toBeGreaterThan(6),
  'half-up': key => expect(cursor(drawn(at(50), key))).toBeLessThan(49),
  first: key => expect(cursor(at(5, key))).toBe(1),
  last: key => expect(cursor(at(5, key))).toBe(88),
  left: key => shows(at(5, 'tab', key), '▸ MQTT 5, CONNECT'),
  right: key => shows(at(5, 'tab', key), '▌  ▾ Fixed header'),
  open: key => {
    expect(at(5, key).app.packets.pane).toBe('tree')
    shows(at(5, key, key), '▸ MQTT 5, CONNECT')
    expect(cursor(at(5, '2', 'j', key))).toBe(6)
    shows(at(5, '2', 'j', key), /Packets \? help/)
    expect(cursor(at(50, '6', key))).toBe(5)
  },
  'next-pane': key => expect(at(5, key, key).app.packets.pane).toBe('bytes'),
  'previous-pane': key => expect(at(5, key).app.packets.pane).toBe('bytes'),

  'next-in-exchange': key => expect([cursor(at(38, key)), cursor(at(38, key, key, key))]).toEqual([39, 50]),
  'previous-in-exchange': key => expect(cursor(at(41, key))).toBe(39),
  'next-in-connection': key => expect(cursor(at(38, key, key, key))).toBe(41),
  'previous-in-connection': key => expect(cursor(at(38, key))).toBe(37),
  'next-connection': key => shows(at(38, '7', key), 'Connection 3 of'),
  'previous-connection': key => shows(at(38, '7', key), 'Connection 1 of'),
  'next-topic': key => expect(cursor(at(11, key))).toBe(18),
  'previous-topic': key => expect(cursor(at(18, key))).toBe(11),
  'next-type': key => expect(cursor(at(1, key))).toBe(5),
  'previous-type': key => expect(cursor(at(5, key))).toBe(1),
  'jump-back': key => expect(cursor(at(38, '}', key))).toBe(38),

  filter: key => {
    const screens = at(1, key, 'text:mqtt.qos == 2', 'enter')
    expect(screens.app.model.view.length).toBeGreaterThan(0)
    expect(screens.app.model.view.length).toBeLessThan(20)
  },
  'clear-filter': key => expect(at(1, '/', 'text:mqtt.qos == 2', 'enter', 'K', key).app.model.view.length).toBe(88),
  apply: key => {
    shows(at(11, key), 'mqtt.topic == "garden/pump/state"')
    shows(at(5, '6', key), 'mqtt.finding.id == "plaintext.password"')
  },
  'apply-as': key => {
    const joined = (letter: string): string =>
      at(11, '/', 'text:mqtt.qos == 1', 'enter', key, letter).app.dialog.prompt?.text ?? ''
    expect(joined('n')).toContain('!(mqtt.topic == "garden/pump/state")')
    expect(joined('a')).toContain('(mqtt.qos == 1) && mqtt.topic == ')
    expect(joined('o')).toContain('(mqtt.qos == 1) || mqtt.topic == ')
    expect(joined('x')).toContain('(mqtt.qos == 1) && !(mqtt.topic == ')
    shows(at(11, key, 'z'), 'One of n, a, o and x is needed')
    shows(at(11, key), 'n is not   a and   o or   x and not')
    shows(at(5, '6', key, 'n'), '!(mqtt.finding.id == "plaintext.password")')
    shows(at(11, key, 'a', 'escape', 'a'), /\/ mqtt\.topic == /)
  },
  find: key => {
    expect(cursor(at(1, key, 'text:offline', 'enter'))).toBe(7)
    expect(cursor(at(1, key, 'text:6f:66:66:6c:69:6e:65', 'enter'))).toBe(7)
    expect(cursor(at(1, key, 'text:/off[li]+ne$/', 'enter', 'n'))).toBe(76)
    expect(cursor(at(1, key, 'text:mqtt.msgtype == PUBCOMP', 'enter'))).toBe(48)
    shows(at(1, key, 'text:/off(/', 'enter', '8'), /✗ .*off\(/)
  },
  'find-next': key => expect(cursor(at(1, 'f', 'text:offline', 'enter', key))).toBe(76),
  'find-previous': key => expect(cursor(at(80, 'f', 'text:PINGREQ', 'enter', key))).toBe(80),
  'hide-pings': key => {
    expect(at(1, key).app.model.view.length).toBe(84)
    expect(at(1, key, key).app.model.view.length).toBe(88)
  },

  'toggle-mark': key => expect([...at(5, key, key).app.model.marked]).toEqual([5, 6]),
  mark: key => expect(at(5, key, 'b').app.model.marks.get('b')).toBe(5),
  'to-mark': key => expect(cursor(at(5, 'm', 'b', 'G', key, 'b'))).toBe(5),
  'only-marked': key => {
    expect(at(5, ' ', ' ', key).app.model.view.length).toBe(2)
    expect(at(5, ' ', ' ', key, key).app.model.view.length).toBe(88)
  },

  explain: key => shows(at(5, key), 'Explained'),
  zoom: key => expect(at(5, key).text()).not.toContain('Bytes of the packet'),
  grow: key => {
    expect([listLines(at(5)), listLines(at(5, key)), listLines(at(5, 'tab', key))]).toEqual([10, 11, 9])
    expect(bytesLines(at(5, 'tab', 'tab', key))).toBe(bytesLines(at(5)) + 1)
    expect(tellsAt(at(5, '2', key))).toBe(tellsAt(at(5, '2')) + 1)
  },
  shrink: key => {
    expect(listLines(at(5, key))).toBe(9)
    expect(tellsAt(at(5, '2', key))).toBe(tellsAt(at(5, '2')) - 1)
    // Not beyond its bounds, and what was too much is not to be taken back.
    const least = at(5)
    for (let count = 0; count < 40; count++) drawn(least, key)
    expect(listLines(least)).toBe(2)
    expect(listLines(drawn(least, '+'))).toBe(3)
  },
  layout: key => {
    const screens = at(5)
    expect(bytesLines(screens)).toBeGreaterThan(1)
    expect(drawn(screens, key).text()).not.toContain('Bytes of the packet')
    expect(drawn(screens, key).text()).toContain('Bytes of the packet')
    const wide = at(5)
    const titles = (): readonly string[] => wide.lines(140, 40).filter(text => /── (Packet|Bytes)/.test(text))
    expect(titles().length).toBe(1)
    wide.press(key)
    expect(titles().length).toBe(2)
    wide.press(key)
    expect(titles().length).toBe(1)
    expect(titles()[0]).not.toContain('Bytes')
    wide.press(key)
    expect(titles().length).toBe(1)
    expect(titles()[0]).toContain('Bytes')
  },
  broken: key => {
    const screens = Screens.of('again').press('2', key)
    shows(screens, 'broken (b)')
    const rows = screens.lines().filter(text => /^.\s+\d+\.\d{6} /.test(text)).length
    expect(rows).toBeGreaterThan(0)
    expect(rows).toBeLessThan(10)
    expect(screens.press(key).text()).not.toContain('broken (b)')
    shows(Screens.of('qos1').press('2', key), 'No handshake was refused')
  },
  latency: key => {
    shows(at(38, '2', key), /How long QoS 2 took, \d complete[\s\S]*█[\s\S]*QoS 2 .*\d(µs|ms)/)
    expect(at(38, '2', key, key).text()).not.toContain('How long')
  },
  scope: key => {
    shows(at(38, '2', key), 'one connection')
    shows(at(38, '2', key, key), 'one handshake')
    shows(at(38, '2', key, key, key), 'all packets')
  },
  as: key => {
    shows(at(38, '7', key), 'as text')
    shows(at(38, '7', key, key), /as hex[\s\S]* 0000 /)
    shows(at(38, '7', key, key, key), 'as MQTT')
  },
  direction: key => {
    expect(streamed(at(38, '7', key))).toMatch(/^→+$/)
    expect(streamed(at(38, '7', key, key))).toMatch(/^←+$/)
    expect(streamed(at(38, '7', key, key, key))).toMatch(/→.*←/)
  },
  decode: key => {
    const screens = at(11, key)
    expect(screens.app.dialog.prompt?.text).toBe('topic=garden/pump/state,as=text')
    screens.press('tab')
    expect(screens.app.dialog.prompt?.text).toBe('topic=garden/pump/state,as=hex')
    expect(screens.press('enter').text(140, 60)).toContain('Decoded as: hex (by rule)')
    shows(at(1, key), 'no payload to decode')
    shows(at(11, key, 'text:,as=json', 'enter'), 'as is given twice')
  },
  'keep-decoder': key => {
    expect(at(11, key).host.asked).toEqual([])
    shows(at(11, key), 'No decoder was chosen: d chooses one')
    expect(at(11, 'd', 'enter', key).host.asked).toEqual(['rule garden/pump/state text'])
  },
  sort: key => shows(at(5, '3', key), 'The busiest first'),
  value: key => {
    const screens = Screens.of('sparkplug').press('3', 'G')
    const before = screens.text()
    expect(before).toMatch(new RegExp(`Value .* ${key} shows another of \\d+ values`))
    expect(screens.press(key).text()).not.toBe(before)
  },
  time: key => {
    shows(at(38, key), /▌ +38 +0\.000536 /)
    shows(at(43, key), /▌ +43 +0\.000050 /)
    shows(at(43, key, key), /▌ +43 +0\.000174 /)
    shows(at(5, key, key, key), /23:57:45\.5\d{5}/)
    shows(at(5, key, key, key, key, key, key), /17\d{8}\.\d{6}/)
    shows(at(5, key, key, key, key, key, key, key), 'since the first frame')
  },
  reference: key => {
    shows(at(38, key), /▌ +38 +\*REF\*/)
    shows(at(38, key, 'j'), / 39 +0\.000082 /)
    shows(at(38, key, 'k'), / 37 +-0\.000536 /)
    shows(at(38, key, key), 'Times count from the first frame')
    shows(at(38, key, 't', 't', 't', 't', 't', 't', 't', 't'), '*REF*')
  },
  colour: key => {
    shows(at(11, key), 'Coloured: garden-pump')
    shows(at(11, key, key), 'Coloured: garden/pump/state')
    shows(at(11, key, key, key), 'No colour of its own any more')
    shows(at(11, '3', key), /Coloured: garden/)
    shows(at(11, '4', key), /Coloured: \S+/)
  },
  'colour-rows': key => {
    expect(at(5, key).app.model.colours.wholeRows).toBe(true)
    expect(at(5, key, key).app.model.colours.wholeRows).toBe(false)
  },
  theme: key => expect(at(5, key).app.theme).toBe('deutan'),
  pause: key => {
    expect(at(5, key).app.model.paused).toBe(true)
    expect(at(5, key, key).app.model.paused).toBe(false)
  },
  'replay-faster': key => expect(at(5, key).host.asked).toEqual(['replay faster']),
  'replay-slower': key => expect(at(5, key).host.asked).toEqual(['replay slower']),
  'replay-step': key => expect(at(5, key).host.asked).toEqual(['replay step']),
  'start-stop': key => expect(at(5, key).host.asked).toEqual(['start-stop']),
  follow: key => {
    expect(cursor(at(5, key))).toBe(88)
    expect(at(5, key, key).app.model.follows).toBe(false)
  },
  copy: key => {
    expect(at(5, key).host.asked.join()).toMatch(/^copy .*CONNECT/)
    expect(at(5, 'tab', 'down', 'down', key).host.asked).toEqual(['copy Type and flags: 0x10'])
    expect(at(5, 'tab', 'down', 'down', 'tab', key).host.asked).toEqual(['copy 10'])
    expect(at(39, 'tab', 'tab', key).host.asked).toEqual(['copy 50021eaa'])
    expect(at(39, '2', key).host.asked.join()).toMatch(/^copy 39 .*PUBREC/)
    expect(at(5, '3', 'down', key).host.asked).toEqual(['copy garden/pump'])
    expect(at(5, '4', key).host.asked.join()).toMatch(/^copy kitchen-display 192/)
    expect(at(5, '6', key).host.asked.join()).toMatch(/^copy plaintext.password: /)
    expect(at(39, '7', key).host.asked.join()).toMatch(/^copy ← 39 .*PUBREC/)
    expect(Screens.of('lost').press('8', key).host.asked.join()).toMatch(/^copy 192.*24 B missing/)
    shows(at(5, '8', key), 'There is nothing here to copy')
  },
  'save-bytes': key =>
    expect(at(38, '7', 'd', key, 'text:a.bin', 'enter').host.asked).toEqual(['save bytes client a.bin']),
  save: key => expect(at(5, key, 'text:shown a.csv', 'enter').host.asked).toEqual(['save shown a.csv']),

  back: key => {
    shows(at(5, '2', '6', key), /Flow \? help/)
    shows(at(5, '2', '6', key, key), /Packets \? help/)
    expect(at(5, 'tab', key).host.asked).toEqual([])
    expect(at(5, key).host.asked).toEqual(key === 'escape' ? [] : ['quit'])
  },
  quit: key => expect(at(5, '/', key).host.asked).toEqual(['quit']),
  suspend: key => expect(at(5, key).host.asked).toEqual(['suspend']),
  redraw: key => expect(at(5, key).host.asked).toEqual(['redraw']),
}

/** Lines of packets in the list, of the bytes with their title, and where the text below the ladder begins. */
const listLines = (screens: Screens): number => screens.lines().findIndex(text => text.startsWith('── Packet')) - 3
const bytesLines = (screens: Screens): number => {
  const lines = screens.lines()
  return lines.length - 1 - lines.findIndex(text => text.startsWith('── Bytes'))
}
const tellsAt = (screens: Screens): number => screens.lines().findIndex(text => text.startsWith('──'))

/** Arrows of the stream's lines. */
const streamed = (screens: Screens): string =>
  screens
    .lines()
    .slice(4, -1)
    .map(text => text[1])
    .join('')

/** Pages are as long as the list was when it was drawn. */
function drawn(screens: Screens, key: string): Screens {
  screens.text()
  return screens.press(key)
}

describe.each(COMMANDS.map(({ id, keys }) => ({ id, keys })))('$id', ({ id, keys }) => {
  test.each([...keys])('key %s', key => {
    DOES[id](key)
  })
})

test('digits before G are the number of a packet; one digit is a screen', () => {
  expect(cursor(at(5, '4', '2', 'G'))).toBe(42)
  expect(cursor(at(5, '1', '0', 'G'))).toBe(10)
  shows(at(5, '1', '0'), '10: G End goes to that packet')
  expect(cursor(at(5, '1', 'G'))).toBe(88)
  expect(cursor(at(5, '4', 'j', '2', 'G'))).toBe(88)
  shows(at(5, '9', '9', '9', 'G'), 'Packet 999 is not there')
})

test('no key has two meanings on one screen', () => {
  for (const screen of SCREENS) {
    const keys = commandsOn(screen).flatMap(command => command.keys)
    expect(keys.filter((key, nth) => keys.indexOf(key) !== nth)).toEqual([])
  }
})

test('help has every key', () => {
  const text = Screens.of('tour').press('?').text(140, 200)
  for (const { title } of commandsOn('packets')) expect(text).toContain(title)
})

test('help has the colour rules and the files of one’s own, in 80 columns', () => {
  const lines = Screens.of('tour').press('c', '?').lines(80, 200)
  const text = lines.join('\n')
  for (const name of ['error', 'no answer so far', 'goodbye', 'kitchen-display']) expect(text).toContain(`   ${name} `)
  expect(text).toContain('"style": "red bold"}]')
  expect(text).toContain('{"filter": ["/", "^s"]}')
})

test('keys of the user’s own', () => {
  const keys = new Keys({ flow: ['v'], nonsense: ['x'] })
  expect(keys.command('v', 'packets')).toBe('flow')
  expect(keys.command('2', 'packets')).toBeUndefined()
})
