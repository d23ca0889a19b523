/** Lines of spans → text with the escape sequences of a theme's colours. */
import { paint as sgr } from '../../text/paint.ts'
import type { Line } from '../spans.ts'
import { styleOf, type ThemeName } from '../theme.ts'
import { asciiOnly } from './ascii.ts'

/** The line as the terminal is sent it; a sequence stands only where the style changes. */
export function painted(spans: Line, theme: Exclude<ThemeName, 'auto'>, ascii: boolean): string {
  let text = ''
  let pending = ''
  let style = ''
  for (const part of spans) {
    const own = styleOf(part.token, theme)
    if (own !== style) {
      text += sgr(pending, style)
      pending = ''
      style = own
    }
    pending += ascii ? asciiOnly(part.text) : part.text
  }
  return text + (pending === '' ? '' : sgr(pending, style))
}
