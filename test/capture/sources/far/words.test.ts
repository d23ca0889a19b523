/** Words of ssh 9.2, docker 20 to 28, kubectl 1.2x, dumpcap 4.0 and tcpdump 4.99, and the one line that becomes of them. */
import { describe, expect, test } from 'vitest'
import { parseFar } from '../../../../src/capture/sources/far/address.ts'
import { FarWords } from '../../../../src/capture/sources/far/words.ts'
import { exitOf } from '../../../../src/capture/sources/trouble.ts'

function failure(url: string, said: string, hasBegun = false, code = 255) {
  const words = new FarWords(parseFar(url), () => {})
  for (const line of said.split('\n')) words.hear(line)
  const error = words.failure({ code, signal: null }, hasBegun)
  return [exitOf(error), error.message]
}

const SSH = 'ssh://me@host:2222/eth0'
const DOCKER = 'docker://broker/eth0'
const POD = 'k8s://iot/broker-0/eth0'
const HELPER = '--helper-image nicolaka/netshoot captures beside it'

describe('what cannot begin is one line, and exit 4', () => {
  test.each([
    [
      SSH,
      'No ED25519 host key is known for host and you have requested strict checking.\nHost key verification failed.',
      'the host key of me@host is not known: ssh -p 2222 me@host once, and compare it',
    ],
    [
      SSH,
      '@ WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED! @\nHost key verification failed.',
      'the host key of me@host has changed: if that is right, ssh-keygen -R removes the old one',
    ],
    [
      SSH,
      'me@host: Permission denied (publickey,password).',
      'me@host refuses the login: ssh -p 2222 me@host must work without a password',
    ],
    [
      SSH,
      'ssh: Could not resolve hostname host: Name or service not known',
      'the host of me@host is unknown: check its name',
    ],
    [
      SSH,
      'ssh: connect to host host port 2222: Connection refused',
      'me@host refuses the connection: check the port: ssh://host:port/interface',
    ],
    [SSH, 'ssh: connect to host host port 2222: No route to host', 'me@host cannot be reached: check the network'],
    [
      SSH,
      'sudo: a password is required',
      'sudo on me@host asks for a password: allow it with NOPASSWD there, or log in as root',
    ],
    [
      SSH,
      'sh: 1: exec: sudo: not found',
      'sudo is not installed on me@host: log in as root: ssh://root@host/interface',
    ],
    [
      SSH,
      'mqtt-sniff: none',
      'neither dumpcap nor tcpdump is installed on me@host: ssh -p 2222 me@host sudo apt-get install -y tcpdump',
    ],
    [
      SSH,
      "mqtt-sniff: runs tcpdump\ntcpdump: eth0: You don't have permission to perform this capture on that device\n(socket: Operation not permitted)",
      'no permission to capture on me@host: use --sudo',
    ],
    [
      SSH,
      'mqtt-sniff: runs tcpdump\ntcpdump: eth0: No such device exists\n(No such device exists)',
      'there is no interface "eth0" on me@host: ip -br link lists them there',
    ],
    [
      SSH,
      'mqtt-sniff: runs tcpdump\ntcpdump: eth0: That device is not up',
      'eth0 is down on me@host: ip link set eth0 up',
    ],
    [
      SSH,
      'Welcome to host\nkex_exchange_identification: Connection closed by remote host',
      'kex_exchange_identification: Connection closed by remote host: code 255',
    ],
    [
      DOCKER,
      'Error response from daemon: No such container: broker',
      'there is no container broker: docker ps lists them',
    ],
    [DOCKER, 'Error: No such container: broker', 'there is no container broker: docker ps lists them'],
    [
      DOCKER,
      'Error response from daemon: container 0a1b is not running',
      'container broker is not running: docker start broker',
    ],
    [
      DOCKER,
      'Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?',
      'the docker daemon does not answer: start it, or check DOCKER_HOST',
    ],
    [
      DOCKER,
      'permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock',
      'this user may not use docker: sudo usermod -aG docker $USER, then log in again',
    ],
    [
      DOCKER,
      'OCI runtime exec failed: exec failed: unable to start container process: exec: "sh": executable file not found in $PATH: unknown',
      `there is no shell in container broker: ${HELPER}`,
    ],
    [
      DOCKER,
      "Unable to find image 'nosuch:latest' locally\ndocker: Error response from daemon: pull access denied for nosuch, repository does not exist",
      'the helper image cannot be loaded: check its name',
    ],
    [DOCKER, 'mqtt-sniff: none', `neither dumpcap nor tcpdump is installed in container broker: ${HELPER}`],
    [
      POD,
      'Error from server (NotFound): pods "broker-0" not found',
      'there is no pod broker-0: kubectl get pods -A lists them',
    ],
    [
      POD,
      'Error from server (NotFound): namespaces "iot" not found',
      'there is no such namespace: kubectl get namespaces lists them',
    ],
    [
      POD,
      'Error from server (Forbidden): pods "broker-0" is forbidden: User "me" cannot create resource "pods/exec"',
      'this user may not run commands in pod broker-0: kubectl auth can-i create pods/exec',
    ],
    [
      POD,
      'Error from server (BadRequest): container x is not valid for pod broker-0',
      'pod broker-0 has no such container: kubectl describe pod lists them',
    ],
    [
      POD,
      'The connection to the server localhost:8080 was refused - did you specify the right host or port?',
      'the cluster cannot be reached: kubectl cluster-info must work',
    ],
    [
      POD,
      'Defaulted container "mqtt" out of: mqtt, side\nmqtt-sniff: none\ncommand terminated with exit code 127',
      `neither dumpcap nor tcpdump is installed in pod broker-0: ${HELPER}`,
    ],
    [
      POD,
      "mqtt-sniff: runs tcpdump\ntcpdump: eth0: You don't have permission to perform this capture on that device",
      `no permission to capture in pod broker-0: ${HELPER}`,
    ],
  ])('%s: %s', (url, said, message) => expect(failure(url, said)).toEqual([4, `${url}: ${message}`]))
})

test('a capture filter that is not valid is wrong usage', () => {
  const said = "mqtt-sniff: runs tcpdump\ntcpdump: can't parse filter expression: syntax error"
  expect(failure(SSH, said, false, 1)).toEqual([
    2,
    `${SSH}: the capture filter is not valid: can't parse filter expression: syntax error`,
  ])
})

test('an end that goes away later is told once, with its last words', () => {
  const said =
    'mqtt-sniff: runs tcpdump\ntcpdump: listening on eth0\n9 packets captured\nTimeout, server host not responding.'
  expect(failure(SSH, said, true)).toEqual([
    3,
    `the far end is gone: ${SSH}: Timeout, server host not responding. (code 255); what it had delivered is kept`,
  ])
})

test('words of a cause that come while the capture runs are none', () => {
  const said = 'mqtt-sniff: none\nmqtt-sniff: runs tcpdump\nPermission denied'
  expect(failure(SSH, said, false)[1]).not.toContain('refuses the login')
})

test('drops are counted as the program there reports them', () => {
  const drops: unknown[] = []
  const words = new FarWords(parseFar(SSH), ({ kernel, own }) => drops.push([kernel, own]))
  for (const line of ['7 packets dropped by kernel', 'mqtt-sniff: runs tcpdump', '7 packets dropped by kernel'])
    words.hear(line)
  expect([drops, words.program]).toEqual([[[7, 0]], 'tcpdump'])
})
