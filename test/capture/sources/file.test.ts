import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream, mkdtempSync, openSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { afterAll, describe, expect, test } from 'vitest'
import { CaptureReader, DamageCode } from '../../../src/capture/reader.ts'
import { CHUNK_SIZE, FileSource, openFile as open, openAgain, SourceError } from '../../../src/capture/sources/file.ts'
import type { PacketSource } from '../../../src/capture/sources/source.ts'
import { concat, content, header, LITTLE, record, sevenRecords, text } from '../../support/capture.ts'
import { needs } from '../../support/tools.ts'

const folder = mkdtempSync(join(tmpdir(), 'mqtt-sniff-'))
afterAll(() => rmSync(folder, { recursive: true }))

let made = 0
const save = (bytes: Uint8Array): string => {
  const path = join(folder, `${made++}.capture`)
  writeFileSync(path, bytes)
  return path
}

interface Counted {
  frames: number
  codes: string[]
  bytes: number
  chunks: number
}

/** Reads a source to its end, as the pipeline's owner does. */
async function count(source: PacketSource): Promise<Counted> {
  const counted: Counted = { frames: 0, codes: [], bytes: 0, chunks: 0 }
  const reader = new CaptureReader({
    frame: () => void counted.frames++,
    lost: () => {},
    damage: damage => void counted.codes.push(damage.code),
  })
  for await (const chunk of source) {
    counted.chunks++
    counted.bytes += chunk.length
    reader.push(chunk)
    if (reader.done) break
  }
  reader.end()
  if (source.damage !== undefined) counted.codes.push(source.damage.code)
  return counted
}

const seven = concat(header(LITTLE), ...sevenRecords(LITTLE))

/** Random enough that packing keeps it as long as it is. */
const noise = (size: number, seed: number): Uint8Array => {
  const bytes = new Uint8Array(size)
  for (let at = 0, state = seed; at < size; at++) {
    state = (Math.imul(state, 1103515245) + 12345) | 0
    bytes[at] = state >>> 16
  }
  return bytes
}

describe('files', () => {
  test('a file is read in chunks of one piece of memory', async () => {
    const large = concat(header(LITTLE), ...Array.from({ length: 9000 }, () => record(LITTLE, { data: content(100) })))
    const source = await open(save(large))
    expect(source).toMatchObject({ size: large.length, read: 0, damage: undefined })
    const memory = new Set<ArrayBufferLike>()
    let bytes = 0
    for await (const chunk of source) {
      memory.add(chunk.buffer)
      bytes += chunk.length
      expect(source.read).toBe(bytes)
    }
    expect(bytes).toBe(large.length)
    expect(bytes).toBeGreaterThan(CHUNK_SIZE * 3)
    expect(memory.size).toBe(1)
    expect(source.plain).toBe(true)
  })

  test('frames', async () => {
    expect(await count(await open(save(seven)))).toMatchObject({ frames: 7, codes: [], bytes: seven.length })
  })

  test('F03 an empty file', async () => {
    expect(await count(await open(save(new Uint8Array(0))))).toMatchObject({ frames: 0, codes: [DamageCode.Empty] })
  })

  test('what cannot be opened says why, with a code', async () => {
    await expect(open(join(folder, 'none'))).rejects.toMatchObject({
      name: 'SourceError',
      code: 'ENOENT',
      message: `cannot read ${join(folder, 'none')}: no such file`,
    })
    await expect(open(folder)).rejects.toMatchObject({
      code: 'EISDIR',
      message: expect.stringContaining('is a folder'),
    })
    await expect(open(join(save(seven), 'x'))).rejects.toMatchObject({ code: 'ENOTDIR' })
    await expect(open(folder)).rejects.toBeInstanceOf(SourceError)
  })

  test('closing ends the reading, at any time and twice', async () => {
    const source = await open(save(new Uint8Array(CHUNK_SIZE * 4)))
    let chunks = 0
    for await (const chunk of source) {
      chunks += chunk.length > 0 ? 1 : 0
      source.close()
      source.close()
    }
    expect(chunks).toBe(1)
    const unread = await open(save(seven))
    unread.close()
    expect(await count(unread)).toMatchObject({ chunks: 0 })
  })

  test('a file is read again by position', () => {
    const again = openAgain(save(seven))
    expect(again.read(24, 16)).toEqual(seven.subarray(24, 40))
    expect(again.read(seven.length - 3, 100)).toEqual(seven.subarray(seven.length - 3))
    expect(again.read(seven.length + 5, 10)).toHaveLength(0)
    again.close()
    expect(() => openAgain(join(folder, 'none'))).toThrow(SourceError)
  })
})

