/** The command lines of the reports: what is wrong is told before anything is read. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { run } from '../../src/cli/program.ts'

let told = ''

beforeEach(() => {
  told = ''
  vi.spyOn(process.stderr, 'write').mockImplementation(text => {
    told += text
    return true
  })
})

afterEach(() => {
  vi.restoreAllMocks()
})

test.each([
  ['a format string that is not known', ['messages', '-F', 'ab %Q', 'none.pcap'], 'ab %Q\n     ^'],
  ['a format string for records', ['messages', '-T', 'ndjson', '-F', '%t', 'none.pcap'], '-F needs -T text'],
  ['options before the command', ['-q', 'handshakes', 'none.pcap'], '-q before handshakes'],
  ['no capture', ['stats'], 'nothing to read'],
  ['a filter that cannot be read', ['topics', '-Y', 'mqtt.topic ==', 'none.pcap'], '^'],
  ['live options without an interface', ['sessions', '-s', '96', 'none.pcap'], '-s needs -i'],
])('%s', async (_, argv, words) => {
  expect(await run(argv, '0.0.0')).toBe(2)
  expect(told).toContain(words)
})

test('a file that is not there', async () => {
  expect(await run(['findings', 'none.pcap'], '0.0.0')).toBe(3)
  expect(told).toContain('none.pcap')
})
