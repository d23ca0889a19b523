/**
 * Conversations as text, and the frames that they are on the wire. One line after the other, a millisecond apart:
 *
 *     v5                              the version of what follows
 *     c: CONNECT id=me keepalive=60   from the client; `s:` from the broker
 *     s: CONNACK
 *     c2: CONNECT id=other            a second connection
 *     +95s                            time passes: ms, s, h or d; `-1h` turns the clock back
 *     c: PUBLISH a 1 | PUBLISH a 2    two packets in one segment
 *     c: lost PUBLISH a x             sent, and not in the capture
 *     c: torn PUBLISH a size=4000     the second of its segments is not in the capture
 *     s: late PUBACK #1               saved behind the next frame; `late 3`: behind the next three
 *     c: over 30s PUBLISH a size=9000 in pieces of 1,000 bytes, evenly over so long
 *     s: cut 2 CONNACK                in two segments, the first one of two bytes
 *     c: ack                          TCP alone acknowledges what has come
 *     c: again                        TCP sends the last segment of this side once more
 *     c: bye                          DISCONNECT, and both sides close
 *     c: close                        FIN; `reset` for RST
 *     c: anew                         the same ports begin a new connection
 *
 * A connection begins with the first line of it, at 192.0.2.11:40001 (40002 for the second) and 192.0.2.1:1883. Lines
 * before that may say otherwise:
 *
 *     c2 from 198.51.100.7:5000 to 192.0.2.2:1884
 *     c2 stands                       its TCP handshake is not in the capture
 */

import { fromHex } from '../../src/base/bytes.ts'
import type { Version } from './hex.ts'
import { packetOf } from './script.ts'
import { Connection, concat, type Differences } from './wire.ts'

/** What one side of a connection sends at once: an Ethernet frame. */
export interface Shot {
  /** Milliseconds since the conversation began. */
  at: number
  frame: Uint8Array
  readonly byClient: boolean
}

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, h: 3_600_000, d: 86_400_000 }
const SEGMENT = 1400
const PIECE = 1000

interface Wire {
  readonly stream: Connection
  /** The last segment of the broker and of the client. */
  readonly last: Uint8Array[]
}

class Stage {
  readonly shots: Shot[] = []
  private readonly frames: Uint8Array[] = []
  private readonly wires = new Map<number, Wire>()
  private readonly differences = new Map<number, Differences & { readonly port?: number }>()
  /** Shots that go behind as many others as are still to come. */
  readonly late: { readonly shot: Shot; behind: number }[] = []
  private now = 0
  private version: Version = 4
  private id = 0

  line(text: string): void {
    const pause = /^([+-])([\d.]+)(ms|s|h|d)$/.exec(text)
    const place = /^c(\d*) (from|to|stands)\b/.exec(text)
    if (pause !== null) this.now += Number(`${pause[1]}${pause[2]}`) * (UNITS[pause[3] ?? ''] ?? 1)
    else if (/^v[345]$/.test(text)) this.version = Number(text[1]) as Version
    else if (place !== null) this.place(Number(place[1] || 1), text)
    else this.act(text)
  }

  /** Where connection `number` is. */
  private place(number: number, text: string): void {
    const [, client, port] = / from ([\d.]+):(\d+)/.exec(text) ?? []
    const [, server, serverPort] = / to ([\d.]+):(\d+)/.exec(text) ?? []
    const known = this.differences.get(number) ?? {}
    this.differences.set(number, {
      ...known,
      ...(client === undefined ? {} : { client, port: Number(port) }),
      ...(server === undefined ? {} : { server, serverPort: Number(serverPort) }),
      ...(/ stands$/.test(text) ? { stands: true } : {}),
    })
  }

  private act(text: string): void {
    const parts = /^([cs])(\d*): (.*)$/.exec(text)
    if (parts === null) throw new Error(`no line of a conversation: ${text}`)
    const number = Number(parts[2] || 1)
    const byClient = parts[1] === 'c'
    const wire = this.wires.get(number) ?? this.begin(number)
    const [, late, many, what = ''] = /^(late (?:(\d+) )?)?(.*)$/.exec(parts[3] ?? '') ?? []
    const before = this.shots.length
    this.speak(wire, byClient, what)
    if (late === undefined) return
    for (const shot of this.shots.splice(before)) this.late.push({ shot, behind: Number(many ?? 1) })
  }

