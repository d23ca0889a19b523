import { expect, test } from 'vitest'
import { webSocketText } from '../../src/report/websocket-texts.ts'
import { webSocketFinding } from '../../src/store/findings.ts'
import { WEBSOCKET_FAULTS, type WebSocketFault } from '../../src/transport/websocket-faults.ts'
import { connectionOf } from '../support/record.ts'

test('every finding on WebSocket has a title and an explanation of its own', () => {
  const codes = Object.keys(WEBSOCKET_FAULTS) as WebSocketFault[]
  const texts = codes.map(code => webSocketText(webSocketFinding(connectionOf(), 0, code, 1).id))
  expect(texts.filter(text => text === undefined)).toEqual([])
  expect(new Set(texts.map(text => text?.title)).size).toBe(codes.length)
  for (const text of texts) expect(text?.explanation).toMatch(/^[A-Z].*\.$/)
})

test('other ids have none', () => {
  for (const id of ['websocket', 'websocket.toString', 'tcp.overlap_conflict', 'toString', 'MQTT-6.0.0-2'])
    expect(webSocketText(id)).toBeUndefined()
})
