/** What a tap adds to the way of a message: round trips through it and beside it, in turns, to a server that answers each byte for byte. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

export interface RoundTrips {
  readonly direct: readonly number[]
  readonly tapped: readonly number[]
}

/** A PUBLISH of 60 bytes. */
const MESSAGE = Buffer.concat([Buffer.from([0x30, 58, 0, 8]), Buffer.from('a/bench!'), Buffer.alloc(48, 0x78)])

/** Milliseconds of `count` round trips each way. `program`: the built program, which is started as a tap that prints to nowhere. */
export async function roundTrips(program: string, count: number): Promise<RoundTrips> {
  const echo = createServer(socket => socket.on('error', () => {}).pipe(socket)).listen(0, '127.0.0.1')
  await once(echo, 'listening')
  const { port } = echo.address() as AddressInfo
  const args = ['tap', '--listen', '0', '--to', `127.0.0.1:${port}`, '-T', 'none']
  const tap = spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'ignore', 'pipe'] })
  try {
    const own = await portOf(tap.stderr)
    const sockets = await Promise.all([port, own].map(opened))
    const times: [number[], number[]] = [[], []]
    for (let round = -count / 10; round < count; round++)
      for (const [index, socket] of sockets.entries()) {
        const took = await roundTrip(socket)
        if (round >= 0) times[index as 0 | 1].push(took)
      }
    for (const socket of sockets) socket.destroy()
    return { direct: times[0], tapped: times[1] }
  } finally {
    tap.kill('SIGINT')
    echo.close()
  }
}

async function portOf(words: NodeJS.ReadableStream): Promise<number> {
  let said = ''
  for await (const chunk of words) {
    said += chunk
    const port = /listens on \S+:(\d+)/.exec(said)?.[1]
    if (port !== undefined) return Number(port)
  }
  throw new Error(`the tap did not begin: ${said}`)
}

async function opened(port: number): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true })
  await once(socket, 'connect')
  return socket
}

async function roundTrip(socket: Socket): Promise<number> {
  const start = performance.now()
  socket.write(MESSAGE)
  for (let size = 0; size < MESSAGE.length; ) size += ((await once(socket, 'data')) as [Buffer])[0].length
  return performance.now() - start
}
