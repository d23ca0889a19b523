/** What the screens look at: a selection in a document, with the colours and the times it is shown by. */
import type { Document } from '../analysis/document.ts'
import { Selection } from '../analysis/selection.ts'
import { type ColourRule, Colours } from './colours.ts'
import type { TimeMode } from './panes/row-times.ts'

export class Model extends Selection {
  readonly colours: Colours
  time: TimeMode = 'r'
  /** Number of the packet that times may count from; 0 for none. */
  reference = 0

  /** `rules`: colours of the user's own. */
  constructor(document: Document, rules: readonly ColourRule[] = []) {
    super(document)
    this.colours = new Colours(document, filter => this.bind(filter), rules)
  }
}
