/** Blocks as Ink's boxes. React and Ink are loaded here, when the first screen is drawn and not before. */
import type { ComponentType, ReactElement } from 'react'
import type { Block, Pane } from '../block.ts'
import type { Line } from '../spans.ts'
import type { Caret, FrameScreen } from './screen.ts'

/** What is drawn: asked anew for each frame. */
export interface Drawing {
  block(width: number, height: number): Block
  /** Of the block that was asked for last. */
  readonly caret?: Caret | undefined
  paint(spans: Line): string
}

export interface Drawn {
  /** Draws a frame. */
  update(): void
  close(): void
}

/** Rows that Ink lays out, by number: it remembers each text it has measured, for ever, so there is to be one of each. */
const places: string[] = []
const placeholder = (height: number): string => (places[height] ??= new Array(height).fill('x').join('\n'))

/** Loads what draws; the first frame comes with the call of what it gives. */
export async function prepare(screen: FrameScreen, drawing: Drawing): Promise<() => Drawn> {
  // Before React is loaded: its other form keeps 41 measurements of every frame, and takes twice the time.
  process.env.NODE_ENV ??= 'production'
  const { createElement, useSyncExternalStore } = await import('react')
  const { Box, render, Text, Transform } = await import('ink')

  const paneElement = (part: Pane, key: number): ReactElement => {
    const place = createElement(Text, null, placeholder(part.height))
    const transform = (_text: string, at: number): string =>
      screen.bind(drawing.paint(part.lines[at] ?? []), part.width)
    const rows = createElement(Transform, { transform, children: place })
    return createElement(Box, { key, width: part.width, height: part.height, flexShrink: 0 }, rows)
  }
  const element = (block: Block, key: number): ReactElement => {
    if (block.kind === 'pane') return paneElement(block, key)
    const { width, height, parts, kind } = block
    const flexDirection = kind === 'rows' ? 'column' : 'row'
    return createElement(Box, { key, width, height, flexDirection, flexShrink: 0 }, parts.map(element))
  }

  const clock = new Clock()
  const Root: ComponentType = () => {
    useSyncExternalStore(clock.subscribe, clock.version)
    const block = drawing.block(screen.columns, screen.rows)
    screen.caret = drawing.caret
    return element(block, 0)
  }
  const stdout = screen as unknown as NodeJS.WriteStream
  return () => {
    const ink = render(createElement(Root), {
      stdout,
      stdin: noInput(),
      // Every frame as one text, at once: no erasing, no throttle, no special way where CI is set.
      debug: true,
      patchConsole: false,
      exitOnCtrlC: false,
      isScreenReaderEnabled: false,
    })
    return { update: () => clock.tick(), close: () => ink.unmount() }
  }
}

/** Says when a frame is due. */
class Clock {
  private count = 0
  private readonly listeners = new Set<() => void>()

  readonly version = (): number => this.count

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  tick(): void {
    this.count++
    for (const listener of this.listeners) listener()
  }
}

/** Keys are read by `terminal.ts`; Ink is given nothing to read. */
const noInput = (): NodeJS.ReadStream =>
  ({ isTTY: false, on: () => {}, off: () => {}, unref: () => {}, ref: () => {} }) as unknown as NodeJS.ReadStream
