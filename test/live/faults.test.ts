/** What may go wrong while a capture runs: nothing that was whole is lost, everything is told, nobody is left behind. */
import { spawn } from 'node:child_process'
import { chmodSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect } from 'vitest'
import { Line } from '../support/hosts.ts'
import {
  CLI,
  contents,
  descendants,
  folder,
  freePort,
  isAlive,
  killStarted,
  readableCopy,
  run,
  Sniff,
  type SniffOptions,
  until,
  watched,
} from '../support/live.ts'
import { needs } from '../support/tools.ts'

afterAll(killStarted)

const home = folder()
afterAll(() => rmSync(home, { recursive: true, force: true }))

/** A capture on loopback, begun, with a client that has connected. */
async function begin(args: readonly string[], options: SniffOptions = {}): Promise<{ sniff: Sniff; line: Line }> {
  const port = await freePort()
  const sniff = await new Sniff(['-i', 'lo', '-p', String(port), ...args], options).ready()
  return { sniff, line: await Line.open(port) }
}

const gone = (pids: readonly number[]): Promise<void> => until('the capture program ends', () => !pids.some(isAlive))

const packetLines = (sniff: Sniff): number => sniff.lines.filter(line => /PINGREQ|CONNECT/.test(line)).length

const onLoopback = (...tools: string[]) => needs('root', ...tools)

