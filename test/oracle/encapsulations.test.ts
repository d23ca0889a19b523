/** tshark reads the packets in each of the encapsulations by which `test/field` holds us to account: one capture with an interface for each. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect } from 'vitest'
import { ENCAPSULATIONS } from '../field/points.ts'
import { framesOf } from '../field/scene.ts'
import { enhanced, interfaceBlock, LITTLE, section } from '../support/capture.ts'
import { needs } from '../support/tools.ts'
import { concat } from '../support/wire.ts'

const home = mkdtempSync(join(tmpdir(), 'mqtt-sniff-encapsulations-'))
afterAll(() => rmSync(home, { recursive: true, force: true }))

const FIRST_PORT = 50_000
const START_US = 1_700_000_000_000_000n

/** CONNECT, CONNACK, PUBLISH, PUBACK and DISCONNECT from a port of its own. */
const talk = (port: number): string => `
  c from 192.0.2.11:${port} to 192.0.2.1:1883
  c: CONNECT id=x
  s: CONNACK
  c: PUBLISH q1 #1 a 1
  s: PUBACK #1
  c: bye`
const TYPES = '1 2 3 4 14'

function capture(): Uint8Array {
  const all = Object.values(ENCAPSULATIONS)
  const blocks = all.flatMap(({ point }, port) =>
    framesOf({ seen: talk(FIRST_PORT + port), point }).map(({ at, frame }) =>
      enhanced(LITTLE, { port, time: START_US + BigInt(Math.round(at * 1000)), data: frame }),
    ),
  )
  return concat(section(LITTLE), ...all.map(({ link }) => interfaceBlock(LITTLE, { link })), ...blocks)
}

needs('tshark')('tshark reads five packets in each', () => {
  const name = join(home, 'all.pcapng')
  writeFileSync(name, capture())
  const fields = ['-T', 'fields', '-e', 'tcp.port', '-e', 'mqtt.msgtype', '-Y', 'mqtt']
  // Linux' port of VXLAN is another protocol's by the registry.
  const rows = execFileSync('tshark', ['-n', '-r', name, '-d', 'udp.port==8472,vxlan', ...fields], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
    env: { ...process.env, WIRESHARK_CONFIG_DIR: '/nonexistent' },
  })
  const types = new Map<number, string[]>()
  for (const row of rows.trimEnd().split('\n')) {
    const [ports = '', type = ''] = row.split('\t')
    const port = Math.max(...ports.split(',').map(Number))
    types.set(port, [...(types.get(port) ?? []), type])
  }
  const read = Object.keys(ENCAPSULATIONS).map((what, at) => [what, types.get(FIRST_PORT + at)?.join(' ')])
  expect(read).toEqual(Object.keys(ENCAPSULATIONS).map(what => [what, TYPES]))
})
