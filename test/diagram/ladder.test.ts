/** A ladder as data: what goes from whom to whom, and what lies between. */
import { describe, expect, test } from 'vitest'
import { type Incident, incidentText } from '../../src/diagram/incident.ts'
import { labelText } from '../../src/diagram/label.ts'
import { type Entry, type LadderOptions, ladder, silenceAmong } from '../../src/diagram/ladder.ts'
import { lanesOf } from '../../src/diagram/lanes.ts'
import { publish, Story } from '../support/story.ts'
import { loaded, loadedSample, rowsOf } from './loaded.ts'

type Loaded = ReturnType<typeof loaded>

/** With all that stands from packet `first` on, or without it. */
const optionsFor = ({ incidents }: Loaded, first = 0): LadderOptions => ({
  silence: 0.05,
  incidents: incidents.between(first, Number.POSITIVE_INFINITY),
})
const ALONE: LadderOptions = { silence: 0.05, incidents: [] }

function ladderOf(
  capture: Loaded,
  rows = rowsOf(capture),
  options = optionsFor(capture, capture.store.number(rows[0] ?? 0)),
  most = 6,
): readonly Entry[] {
  return ladder(capture, rows, lanesOf(capture.store, rows, most), options)
}

/** `7 2>1 PUBLISH Q2 id 1 a`; `=` for what is resent, `.` for what never came; what lies between begins with `-`. */
function written({ store }: Loaded, entry: Entry): string {
  if (entry.kind === 'silence') return `- ${entry.seconds.toFixed(3)} s`
  if (entry.kind === 'ghost')
    return `- ${entry.from}.${entry.to} ${incidentText(entry.ghost)}${entry.isLate ? ' late' : ''}`
  if (entry.kind !== 'arrow') return `- ${entry.time.toFixed(3)} ${incidentText(entry)}`
  const { from, to, isRepeat, isCut, label } = entry
  return `${store.number(entry.row)} ${from}${isRepeat ? '=' : '>'}${to} ${isCut ? 'cut ' : ''}${labelText(label)}`
}

const writtenOf = (capture: Loaded, ...more: [rows?: readonly number[], options?: LadderOptions, most?: number]) =>
  ladderOf(capture, ...more).map(entry => written(capture, entry))

