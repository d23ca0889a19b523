import { describe, expect, test } from 'vitest'
import { UsageError } from '../../../../src/base/exit.ts'
import { checkedImage, isFar, parseFar, placeOf } from '../../../../src/capture/sources/far/address.ts'

const ssh = (target: string, port?: string) => ({ kind: 'ssh', device: 'eth0', target, port })

describe('parseFar', () => {
  test.each([
    ['ssh://host/eth0', ssh('host')],
    ['ssh://root@host:2222/eth0', ssh('root@host', '2222')],
    ['ssh://me@home.example@host/eth0', ssh('me@home.example@host')],
    ['ssh://[2001:db8::1]/eth0', ssh('2001:db8::1')],
    ['ssh://me@[fe80::1%wlan0]:22/eth0', ssh('me@fe80::1%wlan0', '22')],
    ['docker://broker/any', { kind: 'docker', device: 'any', container: 'broker' }],
    ['k8s://broker-0/eth0', { kind: 'k8s', device: 'eth0', pod: 'broker-0' }],
    [
      'k8s://iot/broker-0:mqtt/eth0',
      { kind: 'k8s', device: 'eth0', namespace: 'iot', pod: 'broker-0', container: 'mqtt' },
    ],
    ['ssh://host/br-0.100@eth0', { ...ssh('host'), device: 'br-0.100@eth0' }],
  ])('%s', (url, far) => expect(parseFar(url)).toMatchObject({ url, ...far }))

  test.each([
    ['ssh://-Fevil/eth0', 'host'],
    ['ssh://-Fevil@host/eth0', 'user'],
    ['ssh://me@-oProxyCommand=id/eth0', 'host'],
    ['ssh://host/-Fevil', 'interface'],
    ['ssh://host/$(id)', 'interface'],
    ['ssh://host/`id`', 'interface'],
    ["ssh://host/a'b", 'interface'],
    ['ssh://host/a"b', 'interface'],
    ['ssh://host/a\\b', 'interface'],
    ['ssh://host/a\nb', 'interface'],
    ['ssh://host/eth0\n', 'interface'],
    ['ssh://host/a b', 'interface'],
    ['ssh://host/a;b', 'interface'],
    ['ssh://host/a*', 'interface'],
    ['ssh://host/', 'interface'],
    ['ssh://ho$(id)st/eth0', 'host'],
    ['ssh://host\n/eth0', 'host'],
    ['ssh://me;id@host/eth0', 'user'],
    ['ssh://a/b/eth0', 'host'],
    ['ssh://[::1;id]/eth0', 'host'],
    ['ssh://[-Fevil]/eth0', 'host'],
    ['ssh://[]/eth0', 'host'],
    [`ssh://${'a'.repeat(254)}/eth0`, 'host'],
    ['docker://-v/eth0', 'container'],
    ['docker://a/b/eth0', 'container'],
    ['docker://--privileged/eth0', 'container'],
    ['k8s://-n/eth0', 'pod'],
    ['k8s://--all/pod/eth0', 'namespace'],
    ['k8s:///pod/eth0', 'namespace'],
    ['k8s://pod:-c/eth0', 'container'],
    ['k8s://pod:/eth0', 'container'],
    ['k8s://ns/pod/more/eth0', 'pod'],
  ])('%j: the %s is refused', (url, part) => {
    expect(() => parseFar(url)).toThrow(UsageError)
    expect(() => parseFar(url)).toThrow(`the name of the ${part} is not allowed`)
  })

  test.each([
    ['ssh://host', 'use ssh://[user@]host[:port]/interface'],
    ['docker:///eth0', 'use docker://container/interface'],
    ['k8s://a:b:c/eth0', 'use k8s://'],
    ['ssh://2001:db8::1/eth0', 'in brackets'],
    ['ssh://host:0/eth0', 'not a port'],
    ['ssh://host:65536/eth0', 'not a port'],
    ['ssh://host:/eth0', 'not a port'],
    ['ssh://host:-p/eth0', 'not a port'],
    ['ssh://[::1]:22;id/eth0', 'not a port'],
  ])('%s: %s', (url, words) => expect(() => parseFar(url)).toThrow(words))
})

test('what is no interface of another machine', () => {
  expect(['eth0', 'any', 'ssh', 'ssh:/x', 'http://a/b', 'xssh://a/b'].filter(isFar)).toEqual([])
})

test('images', () => {
  for (const image of ['nicolaka/netshoot', 'registry.example:5000/a/b:v1.2', 'a@sha256:00ff'])
    expect(checkedImage(image)).toBe(image)
  for (const image of ['', '-v/:/host', '--privileged', 'a b', 'a;id', 'a\n', '$(id)', "a'b"])
    expect(() => checkedImage(image)).toThrow('not the name of an image')
})

test('places in words', () => {
  expect(['ssh://me@h/e', 'docker://c/e', 'k8s://n/p:c/e'].map(url => placeOf(parseFar(url)))).toEqual([
    'me@h',
    'container c',
    'pod p',
  ])
})
