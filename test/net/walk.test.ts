import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join as path } from 'node:path'
import { describe, expect, test } from 'vitest'
import { ipv4Text, ipv6Text } from '../../src/base/address.ts'
import { fromHex, hex } from '../../src/base/bytes.ts'
import type { Field, FieldSink } from '../../src/base/field.ts'
import { SKIP_REASONS } from '../../src/net/cursor.ts'
import { EITHER, IN_FRAME, NET_FIELDS, SUPPLIED } from '../../src/net/fields.ts'
import { walkFrame } from '../../src/net/walk.ts'
import { ethernet, frameOf, ip4, ip6, join, pcapOf, tcp } from '../support/net.ts'
import { needs } from '../support/tools.ts'

interface Seen {
  readonly field: Field
  readonly start: number
  readonly end: number
  readonly value: number
  readonly bytes: Uint8Array
}

/** What a walk announces, offsets counted from the first byte of the frame. */
function walked(bytes: Uint8Array, link = 1, captured = bytes.length): { lines: string[]; fields: Seen[] } {
  const frame = frameOf(bytes, { link, captured })
  const lines: string[] = []
  const fields: Seen[] = []
  const open: number[] = []
  const check = (start: number, end: number) => {
    expect(start).toBeGreaterThanOrEqual(frame.start)
    expect(end).toBeLessThanOrEqual(frame.end)
    expect(end).toBeGreaterThanOrEqual(start)
  }
  const sink: FieldSink = {
    field(field, start, end, value) {
      check(start, end)
      fields.push({ field, start, end, value, bytes: frame.bytes })
      lines.push(`${'  '.repeat(open.length)}${field.name} ${start - frame.start}-${end - frame.start} ${value}`)
    },
    open(field, start) {
      check(start, frame.end)
      lines.push(`${'  '.repeat(open.length)}${field.name}`)
      open.push(start)
    },
    close(end) {
      check(open.pop() ?? Number.NaN, end)
      lines.push(`${'  '.repeat(open.length)}- ${end - frame.start}`)
    },
    fault(fault, at) {
      check(at, frame.end)
      lines.push(`! ${SKIP_REASONS[fault]} ${at - frame.start}`)
    },
  }
  walkFrame(frame, sink)
  expect(open).toEqual([])
  return { lines, fields }
}

const OPTIONS = [...fromHex('020405b4 0402 080a 00000001 00000002 01 030307')]
const TAGGED = fromHex(
  '020000000002 020000000001 8100 7007 0800' +
    '4500003f 0001 4000 40 06 1234 c0000201 c0000202' +
    '9c40075b 00000001 00000002 a0 18 faf0 abcd 0000 020405b4 0402 080a0000000100000002 01 030307 6f6e65',
)

test('every field of a tagged frame, with its place', () => {
  expect(walked(TAGGED).lines).toEqual([
    'eth',
    '  eth.dst 0-6 0',
    '  eth.src 6-12 0',
    `  eth.type 12-14 ${0x8100}`,
    '- 14',
    'vlan',
    '  vlan.priority 14-16 3',
    '  vlan.dei 14-16 1',
    '  vlan.id 14-16 7',
    `  vlan.etype 16-18 ${0x0800}`,
    '- 18',
    'ip',
    '  ip.version 18-19 4',
    '  ip.hdr_len 18-19 20',
    '  ip.dsfield 19-20 0',
    '  ip.len 20-22 63',
    '  ip.id 22-24 1',
    '  ip.flags 24-25 2',
    '  ip.flags.rb 24-25 0',
    '  ip.flags.df 24-25 1',
    '  ip.flags.mf 24-25 0',
    '  ip.frag_offset 24-26 0',
    '  ip.ttl 26-27 64',
    '  ip.proto 27-28 6',
    `  ip.checksum 28-30 ${0x1234}`,
    `  ip.src 30-34 ${0xc0000201}`,
    `  ip.dst 34-38 ${0xc0000202}`,
    '- 38',
    'tcp',
    '  tcp.srcport 38-40 40000',
    '  tcp.dstport 40-42 1883',
    '  tcp.seq_raw 42-46 1',
    '  tcp.ack_raw 46-50 2',
    '  tcp.hdr_len 50-51 40',
    '  tcp.flags 50-52 24',
    '  tcp.flags.ae 50-52 0',
    '  tcp.flags.cwr 51-52 0',
    '  tcp.flags.ece 51-52 0',
    '  tcp.flags.urg 51-52 0',
    '  tcp.flags.ack 51-52 1',
    '  tcp.flags.push 51-52 1',
    '  tcp.flags.reset 51-52 0',
    '  tcp.flags.syn 51-52 0',
    '  tcp.flags.fin 51-52 0',
    '  tcp.window_size_value 52-54 64240',
    `  tcp.checksum 54-56 ${0xabcd}`,
    '  tcp.urgent_pointer 56-58 0',
    '  tcp.options',
    '    tcp.options.mss_val 60-62 1460',
    '    tcp.options.sack_perm 62-64 0',
    '    tcp.options.timestamp.tsval 66-70 1',
    '    tcp.options.timestamp.tsecr 70-74 2',
    '    tcp.options.wscale.shift 77-78 7',
    '  - 78',
    '  tcp.len 78-81 3',
    '  tcp.payload 78-81 0',
    '- 81',
  ])
})

