/**
 * Captures in containers and pods. There is neither docker nor a cluster here: stand-ins in the path record what they are
 * given, and run it on this machine.
 */
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect } from 'vitest'
import { CAPTURE_SCRIPT } from '../../src/capture/sources/far/script.ts'
import { Line } from '../support/hosts.ts'
import { descendants, folder, freePort, isAlive, killStarted, Sniff, until } from '../support/live.ts'
import { needs } from '../support/tools.ts'

const home = folder()
const bin = join(home, 'bin')
const given = join(home, 'given')
mkdirSync(bin)
const standIn = needs('tcpdump', 'dumpcap', 'root')

afterAll(() => {
  killStarted()
  rmSync(home, { recursive: true, force: true })
})
beforeEach(() => rmSync(given, { force: true }))

function program(name: string, text: string): void {
  writeFileSync(join(bin, name), `#!/bin/sh\nprintf '%s\\0' "$@" >'${given}'\n${text}\n`)
  chmodSync(join(bin, name), 0o755)
}

/** Runs what stands behind the words of docker or kubectl. */
const RUNS = 'while [ "$2" != "-c" ] || [ "$1" = mqtt ] || [ "$1" = broker-0 ]; do shift; done; shift; exec sh "$@"'

const sniffs = (args: readonly string[]): Sniff => new Sniff(args, { env: { PATH: `${bin}:${process.env.PATH}` } })

/** Words that the stand-in was given, without the script and what follows it. */
function words(): readonly string[] {
  const all = readFileSync(given, 'utf8').split('\0').slice(0, -1)
  return all.slice(0, all.indexOf(CAPTURE_SCRIPT))
}

const HELPER = ['--net', 'container:broker', '-u', '0', '--cap-add', 'NET_RAW', '--entrypoint', 'sh', 'net/shoot:1']
const CASES: Readonly<Record<string, readonly [string, readonly string[], readonly string[]]>> = {
  'docker exec': ['docker://broker/lo', [], ['exec', '-i', 'broker', 'sh', '-c']],
  'docker exec as root': ['docker://broker/lo', ['--sudo'], ['exec', '-i', '-u', '0', 'broker', 'sh', '-c']],
  'docker run': ['docker://broker/lo', ['--helper-image', 'net/shoot:1'], ['run', '--rm', '-i', ...HELPER, '-c']],
  'kubectl exec': [
    'k8s://iot/broker-0:mqtt/lo',
    [],
    ['exec', '-i', '-n', 'iot', 'broker-0', '-c', 'mqtt', '--', 'sh', '-c'],
  ],
  'kubectl debug': [
    'k8s://broker-0/lo',
    ['--helper-image', 'net/shoot:1'],
    ['debug', '-q', '-i', 'broker-0', '--profile=netadmin', '--image=net/shoot:1', '--', 'sh', '-c'],
  ],
}

describe('with a stand-in for docker and kubectl', () => {
  for (const [title, [where, options, expected]] of Object.entries(CASES))
    standIn(`${title}: its words, all packets, and nothing left`, async () => {
      for (const name of ['docker', 'kubectl']) program(name, RUNS)
      const port = await freePort()
      const sniff = await sniffs(['-i', where, '-p', String(port), '-T', 'text', ...options]).ready()
      expect(words()).toEqual(expected)
      const line = await Line.open(port)
      await line.send(20)
      const here = descendants(sniff.child.pid ?? 0)
      expect(here.length).toBeGreaterThan(1)
      sniff.signal('SIGINT')
      expect(await sniff.ended).toBe(0)
      expect(sniff.lines.filter(text => / PINGREQ /.test(text)).length).toBe(20)
      await until('nothing is left', () => !here.some(isAlive))
      line.close()
    })

  standIn('hostile filters are one word there', async () => {
    program('docker', 'exit 1')
    for (const filter of ["'; touch pwned; '", '$(touch pwned)', '`touch pwned`', '--privileged', '\\', '"']) {
      await sniffs(['-i', 'docker://broker/lo', '-f', filter, '-T', 'text']).ended
      const all = readFileSync(given, 'utf8').split('\0')
      expect(all[all.indexOf(CAPTURE_SCRIPT) + 3]).toBe(filter)
    }
    expect(existsSync('pwned')).toBe(false)
  })

  standIn('hostile names start nothing: exit 2', async () => {
    for (const name of ['docker', 'kubectl', 'ssh']) program(name, 'exit 1')
    const names = ['docker://--privileged/lo', 'docker://a;id/lo', 'docker://a/$(id)', 'docker://a/-w', 'k8s://-n/lo']
    const more = ['k8s://a b/c/lo', 'k8s://a/b:`id`/lo', 'ssh://-oProxyCommand=id/lo', 'ssh://a/lo\n', "ssh://a'b/lo"]
    for (const name of [...names, ...more]) expect(await sniffs(['-i', name, '-T', 'text']).ended).toBe(2)
    const image = ['-i', 'docker://a/lo', '-T', 'text', '--helper-image']
    for (const name of ['--privileged', '-v/:/host', 'a b', '$(id)', "a'", ''])
      expect(await sniffs([...image, name]).ended).toBe(2)
    expect(existsSync(given)).toBe(false)
  })

  standIn('what it says is one line, exit 4, and no escape reaches the terminal', async () => {
    program('docker', "printf 'Error: No such container: \\033[31mbroker\\n' >&2; exit 1")
    const missing = sniffs(['-i', 'docker://broker/lo', '-T', 'text'])
    expect(await missing.ended).toBe(4)
    expect(missing.errors).toBe('mqtt-sniff: docker://broker/lo: there is no container broker: docker ps lists them\n')
    program('docker', "printf '\\033]0;evil\\007 is what I say\\n' >&2; exit 1")
    const evil = sniffs(['-i', 'docker://broker/lo', '-T', 'text'])
    expect(await evil.ended).toBe(4)
    expect(evil.errors).toContain('evil')
    expect([...evil.errors.slice(0, -1)].filter(sign => sign < ' ')).toEqual([])
  })

  standIn('a shell that greets in front of the capture: one line, exit 4', async () => {
    program('docker', "printf 'Welcome \\033[1mto broker\\nsecond line\\n'; sleep 60")
    const sniff = sniffs(['-i', 'docker://broker/lo', '-T', 'text'])
    expect(await sniff.ended).toBe(4)
    expect(sniff.errors).toBe(
      'mqtt-sniff: docker://broker/lo: something there prints "Welcome \\u001b[1mto broker" before the capture: ' +
        'a shell must be silent without a terminal (~/.bashrc)\n',
    )
  })
})

describe('wrong usage: exit 2', () => {
  const cases: Readonly<Record<string, readonly string[]>> = {
    '--sudo is for other machines': ['-i', 'lo', '--sudo'],
    '--helper-image needs': ['-i', 'ssh://a/lo', '--helper-image', 'x'],
    '--sudo and k8s:// cannot': ['-i', 'k8s://a/lo', '--sudo'],
    '--backend cap captures on this machine only': ['-i', 'ssh://a/lo', '--backend', 'cap'],
    '-f: a filter for another machine is one line': ['-i', 'ssh://a/lo', '-f', 'tcp\nudp'],
    '--sudo needs -i': ['--sudo', 'x.pcap'],
  }
  for (const [said, args] of Object.entries(cases))
    needs()(said, async () => {
      const sniff = sniffs([...args, '-T', 'text'])
      expect(await sniff.ended).toBe(2)
      expect(sniff.errors).toContain(said)
    })
})
