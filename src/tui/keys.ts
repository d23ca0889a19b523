/**
 * One table of commands: from it come the keys, the help, the palette and the hints at the bottom. A command that is not
 * here does not exist; one that is here works.
 */
import { byWord } from '../base/by-word.ts'

export const SCREENS = ['packets', 'flow', 'topics', 'sessions', 'stats', 'findings', 'stream', 'log', 'help'] as const
export type ScreenName = (typeof SCREENS)[number]

export interface Command {
  readonly id: string
  /** Names of keys, as `input.ts` gives them. */
  readonly keys: readonly string[]
  readonly group: 'Screens' | 'Move' | 'Follow' | 'Filter' | 'Mark' | 'Show' | 'Leave'
  readonly title: string
  /** Screens where it does something; absent: all. */
  readonly on?: readonly ScreenName[]
  /** A word for the bottom line. */
  readonly hint?: string
  /** The hint gives way where there is no room for all. */
  readonly spare?: boolean
}

const PACKETS = ['packets'] as const
const ROWS = ['packets', 'flow'] as const
const SEARCHED = ['packets', 'flow', 'stream'] as const
const FLOW = ['flow'] as const
const STREAM = ['stream'] as const
const NOT_STREAM = SCREENS.filter(name => name !== 'stream')
const APPLIED = ['packets', 'topics', 'sessions', 'findings'] as const
const COPIED = ['packets', 'flow', 'topics', 'sessions', 'findings', 'stream', 'log'] as const
const OPENED = COPIED
const EXPLAINED = ['packets', 'flow', 'stream'] as const
const FOLDING = ['packets', 'topics'] as const

