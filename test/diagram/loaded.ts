/** Captures in memory, read to their end. */
import { readFileSync } from 'node:fs'
import { Document } from '../../src/analysis/document.ts'
import { sample } from '../support/screens.ts'

export function loaded(bytes: Uint8Array): Document {
  const document = new Document({ ports: new Set([1883]) })
  document.push(bytes)
  document.end()
  return document
}

export const loadedSample = (name: string): Document => loaded(readFileSync(sample(name)))

/** Rows of the packets with these numbers, from the first to the last one. */
export const rowsOf = ({ store }: Document, first = 1, last = store.rows): readonly number[] =>
  Array.from({ length: last - first + 1 }, (_, at) => store.rowOf(first + at))
