/**
 * Live capture: PUBLISH packets of 200 bytes on the loopback of a host of its own (`ip netns`), whose kernel counts the
 * frames sent; beside them what was seen, and what was reported lost. Needs root.
 */
import { execFileSync, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Readable } from 'node:stream'

/** It stands beside the program that was started; this file may be in a chunk of it. */
const SENDER = join(dirname(process.argv[1] ?? ''), 'sender.js')
export const PORT = 1883

/** Packets a second, for so long. */
const RATES = [10_000, 50_000, 100_000] as const
const SECONDS = 5

/** Overload: every field of every packet printed to somebody who reads so much a second. */
const OVERLOAD = { rate: 50_000, bytesPerSecond: 8_000_000, args: ['-T', 'text', '-V', '-B', '4'] }
const READ_EVERY_MS = 20

const HOST = `mqs-bench-${process.pid}`
/** Arguments of `ip`, in front of a program that is to run there. */
export const INSIDE = ['netns', 'exec', HOST]

/** A host of its own for as long as the work takes; why there is none. */
export async function onOwnHost(work: () => Promise<void>): Promise<string | undefined> {
  if (process.getuid?.() !== 0) return 'it needs root'
  execFileSync('ip', ['netns', 'add', HOST])
  try {
    execFileSync('ip', [...INSIDE, 'ip', 'link', 'set', 'lo', 'up'])
    await work()
  } finally {
    execFileSync('ip', ['netns', 'del', HOST])
  }
  return undefined
}

export interface Sent {
  readonly sent: number
  readonly ms: number
  readonly clients: number
}

/** So many packets a second on that host, for so many seconds. */
export async function send(rate: number, seconds: number): Promise<Sent> {
  return JSON.parse(await output('ip', [...INSIDE, process.execPath, SENDER, `${PORT}`, `${rate}`, `${seconds}`]))
}

export interface LiveResult {
  readonly title: string
  readonly perSecond: number
  readonly packetsSent: number
  readonly packetsSeen: number
  readonly framesSent: number
  readonly framesSeen: number
  readonly lost: number | undefined
  readonly memory: number
}

/** One run after the other; `tell` hears of each when it is over. */
export function measureLive(cli: string, tell: (result: LiveResult) => void): Promise<string | undefined> {
  return onOwnHost(async () => {
    for (const backend of ['dumpcap', 'tcpdump', 'cap']) {
      for (const rate of RATES) {
        const title = `${backend}, ${rate.toLocaleString('en')} packets/s`
        tell(await measure(title, rate, [cli, '--backend', backend, '-T', 'none']))
      }
    }
    for (const backend of ['dumpcap', 'tcpdump']) {
      const args = [cli, '--backend', backend, ...OVERLOAD.args]
      tell(await measure(`${backend}, overload: a slow reader`, OVERLOAD.rate, args, OVERLOAD.bytesPerSecond))
    }
  })
}

async function measure(title: string, rate: number, args: readonly string[], slowly?: number): Promise<LiveResult> {
  const child = spawn('ip', [...INSIDE, process.execPath, ...args, '-i', 'lo', '-p', String(PORT)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const reader = slowly === undefined ? child.stdout.resume() : readSlowly(child.stdout, slowly)
  let said = ''
  const begun = new Promise<void>((resolve, reject) => {
    child.once('close', () => reject(new Error(said)))
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text
      if (said.includes('capturing on')) resolve()
    })
  })
  await begun
  const before = framesOnLoopback()
  const { sent, ms, clients } = await send(rate, SECONDS)
  const framesSent = framesOnLoopback() - before
  const memory = peak(child.pid)
  // From now on it may print as fast as it can.
  if (slowly !== undefined) reader.removeAllListeners('readable').resume()
  const ended = new Promise(resolve => child.once('close', resolve))
  child.kill('SIGINT')
  await ended
  const found = /(\d+) frames? · (\d+) packets?.*?(?:(\d+) dropped by the kernel|drops unknown)/.exec(said)
  const [framesSeen = 0, packets = 0] = found?.slice(1, 3).map(Number) ?? []
  const lost = found?.[3] === undefined ? undefined : Number(found[3])
  // Their CONNECTs are not counted as sent.
  const packetsSeen = packets - clients
  return {
    title,
    perSecond: Math.round((sent / ms) * 1000),
    packetsSent: sent,
    packetsSeen,
    framesSent,
    framesSeen,
    lost,
    memory,
  }
}

/** Takes so many bytes a second and no more. */
function readSlowly(stream: Readable, bytesPerSecond: number): Readable {
  const each = Math.floor((bytesPerSecond * READ_EVERY_MS) / 1000)
  const timer = setInterval(
    () => void (stream.read(Math.min(each, stream.readableLength)) ?? stream.read()),
    READ_EVERY_MS,
  )
  stream.on('readable', () => {})
  stream.once('end', () => clearInterval(timer))
  stream.once('resume', () => clearInterval(timer))
  return stream
}

function output(program: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] })
    let text = ''
    child.stdout.setEncoding('utf8').on('data', (more: string) => {
      text += more
    })
    child.once('close', code => (code === 0 ? resolve(text) : reject(new Error(`${program} ended with ${code}`))))
  })
}

const framesOnLoopback = (): number =>
  Number(execFileSync('ip', [...INSIDE, 'cat', '/sys/class/net/lo/statistics/rx_packets'], { encoding: 'utf8' }))

/** Bytes resident at most. */
function peak(pid: number | undefined): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  return Number(/^VmHWM:\s+(\d+)/m.exec(status)?.[1] ?? 0) * 1024
}
