/** What is said of a TLS connection: version, certificate, keys. */
import { describe, expect, test } from 'vitest'
import { Flow } from '../../src/net/flow.ts'
import { Segment } from '../../src/net/segment.ts'
import { tlsText } from '../../src/report/tls-texts.ts'
import { Stream } from '../../src/store/stream.ts'
import { tlsFindings } from '../../src/store/tls-findings.ts'
import { type TlsFacts, wrapped } from '../../src/transport/facts.ts'
import { TLS } from '../support/transport.ts'

const DAY = 24 * 3600
const FROM = 1_767_225_600
const TO = 1_798_761_600

/** The findings on a connection that begins at this Unix time. */
function said(tls: Partial<TlsFacts>, now = FROM + DAY): string[] {
  const flow = new Flow(0, new Segment())
  Object.assign(flow, { seconds: now })
  const stream = new Stream(flow, 0)
  stream.transport = wrapped(undefined, { layers: ['tls'], tls: { ...TLS, ...tls } })
  return tlsFindings(stream).map(({ id, level, message }) => {
    expect(tlsText(id), id).toBeDefined()
    return `${level} ${id}: ${message}`
  })
}

test('nothing on a connection that was opened, and is as it should be', () => {
  expect(said({})).toEqual([])
  expect(tlsFindings(new Stream(new Flow(0, new Segment()), 0))).toEqual([])
})

test('no keys', () => {
  expect(said({ keys: 'none' })).toHaveLength(1)
  expect(said({ keys: 'partly' })).toEqual([])
})

test('versions that must not be used', () => {
  for (const version of ['1.2', '1.3', undefined]) expect(said({ version })).toEqual([])
  expect(said({ version: '1.1' })).toEqual(['warning tls.version: TLS 1.1 must not be used any more (RFC 8996)'])
  expect(said({ version: 'SSL 3.0' })).toEqual(['warning tls.version: SSL 3.0 must not be used any more (RFC 7568)'])
})

describe('certificates, by the clock of the capture', () => {
  test('expired, and not valid yet', () => {
    expect(said({}, TO + 1)).toEqual([
      'warning tls.certificate_expired: the certificate of the server expired on 2027-01-01',
    ])
    expect(said({}, FROM - 1)).toEqual([
      'warning tls.certificate_expired: the certificate of the server is valid only from 2026-01-01 on',
    ])
  })

  test('from 30 days before their end', () => {
    expect(said({}, TO - 30 * DAY - 1)).toEqual([])
    expect(said({}, TO - 30 * DAY)).toEqual([
      'note tls.certificate_expires: the certificate of the server expires in 30 days, on 2027-01-01',
    ])
  })

  test('in days, of which there may be one or none', () => {
    expect(said({}, TO - DAY)[0]).toContain('expires in 1 day, on')
    expect(said({}, TO - DAY + 1)[0]).toContain('expires in less than a day, on')
  })

  test('with dates that nobody can read', () => {
    const certificate = { subject: '', issuer: '', names: [], validFrom: Number.NaN, validTo: Number.NaN }
    expect(said({ certificate })).toEqual([])
  })

  test('of no known time', () => {
    expect(said({}, Number.NaN)).toEqual([])
    expect(said({ certificate: undefined }, TO + 1)).toEqual([])
  })
})
