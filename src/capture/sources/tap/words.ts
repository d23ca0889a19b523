/** What went wrong on a tap's sockets, in words. */

import { endpointText } from '../../../base/address.ts'
import { byWord } from '../../../base/by-word.ts'
import { LiveError } from '../backend.ts'
import type { Place } from './options.ts'

const LISTEN: Readonly<Record<string, string>> = byWord({
  EADDRINUSE: 'another program listens there; choose another port with --listen',
  EACCES: 'permission denied; choose a port from 1024 up with --listen',
  EADDRNOTAVAIL: 'this machine does not have that address',
  ENOTFOUND: 'the name is unknown',
  EAI_AGAIN: 'the name is unknown',
})

const REACH: Readonly<Record<string, string>> = byWord({
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection closed before it was set up',
  ETIMEDOUT: 'no answer',
  EHOSTUNREACH: 'no route to the host',
  ENETUNREACH: 'no route to the network',
  ENOTFOUND: 'the name is unknown',
  EAI_AGAIN: 'the name is unknown',
  EMFILE: 'too many open files',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is signed by itself; name it with --ca, or use --insecure',
  SELF_SIGNED_CERT_IN_CHAIN: 'its authority is unknown; name it with --ca, or use --insecure',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its authority is unknown; name it with --ca, or use --insecure',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another name',
})

/** Returns why a tap cannot listen, as an error that ends the program with 4. */
export function listenFailure(cause: unknown, { host, port }: Place): LiveError {
  const { code = '', message } = cause as NodeJS.ErrnoException
  const kind = code === 'EACCES' ? 'permission' : 'interface'
  return new LiveError(kind, `cannot listen on ${endpointText(host, port)}: ${LISTEN[code] ?? message}`)
}

/** Why a broker was not reached. `address` is the one that was tried last, if it is known. */
export interface Missed {
  readonly words: string
  readonly address: string | undefined
  readonly isRefused: boolean
}

/** A name with several addresses fails with an error for each of them. */
export function reachWords(cause: Error | undefined): Missed {
  const one = cause instanceof AggregateError ? cause.errors.at(-1) : cause
  const { code = 'ECONNRESET', message = '', address } = (one ?? {}) as NodeJS.ErrnoException & { address?: string }
  return { words: REACH[code] ?? message, address, isRefused: code === 'ECONNREFUSED' }
}

/** OpenSSL's word for what was wrong, without its numbers: `tlsv1 alert unknown ca`. */
export const tlsReason = (cause: Error): string =>
  'reason' in cause && typeof cause.reason === 'string' ? cause.reason : reachWords(cause).words
