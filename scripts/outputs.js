/**
 * Hashes of what the program prints, kept in `test/golden/outputs.txt`: a change of the code's shape must not change one.
 * `node scripts/outputs.js` compares and exits with 1 if a hash differs; `--update` writes the file anew. The captures are
 * all samples in one file, and 400 mutants of them from a fixed seed; nothing of `src` is used to make them.
 */
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const KEPT = join(ROOT, 'test/golden/outputs.txt')
const MUTANTS = 400
const SEED = 20261130
const PARALLEL = 2

const FORMATS = [
  ['-T', 'text'],
  ['-T', 'text', '--fan-out', '-t', 'ad'],
  ['-V'],
  ['-V', '--redact'],
  ['-T', 'text', '-x'],
  ['-T', 'ndjson'],
  ['-T', 'ndjson', '--fan-out'],
  ['-T', 'ndjson', '--redact'],
  ['-T', 'json'],
  ['-T', 'none'],
  [
    '-T',
    'csv',
    ...columns('frame.number', 'frame.time_epoch', 'ip.src', 'tcp.stream', 'mqtt.topic', 'mqtt.finding.id'),
  ],
  ['-T', 'fields', ...columns('mqtt.msgtype', 'mqtt.len', 'mqtt.msgid', 'mqtt.qos', 'mqtt.clientid', 'mqtt.username')],
  [
    '-T',
    'fields',
    '--fan-out',
    ...columns('mqtt.exchange.state', 'mqtt.exchange.latency', 'mqtt.fanout.role', 'mqtt.msg'),
  ],
  ['-T', 'text', '-Y', 'errors or mqtt.qos > 0'],
  ['-T', 'text', '-Y', 'mqtt.topic like "site/#" and not mqtt.retain'],
  ['-T', 'text', '-Y', 'mqtt.exchange.state == "abandoned" || mqtt.finding.level == warning'],
  ['-T', 'ndjson', '-Y', 'mqtt.fanout.role == copy', '-c', '50'],
  ['-T', 'text', '-p', '1884,8883'],
]
const REPORTS = ['handshakes', 'sessions', 'topics', 'messages', 'fanout', 'findings', 'stats', 'sparkplug'].flatMap(
  name => [[name], [name, '-T', 'ndjson'], [name, '-Y', 'mqtt.qos > 0']],
)
const COMMANDS = [
  ...FORMATS,
  ...REPORTS,
  ['sessions', '-V'],
  ['sparkplug', '-V'],
  ['findings', '--explain'],
  ['messages', '-F', '%t %q %l %x'],
]

function columns(...names) {
  return names.flatMap(name => ['-e', name])
}

/** A small generator of numbers below 2^32 (xorshift), the same for the same seed. */
function numbers(seed) {
  let state = seed
  return below => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) % below
  }
}

/** The blocks of a little-endian pcapng file, as views of its bytes. */
function blocksOf(bytes) {
  const blocks = []
  for (let at = 0; at + 12 <= bytes.length; ) {
    const size = bytes.readUInt32LE(at + 4)
    blocks.push(bytes.subarray(at, at + size))
    at += size
  }
  return blocks
}

const ENHANCED_PACKET = 6
const PACKET_DATA = 28
const HEADERS = 40

const isFrame = block => block.readUInt32LE(0) === ENHANCED_PACKET

/** One mutant: bytes of frames changed, frames dropped, doubled or swapped. */
function mutant(blocks, random) {
  const kept = blocks.map(block => Buffer.from(block))
  const frames = kept.flatMap((block, index) => (isFrame(block) ? [index] : []))
  for (let count = 1 + random(3); count > 0; count--) {
    const index = frames[random(frames.length)] ?? 0
    const frame = kept[index]
    const size = frame.length === 0 ? 0 : frame.readUInt32LE(20)
    const kind = random(6)
    if (kind === 0) kept[index] = Buffer.alloc(0)
    else if (kind === 1) kept[index] = Buffer.concat([frame, frame])
    else if (kind === 2 && isFrame(kept[index + 1] ?? Buffer.alloc(4))) {
      kept[index] = kept[index + 1]
      kept[index + 1] = frame
    } else if (size > HEADERS) frame[PACKET_DATA + HEADERS + random(size - HEADERS)] = random(256)
  }
  return kept
}

function captures() {
  const folder = join(ROOT, 'samples')
  const names = readdirSync(folder)
    .filter(name => name.endsWith('.pcapng'))
    .sort()
  const samples = names.map(name => readFileSync(join(folder, name)))
  const small = samples.filter(bytes => bytes.length < 20_000).map(blocksOf)
  const random = numbers(SEED)
  const mutants = Array.from({ length: MUTANTS }, () => mutant(small[random(small.length)], random))
  return { samples: Buffer.concat(samples), mutants: Buffer.concat(mutants.flat()) }
}

const run = promisify(execFile)

async function hashOf(args, file) {
  const options = {
    cwd: ROOT,
    maxBuffer: 1 << 30,
    encoding: 'buffer',
    env: { ...process.env, TZ: 'UTC', COLUMNS: '160' },
  }
  const told = await run(process.execPath, ['dist/cli.js', ...args, file], options).catch(failed => failed)
  const hash = createHash('sha256')
    .update(told.stdout)
    .update('\0')
    .update(told.stderr.toString().replaceAll(file, 'FILE'))
  return hash
    .update(`\0${told.code ?? 0}`)
    .digest('hex')
    .slice(0, 32)
}

async function hashes() {
  const folder = mkdtempSync(join(tmpdir(), 'outputs-'))
  const jobs = Object.entries(captures()).flatMap(([name, bytes]) => {
    const file = join(folder, `${name}.pcapng`)
    writeFileSync(file, bytes)
    return COMMANDS.map(args => ({ name, args, file }))
  })
  const lines = new Array(jobs.length)
  const worker = async () => {
    for (let at = next++; at < jobs.length; at = next++) {
      const { name, args, file } = jobs[at]
      lines[at] = `${await hashOf(args, file)}  ${name}  ${args.join(' ')}`
    }
  }
  let next = 0
  await Promise.all(Array.from({ length: PARALLEL }, worker))
  rmSync(folder, { recursive: true })
  return `${lines.join('\n')}\n`
}

const now = await hashes()
if (process.argv.includes('--update')) writeFileSync(KEPT, now)
else {
  const kept = readFileSync(KEPT, 'utf8').split('\n')
  const other = now.split('\n').filter((line, at) => line !== kept[at])
  for (const line of other) console.log(`differs: ${line}`)
  console.log(`${COMMANDS.length * 2 - other.length} of ${COMMANDS.length * 2} outputs are the same`)
  process.exitCode = other.length > 0 ? 1 : 0
}
