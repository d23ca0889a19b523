/**
 * Real servers of other protocols, with real clients: none of their bytes is MQTT, on any port, from wherever the capture
 * begins and whichever side it holds.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect } from 'vitest'
import { Analysis } from '../../src/analysis/analysis.ts'
import type { Frame } from '../../src/base/line.ts'
import { CaptureReader } from '../../src/capture/reader.ts'
import { CaptureWriter } from '../../src/capture/writer.ts'
import { readSegment, Segment } from '../../src/net/segment.ts'
import { Flag } from '../../src/net/tcp.ts'
import { inflateRaw } from '../../src/transport/zlib.ts'
import { type Command, FOREIGN_SERVERS, type ForeignServer, giveToNobody, NOBODY } from '../support/foreign-servers.ts'
import { freePort, killStarted, Sniff, until, watched, withSbin } from '../support/live.ts'
import { needs } from '../support/tools.ts'

const LONGEST_MS = 30_000
const CLIENT_MS = 10_000
/** What a side sends last has passed the loopback by then. */
const REST_MS = 200

afterAll(killStarted)

const pause = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms))

const answers = (port: number): Promise<boolean> =>
  new Promise(resolve => {
    const socket = connect(port, '127.0.0.1', () => resolve(true)).once('error', () => resolve(false))
    socket.once('connect', () => socket.destroy())
  })

function started([program = '', ...args]: Command, isRoot: boolean, cwd: string): ChildProcess {
  const user = isRoot ? {} : { uid: NOBODY, gid: NOBODY }
  const env = { ...withSbin(), HOME: cwd }
  return watched(spawn(program, args, { ...user, cwd, env, stdio: ['ignore', 'ignore', 'pipe'] }))
}

/** What a program has written to stderr so far. */
function saidBy(child: ChildProcess): { text: string } {
  const lines = { text: '' }
  child.stderr?.on('data', chunk => {
    lines.text += chunk
  })
  return lines
}

async function ended(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  child.kill(signal)
  await until('the program ends', () => child.exitCode !== null || child.signalCode !== null)
}

/** Starts a server, and returns what crossed the loopback while its clients were busy. */
async function recorded(server: ForeignServer, home: string, port: number): Promise<Uint8Array> {
  const serving = started(server.serve(home, port), server.isRoot === true, home)
  const stderr = saidBy(serving)
  try {
    await until('the server listens', () => {
      if (serving.exitCode !== null) throw new Error(`the server has ended: ${stderr.text}`)
      return answers(port)
    })
    return await captured(port, join(home, 'all.pcap'), server.clients(home, port))
  } finally {
    await ended(serving, server.signal ?? 'SIGTERM')
  }
}

async function captured(port: number, file: string, clients: readonly Command[]): Promise<Uint8Array> {
  const args = [
    '-i',
    'lo',
    '-s',
    '0',
    '-B',
    '16384',
    '-U',
    '--immediate-mode',
    '-Z',
    'root',
    '-w',
    file,
    `tcp port ${port}`,
  ]
  const tcpdump = watched(spawn('tcpdump', args, { stdio: ['ignore', 'ignore', 'pipe'], env: withSbin() }))
  const stderr = saidBy(tcpdump)
  try {
    await until('tcpdump listens', () => stderr.text.includes('listening'))
    for (const [program = '', ...rest] of clients)
      execFileSync(program, rest, { env: withSbin(), stdio: ['ignore', 'ignore', 'pipe'], timeout: CLIENT_MS })
    await pause(REST_MS)
  } finally {
    await ended(tcpdump, 'SIGINT')
  }
  return new Uint8Array(readFileSync(file))
}

type Choice = (segment: Segment, index: number) => boolean

