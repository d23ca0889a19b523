/** The capture filter used when none is given: the packets of the MQTT ports, however they are wrapped. */

/**
 * `tcp port 1883` alone misses what carries no port at its usual place: the later fragments of an IP packet, and
 * everything in a tagged frame. `vlan` moves the place of all that is named behind it, so it stands last, once for
 * each tag. It is refused on link types without tags (`any`, tunnels).
 */
/** The filter of a live capture that has none: the packets of these ports; undefined for all of TCP. */
export const captureFilter = (
  ports: ReadonlySet<number> | undefined,
  tagged: boolean,
  environment: Readonly<Record<string, string | undefined>>,
): string => (ports === undefined ? `tcp and ${notOwnLogin(environment)}` : portFilter(ports, tagged))

/**
 * The packets of the remote login that the program runs in are left out: each of them that is shown would make the next.
 * sudo removes the variable that names it, and then all of SSH is left out.
 */
function notOwnLogin({ SSH_CONNECTION: login = '' }: Readonly<Record<string, string | undefined>>): string {
  const [peer = '', port = ''] = login.split(' ')
  // A zone behind the address (fe80::1%eth0) is none of libpcap's.
  const host = peer.split('%')[0] ?? ''
  if (!/^[\d.a-fA-F:]+$/.test(host) || !/^\d{1,5}$/.test(port)) return 'not port 22'
  return `not (host ${host} and port ${port})`
}

export function portFilter(ports: ReadonlySet<number>, tagged: boolean): string {
  const each = [...ports].map(port => `tcp port ${port}`)
  // 6: TCP; 44: the fragment header of IPv6, whose own next header stands first.
  const plain = `${each.join(' or ')} or (ip[9] = 6 and ip[6:2] & 0x1fff != 0) or (ip6[6] = 44 and ip6[40] = 6)`
  return tagged ? `${plain} or (vlan and (${plain})) or (vlan and (${plain}))` : plain
}
