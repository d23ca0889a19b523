/** Messages of a protobuf schema as the decoder needs them. Whoever reads schemas makes them; no library of schemas is known here. */
import { WireType } from './wire.ts'

export type ScalarKind =
  | 'int32'
  | 'int64'
  | 'uint32'
  | 'uint64'
  | 'sint32'
  | 'sint64'
  | 'bool'
  | 'fixed32'
  | 'fixed64'
  | 'sfixed32'
  | 'sfixed64'
  | 'float'
  | 'double'
  | 'string'
  | 'bytes'
export type ProtoKind = ScalarKind | 'enum' | 'message'

export interface ProtoField {
  /** As the schema has it. */
  readonly name: string
  readonly number: number
  readonly kind: ProtoKind
  readonly isRepeated: boolean
  /** The field is a map: its message has a key (1) and a value (2). */
  readonly isMap: boolean
  /** Name of the `oneof` that it is in; undefined for none. */
  readonly oneof: string | undefined
  /** Of kind `message`. */
  readonly message: ProtoMessage | undefined
  /** The message is written as a group. */
  readonly isGroup: boolean
  /** Names of the values of an enum. */
  readonly names: ReadonlyMap<number, string>
  /** Values of an enum that have no name are unknown fields. */
  readonly isClosed: boolean
  /** Text that is not UTF-8 is a fault. */
  readonly isStrict: boolean
}

export interface ProtoMessage {
  /** With its package, without a dot in front. */
  readonly name: string
  /** By number, in ascending order. */
  readonly fields: readonly ProtoField[]
}

const WIRE_TYPES: Readonly<Record<ProtoKind, number>> = {
  int32: WireType.varint,
  int64: WireType.varint,
  uint32: WireType.varint,
  uint64: WireType.varint,
  sint32: WireType.varint,
  sint64: WireType.varint,
  bool: WireType.varint,
  enum: WireType.varint,
  fixed32: WireType.fixed32,
  sfixed32: WireType.fixed32,
  float: WireType.fixed32,
  fixed64: WireType.fixed64,
  sfixed64: WireType.fixed64,
  double: WireType.fixed64,
  string: WireType.bytes,
  bytes: WireType.bytes,
  message: WireType.bytes,
}

/** Returns how a value of the field is written. */
export const wireTypeOf = ({ kind, isGroup }: ProtoField): number => (isGroup ? WireType.group : WIRE_TYPES[kind])

/** True if the values of the field may stand in one field of bytes. */
export const mayBePacked = ({ kind, isRepeated }: ProtoField): boolean =>
  isRepeated && WIRE_TYPES[kind] !== WireType.bytes
