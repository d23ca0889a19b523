/** What commands do that work on every screen. */
import { byWord } from '../base/by-word.ts'
import type { AppContext } from './context.ts'
import { decoderPrompt, keepDecoder } from './decoders.ts'
import type { CommandId } from './keys.ts'
import type { Model } from './model.ts'
import { TIME_MODES, type TimeMode } from './panes/row-times.ts'
import { THEMES } from './theme.ts'

type Run = (app: AppContext) => void

const LETTER = 'A letter from a to z …'
const NO_SUCH = 'There is none'

/** Jumps say where there is nothing to jump to. */
const jump =
  (move: (app: AppContext) => boolean, what: string): Run =>
  app => {
    if (!move(app)) app.say(`${NO_SUCH}: ${what}`, 'caution')
  }

const TIME_NAMES: Readonly<Record<TimeMode, string>> = {
  r: 'seconds since the first frame',
  delta: 'seconds since the packet above',
  conn: 'seconds since the packet before in the same connection',
  ref: 'seconds since the reference',
  u: 'time of day, UTC',
  a: 'time of day here',
  ad: 'date and time here',
  e: 'Unix seconds',
}

/** Without a reference there is nothing to count from. */
const timesOf = ({ reference }: Model): readonly TimeMode[] =>
  reference === 0 ? TIME_MODES.filter(mode => mode !== 'ref') : TIME_MODES

/** How one filter goes on from the one in force. */
const JOINS: Readonly<Record<string, (before: string, text: string) => string>> = byWord({
  n: (_before, text) => `!(${text})`,
  a: (before, text) => (before === '' ? text : `(${before}) && ${text}`),
  o: (before, text) => (before === '' ? text : `(${before}) || ${text}`),
  x: (before, text) => (before === '' ? `!(${text})` : `(${before}) && !(${text})`),
})

export const COMMON: Readonly<Partial<Record<CommandId, Run>>> = {
  packets: app => app.open('packets'),
  flow: app => app.open('flow'),
  topics: app => app.open('topics'),
  sessions: app => app.open('sessions'),
  stats: app => app.open('stats'),
  findings: app => app.open('findings'),
  stream: app => app.open('stream'),
  log: app => app.open('log'),
  help: app => app.open('help'),
  palette: app => app.write('palette', ''),

  'next-in-exchange': jump(({ model }) => model.inExchange(true), 'a later packet of this handshake'),
  'previous-in-exchange': jump(({ model }) => model.inExchange(false), 'an earlier packet of this handshake'),
  'next-in-connection': jump(({ model }) => model.inConnection(true), 'a later packet of this connection'),
  'previous-in-connection': jump(({ model }) => model.inConnection(false), 'an earlier packet of this connection'),
  'next-topic': jump(({ model }) => model.sameTopic(true), 'a later packet with this topic'),
  'previous-topic': jump(({ model }) => model.sameTopic(false), 'an earlier packet with this topic'),
  'next-type': jump(({ model }) => model.sameType(true), 'a later packet of this type'),
  'previous-type': jump(({ model }) => model.sameType(false), 'an earlier packet of this type'),
  'jump-back': jump(({ model }) => model.jumpBack(), 'a place to go back to'),

  explain: app => {
    app.run('open')
    if (app.screen.name === 'packets') app.explain()
  },

  decode: app => {
    const text = decoderPrompt(app)
    if (text === undefined) app.say('This packet has no payload to decode', 'caution')
    else app.write('decode', text)
  },
  'keep-decoder': keepDecoder,

  filter: app => app.openFilter(app.model.filterText),
  'clear-filter': ({ model }) => {
    model.hidesPings = false
    model.onlyMarked = false
    model.choose('')
  },
  find: app => app.write('find', ''),
  'find-next': app => app.findAgain(true),
  'find-previous': app => app.findAgain(false),
  'hide-pings': app => {
    const { model } = app
    model.hidesPings = !model.hidesPings
    model.refilter()
    app.say(model.hidesPings ? 'PINGREQ and PINGRESP are hidden' : 'PINGREQ and PINGRESP are shown')
  },

  'toggle-mark': ({ model }) => {
    model.toggleMark()
    model.moveBy(1)
  },
  mark: app => {
    const { model } = app
    if (model.cursor === 0) return
    app.ask(LETTER, letter => {
      model.marks.set(letter, model.cursor)
      app.say(`Packet ${model.cursor} is ${letter}: ${app.keys.text('to-mark')} ${letter} comes back to it`)
    })
  },
  'to-mark': app =>
    app.ask(LETTER, letter => {
      const number = app.model.marks.get(letter)
      if (number === undefined) app.say(`No packet is marked ${letter}`, 'caution')
      else app.jump(number)
    }),
  'apply-as': app =>
    app.ask('n is not   a and   o or   x and not', letter => {
      const join = JOINS[letter]
      if (join === undefined) return app.say('One of n, a, o and x is needed', 'caution')
      app.applyAs(text => join(app.model.filterText, text))
    }),
  'only-marked': app => {
    const { model } = app
    if (!model.onlyMarked && model.marked.size === 0) return app.say('No packet is marked: Space marks one', 'caution')
    model.onlyMarked = !model.onlyMarked
    model.refilter()
  },

  time: app => {
    const { model } = app
    const modes = timesOf(model)
    model.time = modes[(modes.indexOf(model.time) + 1) % modes.length] ?? 'r'
    app.say(`Time: ${TIME_NAMES[model.time]}`)
  },
  reference: app => {
    const { model } = app
    if (model.cursor === 0) return
    const isAgain = model.reference === model.cursor
    model.reference = isAgain ? 0 : model.cursor
    model.time = isAgain ? 'r' : 'ref'
    app.say(isAgain ? 'Times count from the first frame' : `Times count from packet ${model.cursor}`)
  },
  colour: app => app.colourPacket(app.model.cursor),
  'colour-rows': app => {
    const { colours } = app.model
    colours.wholeRows = !colours.wholeRows
    app.say(colours.wholeRows ? 'Whole rows are coloured' : 'The type alone is coloured')
  },
  theme: app => {
    const themes = THEMES.filter(name => name !== 'auto')
    app.theme = themes[(themes.indexOf(app.theme) + 1) % themes.length] ?? 'dark'
    app.say(`Theme: ${app.theme}`)
  },
  pause: app => {
    const { model } = app
    model.paused = !model.paused
    model.view.until = model.paused ? model.document.store.rows : Number.POSITIVE_INFINITY
    app.say(model.paused ? 'The list stands still; packets still come in' : 'The list goes on')
  },
  follow: app => {
    const { model } = app
    if (model.follows) model.follows = false
    else model.last(true)
    app.say(model.follows ? 'Following the newest packet' : 'Not following any more')
  },
  copy: app => {
    const text = app.screen.copied?.(app) ?? ''
    if (text === '') return app.say('There is nothing here to copy', 'caution')
    app.host.copy(text)
    app.say(`Copied: ${text}`)
  },
  save: app => app.write('save', ''),
  'start-stop': app => app.host.startStop(),
  'replay-faster': app => app.host.replay('faster'),
  'replay-slower': app => app.host.replay('slower'),
  'replay-step': app => app.host.replay('step'),

  back: app => app.back(),
  quit: app => app.host.quit(),
  suspend: app => app.host.suspend(),
  redraw: app => app.host.redraw(),
}
