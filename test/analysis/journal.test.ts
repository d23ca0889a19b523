/** What the program has to say: where it comes from, what is kept of it, and the screen that shows it. */
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { Document } from '../../src/analysis/document.ts'
import { Journal } from '../../src/analysis/journal.ts'
import { Watch } from '../../src/tui/run/watch.ts'
import { Screens, sample, TestHost } from '../support/screens.ts'
import { pingreq, Story } from '../support/story.ts'

const texts = (journal: Journal): readonly string[] => journal.entries.map(({ level, text }) => `${level} ${text}`)

describe('the journal', () => {
  test('keeps what is said with its time', () => {
    let now = 7
    const journal = new Journal(() => now++)
    journal.add('file', 'error', 'no room')
    journal.add('gap', 'note', '5 B missing', 12)
    expect(journal.entries).toEqual([
      { kind: 'file', level: 'error', text: 'no room', packet: 0, at: 7 },
      { kind: 'gap', level: 'note', text: '5 B missing', packet: 12, at: 8 },
    ])
  })

  test('one kind does not push out the others, and all together have a limit', () => {
    const journal = new Journal(() => 0)
    journal.add('file', 'error', 'first')
    for (let count = 0; count < 10_000; count++) journal.add('gap', 'note', `${count}`)
    expect(journal.entries.length).toBe(502)
    expect(journal.entries[0]?.text).toBe('first')
    expect(journal.entries.at(-1)?.text).toMatch(/further ones are only counted/)
    expect(journal.count).toBe(10_001)
  })
})

describe('a capture tells', () => {
  const told = (name: string): readonly string[] => texts(Screens.of(name).document.journal)

  test('gaps and what was passed over, each with the packet behind it', () => {
    expect(told('lost')).toEqual(['note 192.0.2.11:33057: 24 B missing: not in the capture'])
    expect(told('midstream')).toEqual(['note 192.0.2.11:43619: 6,015 B passed over: no packet begins in them'])
    expect(Screens.of('lost').document.journal.entries[0]?.packet).toBe(6)
    expect(told('tour')).toEqual([])
  })

  test('damage with its place', () => {
    const bytes = readFileSync(sample('qos1'))
    const cut = new Screens(bytes.subarray(0, bytes.length - 10), 'cut.pcapng')
    expect(texts(cut.document.journal)).toEqual([
      expect.stringMatching(/^warning The capture is damaged at byte \d+: /),
    ])
  })
})

describe('the watch', () => {
  const { status } = new TestHost('eth0', undefined)

  test('passes on what the source says, and says the last of it', () => {
    const document = new Document({ ports: new Set([1883]) })
    const said = ['one', 'two']
    const state = new Watch(document, status, said)
    expect(state.look()).toBe('two')
    expect(state.look()).toBeUndefined()
    said.push('three')
    expect(state.look()).toBe('three')
    expect(texts(document.journal)).toEqual(['note one', 'note two', 'note three'])
  })

  test('tells of drops as often as there are more, of failures and limits once', () => {
    const story = new Story()
    const talk = story.join().enter('a')
    for (let count = 0; count < 200; count++) talk.say(pingreq())
    const document = new Document({ ports: new Set([1883]), mostRows: 100 })
    document.push(story.capture)
    const watch = (dropped: number, failure?: string): Watch =>
      Object.assign(again, { status: { ...status, dropped, failure, forgottenBytes: 5 } })
    const again = new Watch(document, status, [])
    for (const [dropped, failure] of [
      [0, undefined],
      [12, undefined],
      [12, undefined],
      [1200, 'it was killed'],
      [1200, 'it was killed'],
      [1200, undefined],
      [1200, 'it was killed'],
    ] as const)
      watch(dropped, failure).look()
    expect(texts(document.journal)).toEqual([
      'warning The newest 100 packets at most are kept: the oldest go',
      'warning The bytes of the oldest packets are not kept any more',
      'warning 12 frames were dropped before they came here',
      'warning 1,200 frames were dropped before they came here',
      'error it was killed',
      'error it was killed',
    ])
  })
})

describe('the screen', () => {
  test('Enter leads to the packet, where there is one', () => {
    const screens = Screens.of('lost').press('8', 'enter')
    expect(screens.app.model.cursor).toBe(6)
    expect(screens.app.screen.name).toBe('packets')
    screens.app.report('file', 'note', 'saved')
    expect(screens.press('8', 'enter').text()).toContain('It is about no packet')
  })

  test('keeps what went wrong with filters and files', () => {
    const screens = Screens.of('lost').press('/', 'text:mqtt.topik', 'enter', 'escape', '8')
    expect(screens.text()).toMatch(/✗ .*mqtt\.topik/)
  })

  test('the newest is selected until another is chosen, and text from outside is harmless', () => {
    const screens = Screens.of('lost').press('8')
    screens.app.report('source', 'note', 'eth0\x1b[2J is gone')
    expect(screens.text()).toMatch(/▌ i .*eth0\\x1b\[2J is gone/)
    screens.press('up')
    screens.app.report('source', 'note', 'eth0 is up again')
    expect(screens.text()).toMatch(/▌ i .*24 B missing/)
    screens.press('G')
    expect(screens.text()).toMatch(/▌ i .*up again/)
  })
})