describe('F22 gzip', () => {
  test('by its bytes, whatever its name', async () => {
    const source = await open(save(gzipSync(seven)))
    expect(await count(source)).toMatchObject({ frames: 7, codes: [], bytes: seven.length })
    expect(source.plain).toBe(false)
    expect(source.read).toBe(source.size)
  })

  test('several members', async () => {
    const [first, second] = [seven.subarray(0, 200), seven.subarray(200)]
    const packed = concat(gzipSync(first), gzipSync(new Uint8Array(0)), gzipSync(second))
    expect(await count(await open(save(packed)))).toMatchObject({ frames: 7, codes: [] })
  })

  test('cut: what was there is read', async () => {
    const records = Array.from({ length: 7 }, (_, index) => record(LITTLE, { data: noise(900, index) }))
    const packed = gzipSync(concat(header(LITTLE), ...records))
    const whole = await count(await open(save(packed)))
    expect(whole).toMatchObject({ frames: 7, codes: [] })
    // Less than a record is missing, and the trailer of eight bytes.
    const cut = await count(await open(save(packed.subarray(0, packed.length - 30))))
    expect(cut).toMatchObject({ frames: 6, codes: [DamageCode.TruncatedTail, DamageCode.TruncatedGzip] })
    const noTrailer = await count(await open(save(packed.subarray(0, packed.length - 8))))
    expect(noTrailer).toMatchObject({ frames: 7, codes: [DamageCode.TruncatedGzip] })
  })

  test('a wrong checksum costs no frame', async () => {
    const packed = gzipSync(seven)
    packed[packed.length - 6] = (packed[packed.length - 6] ?? 0) ^ 1
    expect(await count(await open(save(packed)))).toMatchObject({ frames: 7, codes: [DamageCode.BadGzip] })
  })

  test('a wrong checksum of one member, and then another member', async () => {
    const packed = gzipSync(seven.subarray(0, 100))
    packed[packed.length - 6] = (packed[packed.length - 6] ?? 0) ^ 1
    const source = await open(save(concat(packed, gzipSync(seven.subarray(100)))))
    expect(await count(source)).toMatchObject({ frames: 7, codes: [DamageCode.BadGzip] })
    expect(source.damage).toMatchObject({ at: 100, size: 0 })
  })

  test('every header field, in pieces, and padding behind', async () => {
    const plain = gzipSync(seven)
    const fields = concat([3, 0, 1, 2, 3], text('a name'), [0], text('a comment'), [0], [7, 7])
    const packed = concat(plain.subarray(0, 3), [2 | 4 | 8 | 16], plain.subarray(4, 10), fields, plain.subarray(10))
    const capture = concat(packed, packed.subarray(0, 0), plain, new Uint8Array(1000))
    expect(await count(await open(save(capture)))).toMatchObject({ codes: [], frames: 14 })
    const pieces = (async function* () {
      for (let at = 0; at < capture.length; at++) yield capture.subarray(at, at + 1)
    })()
    expect(await count(new FileSource('bytes', undefined, pieces, () => {}))).toMatchObject({ codes: [], frames: 14 })
  })

  test('damage inside: what stood far enough before it is read', async () => {
    // Half a byte of noise in each byte: packed to about a half, in blocks that are not merely stored.
    const half = (index: number): Uint8Array => noise(1400, index).map(byte => byte & 15)
    const records = Array.from({ length: 200 }, (_, index) => record(LITTLE, { data: half(index) }))
    const packed = gzipSync(concat(header(LITTLE), ...records), { level: 1 })
    packed.set(noise(1000, 99), packed.length - 40_000)
    const source = await open(save(packed))
    const { frames } = await count(source)
    expect(frames).toBeGreaterThan(100)
    expect(frames).toBeLessThan(200)
    expect(source.damage).toMatchObject({
      code: DamageCode.BadGzip,
      message: expect.stringContaining('is damaged (invalid'),
    })
  })

  test('something else behind it', async () => {
    const { frames, codes } = await count(await open(save(concat(gzipSync(seven), content(100, 1)))))
    expect(frames).toBe(7)
    expect(codes).toEqual([DamageCode.BadGzip])
  })

  test('nothing but the first bytes of it', async () => {
    const { frames, codes } = await count(await open(save(gzipSync(seven).subarray(0, 5))))
    expect({ frames, codes }).toEqual({ frames: 0, codes: [DamageCode.Empty, DamageCode.TruncatedGzip] })
  })

  test('closing ends it', async () => {
    const source = await open(save(gzipSync(new Uint8Array(CHUNK_SIZE * 8))))
    let chunks = 0
    for await (const chunk of source) {
      chunks += chunk.length > 0 ? 1 : 0
      source.close()
    }
    expect(chunks).toBe(1)
  })
})

