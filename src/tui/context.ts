/** The shapes that `app.ts` and the screens, commands and dialogs it plugs together have of each other. */
import type { Kind } from '../analysis/journal.ts'
import type { Rule } from '../payload/rules.ts'
import type { Level } from '../store/vocabulary.ts'
import type { Block } from './block.ts'
import type { ColourRule } from './colours.ts'
import type { CommandId, Keys, ScreenName } from './keys.ts'
import type { Model } from './model.ts'
import type { Tree } from './panes/tree.ts'
import type { PromptKind } from './prompt.ts'
import type { Status } from './status.ts'
import type { ThemeName, Token } from './theme.ts'

export interface Screen {
  readonly name: ScreenName
  readonly title: string
  /** What stands between the filter bar and the bottom line. */
  block(app: AppContext, width: number, height: number): Block
  /** False where it does not know the command. */
  run(app: AppContext, command: CommandId): boolean
  /** It comes to the front. */
  opened?(app: AppContext): void
  /** What `y` copies; absent: there is nothing to copy. */
  copied?(app: AppContext): string
}

/** What the program around does. */
export interface Host {
  quit(): void
  suspend(): void
  redraw(): void
  copy(text: string): void
  /** Saves packets as asked for: `shown out.csv`; what happened, in words. */
  save(request: string): Promise<string>
  /** Saves the bytes of a stream as asked for: `client out.bin`. */
  saveBytes(request: string): Promise<string>
  /** Writes a rule to the user's file of payload decoders; what happened, in words. */
  saveRule(rule: Rule): Promise<string>
  /** Stops a live capture, or starts it again. */
  startStop(): void
  /** Changes the pace of a replay, or lets one more frame through while it stands still. */
  replay(how: 'faster' | 'slower' | 'step'): void
  readonly status: Status
}

/** The application as screens, commands and dialogs see it. */
export interface AppContext {
  readonly model: Model
  readonly host: Host
  readonly keys: Keys
  /** The details of the selected packet, the same on every screen that shows them. */
  readonly details: Tree
  readonly screen: Screen
  /** The screen that was there before this one. */
  readonly beneath: ScreenName
  theme: Exclude<ThemeName, 'auto'>

  run(command: CommandId): void
  /** The next key is a letter for `take`; `asks` is said meanwhile. */
  ask(asks: string, take: (letter: string) => void): void

  /** Says it at the bottom until the next key. */
  say(text: string, token?: Token): void
  /** Says it, and keeps it in the log. */
  report(kind: Kind, level: Level, text: string, token?: Token): void

  open(name: ScreenName): void
  back(): void
  /** Shows a packet in the list; from another screen, with the way back to it. False, and said, where it cannot be seen. */
  jump(number: number): boolean
  /** Opens the screen of a stream, by its index in the store, from the packet `number` on. */
  openStream(index: number, number: number): void
  /** Explains the selected packet on the screen of packets. */
  explain(): void

  /** Lets something be written on the line at the top, beginning with `text`. */
  write(kind: PromptKind, text: string): void
  /** Opens the filter bar with an expression, combined with the filter in force where `applyAs` is under way. */
  openFilter(text: string): void
  /** Filters by what is selected, joined with what is there. */
  applyAs(join: (text: string) => string): void
  /** Looks again for what was found last. */
  findAgain(forward: boolean): void

  /** Colours the client of a packet, then its topic, then neither. */
  colourPacket(number: number): void
  /** Colours what fits the first of these, then the second, then nothing of it. */
  colour(filters: readonly Pick<ColourRule, 'name' | 'filter'>[]): void
}
