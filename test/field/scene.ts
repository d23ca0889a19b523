/** What was seen: a conversation, and how it came into a capture. */
import { concat, header, LITTLE, record } from '../support/capture.ts'
import { type Shot, stage } from '../support/stage.ts'

/** Turns an IP packet into the frames that a capture point sees of it. */
export type Point = (ip: Uint8Array) => readonly Uint8Array[]

export interface Scene {
  /** A conversation as in `../support/stage.ts`. */
  readonly seen: string
  /** Bytes kept of each frame. */
  readonly snap?: number
  /** The snap length that the file states; absent: the one it has. */
  readonly stated?: number
  /** Who wrote records with more behind the four usual words. */
  readonly records?: 'Red Hat 6.1' | 'Nokia'
  /** The capture hears one side alone. */
  readonly hears?: 'client' | 'broker'
  /** SYN and SYN+ACK of the other side are heard, too. */
  readonly hearsSyn?: boolean
  /** The link type of the capture, and what it sees of each packet; absent: Ethernet, once. */
  readonly link?: number
  readonly point?: Point
  /** Each frame is captured a second time, so many milliseconds later. */
  readonly echo?: number
  /** Ports taken for MQTT; absent: 1883. */
  readonly ports?: readonly number[]
}

/** Offset of the flags of TCP in a frame of Ethernet without IP options. */
const FLAGS = 14 + 20 + 13
const SYN = 2
const isSyn = (frame: Uint8Array): boolean => ((frame[FLAGS] ?? 0) & SYN) !== 0

const SECONDS = 1_700_000_000
const LONGEST = 262_144
const ETHERNET_HEADER = 14
/** An interface, a protocol, a packet type and a filling byte; four bytes that nobody explains. */
const EXTRA = { 'Red Hat 6.1': [2, 0, 0, 0, 0, 8, 0, 0], Nokia: [0, 0, 0, 0] } as const
/** Milliseconds between two frames of one packet. */
const BETWEEN = 0.2

export interface Captured {
  /** Milliseconds since the conversation began. */
  readonly at: number
  readonly frame: Uint8Array
}

export function captureOf(scene: Scene): Uint8Array {
  const { link = 1, snap = LONGEST, stated = snap, records: writer } = scene
  const extra = writer === undefined ? [] : EXTRA[writer]
  const records = framesOf(scene).map(({ at, frame }) =>
    record(LITTLE, {
      seconds: SECONDS + Math.floor(at / 1000),
      fraction: Math.round((at - Math.floor(at / 1000) * 1000) * 1000),
      data: frame.subarray(0, snap),
      wire: frame.length,
      extra,
    }),
  )
  return concat(header(LITTLE, { link, snaplen: stated }), ...records)
}

/** The frames of a scene, before any snap length. */
export function framesOf({ seen, hears, hearsSyn = false, point, echo }: Scene): readonly Captured[] {
  const shots = stage(seen).filter(
    ({ byClient, frame }) => hears === undefined || byClient === (hears === 'client') || (hearsSyn && isSyn(frame)),
  )
  const frames = shots.flatMap(shot => copiesOf(shot, point))
  if (echo === undefined) return frames
  const again = frames.map(({ at, frame }) => ({ at: at + echo, frame }))
  return [...frames, ...again].sort((a, b) => a.at - b.at)
}

function copiesOf({ at, frame }: Shot, point: Point | undefined): readonly Captured[] {
  if (point === undefined) return [{ at, frame }]
  return point(frame.subarray(ETHERNET_HEADER)).map((copy, index) => ({ at: at + index * BETWEEN, frame: copy }))
}
