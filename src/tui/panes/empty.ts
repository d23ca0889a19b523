/** The words in an empty list of packets: why nothing is there, and what to do about it. */
import { otherPortLines, sealedLines, unreadLines } from '../../export/text.ts'
import { count } from '../../text/numbers.ts'
import { sanitize } from '../../text/sanitize.ts'
import { wrap } from '../../text/wrap.ts'
import { LEAST_WIDTH } from '../block.ts'
import type { Model } from '../model.ts'
import { type Line, line } from '../spans.ts'
import type { Status } from '../status.ts'

export function emptyLines(model: Model, status: Status): readonly Line[] {
  if (model.document.store.rows > 0) return [line(' No packet fits the filter. \\ shows all again.', 'caution')]
  const { active } = status
  if (active?.ending !== undefined) return [line(` It ended without a packet: ${sanitize(active.ending)}`, 'caution')]
  if (status.state === 'reading') return [line(` Waiting for packets … ${status.progress}`, 'dim')]
  const { summary, journal } = model.document
  const damage = journal.entries.find(({ kind }) => kind === 'damage')
  if (summary.frames === 0 && damage !== undefined) return broken(damage.text)
  const [unread] = unreadLines(summary)
  const [other] = otherPortLines(summary)
  const [sealed] = sealedLines(summary)
  if (sealed !== undefined) return broken(`No MQTT packet: ${sealed}. 4 shows what is known of them.`)
  if (unread !== undefined) return broken(`No MQTT packet: ${unread}.`)
  if (other !== undefined) return broken(`${other[0]?.toUpperCase()}${other.slice(1)}.`)
  return broken(`No MQTT packet in ${count(summary.frames, 'frame')}. Is it on another port? Try -p 1883,1884.`)
}

/** Lines that fit the narrowest terminal. */
const broken = (text: string): readonly Line[] =>
  wrap(text.split(' '), LEAST_WIDTH).map(part => line(` ${part}`, 'caution'))
