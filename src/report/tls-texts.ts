/** What stands behind the findings on TLS: a title and an explanation for each, by its id. */
import { byWord } from '../base/by-word.ts'
import type { RuleText } from './tcp-texts.ts'

const TEXTS: Readonly<Record<string, RuleText>> = byWord({
  'tls.sealed': {
    title: 'TLS not decrypted',
    explanation:
      'The packets of this connection are encrypted with TLS, and their keys are not known. With a key log (SSLKEYLOGFILE) of the client or the broker they can be read: mqtt-sniff --keylog FILE. No side did anything wrong.',
  },
  'tls.version': {
    title: 'Outdated TLS version',
    explanation:
      'TLS 1.0 and 1.1 have known weaknesses, and RFC 8996 forbids their use. Current servers and clients refuse them.',
  },
  'tls.certificate_expired': {
    title: 'Certificate expired or not yet valid',
    explanation:
      'The certificate of the server was not valid when the connection was made, by the clock of the capture. A client that checks it does not connect.',
  },
  'tls.certificate_expires': {
    title: 'Certificate expires soon',
    explanation: 'The certificate of the server expires within 30 days after the capture. Clients will refuse it then.',
  },
})

/** Returns the text behind the id of a finding on TLS; undefined for other ids. */
export const tlsText = (id: string): RuleText | undefined => TEXTS[id]