describe('F23 a little that unpacks to much', () => {
  test('zeros end in one damage and in flat memory', async () => {
    const zeros = new Uint8Array(32 * 1024 * 1024)
    const packed = concat(gzipSync(seven), ...Array(8).fill(gzipSync(zeros)))
    const path = save(packed)
    const before = process.memoryUsage().rss
    const { frames, codes, bytes } = await count(await open(path))
    expect({ frames, codes }).toEqual({ frames: 7, codes: [DamageCode.GaveUp] })
    // 256 MiB would have come; the search ends after 64.
    expect(bytes).toBeLessThan(70 * 1024 * 1024)
    expect(process.memoryUsage().rss - before).toBeLessThan(64 * 1024 * 1024)
  })

  test('whoever reads on is stopped by the ratio', async () => {
    const packed = gzipSync(new Uint8Array(64 * 1024 * 1024))
    const source = await open(save(concat(packed, packed, packed, packed, packed, packed)))
    let bytes = 0
    for await (const chunk of source) bytes += chunk.length
    expect(bytes).toBeLessThan(257 * 1024 * 1024)
    expect(source.damage?.code).toBe(DamageCode.InflateRatio)
  })
})

describe('F24 what grows', () => {
  const fifo = (): string => {
    const path = join(folder, `${made++}.fifo`)
    execFileSync('mkfifo', [path])
    return path
  }

  needs('mkfifo')('a FIFO is a stream; half a record waits for the other half without a busy loop', async () => {
    const path = fifo()
    const opening = open(path)
    const writer = createWriteStream(path)
    const source = await opening
    expect(source.size).toBeUndefined()
    const arrived: number[] = []
    let frames = 0
    const reader = new CaptureReader({
      frame: () => void frames++,
      lost: () => {},
      damage: damage => expect.fail(damage.message),
    })
    const reading = (async () => {
      for await (const chunk of source) {
        reader.push(chunk)
        arrived.push(frames)
      }
      reader.end()
    })()
    writer.write(seven.subarray(0, 2))
    await sleep(50)
    writer.write(seven.subarray(2, 130))
    await sleep(50)
    expect(frames).toBe(1)
    // Whoever reads again and again what is not there waits for each answer.
    const { voluntaryContextSwitches: before } = process.resourceUsage()
    await sleep(100)
    expect(process.resourceUsage().voluntaryContextSwitches - before).toBeLessThan(200)
    writer.end(seven.subarray(130))
    await reading
    expect(frames).toBe(7)
    expect(source.plain).toBe(false)
  })

  needs('mkfifo')('closing a FIFO that is silent ends the reading', async () => {
    const path = fifo()
    const opening = open(path)
    const writer = createWriteStream(path)
    const source = await opening
    writer.on('error', () => {})
    writer.write(seven.subarray(0, 100))
    setTimeout(() => source.close(), 100)
    const { bytes } = await count(source)
    expect(bytes).toBe(100)
    writer.destroy()
  })

  needs('mkfifo')('a FIFO that nobody has opened for writing yet', async () => {
    const path = fifo()
    const source = await open(path)
    const counted = count(source)
    await sleep(200)
    createWriteStream(path).end(seven)
    expect(await counted).toMatchObject({ frames: 7, codes: [] })
    const silent = await open(path)
    setTimeout(() => silent.close(), 100)
    expect(await count(silent)).toMatchObject({ bytes: 0 })
  })

  needs('mkfifo')('gzip in a FIFO', async () => {
    const path = fifo()
    const opening = open(path)
    const writer = createWriteStream(path)
    writer.end(gzipSync(seven))
    expect(await count(await opening)).toMatchObject({ frames: 7, codes: [] })
  })

  test('nothing is read ahead of who reads', async () => {
    const source = await open(save(new Uint8Array(CHUNK_SIZE * 8)))
    for await (const chunk of source) {
      await sleep(20)
      expect(source.read).toBe(chunk.length)
      break
    }
  })
})

