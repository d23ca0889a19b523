/** Reads a stream that we speak ourselves, by the same framer and record as every capture: bytes in, records out. */
import { Frame, NOWHERE, type Side } from '../base/line.ts'
import { Budget, Framer } from '../mqtt/framer.ts'
import type { RawPacket } from '../mqtt/raw.ts'
import { Flow, Known } from '../net/flow.ts'
import { TcpHeader } from '../net/tcp.ts'
import { PacketRecord } from '../store/record.ts'
import { Stream } from '../store/stream.ts'

/** Hears of the packets of one side; the record is valid only during the call. */
export type OwnSink = (record: PacketRecord) => void

const CLIENT: Side = 0
const SERVER: Side = 1

/** A stream seen from its start, with us as its client. */
export class OwnStream {
  /** The packet read last, of either side. */
  readonly record = new PacketRecord()
  private readonly stream = new Stream(ownFlow(), CLIENT)
  /** No packet of ours stands in a frame. */
  private readonly frame = new Frame()
  private readonly budget = new Budget()
  private readonly client: Framer
  private readonly server: Framer

  constructor(client: OwnSink, server: OwnSink) {
    this.client = this.framer(CLIENT, client)
    this.server = this.framer(SERVER, server)
  }

  /** The next bytes that we sent. */
  sent(bytes: Uint8Array): void {
    this.client.run(bytes, 0, bytes.length, this.frame, NOWHERE)
  }

  /** The next bytes that the server sent. */
  received(bytes: Uint8Array): void {
    this.server.run(bytes, 0, bytes.length, this.frame, NOWHERE)
  }

  /** The server sends no more: a packet that is not whole is handed on as it is. */
  end(): void {
    this.server.end('fin')
  }

  private framer(side: Side, sink: OwnSink): Framer {
    const { record, stream } = this
    const packet = (raw: RawPacket): void => {
      record.read(stream, side, raw)
      sink(record)
    }
    return new Framer({ packet, skipped() {}, gap() {} }, this.budget, false)
  }
}

function ownFlow(): Flow {
  const flow = new Flow(0, new TcpHeader())
  flow.client = CLIENT
  flow.known = Known.Syn0 | Known.Syn1
  return flow
}
