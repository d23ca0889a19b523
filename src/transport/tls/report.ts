/** What is known of a TLS connection, in the words of the field. */
import type { ByRole, CertificateFacts, TlsAlert, TlsFacts } from '../facts.ts'
import type { TlsSession } from './session.ts'
import type { TlsSide } from './side.ts'

const VERSIONS: ReadonlyMap<number, string> = new Map([
  [0x0300, 'SSL 3.0'],
  [0x0301, '1.0'],
  [0x0302, '1.1'],
  [0x0303, '1.2'],
  [0x0304, '1.3'],
])

/** The facts of one connection as of now. */
export class TlsReport implements TlsFacts {
  private sides: readonly TlsSide[] = []
  private readonly session: TlsSession

  constructor(session: TlsSession) {
    this.session = session
  }

  /** The sides, once they are made. */
  join(sides: readonly [TlsSide, TlsSide]): void {
    this.sides = sides
  }

  get version(): string | undefined {
    return VERSIONS.get(this.session.versionOf(this.session.first))
  }

  get cipher(): string | undefined {
    return this.session.first.suite?.name
  }

  get sni(): string | undefined {
    return this.session.serverName
  }

  get alpnOffered(): readonly string[] | undefined {
    return this.session.alpnOffered
  }

  get alpn(): string | undefined {
    return this.session.alpn
  }

  get keys(): 'found' | 'partly' | 'none' {
    const open = this.sides.filter(side => side.isOpen).length
    return open === 2 ? 'found' : open === 1 ? 'partly' : 'none'
  }

  get resumed(): boolean {
    return this.session.isResumed
  }

  get certificate(): CertificateFacts | undefined {
    return this.session.certificate
  }

  get records(): ByRole<number> {
    return [this.client?.records ?? 0, this.server?.records ?? 0]
  }

  get bytes(): ByRole<number> {
    return [this.client?.bytes ?? 0, this.server?.bytes ?? 0]
  }

  get largest(): ByRole<number> {
    return [this.client?.largest ?? 0, this.server?.largest ?? 0]
  }

  get times(): readonly [number, number] {
    const [a, b] = this.sides
    const first = [a?.firstTime, b?.firstTime].filter(time => time !== undefined && !Number.isNaN(time)) as number[]
    const last = [a?.lastTime, b?.lastTime].filter(time => time !== undefined && !Number.isNaN(time)) as number[]
    return first.length === 0 ? [Number.NaN, Number.NaN] : [Math.min(...first), Math.max(...last)]
  }

  get alerts(): readonly TlsAlert[] {
    return [this.client, this.server].flatMap((side, role) =>
      side?.alert === undefined
        ? []
        : [{ isClient: role === 0, level: side.alert.level, code: side.alert.description }],
    )
  }

  /** The side that sent the ClientHello; where that is not in the capture, the one that is not known to be the server. */
  private get client(): TlsSide | undefined {
    return this.sides.find(side => side.role === 'client') ?? this.sides.find(side => side.role !== 'server')
  }

  private get server(): TlsSide | undefined {
    const { client } = this
    return this.sides.find(side => side !== client)
  }
}
