/** Captures on another machine: a real ssh server on loopback. Nothing is lost, everything is told, nothing is left running. */
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect } from 'vitest'
import { CaptureReader } from '../../src/capture/reader.ts'
import { Line } from '../support/hosts.ts'
import { contents, descendants, folder, freePort, killStarted, processes, run, Sniff, until } from '../support/live.ts'
import { Pty } from '../support/pty.ts'
import { Sshd } from '../support/sshd.ts'
import { hasTool, needs } from '../support/tools.ts'

const TOOLS = ['sshd', 'ssh', 'tcpdump', 'dumpcap', 'root', 'setpriv'] as const
const there = needs(...TOOLS)
const home = folder()
let sshd: Sshd

beforeAll(async () => {
  if (TOOLS.every(hasTool)) sshd = await Sshd.start()
})
afterAll(() => {
  killStarted()
  sshd?.stop()
  rmSync(home, { recursive: true, force: true })
})

const sniffs = (args: readonly string[]): Sniff => new Sniff(args, { env: sshd.env })

/** A capture on the loopback interface of the far machine, begun, with a client that has connected. */
async function begin(args: readonly string[], interfaces = ['ssh://farbox/lo']): Promise<{ sniff: Sniff; line: Line }> {
  const port = await freePort()
  const named = interfaces.flatMap(name => ['-i', name])
  const sniff = await sniffs([...named, '-p', String(port), ...args]).ready()
  await until('all have begun', () => count(sniff.errors, 'capturing on') === interfaces.length)
  return { sniff, line: await Line.open(port) }
}

const pings = (sniff: Sniff): number => sniff.lines.filter(line => / PINGREQ /.test(line)).length

const count = (text: string, words: string): number => text.split(words).length - 1

describe('over ssh', () => {
  for (const backend of ['dumpcap', 'tcpdump'])
    there(`${backend}: all packets come, Ctrl-C is the normal end, nothing is left there`, async () => {
      const file = join(home, `${backend}.pcapng`)
      const { sniff, line } = await begin(['--backend', backend, '-T', 'text', '-w', file])
      expect(sniff.errors).toContain(
        `capturing on ssh://farbox/lo with ${backend}; the times are by the clock of farbox\n`,
      )
      await line.send(50)
      sniff.signal('SIGINT')
      expect(await sniff.ended).toBe(0)
      expect(pings(sniff)).toBe(50)
      expect(contents(file).damages).toBe(0)
      expect(sniff.errors).toMatch(/ 0 dropped by the kernel/)
      await sshd.isEmpty()
      line.close()
    })

  there('a silent line: the program there ends, too, however this one ends', async () => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGKILL'] as const) {
      const sniff = await sniffs(['-i', 'ssh://farbox/lo', '-p', '9', '-T', 'text', '--backend', 'tcpdump']).ready()
      const here = descendants(sniff.child.pid ?? 0)
      expect(sshd.running(/tcpdump/).length).toBe(1)
      sniff.signal(signal)
      await sniff.ended
      await sshd.isEmpty(here)
    }
  })

  there('a program there that is stopped, on a silent line', async () => {
    const sniff = await sniffs(['-i', 'ssh://farbox/lo', '-p', '9', '-T', 'text']).ready()
    const [pid = 0] = sshd.running(/dumpcap/)
    process.kill(pid, 'SIGSTOP')
    sniff.signal('SIGINT')
    expect(await sniff.ended).toBe(0)
    await sshd.isEmpty()
  })

  for (const [where, options] of [
    ['farbox', []],
    ['sudobox', ['--sudo']],
  ] as const)
    there(
      `the capture does not capture itself (${where}${options.length > 0 ? ', a stand-in for sudo' : ''})`,
      async () => {
        const file = join(home, 'self.pcapng')
        const { sniff, line } = await begin(['-f', 'tcp', '-T', 'none', '-w', file, ...options], [`ssh://${where}/lo`])
        await line.send(20)
        sniff.signal('SIGINT')
        expect(await sniff.ended).toBe(0)
        const from = (port: number): number =>
          run('tcpdump', '-nr', file, `port ${port}`).split('\n').filter(Boolean).length
        expect(from(line.port)).toBeGreaterThan(20)
        for (const port of sshd.ports) expect(from(port)).toBe(0)
        await sshd.isEmpty()
        line.close()
      },
    )

  there('a number of frames, and files in a ring', async () => {
    const { sniff, line } = await begin([
      '-a',
      'packets:10',
      '-T',
      'none',
      '-w',
      join(home, 'ring.pcapng'),
      '-b',
      'filesize:1',
    ])
    await line.send(30)
    expect(await sniff.ended).toBe(0)
    expect(sniff.errors).toMatch(/^10 frames/m)
    await sshd.isEmpty()
    line.close()
  })
})