describe('faults', () => {
  onLoopback('dumpcap')('P01: the capture program is killed', async () => {
    const file = join(home, 'p01.pcapng')
    const { sniff, line } = await begin(['-T', 'text', '-w', file])
    await line.send(50)
    await until('packets are shown', () => packetLines(sniff) > 0)
    for (const pid of sniff.captures) process.kill(pid, 'SIGKILL')
    expect(await sniff.ended).toBe(3)
    expect(sniff.errors).toMatch(/dumpcap was killed \(SIGKILL\); what it had delivered whole is kept/)
    expect(sniff.errors).toMatch(/\d+ frames · \d+ packets/)
    expect(contents(file).damages).toBe(0)
    line.close()
  })

  for (const backend of ['dumpcap', 'tcpdump', 'cap']) {
    const tool = backend === 'cap' ? 'the module cap' : backend
    onLoopback(tool)(`P02: ${backend} does not outlive the program`, async () => {
      const { sniff, line } = await begin(['-T', 'none', '--backend', backend])
      const pids = sniff.captures
      expect(pids.length).toBeGreaterThan(0)
      sniff.signal('SIGKILL')
      await sniff.ended
      await gone(pids)
      line.close()
    })

    onLoopback(tool)(`P02: ${backend} does not outlive the program, stopped or not`, async () => {
      const { sniff, line } = await begin(['-T', 'none', '--backend', backend])
      const pids = sniff.captures
      for (const pid of pids) process.kill(pid, 'SIGSTOP')
      sniff.signal('SIGKILL')
      await sniff.ended
      await gone(pids)
      line.close()
    })

    onLoopback(tool)(`P02: ${backend} is stopped, and Ctrl-C ends it all the same`, async () => {
      const { sniff, line } = await begin(['-T', 'none', '--backend', backend])
      const pids = sniff.captures
      for (const pid of pids) process.kill(pid, 'SIGSTOP')
      sniff.signal('SIGINT')
      expect(await sniff.ended).toBe(0)
      await gone(pids)
      line.close()
    })

    onLoopback(tool)(`P03: ${backend}: what was sent before the end is seen, whatever ends it`, async () => {
      const ends: readonly (readonly [NodeJS.Signals, number])[] = [
        ['SIGINT', 0],
        ['SIGTERM', 143],
        ['SIGHUP', 129],
      ]
      const all = ends.map(async ([signal, code]) => {
        const { sniff, line } = await begin(['-T', 'text', '--backend', backend])
        // The ring of cap has room for 1,000 frames, and on loopback each packet is four of them.
        await line.send(backend === 'cap' ? 100 : 300)
        sniff.signal(signal)
        expect([signal, await sniff.ended]).toEqual([signal, code])
        expect([signal, packetLines(sniff)]).toEqual([signal, line.sent])
        expect(sniff.errors).toMatch(/packets .*no damage/)
        line.close()
      })
      await Promise.all(all)
    })
  }

  onLoopback('dumpcap')('P03: -c, -a duration, -a packets and -a filesize end it', async () => {
    const file = join(home, 'p03.pcapng')
    const counted = await begin(['-T', 'text', '-c', '5'])
    await counted.line.send(50)
    expect(await counted.sniff.ended).toBe(0)
    expect(packetLines(counted.sniff)).toBe(5)
    const timed = await begin(['-T', 'none', '-a', 'duration:0.5'])
    expect(await timed.sniff.ended).toBe(0)
    const framed = await begin(['-T', 'none', '-a', 'packets:7'])
    await framed.line.send(50)
    expect(await framed.sniff.ended).toBe(0)
    expect(framed.sniff.errors).toMatch(/^7 frames/m)
    const sized = await begin(['-a', 'filesize:1', '-w', file])
    await sized.line.send(50)
    expect(await sized.sniff.ended).toBe(0)
    expect(contents(file).damages).toBe(0)
    for (const { line } of [counted, timed, framed, sized]) line.close()
  })

  onLoopback('tcpdump')('P04: Ctrl-C again leaves at once', async () => {
    const { sniff, line } = await begin(['-T', 'none', '--backend', 'tcpdump'])
    const pids = sniff.captures
    // Signals that wait together are one, so more than two are sent.
    const again = setInterval(() => sniff.signal('SIGINT'), 50)
    expect(await sniff.ended).toBe(130)
    clearInterval(again)
    await gone(pids)
    line.close()
  })

  onLoopback('dumpcap', 'setsid')('P04: Ctrl-C that meets the whole process group loses nothing', async () => {
    const { sniff, line } = await begin(['-T', 'text'], { before: ['setsid'] })
    await line.send(300)
    process.kill(-(sniff.child.pid ?? 0), 'SIGINT')
    expect(await sniff.ended).toBe(0)
    expect(packetLines(sniff)).toBe(line.sent)
    line.close()
  })

  onLoopback('dumpcap')('P06: /dev/full: told, the capture goes on', async () => {
    const { sniff, line } = await begin(['-T', 'text', '-w', '/dev/full'])
    await line.send(20)
    await until('the failure is told', () => /cannot write \/dev\/full/.test(sniff.errors))
    await line.send(20)
    await until('packets are still shown', () => packetLines(sniff) === line.sent)
    sniff.signal('SIGINT')
    expect(await sniff.ended).toBe(5)
    expect(sniff.errors.match(/cannot write/g)?.length).toBe(1)
    line.close()
  })

  onLoopback(
    'dumpcap',
    'mount',
    'unshare',
  )('P06: a small disk: the file ends at a whole block', async () => {
    // In a mount namespace of its own, which takes the disk along when the program ends; the file is copied out before.
    const copy = join(home, 'p06.pcapng')
    const script = `mount -t tmpfs -o size=64k none ${home}/disk; "$@"; code=$?; cp ${home}/disk/x.pcapng ${copy}; exit $code`
    run('mkdir', '-p', join(home, 'disk'))
    const before = ['unshare', '-m', 'sh', '-c', script, 'sh']
    const { sniff, line } = await begin(['-T', 'none', '-w', join(home, 'disk', 'x.pcapng')], { before })
    while (!sniff.errors.includes('cannot write')) await line.send(200)
    run('kill', '-INT', ...sniffers(sniff).map(String))
    expect(await sniff.ended).toBe(5)
    const saved = contents(copy)
    expect(saved.damages).toBe(0)
    expect(saved.frames).toBeGreaterThan(100)
    line.close()
  })

  onLoopback('dumpcap', 'script')('P10: the terminal goes: everything is saved, nobody is left', async () => {
    const port = await freePort()
    const file = join(home, 'p10.pcapng')
    const command = `exec ${process.execPath} ${CLI} -i lo -p ${port} -T text -w ${file}`
    const terminal = watched(spawn('script', ['-qec', command, '/dev/null'], { stdio: ['ignore', 'pipe', 'ignore'] }))
    let shown = ''
    terminal.stdout?.setEncoding('utf8').on('data', (text: string) => {
      shown += text
    })
    await until('the capture begins', () => shown.includes('capturing on'))
    const pids = descendants(terminal.pid ?? 0)
    const line = await Line.open(port)
    await line.send(100)
    terminal.kill('SIGKILL')
    await gone(pids)
    const saved = contents(file)
    expect(saved.damages).toBe(0)
    // Each packet has a frame of its own, and there were a handshake and acknowledgements.
    expect(saved.frames).toBeGreaterThan(line.sent)
    line.close()
  })

  onLoopback('dumpcap')('P07: stdout is closed', async () => {
    const { sniff, line } = await begin(['-T', 'text'])
    const pids = sniff.captures
    await until('a line is printed', () => sniff.lines.length > 0)
    sniff.child.stdout?.destroy()
    const sending = setInterval(() => void line.send(1), 20)
    expect(await sniff.ended).toBe(0)
    clearInterval(sending)
    expect(sniff.errors.replace(/.*capturing on.*\n/, '')).toBe('')
    await gone(pids)
    line.close()
  })

  onLoopback('dumpcap', 'tcpdump')('P11: no such device, a wrong filter: one line each, with a code', async () => {
    const wrong: readonly (readonly [readonly string[], number, RegExp])[] = [
      [['-i', 'loo'], 4, /^mqtt-sniff: there is no interface "loo"; did you mean lo\? .*\n$/],
      [
        ['-i', 'lo', '-f', 'tcp prt 1', '--backend', 'dumpcap'],
        2,
        /^mqtt-sniff: the capture filter is not valid: .*syntax error\n$/,
      ],
      [
        ['-i', 'lo', '-f', 'tcp prt 1', '--backend', 'tcpdump'],
        2,
        /^mqtt-sniff: the capture filter is not valid: .*syntax error\n$/,
      ],
      [['-i', 'any', '-f', 'vlan'], 2, /^mqtt-sniff: the capture filter is not valid: no VLAN support.*\n$/],
      [['-i', 'lo', '-i', 'any', '--backend', 'tcpdump'], 2, /one interface at a time/],
      [['-f', 'tcp', 'x.pcap'], 2, /-f needs -i/],
    ]
    for (const [args, code, message] of wrong) {
      const sniff = new Sniff(args)
      expect([args, await sniff.ended]).toEqual([args, code])
      expect(sniff.errors).toMatch(message)
      expect(sniff.out).toBe('')
    }
  })

  onLoopback(
    'dumpcap',
    'tcpdump',
    'setpriv',
  )('P11: no permission: one line, with what mends it', async () => {
    const before = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups']
    // The checkout may lie below a folder of root alone.
    const program = readableCopy()
    for (const backend of ['auto', 'dumpcap', 'tcpdump']) {
      const sniff = new Sniff(['-i', 'lo', '--backend', backend], { before, program, cwd: '/' })
      expect([backend, await sniff.ended]).toEqual([backend, 4])
      expect(sniff.errors).toMatch(/^mqtt-sniff: (dumpcap|tcpdump) may not capture for this user: sudo .*\n$/)
      expect(sniff.errors).not.toContain(process.execPath)
    }
    rmSync(join(program, '../..'), { recursive: true })
  })

  needs('sh')('no capture program at all: the line that installs one', async () => {
    const sniff = new Sniff(['-i', 'lo', '--backend', 'dumpcap'], { env: { PATH: home } })
    expect(await sniff.ended).toBe(4)
    expect(sniff.errors).toMatch(
      /^mqtt-sniff: dumpcap is not installed: .*apt-get install -y wireshark-common; or, without rights, .*: mqtt-sniff tap --help\n$/,
    )
  })

  needs('sh')('P11: a flood on stderr costs no memory and prints one line', async () => {
    const flood = join(home, 'flood')
    run('mkdir', '-p', flood)
    const program = join(flood, 'dumpcap')
    writeFileSync(program, '#!/bin/sh\nyes "dumpcap: the sky is falling" | head -n 500000 >&2\nexit 1\n')
    chmodSync(program, 0o755)
    const env = { PATH: `${flood}:${process.env.PATH ?? ''}` }
    const sniff = new Sniff(['-i', 'lo', '--backend', 'dumpcap'], { env })
    expect(await sniff.ended).toBe(3)
    expect(sniff.errors).toMatch(/^mqtt-sniff: dumpcap ended by itself \(code 1\): the sky is falling; .*\n$/)
  })
})

/** The program itself, where something runs in front of it. */
function sniffers(sniff: Sniff): readonly number[] {
  const pids = run('ps', '-eo', 'pid=,args=').split('\n')
  const port = sniff.child.spawnargs[sniff.child.spawnargs.indexOf('-p') + 1]
  return pids
    .filter(
      row =>
        row.includes(process.execPath) && row.includes(CLI) && row.includes(`-p ${port}`) && !row.includes(' sh -c '),
    )
    .map(row => Number(row.trim().split(' ')[0]))
}
