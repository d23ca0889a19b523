/** Opens a live capture: on interfaces of this machine, of other machines, or of both. */
import { isFar } from './far/address.ts'
import { localSource } from './live.ts'
import type { Live, LiveOptions } from './live-capture.ts'

/**
 * Opens a live capture. On this machine nothing is started yet; on other machines the capture has begun. Throws a
 * LiveError if it cannot begin.
 */
export async function liveSource(options: LiveOptions): Promise<Live> {
  if (!options.interfaces.some(isFar)) return localSource(options)
  const { farSource } = await import('./far/source.ts')
  return farSource(options, localSource)
}
