/**
 * Opens a live capture: on interfaces of this machine, of other machines, of both, or what passes through a tap. What opens
 * it is loaded here, so that commands that read files start without it.
 */
import { isFar } from './far/address.ts'
import type { Live, LiveOptions } from './live-capture.ts'
import type { TapOptions } from './tap/options.ts'

/**
 * Opens a live capture. On this machine nothing is started yet; on other machines the capture has begun, and a tap
 * listens. Throws a LiveError if it cannot begin.
 */
export async function liveSource(options: LiveOptions | TapOptions): Promise<Live> {
  if ('listen' in options) return (await import('./tap/tap.ts')).tapSource(options)
  const { localSource } = await import('./live.ts')
  if (!options.interfaces.some(isFar)) return localSource(options)
  const { farSource } = await import('./far/source.ts')
  return farSource(options, localSource)
}
