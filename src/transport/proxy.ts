/** Reads the head that a load balancer puts in front of a stream: PROXY protocol, versions 1 and 2 (HAProxy, proxy-protocol.txt). */
import { endpointText, ipv4Text, ipv6Text } from '../base/address.ts'
import { u8, u16, u32 } from '../base/bytes.ts'
import { asciiText, decodeText } from '../base/strings.ts'

/** The contents of a PROXY head. */
export interface ProxyHead {
  readonly version: 1 | 2
  /** The ends of the connection to the balancer, `address:port` or the path of a UNIX socket; undefined if the head names none. */
  readonly client: string | undefined
  readonly server: string | undefined
  /** Bytes of the head, including all after its addresses. */
  readonly size: number
  /** The fault of the head, in words; '' if there is none. */
  readonly wrong: string
}

/** §2.1: most bytes of a head of version 1, with its line end. */
const MOST_LINE = 107
/** §2.2: the bytes before the addresses of version 2. */
const FIXED = 16
/** The longest addresses: two paths of UNIX sockets. What follows them is not kept. */
const MOST_KEPT = FIXED + 216
/** Bytes of the path of a UNIX socket. */
const PATH = 108
const LINE_FEED = 0x0a

type Said = Omit<ProxyHead, 'size'>

/** Collects a head that may come in pieces. */
export class ProxyReader {
  /** The head, once it is whole. */
  head: ProxyHead | undefined = undefined
  /** Bytes read so far. */
  size = 0
  private readonly kept = new Uint8Array(MOST_KEPT)

  /** Reads `bytes[start..end)`. Returns the index after the head's last byte; `end` if more must come. */
  take(bytes: Uint8Array, start: number, end: number): number {
    let at = start
    while (at < end && this.head === undefined) {
      if (this.size < MOST_KEPT) this.kept[this.size] = u8(bytes, at)
      this.size++
      at++
      const said = this.isText ? this.line() : this.block()
      if (said !== undefined) this.head = { ...said, size: this.size }
    }
    return at
  }

  private get isText(): boolean {
    return this.kept[0] === 0x50
  }

  private line(): Said | undefined {
    if (this.kept[this.size - 1] === LINE_FEED) return lineHead(asciiText(this.kept, 0, this.size))
    if (this.size < MOST_LINE) return undefined
    return {
      version: 1,
      client: undefined,
      server: undefined,
      wrong: `its line does not end within ${MOST_LINE} bytes`,
    }
  }

  private block(): Said | undefined {
    if (this.size < FIXED || this.size < FIXED + u16(this.kept, 14)) return undefined
    return blockHead(this.kept)
  }
}

/** `PROXY TCP4 198.51.100.7 192.0.2.1 56324 1883`. */
function lineHead(line: string): Said {
  const [, family, client = '', server = '', clientPort = '', serverPort = '', more = ''] = line.trimEnd().split(' ')
  const none = { version: 1, client: undefined, server: undefined } as const
  const end = line.endsWith('\r\n') ? '' : 'its line ends with LF alone, not with CR LF'
  if (family === 'UNKNOWN') return { ...none, wrong: end }
  if (family !== 'TCP4' && family !== 'TCP6') return { ...none, wrong: 'its family is none of TCP4, TCP6 and UNKNOWN' }
  const addresses = [client, server]
  if (!addresses.every(address => isAddress(address, family)))
    return { ...none, wrong: `an address is none of ${family}` }
  if (![clientPort, serverPort].every(isPort) || more !== '')
    return { ...none, wrong: 'a port is no number up to 65535' }
  return {
    version: 1,
    client: endpointText(client, Number(clientPort)),
    server: endpointText(server, Number(serverPort)),
    wrong: end,
  }
}

const isPort = (text: string): boolean => /^\d{1,5}$/.test(text) && Number(text) <= 0xffff

function isAddress(text: string, family: 'TCP4' | 'TCP6'): boolean {
  if (family === 'TCP6') return /^[\da-f:.]{2,45}$/i.test(text) && text.includes(':')
  const parts = text.split('.')
  return parts.length === 4 && parts.every(part => /^\d{1,3}$/.test(part) && Number(part) <= 255)
}

/** Of the bytes 12 to 15: version and command, family and transport, the length of all behind them. */
function blockHead(bytes: Uint8Array): Said {
  const command = u8(bytes, 12)
  const family = u8(bytes, 13) >> 4
  const size = u16(bytes, 14)
  const none = { version: 2, client: undefined, server: undefined } as const
  if (command >> 4 !== 2) return { ...none, wrong: `its version is ${command >> 4}, not 2` }
  if ((command & 15) > 1) return { ...none, wrong: `its command is ${command & 15}, neither LOCAL nor PROXY` }
  if ((command & 15) === 0) return { ...none, wrong: '' }
  const read = FAMILIES[family]
  if (read === undefined) return { ...none, wrong: family === 0 ? '' : `its address family is ${family}` }
  if (size < read.size) return { ...none, wrong: `it is ${size} bytes long, and its addresses need ${read.size}` }
  return { version: 2, client: read.end(bytes, 0), server: read.end(bytes, 1), wrong: '' }
}

interface Family {
  /** Bytes of both addresses, with their ports. */
  readonly size: number
  /** Returns the client's end (0) or the server's (1). */
  end(bytes: Uint8Array, which: 0 | 1): string | undefined
}

/** Address families by number: AF_INET, AF_INET6, AF_UNIX. */
const FAMILIES: Readonly<Record<number, Family>> = {
  1: {
    size: 12,
    end: (bytes, which) => endpointText(ipv4Text(u32(bytes, FIXED + 4 * which)), u16(bytes, FIXED + 8 + 2 * which)),
  },
  2: {
    size: 36,
    end: (bytes, which) => endpointText(ipv6At(bytes, FIXED + 16 * which), u16(bytes, FIXED + 32 + 2 * which)),
  },
  3: { size: 216, end: (bytes, which) => pathAt(bytes, FIXED + PATH * which) },
}

const ipv6At = (bytes: Uint8Array, at: number): string =>
  ipv6Text(u32(bytes, at), u32(bytes, at + 4), u32(bytes, at + 8), u32(bytes, at + 12))

/** The path of a UNIX socket, filled up with zeros; undefined if it is empty. */
function pathAt(bytes: Uint8Array, at: number): string | undefined {
  const end = bytes.indexOf(0, at)
  if (end === at) return undefined
  return decodeText(bytes, at, end === -1 ? at + PATH : Math.min(end, at + PATH))
}
