/** The built program: many targets, signals, files, options. Needs `npm run build`. */
import { spawn } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import type { Socket } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { answering, CONNACK, type Event, eventOf, Fake, SUBACK, saying } from '../support/grab.ts'
import { CLI, folder, until } from '../support/live.ts'
import { needs } from '../support/tools.ts'
import { join as joined, publish } from '../support/traffic.ts'

const LAG = fileURLToPath(new URL('../support/lag.mjs', import.meta.url))
const utf8 = new TextEncoder()
const isLinux = process.platform === 'linux'

class Grab {
  out = ''
  errors = ''
  /** Most file handles seen, and memory as time goes by. */
  handles = 0
  readonly memory: number[] = []
  readonly ended: Promise<number>
  readonly child: ReturnType<typeof spawn>

  constructor(args: readonly string[], options: { files?: number; stdin?: string; env?: Record<string, string> } = {}) {
    const program = [process.execPath, '--import', LAG, CLI, 'grab', ...args]
    const limited = ['-c', `ulimit -n ${options.files}; exec "$@"`, 'sh', ...program]
    const [name = '', ...rest] = options.files === undefined ? program : ['sh', ...limited]
    this.child = spawn(name, rest, { stdio: 'pipe', env: { ...process.env, ...options.env } })
    this.child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.out += text
    })
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.errors += text
    })
    this.child.stdin?.on('error', () => {}).end(options.stdin ?? '')
    const watch = setInterval(() => this.look(), 40)
    this.ended = new Promise(resolve =>
      this.child.once('close', code => {
        clearInterval(watch)
        resolve(code ?? -1)
      }),
    )
  }

  get events(): readonly Event[] {
    return this.out.split('\n').slice(0, -1).map(eventOf)
  }

  get lag(): string {
    return /lag .*/.exec(this.errors)?.[0] ?? 'no measure'
  }

  private look(): void {
    if (!isLinux) return
    try {
      const home = `/proc/${this.child.pid}`
      this.handles = Math.max(this.handles, readdirSync(`${home}/fd`).length)
      const resident = /VmRSS:\s+(\d+)/.exec(readFileSync(`${home}/status`, 'utf8'))
      if (resident !== null) this.memory.push(Number(resident[1]) / 1024)
    } catch {
      // It has just ended.
    }
  }
}

/** A thousand brokers, each on a port of its own, of five kinds. */
const KINDS: readonly ((socket: Socket) => void)[] = [
  saying(CONNACK, SUBACK, ...Array.from({ length: 120 }, (_, at) => publish(`t/${at}`, utf8.encode('x'.repeat(50))))),
  answering(socket => void socket.end(joined(CONNACK, SUBACK, publish('a', utf8.encode('b'))))),
  saying(Uint8Array.of(0x20, 2, 0, 5)),
  saying(utf8.encode(`HTTP/1.1 400 Bad Request\r\nServer: nginx\r\n${'x'.repeat(80)}`)),
  answering(socket => socket.resetAndDestroy()),
]

