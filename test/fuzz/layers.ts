/** The layers that can be fuzzed one by one; an input is made from its seed alone, so a seed tells everything. */
import { fuzzCapture } from './capture.ts'
import { fuzzFilter } from './filter.ts'
import { fuzzFramer } from './framer.ts'
import { fuzzNet } from './net.ts'
import { fuzzPayloads } from './payloads.ts'
import { fuzzPipeline } from './pipeline.ts'
import { fuzzSessions } from './sessions.ts'
import { fuzzTls } from './tls.ts'
import { fuzzWalk } from './walk.ts'
import { fuzzWebSocket } from './websocket.ts'
import { fuzzWrapped } from './wrapped.ts'

export interface Layer {
  readonly name: string
  /** Of all inputs, how many are of this layer: the slower ones are fewer. */
  readonly share: number
  /** Makes the input of a seed and throws where it breaks something. */
  readonly input: (seed: number) => void
}

export const LAYERS: readonly Layer[] = [
  { name: 'capture', share: 0.2, input: fuzzCapture },
  { name: 'net', share: 0.2, input: fuzzNet },
  { name: 'framer', share: 0.2, input: fuzzFramer },
  { name: 'walk', share: 0.38, input: fuzzWalk },
  { name: 'websocket', share: 0.05, input: fuzzWebSocket },
  { name: 'tls', share: 0.02, input: fuzzTls },
  { name: 'wrapped', share: 0.005, input: fuzzWrapped },
  { name: 'filter', share: 0.05, input: seed => void fuzzFilter(seed) },
  { name: 'payloads', share: 0.03, input: fuzzPayloads },
  { name: 'pipeline', share: 0.02, input: fuzzPipeline },
  { name: 'sessions', share: 0.02, input: fuzzSessions },
]

/** How many inputs each of these layers gets of `count`. */
export function shares(layers: readonly Layer[], count: number): number[] {
  const whole = layers.reduce((sum, { share }) => sum + share, 0)
  return layers.map(({ share }) => Math.max(1, Math.round((count * share) / whole)))
}
