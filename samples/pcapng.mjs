// Makes a sample from what tcpdump wrote: `node pcapng.mjs raw.pcap sample.pcapng [story [keys]]`. A key log of TLS that is
// there goes into the sample, before its frames.
// The new file holds the frames and an interface name, and nothing about the machine. Two things are changed in the
// frames: TCP checksums are filled in (the virtual network card leaves that to hardware it does not have), and the
// stories in EDITS lose, swap or gain frames, which a quiet virtual cable would never do by itself.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'

const ETHERNET = 1
const NANOSECONDS = 9

/** The records of a classic pcap file: little endian, nanoseconds. */
function readPcap(file) {
  if (file.readUInt32LE(0) !== 0xa1b23c4d) throw new Error('expected a nanosecond pcap file')
  const frames = []
  for (let at = 24; at < file.length; ) {
    const size = file.readUInt32LE(at + 8)
    const time = BigInt(file.readUInt32LE(at)) * 1_000_000_000n + BigInt(file.readUInt32LE(at + 4))
    frames.push({ time, bytes: Buffer.from(file.subarray(at + 16, at + 16 + size)) })
    at += 16 + size
  }
  return frames
}

const ipSize = frame => (frame.readUInt16BE(12) === 0x86dd ? 40 : (frame[14] & 15) * 4)
const tcpAt = frame => 14 + ipSize(frame)
const payloadAt = frame => tcpAt(frame) + (frame[tcpAt(frame) + 12] >> 4) * 4
const payloadSize = frame => frame.length - payloadAt(frame)
const toBroker = frame => frame.readUInt16BE(tcpAt(frame) + 2) === 1883

function sum16(bytes, start, end) {
  let sum = 0
  for (let at = start; at < end; at++) sum += at % 2 === start % 2 ? bytes[at] << 8 : bytes[at]
  return sum
}

/** RFC 9293 3.1: the ones' complement sum over addresses, protocol, length and segment. */
function fillChecksum(frame) {
  const start = tcpAt(frame)
  const addresses = ipSize(frame) === 40 ? 22 : 26
  frame.writeUInt16BE(0, start + 16)
  let sum = sum16(frame, addresses, start) + 6 + (frame.length - start) + sum16(frame, start, frame.length)
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16)
  frame.writeUInt16BE(~sum & 0xffff, start + 16)
}

/** Indexes of the frames that carry data to the broker: 0 is the CONNECT, where the client sends nothing larger. */
const published = frames => frames.map((_, index) => index).filter(index => toBroker(frames[index].bytes) && payloadSize(frames[index].bytes) > 0)

/** The frames change places, the times stay. */
function swap(frames, a, b) {
  const { bytes } = frames[a]
  frames[a].bytes = frames[b].bytes
  frames[b].bytes = bytes
}

/** A frame of the same connection that only acknowledges, like `like`: `after` ns behind it, `back` bytes before its sequence number. */
function acknowledgement(like, after, back) {
  const bytes = Buffer.from(like.bytes)
  const tcp = tcpAt(bytes)
  bytes.writeUInt16BE((bytes.readUInt16BE(18) + 1) & 0xffff, 18)
  bytes.writeUInt16BE(0, 24)
  let sum = sum16(bytes, 14, tcp)
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16)
  bytes.writeUInt16BE(~sum & 0xffff, 24)
  bytes[tcp + 13] = 0x10
  bytes.writeUInt32BE((bytes.readUInt32BE(tcp + 4) - back) >>> 0, tcp + 4)
  // The clock of its sender, in milliseconds: the option stands behind two NOPs (RFC 7323 §3.2).
  bytes.writeUInt32BE((bytes.readUInt32BE(tcp + 24) + Number(after / 1_000_000n)) >>> 0, tcp + 24)
  fillChecksum(bytes)
  return { time: like.time + after, bytes }
}

