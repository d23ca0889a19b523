/** TLS connections that may carry MQTT and that nothing has opened: what is known of them all the same. */
import type { Flow } from '../net/flow.ts'
import type { SealedPort } from '../store/record.ts'
import type { Stream } from '../store/stream.ts'
import type { TransportFacts } from '../transport/facts.ts'

/** Protocols in ALPN that say MQTT: IANA's name, and the one of AWS IoT on port 443. */
const ALPN_NAMES: readonly string[] = ['mqtt', 'x-amzn-mqtt-ca']
/** IANA's secure-mqtt, and the port of brokers that want a certificate of the client. */
export const TLS_PORTS: readonly number[] = [8883, 8884]
/** Most connections that have ended and may still be opened, because a key log grows. The oldest beyond are reported as sealed. */
const MOST_ENDED = 1024

interface SealedFlow {
  readonly flow: Flow
  readonly facts: TransportFacts
  readonly close: () => void
}

/** Reports a connection that is over and that nothing opened. */
export type OnSealed = (flow: Flow, facts: TransportFacts) => void

export class SealedFlows {
  private readonly flows = new Map<number, SealedFlow>()
  /** Those that have ended, in that order. */
  private readonly ended = new Set<number>()
  private readonly isNamed: (port: number) => boolean
  private readonly onSealed: OnSealed

  /** `isNamed`: the user says that MQTT is spoken on this port. */
  constructor(isNamed: (port: number) => boolean, onSealed: OnSealed) {
    this.isNamed = isNamed
    this.onSealed = onSealed
  }

  /** A connection begins with TLS; `close` gives back what is kept of it. */
  add(flow: Flow, facts: TransportFacts, close: () => void): void {
    this.flows.set(flow.index, { flow, facts, close })
  }

  /** Nobody reads a connection any more. One that was opened is forgotten with it: what is in it is no MQTT. */
  letGo(flow: Flow): void {
    const known = this.flows.get(flow.index)
    known?.close()
    if (known?.facts.tls?.keys !== 'none') this.remove(flow)
  }

  /** A connection was opened: it is not sealed, whatever is in it. */
  remove(flow: Flow): void {
    this.flows.delete(flow.index)
    this.ended.delete(flow.index)
  }

  /** A connection is over; with `mayOpen`, keys may still come for what was kept of it. */
  end(flow: Flow, mayOpen: boolean): void {
    if (!this.flows.has(flow.index)) return
    if (!mayOpen) return this.report(flow.index)
    this.ended.add(flow.index)
    if (this.ended.size > MOST_ENDED) this.giveUpOldest()
  }

  /** True if this connection may carry MQTT. */
  mayBeMqtt(flow: Flow): boolean {
    const { facts } = this.flows.get(flow.index) ?? {}
    const names = [facts?.tls?.alpn ?? '', ...(facts?.tls?.alpnOffered ?? [])]
    const ports = [flow.portA, flow.portB]
    return (
      names.some(name => ALPN_NAMES.includes(name)) ||
      ports.some(port => TLS_PORTS.includes(port) || this.isNamed(port))
    )
  }

  /** No more keys will come. */
  finish(): void {
    for (const index of [...this.flows.keys()]) this.report(index)
  }

  /** Reports the connection that ended first, and gives back what is kept of it: keys that come later open nothing of it. */
  private giveUpOldest(): void {
    for (const index of this.ended) {
      this.flows.get(index)?.close()
      return this.report(index)
    }
  }

  private report(index: number): void {
    const known = this.flows.get(index)
    if (known === undefined) return
    const isOurs = this.mayBeMqtt(known.flow)
    this.remove(known.flow)
    if (isOurs) this.onSealed(known.flow, known.facts)
  }
}

/** Ports of servers that are remembered. */
const MOST_PORTS = 64

/** Counts the connections that nothing opened, by the port of their server. */
export class SealedPorts {
  private readonly ports = new Map<number, number>()

  add({ flow, client }: Stream): void {
    const port = client === 1 ? flow.portA : flow.portB
    const before = this.ports.get(port)
    if (before !== undefined || this.ports.size < MOST_PORTS) this.ports.set(port, (before ?? 0) + 1)
  }

  /** In order of appearance; undefined if there are none. */
  get list(): readonly SealedPort[] | undefined {
    if (this.ports.size === 0) return undefined
    return [...this.ports].map(([port, connections]) => ({ port, connections }))
  }
}
