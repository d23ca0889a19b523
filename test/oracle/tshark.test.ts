/**
 * The promise of `-T fields`: for the same capture the values of every `mqtt.*` field, per TCP connection and in order,
 * are tshark's. Compared on all samples and on thousands of packets, half of them broken. Where tshark is wrong, or
 * we print more on purpose, it stands in a table here with the reason; nothing else may differ.
 */
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect } from 'vitest'
import { rowText } from '../../src/text/row-values.ts'
import { nodeCrypto } from '../../src/transport/tls/node-crypto.ts'
import { effort } from '../support/effort.ts'
import { type FieldValues, mqttFieldNames, ourValues, tsharkValues, valuesOf } from '../support/oracle.ts'
import { hasTool, needs } from '../support/tools.ts'
import { type MutatedStream, mutatedCapture, mutatedStreams } from './mutations.ts'

const FIELDS = hasTool('tshark') ? mqttFieldNames() : []

interface Exception {
  readonly stream: number
  /** Without: nothing of the connection can be compared. */
  readonly fields?: readonly string[]
  readonly why: string
}

const FIXED_HEADER = ['mqtt.hdrflags', 'mqtt.msgtype', 'mqtt.dupflag', 'mqtt.qos', 'mqtt.retain']

const EXCEPTIONS: Readonly<Record<string, readonly Exception[]>> = {
  'lost.pcapng': [
    {
      stream: 0,
      fields: [...FIXED_HEADER, 'mqtt.len', 'mqtt.topic_len', 'mqtt.topic', 'mqtt.msg'],
      why: 'tshark drops a message with a hole in its payload; we show what there is of it',
    },
  ],
  'websocket.pcapng': [0, 1].map(stream => ({ stream, why: 'tshark knows no MQTT in WebSocket' })),
  'malformed.pcapng': [
    {
      stream: 3,
      fields: FIXED_HEADER,
      why: 'tshark waits for ever for a Remaining Length of five bytes; it is an error',
    },
  ],
  'midstream.pcapng': [
    {
      stream: 0,
      why: 'tshark takes the payload of a message whose start is missing for packets, and does not know the version',
    },
  ],
}

/** What tshark needs to be told to read a capture as well as it can. */
const TSHARK_OPTIONS: Readonly<Record<string, readonly string[]>> = {
  'reordered.pcapng': ['-o', 'tcp.reassemble_out_of_order:TRUE'],
}

const TEXT_FIELDS = new Set(
  'topic clientid protoname username passwd willtopic prop_string prop_key prop_value prop_unknown property.content_type'
    .split(' ')
    .map(name => `mqtt.${name}`),
)
const PROPERTY_LENGTH = 'mqtt.property_len'

/** tshark prints the bytes of the length as they stand, one number: 200, in bytes c8 01, is 51201. */
function decodedLength(printed: string): string {
  let bytes = BigInt(printed)
  if (bytes < 0x80n) return printed
  let value = 0n
  for (; bytes > 0n; bytes >>= 8n) value = (value << 7n) | (bytes & 0x7fn)
  return `${value}`
}

/** tshark lets control and invisible characters through to the terminal; we escape them. */
const expected = (field: string, theirs: readonly string[]): readonly string[] => {
  if (TEXT_FIELDS.has(field)) return theirs.map(rowText)
  return field === PROPERTY_LENGTH ? theirs.map(decodedLength) : theirs
}

/**
 * tshark ends a text at its first NUL; we show all of it. A text that holds the character between the members of a
 * column is cut there by whoever reads tshark's output; ours has it escaped, and is cut in the same places.
 */
const asRead = (text: string): string[] => text.replace(/\\x00.*$/s, '').split('\\x1f')

const comparable = (field: string, ours: readonly string[]): readonly string[] =>
  TEXT_FIELDS.has(field) ? ours.flatMap(asRead).filter(text => text !== '') : ours

function firstDifference(field: string, theirs: readonly string[], ours: readonly string[]): string {
  const at = theirs.findIndex((value, index) => value !== ours[index])
  const place = at < 0 ? theirs.length : at
  return `${field}[${place}]: tshark ${JSON.stringify(theirs[place])}, we ${JSON.stringify(ours[place])}`
}

