/** Which failure is told for an error of the system. */
import { describe, expect, test } from 'vitest'
import schema from '../../src/grab/event.schema.json' with { type: 'json' }
import { FAILURE_CODES, failureOf } from '../../src/grab/failure.ts'

describe('failures', () => {
  const error = (code: string, syscall = 'connect'): Error => Object.assign(new Error(code), { code, syscall })
  test.for([
    [error('ECONNREFUSED'), 'connecting', 'refused'],
    [error('EHOSTUNREACH'), 'connecting', 'unreachable'],
    [error('EMFILE'), 'connecting', 'files'],
    [error('ENOTFOUND', 'getaddrinfo'), 'connecting', 'dns'],
    [error('EAI_AGAIN', 'getaddrinfo'), 'connecting', 'dns'],
    [error('ETIMEDOUT'), 'connecting', 'timeout'],
    [new AggregateError([error('ECONNREFUSED'), error('ENETUNREACH')]), 'connecting', 'refused'],
    [error('ECONNRESET'), 'securing', 'tls'],
    [error('DEPTH_ZERO_SELF_SIGNED_CERT'), 'securing', 'tls'],
    [error('ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED'), 'open', 'tls'],
    [error('ECONNRESET'), 'upgrading', 'websocket'],
    [error('ECONNRESET'), 'open', 'reset'],
    ['no error at all', 'open', 'reset'],
  ] as const)('%s while %s: %s', ([cause, phase, code]) => {
    expect(failureOf(cause, phase).code).toBe(code)
  })

  test('the schema lists the same codes', () => {
    expect(schema.properties.error.properties.code.enum).toEqual(FAILURE_CODES)
  })
})
