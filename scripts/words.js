/**
 * `npm run words`: counts the doc comments of src that do not begin with a subject, or have words that have plainer ones;
 * `--list` prints them with their places. `--emit A B` says whether two checkouts differ in comments alone.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { minifySync, transform } from 'rolldown/experimental'

const ROOT = fileURLToPath(new URL('..', import.meta.url))

/** Beginnings that have no subject of their own: a reader must already know what is spoken of. */
const WITHOUT_SUBJECT = [
  /^(What|Who|Whose|Whom|How|Where|When|Whether|Which|Why)\b/,
  /^(Of|For|In|By|As|To|With|Without|From|At|On|Beside|Behind|Above|Below|Between|Because|So|If|Until|Since)\b/,
  /^(It|They|This|These|Those|There|Its|Their|That)\b/,
  /^(Nobody|Nothing|Somebody|None|Never|Not)\b/,
]
/** Words that have a plainer one (CONTRIBUTING.md, "How we write"). */
const UNPLAIN =
  /\b(anew|meanwhile|whoever|nobody|somebody|as good as|told|tells?|hears?|behind|stands? (?:in|at|for|on|there|behind))\b|\bis no [a-z]/i

/** Files of a folder below the root, as paths from the root. */
export const sourcesOf = root =>
  readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
    .filter(name => /\.tsx?$/.test(name))
    .map(name => `src/${name.replaceAll('\\', '/')}`)
    .sort()

/** The doc comments of a text: its line, from 1, and its words on one line. */
export function docCommentsOf(text) {
  return [...text.matchAll(/\/\*\*([\s\S]*?)\*\//g)].map(({ 1: body = '', index }) => ({
    line: text.slice(0, index).split('\n').length,
    words: body
      .replace(/^\s*\* ?/gm, ' ')
      .replace(/\s+/g, ' ')
      .trim(),
  }))
}

export const hasSubject = words => !WITHOUT_SUBJECT.some(pattern => pattern.test(words))
export const isPlain = words => !UNPLAIN.test(words)

const roomOf = name => (name.split('/').length > 2 ? name.split('/')[1] : '(top)')

function count() {
  const rooms = new Map()
  for (const name of sourcesOf(ROOT)) {
    const room = rooms.get(roomOf(name)) ?? { all: 0, subject: 0, plain: 0 }
    rooms.set(roomOf(name), room)
    for (const { line, words } of docCommentsOf(readFileSync(join(ROOT, name), 'utf8'))) {
      room.all++
      if (!hasSubject(words)) room.subject++
      if (!isPlain(words)) room.plain++
      if (process.argv.includes('--list') && !(hasSubject(words) && isPlain(words)))
        console.log(`${name}:${line} ${words}`)
    }
  }
  return rooms
}

/** The code of a file as it is emitted: without types, comments and blanks. */
async function emitted(root, name) {
  const { code } = await transform(name, readFileSync(join(root, name), 'utf8'), { sourcemap: false })
  return minifySync(name.replace(/\.tsx?$/, '.js'), code, { compress: false, mangle: false }).code
}

async function compare(before, after) {
  const names = new Set([...sourcesOf(before), ...sourcesOf(after)])
  const differ = []
  for (const name of names) {
    const [a, b] = await Promise.all([before, after].map(root => emitted(root, name).catch(() => 'missing')))
    if (a !== b) differ.push(name)
  }
  console.log(
    differ.length === 0 ? `${names.size} files are emitted alike` : `emitted differently:\n${differ.join('\n')}`,
  )
  process.exitCode = differ.length === 0 ? 0 : 1
}

function report() {
  console.log('room         comments  no subject  not plain')
  for (const [room, { all, subject, plain }] of count())
    console.log(
      `${room.padEnd(12)} ${String(all).padStart(8)}  ${String(subject).padStart(10)}  ${String(plain).padStart(9)}`,
    )
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const emit = process.argv.indexOf('--emit')
  if (emit > 0) await compare(process.argv[emit + 1], process.argv[emit + 2])
  else report()
}
