/** Reads a file once before it is read for a report: for a filter that asks how exchanges and messages ended. */
import { Analysis, type AnalysisOptions } from '../analysis/analysis.ts'
import { Hindsight, HindsightFilter } from '../analysis/hindsight.ts'
import type { PacketFilter } from '../analysis/report-analysis.ts'
import { open } from '../capture/sources/source.ts'
import { Progress } from './progress.ts'

/** Returns the filter with what the whole file says. Damage of the file is told in the second pass. */
export async function hindsightOf(filter: PacketFilter, file: string, options: AnalysisOptions): Promise<PacketFilter> {
  const source = await open(file)
  const progress = new Progress(source)
  const hindsight = new Hindsight()
  const analysis = new Analysis(hindsight, options)
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
  return new HindsightFilter(filter, hindsight)
}
