/** What stands behind the findings on TLS: a title and an explanation for each, by its id. */
import { byWord } from '../base/by-word.ts'
import type { RuleText } from './tcp-texts.ts'

const TEXTS: Readonly<Record<string, RuleText>> = byWord({
  'tls.sealed': {
    title: 'TLS that was not opened',
    explanation:
      'The packets of this connection are inside of TLS, and no key is known that opens it. A client or broker that writes a key log (SSLKEYLOGFILE) makes it readable: mqtt-sniff --keylog FILE. Nobody did anything wrong.',
  },
  'tls.version': {
    title: 'Old version of TLS',
    explanation:
      'TLS 1.0 and 1.1 have known weaknesses, and RFC 8996 says that they must not be used. Servers and clients of today refuse them.',
  },
  'tls.certificate_expired': {
    title: 'Certificate out of its time',
    explanation:
      'The certificate of the server was not valid when the connection was made, by the clock of the capture. A client that checks it does not connect.',
  },
  'tls.certificate_expires': {
    title: 'Certificate expires soon',
    explanation: 'The certificate of the server ends within 30 days of the capture. Clients will refuse it then.',
  },
})

/** Returns the text behind the id of a finding on TLS; undefined for other ids. */
export const tlsText = (id: string): RuleText | undefined => TEXTS[id]
