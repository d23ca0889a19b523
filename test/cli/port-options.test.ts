/** -p and -d: what they say to the line and to a live capture. */
import { Command } from 'commander'
import { describe, expect, test } from 'vitest'
import { livePortsOf, type PortFlags, portOptions, portsOf } from '../../src/cli/port-options.ts'
import { nodeCrypto } from '../../src/transport/tls/node-crypto.ts'
import { inflateRaw } from '../../src/transport/zlib.ts'

function parse(...words: readonly string[]): PortFlags {
  const command = new Command().exitOverride().configureOutput({ writeErr: () => {} })
  for (const option of portOptions()) command.addOption(option)
  return command.parse(words, { from: 'user' }).opts<PortFlags>()
}
const list = (ports: ReadonlySet<number> | undefined): readonly number[] | undefined => ports && [...ports]

describe('-p and -d', () => {
  test('without them all ports are read, and a live capture takes those of brokers', () => {
    expect(portsOf(parse())).toEqual({
      ports: undefined,
      alsoPorts: new Set(),
      wrappedPorts: new Set(),
      inflate: inflateRaw,
      crypto: nodeCrypto,
    })
    expect(list(livePortsOf(parse()))).toEqual([1883, 1884, 8883, 8884, 8080, 8081, 8083, 8084, 9001])
  })

  test('-p narrows, also with protocols behind the ports; any is all of them', () => {
    for (const words of ['1883,8883', '1883:mqtt,8883:mqtts']) {
      expect(portsOf(parse('-p', words)).ports).toEqual(new Set([1883, 8883]))
      expect(portsOf(parse('-p', words)).wrappedPorts).toEqual(new Set(words.includes('mqtts') ? [8883] : []))
      expect(list(livePortsOf(parse('-p', words)))).toEqual([1883, 8883])
    }
    expect(portsOf(parse('-p', 'any')).ports).toBeUndefined()
    expect(livePortsOf(parse('-p', 'any', '-d', 'tcp.port==7,mqtt'))).toBeUndefined()
  })

  test('-d adds ports', () => {
    const flags = parse('-d', 'tcp.port==7,mqtt', '-d', 'tcp.port == 8, tls', '-p', '9')
    expect(portsOf(flags)).toMatchObject({
      ports: new Set([9, 7, 8]),
      alsoPorts: new Set([7]),
      wrappedPorts: new Set([8]),
    })
    expect(list(livePortsOf(flags))).toEqual([9, 7, 8])
  })

  test('what is no port or no protocol is refused, with what is known', () => {
    for (const words of ['0', '65536', '1883,', 'x', '-1', '1883:http', '1883:', '1883:constructor', ''])
      expect([words, refusal('-p', words)]).toEqual([words, expect.stringMatching(/not a port|unknown protocol/)])
    expect(refusal('-d', 'udp.port==1,mqtt')).toContain('tcp.port==N,mqtt')
  })
})

function refusal(...words: readonly string[]): string {
  try {
    parse(...words)
    return ''
  } catch (error) {
    return String(error)
  }
}
