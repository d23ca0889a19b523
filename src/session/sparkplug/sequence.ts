/** Sparkplug: the sequence number of an edge node, and the order of its messages (specification 3.0.0, chapters 5.4 and 6.4). */
import { matchesFilter } from '../../mqtt/topic.ts'
import type { Rule } from '../rules.ts'
import { type Heard, say } from './heard.ts'
import { hasSeq, isData } from './topic.ts'

export const SPARKPLUG_SEQUENCE = {
  missing: {
    id: 'tck-id-payloads-sequence-num-always-included',
    level: 'error',
    title: 'Message without seq',
    explanation:
      'All messages that an edge node publishes but NDEATH carry a sequence number, by which hosts find out whether one was lost. Without it a host asks for a rebirth. (Sparkplug 3.0.0, chapter 6.4.5)',
  },
  incrementing: {
    id: 'tck-id-payloads-sequence-num-incrementing',
    level: 'error',
    title: 'Sequence number does not count on',
    explanation:
      'The sequence number is one more than that of the message before, and 0 after 255. It is one counter for the node and all its devices. Check first whether the node drops messages before it sends them, or counts for each device. (Sparkplug 3.0.0, chapter 6.4.5)',
  },
  birthRange: {
    id: 'tck-id-payloads-nbirth-seq',
    level: 'error',
    title: 'NBIRTH with seq out of range',
    explanation: 'The sequence number of an NBIRTH is between 0 and 255. (Sparkplug 3.0.0, chapter 6.4.19)',
  },
  birthNotZero: {
    id: 'tck-id-topics-nbirth-seq-num',
    level: 'note',
    title: 'NBIRTH does not begin with seq 0',
    explanation:
      'One place of the specification lets an NBIRTH begin with 0, another one with any number up to 255. Hosts differ, too: 0 is understood by all of them. (Sparkplug 3.0.0, chapter 4.2)',
  },
  death: {
    id: 'tck-id-payloads-ndeath-seq',
    level: 'error',
    title: 'NDEATH with seq',
    explanation:
      'An NDEATH has no sequence number: as a will it is stored before the node sends anything, so it cannot count. (Sparkplug 3.0.0, chapter 6.4.25)',
  },
  nodeCommand: {
    id: 'tck-id-payloads-ncmd-seq',
    level: 'error',
    title: 'NCMD with seq',
    explanation:
      'Commands have no sequence number: only edge nodes count their messages. (Sparkplug 3.0.0, chapter 6.4.23)',
  },
  deviceCommand: {
    id: 'tck-id-payloads-dcmd-seq',
    level: 'error',
    title: 'DCMD with seq',
    explanation:
      'Commands have no sequence number: only edge nodes count their messages. (Sparkplug 3.0.0, chapter 6.4.24)',
  },
  deviceBeforeNode: {
    id: 'tck-id-message-flow-device-birth-publish-nbirth-wait',
    level: 'error',
    title: 'DBIRTH before NBIRTH',
    explanation:
      'A device is born only after its edge node has published its NBIRTH over the same connection. Hosts ignore devices of a node that they do not know. (Sparkplug 3.0.0, chapter 5.5)',
  },
  nodeDataOrder: {
    id: 'tck-id-payloads-ndata-order',
    level: 'error',
    title: 'NDATA before NBIRTH',
    explanation:
      'Data follows the births: an edge node publishes NBIRTH first in each connection. Hosts cannot read data of a node that was not born. (Sparkplug 3.0.0, chapter 6.4.21)',
  },
  deviceDataOrder: {
    id: 'tck-id-payloads-ddata-order',
    level: 'error',
    title: 'DDATA before DBIRTH',
    explanation:
      'Data of a device follows its DBIRTH, after each NBIRTH of the node and after each DDEATH of the device. Hosts cannot read data of a device that was not born. (Sparkplug 3.0.0, chapter 6.4.22)',
  },
  notSubscribed: {
    id: 'tck-id-message-flow-edge-node-ncmd-subscribe',
    level: 'error',
    title: 'Node without subscription to NCMD',
    explanation:
      'An edge node subscribes to its NCMD topic at QoS 1 before it publishes NBIRTH. Otherwise the request for a rebirth does not reach it. (Sparkplug 3.0.0, chapter 5.4)',
  },
} as const satisfies Record<string, Rule>

const WRAP = 256

