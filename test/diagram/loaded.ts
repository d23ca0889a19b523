/** Captures in memory, read to their end. */
import { readFileSync } from 'node:fs'
import { Capture } from '../../src/analysis/document.ts'
import { sample } from '../support/screens.ts'

export function loaded(bytes: Uint8Array): Capture {
  const capture = new Capture({ ports: new Set([1883]) })
  capture.push(bytes)
  capture.end()
  return capture
}

export const loadedSample = (name: string): Capture => loaded(readFileSync(sample(name)))

/** Rows of the packets with these numbers, from the first to the last one. */
export const rowsOf = ({ store }: Capture, first = 1, last = store.rows): readonly number[] =>
  Array.from({ length: last - first + 1 }, (_, at) => store.rowOf(first + at))