describe('stdin', () => {
  // Built by `npm test` before: Node 20 runs no TypeScript.
  const SCRIPT = `
    const { open, CaptureReader } = await import('./dist/index.js')
    let frames = 0, codes = []
    const reader = new CaptureReader({ frame() { frames++ }, lost() {}, damage(one) { codes.push(one.code) } })
    try {
      const source = await open('-')
      for await (const chunk of source) reader.push(chunk)
      reader.end()
      console.log(JSON.stringify({ frames, codes, size: source.size, plain: source.plain }))
    } catch (cause) { console.log(JSON.stringify({ code: cause.code })) }`
  const NODE = ['--input-type=module', '-e', SCRIPT]

  test('a pipe', async () => {
    const child = spawn(process.execPath, NODE, { stdio: ['pipe', 'pipe', 'inherit'] })
    child.stdin.write(seven.subarray(0, 99))
    await sleep(200)
    child.stdin.end(seven.subarray(99))
    const [output] = await once(child.stdout, 'data')
    expect(JSON.parse(String(output))).toEqual({ frames: 7, codes: [], plain: false })
  })

  test('a file, plain and packed', () => {
    for (const bytes of [seven, gzipSync(seven)]) {
      const path = save(bytes)
      const { stdout } = spawnSync(process.execPath, NODE, { stdio: [openSync(path, 'r'), 'pipe', 'inherit'] })
      expect(JSON.parse(String(stdout))).toEqual({ frames: 7, codes: [], size: statSync(path).size, plain: false })
    }
  })

  test('nothing', () => {
    const { stdout } = spawnSync(process.execPath, NODE, { stdio: ['ignore', 'pipe', 'inherit'] })
    expect(JSON.parse(String(stdout))).toEqual({ frames: 0, codes: ['empty'], plain: false })
  })

  needs('sh', 'tail')('a file that grows, through tail -f', async () => {
    const path = save(seven.subarray(0, 300))
    const tail = spawn('tail', ['-c', '+1', '-f', path], { stdio: ['ignore', 'pipe', 'ignore'] })
    const child = spawn(process.execPath, NODE, { stdio: [tail.stdout, 'pipe', 'inherit'] })
    await sleep(300)
    writeFileSync(path, seven.subarray(300), { flag: 'a' })
    await sleep(1500)
    tail.kill()
    const [output] = await once(child.stdout, 'data')
    expect(JSON.parse(String(output))).toEqual({ frames: 7, codes: [], plain: false })
  })
})