describe('many targets', () => {
  const home = folder()
  const fakes: Fake[] = []
  const targets = (count: number): string =>
    fakes
      .slice(0, count)
      .map(({ port }) => `127.0.0.1:${port}\n`)
      .join('')

  beforeAll(async () => {
    for (let at = 0; at < 1000; at++) fakes.push(await Fake.start(KINDS[at % KINDS.length] ?? (() => {})))
    writeFileSync(join(home, 'targets'), `# a thousand\n\n${targets(1000)}`)
  })

  afterAll(async () => {
    for (const fake of fakes) await fake[Symbol.asyncDispose]()
    rmSync(home, { recursive: true, force: true })
  })

  test('a thousand: one line each, few handles, little memory, an event loop that lives', async () => {
    const grab = new Grab(['--targets', join(home, 'targets'), '--duration', '5', '--job-id', 'job', '--country', 'uk'])
    expect(await grab.ended).toBe(0)
    const { events } = grab
    expect(events.map(({ target }) => target.port).sort()).toEqual(fakes.map(({ port }) => port).sort())
    const expected = ['messages', 'closed', 'closed', 'not_mqtt', 'reset']
    const kindOf = new Map(fakes.map(({ port }, at) => [port, expected[at % KINDS.length]]))
    for (const { error, limit, target, origin } of events) {
      expect(error?.code ?? limit).toBe(kindOf.get(target.port))
      expect(origin).toMatchObject({ type: 'mqtt', job_id: 'job', client_id: null, module: 'grabber', country: 'uk' })
    }
    expect(grab.handles).toBeLessThan(256)
    const quarter = Math.floor(grab.memory.length / 4)
    const [early, late] = [grab.memory.slice(quarter, 2 * quarter), grab.memory.slice(-quarter)].map(part =>
      Math.max(0, ...part),
    )
    // A thousand events of 9 KB on top would be 9 MB; the garbage collector may take its time.
    if (early !== undefined && early > 0) expect(late).toBeLessThan(early + 64)
    console.log(
      `1,000 targets: ${grab.handles} handles at most, ${early?.toFixed(0)} to ${late?.toFixed(0)} MB, ${grab.lag}`,
    )
  })

  const ifLinux = isLinux ? test : test.skip
  ifLinux('too few file handles: fewer at a time, and no line lost', async () => {
    // The program's own files are loaded within the same limit.
    const args = ['--targets', '-', '--concurrency', '400', '--duration', '10']
    const grab = new Grab(args, { files: 200, stdin: targets(600) })
    expect([await grab.ended, grab.errors.replace(/\nlag.*\n/, '')]).toEqual([0, ''])
    expect(new Set(grab.events.map(({ target }) => target.port)).size).toBe(600)
    expect(grab.events.filter(({ error }) => error?.code === 'files')).toEqual([])
    expect(grab.handles).toBeLessThanOrEqual(210)
  })

  test('SIGINT: what is under way is told, the rest is counted', async () => {
    const heard: Buffer[] = []
    const first = joined(CONNACK, SUBACK, publish('a', utf8.encode('b'), 1, 7))
    await using silent = await Fake.start(answering(socket => void socket.write(first), heard))
    writeFileSync(join(home, 'silent'), `127.0.0.1:${silent.port}\n`.repeat(200))
    const grab = new Grab(['--targets', join(home, 'silent'), '--concurrency', '20', '--duration', '60'])
    // Each has its message once the PUBACK for it has come.
    await until('20 answers', () => Buffer.concat(heard).toString('hex').split('40020007').length === 21)
    grab.child.kill('SIGINT')
    expect(await grab.ended).toBe(130)
    expect(grab.errors).toContain('180 targets were not begun')
    expect(grab.events.length).toBe(20)
    for (const { error, limit, result } of grab.events) {
      expect(error).toMatchObject({ code: 'interrupted' })
      expect(limit).toBeNull()
      expect(result.data).toMatchObject({ connected: true, num_events: 1 })
    }
  })

  test('lines that are no targets are told by their number, the others grabbed', async () => {
    const [first, second] = fakes.slice(1, 3).map(({ port }) => port)
    const stdin = `127.0.0.1:${first} # one\n10.0.0.0/8\n\n127.0.0.1:${second}`
    const grab = new Grab(['--targets', '-', '--duration', '5'], { stdin })
    expect(await grab.ended).toBe(2)
    expect(grab.errors).toContain('stdin:2: "10.0.0.0/8": name single hosts')
    expect(grab.events.map(({ target }) => target.port).sort()).toEqual([first, second].sort())
  })
})

