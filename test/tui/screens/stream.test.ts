/** The screen of one connection. */
import { describe, expect, test } from 'vitest'
import { Screens } from '../../support/screens.ts'
import { publish, Story } from '../../support/story.ts'

describe('the screen', () => {
  test('finds within the connection, and Enter leads to the packet', () => {
    const screens = Screens.of('tour').press(':', 'text:38', 'enter', '7', 'f', 'text:mqtt.msgtype == PUBCOMP', 'enter')
    expect(screens.text()).toMatch(/▌← +50 .*PUBCOMP/)
    screens.press('n')
    expect(screens.text()).toMatch(/▌← +65 .*PUBCOMP/)
    screens.press('n')
    expect(screens.text()).toContain('Not found further on')
    screens.press('N', 'enter')
    expect(screens.app.screen.name).toBe('packets')
    expect(screens.app.model.cursor).toBe(50)
  })

  test('shows the connection whole, whatever the filter', () => {
    const screens = Screens.of('tour').press(':', 'text:38', 'enter', '/', 'text:mqtt.qos == 2', 'enter', '7')
    expect(screens.text()).toContain('PUBLISH -0-')
  })

  test('a line of a packet with hostile text is one harmless line', () => {
    const story = new Story()
    story.join().enter('evil\x1b[2J').say(publish('a\x1b]0;x\x07', '\u202e\x9b31m\n'))
    const screens = new Screens(story.capture, 'a.pcap').press('7')
    for (const keys of [[], ['x'], ['x']]) {
      const text = screens.press(...keys).text(140, 40)
      expect(text).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]/)
      expect(text).toContain('PUBLISH')
    }
  })

  test('every size has as many lines as rows, in every form', () => {
    const screens = Screens.of('lost').press('7')
    for (const key of ['x', 'x', 'x', 'd', 'd', 'd']) {
      for (const [width, height] of [
        [60, 15],
        [80, 24],
        [300, 100],
      ] as const)
        expect(screens.press(key, 'G', 'g').lines(width, height).length).toBe(height)
    }
  })

  test('an empty capture has no stream', () => {
    const screens = new Screens(new Story().capture, 'a.pcap')
    expect(screens.press('7', 'j', 'x', 'x', 'd', ']', 'enter', 'y').text()).toContain('mqtt-sniff')
  })
})