describe('samples', () => {
  test('qos2: three messages at QoS 2, from the sensor (2) over the broker (1) to the display (0)', () => {
    expect(writtenOf(loadedSample('qos2'))).toEqual([
      '1 0>1 CONNECT',
      '2 1>0 CONNACK',
      '3 0>1 SUBSCRIBE id 1 greenhouse/#',
      '4 1>0 SUBACK id 1',
      '- 0.301 s',
      '5 2>1 CONNECT',
      '6 1>2 CONNACK',
      '7 2>1 PUBLISH Q2 id 1 greenhouse/temperature',
      '8 1>2 PUBREC id 1',
      '9 2>1 PUBLISH Q2 id 2 greenhouse/temperature',
      '10 2>1 PUBLISH Q2 id 3 greenhouse/temperature',
      '11 1>2 PUBREC id 2',
      '12 2>1 PUBREL id 1',
      '13 1>2 PUBREC id 3',
      '14 2>1 PUBREL id 2',
      '15 1>0 PUBLISH Q2 id 1 greenhouse/temperature',
      '16 0>1 PUBREC id 1',
      '17 1>2 PUBCOMP id 1',
      '18 2>1 PUBREL id 3',
      '19 1>0 PUBLISH Q2 id 2 greenhouse/temperature',
      '20 1>2 PUBCOMP id 2',
      '21 0>1 PUBREC id 2',
      '22 1>0 PUBREL id 1',
      '23 1>0 PUBLISH Q2 id 3 greenhouse/temperature',
      '24 0>1 PUBCOMP id 1',
      '25 1>0 PUBREL id 2',
      '26 0>1 PUBREC id 3',
      '27 1>0 PUBREL id 3',
      '28 0>1 PUBCOMP id 2',
      '29 0>1 PUBCOMP id 3',
      '30 0>1 DISCONNECT',
      '31 1>2 PUBCOMP id 3',
      '32 2>1 DISCONNECT',
    ])
  })

  test('qos2: one arrow in full', () => {
    const entries = ladderOf(loadedSample('qos2'))
    const arrow = entries.find(entry => entry.kind === 'arrow' && entry.row === 11)
    // 0.301790474 s, 43.394 µs after packet 11.
    expect(arrow).toEqual({
      kind: 'arrow',
      row: 11,
      stream: 1,
      client: 'greenhouse-sensor',
      from: 2,
      to: 1,
      time: expect.closeTo(0.301790474, 9),
      since: expect.closeTo(0.000043394, 9),
      label: {
        type: 'PUBREL',
        qos: undefined,
        isDup: false,
        isRetained: false,
        id: 1,
        isRefused: false,
        topic: undefined,
        isOurs: false,
      },
      level: undefined,
      opener: 7,
      isAnswer: true,
      isRepeat: false,
      isCut: false,
    })
    expect(entries[0]).toMatchObject({ row: 0, opener: 1, isAnswer: false, since: Number.NaN })
  })

  test('again: the broker dies while a PUBREC is owed, and both clients come back to the next one', () => {
    const capture = loadedSample('again')
    expect(writtenOf(capture, rowsOf(capture, 14, 18), { ...optionsFor(capture, 14), silence: 1 })).toEqual([
      '14 0>1 PUBCOMP id 1',
      '15 2>1 PUBLISH Q2 id 2 orders/new',
      '- 1.2 PUBREC never came, 480ms late',
      '- 1.790 waiter: reset by the broker 480ms after PUBLISH',
      '- 1.791 till: closed by the broker 1.3s after PUBCOMP',
      '16 0>1 CONNECT',
      '17 1>0 CONNACK',
      '18 0>1 SUBSCRIBE id 2 orders/new',
    ])
  })

  test('keepalive: a keep alive of 5 s runs out 7.5 s after packet 5, between the packets of the other client', () => {
    const capture = loadedSample('keepalive')
    expect(writtenOf(capture, rowsOf(capture, 10, 13), { ...optionsFor(capture, 10), silence: 9 })).toEqual([
      '10 1>0 PINGRESP',
      '- 7.500 sleeper: keep alive (5 s × 1.5) exceeded',
      '11 0>1 PINGREQ',
      '12 1>0 PINGRESP',
      '- 10.714 sleeper: closed by the broker 10.7s after SUBACK',
      '13 0>1 DISCONNECT',
    ])
  })

  test('lost: a gap stands between packets, a packet with a hole inside is cut', () => {
    const capture = loadedSample('lost')
    expect(writtenOf(capture, rowsOf(capture, 5, 8), { ...optionsFor(capture, 5), silence: 1 })).toEqual([
      '5 0>1 PUBLISH Q0 meter/power',
      '- 0.707 meter → 24 B missing: not in the capture',
      '6 0>1 PUBLISH Q0 meter/power',
      '7 0>1 PUBLISH Q0 meter/power',
      '8 0>1 cut PUBLISH Q0 meter/power',
    ])
    expect(writtenOf(capture, rowsOf(capture, 5, 7), { ...ALONE, silence: 1 })).toHaveLength(3)
  })

  test('malformed: the most severe finding is with its arrow', () => {
    const capture = loadedSample('malformed')
    const levels = ladderOf(capture).flatMap(entry => (entry.kind === 'arrow' ? [entry.level] : []))
    expect(levels).toContain('error')
    expect(levels[0]).toBeUndefined()
  })
})

test('a client without a lane has arrows without ends', () => {
  const capture = loadedSample('tour')
  const rows = rowsOf(capture, 8, 9)
  expect(writtenOf(capture, rows, ALONE, 1)).toEqual(['8 1>0 CONNACK', '9 -1>-1 CONNECT'])
})