describe('options', () => {
  const home = folder()
  afterAll(() => rmSync(home, { recursive: true, force: true }))

  const fails = async (args: readonly string[], said: string, code = 2): Promise<void> => {
    const grab = new Grab(args)
    expect(await grab.ended).toBe(code)
    expect(grab.errors).toContain(said)
    expect(grab.out).toBe('')
  }

  test('wrong usage', async () => {
    mkdirSync(join(home, 'empty'))
    await Promise.all([
      fails([], 'nothing to grab'),
      fails(['10.0.0.0/24'], 'no ranges'),
      fails(['mqtt://host'], '--tls and --ws'),
      fails(['--tui', 'host'], 'needs a terminal'),
      fails(['--insecure', 'host'], 'need --tls'),
      fails(['-V', '4', 'host'], '3.1.1'),
      fails(['-t', 'a/#/b', 'host'], 'MQTT-4.7.1'),
      fails(['-t', '', 'host'], 'at least one character'),
      fails(['--duration', '0', 'host'], 'seconds'),
      fails(['--max-bytes', '1e9', 'host'], 'from 1 to'),
      fails(['-P', 'x', 'host'], 'needs a user name'),
      fails(['--tls', '--ca', CLI, 'host'], 'no certificate'),
      fails(['--password-file', join(home, 'none'), '-u', 'me', 'host'], 'no such file'),
      fails(['--ws', 'mqtt', 'host'], 'begins with /'),
    ])
    await Promise.all([
      fails(['--targets', join(home, 'none')], 'cannot read', 3),
      fails(['--pcap', join(home, 'empty'), 'localhost:1'], 'cannot write', 5),
    ])
  })

  test('help shows examples, one of each kind', async () => {
    const grab = new Grab(['--help'])
    expect(await grab.ended).toBe(0)
    expect(grab.out.match(/^ {2}mqtt-sniff grab /gm)?.length).toBe(4)
    expect(grab.out).not.toContain('not built yet')
  })

  test('the password comes from a file, from the environment, or with a warning', async () => {
    const heard: Buffer[] = []
    await using fake = await Fake.start(answering(socket => void socket.end(CONNACK), heard))
    const target = `127.0.0.1:${fake.port}`
    writeFileSync(join(home, 'password'), 'from file\n')
    const grabs = [
      new Grab(['-u', 'me', '--password-file', join(home, 'password'), target]),
      new Grab(['-u', 'me', target], { env: { MQTT_PASSWORD: 'from environment' } }),
      new Grab([target], { env: { MQTT_PASSWORD: 'not asked for' } }),
      new Grab(['-u', 'me', '-P', 'from argument', '--client-id', 'tiago', target]),
    ]
    expect(await Promise.all(grabs.map(({ ended }) => ended))).toEqual([0, 0, 0, 0])
    const all = Buffer.concat(heard).toString('latin1')
    for (const said of ['from file', 'from environment', 'from argument', 'tiago']) expect(all).toContain(said)
    expect(all).not.toContain('not asked for')
    expect(all).not.toContain('from file\n')
    expect(grabs.map(({ errors }) => errors.includes('--password-file or MQTT_PASSWORD'))).toEqual([
      false,
      false,
      false,
      true,
    ])
  })

  test('pretty is the same event', async () => {
    const said = joined(CONNACK, publish('a', utf8.encode('"{')))
    await using fake = await Fake.start(answering(socket => void socket.end(said)))
    const grab = new Grab(['--pretty', `127.0.0.1:${fake.port}`])
    expect(await grab.ended).toBe(0)
    const event = eventOf(JSON.stringify(JSON.parse(grab.out)))
    expect(grab.out).toBe(`${JSON.stringify(event, null, 2)}\n`)
  })

  const saved = needs('tshark')
  saved('--pcap holds what the event tells, for mqtt-sniff and for tshark', async () => {
    const payloads = Array.from({ length: 150 }, (_, at) =>
      publish(`t/${at % 7}`, utf8.encode(`${at} grüße`), at % 3, at + 1),
    )
    await using fake = await Fake.start(saying(CONNACK, SUBACK, ...payloads))
    const file = join(home, 'grab.pcapng')
    const grab = new Grab(['--pcap', file, `127.0.0.1:${fake.port}`])
    expect(await grab.ended).toBe(0)
    const told = grab.events[0]?.result.data.messages
    const run = async (program: string, ...args: string[]): Promise<string> => {
      const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'ignore'] })
      let out = ''
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        out += text
      })
      await new Promise(resolve => child.once('close', resolve))
      return out
    }
    const port = String(fake.port)
    const records = (await run(process.execPath, CLI, '-p', port, '-T', 'ndjson', file)).trim().split('\n')
    const published = records.map(line => JSON.parse(line)).filter(({ type }) => type === 'PUBLISH')
    expect(published.map(({ topic, payload }) => ({ topic, msg: payload.text }))).toEqual(told)
    expect(told?.length).toBe(100)
    expect(records.at(-1)).toMatch(/"gaps":0/)
    const decode = ['-d', `tcp.port==${port},mqtt`, '-o', 'tcp.check_checksum:TRUE', '-o', 'ip.check_checksum:TRUE']
    const fields = ['-T', 'fields', '-e', 'mqtt.topic', '-e', 'tcp.checksum.status', '-e', 'tcp.analysis.flags']
    const seen = (await run('tshark', '-r', file, ...decode, ...fields)).replace(/\n$/, '').split('\n')
    expect(
      seen
        .map(line => line.split('\t')[0])
        .join(',')
        .split(',')
        .filter(topic => topic?.startsWith('t/')),
    ).toEqual(told?.map(({ topic }) => topic))
    expect(new Set(seen.map(line => line.split('\t').slice(1).join()))).toEqual(new Set(['1,']))
  })
})
