/** Payloads that are no structure: text, and bytes as hexadecimal digits. */
import { base64, hexText } from '../base/strings.ts'
import { Announcer } from './announcer.ts'
import type { PayloadDecoder } from './decoder.ts'

/** The payload as one text; a fault if it is not UTF-8. */
export const TEXT_DECODER: PayloadDecoder = {
  name: 'text',
  decode(bytes, start, end, sink) {
    const out = new Announcer(bytes, sink)
    return out.isText(start, end) ? out.text(start, end) : out.fault('it is not UTF-8', start)
  },
}

/** The payload as hexadecimal digits. */
export const HEX_DECODER: PayloadDecoder = {
  name: 'hex',
  decode: (bytes, start, end, sink) => new Announcer(bytes, sink).word(hexText(bytes, start, end), start, end),
}

/** The payload as base64 (RFC 4648 §4). */
export const BASE64_DECODER: PayloadDecoder = {
  name: 'base64',
  decode: (bytes, start, end, sink) => new Announcer(bytes, sink).word(base64(bytes, start, end), start, end),
}
