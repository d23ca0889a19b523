/**
 * `node svg.js FILE.pcapng WIDTHxHEIGHT THEME KEYS > screen.svg`: a screen as a picture, from what the built program writes
 * to a pseudo-terminal. KEYS as in `views.ts`, separated by blanks.
 */
import type headless from '@xterm/headless'
import { Pty } from './pty.ts'

const CELL = { width: 8.4, height: 18 }
const FONT = 'ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace'

interface Palette {
  readonly page: string
  readonly text: string
  readonly colors: readonly string[]
}

/** The sixteen colours, on both kinds of page dark or light enough to be read (4.5 to 1). */
const PALETTES: Readonly<Record<'dark' | 'light', Palette>> = {
  dark: {
    page: '#16181d',
    text: '#e6e6e6',
    colors: [
      '#16181d',
      '#ff7b72',
      '#7ee787',
      '#e3b341',
      '#79c0ff',
      '#d2a8ff',
      '#56d4dd',
      '#e6e6e6',
      '#9aa4b0',
      '#ffa198',
      '#a5f0ac',
      '#f2cc60',
      '#a5d6ff',
      '#e2c5ff',
      '#8be9f0',
      '#ffffff',
    ],
  },
  light: {
    page: '#ffffff',
    text: '#1f2328',
    colors: [
      '#1f2328',
      '#b3261e',
      '#116329',
      '#7d4e00',
      '#0550ae',
      '#8250df',
      '#0a6470',
      '#57606a',
      '#59636e',
      '#a40e26',
      '#1a7f37',
      '#633c01',
      '#0969da',
      '#6639ba',
      '#1b7c83',
      '#24292f',
    ],
  },
}

const escaped = (text: string): string => text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;')

interface Run {
  text: string
  readonly at: number
  readonly style: string
  readonly isInverse: boolean
  readonly fill: string
}

/** Runs of cells that look alike. */
function runsOf(
  line: NonNullable<ReturnType<headless.Terminal['buffer']['active']['getLine']>>,
  palette: Palette,
): Run[] {
  const runs: Run[] = []
  for (let at = 0; at < line.length; at++) {
    const cell = line.getCell(at)
    if (cell === undefined || cell.getWidth() === 0) continue
    const fill = cell.isFgPalette() ? (palette.colors[cell.getFgColor()] ?? palette.text) : palette.text
    const isInverse = cell.isInverse() !== 0
    const style = `${cell.isBold() ? 'font-weight="bold" ' : ''}${cell.isUnderline() ? 'text-decoration="underline" ' : ''}`
    const last = runs.at(-1)
    const text = cell.getChars() || ' '
    if (last !== undefined && last.fill === fill && last.style === style && last.isInverse === isInverse)
      last.text += text
    else runs.push({ text, at, style, isInverse, fill })
  }
  return runs
}

export function svg(terminal: InstanceType<typeof headless.Terminal>, theme: 'dark' | 'light'): string {
  const palette = PALETTES[theme]
  const { cols, rows } = terminal
  const [width, height] = [cols * CELL.width + 16, rows * CELL.height + 16]
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width.toFixed(0)} ${height}" font-family='${FONT}' font-size="14">`,
    `<rect width="100%" height="100%" rx="6" fill="${palette.page}"/>`,
  ]
  for (let row = 0; row < rows; row++) {
    const line = terminal.buffer.active.getLine(terminal.buffer.active.viewportY + row)
    if (line === undefined) continue
    const y = 8 + row * CELL.height
    for (const run of runsOf(line, palette)) {
      const x = (8 + run.at * CELL.width).toFixed(1)
      const size = (run.text.length * CELL.width).toFixed(1)
      if (run.isInverse)
        parts.push(`<rect x="${x}" y="${y}" width="${size}" height="${CELL.height}" fill="${run.fill}"/>`)
      if (run.text.trim() === '') continue
      const fill = run.isInverse ? palette.page : run.fill
      parts.push(
        `<text x="${x}" y="${y + 13.5}" fill="${fill}" ${run.style}textLength="${size}" xml:space="preserve">${escaped(run.text)}</text>`,
      )
    }
  }
  return `${parts.join('\n')}\n</svg>\n`
}

const KEYS: Readonly<Record<string, string>> = { enter: '\r', down: '\x1b[B', tab: '\t', space: ' ' }

async function main([file = '', size = '80x24', theme = 'dark', keys = '']: readonly string[]): Promise<void> {
  const [columns = 80, rows = 24] = size.split('x').map(Number)
  const pty = new Pty([file, '--theme', theme], columns, rows)
  await pty.until(/\d+ of \d+/)
  for (const key of keys.split(' ').filter(one => one !== '')) {
    pty.keys(...(key.startsWith('text:') ? [...key.slice(5).replaceAll('_', ' ')] : [KEYS[key] ?? key]))
    await new Promise(resolve => setTimeout(resolve, 400))
  }
  process.stdout.write(svg(pty.terminal, theme === 'light' ? 'light' : 'dark'))
  pty.close()
}

if (process.argv[1]?.endsWith('svg.js') === true) await main(process.argv.slice(2))
