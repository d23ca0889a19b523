/** `-p` and `-d`: which TCP ports are looked at, and where MQTT is spoken for sure. */
import { InvalidArgumentError, Option } from 'commander'
import type { PortOptions } from '../analysis/pipeline.ts'
import { MQTT_PORTS } from '../mqtt/spec.ts'
import { nodeCrypto } from '../transport/tls/node-crypto.ts'
import { inflateRaw } from '../transport/zlib.ts'

/** A port, and whether MQTT is wrapped there (TLS, WebSocket). */
export interface NamedPort {
  readonly port: number
  readonly isWrapped: boolean
}

export interface PortFlags {
  /** The ports of `-p`; 'any' for `-p any`; absent without `-p`. */
  port?: readonly NamedPort[] | 'any'
  /** The ports of all `-d`. */
  decodeAs: readonly NamedPort[]
}

const HIGHEST_PORT = 65_535

/** Protocols that may be named behind a port, as other programs write it: what is spoken there is seen from its bytes. */
const PROTOCOLS: readonly string[] = ['mqtt', 'mqtts', 'ws', 'wss', 'tls', 'websocket']

/** Ports that a live capture takes without `-p`: those of MQTT, of MQTT in TLS, and those that brokers use for WebSocket. */
const LIVE_PORTS: readonly number[] = [...MQTT_PORTS, 8883, 8884, 8080, 8081, 8083, 8084, 9001]

export const portOptions = (): readonly Option[] => [
  new Option(
    '-p, --port <n[,n…]>',
    'read MQTT on these TCP ports only; any: all ports of a live capture (default: a file is read on all ports; on ports other than 1883 and 1884 a stream must prove that it is MQTT)',
  ).argParser(ports),
  new Option('-d, --decode-as <rule>', 'tcp.port==N,mqtt: read MQTT on one more port, as tshark does')
    .argParser(decodeAs)
    .default([], 'none'),
]

function port(text: string): number {
  const number = /^\d{1,5}$/.test(text) ? Number(text) : 0
  if (number < 1 || number > HIGHEST_PORT) throw new InvalidArgumentError(`not a port (1 to ${HIGHEST_PORT})`)
  return number
}

/** `1883`, or `8883:mqtts`. */
function namedPort(text: string): NamedPort {
  const [number = '', protocol = 'mqtt'] = text.split(/:(.*)/s)
  if (!PROTOCOLS.includes(protocol))
    throw new InvalidArgumentError(`unknown protocol "${protocol}": use ${PROTOCOLS.join(', ')}`)
  return { port: port(number), isWrapped: protocol !== 'mqtt' }
}

const ports = (text: string): readonly NamedPort[] | 'any' => (text === 'any' ? 'any' : text.split(',').map(namedPort))

function decodeAs(text: string, before: readonly NamedPort[]): readonly NamedPort[] {
  const rule = /^tcp\.port==(\d+),(mqtt|tls|websocket)$/.exec(text.replace(/\s/g, ''))
  if (rule?.[1] === undefined) throw new InvalidArgumentError('use tcp.port==N,mqtt (or tls, websocket)')
  return [...before, { port: port(rule[1]), isWrapped: rule[2] !== 'mqtt' }]
}

const numbersOf = (ports: readonly NamedPort[]): ReadonlySet<number> => new Set(ports.map(({ port }) => port))

/** Returns the options of the line that `-p` and `-d` stand for, with the function that inflates WebSocket messages. */
export const portsOf = ({ port, decodeAs }: PortFlags): PortOptions => ({
  ports: port === 'any' || port === undefined ? undefined : numbersOf([...port, ...decodeAs]),
  alsoPorts: numbersOf(decodeAs.filter(({ isWrapped }) => !isWrapped)),
  wrappedPorts: numbersOf([...(port === 'any' ? [] : (port ?? [])), ...decodeAs].filter(({ isWrapped }) => isWrapped)),
  inflate: inflateRaw,
  crypto: nodeCrypto,
})

/** The ports that a live capture takes; undefined for all. */
export const livePortsOf = ({ port, decodeAs }: PortFlags): ReadonlySet<number> | undefined =>
  port === 'any' ? undefined : new Set([...(port === undefined ? LIVE_PORTS : numbersOf(port)), ...numbersOf(decodeAs)])
