/**
 * The shape of a field, and of the listener to a walk. `mqtt/fields.ts` and `net/fields.ts` hold the tables; a walk
 * announces every field of its bytes to one listener, so the columns, the tree, the exports and the filters cannot
 * drift apart.
 */

/** Kinds of values. `group`: has members and no value of its own;
 * `pair`: a group of a name and a value, shown as `name=value`. */
export type FieldKind = 'uint' | 'hex' | 'flag' | 'text' | 'bytes' | 'pair' | 'group' | 'ipv4' | 'ipv6' | 'mac'

export interface Field {
  /** Dense, from 0, in order of definition: an index into tables made at start. */
  readonly id: number
  /** The name in filters and with `-e`: Wireshark's where it has one; '' for a field that has none there. */
  readonly name: string
  /** The name people read, in the words of the specification. */
  readonly label: string
  readonly kind: FieldKind
  /** The bits of the field's byte(s) that hold the value; absent: all of them. */
  readonly mask?: number
  /** Names of values, in the words of the specification. */
  readonly values?: Readonly<Record<number, string>>
  /** Names of values as Wireshark prints them, accepted in filters beside `values`. */
  readonly aliases?: Readonly<Record<number, string>>
  readonly unit?: string
  /** The field whose name Wireshark gives to this value too (its generic property values). */
  readonly also?: Field
  /** Place in the few numbers kept of each packet on ingest (`mqtt/packet.ts`); absent: not kept. */
  readonly slot?: number
  /** Shown by its length alone with `--redact`. */
  readonly secret?: boolean
  /** Section of the standard: `MQTT 5 §3.3.2.1, MQTT 3.1.1 §3.3.2.1`. */
  readonly section?: string
  /** One or two plain sentences for a reader who sees it for the first time. */
  readonly explanation: string
}

let defined = 0

/** Every member, so that all fields are objects of one shape: a listener that reads `slot` of many fields does so at once. */
const SHAPE: Readonly<Record<keyof Field, undefined>> = {
  id: undefined,
  name: undefined,
  label: undefined,
  kind: undefined,
  mask: undefined,
  values: undefined,
  aliases: undefined,
  unit: undefined,
  also: undefined,
  slot: undefined,
  secret: undefined,
  section: undefined,
  explanation: undefined,
}

/** Gives a field its id. */
export const defineField = (field: Omit<Field, 'id'>): Field => ({ ...SHAPE, ...field, id: defined++ }) as Field

/** Returns the number of fields defined so far: the size of a table indexed by `Field.id`. */
export const fieldCount = (): number => defined

/** Listens to a walk. Offsets are absolute in the walked bytes. Nothing is allocated per field. */
export interface FieldSink {
  /** `value`: the number, already shifted out of its mask; 0 for text and bytes, which are in `[start..end)`. */
  field(field: Field, start: number, end: number, value: number): void
  /** Opens a group (properties, will, a topic filter with its options) whose members follow until `close`. */
  open(field: Field, start: number): void
  close(end: number): void
  /** Bytes that break the format: a code of the walk's own fault table, and the first offset it holds for. */
  fault(fault: number, at: number): void
}
