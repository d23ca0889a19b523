/** A kind of situation: each is run, and each claim about it is to hold. */
import { describe, expect, test } from 'vitest'
import type { Claim } from './claims.ts'
import { captureOf, type Scene } from './scene.ts'
import { Verdict } from './verdict.ts'

export interface Situation extends Scene {
  readonly right: readonly Claim[]
}

const DEFAULT_PORTS = [1883]

/** By name: what was seen, and what is right to say of it. */
export function kind(name: string, situations: Readonly<Record<string, Situation>>): void {
  run(name, situations, ({ right: _, ...scene }) => new Verdict(captureOf(scene), scene.ports ?? DEFAULT_PORTS))
}

export interface FileSituation {
  readonly file: Uint8Array
  readonly right: readonly Claim[]
}

/** Situations of files that are no captures. */
export function file(name: string, situations: Readonly<Record<string, FileSituation>>): void {
  run(name, situations, situation => new Verdict(situation.file, DEFAULT_PORTS))
}

function run<Given extends { readonly right: readonly Claim[] }>(
  name: string,
  situations: Readonly<Record<string, Given>>,
  verdictOf: (situation: Given) => Verdict,
): void {
  describe(name, () => {
    test.each(Object.entries(situations))('%s', async (_, situation) => {
      const verdict = verdictOf(situation)
      const broken: string[] = []
      for (const { what, holds } of situation.right) if (!(await holds(verdict))) broken.push(what)
      expect(broken, said(verdict)).toEqual([])
    })
  })
}

const said = ({ findings }: Verdict): string =>
  ['what is said:', ...findings.map(({ packet, level, id, message }) => `#${packet} ${level} ${id} ${message}`)].join(
    '\n',
  )

/** A part of a conversation, so many times; `part` is given 1, 2, 3, … */
export const times = (count: number, part: (turn: number) => string): string =>
  Array.from({ length: count }, (_, index) => part(index + 1)).join('\n')
