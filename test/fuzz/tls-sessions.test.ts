/** The recorded connections that are mutated open whole, so that what fuzzing changes is what matters. */
import { beforeAll, expect, test } from 'vitest'
import { Reading } from '../support/tls.ts'
import { readSessions, recordSessions } from '../support/tls-sessions.ts'

const isRecording = process.env.MQTT_SNIFF_RECORD === '1'

beforeAll(async () => {
  if (isRecording) await recordSessions()
})

test('every recorded connection opens whole', () => {
  const sessions = readSessions()
  expect(sessions.length).toBeGreaterThan(12)
  for (const { name, keyLog, pieces, sent } of sessions) {
    const reading = new Reading().log(keyLog).runAll(pieces).end()
    const [client, server] = reading.out.map(out => Buffer.from(out.bytes).toString('hex'))
    expect(client, name).toContain(Buffer.from(sent[0]).toString('hex'))
    expect(server, name).toContain(Buffer.from(sent[1]).toString('hex'))
    expect(
      reading.out.map(out => out.gaps),
      name,
    ).toEqual([[], []])
  }
})
