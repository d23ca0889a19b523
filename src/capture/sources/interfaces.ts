/** The network interfaces of this machine: what can be captured on. */

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { networkInterfaces } from 'node:os'
import { join } from 'node:path'
import { nearest } from '../../base/nearest.ts'

/** Of Linux; elsewhere there is none and only names and addresses are known. */
const FOLDER = '/sys/class/net'

/** Linux captures on all interfaces at once under this name. */
export const ANY = 'any'

export interface Device {
  readonly name: string
  readonly addresses: readonly string[]
  /** Link type in words. */
  readonly link: string
  readonly state: 'up' | 'down' | 'gone' | 'unknown'
  readonly loopback: boolean
}

/** ARPHRD_… of linux/if_arp.h → what libpcap makes of it. */
const LINKS: Readonly<Record<number, string>> = {
  1: 'Ethernet',
  512: 'PPP',
  768: 'IP tunnel',
  772: 'Ethernet (loopback)',
  776: 'IP tunnel',
  778: 'IP tunnel',
  801: 'Wi-Fi',
  803: 'Wi-Fi (monitor)',
  65534: 'raw IP',
}
const ETHERNET = 1
const LOOPBACK = 772

/** IFF_UP of linux/if.h. */
const UP = 1

function read(name: string, file: string): string | undefined {
  try {
    return readFileSync(join(FOLDER, name, file), 'utf8').trim()
  } catch {
    return undefined
  }
}

const hasFolder = (): boolean => existsSync(FOLDER)

/** Up, down or gone as of now; `unknown` where the system does not say. */
export function stateOf(name: string): Device['state'] {
  if (!hasFolder() || name === ANY) return 'unknown'
  const flags = read(name, 'flags')
  if (flags === undefined) return 'gone'
  return (Number(flags) & UP) === 0 ? 'down' : 'up'
}

const kindOf = (name: string): number => Number(read(name, 'type') ?? -1)

/** A loopback interface shows each frame to the kernel's counters twice: going out and coming in. */
export const isLoopback = (name: string): boolean =>
  kindOf(name) === LOOPBACK || (networkInterfaces()[name] ?? []).some(address => address.internal)

/** Whether libpcap lets a filter name VLAN tags there: on Ethernet alone. */
export const hasTags = (name: string): boolean => name !== ANY && [ETHERNET, LOOPBACK].includes(kindOf(name))

/** `any` last: it stands for the others. */
export function devices(): readonly Device[] {
  const known = networkInterfaces()
  const names = hasFolder() ? readdirSync(FOLDER).filter(name => read(name, 'flags') !== undefined) : Object.keys(known)
  const each = names.sort().map(name => ({
    name,
    addresses: (known[name] ?? []).map(({ address }) => address),
    link: LINKS[kindOf(name)] ?? 'unknown',
    state: stateOf(name),
    loopback: isLoopback(name),
  }))
  if (!hasFolder()) return each
  return [...each, { name: ANY, addresses: [], link: 'Linux cooked', state: 'up', loopback: false }]
}

/** Returns the name that `name` may mean; undefined if none resembles it. Names are short, so half of the letters may differ. */
export const nearestInterface = (name: string, names: readonly string[]): string | undefined =>
  nearest(name, names, { farthest: Math.max(1, Math.floor(name.length / 2)), ignoresCase: true })[0]
