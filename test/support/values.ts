/** What a payload decoder announces, as JSON and as places: a listener of tests, apart from the one that users see. */
import { fromHex, hex } from '../../src/base/bytes.ts'
import type { GroupKind, PayloadDecoder, ValueSink } from '../../src/payload/decoder.ts'

export class Announced implements ValueSink {
  json = ''
  /** `21.5@14-22`: a value and its bytes. */
  readonly places: string[] = []
  error: string | undefined = undefined
  private readonly raw: Uint8Array
  private readonly groups: GroupKind[] = []
  private isFirst = true
  private hasKey = false

  constructor(raw: Uint8Array) {
    this.raw = raw
  }

  open(kind: GroupKind): void {
    this.separate()
    this.json += kind === 'map' ? '{' : '['
    this.groups.push(kind)
    this.isFirst = true
  }

  close(): void {
    this.json += this.groups.pop() === 'map' ? '}' : ']'
    this.isFirst = false
  }

  key(start: number, end: number, text: string | undefined): void {
    this.separate()
    this.json += `${JSON.stringify(text ?? `0x${hex(this.raw, start, end)}`)}:`
    this.hasKey = true
  }

  number(text: string, start: number, end: number): void {
    this.value(text, start, end)
  }

  literal(text: string, start: number, end: number): void {
    this.value(text, start, end)
  }

  text(start: number, end: number, value: string): void {
    this.value(JSON.stringify(value), start, end)
  }

  bytes(start: number, end: number): void {
    this.value(`<${hex(this.raw, start, end)}>`, start, end)
  }

  mark(name: string, value: string, start: number, end: number): void {
    this.value(`(${name} ${value})`, start, end)
  }

  tag(number: string): void {
    this.separate()
    this.json += `#${number} `
    this.hasKey = true
  }

  fault(message: string, at: number): void {
    if (this.error !== undefined) throw new Error('a fault is the last announcement')
    this.error = `${message} at ${at}`
  }

  private value(text: string, start: number, end: number): void {
    if (this.error !== undefined) throw new Error('a value behind a fault')
    this.separate()
    this.json += text
    this.places.push(`${text}@${start}-${end}`)
  }

  private separate(): void {
    if (this.hasKey) this.hasKey = false
    else if (!this.isFirst) this.json += ','
    this.isFirst = false
  }
}

/** Decodes hex, with other bytes around it; the text, or the error. Offsets are those within the payload. */
export function announced(decoder: PayloadDecoder, payload: string): Announced {
  const bytes = fromHex(payload)
  const told = new Announced(bytes)
  const isGood = decoder.decode(bytes, 0, bytes.length, told)
  if (isGood !== (told.error === undefined)) throw new Error(`${isGood}, and the error is ${told.error}`)
  return told
}

export function decoded(decoder: PayloadDecoder, payload: string): string {
  const alone = announced(decoder, payload)
  const around = fromHex(`ff${payload}80ff`)
  const within = new Announced(around)
  decoder.decode(around, 1, around.length - 2, within)
  if (within.json !== alone.json) throw new Error(`alone ${alone.json}, between other bytes ${within.json}`)
  return alone.error ?? alone.json
}