export const COMMANDS = [
  { id: 'packets', keys: ['1'], group: 'Screens', title: 'Packets: list, details, bytes' },
  { id: 'flow', keys: ['2'], group: 'Screens', title: 'Flow: who sends what to whom, as a ladder', hint: 'flow' },
  { id: 'topics', keys: ['3'], group: 'Screens', title: 'Topics: a tree, with what was published and who listens' },
  { id: 'sessions', keys: ['4'], group: 'Screens', title: 'Sessions: who was connected, how it began and ended' },
  { id: 'stats', keys: ['5'], group: 'Screens', title: 'Stats: rates, packets by type, how long answers took' },
  { id: 'findings', keys: ['6'], group: 'Screens', title: 'Findings: what is wrong or unusual, by rule' },
  { id: 'stream', keys: ['7'], group: 'Screens', title: 'Stream: one connection from end to end; as MQTT, text, hex' },
  { id: 'log', keys: ['8'], group: 'Screens', title: 'Log: what the program has to say' },
  { id: 'help', keys: ['?'], group: 'Screens', title: 'This help' },
  {
    id: 'palette',
    keys: [':'],
    group: 'Screens',
    title: 'Any command by its name, or :42 (or 42G) to go to packet 42',
    hint: 'command',
    spare: true,
  },

  { id: 'down', keys: ['j', 'down'], group: 'Move', title: 'Down' },
  { id: 'up', keys: ['k', 'up'], group: 'Move', title: 'Up' },
  { id: 'page-down', keys: ['pagedown', '^f'], group: 'Move', title: 'A page down' },
  { id: 'page-up', keys: ['pageup', '^b'], group: 'Move', title: 'A page up' },
  { id: 'half-down', keys: ['^d'], group: 'Move', title: 'Half a page down' },
  { id: 'half-up', keys: ['^u'], group: 'Move', title: 'Half a page up' },
  { id: 'first', keys: ['g', 'home'], group: 'Move', title: 'To the first' },
  { id: 'last', keys: ['G', 'end'], group: 'Move', title: 'To the last; of a live capture: follow the newest' },
  { id: 'left', keys: ['h', 'left'], group: 'Move', title: 'Fold, or one byte back', on: FOLDING },
  { id: 'right', keys: ['l', 'right'], group: 'Move', title: 'Unfold, or one byte on', on: FOLDING },
  {
    id: 'open',
    keys: ['enter'],
    group: 'Move',
    title: 'Into the details, fold or unfold; elsewhere: to the packet',
    on: OPENED,
    hint: 'open',
  },
  {
    id: 'next-pane',
    keys: ['tab'],
    group: 'Move',
    title: 'Next pane: list, details, bytes',
    on: PACKETS,
    hint: 'pane',
    spare: true,
  },
  { id: 'previous-pane', keys: ['shift-tab'], group: 'Move', title: 'Pane before', on: PACKETS },

  {
    id: 'next-in-exchange',
    keys: ['}'],
    group: 'Follow',
    title: 'Next packet of the same handshake',
    on: ROWS,
    hint: 'handshake',
  },
  { id: 'previous-in-exchange', keys: ['{'], group: 'Follow', title: 'Packet before of the same handshake', on: ROWS },
  {
    id: 'next-in-connection',
    keys: [']'],
    group: 'Follow',
    title: 'Next packet of the same connection',
    on: ROWS,
    hint: 'conn',
    spare: true,
  },
  {
    id: 'previous-in-connection',
    keys: ['['],
    group: 'Follow',
    title: 'Packet before of the same connection',
    on: ROWS,
  },
  {
    id: 'next-connection',
    keys: [']'],
    group: 'Follow',
    title: 'Next connection',
    on: STREAM,
    hint: 'conn',
    spare: true,
  },
  { id: 'previous-connection', keys: ['['], group: 'Follow', title: 'Connection before', on: STREAM },
  { id: 'next-topic', keys: ['>'], group: 'Follow', title: 'Next packet with the same topic', on: ROWS },
  { id: 'previous-topic', keys: ['<'], group: 'Follow', title: 'Packet before with the same topic', on: ROWS },
  { id: 'next-type', keys: ['*'], group: 'Follow', title: 'Next packet of the same type', on: ROWS },
  { id: 'previous-type', keys: ['#'], group: 'Follow', title: 'Packet before of the same type', on: ROWS },
  { id: 'jump-back', keys: ['^o'], group: 'Follow', title: 'Back to where the last jump began' },

  { id: 'filter', keys: ['/'], group: 'Filter', title: 'Show only packets that fit an expression', hint: 'filter' },
  { id: 'clear-filter', keys: ['\\'], group: 'Filter', title: 'Show all packets again' },
  {
    id: 'apply',
    keys: ['a'],
    group: 'Filter',
    title: 'Filter by the selected field, topic, session or rule',
    on: APPLIED,
    hint: 'apply',
  },
  {
    id: 'apply-as',
    keys: ['A'],
    group: 'Filter',
    title: 'The same joined: A n is not, A a and, A o or, A x and not',
    on: APPLIED,
  },
  {
    id: 'find',
    keys: ['f'],
    group: 'Filter',
    title: 'Find text, or the next packet that fits an expression',
    on: SEARCHED,
    hint: 'find',
    spare: true,
  },
  { id: 'find-next', keys: ['n'], group: 'Filter', title: 'Find the next one', on: SEARCHED },
  { id: 'find-previous', keys: ['N'], group: 'Filter', title: 'Find the one before', on: SEARCHED },
  { id: 'hide-pings', keys: ['K'], group: 'Filter', title: 'Hide PINGREQ and PINGRESP, or show them again' },

  { id: 'toggle-mark', keys: [' '], group: 'Mark', title: 'Mark the packet, or take the mark away', on: ROWS },
  {
    id: 'mark',
    keys: ['m'],
    group: 'Mark',
    title: 'Mark the packet with a letter: m a',
    on: ROWS,
    hint: 'mark',
    spare: true,
  },
  { id: 'to-mark', keys: ["'"], group: 'Mark', title: "Go to the packet with a letter: ' a", on: ROWS },
  { id: 'only-marked', keys: ['M'], group: 'Mark', title: 'Show only marked packets, or all again' },

  {
    id: 'explain',
    keys: ['e'],
    group: 'Show',
    title: 'Explain the selected field; elsewhere: the packet',
    on: EXPLAINED,
    hint: 'explain',
  },
  {
    id: 'decode',
    keys: ['d'],
    group: 'Show',
    title: 'Choose the decoder of payloads, by topic or client',
    on: PACKETS,
  },
  {
    id: 'keep-decoder',
    keys: ['D'],
    group: 'Show',
    title: 'Write the decoder chosen last to decode.json',
    on: PACKETS,
  },
  { id: 'zoom', keys: ['z'], group: 'Show', title: 'The pane alone, or all of them', on: PACKETS },
  { id: 'grow', keys: ['+', '='], group: 'Show', title: 'The pane gets a line more', on: ROWS },
  { id: 'shrink', keys: ['-'], group: 'Show', title: 'The pane gets a line less', on: ROWS },
  {
    id: 'layout',
    keys: ['|'],
    group: 'Show',
    title: 'Bytes beside the details, below them, or not at all',
    on: PACKETS,
  },
  { id: 'sort', keys: ['s'], group: 'Show', title: 'By name, or the busiest first', on: ['topics'], hint: 'sort' },
  {
    id: 'value',
    keys: ['v'],
    group: 'Show',
    title: 'Another number of the payload, over time',
    on: ['topics'],
    hint: 'value',
    spare: true,
  },
  {
    id: 'scope',
    keys: ['x'],
    group: 'Show',
    title: 'One handshake, its connection, or all packets',
    on: FLOW,
    hint: 'scope',
  },
  {
    id: 'broken',
    keys: ['b'],
    group: 'Show',
    title: 'Only handshakes refused, never finished, or with packets sent again',
    on: FLOW,
    hint: 'broken',
  },
  {
    id: 'latency',
    keys: ['H'],
    group: 'Show',
    title: 'How long handshakes took: a histogram, and percentiles',
    on: FLOW,
    hint: 'latency',
  },
  {
    id: 'as',
    keys: ['x'],
    group: 'Show',
    title: 'Packets alone, with their bytes as text, or as hex',
    on: STREAM,
    hint: 'as',
  },
  {
    id: 'direction',
    keys: ['d'],
    group: 'Show',
    title: 'Both directions, to the broker, or from it',
    on: STREAM,
    hint: 'direction',
  },
  {
    id: 'time',
    keys: ['t'],
    group: 'Show',
    title: 'Time: since the start, the row above, in the connection; UTC, here, Unix',
    on: PACKETS,
  },
  {
    id: 'colour',
    keys: ['c'],
    group: 'Show',
    title: 'Colour the client; again: its topic; again: neither',
    on: ['packets', 'flow', 'topics', 'sessions'],
  },
  { id: 'colour-rows', keys: ['C'], group: 'Show', title: 'Colour whole rows, or the type alone', on: PACKETS },
  { id: 'theme', keys: ['T'], group: 'Show', title: 'Next theme: dark, light, projector, mono, deutan' },
  { id: 'pause', keys: ['p'], group: 'Show', title: 'Hold the list still while packets come in, or go on' },
  { id: 'start-stop', keys: ['S'], group: 'Show', title: 'Stop the live capture or replay, or start it again' },
  { id: 'replay-faster', keys: [')'], group: 'Show', title: 'Replay twice as fast' },
  { id: 'replay-slower', keys: ['('], group: 'Show', title: 'Replay half as fast' },
  { id: 'replay-step', keys: ['.'], group: 'Show', title: 'Replay one more frame, while the replay stands still' },
  { id: 'follow', keys: ['F'], group: 'Show', title: 'Follow the newest packet, or stop' },
  {
    id: 'reference',
    keys: ['r'],
    group: 'Show',
    title: 'Count times from this packet; again: from the first',
    on: PACKETS,
  },
  {
    id: 'copy',
    keys: ['y'],
    group: 'Show',
    title: 'Copy the selected row, field or bytes to the clipboard',
    on: COPIED,
  },
  {
    id: 'save',
    keys: ['w'],
    group: 'Show',
    title: 'Save packets: all, shown or marked; pcapng, ndjson, json, csv, txt',
    on: NOT_STREAM,
    hint: 'save',
    spare: true,
  },
  {
    id: 'save-bytes',
    keys: ['w'],
    group: 'Show',
    title: 'Save the bytes of the stream: both directions or one',
    on: STREAM,
    hint: 'save bytes',
  },

  { id: 'back', keys: ['q', 'escape'], group: 'Leave', title: 'Back; q from Packets: leave', hint: 'back' },
  { id: 'quit', keys: ['^c'], group: 'Leave', title: 'Leave at once' },
  { id: 'suspend', keys: ['^z'], group: 'Leave', title: 'To the shell; fg comes back' },
  { id: 'redraw', keys: ['^l'], group: 'Leave', title: 'Draw the screen anew' },
] as const satisfies readonly Command[]