/** Returns the messages that are missing before `seq`. */
export const lostBefore = (seq: number, last: number): number => (((seq - last - 1) % WRAP) + WRAP) % WRAP

/** Checks the sequence number against the last one of the node. */
export function checkSeq(heard: Heard): void {
  const { topic, reading } = heard
  const { seq, isCompressed } = reading
  if (isCompressed) return
  if (!hasSeq(topic.type)) checkNoSeq(heard)
  else if (Number.isNaN(seq)) say(heard, SPARKPLUG_SEQUENCE.missing, `this ${topic.type} has no seq`)
  else if (topic.type === 'NBIRTH') checkFirst(heard, seq)
  else checkNext(heard, seq)
}

function checkFirst(heard: Heard, seq: number): void {
  if (seq >= WRAP) say(heard, SPARKPLUG_SEQUENCE.birthRange, `NBIRTH has seq ${seq}; the highest is 255`)
  else if (seq !== 0) say(heard, SPARKPLUG_SEQUENCE.birthNotZero, `NBIRTH has seq ${seq}`)
}

function checkNext(heard: Heard, seq: number): void {
  const { node, topic } = heard
  const expected = (node.seq + 1) % WRAP
  if (Number.isNaN(expected) || seq === expected) return
  say(
    heard,
    SPARKPLUG_SEQUENCE.incrementing,
    `${topic.type} has seq ${seq}, expected ${expected}${lostText(seq, expected)}`,
  )
}

/** Returns the numbers that were left out; nothing where the number went back. */
function lostText(seq: number, expected: number): string {
  const count = seq >= WRAP ? WRAP : lostBefore(seq, expected - 1)
  if (count >= WRAP / 2) return ''
  const last = (seq + WRAP - 1) % WRAP
  return count === 1 ? `: ${expected} is missing` : `: ${expected} to ${last} are missing`
}

const NOT_COUNTED: Readonly<Record<string, Rule>> = Object.assign(Object.create(null), {
  NDEATH: SPARKPLUG_SEQUENCE.death,
  NCMD: SPARKPLUG_SEQUENCE.nodeCommand,
  DCMD: SPARKPLUG_SEQUENCE.deviceCommand,
})

function checkNoSeq(heard: Heard): void {
  const { topic, reading } = heard
  const rule = NOT_COUNTED[topic.type]
  if (rule !== undefined && !Number.isNaN(reading.seq)) say(heard, rule, `${topic.type} has seq ${reading.seq}`)
}

/** Checks that births come before what needs them. */
export function checkOrder(heard: Heard): void {
  const { topic, node, connection } = heard
  const { type, device = '' } = topic
  const isBorn = node.isBorn && node.source === connection
  if (!isBorn) {
    if (!connection.isComplete || connection.isWaiting) return
    if (type === 'DBIRTH')
      say(heard, SPARKPLUG_SEQUENCE.deviceBeforeNode, `DBIRTH of ${device} before NBIRTH of ${node.id}`)
    else if (type === 'NDATA') say(heard, SPARKPLUG_SEQUENCE.nodeDataOrder, `NDATA before NBIRTH of ${node.id}`)
    else if (type === 'DDATA')
      say(heard, SPARKPLUG_SEQUENCE.deviceDataOrder, `DDATA of ${device} before NBIRTH of ${node.id}`)
  } else if (isData(type) && type === 'DDATA' && node.isComplete && node.device(device, heard.time)?.state !== 'online')
    say(heard, SPARKPLUG_SEQUENCE.deviceDataOrder, `DDATA of ${device} without a DBIRTH before it`)
}

const encoder = new TextEncoder()

/** Checks, at an NBIRTH, that commands can reach the node. False if its subscriptions are not all known. */
export function checkSubscription(heard: Heard): boolean {
  const { connection, topic } = heard
  if (!connection.knowsSubscriptions || connection.isWaiting) return false
  const name = `spBv1.0/${topic.group}/NCMD/${topic.node}`
  const bytes = encoder.encode(name)
  for (const { pattern, options } of connection.session.subscriptions.values()) {
    if (pattern === undefined || (options & 3) === 0) continue
    if (matchesFilter(pattern, 0, pattern.length, bytes, 0, bytes.length)) return true
  }
  say(heard, SPARKPLUG_SEQUENCE.notSubscribed, `the client has not subscribed to ${name} at QoS 1`)
  return true
}
