/** The common part of the TCP and UDP headers: the ports, and the place of the payload. */
import { NOWHERE, positionBehind } from '../base/line.ts'
import { IpHeader } from './ip.ts'

export class PortHeader extends IpHeader {
  /** The payload is `bytes[start..end)`; `cut` more bytes of it were on the wire and not captured. */
  start = 0
  cut = 0
  /** Position of the payload in the capture; NOWHERE if the capture does not hold it in one piece. */
  position = NOWHERE
  sourcePort = 0
  targetPort = 0
}

/** Returns the position in the capture of the payload, which begins at `start`. */
export const payloadPosition = ({ isReassembled, frame, start }: PortHeader): number =>
  isReassembled ? NOWHERE : positionBehind(frame.position, start - frame.start)
