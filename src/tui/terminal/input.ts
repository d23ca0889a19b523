/**
 * Bytes of a keyboard → keys. Several keys may come in one read, one key in two. Answers of the terminal are no keys,
 * whenever they come; what is pasted comes in one piece, so that it cannot be taken for commands.
 */

import { byWord } from '../../base/by-word.ts'
import { type Mouse, mouseOf } from './mouse.ts'

/**
 * A printable character stands for itself; the others have names (`up`, `enter`, `^c`); `paste` carries its text, and so
 * does `background`, the terminal's answer when it is asked for its colour; `mouse` says what was done where.
 */
export interface Key {
  readonly name: string
  readonly text?: string
  readonly mouse?: Mouse
}

const ESCAPE = '\x1b'
const PASTE_BEGINS = `${ESCAPE}[200~`
const PASTE_ENDS = `${ESCAPE}[201~`
/** A paste is for one line of input: what is longer was no expression. */
const LONGEST_PASTE = 4096

/** By what stands between `ESC [` or `ESC O` and the end. */
const SEQUENCES: Readonly<Record<string, string>> = byWord({
  A: 'up',
  B: 'down',
  C: 'right',
  D: 'left',
  H: 'home',
  F: 'end',
  Z: 'shift-tab',
  '1~': 'home',
  '7~': 'home',
  '4~': 'end',
  '8~': 'end',
  '3~': 'delete',
  '5~': 'pageup',
  '6~': 'pagedown',
})

const CONTROLS: Readonly<Record<string, string>> = byWord({
  '\r': 'enter',
  '\n': 'enter',
  '\t': 'tab',
  '\b': 'backspace',
  '\x7f': 'backspace',
  [ESCAPE]: 'escape',
})

/** CSI and SS3: ECMA-48 §5.4, parameters, intermediates, one final byte. */
const SEQUENCE = /^\x1b(?:\[([0-?]*[ -/]*[@-~])|O([ -~]))/
/** A sequence that has not come whole. */
const PARTIAL = /^\x1b(?:\[[0-?]*[ -/]*|O)?$/
/** Mouse reports of the oldest kind: three bytes follow. */
const OLD_MOUSE = 'M'
const OLD_MOUSE_BYTES = 3
/** Strings (titles, colours, answers to queries): up to BEL or ST. */
const STRING = /^\x1b[\]P_^X]([^\x07\x1b]*)(\x07|\x1b\\)?/
/** Its beginning may also be Alt with a key. */
const LONGEST_ALT = 2
/** OSC 11: the colour of the background. */
const BACKGROUND = '11;'
/** Primary device attributes: every terminal answers, and in order. */
const ATTRIBUTES = /^\?[\d;]*c$/

/** Between an ESC and what belongs to it; over slow lines more, but then the key itself is slow too. */
const ESCAPE_MS = 50
/** The same where an answer is due. */
const ANSWER_MS = 300
/** Between the parts of a paste or of an answer. */
const TEXT_MS = 1000

/** Notches of a wheel that come together are one of many lines: a touchpad makes dozens, and each would be drawn. */
export function gathered(keys: readonly Key[]): readonly Key[] {
  const all: Key[] = []
  for (const key of keys) {
    const { mouse: before } = all.at(-1) ?? {}
    const { mouse } = key
    if (mouse?.kind === 'wheel' && before?.kind === 'wheel' && mouse.x === before.x && mouse.y === before.y)
      all[all.length - 1] = { ...key, mouse: { ...mouse, lines: before.lines + mouse.lines } }
    else all.push(key)
  }
  return all
}

export class Keyboard {
  /** The terminal was asked something: an escape is sooner the beginning of its answer than a key. */
  isAsked = false
  private held = ''

  /** Milliseconds without more after which `flush` is due; 0 where nothing is going on. */
  get patience(): number {
    const { held, isAsked } = this
    if (held === '') return 0
    if (held.startsWith(PASTE_BEGINS) || isLongString(held)) return TEXT_MS
    return isAsked ? ANSWER_MS : ESCAPE_MS
  }

  push(text: string): readonly Key[] {
    const keys: Key[] = []
    this.held += text
    while (this.held !== '') {
      const size = this.next(keys)
      if (size === 0) break
      this.held = this.held.slice(size)
    }
    return keys
  }

  /** Nothing more came. */
  flush(): readonly Key[] {
    const { held } = this
    this.held = ''
    // A paste or an answer that broke off is none of our keys.
    if (held === '' || held.startsWith(PASTE_BEGINS) || isLongString(held)) return []
    return [{ name: 'escape' }, ...this.push(held.slice(1).replace(/^[[O]/, ''))]
  }

  /** Takes a key from the front: how many characters it used, 0 where more are needed. */
  private next(keys: Key[]): number {
    const { held } = this
    if (!held.startsWith(ESCAPE)) return this.plain(keys)
    if (held.startsWith(PASTE_BEGINS)) return this.paste(keys)
    const string = STRING.exec(held)
    if (string !== null) return string[2] === undefined ? 0 : this.string(string[1] ?? '', string[0].length, keys)
    const sequence = SEQUENCE.exec(held)
    if (sequence !== null) return this.sequence(sequence[1] ?? sequence[2] ?? '', sequence[0].length, keys)
    if (PARTIAL.test(held)) return 0
    keys.push({ name: 'escape' })
    return 1
  }

  private plain(keys: Key[]): number {
    const character = String.fromCodePoint(this.held.codePointAt(0) ?? 0)
    const name = CONTROLS[character]
    if (name !== undefined) keys.push({ name })
    else if (character < ' ') keys.push({ name: `^${String.fromCharCode(character.charCodeAt(0) + 0x60)}` })
    else if (!/[\p{Cc}\p{Cs}]/u.test(character)) keys.push({ name: character, text: character })
    return character.length
  }

  private sequence(body: string, size: number, keys: Key[]): number {
    if (ATTRIBUTES.test(body)) this.isAsked = false
    const mouse = mouseOf(body)
    if (mouse !== undefined) keys.push({ name: 'mouse', mouse })
    if (body === OLD_MOUSE) return this.held.length >= size + OLD_MOUSE_BYTES ? size + OLD_MOUSE_BYTES : 0
    // With Shift, Ctrl or Alt the key is the same.
    const name = SEQUENCES[body] ?? SEQUENCES[body.replace(/^1;\d+([A-H])$/, '$1').replace(/;\d+~$/, '~')]
    if (name !== undefined) keys.push({ name })
    return size
  }

  private string(body: string, size: number, keys: Key[]): number {
    if (body.startsWith(BACKGROUND)) keys.push({ name: 'background', text: body.slice(BACKGROUND.length) })
    return size
  }

  private paste(keys: Key[]): number {
    const end = this.held.indexOf(PASTE_ENDS)
    if (end < 0) {
      if (this.held.length > LONGEST_PASTE * 2) this.held = this.held.slice(0, LONGEST_PASTE)
      return 0
    }
    const text = this.held.slice(PASTE_BEGINS.length, end).slice(0, LONGEST_PASTE)
    keys.push({ name: 'paste', text })
    return end + PASTE_ENDS.length
  }
}

const isLongString = (held: string): boolean => held.length > LONGEST_ALT && STRING.test(held)
