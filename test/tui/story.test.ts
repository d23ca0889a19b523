/** What a sample tells has to be on the screen at 80x24, and the way from one screen to the next, too. */
import { describe, expect, test } from 'vitest'
import { Keys } from '../../src/tui/keys.ts'
import { concat, header, LITTLE, record } from '../support/capture.ts'
import { Screens } from '../support/screens.ts'
import { connect, packet, puback, publish, Story } from '../support/story.ts'

const shown = (sample: string, ...keys: readonly string[]): string =>
  Screens.of(sample)
    .press(...keys)
    .text()

describe('the story of a sample', () => {
  test('flow: who was refused, and what the selected arrow says', () => {
    const flow = shown('refused', '2', 'j')
    expect(flow).toContain('CONNACK refused')
    expect(flow).toContain('Packet 2: refused: not authorized')
  })

  test('TLS that nothing opened: what is there, and what to do', () => {
    expect(shown('tls-nokeys')).toMatch(
      /3 TLS connections to port 8883 could not be\n opened: name their key log with --keylog FILE/,
    )
    const sessions = shown('tls-nokeys', '4')
    expect(sessions).toContain('TLS that nothing opened: name its key log with --keylog FILE')
    expect(sessions.match(/→ 192\.0\.2\.1:8883 +TLS 1\.[23], TLS_/g)).toHaveLength(3)
    expect(sessions).not.toContain('No session')
  })

  test('TLS that its keys open: the layers of a packet', () => {
    const details = Screens.of('tls').text(140, 60)
    expect(details).toMatch(/▸ TLS 1\.3, Application Data, 42 B[\s\S]*▾ MQTT 5, CONNECT/)
    expect(details).toContain('CONNECT')
  })

  test('flow: a connection that ends without a packet, and who ended it', () => {
    expect(shown('keepalive', '2', 'G')).toMatch(/10\.713585 .*sleeper: closed by the broker/)
    expect(shown('will', '2', 'G')).toMatch(/hasty-pump: closed by the client.*\n.*PUBLISH Q1 id 1/)
    expect(shown('again', '2', ...new Array(17).fill('j'))).toContain('waiter: reset by the broker')
    // What a DISCONNECT or a refusal says already is not said again, though the DISCONNECT came behind a gap.
    expect(shown('qos0', '2', 'G') + shown('refused', '2', 'G') + shown('lost', '2', 'G')).not.toContain('closed by')
  })

  test('flow and list: a keep alive runs out where it does, and the packet before it has no mark', () => {
    for (const lines of [shown('keepalive', '2', 'G'), shown('keepalive', 'G')]) {
      expect(lines).toMatch(
        /PINGRESP[^\n]*\n[^\n]*7\.500394[^\n]*sleeper: keep alive \(5 s × 1\.5\) exceeded[^\n]*\n[^\n]*PINGREQ/,
      )
      expect(lines.match(/✗/g)).toHaveLength(1)
    }
  })

  test('the finding on a keep alive says when it became true, in details and in the list of findings, which leads there', () => {
    expect(shown('keepalive', ':', 'text:5', 'enter', '2')).not.toContain('silent for')
    const details = Screens.of('keepalive').press(':', 'text:5', 'enter').text(140, 60)
    expect(details).toContain('✗ MQTT-3.1.2-23 at 7.50 s: silent for 10.7 s')
    const findings = Screens.of('keepalive').press('6')
    expect(findings.text()).toMatch(/MQTT-3\.1\.2-23 +1 +10 +Keep alive exceeded[\s\S]* at 7\.50 s: silent for 10\.7 s/)
    expect(findings.press('enter').text()).toMatch(/▌ +10 .*PINGRESP.*\n ✗ +◇ +7\.500394 sleeper/)
  })

  test('flow and list: a client id that is taken over', () => {
    const story = new Story()
    const old = story.join().enter('twin')
    story.at(1)
    const talk = story.join().say(connect('twin'))
    old.close(false)
    talk.hear(packet(0x20, [0, 0]))
    const screens = new Screens(story.capture, 'a.pcap')
    const rows =
      /╳ 1\.000000 twin: closed by the broker .*\n +⇄ 1\.000000 twin: takes over from [\d.]+:40000 \(packet 1\)/
    expect(screens.press('G').text()).toMatch(rows)
    expect(screens.press('2').text()).toMatch(
      /twin: closed by the broker .*\n.*1\.000000 .*twin: takes over from [\d.]+:40000 \(packet 1\)/,
    )
  })

  test('flow and list: what never came stands below the packet that waits for it', () => {
    expect(shown('malformed', ':', 'text:3', 'enter', '2')).toMatch(
      /SUBSCRIBE[^\n]*▶│[^\n]*\n +never +140µs +│┄┄*SUBACK never came┄│/,
    )
    expect(shown('malformed', ':', 'text:3', 'enter')).toMatch(
      /"a\/b" Q0\n +┄ +never +140µs B→1 SUBACK +- +1 ┄ never came, 140µs\n/,
    )
    expect(shown('again', ':', 'text:16', 'enter')).toMatch(
      /late +480ms B→2 PUBREC +- +2 ┄ came later\n.*╳ .*waiter: reset by the broker/,
    )
  })

  test('flow and list: gaps between packets, and inside one', () => {
    for (const lines of [shown('lost', '2', 'G'), shown('lost', 'G')]) {
      expect(lines).toMatch(/0\.706803[^\n]* meter → 24 B missing: not in the capture[^\n]*\n[^\n]*0\.706803/)
      expect(lines.match(/◐/g)).toHaveLength(1)
    }
  })

  test('list: rows without a packet are not counted, and a click on one selects nothing', () => {
    const screens = Screens.of('keepalive').press('G')
    const line = screens.lines().findIndex(text => text.includes('exceeded'))
    expect(screens.mouse('click', 10, line).text()).toContain('13 of 13')
    expect(screens.mouse('click', 10, line + 1).text()).toContain('11 of 13')
  })

  test('list: a page on follows what was seen, whatever stands between', () => {
    const story = new Story()
    for (let at = 0; at < 20; at++)
      story
        .join()
        .say(publish('t', `${at}`))
        .close()
    const screens = new Screens(story.capture, 'a.pcap')
    // Ten lines: five packets, each with the end of its connection.
    expect(screens.text()).toMatch(/"4" 1 B\n +╳/)
    expect(screens.press('pagedown').text()).toContain(' 5 of 20')
  })

  test('list: what is passed over in a stream without packets is none of its rows', () => {
    const story = new Story()
    story.join().say(publish('t', 'x'))
    const http = new TextEncoder().encode(`GET / HTTP/1.1\r\nHost: a\r\n\r\n`)
    story.join().say(http).hear(http)
    const screens = new Screens(story.capture, 'a.pcap')
    expect(screens.document.holes.count).toBeGreaterThan(0)
    expect(screens.text()).not.toContain('passed over')
  })

  test('list: the last packet is selected, and what stands behind it is seen', () => {
    const story = new Story()
    const talk = story.join().enter('a')
    for (let at = 0; at < 20; at++) talk.say(publish('t', `${at}`))
    talk.close()
    const lines = new Screens(story.capture, 'a.pcap').press('G').text()
    expect(lines).toMatch(/▌ +22 .*\n.*╳ .*a: closed by the client/)
  })

  test('flow: a packet that came late has one sign before its time', () => {
    const flow = shown('reordered', '2')
    expect(flow).toContain(' -102ms ')
    expect(flow).not.toContain('+-')
  })

  test('topics: whom the last message went to, and who listens to something in a branch', () => {
    const topics = shown('retained', '3')
    expect(topics).toContain('13 from greenhouse-sensor')
    expect(topics).toContain('early-visitor (greenhouse/#)')
    expect(topics).not.toContain('●')
    const branch = shown('again', '3')
    expect(branch.match(/till \(/g)).toHaveLength(1)
    expect(branch).toContain('26 to till: orders/new')
    expect(branch).toContain('till (orders/new)')
  })

  test('topics: what is retained, as long as it is, with its value', () => {
    const tour = shown('tour', '3', ...new Array(4).fill('j'))
    expect(tour).toMatch(/state .*●/)
    // The will came last, and has RETAIN.
    expect(tour).toMatch(/Retained 77 to kitchen-display: garden\/pump\/state "offline"/)
    const story = new Story()
    const talk = story
      .join()
      .enter('a')
      .say(publish('a', '1', { retain: true }))
    talk.say(publish('b', '2', { retain: true })).say(publish('b', '', { retain: true }))
    const screens = new Screens(story.capture, 'a.pcap').press('3')
    expect(screens.text()).toContain('Retained 3 from a: a "1"')
    expect(screens.press('j').text()).not.toContain('Retained')
    expect(screens.text().match(/●/g)).toHaveLength(1)
  })

  test('topics: a retained message that the broker refuses leaves the one before', () => {
    const story = new Story()
    const talk = story.join().enter('a', { version: 5 })
    const retained = { retain: true, qos: 1, properties: [] }
    talk.say(publish('t', 'old', { ...retained, id: 1 })).hear(puback(1))
    talk.say(publish('t', 'new', { ...retained, id: 2 })).hear(puback(2, 0x87))
    talk.say(publish('u', 'only', { ...retained, id: 3 })).hear(puback(3, 0x87))
    const screens = new Screens(story.capture, 'a.pcap').press('3')
    expect(screens.text()).toContain('Retained 3 from a: t "old"')
    expect(screens.text().match(/●/g)).toHaveLength(1)
    expect(screens.press('j').text()).not.toContain('Retained')
  })

  test('topics: who listens, by the last connection of each client, and not who was refused', () => {
    const story = new Story()
    story.join().enter('once').want(1, 't').close()
    story.at(1)
    const publisher = story.join().enter('once')
    story.join().enter('refused').want(1, 't', 0, 0x80)
    for (let at = 0; at < 10; at++) story.join().enter(`c${at}`).want(1, 't').want(2, '#')
    publisher.say(publish('t', 'x'))
    const topics = new Screens(story.capture, 'a.pcap').press('3').text(140, 40)
    expect(topics).not.toContain('once (')
    expect(topics).not.toContain('refused (')
    expect(topics).toMatch(/c\d \(t\), .*, and 2 more/)
    expect(topics.match(/c\d \(/g)).toHaveLength(8)
  })

  test('live, without a packet: why frames cannot be read, on every screen', () => {
    const screens = new Screens(new Uint8Array(0), 'any', new Keys(), { mostRows: 100 })
    screens.host.status = { ...screens.host.status, isLive: true, state: 'reading' }
    expect(screens.text()).not.toContain('could not be read')
    // DLT 220, USB with the headers of Linux.
    screens.push(concat(header(LITTLE, { link: 220 }), record(LITTLE), record(LITTLE)))
    const why = /^ No packet: 2 frames could not be read: .*220 \(first: frame 1\)$/m
    expect(screens.text()).toMatch(why)
    expect(screens.press('2').text()).toMatch(why)
    expect(screens.press(':', 'text:7', 'enter').text()).not.toMatch(why)
    screens.host.status = { ...screens.host.status, state: 'done' }
    expect(screens.press('3').text()).not.toMatch(why)
  })

  test('sessions: what was agreed on and granted, and that the keep alive ran out', () => {
    const sessions = shown('keepalive', '4', 'j')
    expect(sessions).toContain('keep alive 5 s, clean session')
    expect(sessions).toContain('nothing/ever Q0 granted')
    expect(sessions).toMatch(/after 10\.7s,\s+keep alive exceeded/)
  })

  test('findings: bytes that are missing are told once, at a packet that is there', () => {
    for (const sample of ['lost', 'malformed', 'midstream']) {
      const screens = Screens.of(sample).press('6')
      const { groups } = screens.app.model.document.byRule
      expect(groups.filter(({ id }) => /^capture\.(gap|skipped)$/.test(id))).toHaveLength(1)
      const last = screens.app.model.document.store.rows
      for (const { packets } of groups) for (const packet of packets) expect(packet).toBeLessThanOrEqual(last)
    }
  })

  test('packets: a capture that holds none says why', () => {
    const broken = new Screens(Buffer.from('no capture at all, but a text of some length'), 'notes.txt')
    expect(broken.text()).toContain('damaged')
    expect(broken.text()).toContain('this is no pcap or pcapng')
  })

  test('packets: a payload is whole where only its size has no room', () => {
    expect(shown('qos0')).toContain('greenhouse/temperature "21.5"\n')
  })

  test('packets: a length that is too long for its column is rounded, not cut', () => {
    expect(shown('large')).toMatch(/PUBLISH -1- 112k +1 /)
  })
})

describe('the way', () => {
  test('Enter leads to the packet, q back to where it was, also after a look at the details', () => {
    for (const [key, title] of [
      ['2', 'Flow'],
      ['3', 'Topics'],
      ['4', 'Sessions'],
      ['6', 'Findings'],
      ['7', 'Stream'],
    ] as const) {
      const screens = Screens.of('tour').press(key, 'enter')
      expect(screens.text()).toContain('Packets ? help')
      expect(screens.press('j', 'k').text()).toContain('q back')
      expect(screens.press('enter', 'q', 'q').text()).toContain(`${title} ? help`)
      expect(screens.press('q').text()).toContain('q quit')
      expect(screens.host.asked).toEqual([])
    }
  })

  test('e explains the packet, whatever the screen, in its own words', () => {
    expect(shown('tour', 'e')).toContain('May I come in?')
    for (const key of ['2', '7']) expect(shown('tour', key, 'j', 'e')).toContain('── Explained ─')
  })

  test('Esc once too often does not leave; q does', () => {
    const screens = Screens.of('tour').press('/', 'escape', 'escape', 'escape')
    expect(screens.host.asked).toEqual([])
    expect(screens.text()).toContain('q leaves')
    expect(screens.press('q').host.asked).toEqual(['quit'])
  })

  test('text where a filter is asked for: what would find it', () => {
    expect(shown('tour', '/', 'text:temperature')).toContain('f finds text')
  })

  test('the hints name what works here; where there is no room, the least needed go', () => {
    const screens = Screens.of('tour')
    expect(screens.lines(80, 24).at(-1)).toContain('Enter open')
    expect(screens.lines(60, 24).at(-1)).toMatch(/Enter open.* q quit/)
    expect(screens.press('2').lines(80, 24).at(-1)).not.toContain('2 flow')
  })
})
