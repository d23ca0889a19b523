/** The UDP header (RFC 768). Its checksum is not checked: a machine that leaves it to the network card captures wrong ones. */
import { u16 } from '../base/bytes.ts'
import { type PortHeader, payloadPosition } from './ports.ts'

/** Bytes of the header: two ports, length, checksum. */
const HEADER = 8

/**
 * Reads the header at the cursor, of which eight bytes must be there. False if its length cannot be: shorter than the
 * header, or longer than the IP datagram on the wire.
 */
export function readUdp(header: PortHeader): boolean {
  const { bytes, at } = header
  const length = u16(bytes, at + 4)
  // 0: a jumbogram (RFC 2675 §4), which reaches to the end of the IP datagram.
  const wireEnd = length === 0 ? header.wireEnd : at + length
  if (wireEnd < at + HEADER || wireEnd > header.wireEnd) return false
  header.sourcePort = u16(bytes, at)
  header.targetPort = u16(bytes, at + 2)
  header.start = at + HEADER
  // What stands behind the length is no part of the datagram (RFC 9868 §5 calls it the surplus area).
  if (header.end > wireEnd) header.end = wireEnd
  header.cut = wireEnd - header.end
  header.position = payloadPosition(header)
  return true
}
