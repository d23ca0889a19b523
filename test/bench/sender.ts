/**
 * A listener and a client that sends it PUBLISH packets of 200 bytes on the wire, one a segment, at a rate:
 * PORT RATE SECONDS. On stdout: what was sent, and in how many milliseconds.
 */
import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { isMainThread, Worker, workerData } from 'node:worker_threads'

const [port = 0, rate = 0, seconds = 0] = process.argv.slice(2).map(Number)

/** Ethernet, IPv4, TCP with timestamps. */
const HEADERS = 14 + 20 + 32
const FRAME = 200

/** Sent in one turn at most, so that the client's own bookkeeping gets a turn, too. */
const MOST_AT_ONCE = 500

const CONNECT = Buffer.from('100d00044d51545404020000000161', 'hex')

/** QoS 0: type, remaining length in two bytes, topic, payload. */
function publish(): Buffer {
  const topic = 'bench/live'
  const rest = FRAME - HEADERS - 3
  const packet = Buffer.alloc(rest + 3, 'x')
  packet[0] = 0x30
  packet[1] = (rest & 0x7f) | 0x80
  packet[2] = rest >> 7
  packet.writeUInt16BE(topic.length, 3)
  packet.write(topic, 5)
  return packet
}

/** Clients in turn: one alone is soon told to wait, and its packets share segments then. */
const CLIENTS = 20

async function send(): Promise<void> {
  const packet = publish()
  const total = rate * seconds
  const clients = await Promise.all(Array.from({ length: CLIENTS }, open))
  const began = performance.now()
  let sent = 0
  while (sent < total) {
    const due = Math.min(total, Math.floor(((performance.now() - began) * rate) / 1000), sent + MOST_AT_ONCE)
    for (; sent < due; sent++) clients[sent % CLIENTS]?.write(packet)
    await new Promise(resolve => setImmediate(resolve))
  }
  await Promise.all(clients.map(client => new Promise<void>(resolve => client.end(resolve))))
  console.log(JSON.stringify({ sent, ms: Math.round(performance.now() - began), clients: CLIENTS }))
  process.exit(0)
}

async function open(): Promise<Socket> {
  const client = connect(port, '127.0.0.1').setNoDelay(true)
  await once(client, 'connect')
  client.write(CONNECT)
  return client
}

/** In a thread of its own: a listener that does not read would slow the client. */
if (isMainThread) {
  const worker = new Worker(new URL(import.meta.url), { workerData: port })
  worker.once('message', () => void send())
} else {
  const server = createServer(socket => socket.on('error', () => {}).resume())
  const { parentPort } = await import('node:worker_threads')
  server.listen(workerData as number, '127.0.0.1', () => parentPort?.postMessage('listening'))
}
