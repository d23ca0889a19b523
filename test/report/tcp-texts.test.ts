import { describe, expect, test } from 'vitest'
import { ANOMALY_NAMES } from '../../src/net/anomaly.ts'
import { tcpText } from '../../src/report/tcp-texts.ts'

describe('findings on TCP', () => {
  test.each(ANOMALY_NAMES)('%s has a title and an explanation in full sentences', name => {
    const text = tcpText(`tcp.${name}`)
    expect(text?.title).toMatch(/^[A-Z]/)
    expect(text?.explanation).toMatch(/^[A-Z].*[.)]$/)
  })

  test('other ids have none', () => {
    expect([tcpText('tcp.constructor'), tcpText('MQTT-3.3.2-7')]).toEqual([undefined, undefined])
  })
})
