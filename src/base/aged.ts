/**
 * A map whose oldest entry can be taken out in constant time. One iterator goes along for good: a new one would pass over
 * everything that was taken before, each time.
 */
export class AgedMap<Key, Value> extends Map<Key, Value> {
  private front = this.entries()

  /** The value that was set first and is still there, which goes; undefined where there is none. */
  takeOldest(): Value | undefined {
    let oldest = this.front.next()
    if (oldest.done) {
      this.front = this.entries()
      oldest = this.front.next()
    }
    if (oldest.done) return undefined
    this.delete(oldest.value[0])
    return oldest.value[1]
  }
}
