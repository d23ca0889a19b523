import { describe, expect, test } from 'vitest'
import { parseFar } from '../../../../src/capture/sources/far/address.ts'
import { type FarWanted, farCommand, needsBeats } from '../../../../src/capture/sources/far/command.ts'
import { CAPTURE_SCRIPT, quoted } from '../../../../src/capture/sources/far/script.ts'
import { tcpdump } from '../../../../src/capture/sources/tcpdump.ts'
import { farWanted } from '../../../support/far.ts'

const DUMPCAP = 'dumpcap -q -i eth0 -s 262144 -B 64 -w -'
const TCPDUMP = 'tcpdump -i eth0 -n -s 262144 -B 65536 -U -w - --time-stamp-precision=nano'
const SCRIPT = ['-c', CAPTURE_SCRIPT, 'sh', '', 'tcp port 1883', 'tcp port 1883 or vlan', DUMPCAP, TCPDUMP, 'eth0', '']

const command = (url: string, more: Partial<FarWanted> = {}) => farCommand(parseFar(url), farWanted(more), 'PROGRAM')

describe('ssh', () => {
  test('never asks, forwards nothing, and takes the host behind --', () => {
    const words = command('ssh://me@host:2222/eth0')
    expect(words.slice(0, 4)).toEqual(['PROGRAM', '-T', '-a', '-x'])
    for (const option of ['BatchMode=yes', 'ControlMaster=no', 'RemoteCommand=none', 'ClearAllForwardings=yes'])
      expect(words[words.indexOf(option) - 1]).toBe('-o')
    expect(words.slice(-5, -1)).toEqual(['-p', '2222', '--', 'me@host'])
    expect(command('ssh://[fe80::1%eth1]/eth0').slice(-3, -1)).toEqual(['--', 'fe80::1%eth1'])
  })

  test('one line for the login shell there, with sudo as an argument', () => {
    const line = command('ssh://host/eth0').at(-1) ?? ''
    const sudo = command('ssh://host/eth0', { sudo: true }).at(-1) ?? ''
    const tail = (rights: string): string =>
      ` sh ${quoted(CAPTURE_SCRIPT)} '${rights}' 'tcp port 1883' 'tcp port 1883 or vlan' '${DUMPCAP}' '${TCPDUMP}' 'eth0' ''`
    expect(line).toMatch(/^exec sh -c 'b=\$1 /)
    expect(line.slice(-tail('').length)).toBe(tail(''))
    expect(sudo.slice(-tail('sudo -n').length)).toBe(tail('sudo -n'))
    expect(line).not.toContain('\n')
  })
})

describe('containers', () => {
  test('docker exec; as user 0 with --sudo', () => {
    expect(command('docker://broker/eth0')).toEqual(['PROGRAM', 'exec', '-i', 'broker', 'sh', ...SCRIPT])
    const asRoot = ['PROGRAM', 'exec', '-i', '-u', '0', 'broker', 'sh', ...SCRIPT]
    expect(command('docker://broker/eth0', { sudo: true })).toEqual(asRoot)
  })

  test('docker run in the network of the container, only with an image', () => {
    const joined = ['--net', 'container:broker', '-u', '0', '--cap-add', 'NET_RAW', '--entrypoint', 'sh', 'tools']
    expect(command('docker://broker/eth0', { image: 'tools' })).toEqual([
      ...['PROGRAM', 'run', '--rm', '-i', ...joined, ...SCRIPT],
    ])
  })

  test('kubectl exec', () => {
    expect(command('k8s://pod/eth0')).toEqual(['PROGRAM', 'exec', '-i', 'pod', '--', 'sh', ...SCRIPT])
    const named = ['PROGRAM', 'exec', '-i', '-n', 'ns', 'pod', '-c', 'mqtt', '--', 'sh', ...SCRIPT]
    expect(command('k8s://ns/pod:mqtt/eth0')).toEqual(named)
  })

  test('kubectl debug, only with an image; its capture ends after a minute without a line', () => {
    const debug = ['--profile=netadmin', '--image=tools', '--target=mqtt', '--', 'sh', ...SCRIPT.slice(0, -1), '60']
    const words = command('k8s://ns/pod:mqtt/eth0', { image: 'tools' })
    expect(words).toEqual(['PROGRAM', 'debug', '-q', '-i', '-n', 'ns', 'pod', ...debug])
    const beats = (url: string, image?: string) => needsBeats(parseFar(url), image)
    expect([beats('k8s://p/e', 'i'), beats('k8s://p/e'), beats('docker://p/e', 'i')]).toEqual([true, false, false])
  })
})

test('a word that a shell would read never becomes one of a program', () => {
  const program = { ...tcpdump, command: () => ['tcpdump', '-i', '$(id)'] }
  expect(() => command('ssh://host/eth0', { programs: [program] })).toThrow('a word that a shell would read')
})
