import { describe, expect, it } from 'vitest'
import { fieldListing } from '../../src/export/listing.ts'
import { RECORD_FIELDS } from '../../src/store/facts.ts'

describe('the listing of fields', () => {
  it.each([80, 100, 119, 120, 140, 200])('has every name, in %i columns', columns => {
    const lines = fieldListing('', columns).split('\n')
    for (const { name } of RECORD_FIELDS) expect(lines.some(line => line.split(' ')[0] === name)).toBe(true)
    expect(Math.max(...lines.map(line => line.length))).toBeLessThanOrEqual(columns)
  })

  it('name, kind, label and section below each other', () => {
    const lines = fieldListing('', 80).split('\n')
    expect(lines).toContain('mqtt.kalive                    number  Keep alive            MQTT 5 §3.1.2.10')
    expect(lines).toContain('mqtt.topic                     text    Topic                 MQTT 5 §4.7')
    expect(lines).toContain('mqtt.property.sessionExpiryInterval')
    expect(lines).toContain('                               number  Session Expiry        MQTT 5 §3.1.2.11.2')
    expect(lines).toContain('                                       Interval')
  })

  it('finds by name and by label, whatever the case, and explains what it finds', () => {
    expect(fieldListing('KALIVE', 80)).toBe(
      [
        'mqtt.kalive                    number  Keep alive            MQTT 5 §3.1.2.10',
        '    The client promises to send something at least this often; the broker hangs',
        '    up after one and a half times as long. In seconds.',
        '',
        '',
      ].join('\n'),
    )
    expect(fieldListing('keep alive', 80)).toContain('mqtt.property.serverKeepAlive')
    expect(fieldListing('mqtt.conack.val', 80)).toContain('Values: 0 Connection Accepted; 1 Connection Refused,')
  })

  it('many matches are listed without explanations', () => {
    expect(fieldListing('mqtt.property', 140)).not.toContain('\n    ')
  })

  it('nothing is found: nothing is said', () => expect(fieldListing('no such field', 80)).toBe(''))
})
