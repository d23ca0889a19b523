/** Addresses as text: IPv4 and IPv6 from their words, with a port after them. */

/** `192.0.2.1:1883`, `broker.example:1883` or `[2001:db8::1]:1883`. */
export const endpointText = (host: string, port: number): string =>
  host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`

export const ipv4Text = (word: number): string =>
  `${word >>> 24}.${(word >>> 16) & 255}.${(word >>> 8) & 255}.${word & 255}`

/** RFC 5952 §4: lower case, no leading zeros, `::` for the first longest run of two or more zero groups. */
export function ipv6Text(w0: number, w1: number, w2: number, w3: number): string {
  // RFC 5952 §5: addresses that carry an IPv4 address show it.
  if (w0 === 0 && w1 === 0 && w2 === 0xffff) return `::ffff:${ipv4Text(w3)}`
  const groups = [w0, w1, w2, w3].flatMap(word => [word >>> 16, word & 0xffff])
  const { start, size } = longestZeros(groups)
  const text = (part: number[]): string => part.map(group => group.toString(16)).join(':')
  if (size < 2) return text(groups)
  return `${text(groups.slice(0, start))}::${text(groups.slice(start + size))}`
}

function longestZeros(groups: readonly number[]): { start: number; size: number } {
  let best = { start: 0, size: 0 }
  let start = 0
  for (const [at, group] of groups.entries()) {
    if (group !== 0) start = at + 1
    else if (at + 1 - start > best.size) best = { start, size: at + 1 - start }
  }
  return best
}
