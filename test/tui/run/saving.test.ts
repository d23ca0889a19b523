/** The bytes of a connection, saved. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { saveBytes } from '../../../src/tui/run/saving.ts'
import { concat } from '../../support/capture.ts'
import { Screens } from '../../support/screens.ts'
import { connect, packet, pingreq, pingresp, publish, Story } from '../../support/story.ts'

const folder = mkdtempSync(join(tmpdir(), 'mqtt-sniff-test-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('saved', () => {
  const story = new Story()
  const sent = [connect('a'), publish('a/b', 'x'.repeat(300), { qos: 1, id: 7 }), pingreq()]
  const got = [packet(0x20, [0, 0]), packet(0x40, [0, 7]), pingresp()]
  const talk = story.join()
  for (const [nth, one] of sent.entries()) talk.say(one).hear(got[nth] ?? new Uint8Array(0))
  story.join().enter('other')
  const screens = new Screens(story.capture, 'a.pcap').press('7')
  const pause = (): Promise<void> => Promise.resolve()

  test.each([
    ['client client.bin', concat(...sent)],
    ['broker broker.bin', concat(...got)],
    ['both both.bin', concat(...sent.flatMap((one, nth) => [one, got[nth] ?? []]))],
    ['plain.bin', concat(...sent.flatMap((one, nth) => [one, got[nth] ?? []]))],
  ])('%s', async (request, wanted) => {
    const [name = '', scope] = request.split(' ').reverse()
    const path = join(folder, name)
    const words = await saveBytes(screens.app.stream, `${scope === undefined ? '' : `${scope} `}${path}`, pause)
    expect(words).toMatch(new RegExp(`^${wanted.length} bytes of \\d packets saved`))
    expect(Uint8Array.from(readFileSync(path))).toEqual(Uint8Array.from(wanted))
    await expect(saveBytes(screens.app.stream, path, pause)).rejects.toThrow('EEXIST')
  })

  test('what is missing is said', async () => {
    const path = join(folder, 'lost.bin')
    const lost = Screens.of('lost').press('7')
    expect(await saveBytes(lost.app.stream, `client ${path}`, pause)).toContain('; 1472 B that the stream lacks')
    expect(existsSync(path)).toBe(true)
  })

  test('without a name nothing is', async () => {
    await expect(saveBytes(screens.app.stream, 'client', pause)).resolves.toMatch(/saved to client$/)
    rmSync('client')
    await expect(saveBytes(screens.app.stream, ' ', pause)).rejects.toThrow('Write it so')
  })
})
