/** `sessions`: TLS connections that nothing opened stand in rows of their own. */
import { expect, test } from 'vitest'
import { ReportAnalysis } from '../../src/analysis/report-analysis.ts'
import { SessionsReport } from '../../src/report/sessions.ts'
import { nodeCrypto } from '../../src/transport/tls/node-crypto.ts'
import { tlsCapture } from '../support/tls-capture.ts'
import { readSessions } from '../support/tls-sessions.ts'

function report(format: 'text' | 'ndjson', redact = false): string {
  const session = readSessions().find(({ name }) => name === '1.2')
  let text = ''
  const options = { format, redact, color: false, width: undefined, verbose: false } as const
  const sessions = new SessionsReport(options, more => {
    text += more
  })
  const analysis = new ReportAnalysis(sessions, {
    depth: 'sessions',
    count: Number.POSITIVE_INFINITY,
    crypto: nodeCrypto,
  })
  analysis.push(tlsCapture(session?.pieces ?? [], 8883))
  analysis.finish(analysis.end())
  return text
}

test('as text', () => {
  const lines = report('text').split('\n')
  expect(lines.slice(0, 3)).toEqual(['no sessions', '', '1 TLS connection that nothing opened'])
  expect(lines[4]).toMatch(
    /^ +0 +192\.0\.2\.1:40000 +192\.0\.2\.2:8883 +\d+ +\d+ +\d+ +\d+ +\S+ \S+ +TLS 1\.2, TLS_ECDHE\S+, server name broker\.example, no keys$/,
  )
  expect(report('text', true)).not.toContain('broker.example')
})

test('as records', () => {
  const record = JSON.parse(report('ndjson')) as {
    record: string
    tls: { version: string; keys: string; certificate: object }
  }
  expect(record).toMatchObject({
    record: 'transport',
    stream: 0,
    src: '192.0.2.1:40000',
    dst: '192.0.2.2:8883',
    end: true,
    layers: ['tls'],
    tls: { version: '1.2', keys: 'none', certificate: { names: ['broker.example'] } },
  })
  expect(report('ndjson', true)).not.toContain('broker.example')
})