test('IPv6 with a fragment header: what stands in the frame', () => {
  const whole = fromHex('06 00 0000 00000063')
  const { lines } = walked(ethernet(ip6(join(whole, tcp({ data: 'one' })), { next: 44 }), 0x86dd))
  expect(lines.slice(5, 22)).toEqual([
    'ipv6',
    '  ip.version 14-15 6',
    '  ipv6.tclass 14-18 0',
    '  ipv6.flow 14-18 0',
    '  ipv6.plen 18-20 31',
    '  ipv6.nxt 20-21 44',
    '  ipv6.hlim 21-22 64',
    '  ipv6.src 22-38 0',
    '  ipv6.dst 38-54 0',
    '- 54',
    'ipv6.extension',
    '  ipv6.nxt 54-55 6',
    '  ipv6.fraghdr.offset 56-58 0',
    '  ipv6.fraghdr.more 56-58 0',
    '  ipv6.fraghdr.ident 58-62 99',
    '- 62',
    'tcp',
  ])
})

test('a fragment ends with its own header, and that is no fault', () => {
  expect(walked(ethernet(ip4(tcp({ data: 'x' }), { fragment: 0x2000 })))).toMatchObject({
    lines: expect.not.arrayContaining(['tcp']),
  })
  const { lines } = walked(ethernet(ip4(tcp({ data: 'abcd' }), { fragment: 0x2000 })))
  expect(lines.at(-1)).toBe('- 34')
})

test('tunnels show each layer', () => {
  const inner = ethernet(ip4(tcp({ data: 'one' })))
  const gre = ethernet(ip4(join(fromHex('0000 6558'), inner), { protocol: 47 }))
  expect(walked(gre).lines.filter(line => /^\w/.test(line))).toEqual(['eth', 'ip', 'gre', 'eth', 'ip', 'tcp'])
  const vxlan = ethernet(ip4(join(fromHex('c000 12b5 0000 0000 08000000 00002a00'), inner), { protocol: 17 }))
  const seen = walked(vxlan).lines
  expect(seen.filter(line => /^\w/.test(line))).toEqual(['eth', 'ip', 'vxlan', 'eth', 'ip', 'tcp'])
  expect(seen).toContain('  vxlan.vni 46-49 42')
})

test('cooked and other links', () => {
  const ip = ip4(tcp({ data: 'one' }))
  const groups = (bytes: Uint8Array, link: number) => walked(bytes, link).lines.filter(line => /^\w/.test(line))
  expect(groups(join(fromHex('0004 0001 0006 020000000001 0000 0800'), ip), 113)).toEqual(['sll', 'ip', 'tcp'])
  expect(groups(join(fromHex('0800 0000 00000002 0001 04 06 0200000000010000'), ip), 276)).toEqual(['sll', 'ip', 'tcp'])
  expect(groups(join(fromHex('02000000'), ip), 0)).toEqual(['null', 'ip', 'tcp'])
  expect(groups(join(fromHex('ff030021'), ip), 9)).toEqual(['link', 'ip', 'tcp'])
  expect(groups(ip, 101)).toEqual(['ip', 'tcp'])
})

