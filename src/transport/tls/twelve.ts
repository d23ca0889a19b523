/** The keys of one direction behind a ChangeCipherSpec of TLS 1.0 to 1.2 (RFC 5246 §7.1). */
import type { Plaintext } from './opener.ts'
import { openerOf } from './opener.ts'
import { Keyed, type Protection, type Result } from './protection.ts'
import { blockKeys, bytesOf } from './schedule.ts'
import type { Handshake, TlsSession } from './session.ts'

export class Twelve implements Protection {
  readonly isData = true
  private keyed: Keyed | undefined = undefined
  private slack: number
  /** TLS 1.0: a record that went by before any opened. The next one needs its end. */
  private before: Uint8Array | undefined = undefined
  private readonly session: TlsSession
  private readonly handshake: Handshake
  private readonly isClient: boolean

  /** `slack`: at most so many records behind the ChangeCipherSpec are not in the capture. */
  constructor(session: TlsSession, handshake: Handshake, isClient: boolean, slack: number) {
    this.session = session
    this.handshake = handshake
    this.isClient = isClient
    this.slack = slack
  }

  /** The first record is the Finished message: what was lost there is no data. */
  get jumped(): number {
    const { keyed } = this
    if (keyed === undefined || keyed.jumped === 0) return 0
    return keyed.next - 1 - keyed.jumped === 0 ? keyed.jumped - 1 : keyed.jumped
  }

  open(record: Uint8Array, missing: number, into: Plaintext): Result {
    const { keyed } = this
    if (keyed === undefined) return this.choose(record, missing, into)
    if (missing > 0 ? keyed.openCut(record, missing, into) : keyed.open(record, into)) return 'opened'
    keyed.lose(1)
    return 'lost'
  }

  lose(records: number): void {
    if (this.keyed === undefined) this.slack += records
    else this.keyed.lose(records)
  }

  /** Finds the master secret whose key opens this record. */
  private choose(record: Uint8Array, missing: number, into: Plaintext): Result {
    const masters = missing > 0 ? [] : this.session.masters(this.handshake)
    for (const master of masters) {
      const keyed = this.keyedBy(master)
      if (keyed === undefined) return 'lost'
      if (!this.session.allow() || !keyed.open(record, into)) continue
      this.keyed = keyed
      this.session.opened(this.handshake, master)
      return 'opened'
    }
    if (missing === 0 && (masters.length === 0 || this.slack === 0)) return 'wait'
    this.before = record.slice()
    this.slack++
    return 'lost'
  }

  private keyedBy(master: string): Keyed | undefined {
    const { session, handshake, isClient } = this
    const { client, server, suite, version } = handshake
    if (client === undefined || server === undefined || suite === undefined) return undefined
    const { crypto } = session.parts
    const randoms = { client: bytesOf(client.random), server: bytesOf(server.random) }
    const keys = blockKeys(crypto, version, suite, bytesOf(master), randoms, isClient)
    const opener = openerOf({ crypto, suite, version, keys, encryptThenMac: server.encryptThenMac })
    if (opener === undefined) return undefined
    if (this.before !== undefined) opener.pass(this.before, true)
    return new Keyed(session, opener, this.slack)
  }
}
