import { expect, test } from 'vitest'
import { Document } from '../../../src/analysis/document.ts'
import { FrameFiles } from '../../../src/base/frame-files.ts'
import { Model } from '../../../src/tui/model.ts'
import { columnsFor, fileTitle } from '../../../src/tui/panes/list-columns.ts'

const columns = (files?: FrameFiles) => columnsFor(new Model(new Document({ ports: new Set([1883]), files }), []), 140)

test('a column for the file only if there are several, as wide as the longest name up to 14 cells', () => {
  const one = columns()
  expect(one.file).toBe(0)
  const two = columns(new FrameFiles(['/tmp/a.pcap', 'client.pcap']))
  expect(two.file).toBe('client.pcap'.length)
  expect(two.info).toBe(one.info - two.file - 1)
  expect(columns(new FrameFiles(['a', 'b'])).file).toBe('File'.length)
  expect(columns(new FrameFiles(['a', 'a-very-long-name-of-a-capture.pcapng'])).file).toBe(14)
})

test('names of files are shown without their folder, and harmless', () => {
  expect(fileTitle('/var/log/a.pcap')).toBe('a.pcap')
  expect(fileTitle('C:\\captures\\a.pcap')).toBe('a.pcap')
  expect(fileTitle('a\x1b[31m')).not.toContain('\x1b')
})
