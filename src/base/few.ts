/**
 * A map that most often has one entry: 48 bytes where a `Map` takes 184. Keys are compared with `===`; the entries come in the
 * order in which they were set first.
 */
export interface ReadonlyFewMap<Key, Value> extends Iterable<readonly [Key, Value]> {
  readonly size: number
  get(key: Key): Value | undefined
  has(key: Key): boolean
  keys(): Iterable<Key>
  values(): Iterable<Value>
}

/** While `many` is undefined the only entry is in `key` and `value`; afterwards all are in `many`. */
export class FewMap<Key, Value extends {}> implements ReadonlyFewMap<Key, Value> {
  private key: Key | undefined = undefined
  private value: Value | undefined = undefined
  private many: Map<Key, Value> | undefined = undefined

  constructor(entries: Iterable<readonly [Key, Value]> = []) {
    for (const [key, value] of entries) this.set(key, value)
  }

  get size(): number {
    if (this.many !== undefined) return this.many.size
    return this.value === undefined ? 0 : 1
  }

  get(key: Key): Value | undefined {
    if (this.many !== undefined) return this.many.get(key)
    return this.key === key ? this.value : undefined
  }

  has(key: Key): boolean {
    return this.get(key) !== undefined
  }

  set(key: Key, value: Value): void {
    if (this.many !== undefined) this.many.set(key, value)
    else if (this.value === undefined || this.key === key) {
      this.key = key
      this.value = value
    } else {
      this.many = new Map([...this, [key, value]])
      this.key = this.value = undefined
    }
  }

  delete(key: Key): void {
    if (this.many !== undefined) this.many.delete(key)
    else if (this.key === key) this.key = this.value = undefined
  }

  keys(): Iterable<Key> {
    return this.many?.keys() ?? this.only().map(([key]) => key)
  }

  values(): Iterable<Value> {
    return this.many?.values() ?? this.only().map(([, value]) => value)
  }

  [Symbol.iterator](): Iterator<readonly [Key, Value]> {
    return (this.many ?? this.only())[Symbol.iterator]()
  }

  private only(): readonly (readonly [Key, Value])[] {
    return this.value === undefined ? [] : [[this.key as Key, this.value]]
  }
}