  private speak(wire: Wire, byClient: boolean, what: string): void {
    const { stream, last } = wire
    const [, verb, value, rest = ''] = /^(lost|torn|over|cut)(?: ([\d.]+(?:ms|s|h)?) | )(.*)$/.exec(what) ?? []
    if (what === 'close') stream.close(byClient)
    else if (what === 'reset') stream.reset(byClient)
    else if (what === 'ack') stream.acknowledge(byClient)
    else if (what === 'again') stream.resend(byClient, last[Number(byClient)] ?? new Uint8Array())
    else if (what === 'anew') stream.begin(77_000 + this.shots.length * 1000)
    else if (what === 'bye') return this.leave(wire, byClient)
    else if (verb === 'lost') stream.lose(byClient, this.bytes(rest))
    else if (verb === 'torn') return this.tear(wire, byClient, pieces(this.bytes(rest), SEGMENT))
    else if (verb === 'over') return this.trickle(wire, byClient, this.bytes(rest), value ?? '')
    else if (verb === 'cut') return this.send(wire, byClient, cut(this.bytes(rest), Number(value)))
    else return this.send(wire, byClient, pieces(this.bytes(what), SEGMENT))
    this.stamp(byClient)
  }

  private bytes(packets: string): Uint8Array {
    return concat(...packets.split(' | ').map(packet => fromHex(packetOf(packet, this.version))))
  }

  private leave(wire: Wire, byClient: boolean): void {
    this.send(wire, byClient, [this.bytes('DISCONNECT')])
    wire.stream.close(byClient)
    this.stamp(byClient)
    wire.stream.close(!byClient)
    this.stamp(!byClient)
    wire.stream.acknowledge(byClient)
    this.stamp(byClient)
  }

  private tear(wire: Wire, byClient: boolean, segments: readonly Uint8Array[]): void {
    const [first = new Uint8Array(), second = new Uint8Array(), ...others] = segments
    this.send(wire, byClient, [first])
    wire.stream.lose(byClient, second)
    this.send(wire, byClient, others)
  }

  private trickle(wire: Wire, byClient: boolean, bytes: Uint8Array, time: string): void {
    const [, value, unit = 's'] = /^([\d.]+)(ms|s|h)$/.exec(time) ?? []
    const parts = pieces(bytes, PIECE)
    const pause = (Number(value) * (UNITS[unit] ?? 1)) / parts.length
    for (const part of parts) {
      this.send(wire, byClient, [part])
      this.now += pause - 1
    }
  }

  private send({ stream, last }: Wire, byClient: boolean, segments: readonly Uint8Array[]): void {
    for (const segment of segments) {
      stream.send(byClient, segment)
      last[Number(byClient)] = segment
      this.stamp(byClient)
    }
  }

  private begin(number: number): Wire {
    const { port = 40_000 + number, ...differences } = this.differences.get(number) ?? {}
    const identify = (): number => ++this.id & 0xffff
    const stream = new Connection(this.frames, 4, port, 1000 * number, { ...differences, identify })
    const wire = { stream, last: [] }
    this.wires.set(number, wire)
    for (const byClient of this.frames.length === 0 ? [] : [true, false, true]) this.take(byClient)
    return wire
  }

  private stamp(byClient: boolean): void {
    while (this.frames.length > 0) this.take(byClient)
  }

  private take(byClient: boolean): void {
    const frame = this.frames.shift()
    if (frame === undefined) return
    this.shots.push({ at: this.now++, frame, byClient })
    if (this.late.length === 0) return
    for (const [index, waiting] of [...this.late.entries()].reverse()) {
      if (--waiting.behind > 0) continue
      this.late.splice(index, 1)
      this.settle(waiting.shot)
    }
  }

  /** Times stay in order, as in a file: the frames change places. */
  private settle(shot: Shot): void {
    const at = this.shots.findIndex(other => other.at > shot.at)
    this.shots.push(shot)
    const moved = this.shots.slice(at)
    const times = moved.map(other => other.at).sort((a, b) => a - b)
    for (const [index, other] of moved.entries()) other.at = times[index] ?? other.at
  }
}

function pieces(bytes: Uint8Array, size: number): readonly Uint8Array[] {
  const count = Math.max(1, Math.ceil(bytes.length / size))
  return Array.from({ length: count }, (_, index) => bytes.subarray(index * size, (index + 1) * size))
}

const cut = (bytes: Uint8Array, at: number): readonly Uint8Array[] => [bytes.subarray(0, at), bytes.subarray(at)]

/** The frames of a conversation, in the order in which they are saved. */
export function stage(script: string): readonly Shot[] {
  const made = new Stage()
  for (const line of script.split('\n')) if (line.trim() !== '') made.line(line.trim())
  if (made.late.length > 0) throw new Error('nothing comes before the frames that are late')
  return made.shots
}
