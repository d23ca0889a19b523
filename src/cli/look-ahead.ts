/** Reads a file once before it is read for a report: for a filter or columns that ask for what later packets tell. */
import type { AnalysisOptions, Depth } from '../analysis/analysis.ts'
import { firstPass, Hindsight } from '../analysis/hindsight.ts'
import type { PacketSource } from '../capture/sources/source.ts'
import { Progress } from './progress.ts'

/** Returns what the whole file says. Damage of the file is told in the second pass. */
export async function hindsightOf(
  opened: () => Promise<PacketSource>,
  depth: Depth,
  options: Omit<AnalysisOptions, 'depth'>,
): Promise<Hindsight> {
  const source = await opened()
  const progress = new Progress(source)
  const hindsight = new Hindsight()
  const analysis = firstPass(hindsight, depth, options)
  try {
    for await (const chunk of source) {
      analysis.push(chunk)
      progress.show(analysis.summary.packets)
      if (analysis.done) break
    }
  } finally {
    source.close()
    progress.clear()
  }
  analysis.end()
  return hindsight
}
