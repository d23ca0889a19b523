/** What is looked at, before anything has come. */
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { Document } from '../../src/analysis/document.ts'
import { Selection } from '../../src/analysis/selection.ts'
import { MemoryLog } from '../../src/capture/log.ts'
import { Screens, sample } from '../support/screens.ts'

describe('a filter that is there before the first packet', () => {
  test.each([
    // Of a column, of bytes that are read again, of times since the first frame, of what sessions tell.
    'mqtt.qos == 2',
    'mqtt.msg contains "offline"',
    'frame.time_relative > 2',
    'mqtt.exchange.latency > 40ms',
  ])('%s', expression => {
    const document = new Document({ ports: new Set([1883]) })
    const selection = new Selection(document)
    expect(selection.choose(expression)).toBeUndefined()
    selection.advance(() => true)
    const bytes = readFileSync(sample('tour'))
    const log = new MemoryLog()
    log.append(bytes)
    document.log = log
    document.push(bytes)
    document.end()
    while (!selection.view.isComplete) selection.advance(() => true)

    const { app } = Screens.of('tour')
    app.model.choose(expression)
    while (!app.model.view.isComplete) app.model.advance(() => true)
    expect(selection.view.length).toBe(app.model.view.length)
    expect(selection.view.length).toBeGreaterThan(0)
    expect(selection.view.length).toBeLessThan(88)
  })
})
