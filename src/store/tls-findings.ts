/** What is to be said of a TLS connection, opened or not: by what its handshake shows in the clear, or opened. */
import type { CertificateFacts, TlsFacts } from '../transport/facts.ts'
import type { Finding, PlacedFinding, Stream } from './record.ts'

/** Seconds before its end from which a certificate is reported: 30 days. */
const SOON_S = 30 * 24 * 3600
/** Versions that must not be used any more (RFC 7568, RFC 8996). */
const OLD: readonly string[] = ['SSL 3.0', '1.0', '1.1']
const DAY_S = 24 * 3600

/** Returns the findings on a wrapped stream; none for one without TLS. All are of the stream as a whole. */
export function tlsFindings(stream: Stream): readonly PlacedFinding[] {
  const tls = stream.transport?.tls
  if (tls === undefined) return []
  const findings = [keyFinding(tls), versionFinding(tls), certificateFinding(tls.certificate, stream.flow.seconds)]
  const side = stream.client === 1 ? 0 : 1
  return findings.flatMap(finding =>
    finding === undefined ? [] : [{ ...finding, offset: 0, packet: 0, stream, frame: 0, side } as const],
  )
}

type TlsFinding = Omit<Finding, 'offset'>

function keyFinding({ keys }: TlsFacts): TlsFinding | undefined {
  if (keys !== 'none') return undefined
  const message =
    'this TLS connection is not decrypted: its keys are neither in a key log (--keylog FILE) nor in the capture'
  return { id: 'tls.sealed', level: 'note', message }
}

function versionFinding({ version = '' }: TlsFacts): TlsFinding | undefined {
  if (!OLD.includes(version)) return undefined
  const [name, source] = version.startsWith('SSL') ? [version, 'RFC 7568'] : [`TLS ${version}`, 'RFC 8996']
  return { id: 'tls.version', level: 'warning', message: `${name} must not be used any more (${source})` }
}

/** `now`: Unix seconds of the connection's start; NaN where nobody knows, and then nothing is said. */
function certificateFinding(certificate: CertificateFacts | undefined, now: number): TlsFinding | undefined {
  if (certificate === undefined) return undefined
  const { validFrom, validTo } = certificate
  if (Number.isNaN(validFrom) || Number.isNaN(validTo)) return undefined
  if (now > validTo) return expired(`${WHOSE} expired on ${day(validTo)}`)
  if (now < validFrom) return expired(`${WHOSE} is valid only from ${day(validFrom)} on`)
  if (now + SOON_S < validTo || Number.isNaN(now)) return undefined
  const left = daysLeft(Math.floor((validTo - now) / DAY_S))
  return {
    id: 'tls.certificate_expires',
    level: 'note',
    message: `${WHOSE} expires in ${left}, on ${day(validTo)}`,
  }
}

const WHOSE = 'the certificate of the server'

const expired = (message: string): TlsFinding => ({ id: 'tls.certificate_expired', level: 'warning', message })

const daysLeft = (days: number): string => (days === 0 ? 'less than a day' : days === 1 ? '1 day' : `${days} days`)

/** Certificates may say any year; a Date does not go beyond the year 275760. */
const day = (seconds: number): string => new Date(Math.min(seconds, 8.64e12) * 1000).toISOString().slice(0, 10)
