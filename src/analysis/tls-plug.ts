/** Plugs TLS in: records, what opens them, and what their plaintext proves to be. */
import { NOWHERE, type RunSink } from '../base/line.ts'
import type { Side } from '../store/record.ts'
import { Candidate, type HeldTotal } from '../transport/candidate.ts'
import { type TransportFacts, wrapped } from '../transport/facts.ts'
import { KeyStore } from '../transport/keys.ts'
import { TlsBudget } from '../transport/tls/budget.ts'
import type { TlsCrypto } from '../transport/tls/crypto.ts'
import { TlsReport } from '../transport/tls/report.ts'
import { TlsSession } from '../transport/tls/session.ts'
import { TlsSide } from '../transport/tls/side.ts'
import type { InnerStream } from './websocket-plug.ts'

/** Makes the readers of TLS streams, which share the keys and what may be kept until they come. */
export class TlsPlug {
  /** Absent where nothing can open records: then nobody reads TLS. */
  private readonly crypto: TlsCrypto | undefined
  private readonly keys: KeyStore
  private readonly budget = new TlsBudget()
  private readonly total: HeldTotal

  constructor(total: HeldTotal, crypto: TlsCrypto | undefined, keys = new KeyStore()) {
    this.total = total
    this.crypto = crypto
    this.keys = keys
  }

  /**
   * Returns the readers of both sides of a stream that begins with TLS; undefined if nothing can open any. `carry` makes the
   * prover of the inside; the `close` that it receives gives back what is kept of the stream. `closed` is called once neither
   * side was opened, and neither can be any more.
   */
  open(
    carry: (facts: TransportFacts, close: () => void) => InnerStream,
    closed: () => void,
  ): readonly [RunSink, RunSink] | undefined {
    const { crypto, keys, budget } = this
    if (crypto === undefined) return undefined
    const session = new TlsSession({ crypto, keys, budget })
    const report = new TlsReport(session)
    const facts = wrapped(undefined, { layers: ['tls'], tls: report })
    const carried = carry(facts, () => {
      for (const one of sides) one.close()
      session.close()
    })
    const inner = new Candidate(carried, this.total)
    let open = 2
    const side = (side: Side): TlsSide =>
      new TlsSide({
        session,
        next: inner.sides[side],
        sink: {
          unit: unit => facts.units[side].unit(unit),
          skipped: (size, frame) => carried.skipped(side, size, frame),
          closed: () => {
            if (--open > 0) return
            session.close()
            if (report.keys === 'none' && sides.every(({ hasEnded }) => !hasEnded)) closed()
          },
        },
        keep: () => NOWHERE,
      })
    const sides = [side(0), side(1)] as const
    session.join(sides)
    report.join(sides)
    return sides
  }

  /** True if keys may still come for what has ended already. */
  get mayOpen(): boolean {
    return this.keys.mayGrow
  }

  /** No more keys will come: what still waits for one is given up. */
  end(): void {
    this.budget.end()
  }
}