test('resent on the same connection', () => {
  const story = new Story()
  const message = { qos: 1, id: 2 }
  const talk = story
    .join()
    .enter('a')
    .say(publish('t', 'x', message))
  talk.say(publish('t', 'x', { ...message, dup: true }))
  const capture = loaded(story.capture)
  expect(writtenOf(capture, rowsOf(capture, 3))).toEqual([
    '3 0>1 PUBLISH Q1 id 2 t',
    '4 0=1 PUBLISH Q1 again id 2 t',
    '- 1.0 PUBACK never came, 0µs',
  ])
})

test('what stands before the first packet and behind the last one', () => {
  const capture = loadedSample('lost')
  const [gap] = capture.incidents.between(0, 100)
  if (gap === undefined) throw new Error('a gap')
  const at = (after: number): Incident => ({ ...gap, after })
  const kinds = ladderOf(capture, rowsOf(capture, 3, 4), { silence: 1, incidents: [at(2), at(3), at(4), at(9)] })
  expect(kinds.map(({ kind }) => kind)).toEqual(['gap', 'arrow', 'gap', 'arrow', 'gap', 'gap'])
})

test('a packet that never came of a client without a lane has no ends', () => {
  const story = new Story()
  const first = story.join().enter('first')
  const second = story.join().enter('second')
  second.say(publish('a', 'x', { qos: 1, id: 7 }))
  story.at(2)
  first.close()
  second.close()
  const capture = loaded(story.capture)
  const options = { ...optionsFor(capture, 5), silence: 9 }
  expect(writtenOf(capture, rowsOf(capture, 1, 5), options, 1)).toEqual([
    '1 0>1 CONNECT',
    '2 1>0 CONNACK',
    '3 -1>-1 CONNECT',
    '4 -1>-1 CONNACK',
    '5 -1>-1 PUBLISH Q1 id 7 a',
    '- -1.-1 PUBACK never came, 2.0s',
    '- 2.000 first: closed by the client 2.0s after CONNACK',
    '- 2.000 second: closed by the client 2.0s after PUBLISH',
  ])
})

describe('a silence', () => {
  const at = (...times: readonly number[]): Loaded => {
    const story = new Story()
    const talk = story.join()
    for (const time of times) {
      story.at(time)
      talk.say(publish('a', 'x'))
    }
    return loaded(story.capture)
  }

  test('is longer than asked for', () => {
    expect(writtenOf(at(0, 1, 3), undefined, { silence: 1.5, incidents: [] })).toEqual([
      '1 0>1 PUBLISH Q0 a',
      '2 0>1 PUBLISH Q0 a',
      '- 2.000 s',
      '3 0>1 PUBLISH Q0 a',
    ])
  })

  test('is ten times the median, and no less than 50 ms', () => {
    const calm = at(0, 1, 2, 3)
    expect(silenceAmong(calm.store, rowsOf(calm))).toBeCloseTo(10, 9)
    const quick = at(0, 0.001, 0.002, 5)
    expect(silenceAmong(quick.store, rowsOf(quick))).toBe(0.05)
    expect(silenceAmong(quick.store, rowsOf(quick, 1, 1))).toBe(0.05)
  })

  test('is none where a connection ends meanwhile', () => {
    const story = new Story()
    const talk = story.join().say(publish('t', 'x'))
    story.at(1)
    talk.close()
    story.at(3)
    story.join().say(publish('t', 'y'))
    expect(writtenOf(loaded(story.capture))).toEqual([
      '1 0>1 PUBLISH Q0 t',
      expect.stringMatching(/^- 1\.000 .*:40000: closed by the client 1.0s after PUBLISH$/),
      '2 2>1 PUBLISH Q0 t',
    ])
  })
})

test('packets out of order in the capture have a negative time between them', () => {
  const capture = loadedSample('reordered')
  const times = ladderOf(capture).flatMap(entry => (entry.kind === 'arrow' ? [entry.since] : []))
  expect(times.some(time => time < 0)).toBe(true)
})
