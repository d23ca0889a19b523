/** Sparkplug B: honest conversations, and what a capture leaves open, are no findings (the rules one by one: `../rules.ts`). */
import { describe, expect, test } from 'vitest'
import { Analysis } from '../../../src/analysis/analysis.ts'
import { SPARKPLUG_RULES } from '../../../src/session/sparkplug/sparkplug.ts'
import type { PacketRecord } from '../../../src/store/record.ts'
import { type Play, play } from '../../support/playbook.ts'
import { inner, string } from '../../support/protobuf.ts'
import { stage } from '../../support/stage.ts'
import { pcapOf } from '../../support/wire.ts'

const IDS = new Set<string>(Object.values(SPARKPLUG_RULES).map(({ id }) => id))
const found = ({ findings }: Play): readonly string[] =>
  findings.filter(line => IDS.has(line.split(' ')[2] ?? '')).map(line => line.split(' ').slice(0, 3).join(' '))
const text = ({ findings }: Play): readonly string[] => findings.filter(line => IDS.has(line.split(' ')[2] ?? ''))

const BORN = 'bdSeq:8=0 Node_Control/Rebirth:11=false temp:10@1=21.5'
const CONNECT = 'c: CONNECT id=n will=spBv1.0/g/NDEATH/n:bdSeq:8=0 willQos=1\ns: CONNACK\n'
const OPEN = `${CONNECT}c: SUBSCRIBE #1 spBv1.0/g/NCMD/n:1\ns: SUBACK #1 1\nc: PUBLISH spBv1.0/g/NBIRTH/n seq=0 ${BORN}\n`
const HOST = `c2: CONNECT id=h will=spBv1.0/STATE/h:{"online":false,"timestamp":7} willQos=1 willRetain
  s2: CONNACK
  c2: SUBSCRIBE #1 spBv1.0/#:1
  s2: SUBACK #1 1
  c2: PUBLISH q1 #2 retain spBv1.0/STATE/h {"online":true,"timestamp":7}
  s2: PUBACK #2\n`

describe('nothing is said', () => {
  test.each([
    [
      'of a node, its devices, a rebirth and a host',
      `${HOST}${OPEN}
       c: PUBLISH spBv1.0/g/DBIRTH/n/d seq=1 level:1@2=-5
       s2: PUBLISH spBv1.0/g/NBIRTH/n seq=0 ${BORN}
       c: PUBLISH spBv1.0/g/NDATA/n seq=2 @1=22
       c: PUBLISH spBv1.0/g/DDATA/n/d seq=3 @2=7
       c2: PUBLISH spBv1.0/g/NCMD/n Node_Control/Rebirth:=true
       s: PUBLISH spBv1.0/g/NCMD/n Node_Control/Rebirth:=true
       c: PUBLISH spBv1.0/g/NBIRTH/n seq=0 ${BORN}
       c: PUBLISH spBv1.0/g/DBIRTH/n/d seq=1 level:1@2=-5
       c: PUBLISH spBv1.0/g/DDEATH/n/d seq=2
       c: PUBLISH spBv1.0/g/DBIRTH/n/d seq=3 level:1@2=-5
       c: PUBLISH spBv1.0/g/NDEATH/n bdSeq:8=0
       c: bye`,
    ],
    [
      'of a counter that goes round, and of bdSeq after a break',
      `${OPEN}${Array.from({ length: 257 }, (_, index) => `c: PUBLISH spBv1.0/g/NDATA/n seq=${(index + 1) % 256} @1=1\n`).join('')}
       c: reset
       ${OPEN.replaceAll('c:', 'c2:').replaceAll('s:', 's2:').replaceAll('8=0', '8=1')}`,
    ],
    [
      'of a message that is sent again',
      `${OPEN}c: PUBLISH spBv1.0/g/NDATA/n seq=1 @1=1\nc: PUBLISH dup spBv1.0/g/NDATA/n seq=1 @1=1\nc: PUBLISH spBv1.0/g/NDATA/n seq=2`,
    ],
    [
      'of copies at a subscriber, whatever they lack',
      `c: CONNECT\ns: CONNACK\nc: SUBSCRIBE #1 spBv1.0/#:0\ns: SUBACK #1 0
       s: PUBLISH spBv1.0/g/NDATA/n seq=4 @1=1
       s: PUBLISH spBv1.0/g/NDATA/n seq=9 @1=1
       s: PUBLISH spBv1.0/g/NBIRTH/n seq=0 a=1
       s: PUBLISH spBv1.0/g/DDATA/n/x raw:nothing`,
    ],
    [
      'of a bridge that hands on what nodes publish',
      `c: CONNECT level=132\ns: CONNACK\nc: PUBLISH spBv1.0/g/NDATA/n seq=4 @1=1\nc: PUBLISH spBv1.0/g/NDATA/n seq=9 @1=1`,
    ],
    [
      'of a birth that is not Sparkplug B 3, and of other topics',
      `c: CONNECT\ns: CONNACK\nc: PUBLISH spAv1.0/g/NDATA/n x\nc: PUBLISH STATE/h ONLINE\nc: PUBLISH spBv1.0/g x\nc: PUBLISH spBv1.0/g/NBIRTHS/n x\nc: PUBLISH spBv1.0 x`,
    ],
    [
      'of a compressed payload',
      `${OPEN}c: PUBLISH spBv1.0/g/NDATA/n hex:${string(4, 'SPBV1.0_COMPRESSED') + inner(5, '1f8b')}\nc: PUBLISH spBv1.0/g/NDATA/n seq=2 @1=1`,
    ],
  ])('%s', (_, script) => {
    expect(text(play(script))).toEqual([])
  })

  test('of what was before the capture', () => {
    const script = `${OPEN}c: PUBLISH spBv1.0/g/DDATA/n/d seq=7 level:=1\nc: PUBLISH spBv1.0/g/NDATA/n seq=8\nc: bye`
    expect(found(play(script, 5))).toEqual([])
    expect(found(play(`${CONNECT}${script.slice(OPEN.length)}`)).length).toBeGreaterThan(0)
  })

  test('of what is missing in the capture', () => {
    const lost = 'c: lost PUBLISH spBv1.0/g/NDATA/n seq=1\n'
    expect(found(play(`${OPEN}${lost}c: PUBLISH spBv1.0/g/DDATA/n/d seq=5 @9=1\nc: bye`))).toEqual([
      '6 note sparkplug.birth_unseen',
    ])
  })
})

