/** A live capture on the screen of the built program: stopped and started, its program killed, its interface gone. */
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, expect } from 'vitest'
import { Line } from '../support/hosts.ts'
import { contents, descendants, folder, freePort, run, until } from '../support/live.ts'
import { Pty } from '../support/pty.ts'
import { needs } from '../support/tools.ts'

const home = folder()
afterAll(() => rmSync(home, { recursive: true, force: true }))

const closing: { close(): void }[] = []
afterEach(() => {
  for (const one of closing.splice(0)) one.close()
})

/** On loopback, with a client that has connected. */
async function begin(...args: readonly string[]): Promise<{ pty: Pty; line: Line }> {
  const port = await freePort()
  const pty = new Pty(['-i', 'lo', '-p', `${port}`, ...args], 140, 40)
  closing.push(pty)
  await pty.until('capturing on lo')
  const line = await Line.open(port)
  closing.push(line)
  return { pty, line }
}

const packets = (pty: Pty): number => Number(/([\d,]+) packets? /.exec(pty.text())?.[1]?.replaceAll(',', '') ?? 0)

const onLoopback = needs('root', 'dumpcap')

onLoopback('S stops the capture and starts it again; what has come stays', async () => {
  const { pty, line } = await begin()
  await line.send(9)
  await pty.until(() => packets(pty) === 10)
  await pty.until(/● live \d+\/s [▁-█]+ following/)
  pty.keys('S')
  await pty.until('■ stopped (S starts)')
  await line.send(5)
  pty.keys('S')
  await pty.until('● live')
  await line.send(5)
  // Those sent meanwhile are missing, and what comes is of the same connection.
  await pty.until(() => packets(pty) === 15)
  await pty.until('1 connection ')
  pty.keys('8')
  await pty.until(/The capture has stopped[\s\S]*capturing on lo/)
})

for (const backend of ['dumpcap', 'tcpdump', 'cap']) {
  const killable = needs('root', backend === 'cap' ? 'the module cap' : backend)
  killable(`${backend} is killed: it is said, and S goes on`, async () => {
    const { pty, line } = await begin('--backend', backend)
    await line.send(9)
    await pty.until(() => packets(pty) === 10)
    for (const pid of descendants(pty.pid)) process.kill(pid, 'SIGKILL')
    await pty.until(/✗ stopped \(S starts\)[\s\S]*was killed \(SIGKILL\)/)
    pty.keys('j', 'S')
    await pty.until('● live')
    await line.send(5)
    await pty.until(() => packets(pty) === 15)
    pty.keys('8')
    await pty.until('was killed (SIGKILL)')
    pty.keys('q', 'q')
    await pty.until('q again leaves')
    pty.keys('j', 'q')
    await pty.until('q again leaves')
    pty.keys('q')
    expect((await pty.end()).code).toBe(0)
    expect(pty.raw).toContain('no damage')
  })
}

onLoopback('packets that are saved are left without a question, and are all in the file', async () => {
  const { pty, line } = await begin()
  const file = join(home, 'a.pcapng')
  await line.send(9)
  await pty.until(() => packets(pty) === 10)
  pty.keys('S')
  await pty.until('■ stopped')
  pty.keys('w', ...`all ${file}`, '\r')
  await pty.until('10 packets saved')
  pty.keys('q')
  expect((await pty.end()).code).toBe(0)
  expect(existsSync(file)).toBe(true)
  expect(contents(file)).toEqual({ frames: 10, damages: 0 })
})

onLoopback('-a ends it, and S goes on for as long again', async () => {
  const { pty, line } = await begin('-a', 'packets:8')
  await line.send(20)
  await pty.until('■ stopped (S starts)')
  const before = packets(pty)
  expect(before).toBeGreaterThan(0)
  pty.keys('S')
  await pty.until('● live')
  await line.send(20)
  await pty.until('■ stopped (S starts)')
  expect(packets(pty)).toBeGreaterThan(before)
})

const withInterfaces = needs('root', 'dumpcap', 'ip')

withInterfaces('the interface goes: it is waited for', async () => {
  const name = `mqs${process.pid % 10_000}`
  const other = `${name}b`
  run('ip', 'link', 'add', name, 'type', 'veth', 'peer', 'name', other)
  closing.push({ close: () => void run('sh', '-c', `ip link del ${name} 2>/dev/null || true`) })
  for (const end of [name, other]) run('ip', 'link', 'set', end, 'up')
  const pty = new Pty(['-i', name], 140, 40)
  closing.push(pty)
  await pty.until(`capturing on ${name}`)
  run('ip', 'link', 'set', name, 'down')
  await pty.until(`○ waits for ${name}`)
  run('ip', 'link', 'set', name, 'up')
  await pty.until('● live')
  run('ip', 'link', 'del', name)
  await pty.until(`○ waits for ${name}`)
  pty.keys('8')
  await pty.until(`${name} is gone`)
  // Stopped meanwhile, it cannot begin anew; that is said, and what is there stays.
  pty.keys('S')
  await pty.until('■ stopped')
  pty.keys('S')
  await pty.until(`there is no interface "${name}"`)
  await pty.until('■ stopped')
  pty.keys('\x03')
  expect((await pty.end()).code).toBe(0)
})

/** Bytes that a process has read so far. */
const bytesRead = (pid: number): number => Number(/rchar: (\d+)/.exec(readFileSync(`/proc/${pid}/io`, 'utf8'))?.[1])

onLoopback('a terminal that does not read: the capture goes on, and the screen is right afterwards', async () => {
  const { pty, line } = await begin()
  await line.send(9)
  await pty.until(() => packets(pty) === 10)
  pty.stall()
  // Whole screens, more than there is room for between the program and a terminal.
  for (let count = 0; count < 40; count++) {
    pty.keys('\x0c')
    await new Promise(resolve => setTimeout(resolve, 20))
  }
  const before = bytesRead(pty.pid)
  await line.send(2000)
  await until('it reads what comes', () => bytesRead(pty.pid) - before > 2000 * 60)
  pty.read()
  await pty.until(() => packets(pty) === 2010)
  expect(pty.text()).not.toContain('dropped')
  pty.keys('2')
  await pty.until('Flow ? help')
})
