/** Whether a tap would connect to itself: each connection would open the next one, up to the limit of connections. */
import { lookup } from 'node:dns/promises'
import { BlockList, isIP } from 'node:net'
import { networkInterfaces } from 'node:os'
import type { Place } from './options.ts'

/** Addresses that stand for all of this machine when listening, and for loopback when connecting. */
const ANY = ['0.0.0.0', '::'] as const
const LOOPBACKS = ['127.0.0.1', '::1'] as const

const family = (address: string): 'ipv4' | 'ipv6' => (isIP(address) === 4 ? 'ipv4' : 'ipv6')

/** True if a connection to `to` would arrive at the tap that listens at `listen`. A name that is unknown is no loop. */
export async function isOwnAddress(listen: Place, to: Place): Promise<boolean> {
  if (listen.port !== to.port) return false
  const [here, there] = await Promise.all([addressesOf(listen.host), addressesOf(to.host)])
  const own = listOf(here.flatMap(address => (isAny(address) ? allOf(address) : [address])))
  if (here.some(isAny)) own.addSubnet('127.0.0.0', 8, 'ipv4')
  const targets = there.flatMap(address => (isAny(address) ? LOOPBACKS : [address]))
  return targets.some(address => own.check(address, family(address)))
}

/** Asked of the list, as an address of IPv6 has many spellings. */
const isAny = (address: string): boolean => listOf(ANY).check(address, family(address))

function listOf(addresses: readonly string[]): BlockList {
  const list = new BlockList()
  for (const address of addresses) list.addAddress(address, family(address))
  return list
}

/** The addresses of this machine; those of IPv4 alone if `any` is the IPv4 one. */
function allOf(any: string): readonly string[] {
  const devices = Object.values(networkInterfaces()).flatMap(list => list ?? [])
  const all = [...LOOPBACKS, ...devices.map(device => device.address.replace(/%.*$/, ''))]
  return isIP(any) === 4 ? all.filter(address => isIP(address) === 4) : all
}

async function addressesOf(host: string): Promise<readonly string[]> {
  const bare = host.replace(/%.*$/, '')
  if (isIP(bare) !== 0) return [bare]
  const found = await lookup(host, { all: true }).catch(() => [])
  const addresses = found.map(({ address }) => address.replace(/%.*$/, ''))
  return host.toLowerCase().replace(/\.$/, '') === 'localhost' ? [...addresses, ...LOOPBACKS] : addresses
}