const EDITS = {
  /** The broker's TCP asks after 8 seconds whether the frozen client is there, and the client's TCP answers (RFC 9293 §3.8.4). */
  keepalive(frames) {
    const ofSleeper = frame => (toBroker(frame.bytes) ? frame.bytes[29] : frame.bytes[33]) === 12
    const closing = frames.findIndex(frame => ofSleeper(frame) && !toBroker(frame.bytes) && (frame.bytes[tcpAt(frame.bytes) + 13] & 1) !== 0)
    const last = frames.findLast((frame, index) => index < closing && ofSleeper(frame) && toBroker(frame.bytes))
    const probe = acknowledgement(frames[closing], last.time + 8_000_000_000n - frames[closing].time, 1)
    const answer = acknowledgement(last, 8_000_020_000n, 0)
    probe.bytes.copy(answer.bytes, tcpAt(answer.bytes) + 28, tcpAt(probe.bytes) + 24, tcpAt(probe.bytes) + 28)
    fillChecksum(answer.bytes)
    const at = frames.findIndex(({ time }) => time > answer.time)
    return [...frames.slice(0, at), probe, answer, ...frames.slice(at)]
  },
  /** Two neighbours arrive in the wrong order, and once a segment comes three places late. */
  reordered(frames) {
    const data = published(frames)
    swap(frames, data[3], data[4])
    for (const place of [7, 8, 9]) swap(frames, data[place], data[place + 1])
    return frames
  },
  /** Two segments are missing: one that is a whole message, and the second of those that carry the long message. */
  lost(frames) {
    const data = published(frames)
    const long = data.findIndex(index => payloadSize(frames[index].bytes) > 1400)
    return frames.filter((_, index) => index !== data[4] && index !== data[long + 1])
  },
  /** Starts behind the second full segment of the long message. */
  midstream(frames) {
    const full = frames.findIndex(frame => payloadSize(frame.bytes) > 1400)
    return frames.slice(frames.findIndex((frame, index) => index > full && payloadSize(frame.bytes) > 1400) + 1)
  },
}

function block(type, body) {
  const padded = Buffer.alloc(Math.ceil(body.length / 4) * 4)
  body.copy(padded)
  const head = Buffer.alloc(8)
  head.writeUInt32LE(type, 0)
  head.writeUInt32LE(padded.length + 12, 4)
  return Buffer.concat([head, padded, head.subarray(4, 8)])
}

function option(code, value) {
  const bytes = Buffer.alloc(4 + Math.ceil(value.length / 4) * 4)
  bytes.writeUInt16LE(code, 0)
  bytes.writeUInt16LE(value.length, 2)
  bytes.set(value, 4)
  return bytes
}

const sectionHeader = () => block(0x0a0d0d0a, Buffer.from('4d3c2b1a01000000ffffffffffffffff', 'hex'))

function interfaceBlock() {
  const fixed = Buffer.alloc(8)
  fixed.writeUInt16LE(ETHERNET, 0)
  fixed.writeUInt32LE(262144, 4)
  return block(1, Buffer.concat([fixed, option(2, Buffer.from('eth0')), option(9, [NANOSECONDS]), option(0, [])]))
}

function packetBlock({ time, bytes }) {
  const fixed = Buffer.alloc(20)
  fixed.writeUInt32LE(Number(time >> 32n), 4)
  fixed.writeUInt32LE(Number(time & 0xffffffffn), 8)
  fixed.writeUInt32LE(bytes.length, 12)
  fixed.writeUInt32LE(bytes.length, 16)
  return block(6, Buffer.concat([fixed, bytes]))
}

/** Decryption Secrets Block with a key log. */
function secretsBlock(text) {
  const fixed = Buffer.alloc(8)
  fixed.writeUInt32LE(0x544c534b, 0)
  fixed.writeUInt32LE(text.length, 4)
  return block(10, Buffer.concat([fixed, text]))
}

const [raw, sample, story = '', keys = ''] = process.argv.slice(2)
const frames = readPcap(readFileSync(raw))
for (const frame of frames) fillChecksum(frame.bytes)
const secrets = existsSync(keys) ? [secretsBlock(readFileSync(keys))] : []
const edited = EDITS[story]?.(frames) ?? frames
writeFileSync(sample, Buffer.concat([sectionHeader(), interfaceBlock(), ...secrets, ...edited.map(packetBlock)]))
