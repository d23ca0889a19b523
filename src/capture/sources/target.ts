/** `host[:port]`: one host, never a range of them. */
import { isIP, isIPv6 } from 'node:net'
import { domainToASCII } from 'node:url'

export interface Target {
  /** The name or address as it was given, without brackets and port. */
  readonly host: string
  readonly port: number
}

/** The text names no host; the message says why. */
export class TargetError extends Error {
  override readonly name = 'TargetError'
}

const HIGHEST_PORT = 65_535
/** RFC 1035 §2.3.4, without the final dot. */
const LONGEST_NAME = 253

/** Ranges as scanners write them: 192.0.2.0/24, 192.0.2.1-20, 192.0.2.*, 192.0.2.1,2 */
const RANGE = /\/\d+$|^[\d.]+-[\d.]+$|^[\d.]*\*|^[\d.]+,/

export function parseTarget(text: string, defaultPort: number): Target {
  const trimmed = text.trim()
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(trimmed)) fail(text, 'name the host alone; --tls and --ws choose the protocol')
  const { host, port } = split(trimmed, text)
  if (RANGE.test(host)) fail(text, 'name single hosts: grab takes no ranges of addresses')
  if (!isHost(host)) fail(text, 'this is no host[:port] (an IPv6 address with a port is [::1]:1883)')
  return { host, port: port === undefined ? defaultPort : portOf(port, text) }
}

function split(trimmed: string, text: string): { host: string; port?: string } {
  if (isIPv6(trimmed)) return { host: trimmed }
  const bracketed = /^\[([^\]]*)\](?::(\d+))?$/.exec(trimmed)
  if (bracketed !== null) {
    const [, host = '', port] = bracketed
    if (!isIPv6(host)) fail(text, 'there is no IPv6 address in the brackets')
    return { host, ...(port === undefined ? {} : { port }) }
  }
  const colon = trimmed.lastIndexOf(':')
  return colon < 0 ? { host: trimmed } : { host: trimmed.slice(0, colon), port: trimmed.slice(colon + 1) }
}

function portOf(port: string, text: string): number {
  const number = /^\d{1,5}$/.test(port) ? Number(port) : 0
  if (number < 1 || number > HIGHEST_PORT) fail(text, `"${port}" is no TCP port`)
  return number
}

/** Labels of letters, digits, hyphens and underscores (which real names have); other scripts by their ASCII form. */
function isHost(host: string): boolean {
  if (isIP(host) !== 0) return true
  // `domainToASCII` reads as far as a host goes, and leaves out the rest.
  if (/[^\w.\-\u0080-\u{10ffff}]/u.test(host)) return false
  const ascii = domainToASCII(host)
  return (
    ascii !== '' && ascii.length <= LONGEST_NAME && /^(?!-)[a-z0-9_-]{1,63}(\.(?!-)[a-z0-9_-]{1,63})*\.?$/i.test(ascii)
  )
}

function fail(text: string, why: string): never {
  throw new TargetError(`"${text}": ${why}`)
}

/** A line of a file of targets: one target, with blanks and a `#` comment allowed; undefined where there is none. */
export function targetOfLine(line: string, defaultPort: number): Target | undefined {
  const text = line.replace(/(^|\s)#.*$/s, '').trim()
  return text === '' ? undefined : parseTarget(text, defaultPort)
}
