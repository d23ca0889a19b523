/** JSON text in pieces, spread over lines for people. Knows only of strings, brackets, commas and colons. */

const STEP = '  '

export class Indenter {
  private depth = 0
  private isText = false
  private isEscape = false
  /** An opening bracket whose first member has not come. */
  private isFresh = false

  /** The piece of a JSON text that holds no blanks between its parts. */
  indent(piece: string): string {
    let spread = ''
    for (const character of piece) spread += this.isText ? this.inText(character) : this.between(character)
    return spread
  }

  private inText(character: string): string {
    if (this.isEscape) this.isEscape = false
    else if (character === '\\') this.isEscape = true
    else if (character === '"') this.isText = false
    return character
  }

  private between(character: string): string {
    if (character === ']' || character === '}') return this.close(character)
    const before = this.isFresh ? this.line() : ''
    this.isFresh = false
    if (character === '"') this.isText = true
    if (character === ',') return character + this.line()
    if (character === ':') return ': '
    if (character !== '[' && character !== '{') return before + character
    this.depth++
    this.isFresh = true
    return before + character
  }

  /** Nothing in between: `[]` stays in one piece. */
  private close(character: string): string {
    this.depth--
    const before = this.isFresh ? '' : this.line()
    this.isFresh = false
    return before + character
  }

  private line(): string {
    return `\n${STEP.repeat(this.depth)}`
  }
}
