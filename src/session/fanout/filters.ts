/** Filters of all sessions of a broker, level by level (MQTT 5 §4.7.1): whom a topic reaches is found without asking each session. */
import type { Connection } from '../connection.ts'

/** A subscription's filter as it stands in `Session.subscriptions`. */
export interface Entry {
  readonly connection: Connection
  readonly filter: string
}

class Level {
  children: Map<string, Level> | undefined = undefined
  entries: Set<Entry> | undefined = undefined

  get isEmpty(): boolean {
    return (this.children?.size ?? 0) === 0 && (this.entries?.size ?? 0) === 0
  }

  child(name: string): Level {
    this.children ??= new Map()
    let child = this.children.get(name)
    if (child === undefined) {
      child = new Level()
      this.children.set(name, child)
    }
    return child
  }
}

export class Filters {
  private readonly root = new Level()

  /** `path`: the filter, behind `$share/name/`. */
  add(path: string, entry: Entry): void {
    let level = this.root
    for (const name of path.split('/')) level = level.child(name)
    level.entries ??= new Set()
    level.entries.add(entry)
  }

  delete(path: string, entry: Entry): void {
    const names = path.split('/')
    const way = [this.root]
    for (const name of names) {
      const next = way.at(-1)?.children?.get(name)
      if (next === undefined) return
      way.push(next)
    }
    way.at(-1)?.entries?.delete(entry)
    for (let depth = names.length; depth > 0 && way[depth]?.isEmpty === true; depth--) {
      way[depth - 1]?.children?.delete(names[depth - 1] ?? '')
    }
  }

  /** Every entry whose filter takes the topic. A wildcard at the beginning takes no topic that begins with $. `[MQTT-4.7.2-1]` */
  *taking(topic: string): Iterable<Entry> {
    const isDollar = topic.startsWith('$')
    let levels: readonly Level[] = [this.root]
    for (const [depth, name] of topic.split('/').entries()) {
      const wild = depth > 0 || !isDollar
      if (wild) yield* rest(levels)
      levels = levels.flatMap(({ children }) => {
        const exact = children?.get(name)
        const any = wild ? children?.get('+') : undefined
        return [...(exact === undefined ? [] : [exact]), ...(any === undefined ? [] : [any])]
      })
      if (levels.length === 0) return
    }
    for (const { entries } of levels) yield* entries ?? []
    // `a/#` takes `a` too.
    yield* rest(levels)
  }
}

function* rest(levels: readonly Level[]): Iterable<Entry> {
  for (const { children } of levels) yield* children?.get('#')?.entries ?? []
}
