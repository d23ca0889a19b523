/** What a stream is wrapped in, as the members of a JSON record. */
import type { CertificateFacts, TlsFacts, TransportFacts, WebSocketFacts } from '../transport/facts.ts'

const FATAL = 2
/** Beyond it a Date holds no time. */
const MOST_DATE_SECONDS = 8_640_000_000_000

/** Returns `layers`, and what is known of each. With `redact` without names: of hosts, paths and certificates. */
export const transportRecord = ({ layers, tls, webSocket }: TransportFacts, redact: boolean): object => ({
  layers,
  tls: tls && tlsRecord(tls, redact),
  websocket: webSocket && webSocketRecord(webSocket, redact),
})

function tlsRecord(tls: TlsFacts, redact: boolean): object {
  const {
    version,
    cipher,
    sni,
    alpnOffered,
    alpn,
    keys,
    resumed,
    certificate,
    records,
    bytes,
    largest,
    times,
    alerts,
  } = tls
  return {
    version,
    cipher,
    sni: redact ? undefined : sni,
    alpnOffered,
    alpn: some(alpn),
    keys,
    resumed,
    certificate: certificate && certificateRecord(certificate, redact),
    records,
    bytes,
    largest,
    first: timeText(times[0]),
    last: timeText(times[1]),
    alerts: alerts.length === 0 ? undefined : alerts.map(alertRecord),
  }
}

const certificateRecord = (certificate: CertificateFacts, redact: boolean): object => ({
  ...(redact ? {} : { subject: certificate.subject, issuer: certificate.issuer, names: certificate.names }),
  validFrom: dateOf(certificate.validFrom),
  validTo: dateOf(certificate.validTo),
})

const alertRecord = ({ isClient, level, code }: TlsFacts['alerts'][number]): object => ({
  from: isClient ? 'client' : 'server',
  fatal: level === FATAL,
  code,
})

function webSocketRecord(webSocket: WebSocketFacts, redact: boolean): object {
  const { path, host, offered, protocol, extensions, closeCodes } = webSocket
  const [client, server] = closeCodes
  return {
    path: redact ? undefined : path,
    host: redact ? undefined : host,
    offered,
    protocol: some(protocol),
    extensions: some(extensions),
    closeCodes: client === undefined && server === undefined ? undefined : { client, server },
  }
}

/** An empty value is none. */
const some = (text: string | undefined): string | undefined => (text === '' ? undefined : text)

/** `2027-01-01T00:00:00Z`; undefined for a time that no date holds. */
/** With milliseconds. */
const timeText = (seconds: number): string | undefined =>
  Math.abs(seconds) <= MOST_DATE_SECONDS ? new Date(seconds * 1000).toISOString() : undefined

const dateOf = (seconds: number): string | undefined =>
  Math.abs(seconds) <= MOST_DATE_SECONDS ? new Date(seconds * 1000).toISOString().replace(/\.\d+Z$/, 'Z') : undefined