export type CommandId = (typeof COMMANDS)[number]['id']

const ALL: readonly (Command & { readonly id: CommandId })[] = COMMANDS

export const commandsOn = (screen: ScreenName): readonly (Command & { readonly id: CommandId })[] =>
  ALL.filter(({ on }) => on === undefined || on.includes(screen))

/** How a key is written in help. */
const NAMES: Readonly<Record<string, string>> = byWord({
  ' ': 'Space',
  enter: 'Enter',
  escape: 'Esc',
  tab: 'Tab',
  'shift-tab': 'Shift-Tab',
  pagedown: 'PgDn',
  pageup: 'PgUp',
  home: 'Home',
  end: 'End',
  up: '↑',
  down: '↓',
  left: '←',
  right: '→',
})
export const keyName = (key: string): string =>
  NAMES[key] ?? key.replace(/^\^(.)$/, (_, c: string) => `^${c.toUpperCase()}`)

export class Keys {
  /** By command. */
  private readonly keys = new Map<CommandId, readonly string[]>()

  /** `own`: what the user's file says: other keys by command id. */
  constructor(own: Readonly<Record<string, readonly string[]>> = {}) {
    for (const { id, keys } of ALL) this.keys.set(id, own[id] ?? keys)
  }

  command(key: string, screen: ScreenName): CommandId | undefined {
    return commandsOn(screen).find(({ id }) => this.keys.get(id)?.includes(key))?.id
  }

  of(id: CommandId): readonly string[] {
    return this.keys.get(id) ?? []
  }

  text(id: CommandId): string {
    return this.of(id).map(keyName).join(' ')
  }
}