/** One line for each field of each connection that differs. */
function differences(
  theirs: FieldValues,
  ours: FieldValues,
  excepted: (stream: number, field: string) => boolean,
): string[] {
  const found: string[] = []
  for (const stream of new Set([...theirs.keys(), ...ours.keys()])) {
    for (const field of FIELDS) {
      if (excepted(stream, field)) continue
      const [wanted, got] = [
        expected(field, valuesOf(theirs, stream, field)),
        comparable(field, valuesOf(ours, stream, field)),
      ]
      if (wanted.join('\n') !== got.join('\n')) found.push(`stream ${stream}, ${firstDifference(field, wanted, got)}`)
    }
  }
  return found
}

/** tshark opens TLS whose keys are in the file. */
const OPENERS = { crypto: nodeCrypto }

describe('samples', () => {
  for (const name of readdirSync('samples').filter(file => file.endsWith('.pcapng'))) {
    needs('tshark')(name, () => {
      const file = join('samples', name)
      const exceptions = EXCEPTIONS[name] ?? []
      const excepted = (stream: number, field: string): boolean =>
        exceptions.some(one => one.stream === stream && (one.fields?.includes(field) ?? true))
      const theirs = tsharkValues(file, FIELDS, TSHARK_OPTIONS[name])
      expect(theirs.size).toBeGreaterThan(0)
      expect(differences(theirs, ourValues(file, FIELDS, false, OPENERS), excepted)).toEqual([])
    })
  }
})

const AS_TEXT = ['-o', 'mqtt.show_msg_as_text:TRUE']

describe('payloads as text', () => {
  for (const name of ['qos1.pcapng', 'will.pcapng']) {
    needs('tshark')(name, () => {
      const file = join('samples', name)
      const theirs = tsharkValues(file, FIELDS, AS_TEXT)
      expect(differences(theirs, ourValues(file, FIELDS, true, OPENERS), () => false)).toEqual([])
      expect(valuesOf(theirs, 0, 'mqtt.msg')).toEqual([])
    })
  }
})

/** More than four bytes in a length or number are an error (§1.5.5); tshark reads up to ten, and what follows differently. */
const LONGEST_PRINTED_LENGTH = 0xffff_ffffn
const LONG_IDENTIFIER = /^(..)*0b([89a-f].){4}/

const hasLongInteger = (stream: MutatedStream, propertyLengths: readonly string[]): boolean =>
  propertyLengths.some(length => BigInt(length) > LONGEST_PRINTED_LENGTH) ||
  stream.packets.some(({ bytes }) => LONG_IDENTIFIER.test(Buffer.from(bytes).toString('hex')))

/** Levels 0x83 and 0x84 are a bridge's 3 and 4; tshark does not know them, nor 0x85. */
const isBridge = (levels: readonly string[]): boolean => levels.some(level => Number(level) >= 0x80)

/** Streams that tshark reads otherwise than the specification. */
const misread = (streams: readonly MutatedStream[], theirs: FieldValues): ReadonlySet<number> =>
  new Set(
    streams.flatMap((stream, index) => {
      const long = hasLongInteger(stream, valuesOf(theirs, index, PROPERTY_LENGTH))
      return long || isBridge(valuesOf(theirs, index, 'mqtt.ver')) ? [index] : []
    }),
  )

const described = (stream: MutatedStream): string =>
  stream.packets
    .map(({ fromClient, bytes }) => (fromClient ? '> ' : '< ') + Buffer.from(bytes).toString('hex'))
    .join('\n')

describe('mutated packets', () => {
  const folder = mkdtempSync(join(tmpdir(), 'mqtt-sniff-oracle-'))
  afterAll(() => rmSync(folder, { recursive: true }))
  const SHOWN = 5
  const STREAMS = effort(500, 2000)

  for (const seed of effort([1], [1, 2])) {
    needs('tshark')(`${STREAMS} streams, seed ${seed}`, () => {
      const streams = mutatedStreams(seed, STREAMS)
      const file = join(folder, `${seed}.pcap`)
      writeFileSync(file, mutatedCapture(seed, streams.length))
      const theirs = tsharkValues(file, FIELDS)
      expect(theirs.size).toBe(streams.length)
      const skipped = misread(streams, theirs)
      // An exception that swallows everything would prove nothing.
      expect(skipped.size).toBeLessThan(streams.length / 10)
      const found = differences(theirs, ourValues(file, FIELDS), stream => skipped.has(stream))
      const told = found
        .slice(0, SHOWN)
        .map(line => `${line}\n${described(streams[Number.parseInt(line.slice(7), 10)] as MutatedStream)}`)
      expect(told.join('\n\n'), `${found.length} differences`).toBe('')
    })
  }
})
