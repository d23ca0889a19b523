/** The one name of a client. */
import type { Stream } from '../store/stream.ts'
import { sanitize } from './sanitize.ts'

/** The client id, sanitised; the address and port of the client if it has none, of side 0 while the client is unknown. */
export function nameOfClient({ clientId, client, flow }: Stream): string {
  if (clientId !== undefined && clientId !== '') return sanitize(clientId)
  return client === -1 ? flow.endpoint(0) : flow.endpoint(client)
}
