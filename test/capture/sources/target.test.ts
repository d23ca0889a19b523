/** Targets: hosts and ports, and what is none. */
import { describe, expect, test } from 'vitest'
import { parseTarget, TargetError, targetOfLine } from '../../../src/capture/sources/target.ts'

describe('targets', () => {
  test.for([
    ['broker.example', 'broker.example', 1883],
    ['broker.example:8080', 'broker.example', 8080],
    ['192.0.2.1', '192.0.2.1', 1883],
    ['192.0.2.1:1', '192.0.2.1', 1],
    ['[::1]:1883', '::1', 1883],
    ['[2001:db8::1]', '2001:db8::1', 1883],
    ['::1', '::1', 1883],
    ['my_host', 'my_host', 1883],
    ['bücher.example:99', 'bücher.example', 99],
    ['broker.example.', 'broker.example.', 1883],
  ] as const)('%s', ([text, host, port]) => {
    expect(parseTarget(text, 1883)).toEqual({ host, port })
  })

  test.for([
    '192.0.2.0/24',
    '2001:db8::/32',
    '[2001:db8::/32]:1883',
    '192.0.2.1-20',
    '192.0.2.1-192.0.2.20',
    '192.0.2.*',
    '*.example',
    '192.0.2.1,192.0.2.2',
  ])('no ranges: %s', text => {
    expect(() => parseTarget(text, 1883)).toThrow(TargetError)
  })

  test.for([
    '',
    ' ',
    'a b',
    'host:0',
    'host:65536',
    'host:mqtt',
    'host:',
    ':1883',
    '[::1',
    '[host]:1',
    '1:2:3',
    'mqtt://host',
    'host/path',
    '-host',
    `${'a'.repeat(64)}.example`,
    `${'a.'.repeat(130)}example`,
  ])('nonsense: %j', text => {
    expect(() => parseTarget(text, 1883)).toThrow(TargetError)
  })

  test('a line of a file', () => {
    expect(targetOfLine(' host:1 # mine\r', 9)).toEqual({ host: 'host', port: 1 })
    for (const line of ['', '  \r', '# host', '\t#']) expect(targetOfLine(line, 9)).toBeUndefined()
  })
})
