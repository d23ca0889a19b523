/** Choosing the decoder of a payload while looking at it: for this session, and, where it is asked for, for later ones. */
import { DECODER_NAMES } from '../payload/decoders.ts'
import { type Rule, RuleError, readRule } from '../payload/rules.ts'
import { chooserOf, nameOf, payloadOf } from '../store/payloads.ts'
import { sanitize } from '../text/sanitize.ts'
import type { AppContext } from './context.ts'

/** The rule chosen last in each run of the screens. */
const chosen = new WeakMap<AppContext, Rule>()

/** Returns the rule that stands for the packet's payload, to be written on; undefined without a payload. */
export function decoderPrompt({ model: { document, row } }: AppContext): string | undefined {
  const payload = row < 0 ? undefined : payloadOf(document.record(row))
  if (payload === undefined) return undefined
  const choice = document.payloads.choose(payload)
  const { topic, client } = payload
  const condition = topic === undefined ? `client=${client ?? '*'}` : `topic=${topic}`
  return `${condition},as=${choice === undefined ? 'text' : nameOf(choice)}`
}

/** Returns the text with the next decoder behind `as=`, and behind what is unpacked first. */
export function nextDecoder(text: string): string {
  const at = Math.max(text.lastIndexOf('='), text.lastIndexOf('+')) + 1
  const next = (DECODER_NAMES.indexOf(text.slice(at)) + 1) % DECODER_NAMES.length
  return text.slice(0, at) + DECODER_NAMES[next]
}

/** Puts the rule before all others of this session; the lines and the filter in force follow it. */
export function chooseDecoder(app: AppContext, text: string): void {
  const { model } = app
  const { payloads } = model.document
  try {
    const rule = readRule(text)
    // Throws where the topic filter is none.
    chooserOf([rule], false)
    payloads.chooser = payloads.chooser.with(rule)
    chosen.set(app, rule)
  } catch (cause) {
    if (!(cause instanceof RuleError)) throw cause
    return app.report('preferences', 'error', cause.message)
  }
  model.refilter()
  app.say(`Decoded so in this session: ${sanitize(text)}   ${app.keys.text('keep-decoder')} writes it to decode.json`)
}

export function keepDecoder(app: AppContext): void {
  const rule = chosen.get(app)
  if (rule === undefined) return app.say(`No decoder was chosen: ${app.keys.text('decode')} chooses one`, 'caution')
  app.host.saveRule(rule).then(
    words => app.report('file', 'note', words, 'good'),
    (cause: Error) => app.report('file', 'error', cause.message),
  )
}
