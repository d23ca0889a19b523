/** What is looked at, before anything has come. */
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { Document } from '../../src/analysis/document.ts'
import { MemoryLog } from '../../src/capture/log.ts'
import { Model } from '../../src/tui/model.ts'
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
    const model = new Model(document)
    expect(model.choose(expression)).toBeUndefined()
    model.advance(1000)
    const bytes = readFileSync(sample('tour'))
    const log = new MemoryLog()
    log.append(bytes)
    document.log = log
    document.push(bytes)
    document.end()
    while (!model.view.isComplete) model.advance(1000)

    const { app } = Screens.of('tour')
    app.model.choose(expression)
    while (!app.model.view.isComplete) app.model.advance(1000)
    expect(model.view.length).toBe(app.model.view.length)
    expect(model.view.length).toBeGreaterThan(0)
    expect(model.view.length).toBeLessThan(88)
  })
})