test('the sequence numbers that are missing are named', () => {
  const said = (seq: number): string | undefined =>
    text(play(`${OPEN}c: PUBLISH spBv1.0/g/NDATA/n seq=${seq}`))[0]?.replace(/^.*incrementing /, '')
  expect(said(2)).toBe('NDATA has seq 2, expected 1: 1 is missing')
  expect(said(5)).toBe('NDATA has seq 5, expected 1: 1 to 4 are missing')
  expect(said(0)).toBe('NDATA has seq 0, expected 1')
  expect(said(300)).toBe('NDATA has seq 300, expected 1')
  expect(said(1)).toBeUndefined()
})

test('a client that publishes for two nodes is judged no more', () => {
  const other = 'c: PUBLISH spBv1.0/g/NDATA/n2 seq=9\n'
  expect(found(play(`${OPEN}${other}${other}c: PUBLISH spBv1.0/g/NDATA/n seq=9`))).toEqual([])
})

describe('a record knows the births of its node', () => {
  /** Name and birth of the metric with alias 1, for each packet behind the opening ones. */
  function births(script: string, from: number, midStream = 0): readonly string[] {
    const told: string[] = []
    const sink = {
      packet({ number, births }: PacketRecord): void {
        const metric = births?.byAlias('1')
        if (number >= from) told.push(metric === undefined ? `${number} -` : `${number} ${metric.name} ${metric.from}`)
      },
      gap() {},
      skipped() {},
      damage() {},
    }
    const shots = stage(script).slice(midStream === 0 ? 0 : 3 + midStream)
    const analysis = new Analysis(sink, { depth: 'sessions' })
    analysis.push(
      pcapOf(
        shots.map(({ frame }) => frame),
        shots.map(({ at }) => at),
      ),
    )
    analysis.end()
    return told
  }
  const DATA = 'c: PUBLISH spBv1.0/g/NDATA/n seq=1 @1=1\n'

  test('of the last NBIRTH, and for no other packet', () => {
    const again = `c: PUBLISH spBv1.0/g/NBIRTH/n seq=0 ${BORN.replace('temp', 'heat')}\n`
    expect(births(`${OPEN}${DATA}c: PINGREQ\ns: PINGRESP\n${again}${DATA}`, 6)).toEqual([
      '6 temp 5',
      '7 -',
      '8 -',
      '9 heat 9',
      '10 heat 9',
    ])
  })

  test('of copies at a subscriber', () => {
    const script = `c: CONNECT\ns: CONNACK\ns: PUBLISH spBv1.0/g/NBIRTH/n seq=0 ${BORN}\ns: PUBLISH spBv1.0/g/NDATA/n seq=1 @1=1`
    expect(births(script, 4)).toEqual(['4 temp 3'])
  })

  test('not of a birth before the capture, and not after the death', () => {
    expect(births(`${OPEN}${DATA}`, 1, 5)).toEqual(['1 -'])
    expect(births(`${OPEN}c: PUBLISH spBv1.0/g/NDEATH/n bdSeq:8=0\n${DATA}`, 7)).toEqual(['7 -'])
  })
})