describe('a far end that goes away', () => {
  const ends: Readonly<Record<string, (sniff: Sniff) => readonly number[]>> = {
    'the capture program there is killed': () => sshd.running(/^(dumpcap|tcpdump)$/),
    'ssh is killed': sniff => descendants(sniff.child.pid ?? 0).filter(pid => nameOf(pid) === 'ssh'),
    'the login there is killed': () => sshd.running(/^sshd/),
  }
  for (const [title, victims] of Object.entries(ends))
    there(`${title}: told once, what came is kept, nothing is left`, async () => {
      const file = join(home, 'gone.pcapng')
      const { sniff, line } = await begin(['-T', 'text', '-w', file])
      await line.send(20)
      await until('the packets are shown', () => pings(sniff) === 20)
      const here = descendants(sniff.child.pid ?? 0)
      const hit = victims(sniff)
      expect(hit.length).toBeGreaterThan(0)
      for (const pid of hit) process.kill(pid, 'SIGKILL')
      expect(await sniff.ended).toBe(3)
      expect(count(sniff.errors, 'the far end is gone')).toBe(1)
      expect(contents(file).damages).toBe(0)
      await sshd.isEmpty(here)
      line.close()
    })
})

const nameOf = (pid: number): string => processes().find(one => one.pid === pid)?.name ?? ''

describe('what cannot begin: one line, exit 4, nothing runs', () => {
  const cases: Readonly<Record<string, readonly [string, string]>> = {
    'another host key': ['otherkey/lo', 'the host key of otherkey has changed'],
    'a key that is not allowed': ['refused/lo', 'refused refuses the login: ssh refused must work without a password'],
    'nobody listens': ['closed/lo', 'closed refuses the connection'],
    'no rights': ['poorbox/lo', 'no permission to capture on poorbox: use --sudo'],
    'no programs': ['emptybox/lo', 'neither dumpcap nor tcpdump is installed on emptybox'],
    'no such interface': ['farbox/nosuch0', 'there is no interface "nosuch0" on farbox'],
  }
  for (const [title, [where, words]] of Object.entries(cases))
    there(title, async () => {
      const sniff = sniffs(['-i', `ssh://${where}`, '-T', 'text', '-w', join(home, 'never.pcapng')])
      expect(await sniff.ended).toBe(4)
      expect(sniff.errors).toContain(`mqtt-sniff: ssh://${where}: ${words}`)
      expect([sniff.errors.split('\n').length, sniff.out]).toEqual([2, ''])
      await sshd.isEmpty()
    })

  there('Ctrl-C while the other machine does not answer', async () => {
    const sniff = sniffs(['-i', 'ssh://mute/lo', '-i', 'ssh://farbox/lo', '-T', 'text'])
    const sshs = (): readonly number[] => descendants(sniff.child.pid ?? 0).filter(pid => nameOf(pid) === 'ssh')
    await until('ssh runs', () => sshs().length === 2 && sshd.running(/dumpcap/).length === 1)
    const here = descendants(sniff.child.pid ?? 0)
    sniff.signal('SIGINT')
    expect(await sniff.ended).toBe('SIGINT')
    await sshd.isEmpty(here)
  })

  there('no sudo there', async () => {
    const sniff = sniffs(['-i', 'ssh://poorbox/lo', '--sudo', '-T', 'text'])
    expect(await sniff.ended).toBe(4)
    expect(sniff.errors).toMatch(/^mqtt-sniff: ssh:\/\/poorbox\/lo: sudo is not installed on poorbox: .*\n$/)
  })

  there('one of several: the others end, too', async () => {
    const sniff = sniffs(['-i', 'lo', '-i', 'ssh://farbox/lo', '-i', 'ssh://refused/lo', '-T', 'text'])
    expect(await sniff.ended).toBe(4)
    expect([count(sniff.errors, 'refuses the login'), count(sniff.errors, 'far end is gone')]).toEqual([1, 0])
    await sshd.isEmpty()
  })

  there('a refused name is exit 2; of several the others are not started either', async () => {
    for (const name of [
      'ssh://-Fevil/lo',
      'ssh://farbox/$(id)',
      'ssh://farbox/a\nb',
      "docker://a'b/lo",
      'k8s://--all/lo',
    ]) {
      const sniff = sniffs(['-i', 'lo', '-i', 'ssh://farbox/lo', '-i', name, '-T', 'text'])
      expect(await sniff.ended).toBe(2)
      expect(sniff.errors).toContain('is not allowed')
      expect(sshd.running()).toEqual([])
    }
  })
})

