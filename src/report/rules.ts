/** What stands behind the id of a finding: its title, and an explanation for learners. */
import { byWord } from '../base/by-word.ts'
import { FAULTS, type FaultText } from '../mqtt/faults.ts'
import type { RuleFinding } from '../session/finding.ts'
import type { Finding } from '../store/record.ts'
import { type RuleText, tcpText } from './tcp-texts.ts'
import { tlsText } from './tls-texts.ts'
import { webSocketText } from './websocket-texts.ts'

export type { RuleText }

/** Findings that are made where records are, not in a table. */
const OTHERS: Readonly<Record<string, RuleText>> = byWord({
  'alias.unknown': {
    title: 'Topic alias set before the capture',
    explanation:
      'The alias was bound to a topic in a packet that is not in the capture, so nobody can say which topic it stands for. Nobody did anything wrong.',
  },
  'stream.not_mqtt': {
    title: 'Not MQTT',
    explanation:
      'The first bytes of this TCP connection belong to another protocol. A client of MQTT begins with CONNECT, and a broker closes any other connection.',
  },
  'faults.omitted': {
    title: 'More faults than are listed',
    explanation:
      'The packet has so many faults of the same kinds that only the first of them are listed. Each kind is listed at least once.',
  },
  'proxy.head': {
    title: 'PROXY head',
    explanation:
      'A load balancer put a PROXY head in front of the stream, so that the broker learns the address of the client behind the balancer. It is no part of MQTT.',
  },
  'proxy.malformed': {
    title: 'Malformed PROXY head',
    explanation:
      'A load balancer put a PROXY head in front of the stream, and the head breaks the rules of the PROXY protocol. A broker closes such a connection.',
  },
  'MQTT-3.3.2-7': {
    title: 'Topic alias never set',
    explanation:
      'A PUBLISH without a topic relies on an alias that an earlier packet of the same direction and connection bound to a topic. None did, so the receiver cannot know the topic: a protocol error.',
  },
})

const faultIds = ({ id, v4, v5, server5, by }: FaultText): readonly string[] => [
  id,
  ...[v4, v5, server5, ...Object.values(by ?? {}).flat()].flatMap(number =>
    number === undefined ? [] : [`MQTT-${number}`],
  ),
]

/** Several faults may break one statement. */
const BY_ID: ReadonlyMap<string, readonly FaultText[]> = (() => {
  const byId = new Map<string, FaultText[]>()
  for (const fault of Object.values(FAULTS)) {
    for (const id of new Set(faultIds(fault))) byId.set(id, [...(byId.get(id) ?? []), fault])
  }
  return byId
})()

export class Rules {
  /** Rules on behaviour, as their findings come: by id, of which there are as many as rules. */
  private readonly behaviour = new Map<string, RuleText>()

  learn({ id, rule }: RuleFinding): void {
    if (!this.behaviour.has(id)) this.behaviour.set(id, rule)
  }

  /** A message says which of several faults it is. */
  of({ id, message }: Pick<Finding, 'id' | 'message'>): RuleText | undefined {
    const faults = BY_ID.get(id) ?? []
    const fault = faults.find(known => known.message === message)
    return fault ?? this.behaviour.get(id) ?? faults[0] ?? OTHERS[id] ?? tcpText(id) ?? webSocketText(id) ?? tlsText(id)
  }
}
