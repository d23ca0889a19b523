/** Topics of Sparkplug B (specification 3.0.0, chapter 4): `spBv1.0/group/type/node[/device]` and `spBv1.0/STATE/host`. */
import { byWord } from '../../base/by-word.ts'
import { decodeText } from '../../base/strings.ts'
import { Slot } from '../../mqtt/fields.ts'
import type { PacketRecord } from '../../store/record.ts'

export const NAMESPACE = 'spBv1.0/'
const PREFIX = new TextEncoder().encode(NAMESPACE)

export type MessageType = 'NBIRTH' | 'NDEATH' | 'NDATA' | 'NCMD' | 'DBIRTH' | 'DDEATH' | 'DDATA' | 'DCMD' | 'STATE'

const TYPES: Readonly<Record<string, MessageType>> = byWord<MessageType>({
  NBIRTH: 'NBIRTH',
  NDEATH: 'NDEATH',
  NDATA: 'NDATA',
  NCMD: 'NCMD',
  DBIRTH: 'DBIRTH',
  DDEATH: 'DDEATH',
  DDATA: 'DDATA',
  DCMD: 'DCMD',
})

export interface SparkplugTopic {
  readonly type: MessageType
  readonly group: string
  /** Id of the edge node; of the host for STATE. */
  readonly node: string
  /** Undefined where the topic has no part for it. */
  readonly device: string | undefined
  readonly text: string
}

/** True if the packet names a topic that begins with `spBv1.0/`, or an alias that stands for one. */
export function isSparkplug({ packet, raw, aliasTopic }: PacketRecord): boolean {
  if (aliasTopic !== undefined) return aliasTopic.startsWith(NAMESPACE)
  if (!packet.has(Slot.topic)) return false
  const start = packet.start(Slot.topic)
  if (packet.end(Slot.topic) - start < PREFIX.length || raw.bytes[start] !== PREFIX[0]) return false
  for (let at = 1; at < PREFIX.length; at++) if (raw.bytes[start + at] !== PREFIX[at]) return false
  return true
}

/** Returns the topic of a packet for which `isSparkplug` is true, in its parts; undefined if it has not the parts of one. */
export function topicOf({ packet, raw, aliasTopic }: PacketRecord): SparkplugTopic | undefined {
  return readTopic(aliasTopic ?? decodeText(raw.bytes, packet.start(Slot.topic), packet.end(Slot.topic)))
}

/** Returns the parts of a topic; undefined if it is none of Sparkplug B. */
export function readTopic(text: string): SparkplugTopic | undefined {
  const [space, group = '', word = '', node = '', device, ...more] = text.split('/')
  if (`${space}/` !== NAMESPACE || more.length > 0 || group === '') return undefined
  if (group === 'STATE') {
    if (word === '' || node !== '') return undefined
    return { type: 'STATE', group: '', node: word, device: undefined, text }
  }
  const type = TYPES[word]
  return type === undefined || node === '' ? undefined : { type, group, node, device, text }
}

/** True for the messages of devices. */
export const isOfDevice = (type: MessageType): boolean => type.startsWith('D')
/** True for the messages of one counter: those that an edge node publishes, but for NDEATH. */
export const hasSeq = (type: MessageType): boolean =>
  type === 'NBIRTH' || type === 'NDATA' || type === 'DBIRTH' || type === 'DDATA' || type === 'DDEATH'
export const isBirth = (type: MessageType): boolean => type === 'NBIRTH' || type === 'DBIRTH'
export const isData = (type: MessageType): boolean => type === 'NDATA' || type === 'DDATA'
export const isCommand = (type: MessageType): boolean => type === 'NCMD' || type === 'DCMD'
