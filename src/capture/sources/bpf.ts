/** The capture filter used when none is given: the packets of the MQTT ports, however they are wrapped. */

/**
 * `tcp port 1883` alone misses what carries no port at its usual place: the later fragments of an IP packet, and
 * everything in a tagged frame. `vlan` moves the place of all that is named behind it, so it stands last, once for
 * each tag. It is refused on link types without tags (`any`, tunnels).
 */
export function portFilter(ports: ReadonlySet<number>, tagged: boolean): string {
  const each = [...ports].map(port => `tcp port ${port}`)
  // 6: TCP; 44: the fragment header of IPv6, whose own next header stands first.
  const plain = `${each.join(' or ')} or (ip[9] = 6 and ip[6:2] & 0x1fff != 0) or (ip6[6] = 44 and ip6[40] = 6)`
  return tagged ? `${plain} or (vlan and (${plain})) or (vlan and (${plain}))` : plain
}
