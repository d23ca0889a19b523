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
      'The topic alias was set in a packet that is not in the capture, so its topic is unknown. No side did anything wrong.',
  },
  'stream.not_mqtt': {
    title: 'Not MQTT',
    explanation:
      'The first bytes of this TCP connection belong to another protocol. An MQTT client begins with CONNECT, and a broker closes any other connection.',
  },
  'faults.omitted': {
    title: 'More faults than listed',
    explanation:
      'The packet has so many faults of the same kinds that only the first of them are listed. Each kind is listed at least once.',
  },
  'proxy.head': {
    title: 'PROXY protocol header',
    explanation:
      'A load balancer put a PROXY protocol header in front of the stream, which tells the broker the address of the client. The header is not part of MQTT.',
  },
  'proxy.malformed': {
    title: 'Malformed PROXY protocol header',
    explanation:
      'A load balancer put a PROXY protocol header in front of the stream, and the header is malformed. A broker closes such a connection.',
  },
  'MQTT-3.3.2-7': {
    title: 'Topic alias never set',
    explanation:
      'A PUBLISH without a topic uses a topic alias that an earlier packet in the same direction of the connection has set. No packet set it, so the topic is unknown: a protocol error.',
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