describe('on the screens', () => {
  there('live, stopped, started again, quit: nothing is left there', async () => {
    const port = await freePort()
    const pty = new Pty(['-i', 'ssh://farbox/lo', '-p', String(port)], 100, 24, sshd.env)
    await pty.until('● live')
    const line = await Line.open(port)
    await line.send(5)
    await pty.until('PINGREQ')
    pty.keys('S')
    await pty.until('■ stopped (S starts)')
    await sshd.isEmpty()
    pty.keys('S')
    await pty.until('● live')
    pty.keys('8')
    await pty.until('by the clock of farbox')
    pty.keys('q', 'q')
    await pty.until('q again leaves')
    pty.keys('q')
    await until('it ends', () => pty.ended !== undefined)
    await sshd.isEmpty()
    line.close()
  })

  there('what cannot begin opens no screens', async () => {
    const pty = new Pty(['-i', 'ssh://refused/lo'], 100, 24, sshd.env)
    await until('it ends', () => pty.ended !== undefined)
    expect(pty.ended?.code).toBe(4)
    expect(pty.raw).toContain('refused refuses the login')
    expect(pty.raw).not.toContain('\x1b[?1049h')
  })
})

describe('several', () => {
  there('this machine and another one: one file, each interface by its name', async () => {
    const file = join(home, 'mixed.pcapng')
    const { sniff, line } = await begin(['-T', 'none', '-w', file], ['lo', 'ssh://farbox/lo'])
    await line.send(20)
    sniff.signal('SIGINT')
    expect(await sniff.ended).toBe(0)
    const reader = new CaptureReader({ frame: () => {}, lost: () => {}, damage: () => {} })
    reader.push(readFileSync(file))
    reader.end()
    expect(reader.interfaces.map(({ name }) => name).sort()).toEqual(['lo', 'ssh://farbox/lo'])
    await sshd.isEmpty()
    line.close()
  })

  there('one goes away: told once, the other goes on, exit 3', async () => {
    const { sniff, line } = await begin(['-T', 'text'], ['lo', 'ssh://farbox/lo'])
    for (const pid of sshd.running(/^(dumpcap|tcpdump)$/)) process.kill(pid, 'SIGKILL')
    await until('it is told', () => sniff.errors.includes('the other captures go on'))
    await line.send(20)
    await until('packets are shown', () => pings(sniff) >= 20)
    sniff.signal('SIGINT')
    expect(await sniff.ended).toBe(3)
    expect(count(sniff.errors, 'the far end is gone')).toBe(1)
    line.close()
  })
})