describe('frames cut anywhere', () => {
  test.each<[string, Uint8Array]>([
    ['tagged', TAGGED],
    ['IPv6', ethernet(ip6(join(fromHex('06000000 00000063'), tcp({ options: OPTIONS })), { next: 44 }), 0x86dd)],
    ['VXLAN', ethernet(ip4(join(fromHex('c000 12b5 0000 0000 08000000 00002a00'), TAGGED), { protocol: 17 }))],
    ['GRE', ethernet(ip4(join(fromHex('b000 6558 00000000 00000000 00000000'), TAGGED), { protocol: 47 }))],
  ])('%s', (_name, bytes) => {
    for (let captured = 0; captured < bytes.length; captured++) walked(bytes, 1, captured)
    expect(walked(bytes).lines.filter(line => line.startsWith('!'))).toEqual([])
    expect(walked(bytes, 1, 20).lines.filter(line => line.startsWith('!'))).toHaveLength(1)
  })
})

describe('the table', () => {
  test('names are there once, explanations are sentences', () => {
    const names = NET_FIELDS.map(field => field.name)
    expect(new Set(names).size).toBe(names.length)
    for (const field of NET_FIELDS) {
      expect(field.explanation).toMatch(/^[A-Z0-9].*\.$/)
      expect(field.label).not.toBe('')
    }
    expect(SUPPLIED.filter(field => IN_FRAME.includes(field))).toEqual([])
    for (const { of } of EITHER) expect(IN_FRAME).toEqual(expect.arrayContaining([...of]))
  })
})

/** Fields whose names tshark 4.0 knows and that it prints in a form of its own: how we would say the same. */
function shown({ field, start, end, value, bytes }: Seen): string {
  switch (field.kind) {
    case 'ipv4':
      return ipv4Text(value)
    case 'mac':
      return hex(bytes, start, end).replace(/..(?=.)/g, '$&:')
    case 'ipv6': {
      const word = (at: number) => Number.parseInt(hex(bytes, start + at, start + at + 4), 16) | 0
      return ipv6Text(word(0), word(4), word(8), word(12))
    }
    default:
      return String(value)
  }
}

needs('tshark')('tshark reads the same values', () => {
  const frames = [
    TAGGED,
    ethernet(ip4(tcp({ seq: 0xfffffff0, ack: 5, flags: 0x12, options: [2, 4, 5, 0xb4], urgent: 3 }), { id: 77 })),
    ethernet(ip6(tcp({ data: 'one', flags: 0x39, window: 9, urgent: 1 })), 0x86dd),
  ]
  const skip =
    /^(tcp\.flags\.ae|tcp\.options\.sack|tcp\.options\.unknown|tcp\.payload|gre|vxlan|sll|null|link|ipv6\.ext)/
  const compared = IN_FRAME.filter(field => field.kind !== 'group' && field.kind !== 'bytes' && !skip.test(field.name))
  const folder = mkdtempSync(path(tmpdir(), 'net-'))
  const file = path(folder, 'frames.pcap')
  writeFileSync(file, pcapOf(frames))
  const names = compared.flatMap(field => ['-e', field.name])
  const printed = execFileSync('tshark', ['-r', file, '-T', 'fields', ...names], {
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  rmSync(folder, { recursive: true })
  const rows = printed.toString().trimEnd().split('\n')
  expect(rows).toHaveLength(frames.length)
  for (const [at, row] of rows.entries()) {
    const ours = walked(frames[at] ?? new Uint8Array()).fields
    for (const [column, theirs] of row.split('\t').entries()) {
      const field = compared[column]
      const seen = ours.find(one => one.field === field)
      const expected = theirs.startsWith('0x') || /^\d+$/.test(theirs) ? String(Number(theirs)) : theirs
      expect(`${field?.name} ${seen === undefined ? '' : shown(seen)}`).toBe(`${field?.name} ${expected}`)
    }
  }
})
