/** The scripts run in real shells, with capture programs that only record what they are given. */
import { spawn, spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { dumpcap } from '../../../../src/capture/sources/dumpcap.ts'
import { parseFar } from '../../../../src/capture/sources/far/address.ts'
import { farCommand } from '../../../../src/capture/sources/far/command.ts'
import { CAPTURE_SCRIPT, LOGIN_SCRIPT, quoted } from '../../../../src/capture/sources/far/script.ts'
import { tcpdump } from '../../../../src/capture/sources/tcpdump.ts'
import { farWanted } from '../../../support/far.ts'
import { folder } from '../../../support/live.ts'
import { hasTool } from '../../../support/tools.ts'

const home = folder()
afterAll(() => rmSync(home, { recursive: true, force: true }))

const SHELLS = ['sh', 'bash', 'dash', 'zsh', 'mksh', 'busybox', 'fish', 'tcsh'].filter(hasTool)
const shell = (name: string): readonly string[] => (name === 'busybox' ? ['busybox', 'sh'] : [name])

const HOSTILE = [
  '',
  ' ',
  "'",
  "''",
  "'; touch pwned; '",
  '"; touch pwned; "',
  '$(touch pwned)',
  '`touch pwned`',
  '\\',
  '\\\\',
  "\\'",
  "'\\",
  "\\'; touch pwned; '",
  '!!',
  '!x',
  "'!",
  `\${IFS}`,
  '-Fevil',
  '--',
  '*',
  '~',
  '#',
  '& touch pwned &',
  '| touch pwned',
  '%',
  '{a,b}',
  'a\tb',
  'ä€𐍈',
]

describe('quoted', () => {
  test('by hand', () => {
    expect(quoted("a'b")).toBe("'a'\\''b'")
    expect(quoted('\\')).toBe("''\\\\''")
    expect(quoted('!')).toBe("''\\!''")
  })

  test.each(SHELLS)('hostile words pass through %s as they are', name => {
    const line = `printf '%s|' ${HOSTILE.map(quoted).join(' ')}`
    const [program = '', ...args] = [...shell(name), '-c', line]
    const cwd = join(home, name)
    mkdirSync(cwd, { recursive: true })
    expect(spawnSync(program, args, { cwd, encoding: 'utf8' }).stdout).toBe(HOSTILE.map(word => `${word}|`).join(''))
    expect(existsSync(join(cwd, 'pwned'))).toBe(false)
  })
})

test('the scripts are one line, and stand in single quotes as they are', () => {
  for (const script of [LOGIN_SCRIPT, CAPTURE_SCRIPT]) expect(script).toMatch(/^[^'\\\n]+$/)
})

/** A folder of programs that write their arguments to a file, a line each, and answer -L with `code`. */
function programs(name: string, codes: Readonly<Record<string, number>>): string {
  const bin = join(home, name)
  mkdirSync(bin, { recursive: true })
  for (const [program, code] of Object.entries(codes)) {
    const text = `#!/bin/sh\n[ "$1" = -L ] && exit ${code}\nprintf '%s\\n' ${program} "$@" >"${bin}/ran"\necho capture\n`
    writeFileSync(join(bin, program), text)
    chmodSync(join(bin, program), 0o755)
  }
  for (const tool of ['sh', 'sleep', 'cat']) {
    writeFileSync(join(bin, tool), `#!/bin/sh\nexec /bin/${tool} "$@"\n`)
    chmodSync(join(bin, tool), 0o755)
  }
  return bin
}

interface Given {
  readonly wanted?: Parameters<typeof farWanted>[0]
  readonly login?: string
  readonly input?: string
  readonly device?: string
}

/** Runs in a shell what ssh would be given; stdin stays open until the end, but for an input of nothing. */
async function run(bin: string, { wanted, login = '', input = '\n', device = 'nosuch' }: Given) {
  const line = farCommand(parseFar(`ssh://host/${device}`), farWanted(wanted), 'ssh').at(-1) ?? ''
  const child = spawn('/bin/sh', ['-c', line], { env: { PATH: bin, SSH_CONNECTION: login } })
  if (input === '') child.stdin.end()
  else child.stdin.write(input)
  const said = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const)
    child[name].setEncoding('utf8').on('data', (text: string) => {
      said[name] += text
    })
  const status = await new Promise(resolve => child.once('close', resolve))
  const ran = join(bin, 'ran')
  const words = existsSync(ran) ? readFileSync(ran, 'utf8').split('\n').slice(0, -1) : []
  return { ...said, status, words }
}

describe('the capture script', () => {
  const LOGIN = '192.0.2.7 50100 192.0.2.1 22'
  const TCPDUMP = ['tcpdump', '-i', 'nosuch', '-n', '-s', '262144', '-B', '65536', '-U', '-w', '-']

  test('the login is left out of the capture', async () => {
    const { words, stdout } = await run(programs('login', { tcpdump: 0 }), { login: LOGIN })
    const filter = 'not (host 192.0.2.7 and port 50100) and (tcp port 1883)'
    expect(words).toEqual([...TCPDUMP, '--time-stamp-precision=nano', '--', filter])
    expect(stdout).toBe('capture\n')
  })

  test.each([
    ['fe80::1%eth0 50100 fe80::2%eth0 22', 'not (host fe80::1 and port 50100)'],
    ['', 'not port 22'],
    ['evil) or (tcp 1 2 3', 'not port 22'],
    ['192.0.2.7 22;id 192.0.2.1 22', 'not port 22'],
    ['192.0.2.7', 'not port 22'],
  ])('SSH_CONNECTION %j', async (login, left) => {
    const { words } = await run(programs('connection', { tcpdump: 0 }), { login })
    expect(words.at(-1)).toBe(`${left} and (tcp port 1883)`)
  })

  test.each(HOSTILE.filter(text => text !== ''))('the hostile filter %j is one word', async text => {
    const { words } = await run(programs('hostile', { tcpdump: 0 }), { login: LOGIN, wanted: { filter: text } })
    expect(words.at(-1)).toBe(`not (host 192.0.2.7 and port 50100) and (${text})`)
  })

  test('without a filter the login alone is left out; on Ethernet the filter knows tags', async () => {
    const bin = programs('tags', { dumpcap: 0 })
    expect((await run(bin, { login: LOGIN, wanted: { filter: '' } })).words.at(-1)).toBe(
      'not (host 192.0.2.7 and port 50100)',
    )
    expect((await run(bin, { login: LOGIN, device: 'lo' })).words.at(-1)).toContain('(tcp port 1883 or vlan)')
  })

  test('dumpcap first, then whoever opens the interface, then the first that is there', async () => {
    const first = async (codes: Readonly<Record<string, number>>, name: string) =>
      (await run(programs(name, codes), {})).words[0]
    expect(await first({ dumpcap: 0, tcpdump: 0 }, 'both')).toBe('dumpcap')
    expect(await first({ dumpcap: 1, tcpdump: 0 }, 'second')).toBe('tcpdump')
    expect(await first({ dumpcap: 1, tcpdump: 1 }, 'neither')).toBe('dumpcap')
  })

  test('no program there', async () => {
    const bin = programs('none', {})
    const { stderr, status } = await run(bin, {
      wanted: {
        programs: [
          { ...dumpcap, name: 'nosuch1' as 'cap' },
          { ...tcpdump, name: 'nosuch2' as 'cap' },
        ],
      },
    })
    expect([status, stderr]).toEqual([127, 'mqtt-sniff: none\n'])
  })

  test('where nobody says go nothing is started', async () => {
    expect(await run(programs('silent', { dumpcap: 0, tcpdump: 0 }), { input: '' })).toEqual({
      stdout: '',
      stderr: '',
      status: 0,
      words: [],
    })
  })

  test('where somebody must be heard of: lines keep it alive, silence ends it though stdin is open', async () => {
    const bin = programs('beats', {})
    writeFileSync(join(bin, 'tcpdump'), '#!/bin/sh\n[ "$1" = -L ] || exec sleep 60\n')
    chmodSync(join(bin, 'tcpdump'), 0o755)
    const args = ['-c', CAPTURE_SCRIPT, 'sh', '', '', '', 'tcpdump -i lo', '', 'lo', '1']
    const child = spawn('bash', args, { env: { PATH: `${bin}:/usr/bin:/bin` } })
    const beats = setInterval(() => child.stdin.write('\n'), 200)
    const ended = new Promise<number>(resolve => child.once('exit', resolve))
    for (let at = 0; at < 15; at++) await new Promise(resolve => setTimeout(resolve, 200))
    expect(child.exitCode).toBeNull()
    clearInterval(beats)
    // 128 + SIGTERM.
    expect(await ended).toBe(143)
  })
})
