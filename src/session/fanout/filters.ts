/** The filters of all subscriptions at a broker as a tree of levels (MQTT 5 §4.7.1), so that a topic finds its subscribers without a search through all of them. */
import { FewMap, type ReadonlyFewMap } from '../../base/few.ts'
import type { Connection } from '../connection.ts'

/** A filter, and the connection whose `Session.subscriptions` has it. */
export interface Entry {
  readonly connection: Connection
  readonly filter: string
}

/** Levels of one depth that are looked at for one topic: filters that branch at each level double them. */
const MOST_VISITED = 4096

/** The subscriptions with one filter. */
export interface Leaf {
  /** No two of a broker have the same. */
  readonly id: number
  readonly entries: ReadonlyFewMap<Entry, Entry>
}

let made = 0

class Level {
  readonly id = made++
  children: FewMap<string, Level> | undefined = undefined
  entries: FewMap<Entry, Entry> | undefined = undefined

  get isEmpty(): boolean {
    return (this.children?.size ?? 0) === 0 && (this.entries?.size ?? 0) === 0
  }

  child(name: string): Level {
    this.children ??= new FewMap()
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
  /** Levels that the last search looked at, and the most of any search. */
  visited = 0
  mostVisited = 0

  /** `path`: the filter, behind `$share/name/`. */
  add(path: string, entry: Entry): void {
    let level = this.root
    for (const name of path.split('/')) level = level.child(name)
    level.entries ??= new FewMap()
    level.entries.set(entry, entry)
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

  /**
   * Returns the filters that match the topic; undefined if too many levels would have to be looked at. A wildcard at the
   * beginning matches no topic that begins with $. `[MQTT-4.7.2-1]`
   */
  matching(topic: string): readonly Leaf[] | undefined {
    this.visited = 0
    const found = this.search(topic)
    this.mostVisited = Math.max(this.mostVisited, this.visited)
    return found
  }

  private search(topic: string): readonly Leaf[] | undefined {
    const isDollar = topic.startsWith('$')
    const found: Leaf[] = []
    let levels: readonly Level[] = [this.root]
    for (const [depth, name] of topic.split('/').entries()) {
      const wild = depth > 0 || !isDollar
      if (wild) addRest(levels, found)
      levels = below(levels, name, wild)
      this.visited += levels.length
      if (levels.length === 0) return found
      if (levels.length > MOST_VISITED) return undefined
    }
    for (const level of levels) addLeaf(level, found)
    // `a/#` matches `a` too.
    addRest(levels, found)
    return found
  }
}

/** Returns the levels that the name leads to, also over a `+` where wildcards count. */
function below(levels: readonly Level[], name: string, wild: boolean): readonly Level[] {
  const found: Level[] = []
  for (const { children } of levels) {
    const exact = children?.get(name)
    if (exact !== undefined) found.push(exact)
    const any = wild ? children?.get('+') : undefined
    if (any !== undefined) found.push(any)
  }
  return found
}

function addLeaf({ id, entries }: Level, found: Leaf[]): void {
  if (entries !== undefined && entries.size > 0) found.push({ id, entries })
}

function addRest(levels: readonly Level[], found: Leaf[]): void {
  for (const { children } of levels) {
    const all = children?.get('#')
    if (all !== undefined) addLeaf(all, found)
  }
}