/** Returns the capture with the frames that are chosen, and how many they are. */
function cut(capture: Uint8Array, isChosen: Choice): { readonly bytes: Uint8Array; readonly frames: number } {
  const writer = new CaptureWriter()
  const segment = new Segment()
  const pieces: Uint8Array[] = []
  let index = 0
  const frame = (frame: Frame): void => {
    if (readSegment(frame, segment) && isChosen(segment, index++)) pieces.push(writer.write(frame).slice())
  }
  const reader = new CaptureReader({ frame, lost: () => {}, damage: () => {} })
  reader.push(capture.slice())
  reader.end()
  return { bytes: Buffer.concat(pieces), frames: pieces.length }
}

const isSyn: Choice = ({ flags }) => (flags & Flag.Syn) !== 0
const from =
  (least: number): Choice =>
  (_segment, index) =>
    index >= least
const all =
  (...choices: readonly Choice[]): Choice =>
  (segment, index) =>
    choices.every(isChosen => isChosen(segment, index))
const no =
  (isChosen: Choice): Choice =>
  (segment, index) =>
    !isChosen(segment, index)

/** What a capture point may miss: the start, the frames before it was there, one of both sides. */
function choicesOf(frames: number, port: number): readonly (readonly [string, Choice])[] {
  const isClient: Choice = ({ targetPort }) => targetPort === port
  const middle = from(frames >> 1)
  const starts = [4, 5, 7, 10, 16, frames >> 2, frames >> 1, (frames * 3) >> 2]
  return [
    ['without SYN', no(isSyn)],
    ...starts.map(least => [`from frame ${least}`, all(from(least), no(isSyn))] as const),
    ['the client alone', isClient],
    ['the server alone', no(isClient)],
    ['the client alone, without SYN', all(isClient, no(isSyn))],
    ['the server alone, without SYN', all(no(isClient), no(isSyn))],
    ['the client alone, from the middle', all(isClient, middle)],
    ['the server alone, from the middle', all(no(isClient), middle)],
  ]
}

/** All that is reported of a capture. */
function reported(capture: Uint8Array): readonly string[] {
  const events: string[] = []
  const note = (what: string) => (): void => void events.push(what)
  const names = ['packet', 'gap', 'skipped', 'damage', 'exchange', 'connection', 'finding', 'ended']
  const analysis = new Analysis(Object.fromEntries(names.map(name => [name, note(name)])) as never, {
    inflate: inflateRaw,
  })
  analysis.push(capture)
  const { packets, connections, gaps } = analysis.end()
  return [...events, `${packets} packets, ${connections} connections, ${gaps} gaps`]
}

const NOTHING = ['0 packets, 0 connections, 0 gaps']

describe('no byte of another protocol is MQTT', () => {
  for (const server of FOREIGN_SERVERS)
    needs('tcpdump', 'root', ...server.tools)(
      `${server.name} (${server.packages.join(', ')})`,
      async () => {
        const home = mkdtempSync(join(tmpdir(), 'foreign-'))
        try {
          giveToNobody(home)
          const port = await freePort()
          const capture = await recorded(server, home, port)
          const { bytes, frames } = cut(capture, () => true)
          expect([frames > 16, reported(bytes)]).toEqual([true, NOTHING])
          for (const [name, isChosen] of choicesOf(frames, port))
            expect([name, reported(cut(capture, isChosen).bytes)]).toEqual([name, NOTHING])
          await expectSilence(home, capture)
        } finally {
          rmSync(home, { recursive: true, force: true })
        }
      },
      LONGEST_MS,
    )
})

/** The built program finds nothing in the file and, apart from its figures, says nothing of it. */
async function expectSilence(home: string, capture: Uint8Array): Promise<void> {
  const file = join(home, 'whole.pcap')
  writeFileSync(file, capture)
  const sniff = new Sniff(['findings', file])
  expect([await sniff.ended, sniff.out]).toEqual([0, 'no findings\n'])
  expect(sniff.errors).toMatch(/^\d+ frames · 0 packets · \d+ flows? \(0 MQTT\) · 0 gaps · .*\n$/)
}
