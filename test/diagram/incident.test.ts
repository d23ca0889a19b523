/** What lies between packets, in words. */
import { expect, test } from 'vitest'
import { incidentText } from '../../src/diagram/incident.ts'
import {
  connect,
  disconnect,
  packet,
  pingreq,
  publish,
  pubrec,
  Story,
  subscribe,
  unsubscribe,
} from '../support/story.ts'
import { loaded, loadedSample } from './loaded.ts'

type Loaded = ReturnType<typeof loaded>

const told = ({ incidents }: Loaded): readonly string[] =>
  incidents.between(0, Number.POSITIVE_INFINITY).map(one => `${one.after} ${incidentText(one)}`)

const ofStory = (story: Story): readonly string[] => told(loaded(story.capture))

test('the broker closes the connection of a client that is silent; the other one says DISCONNECT', () => {
  expect(told(loadedSample('keepalive'))).toEqual([
    '10 sleeper: keep alive (5 s × 1.5) exceeded',
    '12 sleeper: closed by the broker 10.7s after SUBACK',
  ])
})

test('what follows a DISCONNECT is none, nor is the end of the capture', () => {
  const story = new Story()
  story.join().enter('polite').say(disconnect()).close()
  story.join().enter('still there')
  expect(ofStory(story)).toEqual([])
})

test('a client that connects again while its connection stands takes it over', () => {
  const story = new Story()
  story.join().enter('twin')
  story.at(1)
  story.join().enter('twin')
  expect(ofStory(story)).toEqual([expect.stringMatching(/^3 twin: takes over from [\d.]+:40000 \(packet 1\)$/)])
})

test('a client that comes back after its connection was closed takes nothing over', () => {
  const story = new Story()
  story.join().enter('twin').close()
  story.at(1)
  story.join().enter('twin')
  expect(ofStory(story)).toEqual(['2 twin: closed by the client 0µs after CONNACK'])
})

test('each answer that is owed at the end of its connection', () => {
  const story = new Story()
  const talk = story.join().enter('a')
  talk.say(publish('t', 'x', { qos: 1, id: 1 }))
  talk.say(publish('t', 'x', { qos: 2, id: 2 }))
  talk.say(publish('t', 'x', { qos: 2, id: 3 })).hear(pubrec(3))
  talk
    .say(publish('t', 'x', { qos: 2, id: 4 }))
    .hear(pubrec(4))
    .say(packet(0x62, [0, 4]))
  talk
    .say(subscribe(5, [['t', 0]]))
    .say(unsubscribe(6, 't'))
    .say(pingreq())
  story.at(2)
  talk.close()
  story.join().say(connect('b')).close()
  expect(ofStory(story)).toEqual([
    '3 PUBACK never came, 2.0s',
    '4 PUBREC never came, 2.0s',
    '6 PUBREL never came, 2.0s',
    '9 PUBCOMP never came, 2.0s',
    '10 SUBACK never came, 2.0s',
    '11 UNSUBACK never came, 2.0s',
    '12 PINGRESP never came, 2.0s',
    '12 a: closed by the client 2.0s after PINGREQ',
    '13 CONNACK never came, 0µs',
    '13 b: closed by the client 0µs after CONNECT',
  ])
})

test('an answer that may be among bytes that are missing is not in the capture', () => {
  const story = new Story()
  const talk = story.join().enter('a')
  talk.hear(publish('t', 'y', { qos: 1, id: 9 }))
  talk.lose(packet(0x40, [0, 9])).say(publish('t', 'x'))
  story.at(2)
  talk.close()
  expect(ofStory(story)).toEqual([
    '3 PUBACK not in the capture',
    '3 a → 4 B missing: not in the capture',
    // The FIN of the client waits for the gap, and that of the broker does not.
    '4 a: closed by the client 2.0s after PUBLISH',
  ])
})

test('a gap says in which direction it is', () => {
  const story = new Story()
  const talk = story.join().enter('a')
  talk.miss(publish('t', 'lost')).hear(publish('t', 'x'))
  expect(ofStory(story)).toEqual(['2 a ← 9 B missing: not in the capture'])
})

test('a gap before the question does not excuse the answer', () => {
  const story = new Story()
  const talk = story.join().enter('a')
  talk.lose(packet(0xc0)).say(publish('t', 'x'))
  story.at(1)
  talk.hear(publish('t', 'y', { qos: 1, id: 9 }))
  story.at(3)
  talk.close()
  expect(ofStory(story)).toContain('4 PUBACK never came, 2.0s')
})

test('a packet id that is used for the next message ends the wait for the answer to the first one', () => {
  const story = new Story()
  const talk = story.join().enter('a')
  talk.say(publish('t', 'x', { qos: 1, id: 1 }))
  story.at(3)
  talk.say(publish('t', 'other', { qos: 1, id: 1 })).hear(packet(0x40, [0, 1]))
  expect(ofStory(story)).toEqual(['3 PUBACK never came, 3.0s'])
})

test('a broker that closes the old connection between CONNECT and CONNACK', () => {
  const story = new Story()
  const old = story.join().enter('twin')
  story.at(1)
  const talk = story.join().say(connect('twin'))
  story.at(2)
  old.close(false)
  story.at(3)
  talk.hear(packet(0x20, [0, 0]))
  expect(ofStory(story)).toEqual([
    expect.stringMatching(/^3 twin: closed by the broker 2.0s after CONNACK$/),
    expect.stringMatching(/^3 twin: takes over from [\d.]+:40000 \(packet 1\)$/),
  ])
})
