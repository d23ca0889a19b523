/** Colours: the sixteen of every terminal by their names, so that light and dark themes both work. */

import {
  CONNACK,
  CONNECT,
  DISCONNECT,
  PINGREQ,
  PINGRESP,
  PUBACK,
  PUBCOMP,
  PUBLISH,
  PUBREC,
  PUBREL,
  PublishFlag,
  qosOf,
  SUBACK,
  SUBSCRIBE,
  UNSUBACK,
  UNSUBSCRIBE,
} from '../mqtt/spec.ts'
import type { Level } from '../store/vocabulary.ts'

/** Select Graphic Rendition, ECMA-48 §8.3.117. */
export const Style = {
  plain: '',
  bold: '1',
  dim: '2',
  alarm: '7;31',
  red: '31',
  green: '32',
  yellow: '33',
  blue: '34',
  magenta: '35',
  cyan: '36',
  grey: '90',
  strongMagenta: '1;35',
  dimCyan: '2;36',
  dimMagenta: '2;35',
} as const

export const paint = (text: string, style: string): string => (style === '' ? text : `\x1b[${style}m${text}\x1b[0m`)

/** Signs of the levels: colour alone never shows a level. */
export const GLYPHS: Readonly<Record<Level, string>> = { error: '✗', warning: '!', note: 'i' }

export const LEVEL_STYLES: Readonly<Record<Level, string>> = {
  error: Style.red,
  warning: Style.yellow,
  note: Style.cyan,
}

/** Styles of packet types; PUBLISH by its QoS. */
const TYPE_STYLES: Readonly<Record<number, string>> = {
  [CONNECT]: Style.green,
  [CONNACK]: Style.green,
  [PUBACK]: Style.dimCyan,
  [PUBREC]: Style.dimMagenta,
  [PUBREL]: Style.dimMagenta,
  [PUBCOMP]: Style.dimMagenta,
  [SUBSCRIBE]: Style.yellow,
  [SUBACK]: Style.yellow,
  [UNSUBSCRIBE]: Style.yellow,
  [UNSUBACK]: Style.yellow,
  [PINGREQ]: Style.grey,
  [PINGRESP]: Style.grey,
  [DISCONNECT]: Style.blue,
}
const QOS_STYLES = [Style.plain, Style.cyan, Style.strongMagenta, Style.alarm]

/** Returns the style of a packet by its first byte; `isRefusal`: the code of a CONNACK or DISCONNECT is not 0. */
export function typeStyle(flags: number, isMalformed: boolean, isRefusal: boolean): string {
  if (isMalformed) return Style.alarm
  if (isRefusal) return Style.red
  const type = flags >> 4
  if (type !== PUBLISH) return TYPE_STYLES[type] ?? Style.plain
  return (flags & PublishFlag.dup) !== 0 ? Style.magenta : (QOS_STYLES[qosOf(flags)] ?? Style.plain)
}
