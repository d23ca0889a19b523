/** The text of a fault with the values in the packet: a fault of a property names the property. */
import { u8, u16, u32 } from '../base/bytes.ts'
import { FAULTS, Fault } from './faults.ts'
import { PROPERTY_FIELDS } from './fields.ts'
import { varintSize, varintValue } from './properties.ts'
import { PROPERTY_BY_ID, type PropertyKind, TYPE_NAMES } from './spec.ts'

/** The place at which a walk announced a fault. */
export interface FaultPlace {
  readonly bytes: Uint8Array
  readonly at: number
  /** Offset after the packet's last byte. */
  readonly end: number
  /** The packet type. */
  readonly type: number
}

const BROKEN = 'the bytes break the format'

/** Returns the sentence that says what is wrong. Without a place no property is named. */
export function faultMessage(fault: number, place?: FaultPlace): string {
  const general = FAULTS[fault]?.message ?? BROKEN
  return (place === undefined ? undefined : ofProperty(fault, place)) ?? general
}

function ofProperty(fault: number, { bytes, at, end, type }: FaultPlace): string | undefined {
  if (at >= end) return undefined
  switch (fault) {
    case Fault.unknownProperty:
      return `the property identifier 0x${u8(bytes, at).toString(16).padStart(2, '0')} is unknown`
    case Fault.propertyNotAllowed:
      return `the property ${nameAt(bytes, at)} does not belong here in ${TYPE_NAMES[type]}`
    case Fault.repeatedProperty:
      return `the property ${nameAt(bytes, at)} stands more than once`
    case Fault.propertyValue:
      return `the value of the property ${nameAt(bytes, at - 1)} is out of range: ${valueAt(bytes, at, end)}`
    default:
      return undefined
  }
}

const nameAt = (bytes: Uint8Array, at: number): string => {
  const id = u8(bytes, at)
  return PROPERTY_FIELDS[id]?.label ?? `0x${id.toString(16)}`
}

type Read = (bytes: Uint8Array, at: number, end: number) => number

const READ: Readonly<Partial<Record<PropertyKind, Read>>> = {
  byte: u8,
  two: u16,
  four: u32,
  varint: (bytes, at, end) => varintValue(bytes, at, varintSize(bytes, at, end)),
}

/** Returns the value after the identifier of a property, if it is a number. */
function valueAt(bytes: Uint8Array, at: number, end: number): number | string {
  const kind = PROPERTY_BY_ID[u8(bytes, at - 1)]?.kind
  return kind === undefined ? '' : (READ[kind]?.(bytes, at, end) ?? '')
}
