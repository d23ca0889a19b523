/** The label of an arrow: the packet's type, quality of service, packet id and topic. */
import { PUBLISH, TYPE_NAMES } from '../mqtt/spec.ts'
import type { Links } from '../store/links.ts'
import type { Row, Store } from '../store/store.ts'

export interface Label {
  /** Name of the packet type. */
  readonly type: string
  /** Quality of service and flags of a PUBLISH. */
  readonly qos: number | undefined
  readonly isDup: boolean
  readonly isRetained: boolean
  /** Packet id; 0 for none. */
  readonly id: number
  /** An answer that refuses. */
  readonly isRefused: boolean
  /** Topic name as it was captured: not sanitised. Undefined if the packet has none, or it was not kept. */
  readonly topic: string | undefined
  /** True if this program sent the packet itself. */
  readonly isOurs: boolean
}

const DUP = 0x08
const RETAIN = 0x01

/** `isOurs`: this program sent the packet itself. */
export function labelOf(store: Store, links: Links, row: Row, isOurs: boolean): Label {
  const type = store.type(row)
  const flags = type === PUBLISH ? store.firstByte(row) : 0
  return {
    type: TYPE_NAMES[type] ?? TYPE_NAMES[0],
    qos: type === PUBLISH ? store.qos(row) : undefined,
    isDup: (flags & DUP) !== 0,
    isRetained: (flags & RETAIN) !== 0,
    id: store.packetId(row),
    isRefused: links.isAnswer(row) && links.state(row) === 'refused',
    topic: store.topics.text(store.topicId(row)),
    isOurs,
  }
}

const PRINTABLE = /^[ -~]+$/

/** `PUBLISH Q1 again retain id 7 house/hall`; `»` in front of what we sent. A topic with other characters than ASCII is left out. */
export function labelText({ type, qos, isDup, isRetained, id, isRefused, topic, isOurs }: Label): string {
  const quality = qos === undefined ? '' : ` Q${qos}${isDup ? ' again' : ''}${isRetained ? ' retain' : ''}`
  const name = topic !== undefined && PRINTABLE.test(topic) ? ` ${topic}` : ''
  return `${isOurs ? '» ' : ''}${type}${quality}${id === 0 ? '' : ` id ${id}`}${isRefused ? ' refused' : ''}${name}`
}
