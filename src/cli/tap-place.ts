/** Where a tap listens and where it connects, as the command line names them. */
import { InvalidArgumentError } from 'commander'
import { UsageError } from '../base/exit.ts'
import type { Place, TapInput } from '../capture/sources/tap/options.ts'
import { parseTarget, TargetError } from '../capture/sources/target.ts'

const HIGHEST_PORT = 65_535
const BROKER_PORT = 1883

/** Reads `1884`, `0.0.0.0:1884` or `[::1]:1884`. Throws an InvalidArgumentError. */
export function listenPlace(text: string): Place {
  const [, host = '127.0.0.1', digits = ''] = /^(?:(.+):)?(\d{1,5})$/.exec(text) ?? []
  if (digits === '' || Number(digits) > HIGHEST_PORT)
    throw new InvalidArgumentError(`use PORT or HOST:PORT (0 to ${HIGHEST_PORT})`)
  const bare = host.replace(/^\[(.*)\]$/, '$1')
  return { host: bare === '*' ? '0.0.0.0' : bare, port: Number(digits) }
}

/** Reads `broker`, `broker:1883` or `[::1]:1883`. Throws a UsageError that begins with `option`. */
export function brokerPlace(text: string, defaultPort: number, option: string): Place {
  try {
    return parseTarget(text, defaultPort)
  } catch (cause) {
    if (cause instanceof TargetError) throw new UsageError(`${option} ${cause.message}`)
    throw cause
  }
}

const TAP = 'tap://'

export const isTap = (name: string): boolean => name.startsWith(TAP)

/** Reads `tap://1884/broker:1883`: a tap as an interface, without TLS of its own. Throws a UsageError. */
export function tapInterface(name: string): TapInput {
  const [listen = '', to = ''] = name.slice(TAP.length).split(/\/(.*)/s)
  if (to === '') throw new UsageError(`-i ${name}: use tap://[HOST:]PORT/BROKER[:PORT]`)
  try {
    const place = listenPlace(listen)
    return { listen: place, to: brokerPlace(to, BROKER_PORT, `-i ${name}:`), tls: undefined, listenTls: undefined }
  } catch (cause) {
    if (cause instanceof InvalidArgumentError) throw new UsageError(`-i ${name}: ${cause.message}`)
    throw cause
  }
}
